"""The links in e-mails: opened by anybody and anything, and pressed."""

import html
import logging
import re
import time
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from browsing import violations
from channels.outbox import add_address
from refusing import is_failure
from rows import all_rows
from serving import LINK_KEY as KEY
from serving import SECRET, bearer, claims_of, signed, wingman_serve
from waiting import until
from wingmanmatch.http.link_pages import language_of
from wingmanmatch.http.links import (
    CONFIRM_PATH,
    UNSUBSCRIBE_PATH,
    ExpiredLinkError,
    InvalidLinkError,
    link,
    sign_confirmation,
    sign_unsubscribe,
    verify_confirmation,
    verify_unsubscribe,
)
from wingmanmatch.http.logs import JsonFormatter
from wingmanmatch.http.record import LOGGED
from wingmanmatch.http.settings import Settings, UnsafeSettingsError
from wire import raw

PATHS = (CONFIRM_PATH, UNSUBSCRIBE_PATH)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
EACH_FORM = [
    {},
    {"data": ONE_CLICK},
    {"files": {name: (None, value) for name, value in ONE_CLICK.items()}},
    {"content": b"\0\xff", "headers": {"Content-Type": "application/json"}},
]


@pytest.fixture
def user_id(db, people):
    """Somebody with an address that is not confirmed."""
    user_id = people.add()
    add_address(db, user_id, confirmed=False)
    return user_id


@pytest.fixture
def address_id(db, user_id):
    return db.execute("select id from wingman.email_addresses").fetchone()["id"]


@pytest.fixture
def confirm(address_id):
    """The path and query of the link that confirms the address."""
    return link("", CONFIRM_PATH, sign_confirmation(KEY, address_id, 60))


@pytest.fixture
def unsubscribe(user_id):
    return link("", UNSUBSCRIBE_PATH, sign_unsubscribe(KEY, user_id))


def is_confirmed(db):
    (row,) = db.execute("select confirmed_at is not null as it_is from wingman.email_addresses").fetchall()
    return row["it_is"]


def is_unsubscribed(db, user_id):
    query = "select kinds from wingman.channel_settings where user_id = %s and channel = 'email'"
    return [row["kinds"] for row in db.execute(query, [user_id])] == [[]]


def heading(answer, status=200):
    """The heading of a page, which is one as it should be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'self';"
        r" frame-ancestors 'none'",
        policy,
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    assert not re.search(r"<script|<img|<link|<iframe|src=|href=|url\(|Traceback", answer.text)
    assert f'<html lang="{answer.headers["content-language"]}">' in answer.text
    (told,) = re.findall("<h1>(.*)</h1>", answer.text)
    assert f"<title>{told} - WingmanMatch</title>" in answer.text
    return html.unescape(told)


# ---------------------------------------------------------------- opened and pressed


def test_an_address_is_confirmed_by_pressing_the_button(db, http, confirm):
    before = all_rows(db)
    opened = http.get(confirm)
    assert heading(opened) == "Confirm your e-mail address"
    assert '<form method="post"><button type="submit">Confirm</button></form>' in opened.text
    assert all_rows(db) == before
    for _ in range(2):
        done = http.post(confirm)
        assert heading(done) == "Your e-mail address is confirmed"
        assert "<form" not in done.text
        assert is_confirmed(db)


@pytest.mark.parametrize("path", ["/api/set-notification-settings", "/rest/v1/rpc/set_notification_settings"])
def test_an_address_from_an_access_token_to_its_confirmation(db, people, http, token, path):
    ana = people.add()

    def settings(access, **given):
        answer = http.post(path, json={"channel": "email", **given}, headers=bearer(access))
        assert answer.status_code == 200, answer.text
        return answer.json()["address"], answer.json()["is_reachable"]

    assert settings(token(ana)) == (None, False)
    service = token(role="service_role", email="ana@a.example")
    assert settings(service, user_id=str(ana)) == (None, False)
    assert settings(token(ana, email="ana@a.example")) == ("ana@a.example", False)
    (row,) = db.execute("select id from wingman.email_addresses").fetchall()
    first = link("", CONFIRM_PATH, sign_confirmation(KEY, row["id"], 60))
    assert heading(http.post(first)) == "Your e-mail address is confirmed"
    assert settings(token(ana)) == ("ana@a.example", True)
    assert settings(token(ana, email="ana@b.example")) == ("ana@b.example", False)
    assert heading(http.post(first), 410) == "This link no longer works"
    assert settings(token(ana)) == ("ana@b.example", False)


def test_a_user_is_unsubscribed_by_pressing_the_button(db, http, user_id, unsubscribe):
    before = all_rows(db)
    opened = http.get(unsubscribe)
    assert heading(opened) == "Unsubscribe from e-mails"
    assert '<form method="post"><button type="submit">Unsubscribe</button></form>' in opened.text
    assert all_rows(db) == before
    for _ in range(2):
        assert heading(http.post(unsubscribe)) == "You are unsubscribed"
        assert is_unsubscribed(db, user_id)


@pytest.mark.every
@pytest.mark.parametrize("form", EACH_FORM, ids=["empty", "urlencoded", "multipart", "anything"])
def test_a_mail_program_unsubscribes_with_one_click(db, http, user_id, unsubscribe, form):
    assert not is_unsubscribed(db, user_id)
    assert heading(http.post(unsubscribe, **form)) == "You are unsubscribed"
    assert is_unsubscribed(db, user_id)


def test_a_scanner_that_opens_every_link_changes_nothing(db, http, user_id, confirm, unsubscribe):
    before = all_rows(db)
    for path in (confirm, unsubscribe):
        for _ in range(100):
            assert heading(http.get(path)) in ("Confirm your e-mail address", "Unsubscribe from e-mails")
            answer = http.head(path)
            assert (answer.status_code, answer.content) == (200, b"")
    assert all_rows(db) == before
    assert not is_confirmed(db)
    assert not is_unsubscribed(db, user_id)


def test_only_the_token_is_trusted(db, people, http, user_id, unsubscribe):
    other = people.add()
    headers = {
        **bearer(signed(claims_of(other))),
        "Cookie": f"user_id={other}",
        "Origin": "https://e.example",
    }
    body = {"user_id": str(other), "token": sign_unsubscribe(KEY, other), "channel": "web_push"}
    assert heading(http.post(f"{unsubscribe}&user_id={other}", data=body, headers=headers))
    rows = db.execute("select user_id, channel from wingman.channel_settings").fetchall()
    assert rows == [{"user_id": user_id, "channel": "email"}]


@pytest.mark.parametrize("path", ["confirm", "unsubscribe"])
def test_what_the_link_was_about_is_gone(db, http, request, user_id, path):
    url = request.getfixturevalue(path)
    db.execute("delete from auth.users where id = %s", [user_id])
    before = all_rows(db)
    assert heading(http.get(url))
    for _ in range(2):
        assert heading(http.post(url), 410) == "This link no longer works"
    assert all_rows(db) == before


def test_a_link_that_has_expired(db, http, address_id):
    expired = link("", CONFIRM_PATH, sign_confirmation(KEY, address_id, -1))
    for send in (http.get, http.post):
        assert heading(send(expired), 410) == "This link no longer works"
    assert not is_confirmed(db)


def test_other_methods(db, http, confirm, unsubscribe):
    before = all_rows(db)
    for path in (confirm, unsubscribe):
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = http.request(method, path)
            assert heading(answer, 405)
            assert answer.headers["allow"] == "GET, HEAD, POST"
    assert all_rows(db) == before


@pytest.mark.every
@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("en;q=0.1, de;q=0.2", "de"),
        ("de;q=0.2, en; q=0.3", "en"),
        ("fr, de;q=0.5, en;q=0.4", "de"),
        ("de;q=0", "en"),
        ("en;q=0, de", "de"),
        ("*", "en"),
        ("fr", "en"),
        ("de, de;q=0", "de"),
        ("de;q=7", "en"),
        ("deutsch", "en"),
        ("\0,;,;q=,-,de;q", "en"),
        ("de" + "-a" * 4000, "de"),
        ("-" * 8000, "en"),
    ],
)
def test_the_language(accepted, language):
    assert language_of(accepted) == language


def test_pages_in_german(http, confirm, unsubscribe):
    http.headers["Accept-Language"] = "de"
    assert heading(http.get(confirm)) == "E-Mail-Adresse bestätigen"
    assert heading(http.post(confirm)) == "Deine E-Mail-Adresse ist bestätigt"
    assert heading(http.get(unsubscribe)) == "E-Mails abbestellen"
    assert heading(http.post(unsubscribe)) == "Du bekommst keine E-Mails mehr"
    assert heading(http.get(CONFIRM_PATH), 400) == "Dieser Link ist ungültig"


# ---------------------------------------------------------------- tokens that are not ours


def unsecured(claims):
    return jwt.encode(claims, None, "none")


def forged(user_id, address_id):
    """Tokens that neither path takes."""
    soon = int(time.time()) + 60
    ours = [{"aud": "unsubscribe", "sub": str(user_id)}]
    ours += [{"aud": "email-confirmation", "sub": str(address_id), "exp": soon}]
    for claims in ours:
        yield signed(claims)  # by the secret of access tokens
        yield signed(claims, "another key, long enough for HS256 too")
        yield unsecured(claims)
        yield f"{unsecured(claims)}{signed(claims, KEY).rpartition('.')[2]}"
        yield signed(claims, KEY, "HS384")
        yield signed(claims, KEY, "HS512")
        yield signed(claims, KEY)[:-4] + "AAAA"
        yield signed(claims, KEY)[:-1]
        yield signed(claims, KEY).rpartition(".")[0]
        yield f"{signed(claims, KEY)}.x"
        yield signed({**claims, "aud": [claims["aud"]]}, KEY)
        yield signed({**claims, "aud": ["unsubscribe", "email-confirmation"]}, KEY)
        yield signed({**claims, "sub": "<b>x</b>"}, KEY)
        yield signed({**claims, "sub": None}, KEY)
        yield signed({"aud": claims["aud"], "exp": soon}, KEY)
        yield signed({"sub": claims["sub"], "exp": soon}, KEY)
        yield signed({**claims, "nbf": soon}, KEY)
        yield signed({**claims, "exp": "soon"}, KEY)
        yield signed({**claims, "more": "x" * 1000}, KEY)
    yield signed(claims_of(user_id))
    yield signed(claims_of(user_id), KEY)
    yield signed(claims_of(role="service_role"), KEY)
    # without an end
    yield signed({"aud": "email-confirmation", "sub": str(address_id)}, KEY)
    yield from [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "ÿ.ÿ.ÿ",
        "\0",
        "'; select 1 --",
        "<script>alert(1)</script>",
        KEY,
    ]
    yield str(user_id)
    yield '"><img src=x onerror=alert(1)>'
    yield "%" * 3000


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_tokens_that_are_not_ours_change_nothing(db, http, user_id, address_id):
    before = all_rows(db)
    sent = 0
    for token in forged(user_id, address_id):
        for path in PATHS:
            for method in ("GET", "POST"):
                answer = http.request(method, path, params={"token": token})
                assert heading(answer, 400) == "This link is not valid", (path, token)
                # nothing of what was sent is on the page
                assert len(token) < 4 or html.escape(token) not in answer.text
                assert "alert" not in answer.text
                sent += 1
    assert sent > 200
    assert all_rows(db) == before


def test_a_token_is_good_for_its_own_path_only(db, http, user_id, address_id):
    before = all_rows(db)
    for path, token in [
        (CONFIRM_PATH, sign_unsubscribe(KEY, address_id)),
        (UNSUBSCRIBE_PATH, sign_confirmation(KEY, user_id, 60)),
    ]:
        assert heading(http.post(link("", path, token)), 400)
    with pytest.raises(InvalidLinkError):
        verify_confirmation(KEY, sign_unsubscribe(KEY, address_id))
    with pytest.raises(InvalidLinkError):
        verify_unsubscribe(KEY, sign_confirmation(KEY, user_id, 60))
    assert all_rows(db) == before


def test_a_token_of_a_link_is_no_access_token(http, user_id, address_id):
    for token in (sign_unsubscribe(KEY, user_id), sign_confirmation(KEY, address_id, 60)):
        is_failure(http.post("/api/get-profile", headers=bearer(token)), "not_authenticated", 401)
    # not even if the keys were one
    is_failure(
        http.post("/api/get-profile", headers=bearer(sign_unsubscribe(SECRET, user_id))),
        "not_authenticated",
        401,
    )


def test_a_query_that_names_no_one_token(db, http, user_id):
    good = sign_unsubscribe(KEY, user_id)
    before = all_rows(db)
    for query in [
        "",
        "token",
        "token=",
        f"Token={good}",
        f"token={good}&token={good}",
        f"token={good}&token={sign_unsubscribe(KEY, uuid4())}",
        f"token={good}%00",
        f"token={good}{'&a=b' * 200}",
    ]:
        assert heading(http.post(f"{UNSUBSCRIBE_PATH}?{query}"), 400) == "This link is not valid", query
    assert heading(http.post(UNSUBSCRIBE_PATH, data={"token": good}, headers=bearer(good)), 400)
    assert all_rows(db) == before
    # as programs add to links
    assert (
        heading(http.post(f"{UNSUBSCRIBE_PATH}?utm_source=x&token={good}&utm_medium=mail"))
        == "You are unsubscribed"
    )


def test_what_is_too_long(db, http, http_url, unsubscribe):
    before = all_rows(db)
    garbage = "x" * 100_000
    answer = raw(http_url, f"GET {UNSUBSCRIBE_PATH}?token={garbage} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert garbage[:100].encode() not in answer
    assert (
        heading(http.get(UNSUBSCRIBE_PATH, params={"token": garbage[:17_000]}), 431)
        == "This link is not valid"
    )
    assert heading(http.post(unsubscribe, content=garbage), 413) == "This link is not valid"
    chunked = (garbage[:50_000].encode() for _ in range(2))
    assert heading(http.post(unsubscribe, content=chunked), 413)
    assert all_rows(db) == before


# ---------------------------------------------------------------- when something is in the way


def test_without_a_key_there_are_no_such_paths(serve, confirm, unsubscribe):
    with httpx.Client(base_url=serve(link_key=None)) as http:
        for path in (confirm, unsubscribe):
            for method in ("GET", "POST"):
                is_failure(http.request(method, path), "not_found", 404)


def test_a_database_that_does_not_answer(db, serve, connect, user_id, unsubscribe):
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("lock table wingman.channel_settings")
    with httpx.Client(base_url=serve(request_timeout_seconds=0.1)) as http:
        assert heading(http.post(unsubscribe), 504) == "That did not work"
    holder.rollback()
    assert not is_unsubscribed(db, user_id)


def test_what_the_log_and_the_metrics_say(serve, caplog, user_id, address_id, confirm, unsubscribe):
    def requests():
        return [record for record in caplog.records if record.msg == "request"]

    with caplog.at_level(logging.INFO, logger="wingmanmatch"), httpx.Client(base_url=serve()) as http:
        for path in (confirm, unsubscribe):
            http.get(path)
            http.post(path)
        http.get(f"{CONFIRM_PATH}?token=x.y.z")
        # the last is noted after its answer
        noted = until(lambda: len(found := requests()) == 5 and found)
        metrics = http.get("/metrics").text
    assert 'wingman_http_calls_total{function="unsubscribe",outcome="ok"} 1.0' in metrics
    told = [(record.function, record.outcome, record.role) for record in noted]
    assert told == [
        ("none", "ok", "none"),
        ("confirm_email_address", "ok", "none"),
        ("none", "ok", "none"),
        ("unsubscribe", "ok", "none"),
        ("none", "invalid_link", "none"),
    ]
    lines = "\n".join(JsonFormatter(LOGGED).format(record) for record in caplog.records)
    for secret in (str(user_id), str(address_id), *re.findall("token=(.*)", f"{confirm}\n{unsubscribe}")):
        assert secret not in lines


# ---------------------------------------------------------------- the key


@pytest.mark.parametrize(
    "given",
    [
        {"link_key": "x" * 31},
        {"link_key": SECRET},
        {"link_key": KEY, "anon_key": KEY},
    ],
)
def test_keys_that_are_not_safe(given):
    with pytest.raises(UnsafeSettingsError, match="link key"):
        Settings("postgresql://x@y/z", jwt_secret=SECRET, **given)


def test_the_key_is_not_shown():
    assert KEY not in repr(Settings("postgresql://x@y/z", jwt_secret=SECRET, link_key=KEY))


def test_ids_come_back_from_their_tokens():
    id_ = uuid4()
    assert verify_unsubscribe(KEY, sign_unsubscribe(KEY, id_)) == id_
    assert verify_confirmation(KEY, sign_confirmation(KEY, id_, 60)) == id_
    # the same in every e-mail
    assert sign_unsubscribe(KEY, id_) == sign_unsubscribe(KEY, UUID(str(id_)))
    with pytest.raises(ExpiredLinkError):
        verify_confirmation(KEY, sign_confirmation(KEY, id_, 0))
    assert link("https://a.example/", CONFIRM_PATH, "x") == "https://a.example/api/email/confirm?token=x"


@pytest.mark.exhaustive
def test_the_command_has_the_key(db, http_settings, user_id, unsubscribe):
    environment = {
        "WINGMAN_DATABASE_URL": http_settings.database_url,
        "WINGMAN_JWT_SECRET": SECRET,
        "WINGMAN_LINK_KEY": KEY,
    }
    with wingman_serve(**environment) as (_, url):
        answer = httpx.post(f"{url}{unsubscribe}", data=ONE_CLICK, timeout=30)
    assert heading(answer) == "You are unsubscribed"
    assert is_unsubscribed(db, user_id)


# ---------------------------------------------------------------- in a browser


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_buttons_in_a_browser(
    db, http_url, browser, user_id, confirm, unsubscribe, language, scheme, tmp_path
):
    requests, complaints = [], []
    context = browser.new_context(locale=language, color_scheme=scheme)
    page = context.new_page()
    page.on("request", lambda request: requests.append((request.method, request.url)))
    page.on("console", lambda message: complaints.append(message.text))
    for path, button, done in [
        (unsubscribe, {"en": "Unsubscribe", "de": "Abbestellen"}, lambda: is_unsubscribed(db, user_id)),
        (confirm, {"en": "Confirm", "de": "Bestätigen"}, lambda: is_confirmed(db)),
    ]:
        url = f"{http_url}{path}"
        page.goto(url)
        page.screenshot(path=tmp_path / f"{button['en']}.png")
        assert violations(page) == []
        assert not done()
        page.get_by_role("button", name=button[language]).click()
        page.wait_for_load_state()
        assert page.get_by_role("button").count() == 0
        assert violations(page) == []
        assert done()
        assert requests == [("GET", url), ("POST", url)]
        requests.clear()
    assert complaints == []
    context.close()
