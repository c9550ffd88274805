"""Who is let in: the address opens once, and only the page itself may ask, by its name and its secret."""

import logging
import socket
import stat
from urllib.parse import urlsplit

import httpx
import psutil
from operating import address_in, opened, serving, told_by

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def test_the_file_is_its_owners_and_opens_once(operators_url):
    with serving(operators_url) as file:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        url, secret = address_in(file)
        page = opened(file)
        # it is of no use any more
        assert not file.parent.exists()
        assert page.get("session")["login"]

        again = httpx.post(f"{url}/api/open", headers={"X-Wingman-Secret": secret})
        assert told_by(again) == (401, "address_used")
        # whoever read the address later has not got the page's secret
        late = httpx.get(f"{url}/api/session", headers={"X-Wingman-Secret": secret})
        assert told_by(late) == (401, "unauthorized")
        assert page.get("session")["login"]


def test_an_address_that_nobody_opened_goes_with_the_process(operators_url):
    with serving(operators_url) as file:
        assert file.exists()
    assert not file.parent.exists()


def test_a_wrong_secret(page):
    stranger = httpx.Client(base_url=page.url)
    for path in ("/api/open", "/api/session", "/api/call/end_match", "/api/nothing"):
        for secret in (None, "", "wrong", "é", page.client.headers["X-Wingman-Secret"][:-1]):
            headers = {"X-Wingman-Secret": secret.encode()} if secret is not None else {}
            method = "POST" if path in ("/api/open", "/api/call/end_match") else "GET"
            answer = stranger.request(method, path, headers=headers)
            assert told_by(answer) == (401, "unauthorized"), (path, secret)


def test_a_secret_in_another_place(page):
    secret = page.client.headers["X-Wingman-Secret"]
    for sent in ({"params": {"secret": secret}}, {"cookies": {"X-Wingman-Secret": secret}}):
        assert told_by(httpx.get(f"{page.url}/api/session", **sent)) == (401, "unauthorized")


def answers(page):
    """One of each kind."""
    client = page.client
    yield "api", client.get("/api/session"), 200
    yield "refused", client.get("/api/people", params={"search": "x"}), 400
    yield "unauthorized", httpx.get(f"{page.url}/api/session"), 401
    yield "foreign", client.get("/api/session", headers={"Origin": "https://evil.example"}), 403
    yield "no path", client.get("/api/nothing"), 404
    yield "no file", client.get("/nothing.js"), 404
    for method in ("DELETE", "HEAD", "PUT", "TRACE"):
        yield method, client.request(method, "/api/session"), 405
    yield "wrong method", client.get("/api/call/end_match"), 405
    yield "too large", client.post("/api/open", content=b"x"), 401
    yield "index", httpx.get(f"{page.url}/"), 200
    yield "shared", httpx.get(f"{page.url}/shared/style.css"), 200


def test_every_answer_carries_the_same_protection(page):
    for kind, answer, status in answers(page):
        assert answer.status_code == status, (kind, answer.text)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, kind
        assert not {"set-cookie", "server", "access-control-allow-origin"} & {*answer.headers}, kind
        if status >= 400 and kind != "HEAD":
            assert {"code", "message", "hint"} <= answer.json().keys(), kind


def test_an_error_that_nobody_foresaw(open_page, capsys, monkeypatch):
    # as the command does
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)

    message = "Ana lives here"

    def fail(_: str):
        raise ZeroDivisionError(message)

    page = open_page(find=fail)
    answer = page.client.get("/api/findings")
    assert told_by(answer) == (500, "internal_error")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert message not in told


def own(page):
    return urlsplit(page.url).netloc


FOREIGN = [
    ("Host", "evil.example"),
    ("Host", "evil.example:{port}"),
    ("Host", "localhost:{port}"),
    ("Host", "127.0.0.1"),
    ("Host", "127.0.0.1:1"),
    ("Host", "{own}."),
    ("Host", ""),
    ("Origin", "https://evil.example"),
    ("Origin", "http://localhost:{port}"),
    ("Origin", "https://{own}"),
    ("Origin", "http://127.0.0.1:1"),
    ("Origin", "null"),
    ("Origin", ""),
    ("Origin", "http://{own}/"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"),
    ("Sec-Fetch-Site", "none"),
]


def test_another_name_or_origin_is_refused_even_with_the_secret(page):
    for header, value in FOREIGN:
        sent = {header: value.format(own=own(page), port=urlsplit(page.url).port)}
        forbidden = (403, "forbidden")
        assert told_by(page.client.get("/api/session", headers=sent)) == forbidden, sent
        assert told_by(page.client.post("/api/call/end_match", headers=sent, json={})) == forbidden, sent
        if header != "Sec-Fetch-Site":
            # nor do others learn that this is such a page
            assert told_by(httpx.get(page.url, headers=sent)) == forbidden, sent


def test_the_page_itself_is_let_in(page):
    own_page = {"Origin": page.url, "Sec-Fetch-Site": "same-origin"}
    assert page.client.get("/api/session", headers=own_page).status_code == 200
    # the file leads here, which is another site to the browser
    assert httpx.get(page.url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_what_a_form_of_another_site_can_send_does_nothing(page, db):
    """A simple request: without a header of its own, and perhaps without an origin."""
    answer = httpx.post(
        f"{page.url}/api/call/change_settings",
        content='{"changes": {"exposure_limit": 1}, "reason": "x"}',
        headers={"Content-Type": "text/plain"},
    )
    assert told_by(answer) == (401, "unauthorized")
    asked = httpx.options(
        f"{page.url}/api/call/change_settings",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert told_by(asked) == (403, "forbidden")
    assert db.execute("select count(*) as n from wingman.operator_decisions").fetchone() == {"n": 0}


def test_a_request_with_two_names_or_none(page):
    port = urlsplit(page.url).port
    for head in ("", f"Host: {own(page)}\r\nHost: evil.example\r\n"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"GET /api/session HTTP/1.0\r\n{head}\r\n".encode())
            answer = connection.makefile("rb").read()
        assert answer.split()[1] in (b"400", b"403"), answer


def test_only_this_machine_can_connect(page):
    port = urlsplit(page.url).port
    listening = [
        one.laddr.ip
        for one in psutil.Process().net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr.port == port
    ]
    assert listening == ["127.0.0.1"]


def test_a_body_that_is_too_long(writing_page, db):
    answer = writing_page.call("change_settings", changes={}, reason="x" * 70_000)
    assert told_by(answer) == (413, "too_large")
    assert db.execute("select count(*) as n from wingman.operator_decisions").fetchone() == {"n": 0}
