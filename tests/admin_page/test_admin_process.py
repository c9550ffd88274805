"""``wingman admin`` as a process: its start, its end, and a database that goes away and comes back."""

import signal
import socket
import tempfile
from pathlib import Path

import httpx
import psycopg
import pytest
from harness import OPERATOR, in_thread, login_url, psql
from operating import address_in, opened, serving, told_by, wingman_admin
from tools.conftest import fails_in_one_line, wingman
from waiting import blocked_backends, until
from wingmanmatch.database import paths
from wingmanmatch.database.embedded import FAST_AND_FORGETFUL, embedded_server, start_server, stop_server

__all__ = ["wingman"]

PASSWORD = "a-password-of-the-database"


def told_in(process):
    """What it has said in the end."""
    out, err = process.communicate(timeout=15)
    return out + err


def with_password(url: str) -> str:
    """The same URL, with a password that the server does not ask for."""
    return url.replace("@", f":{PASSWORD}@", 1)


@pytest.mark.exhaustive
def test_it_reads_and_writes_nothing_of_the_password(operators_url, db):
    with wingman_admin(with_password(operators_url), "--write") as (process, file):
        page = opened(file)
        texts = [file.read_text() if file.exists() else "", page.url]
        texts += [
            page.client.get(f"/api/{path}").text
            for path in ("session", "overview", "waiting", "findings", "places", "queues", "settings", "x")
        ]
        process.send_signal(signal.SIGTERM)
        texts.append(told_in(process))
    assert process.returncode == 0
    assert not [text for text in texts if PASSWORD in text]


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("is_ignored", [False, True], ids=["heard", "ignored at start"])
def test_a_signal_ends_it_and_nothing_is_left(operators_url, name, is_ignored):
    """A shell without job control starts its background processes with SIGINT ignored."""

    def before():
        how = signal.SIG_IGN if is_ignored else signal.default_int_handler
        signal.signal(signal.SIGINT, how)

    with wingman_admin(operators_url, before=before) as (process, file):
        url, _ = address_in(file)
        process.send_signal(signal.Signals[name])
        assert told_in(process) == ""
        assert process.returncode == 0
        assert not file.parent.exists()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


@pytest.mark.exhaustive
def test_a_signal_does_not_wait_for_the_database(operators_url, database_url, db):
    with (
        psycopg.connect(database_url) as other,
        wingman_admin(operators_url) as (process, file),
    ):
        page = opened(file)
        other.execute("lock table wingman.user_reports")
        with socket.create_connection(("127.0.0.1", page.client.base_url.port)) as asking:
            secret = page.client.headers["X-Wingman-Secret"]
            head = f"Host: 127.0.0.1:{page.client.base_url.port}\r\nX-Wingman-Secret: {secret}"
            asking.sendall(f"GET /api/queues HTTP/1.1\r\n{head}\r\n\r\n".encode())
            until(lambda: blocked_backends(db))
            process.send_signal(signal.SIGTERM)
            told_in(process)
        assert process.returncode == 0


@pytest.mark.exhaustive
def test_it_ends_when_nobody_uses_it(operators_url):
    with wingman_admin(operators_url, "--idle-minutes", "0.02") as (process, file):
        page = opened(file)

        def polls():
            """What the page asks by itself does not count."""
            try:
                page.client.get("/api/session", headers={"X-Wingman-Polling": "1"})
            except httpx.TransportError:
                return process.poll() is not None
            return False

        until(polls)
        assert told_in(process) == ""
        assert process.returncode == 0


@pytest.mark.exhaustive
def test_it_stays_while_somebody_uses_it(operators_url):
    with serving(operators_url, idle_seconds=1.0) as file:
        page = opened(file)
        asked = page.client.get("/api/session")
        seconds = 0.0
        while seconds < 2.0:
            asked = page.client.get("/api/session")
            assert asked.status_code == 200
            seconds += max(asked.elapsed.total_seconds(), 0.01)


def test_a_login_that_is_no_operator(wingman, database_url, db):
    told = fails_in_one_line(wingman("admin", "--no-browser", url=login_url(database_url, "authenticator")))
    assert told == (
        "permission_denied: authenticator is not a member of wingman_admin: "
        "grant wingman_admin to authenticator"
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--serve-url", "ftp://a"), "--serve-url must be a URL such as http://127.0.0.1:8000"),
        (("--serve-url", f"http://user:{PASSWORD}@:80"), "--serve-url must be a URL"),
        (("--port", "1"), "Cannot listen on 127.0.0.1, port 1"),
    ],
)
def test_options_that_cannot_be(wingman, operators_url, options, says):
    if options[0] == "--port":
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            told = fails_in_one_line(wingman("admin", "--no-browser", "--port", port, url=operators_url))
            says = says.replace("port 1", f"port {port}")
    else:
        told = fails_in_one_line(wingman("admin", "--no-browser", *options, url=operators_url))
    assert says in told
    assert PASSWORD not in told


def test_a_database_that_cannot_be_reached(wingman):
    url = f"postgresql://ada:{PASSWORD}@127.0.0.1:1/wingman"
    told = fails_in_one_line(wingman("admin", "--no-browser", url=url))
    assert "Connection refused" in told
    assert PASSWORD not in told


def test_rights_that_are_taken_away(open_page, db, database_url):
    db.execute("create role wingman_test_new login in role wingman_admin")
    try:
        page = open_page(login_url(database_url, "wingman_test_new"), writes=True)
        assert page.get("session")["functions"]
        db.execute("revoke wingman_admin from wingman_test_new")
        for path in ("session", "overview", "queues", "settings", "decisions", "waiting", "places"):
            answer = page.client.get(f"/api/{path}")
            assert told_by(answer) == (403, "insufficient_privilege"), path
            assert answer.json()["grant"] == 'grant wingman_admin to "wingman_test_new";'
        assert page.refusal("people", search="ana") == (403, "insufficient_privilege")
        answer = page.call("change_settings", changes={"exposure_limit": 1}, reason="x")
        assert told_by(answer) == (403, "insufficient_privilege")
        db.execute("grant wingman_admin to wingman_test_new")
        assert page.get("session")["functions"]
    finally:
        db.execute("drop role wingman_test_new")


def cut_off(db):
    """End the operator's connections."""
    db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where usename = %s and datname = current_database()",
        [OPERATOR],
    )


@pytest.mark.exhaustive
def test_connections_that_the_server_has_closed_are_replaced(page, db):
    for _ in range(2):
        assert page.get("queues")["counts"]
        cut_off(db)
        until(
            lambda: (
                db.execute(
                    "select count(*) as n from pg_stat_activity where usename = %s", [OPERATOR]
                ).fetchone()
                == {"n": 0}
            )
        )
    assert page.get("queues")["counts"]


def test_a_database_that_lets_nobody_in(writing_page, db):
    name = db.info.dbname
    assert writing_page.get("session")
    try:
        db.execute(f"alter database {name} connection limit 0")
        cut_off(db)
        for path in ("session", "overview", "queues", "waiting", "findings"):
            answer = until(lambda path=path: closed(writing_page, path))
            assert told_by(answer) == (503, "database_unavailable"), path
            assert answer.json()["message"] == "The database cannot be reached"
        answer = writing_page.call("change_settings", changes={}, reason="x")
        assert told_by(answer) == (503, "database_unavailable")
        # it was not even called
        assert answer.json()["hint"] is None
        assert writing_page.client.get("/").status_code == 200
    finally:
        db.execute(f"alter database {name} connection limit -1")
    assert writing_page.get("overview")["missing"] == {}
    assert writing_page.get("findings")["findings"] == []


def closed(page, path):
    answer = page.client.get(f"/api/{path}")
    return answer if answer.status_code != 200 else None


@pytest.mark.exhaustive
def test_a_call_that_is_cut_off(writing_page, db, database_url):
    """Nobody knows whether it was done, and the page says so."""
    with psycopg.connect(database_url) as other:
        other.execute("select from wingman.settings for update")
        answer = in_thread(writing_page.call, "change_settings", changes={"exposure_limit": 1}, reason="x")
        until(lambda: blocked_backends(db))
        cut_off(db)
        told = answer.result(15)
    assert told_by(told) == (503, "database_unavailable")
    assert told.json()["hint"].startswith("It may have been done")
    assert db.execute("select count(*) as n from wingman.operator_decisions").fetchone() == {"n": 0}


@pytest.mark.exhaustive
def test_a_server_that_stops_and_starts_again():
    with tempfile.TemporaryDirectory(prefix="wingman-page-") as directory:
        data = Path(directory, "data")
        with embedded_server(data, settings=FAST_AND_FORGETFUL) as server:
            psql(server.url(), f"--file={paths.INSTALL_SQL}")
            with psycopg.connect(server.url(), autocommit=True) as connection:
                connection.execute("create role ada login in role wingman_admin")
        server = start_server(data)
        try:
            with serving(server.url(user="ada")) as file:
                page = opened(file)
                assert page.get("session")["login"] == "ada"
                stop_server(data)
                assert page.refusal("session") == (503, "database_unavailable")
                assert page.refusal("overview") == (503, "database_unavailable")
                start_server(data)
                assert page.get("session")["login"] == "ada"
                assert page.get("overview")["missing"] == {}
        finally:
            stop_server(data)
