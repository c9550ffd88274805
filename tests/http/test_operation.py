"""How the server starts, is watched, logs, loses its database and stops."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from uuid import uuid4

import httpx
import jwt
import pytest
from client.proxy import proxy_to
from harness import cluster_lock, in_thread, login_url
from prometheus_client.parser import text_string_to_metric_families
from psycopg.conninfo import make_conninfo
from refusing import is_failure, is_rest_failure
from serving import SECRET, WINGMAN, bearer, claims_of, running, wingman_serve
from silence import line_to
from starlette.routing import Route
from waiting import blocked_backends, until
from wingmanmatch.http.app import create_app
from wingmanmatch.http.logs import JsonFormatter, Seldom
from wingmanmatch.http.record import LOGGED
from wingmanmatch.http.settings import UnsafeSettingsError
from wingmanmatch.tools.cli.failures import MisuseError
from wingmanmatch.tools.cli.serve import jwks_in

SEARCH = "/api/create-automatic-match"
CALLS = "wingman_http_calls_total"
LINE = JsonFormatter(LOGGED)


def test_health(http):
    answer = http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert http.head("/healthz").status_code == 200
    assert http.post("/healthz").status_code == 405


def test_readiness_at_the_revision_of_the_release(http):
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_not_ready_at_another_revision(db, serve):
    with httpx.Client(base_url=serve(readiness_max_age_seconds=0)) as http:
        db.execute("create table public.of_an_operator ()")
        assert http.get("/readyz").status_code == 200
        db.execute(
            "create or replace function wingman.new_id() returns uuid language sql volatile"
            " set search_path = pg_catalog, pg_temp as 'select gen_random_uuid()'"
        )
        answer = http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "not ready",
            "reason": "The database is not at this release's revision",
        }
        assert http.get("/healthz").status_code == 200


@contextmanager
def unreachable(db):
    """Nobody but superusers gets a connection to the database."""
    name = db.info.dbname
    db.execute(f"alter database {name} connection limit 0")
    db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and usename = 'authenticator'"
    )
    try:
        yield
    finally:
        db.execute(f"alter database {name} connection limit -1")


@pytest.mark.exhaustive
def test_a_database_that_cannot_be_reached(db, people, serve, token):
    ana = bearer(token(people.add()))
    settings = {"readiness_max_age_seconds": 0, "pool_timeout_seconds": 0.2}
    with httpx.Client(base_url=serve(**settings), headers=ana, timeout=15) as http:
        assert http.get("/readyz").status_code == 200
        with unreachable(db):
            answer = http.get("/readyz")
            assert (answer.status_code, answer.json()["reason"]) == (503, "The database cannot be reached")
            answer = http.post("/api/get-profile")
            is_failure(answer, "connection_lost", 503)
            assert answer.headers["retry-after"] == "1"
            is_rest_failure(http.post("/rest/v1/rpc/get_profile"), "PGRST003", 503)
            assert http.get("/healthz").status_code == 200
        until(lambda: http.post("/api/get-profile").status_code == 200)
        assert http.get("/readyz").status_code == 200


@pytest.mark.exhaustive
def test_readiness_over_a_silent_line(db, serve, http_settings, monkeypatch):
    monkeypatch.setattr("wingmanmatch.http.health._LOOK_SECONDS", 1.0)
    with line_to(db.info) as line:
        url = make_conninfo(http_settings.database_url, **line.parameters)
        with httpx.Client(base_url=serve(database_url=url, readiness_max_age_seconds=0), timeout=10) as http:
            line.goes_silent_at = b"set local role authenticated"
            answer = http.get("/readyz")
            assert (answer.status_code, answer.json()["reason"]) == (503, "The database cannot be reached")
            line.goes_silent_at, line.is_silent = None, False
            until(lambda: http.get("/readyz").status_code == 200)


@pytest.mark.exhaustive
def test_back_within_a_second_of_the_database(db, people, serve, http_settings, token):
    """And ready no earlier than that."""
    ana = bearer(token(people.add()))
    with proxy_to(db.info) as (wire, parameters):
        url = make_conninfo(http_settings.database_url, **parameters)
        where = serve(database_url=url, pool_size=4, pool_timeout_seconds=0.2)
        with httpx.Client(base_url=where, headers=ana, timeout=15) as http:

            def is_served():
                return http.post("/api/get-profile").status_code == 200

            assert is_served()
            assert http.get("/readyz").status_code == 200
            wire.is_down = True
            wire.cut()
            # the pool by itself would wait for four seconds more by then
            while wire.turned_away < 10:
                assert not is_served()
                assert http.get("/readyz").status_code == 503
            wire.is_down = False
            up = time.monotonic()
            until(lambda: http.get("/readyz").status_code == 200)
            assert is_served()
            assert time.monotonic() - up < 1
            assert all(is_served() for _ in range(8))


def test_a_message_that_comes_again_and_again_is_logged_seldom():
    seldom, often = Seldom(10), Seldom(0)
    record = logging.makeLogRecord({"msg": "error connecting in %r", "args": ("pool",)})
    assert [seldom.filter(record) for _ in range(3)] == [True, False, False]
    assert seldom.filter(logging.makeLogRecord({"msg": "another"}))
    assert [often.filter(record) for _ in range(3)] == [True, True, True]


@pytest.mark.exhaustive
def test_ready_while_calls_have_all_connections(db, people, connect, serve, token):
    ana = people.add()
    url = serve(pool_size=1, readiness_max_age_seconds=60)
    assert httpx.get(f"{url}/readyz").status_code == 200
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ana])
    first = in_thread(httpx.post, url + SEARCH, headers=bearer(token(ana)), timeout=15)
    until(lambda: blocked_backends(db))
    assert httpx.get(f"{url}/readyz", timeout=15).status_code == 200
    holder.rollback()
    assert first.result(15).status_code == 200


def end_backends(db):
    """End the server's connections; how many there were."""
    ended = db.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where datname = current_database() and application_name = 'wingman serve'"
    ).fetchall()
    return len(ended)


def test_connections_that_went_stale_cost_no_call(db, people, http, token):
    ana = bearer(token(people.add()))
    assert http.post("/api/get-profile", headers=ana).status_code == 200
    assert end_backends(db) > 0
    for _ in range(6):
        assert http.post("/api/get-profile", headers=ana).status_code == 200


def test_a_connection_lost_during_a_call(db, people, connect, http_url, http, token):
    ana = people.add()
    with connect(user=db.info.user, autocommit=False) as holder:
        holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ana])
        call = in_thread(httpx.post, http_url + SEARCH, headers=bearer(token(ana)), timeout=15)
        rest = http_url + "/rest/v1/rpc/create_automatic_match"
        rest_call = in_thread(httpx.post, rest, headers=bearer(token(ana)), timeout=15)
        until(lambda: len(blocked_backends(db)) == 2)
        end_backends(db)
        is_failure(call.result(15), "connection_lost", 503)
        assert call.result().headers["retry-after"] == "1"
        is_rest_failure(rest_call.result(15), "PGRST001", 503)
    assert http.post(SEARCH, headers=bearer(token(ana))).status_code == 200


def samples(http):
    text = http.get("/metrics").text
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def enough(told):
    """The samples, once the last request is recorded, which happens after its answer."""
    return told if told.get(("wingman_http_calls_total", "none", "refused")) else None


def test_metrics(people, serve, token):
    with httpx.Client(base_url=serve(pool_size=3)) as http:
        ana = bearer(token(people.add()))
        http.post("/api/get-profile", headers=ana)
        http.post("/rest/v1/rpc/get_profile", headers=ana)
        http.post("/api/get-match", headers=ana)
        http.post(f"/api/{uuid4()}", headers=ana)
        http.post("/api/get-profile", headers=bearer(token()))
        http.post("/api/get-profile")
        http.get(f"/{uuid4()}")
        told = until(lambda: enough(samples(http)))
    calls = {key[1:]: value for key, value in told.items() if key[0] == "wingman_http_calls_total"}
    assert calls == {
        ("get_profile", "ok"): 2,
        ("get_match", "missing_argument"): 1,
        ("function_not_found", "none"): 1,
        ("get_profile", "not_authenticated"): 1,
        ("none", "not_authenticated"): 1,
        ("none", "refused"): 1,
    }
    assert told["wingman_http_call_seconds_count", "get_profile"] == 3
    assert told["wingman_http_call_seconds_bucket", "+Inf", "get_profile"] == 3
    assert (told["wingman_http_pool_max",], told["wingman_http_pool_waiting",]) == (3, 0)
    assert 1 <= told["wingman_http_pool_size",] <= 3


def test_the_log_has_no_word_of_a_person(people, http, token, caplog):
    ana = people.add("Zebediah")
    access = token(ana)
    with caplog.at_level(logging.INFO, logger="wingmanmatch"):
        headers = {**bearer(access), "X-Request-Id": "the-request-1", "Cookie": "session=sweet"}
        body = {"first_name": "Zebediah", "experience_level": "nope", "lat": 1, "lng": 2, "bio": "private"}
        http.post("/api/complete-profile", json=body, headers=headers)
        http.post("/rest/v1/rpc/get_match", json={"match_id": "private"}, headers=headers)
        http.get("/private?email=zebediah@example.com")
        # the last is noted after its answer
        until(lambda: len([record for record in caplog.records if record.msg == "request"]) == 3)
    lines = [LINE.format(record) for record in caplog.records if record.name.startswith("wingman")]
    assert len(lines) == 3
    first = json.loads(lines[0])
    assert first.pop("time")
    assert first.pop("milliseconds") > 0
    assert first == {
        "level": "info",
        "event": "request",
        "request_id": "the-request-1",
        "method": "POST",
        "function": "complete_profile",
        "role": "authenticated",
        "status": 400,
        "outcome": "invalid_argument",
    }
    for secret in ("Zebediah", "zebediah", "private", "nope", "sweet", str(ana), access, SECRET):
        assert secret not in "\n".join(lines)


def requests_in(caplog):
    return [json.loads(LINE.format(line)) for line in caplog.records if line.msg == "request"]


def test_the_log_has_so_many_refusals_of_one_user_and_counts_the_others(
    people, http_settings, database_url, token, caplog
):
    ana, ben = bearer(token(people.add())), bearer(token(people.add()))
    settings = replace(http_settings, refusals_logged=3)
    with (
        caplog.at_level(logging.INFO, logger="wingmanmatch"),
        running(settings) as url,
        httpx.Client(base_url=url) as http,
    ):
        for number in range(10):
            door = ("/api/get-match", "/rest/v1/rpc/get_match")[number % 2]
            http.post(door, json={"match_id": str(uuid4())}, headers=ana)
        for _ in range(2):
            http.post("/api/get-match", headers=ben)
            http.post("/api/get-profile", headers=ana)
        # whoever they are
        for nobody in ({}, bearer("x"), bearer(token())) * 2:
            http.post("/api/get-profile", headers=nobody)
        told = until(lambda: (found := samples(http))[CALLS, "none", "not_authenticated"] == 4 and found)
        assert told[CALLS, "get_match", "match_not_found"] == 10
        assert told[CALLS, "get_match", "missing_argument"] == 2
        assert told[CALLS, "get_profile", "not_authenticated"] == 2
    lines = Counter((line["outcome"], line["role"]) for line in requests_in(caplog))
    assert lines == {
        ("match_not_found", "authenticated"): 3,
        ("missing_argument", "authenticated"): 2,
        ("not_authenticated", "none"): 2,
        ("not_authenticated", "anon"): 1,
        ("ok", "authenticated"): 2,
        # of /metrics
        ("ok", "none"): lines["ok", "none"],
    }
    (said,) = [line for line in caplog.records if line.msg.startswith("refusals")]
    said = json.loads(LINE.format(said))
    assert (said["event"], said["refusals"], said["users"]) == (
        "refusals that are not logged one by one",
        7 + 3,
        2,
    )


@pytest.mark.exhaustive
def test_the_log_has_refusals_again_in_the_next_minute(people, serve, token, caplog, monkeypatch):
    monkeypatch.setattr("wingmanmatch.http.record._MINUTE_SECONDS", 0.5)
    ana = bearer(token(people.add()))
    with (
        caplog.at_level(logging.INFO, logger="wingmanmatch"),
        httpx.Client(base_url=serve(refusals_logged=1)) as http,
    ):
        for minute in (1, 2):
            until(lambda: http.post("/api/get-match", headers=ana) and sums_in(caplog) == minute)  # noqa: B023
    # one of each minute
    assert len(requests_in(caplog)) >= 2


def sums_in(caplog):
    return sum(line.msg.startswith("refusals") for line in caplog.records)


def test_a_fault_of_ours_is_always_logged(http_settings, database_url, token, caplog):
    settings = replace(http_settings, max_body_bytes=None, refusals_logged=0)  # type: ignore[arg-type]
    with caplog.at_level(logging.INFO, logger="wingmanmatch"), running(settings) as url:
        for _ in range(3):
            httpx.post(f"{url}/api/get-profile", headers=bearer(token(uuid4())))
    assert [line["outcome"] for line in requests_in(caplog)] == ["internal_error"] * 3
    assert not sums_in(caplog)


def test_an_unforeseen_error_is_told_to_nobody_and_logged(http_settings, database_url, token, caplog):
    with running(replace(http_settings, max_body_bytes=None)) as url:  # type: ignore[arg-type]
        answer = httpx.post(f"{url}/api/get-profile", headers=bearer(token(uuid4())))
        is_failure(answer, "internal_error", 500)
        assert answer.json()["detail"] == "The request failed"
        is_rest_failure(
            httpx.post(f"{url}/rest/v1/rpc/get_profile", headers=bearer(token(uuid4()))), "PGRSTX00", 500
        )
    told = [LINE.format(record) for record in caplog.records if record.exc_info]
    assert len(told) == 2
    assert json.loads(told[0])["error"] == "TypeError"
    assert json.loads(told[0])["trace"]


def test_what_fails_outside_a_call_counts_as_failed(http_settings, database_url):
    async def fails(_: object) -> None:
        raise ZeroDivisionError

    app = create_app(http_settings)
    app.router.routes.append(Route("/fails", fails))
    with running(http_settings, app) as url, httpx.Client(base_url=url) as http:
        assert httpx.get(f"{url}/fails").status_code == 500
        until(lambda: samples(http).get(("wingman_http_calls_total", "internal_error", "none")) == 1)


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "ä".encode(), 'a"b', "a,b"])
def test_a_request_without_an_id_gets_one(http, given):
    told = http.get("/healthz", headers={"X-Request-Id": given}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f-]{36}", told)
    assert http.get("/healthz", headers={"X-Request-Id": "Abc-1"}).headers["x-request-id"] == "Abc-1"


def test_the_request_id_reaches_the_journal(db, people, http, token):
    ana = people.add()
    people.add()
    http.post(SEARCH, headers={**bearer(token(ana)), "X-Request-Id": "the-request-2"})
    rows = db.execute(
        "select kind from wingman_admin.audit_log where request_id = 'the-request-2'"
    ).fetchall()
    assert rows == [{"kind": "match_offered"}]


def test_browsers(people, serve, token):
    page = "https://app.example"
    ana = bearer(token(people.add()))
    with httpx.Client(base_url=serve(cors_origins=(page,)), headers={"Origin": page}) as http:
        preflight = http.options(
            SEARCH,
            headers={
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,apikey,content-type,idempotency-key",
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == page
        assert "idempotency-key" in preflight.headers["access-control-allow-headers"].lower()
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert "access-control-allow-credentials" not in preflight.headers
        # also what is refused can be read by the page
        answers = [
            http.post("/api/get-profile", headers=ana),
            http.post("/api/get-profile"),
            http.post("/rest/v1/rpc/nothing", headers=ana),
            http.post("/api/get-profile", content=b"x" * 70_000, headers=ana),
            http.post("/api/get-profile", headers={**ana, "X-Much": "x" * 17_000}),
            http.get("/nothing"),
        ]
        for answer in answers:
            assert answer.headers["access-control-allow-origin"] == page, answer.text
            exposed = answer.headers["access-control-expose-headers"]
            for name in ("Idempotency-Replayed", "Retry-After", "X-Request-Id", "Content-Range"):
                assert name in exposed
        stranger = http.post("/api/get-profile", headers={**ana, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        assert http.options(SEARCH, headers=asked).status_code == 400


def test_without_origins_no_other_page_reads(people, http, token):
    headers = {**bearer(token(people.add())), "Origin": "https://app.example"}
    answer = http.post("/api/get-profile", headers=headers)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.fixture
def login(database_url, db):
    """Makes logins on the run's server: ``login("bypassrls", "wingman_owner")`` gives a URL."""
    made = []
    with ExitStack() as stack:

        @stack.callback
        def drop() -> None:
            with cluster_lock(database_url):
                for name in made:
                    db.execute(f"drop role {name}")

        def make(attributes: str, groups: str) -> str:
            name = f"wingman_http_{uuid4().hex[:12]}"
            with cluster_lock(database_url):
                db.execute(f"create role {name} login noinherit {attributes} in role {groups}")
            made.append(name)
            return login_url(database_url, name)

        yield make


API_ROLES = "anon, authenticated, service_role"


@pytest.mark.parametrize(
    ("attributes", "groups", "reason"),
    [
        ("superuser", API_ROLES, "is a superuser, the owner or exempt from row level security"),
        ("bypassrls", API_ROLES, "is a superuser, the owner or exempt from row level security"),
        ("", f"wingman_owner, {API_ROLES}", "is a superuser, the owner or exempt from row level security"),
        ("", "anon, authenticated", "cannot become service_role"),
        ("", API_ROLES, None),
    ],
)
def test_which_logins_it_starts_as(http_settings, login, attributes, groups, reason):
    settings = replace(http_settings, database_url=login(attributes, groups))
    if reason is None:
        assert create_app(settings)
        return
    with pytest.raises(UnsafeSettingsError, match=reason):
        create_app(settings)


def test_it_does_not_start_as_the_superuser_of_the_tests(http_settings, database_url):
    with pytest.raises(UnsafeSettingsError):
        create_app(replace(http_settings, database_url=database_url))


def test_sigterm_finishes_the_calls_under_way(db, people, connect, database_url, token):
    ana = people.add()
    environment = {
        "WINGMAN_DATABASE_URL": login_url(database_url, "authenticator"),
        "WINGMAN_JWT_SECRET": SECRET,
    }
    with wingman_serve(**environment) as (process, url):
        assert httpx.get(f"{url}/readyz").status_code == 200
        with connect(user=db.info.user, autocommit=False) as holder:
            holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ana])
            call = in_thread(httpx.post, url + SEARCH, headers=bearer(token(ana)), timeout=15)
            until(lambda: blocked_backends(db))
            process.send_signal(signal.SIGTERM)
            until(lambda: "Shutting down" in process.stderr.readline())
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"{url}/healthz")
            assert process.poll() is None
        assert call.result(15).status_code == 200
        assert process.wait(15) == 0
        rest = [json.loads(line) for line in process.stderr.read().splitlines()]
        assert "request" in [line["event"] for line in rest]


def test_a_file_that_is_no_jwks(tmp_path):
    file = tmp_path / "jwks.json"
    for text in ["", "[]", "{}", '{"keys": 1}', "\xff"]:
        file.write_text(text, encoding="latin-1")
        with pytest.raises(MisuseError, match="is not a JWKS"):
            jwks_in(file)
    file.write_text('{"keys": []}')
    assert jwks_in(file) == {"keys": []}


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"WINGMAN_JWT_SECRET": ""}, "No key to verify tokens with"),
        ({"WINGMAN_DATABASE_URL": "postgresql://authenticator@127.0.0.1:9/x"}, "connection"),
    ],
)
def test_a_misuse_is_told_in_one_line(database_url, environment, reason):
    good = {"WINGMAN_DATABASE_URL": login_url(database_url, "authenticator"), "WINGMAN_JWT_SECRET": SECRET}
    done = subprocess.run(
        [WINGMAN, "serve", "--port", "0"],
        env={**os.environ, **good, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("wingman: ")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stderr


def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [WINGMAN, "serve", "--demo", "--port", port],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"wingman: Cannot listen on 127.0.0.1, port {port}: Address already in use."
        " Choose another one with --port\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": 1}, "expired"),
        ({"role": "postgres"}, "unknown_role"),
        ({"aud": "others"}, "wrong_audience"),
        ({"exp": None}, "missing_claim"),
        ({"key": "another secret, long enough for HS256 as well"}, "wrong_key"),
        ({"text": "no token"}, "malformed"),
    ],
)
def test_the_log_says_why_a_token_is_invalid(http, people, caplog, changed, reason):
    claims = {**claims_of(people.add()), **{k: v for k, v in changed.items() if k in ("exp", "role", "aud")}}
    claims = {name: value for name, value in claims.items() if value is not None}
    sent = changed.get("text") or jwt.encode(claims, changed.get("key", SECRET), "HS256")
    with caplog.at_level(logging.INFO, logger="wingmanmatch"):
        answer = http.post("/api/get-profile", json={}, headers={"Authorization": f"Bearer {sent}"})
        until(lambda: [record for record in caplog.records if record.msg == "request"])
    assert answer.status_code == 401
    assert reason not in answer.text
    (line,) = [LINE.format(record) for record in caplog.records if record.msg == "request"]
    assert json.loads(line)["reason"] == reason
