"""Access tokens: whose they are, and every way in which one can be invalid."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from refusing import is_failure
from serving import SECRET, bearer, claims_of, signed
from waiting import until
from wingmanmatch.http.keys import PublishedKeys
from wingmanmatch.http.settings import Settings, UnsafeSettingsError
from wingmanmatch.http.tokens import InvalidTokenError, Tokens
from wire import connected, read_all

CALL = "/api/list-matches"


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(65_537, 2048)


@pytest.fixture(scope="module")
def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def published(key, key_id, **others):
    """A key as a JWKS has it."""
    algorithm = (
        jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    )
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id, "use": "sig", **others}


def pem(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


def encoded(part):
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hand_signed(header, claims, secret):
    """An HS256 token whatever its header says, as a library would refuse to make it."""
    signed_part = f"{encoded(header)}.{encoded(claims)}"
    signature = hmac.new(secret, signed_part.encode(), hashlib.sha256).digest()
    return f"{signed_part}.{encoded(signature)}"


def call(http, token):
    return http.post(CALL, headers=bearer(token))


def holds(http, token):
    answer = call(http, token)
    assert answer.status_code in (200, 401), answer.text
    if answer.status_code == 401:
        assert set(answer.json()) == {"detail", "error", "hint"}
        assert answer.json()["detail"] == "Authentication required"
    return answer.status_code == 200


def test_tokens_with_the_secret(http):
    now = int(time.time())
    assert holds(http, signed(claims_of(uuid4())))
    assert holds(http, signed(claims_of(uuid4(), aud=["other", "authenticated"])))
    assert holds(http, signed(claims_of(uuid4(), exp=now - 5)))  # clocks differ a little
    assert holds(http, signed(claims_of(uuid4(), nbf=now - 60)))
    assert holds(http, signed(claims_of(uuid4(), iat=now + 5)))
    for wrong in [
        {"exp": now - 60},
        {"exp": "tomorrow"},
        {"exp": None},
        {"exp": -1},
        {"nbf": now + 600},
        {"iat": now + 3600},
        {"iat": "yesterday"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": None},
        {"aud": 7},
        {"role": "wingman_admin"},
        {"role": "wingman_owner"},
        {"role": "postgres"},
        {"role": "authenticator"},
        {"role": "none"},
        {"role": "Authenticated"},
        {"role": ""},
        {"role": None},
        {"role": ["authenticated"]},
    ]:
        assert not holds(http, signed({**claims_of(uuid4()), **wrong})), wrong
    for left_out in ("exp", "role", "aud"):
        claims = claims_of(uuid4())
        del claims[left_out]
        assert not holds(http, signed(claims)), left_out


@pytest.mark.exhaustive
def test_a_token_that_is_known_ends_with_its_time(serve):
    with httpx.Client(base_url=serve(jwt_leeway_seconds=0.0)) as http:
        brief = signed(claims_of(uuid4(), exp=int(time.time()) + 2))
        assert holds(http, brief)
        assert holds(http, brief)
        until(lambda: not holds(http, brief))
        assert not holds(http, brief)


def test_few_tokens_are_remembered(http_settings, monkeypatch):
    monkeypatch.setattr("wingmanmatch.http.tokens._MOST_KNOWN", 3)
    tokens = Tokens(http_settings, PublishedKeys(http_settings))
    given = [signed(claims_of(uuid4(), number=number)) for number in range(9)]
    for number, token in [*enumerate(given), *enumerate(given)]:
        for _ in range(2):
            claims = json.loads(asyncio.run(tokens.identity(token)).claims)
            assert claims["number"] == number
        with pytest.raises(InvalidTokenError):
            asyncio.run(tokens.identity(token[:-4] + "AAAA"))
        assert len(tokens._known) <= 3


def test_a_key_of_a_project_has_no_audience(http, token):
    assert call(http, token(role="service_role")).json()["error"] == "missing_argument"
    is_failure(call(http, token(role="service_role", aud="other")), "not_authenticated", 401)


def test_a_token_without_a_user(http):
    for claims in [{"sub": None}, {"sub": "x"}, {"sub": 7}, {"sub": {}}, {"sub": "\0"}]:
        is_failure(call(http, signed({**claims_of(uuid4()), **claims})), "not_authenticated", 401)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_signatures(http, rsa_key, ec_key):
    claims = claims_of(uuid4())
    good = signed(claims)
    head, body, signature = good.split(".")
    other = encoded(claims_of(uuid4()))
    forged = [
        signed(claims, "another secret, long enough for HS256!"),
        signed(claims, SECRET, "HS384"),
        signed(claims, SECRET, "HS512"),
        signed(claims, rsa_key, "RS256"),
        signed(claims, ec_key, "ES256"),
        signed(claims, "", "none"),
        f"{encoded({'alg': 'none'})}.{body}.",
        f"{encoded({'alg': 'None'})}.{body}.",
        f"{encoded({'alg': 'none'})}.{body}.{signature}",
        f"{encoded({'typ': 'JWT'})}.{body}.{signature}",
        f"{encoded({'alg': ['HS256']})}.{body}.{signature}",
        f"{encoded({'alg': 'HS256', 'crit': ['exp'], 'b64': False})}.{body}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{other}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{good}.{signature}",
        hand_signed({"alg": "HS256"}, b"[]", SECRET.encode()),
        hand_signed({"alg": "HS256"}, b"{", SECRET.encode()),
        hand_signed({"alg": "HS256"}, b'{"exp": 1e999, "role": "anon"}', SECRET.encode()),
        hand_signed({"alg": "HS256"}, b"[" * 5000, SECRET.encode()),
        hand_signed({"alg": "HS256", "kid": {"a": [1]}}, {**claims, "exp": 1}, SECRET.encode()),
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "ÿ.ÿ.ÿ",
        SECRET,
    ]
    assert holds(http, good)
    for token in forged:
        answer = http.post(CALL, headers={"Authorization": f"Bearer {token}".strip().encode("latin-1")})
        is_failure(answer, "not_authenticated", 401)
        assert "www-authenticate" in answer.headers


def test_how_the_token_is_sent(http):
    good = signed(claims_of(uuid4()))

    def send(*values):
        return http.post(CALL, headers=[("Authorization", value) for value in values]).status_code

    assert send(f"Bearer {good}") == send(f"bearer  {good}") == 200
    for wrong in [
        "Bearer",
        good,
        f"Basic {good}",
        f"Token {good}",
        f"Bearer {good}, Bearer {good}",
    ]:
        assert send(wrong) == 401, wrong
    assert send(f"Bearer {good}", f"Bearer {good}") == 401
    assert http.post(f"{CALL}?access_token={good}").status_code == 401


def test_published_keys(serve, rsa_key, ec_key):
    jwks = {"keys": [published(rsa_key, "r"), published(ec_key, "e")]}
    claims = claims_of(uuid4())
    with httpx.Client(base_url=serve(jwks=jwks)) as http:
        assert holds(http, signed(claims, rsa_key, "RS256", kid="r"))
        assert holds(http, signed(claims, ec_key, "ES256", kid="e"))
        assert holds(http, signed(claims, rsa_key, "RS256"))  # the only one of its kind
        assert holds(http, signed(claims))
        others = rsa.generate_private_key(65_537, 2048), ec.generate_private_key(ec.SECP256R1())
        for forged in [
            signed(claims, others[0], "RS256", kid="r"),
            signed(claims, others[1], "ES256", kid="e"),
            signed(claims, rsa_key, "RS256", kid="e"),
            signed(claims, rsa_key, "RS512", kid="r"),
            signed(claims, rsa_key, "PS256", kid="r"),
            signed(claims, others[0], "RS256", jwk=published(others[0], "r")),
            signed(claims, others[0], "RS256", jku="http://127.0.0.1:9/", kid="r"),
            # the published key as if it were the secret
            hand_signed({"alg": "HS256", "kid": "r"}, claims, pem(rsa_key)),
            hand_signed({"alg": "RS256", "kid": "r"}, claims, pem(rsa_key)),
            hand_signed({"alg": "HS256", "kid": "e"}, claims, pem(ec_key)),
            hand_signed({"alg": "HS256", "kid": "r"}, claims, json.dumps(published(rsa_key, "r")).encode()),
        ]:
            is_failure(call(http, forged), "not_authenticated", 401)


def test_without_a_secret_nothing_shared_verifies(serve, rsa_key):
    shared = {"kty": "oct", "k": encoded(SECRET.encode()), "kid": "s", "alg": "HS256"}
    jwks = {"keys": [published(rsa_key, "r"), shared, {"kty": "EC", "crv": "no"}, "x"]}
    claims = claims_of(uuid4())
    with httpx.Client(base_url=serve(jwt_secret=None, jwks=jwks)) as http:
        assert holds(http, signed(claims, rsa_key, "RS256", kid="r"))
        for token in [
            signed(claims),
            signed(claims, SECRET, kid="s"),
            hand_signed({"alg": "HS256", "kid": "r"}, claims, pem(rsa_key)),
            hand_signed({"alg": "HS256", "kid": "r"}, claims, b""),
        ]:
            is_failure(call(http, token), "not_authenticated", 401)


@contextmanager
def issuer(keys, may_answer=None):
    """Publishes keys over HTTP, once it may answer: its URL, and the times at which it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(time.monotonic())
            if may_answer:
                may_answer.wait(15)
            body = json.dumps({"keys": keys}).encode()
            self.send_response(200 if keys else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/jwks.json", asked
        server.shutdown()


def test_keys_are_fetched_kept_and_rotated(serve, rsa_key, ec_key):
    keys = []
    with issuer(keys) as (jwks_url, asked):
        url = serve(jwt_secret=None, jwks_url=jwks_url, jwks_min_age_seconds=0.0)
        claims = claims_of(uuid4())
        old, new = signed(claims, rsa_key, "RS256", kid="old"), signed(claims, ec_key, "ES256", kid="new")
        with httpx.Client(base_url=url) as http:
            # at the start, in vain
            until(lambda: asked)
            is_failure(call(http, old), "keys_unavailable", 503)
            keys.append(published(rsa_key, "old"))
            assert holds(http, old)
            times = len(asked)
            assert holds(http, old)
            assert len(asked) == times
            # the issuer rotates: the new key is asked for when it is met
            keys[:] = [published(ec_key, "new")]
            assert holds(http, new)
            assert len(asked) == times + 1
            assert not holds(http, old)
            # the issuer is away: what is known goes on
            keys.clear()
            assert not holds(http, signed(claims, ec_key, "ES256", kid="newer"))
            assert holds(http, new)


def test_a_flood_of_unknown_keys_is_no_flood_of_fetches(serve, rsa_key):
    with issuer([published(rsa_key, "r")]) as (jwks_url, asked):
        claims = claims_of(uuid4())
        with httpx.Client(base_url=serve(jwks_url=jwks_url)) as http:
            for number in range(50):
                assert not holds(http, signed(claims, rsa_key, "RS256", kid=f"unknown {number}"))
            assert holds(http, signed(claims, rsa_key, "RS256", kid="r"))
        assert len(asked) == 1


@pytest.mark.exhaustive
def test_who_comes_while_keys_are_fetched_waits_for_them(serve, rsa_key, ec_key):
    keys, may_answer = [published(rsa_key, "old")], threading.Event()
    claims = claims_of(uuid4())
    old, new = signed(claims, rsa_key, "RS256", kid="old"), signed(claims, ec_key, "ES256", kid="new")
    with issuer(keys, may_answer) as (jwks_url, asked), ExitStack() as stack:
        url = serve(jwt_secret=None, jwks_url=jwks_url, jwks_min_age_seconds=1.0)
        http = stack.enter_context(httpx.Client(base_url=url))

        def send(token):
            """A call in progress that the server has accepted."""
            connection = stack.enter_context(connected(url))
            lines = [f"POST {CALL} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}"]
            connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
            assert http.get("/healthz").status_code == 200
            return connection

        first = send(old)
        until(lambda: asked)
        second = send(old)
        may_answer.set()
        assert [read_all(each)[:12] for each in (first, second)] == [b"HTTP/1.1 200"] * 2
        # the same when the issuer rotates; a known key waits for nobody
        may_answer.clear()
        keys.append(published(ec_key, "new"))
        until(lambda: time.monotonic() - asked[-1] > 1.0)
        first = send(new)
        until(lambda: len(asked) == 2)
        second = send(new)
        assert holds(http, old)
        may_answer.set()
        assert [read_all(each)[:12] for each in (first, second)] == [b"HTTP/1.1 200"] * 2


def test_old_keys_are_fetched_again(serve, rsa_key, ec_key):
    keys = [published(rsa_key, "r")]
    with issuer(keys) as (jwks_url, asked):
        old = signed(claims_of(uuid4()), rsa_key, "RS256", kid="r")
        with httpx.Client(base_url=serve(jwks_url=jwks_url, jwks_max_age_seconds=0.0)) as http:
            assert holds(http, old)
            # a key that was withdrawn no longer counts
            keys[:] = [published(ec_key, "r")]
            assert not holds(http, old)
            keys[:] = [published(rsa_key, "r")]
            assert holds(http, old)
            # nor does one that another key of its kind has taken the name of
            keys[:] = [published(rsa.generate_private_key(65_537, 2048), "r")]
            assert not holds(http, old)
        assert len(asked) >= 4


def test_the_issuer_where_it_is_checked(serve):
    with httpx.Client(base_url=serve(jwt_issuer="https://a.example/auth/v1")) as http:
        assert holds(http, signed(claims_of(uuid4(), iss="https://a.example/auth/v1")))
        assert not holds(http, signed(claims_of(uuid4(), iss="https://b.example/auth/v1")))
        assert not holds(http, signed(claims_of(uuid4())))


def test_a_key_for_frontends_that_is_no_token(serve):
    with httpx.Client(base_url=serve(anon_key="sb_publishable_x")) as http:
        for headers in ({"apikey": "sb_publishable_x"}, bearer("sb_publishable_x")):
            answer = http.post("/rest/v1/rpc/get_profile", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "42501")
        answer = http.post("/rest/v1/rpc/get_profile", headers={"apikey": "sb_publishable_y"})
        assert (answer.status_code, answer.json()["code"]) == (401, "PGRST301")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"jwt_secret": ""},
        {"jwt_secret": "short"},
        {"jwt_secret": "x" * 31},
        {"jwks": {}},
        {"jwt_secret": SECRET, "cors_origins": ("https://app.example/",)},
        {"jwks_url": "file:///etc/jwks.json"},
        {"jwks_url": "a.example/jwks.json"},
        {"jwt_secret": SECRET, "request_timeout_seconds": float("inf")},
        {"jwt_secret": SECRET, "request_timeout_seconds": 0.0},
        {"jwt_secret": SECRET, "anon_key": SECRET},
    ],
)
def test_settings_that_are_not_safe(given):
    with pytest.raises(UnsafeSettingsError):
        Settings("postgresql://authenticator@localhost/wingman", **given)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://app.example/", "https://app.example"),
        ("https://app.example/page?x=1#y", "https://app.example"),
        ("app.example", "https://app.example"),
        ("app.example:8443", "https://app.example:8443"),
        ("https://App.Example", "https://app.example"),
        ("HTTP://app.example", "http://app.example"),
        ("https://app.example:443", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("https://me@app.example", "https://app.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://*.example:no", "https://host"),
        ("https://", "https://host"),
        ("", "https://host"),
        (" https://app.example", "https://app.example"),
    ],
)
def test_an_origin_that_no_page_has_is_refused(given, meant):
    with pytest.raises(UnsafeSettingsError, match=f"write {re.escape(meant)}$"):
        Settings("postgresql://x@y/z", jwt_secret=SECRET, cors_origins=("https://a.example", given))


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "http://localhost:3000",
        "https://app.example",
        "https://[::1]:8443",
        "capacitor://localhost",
    ],
)
def test_an_origin_that_pages_have(origin):
    settings = Settings("postgresql://x@y/z", jwt_secret=SECRET, cors_origins=(origin,))
    assert settings.cors_origins == (origin,)


def test_keys_that_cannot_be_fetched_are_told_at_the_start(serve, caplog):
    serve(jwks_url="http://secret@127.0.0.1:1/jwks.json")
    told = "The JWKS could not be fetched from 127.0.0.1: ConnectError"
    until(lambda: told in [record.getMessage() for record in caplog.records])


def test_keys_of_which_none_is_of_use(http_settings):
    with pytest.raises(UnsafeSettingsError, match="no public key"):
        PublishedKeys(replace(http_settings, jwks={"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}))


def test_settings_do_not_show_what_is_secret():
    shown = repr(Settings("postgresql://authenticator:pass@localhost/wingman", jwt_secret=SECRET))
    assert "pass@" not in shown
    assert SECRET not in shown
