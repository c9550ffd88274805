"""What is special about the client over HTTP: tokens, gateways, the network, connections that are kept."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import wingmanmatch
from harness import Connect, Connection, People, in_thread
from proxy import Wire, proxy_to_http
from scripted import Script, said, scripted_server
from serving import Serve, claims_of, signed
from ways import AT_ONCE, OFF
from wingmanmatch import (
    Busy,
    ConnectionLost,
    InvalidInput,
    NotAuthenticated,
    PermissionDenied,
    RateLimited,
    Retries,
    StatementTimeout,
    WingmanClient,
    WingmanError,
)

DEADLINE_SECONDS = 20.0


def token(*args: Any, **claims: Any) -> str:
    return signed(claims_of(*args, **claims))


@pytest.fixture
def wired(http_url: str) -> Iterator[tuple[Wire, str]]:
    """What goes to the server, and the URL through the proxy that sees it."""
    with proxy_to_http(http_url) as (wire, url):
        yield wire, url


@pytest.fixture
def script() -> Iterator[Script]:
    """A server with scripted answers."""
    with scripted_server() as script:
        yield script


def hold(connect: Connect, db: Connection, user_id: UUID) -> Connection:
    """Lock somebody, so that calls of theirs wait."""
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [user_id])
    return holder


def backend_blocked_by(db: Connection, pid: int) -> int:
    """The process id of a backend that waits for another one, once there is one."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        row = db.execute(
            "select pid from pg_stat_activity where %s = any(pg_blocking_pids(pid))",
            [pid],
        ).fetchone()
        if row:
            return int(row["pid"])
    raise TimeoutError("Nobody waits")


def test_request_is_what_postgrest_takes(flavour: Any, script: Script) -> None:
    script.answers = [said("200 OK", "[]")]
    user_id = uuid4()
    with flavour.over_http(script.url + "/", apikey="the-key", retries=OFF) as client:
        assert client.with_token("the-token").list_matches(user_id=user_id) == []
    ((path, headers, body),) = script.requests
    assert path == "/rest/v1/rpc/list_matches"
    assert json.loads(body) == {"user_id": str(user_id)}
    assert headers["Authorization"] == "Bearer the-token"
    assert headers["apikey"] == "the-key"
    assert (headers["Content-Type"], headers["Content-Profile"]) == ("application/json", "public")


def test_token_is_asked_for_before_each_attempt(script: Script) -> None:
    script.answers = [said("503 Service Unavailable"), said("200 OK", "[]")]
    tokens = iter(["old", "new"])
    with WingmanClient.over_http(script.url, retries=AT_ONCE) as client:
        assert client.with_token(lambda: next(tokens)).list_matches() == []
    assert [headers["Authorization"] for _, headers, _ in script.requests] == ["Bearer old", "Bearer new"]


def test_token_is_asked_for_in_time(http_url: str, people: People) -> None:
    ana = people.add()

    async def fetch() -> str:
        await asyncio.sleep(0)
        return token(ana)

    async def ask() -> None:
        async with wingmanmatch.AsyncWingmanClient.over_http(http_url) as client:
            assert (await client.with_token(fetch).get_profile()).user_id == ana

    asyncio.run(ask())


def test_what_the_giver_of_tokens_raises(script: Script) -> None:
    with WingmanClient.over_http(script.url) as client, pytest.raises(ZeroDivisionError):
        client.with_token(lambda: str(1 / 0)).get_profile()
    assert not script.requests


@pytest.mark.representatives("async-*")
@pytest.mark.parametrize("text", ["", "a b", "secret\n", "secret\r\nrole: x", "žeton", "\0"])
def test_no_token_at_all(flavour: Any, script: Script, text: str) -> None:
    with flavour.over_http(script.url) as client, pytest.raises(NotAuthenticated) as failure:
        client.with_token(text).pause_matching()
    assert not script.requests
    assert failure.value.status == 401
    assert "secret" not in str(failure.value)


def test_token_that_does_not_hold(flavour: Any, wired: tuple[Wire, str], people: People) -> None:
    wire, url = wired
    ana = people.add()
    with flavour.over_http(url, retries=AT_ONCE) as client:
        for bad in ("x", token(ana, exp=1), token(ana, aud="others"), token(ana, role="postgres")):
            with pytest.raises(NotAuthenticated) as failure:
                client.with_token(bad).get_profile()
            assert (failure.value.name, failure.value.status) == ("not_authenticated", 401)
        assert client.with_token(token(ana)).get_profile().user_id == ana
    assert wire.called.count("get_profile") == 5, "none was made again"


def test_role_without_the_right(http_url: str) -> None:
    with WingmanClient.over_http(http_url) as client, pytest.raises(PermissionDenied) as failure:
        client.with_token(token(role="anon")).list_matches()
    assert (failure.value.status, failure.value.sqlstate) == (403, "42501")


FOUR_KEYS = '{"message": "%s", "code": "%s", "details": null, "hint": null}'

GATEWAYS: list[tuple[bytes, type[WingmanError], int]] = [
    (said("401 Unauthorized", '{"message": "Invalid API key", "hint": "Look"}'), NotAuthenticated, 401),
    (said("401 Unauthorized", FOUR_KEYS % ("JWT expired", "PGRST303")), NotAuthenticated, 401),
    (said("403 Forbidden", "<html>"), PermissionDenied, 403),
    (said("413 Content Too Large"), InvalidInput, 413),
    (said("429 Too Many Requests", "", "Retry-After: 7"), RateLimited, 429),
    (said("429 Too Many Requests", "", f"Retry-After: {'9' * 5000}"), RateLimited, 429),
    (said("500 Internal Server Error", "oops"), WingmanError, 500),
    (said("502 Bad Gateway", "<html>"), ConnectionLost, 502),
    (said("503 Service Unavailable", FOUR_KEYS % ("No database", "PGRST001")), ConnectionLost, 503),
    (said("504 Gateway Timeout", FOUR_KEYS % ("No connection is free", "PGRST003")), Busy, 504),
    (said("504 Gateway Timeout"), ConnectionLost, 504),
    (said("504 Gateway Timeout", FOUR_KEYS % ("The database does not answer", "08007")), ConnectionLost, 503),
    (said("521 Web Server Is Down"), ConnectionLost, 521),
    (said("500 Internal Server Error", FOUR_KEYS % ("canceling", "57014")), StatementTimeout, 504),
    (said("503 Service Unavailable", FOUR_KEYS % ("terminating", "57P01")), ConnectionLost, 503),
    (said("500 Internal Server Error", FOUR_KEYS % ("deadlock detected", "40P01")), Busy, 423),
    (said("404 Not Found", FOUR_KEYS % ("Could not find", "PGRST202")), WingmanError, 404),
    (said("302 Found", "", "Location: http://127.0.0.1:1/"), WingmanError, 302),
    (
        said("500 Internal Server Error", '{"message": 7, "code": ["PT404"], "details": {}}'),
        WingmanError,
        500,
    ),
    (said("400 Bad Request", "[1]"), WingmanError, 400),
    (said("400 Bad Request", "[" * 100_000), WingmanError, 400),
    (said("200 OK", "[" * 100_000), WingmanError, 500),
    (said("200 OK", "<html>"), WingmanError, 500),
    (said("200 OK", ""), WingmanError, 500),
    (said("200 OK", "x", "Content-Encoding: gzip"), WingmanError, 500),
    (said("200 OK", "{}"), WingmanError, 500),
    (b"nonsense\r\n\r\n", ConnectionLost, 503),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", ConnectionLost, 503),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", ConnectionLost, 503),
]


def test_whatever_a_gateway_says(script: Script) -> None:
    with WingmanClient.over_http(script.url, retries=OFF) as client:
        for answer, expected, status in GATEWAYS:
            script.answers = [answer]
            with pytest.raises(WingmanError) as failure:
                client.with_token("t").pause_matching(idempotency_key="k")
            error = failure.value
            assert (type(error), error.status) == (expected, status), answer
            assert error.message, answer
            assert error.idempotency_key == "k"
            if isinstance(error, RateLimited):
                assert error.retry_after == (7 if b": 7\r\n" in answer else 0)


def test_code_of_postgrest_is_told(http_url: str, db: Connection, people: People) -> None:
    with WingmanClient.over_http(http_url) as client, pytest.raises(WingmanError) as failure:
        client.with_token(token(people.add()))._one(  # type: ignore[attr-defined]
            wingmanmatch.ProfileDetails, "get_profile", unknown=1
        )
    assert (type(failure.value), failure.value.status) == (WingmanError, 404)
    assert failure.value.context == {"code": "PGRST202"}


def test_connections_are_kept(flavour: Any, wired: tuple[Wire, str], people: People) -> None:
    wire, url = wired
    with flavour.over_http(url) as client:
        ana = client.with_token(token(people.add()))
        for _ in range(5):
            ana.get_profile()
            with pytest.raises(InvalidInput):
                ana.get_match("no id")
    # the client's and the server's side of one
    assert len(wire.sockets) == 2
    assert wire.round_trips == 10


def test_connection_is_cut_between_calls(flavour: Any, wired: tuple[Wire, str], people: People) -> None:
    wire, url = wired
    with flavour.over_http(url, retries=AT_ONCE) as client:
        ana = client.with_token(token(people.add()))
        for _ in range(3):
            assert ana.pause_matching().success
            wire.cut()


def test_server_loses_the_database_during_a_call(
    flavour: Any, http_url: str, people: People, connect: Connect, db: Connection
) -> None:
    people.add()
    ana = people.add()
    holder = hold(connect, db, ana)

    def end_the_first() -> None:
        db.execute(
            "select pg_terminate_backend(%s, 15000)", [backend_blocked_by(db, holder.info.backend_pid)]
        )
        holder.rollback()

    ending = in_thread(end_the_first)
    with flavour.over_http(http_url, retries=AT_ONCE) as client:
        match = client.with_token(token(ana)).create_automatic_match()
    ending.result(timeout=15)
    assert match.success
    found = db.execute("select id from wingman_matches").fetchall()
    assert found == [{"id": match.match_id}]


def test_retry_waits_for_the_attempt_that_is_still_under_way(
    wired: tuple[Wire, str], people: People, connect: Connect, db: Connection
) -> None:
    wire, url = wired
    people.add()
    ana = people.add()
    holder = hold(connect, db, ana)
    with WingmanClient.over_http(url, retries=AT_ONCE) as client:
        call = in_thread(client.with_token(token(ana)).create_automatic_match)
        first = backend_blocked_by(db, holder.info.backend_pid)
        wire.cut()
        backend_blocked_by(db, first)
        holder.rollback()
        match = call.result(timeout=15)
    assert match.replayed
    assert db.execute("select id from wingman_matches").fetchall() == [{"id": match.match_id}]


def test_server_is_too_busy(serve: Serve, people: People, connect: Connect, db: Connection) -> None:
    url = serve(pool_size=1, max_waiting=1)
    ana, bo = people.add(), people.add()
    holder = hold(connect, db, ana)
    with WingmanClient.over_http(url, retries=OFF) as client:
        first = in_thread(client.with_token(token(ana)).pause_matching)
        backend_blocked_by(db, holder.info.backend_pid)
        others = [in_thread(client.with_token(token(bo)).get_profile) for _ in range(2)]
        done, not_done = wait(others, timeout=15, return_when=FIRST_COMPLETED)
        (refused,), (waiting,) = done, not_done
        assert type(refused.exception()) is Busy
        holder.rollback()
        assert first.result(timeout=15).success
        assert waiting.result(timeout=15).user_id == bo


def test_call_takes_too_long(
    flavour: Any, serve: Serve, people: People, connect: Connect, db: Connection
) -> None:
    url = serve(request_timeout_seconds=0.1)
    ana = people.add()
    hold(connect, db, ana)
    with flavour.over_http(url, retries=AT_ONCE) as client:
        with pytest.raises(StatementTimeout) as failure:
            client.with_token(token(ana)).create_automatic_match()
        assert client.with_token(token(ana)).get_profile().user_id == ana
    assert (failure.value.sqlstate, failure.value.status) == ("57014", 504)


def test_server_says_nothing(
    flavour: Any, http_url: str, people: People, connect: Connect, db: Connection
) -> None:
    ana = people.add()
    holder = hold(connect, db, ana)
    with flavour.over_http(http_url, timeout=0.1, retries=OFF) as client:
        with pytest.raises(ConnectionLost) as failure:
            client.with_token(token(ana)).pause_matching(idempotency_key="one")
        assert failure.value.retryable
        holder.rollback()
        again = client.with_token(token(ana)).pause_matching(idempotency_key="one")
    assert again.replayed


class Unwilling(Retries):
    """Makes nothing again."""

    def wait(self, failures: int) -> float:
        raise AssertionError("A call is to be made again")


def test_no_connection_of_the_client_is_free(http_url: str, people: People) -> None:
    ana = token(people.add())
    with WingmanClient.over_http(http_url, max_connections=1, timeout=0.1, retries=Unwilling()) as client:
        # an answer that is not read yet keeps its connection
        http = client._transport._client
        with http.stream("POST", "list_matches", headers={"Authorization": f"Bearer {ana}"}):
            with pytest.raises(ConnectionLost) as failure:
                client.with_token(ana).get_profile()
            assert type(failure.value.__cause__) is httpx.PoolTimeout


def test_nobody_listens(flavour: Any) -> None:
    nowhere = flavour.over_http("http://127.0.0.1:1", retries=AT_ONCE)
    with nowhere as client, pytest.raises(ConnectionLost) as failure:
        client.with_token("t").get_profile()
    assert failure.value.status == 503


def test_closed_client(flavour: Any, http_url: str) -> None:
    with flavour.over_http(http_url) as client:
        ana = client.with_token("t")
    with pytest.raises(ConnectionLost, match="closed"):
        ana.get_profile()
    client.close()


def test_cancelled_task(http_url: str, people: People, connect: Connect, db: Connection) -> None:
    ana = people.add()
    holder = hold(connect, db, ana)

    async def cancel_while_it_waits() -> None:
        async with wingmanmatch.AsyncWingmanClient.over_http(http_url, max_connections=1) as client:
            api = client.with_token(token(ana))
            task = asyncio.create_task(api.pause_matching(idempotency_key="one"))
            await asyncio.to_thread(backend_blocked_by, db, holder.info.backend_pid)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # the only connection was given back
            assert (await api.get_profile()).user_id == ana
            holder.rollback()
            assert (await api.pause_matching(idempotency_key="one")).success

    asyncio.run(cancel_while_it_waits())
    kept = db.execute("select count(*) as n from wingman.idempotency_keys").fetchone()
    assert kept == {"n": 1}


def test_threads_wait_for_a_connection_before_the_pool(
    http_url: str, people: People, connect: Connect, db: Connection
) -> None:
    """The pool may close a connection on which a thread has begun to wait, while others wait in the pool."""
    users = [people.add() for _ in range(4)]
    asked: list[UUID] = []
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.matchmaking_pool for update")
    waiting = "select count(*) as n from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
    with WingmanClient.over_http(http_url, max_connections=2) as client:

        def pause(user: UUID) -> bool:
            def ask() -> str:
                asked.append(user)
                return token(user)

            return client.with_token(ask).pause_matching().success

        answers = [in_thread(pause, user) for user in users]
        blocked: Any = None
        deadline = time.monotonic() + DEADLINE_SECONDS
        while len(asked) < len(users) or blocked != {"n": 2}:
            assert time.monotonic() < deadline, (asked, blocked)
            blocked = db.execute(waiting, [holder.info.backend_pid]).fetchone()
        in_pool = len(client._transport._client._transport._pool._requests)
        holder.rollback()
        assert all(answer.result(timeout=DEADLINE_SECONDS) for answer in answers)
    assert in_pool == 2


def test_tasks_share_one_client(http_url: str, people: People) -> None:
    users = [people.add() for _ in range(4)] * 5

    async def ask() -> list[Any]:
        async with wingmanmatch.AsyncWingmanClient.over_http(http_url, max_connections=3) as client:
            return await asyncio.gather(*(client.with_token(token(user)).get_profile() for user in users))

    assert [profile.user_id for profile in asyncio.run(ask())] == users


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://", "https:///x", "http://x?y=1"])
def test_no_url(flavour: Any, url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        flavour.over_http(url)


@pytest.mark.parametrize("apikey", ["", "a b", "a\nb", "ž"])
def test_no_apikey(flavour: Any, apikey: str) -> None:
    with pytest.raises(ValueError, match="apikey"):
        flavour.over_http("http://localhost", apikey=apikey)


def test_core_does_without_httpx(login: str, people: People) -> None:
    program = f"""
import sys
sys.modules["httpx"] = None
import wingmanmatch
with wingmanmatch.WingmanClient.connect({login!r}) as client:
    print(client.as_user({str(people.add())!r}).get_profile().first_name)
try:
    wingmanmatch.WingmanClient.over_http("http://localhost")
except ModuleNotFoundError as missing:
    print(missing)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[0] == "Ana"
    assert "httpx" in ran.stdout.splitlines()[1]
