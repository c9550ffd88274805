"""The report of turns: their rate, pairs, table and goals."""

import subprocess
import sys
from contextlib import nullcontext

import pytest
from rich.console import Console
from tools.conftest import fails_in_one_line, wingman  # noqa: F401
from wingmanmatch.tools.bench import report, run
from wingmanmatch.tools.bench.figures import FIGURES, Figure
from wingmanmatch.tools.bench.pgbench import RunFailedError, summary
from wingmanmatch.tools.bench.stage import FULL, QUICK, Measured
from wingmanmatch.tools.bench.turns import paired
from wingmanmatch.tools.bench.worlds import Kind

FACTS = {
    "date": "2026-11-21T15:00:00+00:00",
    "commit": "0123456789ab",
    "people": 1_000_000,
    "pairs": 7,
    "seconds": 2.5,
    "cpu": "Some CPU",
    "cores": 2,
    "memory_mb": 16_384,
    "system": "Linux",
    "fsync_us": 99.5,
    "postgresql": "18.4",
    "python": "3.11.7",
    "psycopg": "3.3.0",
}


@pytest.fixture
def log(tmp_path):
    """Writes what pgbench logs of a client: when each call ended, in seconds, and its microseconds."""

    def write(client, calls):
        lines = [
            f"{client} {number} {took} 0 {int(end)} {round(end % 1 * 1e6)}"
            for number, (end, took) in enumerate(calls)
        ]
        file = tmp_path / f"log.{client}"
        file.write_text("\n".join(lines))
        return file

    return write


def test_the_rate_is_that_of_the_time_when_all_clients_were_busy(log):
    logs = [
        log(0, [(1.0, 9_000), (1.1, 1), (1.2, 2), (1.3, 3)]),
        log(1, [(1.05, 9_000), (1.15, 4), (1.25, 5), (1.5, 9_000)]),
    ]
    # from 1.05 to 1.3: neither the first call of each client nor what came when client 0 had finished
    made = summary(logs, clients=2, calls_each=4)
    assert (made.calls, round(made.rate, 6), made.p99, made.median) == (8, 20, 5, 3)


def test_the_99th_percentile(log):
    made = summary([log(0, [(1 + i / 1000, i) for i in range(110)])], clients=1, calls_each=110)
    # of the 100 calls after the lead-in, which took 10 to 109, 99 took no longer
    assert made.p99 == 108


@pytest.mark.parametrize("missing", [(0, 1), (2,)])
def test_a_call_that_was_not_logged_fails_the_run(log, missing):
    logs = [log(client, [(i, 5) for i in range(4)]) for client in range(3) if client not in missing]
    logs.append(log(7, [(1, 5)]))
    with pytest.raises(RunFailedError):
        summary(logs, clients=3, calls_each=4)


def test_a_client_that_had_finished_before_the_last_one_began_is_left_out(log):
    logs = [log(0, [(1, 5), (2, 5)]), log(1, [(3, 6), (3.5, 7)])]
    made = summary(logs, clients=2, calls_each=2)
    assert (made.calls, made.rate, made.p99) == (4, 2, 7)


def test_pairs_alternate_and_warm_ups_do_not_count():
    order = []
    taken = paired(lambda: order.append("T") or len(order), lambda: order.append("R") or len(order), 3, 1)
    assert "".join(order) == "RTTRRTTR"
    assert taken == [(3, 4), (6, 5), (7, 8)]


@pytest.mark.parametrize(
    ("value", "at_least", "at_most", "met", "goal"),
    [
        (0.7, 0.7, None, True, "≥ 0.7"),
        (0.6999, 0.7, None, False, "≥ 0.7"),
        (2.0, None, 2.0, True, "≤ 2"),
        (2.001, None, 2.0, False, "≤ 2"),
        (1.0, 1.0, 1.0, True, "1"),
        (2.0, 1.0, 1.0, False, "1"),
        (5.0, None, None, None, ""),
    ],
)
def test_goals(value, at_least, at_most, met, goal):
    figure = Figure("key", "what", lambda stage: Measured([]), at_least=at_least, at_most=at_most)
    assert figure.is_met(value) is met
    assert figure.goal == goal


def results_of(value):
    results = dict(FACTS)
    for figure in FIGURES:
        results |= report.entries(figure, Measured([value, value * 2, value * 4], [10, 20, 30], [1, 2, 3]))
    return results


def test_a_figure_is_its_median_with_its_spread():
    results = results_of(0.12345)
    key = "bare_confirm_ratio"
    assert (results[key], results[f"{key}_min"], results[f"{key}_max"]) == (0.2469, 0.1235, 0.4938)
    assert (results[f"{key}_measured"], results[f"{key}_against"]) == (20, 2)


@pytest.mark.parametrize(("value", "mark"), [(0.01, "✗"), (50, "✓")])
def test_the_table_shows_what_is_missed(value, mark):
    console = Console(record=True, width=report.WIDTH)
    console.print(report.table(results_of(value)))
    (line,) = [line for line in console.export_text().splitlines() if line.startswith(" bare_confirm_ratio")]
    assert mark in line
    assert "≥ 0.6" in line


def test_the_markdown_has_every_figure_and_where_it_was_taken():
    told = report.markdown(results_of(0.5))
    assert (
        "| bare_accept_ratio | accepts ÷ their rows written by one statement, no rule | 1 | 0.5 | 2" in told
    )
    assert all(f"| {figure.key} |" in told for figure in FIGURES)
    assert all(str(FACTS[name]) in told for name in ("commit", "cpu", "postgresql", "fsync_us"))


def test_a_document_shows_the_figures_between_its_marks():
    old = "# Title\n<!-- figures -->\nold\n<!-- /figures -->\nEnd\n"
    new = report.in_document(old, results_of(0.5))
    assert new == old.replace("old\n", report.markdown(results_of(0.5)))
    with pytest.raises(ValueError, match="figures"):
        report.in_document("# Title\n", results_of(0.5))


def test_the_issues_turns():
    assert FULL.people == 1_000_000
    assert FULL.few == QUICK.few == 10_000
    assert FULL.pairs >= 7
    assert 2 <= FULL.seconds <= 3
    assert (FULL.clients, FULL.crowd) == (8, 64)
    # of the few, a turn's callers and those whom they find are less than a tenth
    assert FULL.calls < Kind("spread", FULL.few).pairs


@pytest.mark.parametrize(("load", "published"), [(0.5, True), (0.51, False)])
def test_figures_are_published_from_a_quiet_machine(load, published, tmp_path, monkeypatch):
    results = {**results_of(0.5), "load_before": load}
    taken = {figure.key: Measured([0.5], [1], [2]) for figure in FIGURES}
    document = tmp_path / "page.md"
    document.write_text("<!-- figures -->\nold\n<!-- /figures -->\n")
    monkeypatch.setattr(run, "bench_server", lambda *_: nullcontext())
    monkeypatch.setattr(run, "take", lambda *_: (results, taken))
    console = Console(record=True, width=200)
    run.run(console, tmp_path, FULL, FIGURES, tmp_path / "results", document)
    told = console.export_text()
    assert "bare_confirm_ratio" in told
    assert ("Nothing was written: the load before the run was 0.51" in told) is not published
    assert ((tmp_path / "results" / "latest.json").exists(), "old" not in document.read_text()) == (
        published,
        published,
    )


def test_an_unknown_figure_is_a_misuse(wingman, tmp_path):  # noqa: F811
    done = wingman("bench", "--only", "bare_confirm_ratio", "--only", "nonsense", cwd=tmp_path)
    assert fails_in_one_line(done, 2) == "There is no figure nonsense"


def test_a_missing_extra_is_named_before_anything_is_measured(tmp_path):
    without = (
        "import sys; sys.modules['matplotlib'] = None; sys.argv[1:] = ['bench'];"
        " from wingmanmatch.tools.cli import main; main()"
    )
    command = [sys.executable, "-c", without]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == "wingman: matplotlib is not installed: pip install 'wingmanmatch[bench]'\n"
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
