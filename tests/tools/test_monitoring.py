"""monitoring/: the alerts and the dashboard name what the processes really report, and leave nothing out."""

import inspect
import json
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import httpx
import pytest
import yaml
from deliver.workers import wingman_deliver
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from harness import OPERATOR, login_url
from prometheus_client.parser import text_string_to_metric_families
from promql_parser import VectorSelector, parse, walk
from serving import SECRET, bearer, claims_of, signed, wingman_serve
from waiting import until
from wingmanmatch.call.failure import BUSY, STATEMENT_TIMEOUT
from wingmanmatch.http import failures

MONITORING = Path(__file__).parents[2] / "monitoring"
DOCS = MONITORING.parent
ALERTS = MONITORING / "alerts.yml"
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
PROMTOOL = "promtool"

RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
"""Alerts, and what they are computed from."""
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]

OF_OTHERS = {
    # of Prometheus
    "up": {"job", "instance"},
    "ALERTS": {"alertname", "alertstate", "severity"},
    # of node_exporter
    "node_textfile_mtime_seconds": {"file"},
}
OF_THE_TARGET = {"job", "instance"}
PARTS = re.compile(r"_(bucket|count|sum)$")


def alerts():
    return [rule for rule in RULES if "alert" in rule]


def queries():
    """Every query of the dashboard: its panel, its expression, and how its lines are named."""
    for panel in PANELS:
        for target in panel["targets"]:
            # Grafana replaces it
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m"), target["legendFormat"]


def expressions():
    """Every expression, with the place where it stands."""
    for rule in RULES:
        yield rule.get("alert") or rule["record"], rule["expr"]
    for title, expression, _ in queries():
        yield title, expression
    for annotation in DASHBOARD["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


def selectors(expression):
    """The name of each metric in an expression, and the conditions for its labels."""
    found = []

    def visit(node):
        if isinstance(node, VectorSelector):
            found.append((node.name, [(one.name, one.value) for one in node.matchers.matchers]))
        return True

    walk(parse(expression), visit)
    return found


def grouped_by(expression):
    return set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", expression))))


@pytest.fixture
def reported(people, database_url, worker_url, wingman):
    """Every metric that the three processes report: its labels, and their values."""
    metrics = defaultdict(lambda: defaultdict(set))

    def note(text):
        for family in text_string_to_metric_families(text):
            metrics[family.name + "_total" * (family.type == "counter")]  # it may have no series yet
            for sample in family.samples:
                labels = metrics[sample.name]
                for name, value in sample.labels.items():
                    labels[name].add(value)

    user = people.add()
    headers = bearer(signed(claims_of(user)))
    serve_url = login_url(database_url, "authenticator")
    with wingman_serve(WINGMAN_DATABASE_URL=serve_url, WINGMAN_JWT_SECRET=SECRET) as (_, url):
        assert httpx.post(f"{url}/api/get-profile", headers=headers, json={}).status_code == 200
        with httpx.stream("GET", f"{url}/api/notifications/stream", headers=headers) as stream:
            next(stream.iter_lines())
        note(until(lambda: with_an_ended_stream(httpx.get(f"{url}/metrics").text)))
    with wingman_deliver(worker_url, "--metrics-port", "0") as worker:
        note(httpx.get(worker.says(r"http://\S+/metrics")[0]).text)
    done = wingman("metrics", url=login_url(database_url, OPERATOR))
    assert (done.returncode, done.stderr) == (0, "")
    note(done.stdout)
    return metrics


def with_an_ended_stream(text):
    return text if "wingman_http_streams_ended_total{" in text else None


@pytest.mark.exhaustive
def test_alerts_and_dashboard_name_what_is_reported_and_the_dashboard_all_of_it(reported):
    known = {name: {*labels} | OF_THE_TARGET for name, labels in reported.items()} | OF_OTHERS
    for rule in RULES:
        if "record" in rule:
            known[rule["record"]] = grouped_by(rule["expr"])
    for place, expression in expressions():
        found = selectors(expression)
        assert found, place
        for name, conditions in found:
            assert name in known, (place, name)
            assert {label for label, _ in conditions} <= known[name], (place, name)
            for label, value in conditions:
                # all of them are reported from the start
                if label in ("state", "reader", "channel"):
                    assert {*value.split("|")} <= reported[name][label], (place, name)
        labels = set().union(*(known[name] for name, _ in found))
        assert grouped_by(expression) <= labels, place
    for rule in alerts():
        labels = set().union(*(known[name] for name, _ in selectors(rule["expr"])))
        told = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        assert told <= labels, rule["alert"]
    for title, expression, legend in queries():
        labels = set().union(*(known[name] for name, _ in selectors(expression)))
        assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= labels, title

    shown = {PARTS.sub("", name) for _, expression, _ in queries() for name, _ in selectors(expression)}
    ours = {PARTS.sub("", name) for name in reported if name.startswith("wingman_")}
    assert ours - shown == set()


def test_what_fails_is_what_the_server_answers_with_5xx():
    """The refusals with 5xx, but for what a client asks for in vain."""
    made = [make() for make in vars(failures).values() if makes_a_failure(make)]
    names = {failure.name for failure in made if (failure.api_status or failure.status) >= 500}
    counted = {
        value
        for _, expression in expressions()
        for name, conditions in selectors(expression)
        for label, value in conditions
        if (name, label) == ("wingman_http_calls_total", "outcome")
    }
    (fails,) = {value for value in counted if "|" in value}
    assert {*fails.split("|")} == names | {STATEMENT_TIMEOUT}
    assert counted - {fails} == {BUSY, "ok"}


def makes_a_failure(given):
    """Whether it is a function that makes a failure out of nothing."""
    if not inspect.isfunction(given):
        return False
    signature = inspect.signature(given)
    return signature.return_annotation is failures.Failure and not signature.parameters


def test_no_refusal_of_the_functions_is_a_failure_of_the_server(db):
    assert db.execute("select max(status) from wingman.error_catalogue()").fetchone()["max"] < 500


def test_each_alert_says_what_to_do():
    for rule in alerts():
        assert {*rule["annotations"]} == {"summary", "description", "runbook"}, rule["alert"]
        assert rule["labels"] == {"severity": rule["labels"]["severity"]}
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["for"]
        page, anchor = rule["annotations"]["runbook"].split("#")
        headings = re.findall(r"^#+ (.+)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert rule["alert"] in headings, f"{page} says nothing about {rule['alert']}"
        assert anchor == rule["alert"].lower()


def test_each_alert_is_tested_both_ways():
    tests = [
        case
        for test in yaml.safe_load((MONITORING / "alerts_test.yml").read_text())["tests"]
        for case in test["alert_rule_test"]
    ]
    for rule in alerts():
        cases = [case["exp_alerts"] for case in tests if case["alertname"] == rule["alert"]]
        assert any(cases), f"{rule['alert']} never fires"
        assert [] in cases, f"{rule['alert']} always fires"


def test_the_jobs_are_those_of_the_configuration():
    scraped = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"]
    named = {
        value
        for _, expression in expressions()
        for _, conditions in selectors(expression)
        for label, value in conditions
        if label == "job"
    }
    assert named <= {one["job_name"] for one in scraped}


def lost(given, read, path=""):
    """What Grafana's schema does not know, or reads as something else."""
    if isinstance(given, dict) and isinstance(read, dict):
        for key, value in given.items():
            yield from lost(value, read.get(key, "nothing"), f"{path}/{key}")
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for place, (one, other) in enumerate(zip(given, read, strict=True)):
            yield from lost(one, other, f"{path}/{place}")
    elif given != read:
        yield path


def test_the_dashboard_is_what_grafana_reads():
    register_default_plugins()
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    # these belong to the datasource
    of_prometheus = [f"/annotations/list/0/{name}Format" for name in ("title", "text")]
    assert list(lost(DASHBOARD, read)) == of_prometheus
    assert DASHBOARD["schemaVersion"] == Dashboard().schema_version


def test_every_panel_has_a_name_a_place_a_unit_and_a_description():
    everything = DASHBOARD["panels"]
    for name in ("id", "title"):
        assert len({panel[name] for panel in everything}) == len(everything), name
    for panel in PANELS:
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        for one in (panel, *panel["targets"]):
            assert one["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
    taken = [
        (place["x"] + across, place["y"] + down)
        for place in (panel["gridPos"] for panel in everything)
        for across in range(place["w"])
        for down in range(place["h"])
    ]
    assert len({*taken}) == len(taken), "two panels overlap"
    assert max(x for x, _ in taken) == 23


@pytest.mark.debian_tools
def test_promtool_accepts_the_rules_and_the_configuration():
    run(PROMTOOL, "check", "config", str(MONITORING / "prometheus.yml"))
    run(PROMTOOL, "check", "rules", str(ALERTS))


@pytest.mark.debian_tools
def test_alerts_fire_when_they_should_and_not_before():
    run(PROMTOOL, "test", "rules", "alerts_test.yml")


def run(*command):
    assert shutil.which(command[0]), "promtool is missing: it is in Debian's package prometheus"
    done = subprocess.run(command, cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
