"""What is too large, too slow, too much, or made to do harm."""

import json
import re
import time
from contextlib import contextmanager, suppress
from uuid import uuid4

import httpx
import pytest
from harness import in_thread
from psycopg.conninfo import make_conninfo
from refusing import is_failure, is_rest_failure
from rows import all_rows, shorten_lock_timeout
from serving import bearer
from silence import line_to
from waiting import blocked_backends, until
from wire import connected, raw, read_all

CALL = "/api/list-matches"
SEARCH = "/api/create-automatic-match"


@contextmanager
def held(db, connect, user_id):
    """Somebody's seeker row is locked: a search of theirs waits."""
    with connect(user=db.info.user, autocommit=False) as holder:
        holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [user_id])
        yield


def head(token, *lines, path=CALL):
    start = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", "Connection: close"]
    return "\r\n".join([*start, *lines, "", ""]).encode("latin-1")


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def test_a_body_that_is_too_large(http_url, http, token):
    ana = token(uuid4())
    within = json.dumps({"status": None}) + " " * (65_536 - 16)
    assert len(within) == 65_536
    assert http.post(CALL, content=within, headers=bearer(ana)).status_code == 200
    is_failure(http.post(CALL, content=within + " ", headers=bearer(ana)), "body_too_large", 413)
    answer = http.post("/rest/v1/rpc/list_matches", content=within + " ", headers=bearer(ana))
    is_rest_failure(answer, "PGRST102", 413)

    def chunks():
        for _ in range(66):
            yield b" " * 1000

    is_failure(http.post(CALL, content=chunks(), headers=bearer(ana)), "body_too_large", 413)
    # announced, and never sent: it is refused at once
    announced = head(ana, "Content-Length: 99999999999999999999")
    assert status_of(raw(http_url, announced)) in (400, 413)
    assert status_of(raw(http_url, head(ana, "Content-Length: 70000"))) == 413
    # a chunk that never ends
    endless = head(ana, "Transfer-Encoding: chunked")
    assert status_of(raw(http_url, endless, b"FFFFFFF\r\n" + b" " * 70_000)) == 413


def test_a_body_that_does_not_arrive(serve, token):
    url = serve(request_timeout_seconds=0.2)
    with connected(url) as connection:
        connection.sendall(head(token(uuid4()), "Content-Length: 5") + b"{")
        answer = read_all(connection)
    assert status_of(answer) == 408
    assert b"request_timeout" in answer


@pytest.mark.exhaustive
def test_a_head_that_does_not_arrive(serve, token):
    url = serve(request_timeout_seconds=0.3)
    whole = head(token(uuid4())).replace(b"Connection: close\r\n", b"")
    for sent in (b"", whole[:-10]):
        with connected(url, timeout=3) as connection:
            connection.sendall(sent)
            assert read_all(connection) == b""
    with connected(url, timeout=3) as connection:
        connection.sendall(whole)
        assert status_of(connection.recv(65_536)) == 200
        connection.sendall(whole[:-10])
        assert read_all(connection) == b""
    # nor one of which a little comes now and then
    with connected(url, timeout=3) as connection, suppress(OSError):
        for each in whole[:-10]:
            connection.sendall(bytes([each]))
            time.sleep(0.02)
        pytest.fail("the server goes on waiting")


def test_a_body_that_breaks_off_changes_nothing(db, people, http_url, http, token):
    ana = people.add("Ana")
    people.add("Ben")
    before = all_rows(db)
    with connected(http_url) as connection:
        connection.sendall(head(token(ana), "Content-Length: 50", path=SEARCH) + b"{}")
    until(lambda: _count(http, "invalid_input") == 1)
    assert all_rows(db) == before


def _count(http, outcome):
    found = re.findall(
        rf'wingman_http_calls_total\{{.*outcome="{outcome}"\}} (\d+)', http.get("/metrics").text
    )
    return sum(map(int, found))


def test_headers(http_url, http, token):
    ana = token(uuid4())
    answer = http.post(CALL, headers={**bearer(ana), "X-Much": "x" * 17_000})
    is_failure(answer, "headers_too_large", 431)
    answer = http.post("/rest/v1/rpc/list_matches", headers={"X-Much": "x" * 17_000})
    is_rest_failure(answer, "PGRST100", 431)
    is_failure(http.post(f"{CALL}?{'x' * 17_000}", headers=bearer(ana)), "headers_too_large", 431)
    # one that never ends
    assert status_of(raw(http_url, head(ana)[:-2] + b"X-Endless: " + b"x" * 100_000)) == 400
    for hostile in [
        "X-Odd: a\x01b",
        "X-Odd: a\x00b",
        "X-Odd: a\x7fb",
        "X-Odd: \xff\xfe",
        "X Odd: a",
        "Content-Length: 0, 5",
        "Content-Length: -1",
        'X-Odd: "\\u0000", \'); select 1 --',
        "Cookie: a=\xff; b=\\u0000; =",
        "Idempotency-Key: \xff",
    ]:
        answer = raw(http_url, head(ana, hostile))
        assert status_of(answer) in (200, 400, 411, 413), (hostile, answer)


def test_a_body_of_two_lengths(http_url, token):
    # the chunks count, and what follows them is no request of its own
    both = head(token(uuid4()), "Content-Length: 40", "Transfer-Encoding: chunked")
    answer = raw(http_url, both, b"0\r\n\r\nPOST /api/x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert status_of(answer) == 200


def test_a_call_that_takes_too_long(db, people, connect, serve, token):
    ana = people.add()
    with httpx.Client(base_url=serve(request_timeout_seconds=0.2), headers=bearer(token(ana))) as http:
        with held(db, connect, ana):
            before = all_rows(db)
            is_failure(http.post(SEARCH), "statement_timeout", 504)
            answer = http.post("/rest/v1/rpc/create_automatic_match")
            is_rest_failure(answer, "57014", 500, "canceling statement due to statement timeout")
            assert all_rows(db) == before
        assert http.post(SEARCH).status_code == 200


@pytest.mark.exhaustive
def test_a_database_that_says_nothing(db, people, serve, http_settings, token, monkeypatch):
    monkeypatch.setattr("wingmanmatch.http.database._GRACE_SECONDS", 0.1)
    ana = bearer(token(people.add()))
    with line_to(db.info) as line:
        url = make_conninfo(http_settings.database_url, **line.parameters, connect_timeout=2)
        silent = serve(database_url=url, request_timeout_seconds=0.2, pool_size=1)
        with httpx.Client(base_url=silent, headers=ana, timeout=20) as http:
            assert http.post(CALL).status_code == 200
            line.is_silent = True
            begun = time.monotonic()
            is_failure(http.post(CALL), "connection_lost", 504)
            assert time.monotonic() - begun < 5
            line.is_silent = False
            # its connection, of which nobody knows what still comes, serves no other call; the next one
            # may have been begun in the silence
            until(lambda: http.post(CALL).status_code == 200)


def test_a_record_that_another_call_holds(db, people, connect, http, token):
    shorten_lock_timeout(db, "wingman.create_automatic_match")
    ana = people.add()
    with held(db, connect, ana):
        answer = http.post(SEARCH, headers=bearer(token(ana)))
        is_failure(answer, "busy", 423)
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["detail"] == "Another request holds this record - retry"


def test_overload_is_told_at_once(db, people, connect, serve, token):
    ana = people.add()
    url = serve(pool_size=1, max_waiting=1)
    search = bearer(token(ana))
    with httpx.Client(base_url=url, timeout=15) as http:
        with held(db, connect, ana):
            first = in_thread(httpx.post, url + SEARCH, headers=search, timeout=15)
            until(lambda: blocked_backends(db))
            second = in_thread(httpx.post, url + CALL, headers=search, timeout=15)
            until(lambda: "wingman_http_pool_waiting 1.0" in http.get("/metrics").text)
            for _ in range(3):
                answer = http.post(CALL, headers=search)
                is_failure(answer, "overloaded", 503)
                assert answer.headers["retry-after"] == "1"
            rest = http.post("/rest/v1/rpc/list_matches", headers=search)
            is_rest_failure(rest, "PGRST003", 503)
            assert http.get("/healthz").status_code == 200
        assert first.result(15).status_code == 200
        assert second.result(15).status_code == 200


def test_waiting_for_a_connection_ends(db, people, connect, serve, token):
    ana = people.add()
    url = serve(pool_size=1, pool_timeout_seconds=0.1)
    with held(db, connect, ana):
        first = in_thread(httpx.post, url + SEARCH, headers=bearer(token(ana)), timeout=15)
        until(lambda: blocked_backends(db))
        answer = httpx.post(url + CALL, headers=bearer(token(ana)))
        is_failure(answer, "connection_lost", 503)
        assert answer.headers["retry-after"] == "1"
    assert first.result(15).status_code == 200


@pytest.mark.parametrize("path", [SEARCH, "/rest/v1/rpc/create_automatic_match"])
def test_nothing_but_http_is_answered(http_url, path):
    assert status_of(raw(http_url, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10 + b"\r\n\r\n")) == 400
    assert status_of(raw(http_url, f"POST {path}\r\n\r\n".encode())) == 400
