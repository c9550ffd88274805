"""Web push: what the browser can read, what the push service is told, and what its answers mean."""

import base64
import json
import ssl
from datetime import UTC, datetime, timedelta
from time import time

import jwt
import pytest
from browsers import Browser, text_of
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from made_deliveries import attempt, delivery, results
from receivers import Reply, receiving
from wingmanmatch.deliver.addresses import CheckedNetwork, is_public
from wingmanmatch.deliver.delivery import Result
from wingmanmatch.deliver.posting import Poster
from wingmanmatch.deliver.web_push import Vapid, VapidKeyError, WebPushChannel, instructions

HOST = "push.test"
KEY = ec.generate_private_key(ec.SECP256R1())
PRIVATE = text_of(KEY.private_numbers().private_value.to_bytes(32))
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = text_of(KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
CONTACT = "mailto:push@wingman.test"


@pytest.fixture
def service(authority):
    """A push service."""
    with receiving(authority.server_context(HOST)) as service:
        service.answers(201)
        yield service


@pytest.fixture
def channel(authority, service):
    """Makes channels that find the service under its name: ``channel(allows=…)``."""

    def make(*, allows=lambda address: True, tls=None, others=()):
        async def resolve(host, port):
            assert port == 443
            return [*others, ("127.0.0.1", service.port)]

        network = CheckedNetwork(resolve, allows)
        return WebPushChannel(Poster(4, tls or authority.client_context(), network), Vapid(PRIVATE, CONTACT))

    return make


def pushed(browser=None, endpoint=f"https://{HOST}/send/abc?x=%2B", **others):
    return delivery((browser or Browser()).subscription(endpoint), **others)


def test_the_browser_can_read_it(service, channel):
    browser = Browser()
    given = pushed(browser, title="Ein Treffen", body="Es gibt Neues. ✓", session_id=None)
    assert attempt(channel(), given) == [Result("sent")]
    (request,) = service.requests
    assert request.path == "/send/abc?x=%2B"
    assert request.headers["Host"] == HOST
    assert request.headers["Content-Encoding"] == "aes128gcm"
    assert browser.decrypted(request.body) == {
        "title": "Ein Treffen",
        "body": "Es gibt Neues. ✓",
        "kind": "session_moved",
        "notification_id": str(given.notification_id),
        "match_id": str(given.match_id),
        "session_id": None,
    }
    assert b"Treffen" not in request.body


def test_the_push_service_can_see_who_sends(service, channel):
    attempt(channel(), pushed())
    scheme, _, rest = service.requests[0].headers["Authorization"].partition(" ")
    given = dict(part.split("=", 1) for part in rest.split(","))
    assert (scheme, given["k"]) == ("vapid", PUBLIC)
    claims = jwt.decode(given["t"], KEY.public_key(), algorithms=["ES256"], audience=f"https://{HOST}")
    assert claims["sub"] == CONTACT
    assert 0 < claims["exp"] - time() < 24 * 3600


def test_one_token_serves_many_messages(service, channel):
    attempt(channel(), pushed(), pushed())
    assert len({request.headers["Authorization"] for request in service.requests}) == 1
    assert service.connections == 1


def test_a_token_is_replaced_in_time(monkeypatch):
    vapid = Vapid(PRIVATE, CONTACT)
    first = vapid.authorization("https://push.test")
    assert vapid.authorization("https://push.test") == first
    assert vapid.authorization("https://other.test") != first
    now = time()
    monkeypatch.setattr("wingmanmatch.deliver.web_push.time", lambda: now + 11.5 * 3600)
    assert vapid.authorization("https://push.test") != first


def test_what_the_push_service_is_to_do():
    now = datetime(2030, 5, 4, 12, 0, tzinfo=UTC)
    given = pushed()
    topic = base64.urlsafe_b64encode(given.notification_id.bytes).rstrip(b"=").decode()
    always = {"TTL": "2419200", "Urgency": "normal", "Topic": topic}
    assert instructions(given, now) == always
    assert len(topic) <= 32
    for left, ttl, urgency in [
        (timedelta(days=90), "2419200", "normal"),
        (timedelta(hours=3), "10800", "normal"),
        (timedelta(hours=1, microseconds=1), "3600", "high"),
        (timedelta(seconds=-5), "0", "high"),
    ]:
        told = instructions(pushed(useful_until=now + left), now)
        assert (told["TTL"], told["Urgency"]) == (ttl, urgency)
    assert "Topic" not in instructions(pushed(notification_id=None), now)


@pytest.mark.parametrize(
    ("status", "outcome", "error"),
    [
        (200, "sent", None),
        (201, "sent", None),
        (202, "sent", None),
        (301, "retry", "http_301"),
        (400, "failed", "http_400"),
        (401, "retry", "http_401"),
        (403, "retry", "http_403"),
        (404, "gone", "http_404"),
        (410, "gone", "http_410"),
        (413, "failed", "http_413"),
        (429, "retry", "http_429"),
        (500, "retry", "http_500"),
        (503, "retry", "http_503"),
    ],
)
def test_what_an_answer_means(service, channel, status, outcome, error):
    service.answers(status)
    assert results(channel(), [pushed()]) == [(outcome, error)]


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_the_service_wants(service, channel, status):
    service.answers(status, Retry_After="60")
    assert attempt(channel(), pushed()) == [Result("retry", f"http_{status}", 60)]


def test_a_redirect_is_not_followed(service, channel):
    with receiving() as other:
        service.answers(308, Location=f"{other.url}/elsewhere")
        assert results(channel(), [pushed()]) == [("retry", "http_308")]
        assert other.requests == []
    assert len(service.requests) == 1


def test_an_answer_without_end_is_cut_off(service, channel):
    service.reply = lambda request: Reply(201, is_endless=True)
    assert results(channel(), [pushed()]) == [("sent", None)]
    assert service.sent_bytes < 50_000_000


def test_a_name_that_leads_to_a_private_address(service, channel):

    public = ("93.184.216.34", 443)
    assert results(channel(allows=is_public), [pushed()]) == [("retry", "address_not_allowed")]
    assert results(channel(allows=is_public, others=[public]), [pushed()]) == [
        ("retry", "address_not_allowed")
    ]
    assert service.connections == 0


@pytest.mark.parametrize(
    "endpoint",
    [f"http://{HOST}/", f"https://{HOST}:8443/", f"https://user@{HOST}/"],
)
def test_an_address_that_is_not_called(service, channel, endpoint):
    assert results(channel(), [pushed(endpoint=endpoint)]) == [("failed", "address_not_allowed")]
    assert service.connections == 0


def test_the_certificate_must_be_that_of_the_name(channel):
    untrusting = channel(tls=ssl.create_default_context())
    assert results(untrusting, [pushed()]) == [("retry", "certificate_not_valid")]
    other = pushed(endpoint="https://other.test/")
    assert results(channel(), [other]) == [("retry", "certificate_not_valid")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("p256dh", ""),
        ("p256dh", "AAAA"),
        ("p256dh", "%%%"),
        # no point of the curve
        ("p256dh", text_of(b"\4" + b"\1" * 64)),
        ("auth", ""),
        ("auth", "%%%"),
    ],
)
def test_keys_that_are_none(service, channel, name, value):
    given = pushed()
    given.target[name] = value
    assert results(channel(), [given]) == [("gone", "key_not_valid")]


def test_a_text_that_is_too_long(service, channel):
    assert results(channel(), [pushed(body="x" * 4000)]) == [("failed", "too_long")]
    assert results(channel(), [pushed(body="x" * 3600)]) == [("sent", None)]
    assert len(service.requests[0].body) <= 4096


def test_keys_of_an_operator():
    assert Vapid(PEM, CONTACT).authorization("https://push.test").endswith(f"k={PUBLIC}")
    for key, contact in [
        ("", CONTACT),
        ("no key", CONTACT),
        (PRIVATE[:-4], CONTACT),
        (text_of(b"\0" * 32), CONTACT),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", CONTACT),
        (PRIVATE, "push@wingman.test"),
        (PRIVATE, ""),
    ]:
        with pytest.raises(VapidKeyError) as told:
            Vapid(key, contact)
        assert not key or key not in str(told.value)


def test_it_has_no_secret_of_the_operator(service, channel):
    attempt(channel(), pushed())
    (request,) = service.requests
    everything = json.dumps(dict(request.headers)) + request.body.hex()
    assert PRIVATE not in everything
