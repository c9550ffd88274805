"""The protocol on a client's connection: HTTP/1.1, whatever else a client asks for."""

import json
import re
import time
from contextlib import suppress
from uuid import uuid4

import pytest
from wire import connected, raw, read_all

PROFILE = {"experience_level": "beginner", "lat": 1, "lng": 2}


CHUNKED = "Transfer-Encoding: chunked"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n")


def request(token, body, *lines, path="/api/complete-profile"):
    length = [] if CHUNKED in lines else [f"Content-Length: {len(body)}"]
    head = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", *lines, *length]
    return "\r\n".join([*head, "", ""]).encode() + body


def profile_of(name):
    return json.dumps({"first_name": name, **PROFILE}).encode()


def answers(connection, count):
    """A number of answers, each with its status and JSON."""
    found, received = [], b""
    while len(found) < count:
        head, end, rest = received.partition(b"\r\n\r\n")
        length = int(LENGTH.search(head + b"\r\n")[1]) if end else 0
        if end and len(rest) >= length:
            found.append((int(head.split(b" ")[1]), json.loads(rest[:length])))
            received = rest[length:]
        else:
            chunk = connection.recv(65_536)
            assert chunk, received
            received += chunk
    assert not received
    return found


UPGRADES = [
    # as Java's client offers it with its first request
    ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk"),
    ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"),
]


@pytest.mark.parametrize("offer", UPGRADES)
@pytest.mark.parametrize("piece", [1, 40, 10_000])
def test_an_offer_to_upgrade_is_overlooked(people, http_url, token, offer, piece):
    ana = people.add("Ana")
    body = profile_of("Anna")
    chunked = b"5\r\n" + body[:5] + b"\r\n%x\r\n" % (len(body) - 5) + body[5:] + b"\r\n0\r\n\r\n"
    sent = b"".join(
        [
            request(token(ana), body, *offer),
            request(token(ana), chunked, *offer, CHUNKED),
            request(token(ana), b"", *offer, path="/api/get-profile"),
            request(token(ana), profile_of("Ann")),
        ]
    )
    with connected(http_url) as connection:
        for start in range(0, len(sent), piece):
            connection.sendall(sent[start : start + piece])
        told = answers(connection, 4)
    assert [(status, profile["first_name"]) for status, profile in told] == [
        (200, "Anna"),
        (200, "Anna"),
        (200, "Anna"),
        (200, "Ann"),
    ]


def test_requests_sent_ahead_are_answered_in_their_order(people, http_url, token):
    ana = people.add("Ana")
    sent = b"".join(request(token(ana), profile_of(f"Ana {number}")) for number in range(8))
    with connected(http_url) as connection:
        connection.sendall(sent)
        told = answers(connection, 8)
    assert [profile["first_name"] for _, profile in told] == [f"Ana {number}" for number in range(8)]


def test_a_head_behind_long_bodies_is_not_too_long(http_url, token):
    ana = token(uuid4())
    long = request(ana, b" " * 60_000, path="/api/list-matches")
    with connected(http_url) as connection:
        for _ in range(4):
            # cut in the middle of the next head
            connection.sendall(long + long[:200])
            connection.sendall(long[200:])
        assert answers(connection, 8) == [(200, [])] * 8


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/0.9\r\nHost: a\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    ids=lambda sent: sent.splitlines()[0].decode(),
)
def test_what_is_no_request_is_refused(http_url, sent):
    answer = raw(http_url, sent)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in answer


def test_the_first_version_needs_no_host(http_url):
    assert raw(http_url, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("size", [100, 5_000, 100_000])
def test_a_head_without_an_end(http_url, size):
    begin = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Much: "
    with connected(http_url, timeout=5) as connection, suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(begin)
        for _ in range(100_000 // size):
            connection.sendall(b"x" * size)
            time.sleep(0)
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.exhaustive
def test_a_body_that_comes_behind_the_answer_does_not_hold_the_connection(serve):
    with connected(serve(request_timeout_seconds=0.3), timeout=3) as connection, suppress(OSError):
        connection.sendall(b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n")
        assert b" 405 " in connection.recv(65_536)
        for _ in range(150):
            connection.sendall(b"x")
            time.sleep(0.02)
        pytest.fail("the server goes on waiting")
