"""Webhooks: what is sent, who can check it, and what the answers mean."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from os import urandom
from time import time

import pytest
from made_deliveries import attempt, delivery, results
from receivers import Reply, receiving
from standardwebhooks import Webhook, WebhookVerificationError
from wingmanmatch.deliver.delivery import Result
from wingmanmatch.deliver.posting import Poster
from wingmanmatch.deliver.webhook import WebhookChannel


def secret() -> str:
    return "whsec_" + b64encode(urandom(32)).decode()


def webhook(receiver, *secrets, path="/hook"):
    return {"url": receiver.url + path, "secrets": [*(secrets or [secret()])]}


def channel(tls=None) -> WebhookChannel:
    return WebhookChannel(Poster(4, tls))


def test_a_receiver_can_verify_it(receiver):
    key = secret()
    sent = delivery(webhook(receiver, key))
    assert attempt(channel(), sent) == [Result("sent")]
    (request,) = receiver.requests
    assert Webhook(key).verify(request.body, dict(request.headers)) == {
        "type": "session_moved",
        "timestamp": "2030-05-04T12:30:00.250000Z",
        "data": {
            "notification_id": str(sent.notification_id),
            "user_id": str(sent.user_id),
            "match_id": str(sent.match_id),
            "session_id": str(sent.session_id),
        },
    }
    assert request.path == "/hook"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["webhook-id"] == str(sent.id)
    assert abs(int(request.headers["webhook-timestamp"]) - time()) < 5
    with pytest.raises(WebhookVerificationError):
        Webhook(secret()).verify(request.body, dict(request.headers))


def test_it_has_ids_only(receiver):
    attempt(
        channel(), delivery(webhook(receiver), title="A title", body="A body", match_id=None, session_id=None)
    )
    (request,) = receiver.requests
    assert b"title" not in request.body.lower()
    assert json.loads(request.body)["data"]["match_id"] is None


def test_while_the_secret_changes_either_one_verifies_it(receiver):
    old, new = secret(), secret()
    attempt(channel(), delivery(webhook(receiver, new, old)))
    (request,) = receiver.requests
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    for key in (old, new):
        Webhook(key).verify(request.body, dict(request.headers))


def test_each_attempt_has_the_same_id_and_body_and_its_own_time(receiver, monkeypatch):
    times = iter([datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC)])

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return next(times)

    monkeypatch.setattr("wingmanmatch.deliver.webhook.datetime", Clock)
    key = secret()
    again = delivery(webhook(receiver, key))
    attempt(channel(), again, again)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    sent = [int(request.headers["webhook-timestamp"]) for request in (first, second)]
    assert sent[1] - sent[0] == 60
    for request in (first, second):
        Webhook(key).verify(request.body, dict(request.headers))
    assert receiver.connections == 1


@pytest.mark.parametrize(
    ("status", "outcome", "error"),
    [
        (200, "sent", None),
        (204, "sent", None),
        (302, "retry", "http_302"),
        (400, "retry", "http_400"),
        (404, "retry", "http_404"),
        (410, "gone", "http_410"),
        (429, "retry", "http_429"),
        (500, "retry", "http_500"),
        (503, "retry", "http_503"),
    ],
)
def test_what_an_answer_means(receiver, status, outcome, error):
    receiver.answers(status)
    assert results(channel(), [delivery(webhook(receiver))]) == [(outcome, error)]


def test_it_waits_as_long_as_the_receiver_wants(receiver):
    receiver.answers(429, Retry_After="120")
    assert attempt(channel(), delivery(webhook(receiver))) == [Result("retry", "http_429", 120)]


def test_a_redirect_is_not_followed(receiver):
    with receiving() as other:
        receiver.answers(307, Location=f"{other.url}/elsewhere")
        assert results(channel(), [delivery(webhook(receiver))]) == [("retry", "http_307")]
        assert other.requests == []
    assert len(receiver.requests) == 1


def test_an_answer_without_end_is_cut_off(receiver):
    receiver.reply = lambda request: Reply(is_endless=True)
    one, other = delivery(webhook(receiver)), delivery(webhook(receiver))
    assert results(channel(), [one, other]) == [("sent", None)] * 2
    assert receiver.connections == 2
    assert receiver.sent_bytes < 50_000_000


def test_a_connection_that_the_receiver_has_closed_is_replaced(receiver):
    receiver.reply = lambda request: Reply(hangs_up=True)
    assert results(channel(), [delivery(webhook(receiver))] * 5) == [("sent", None)] * 5
    assert receiver.connections == 5


def test_cookies_are_not_kept(receiver):
    receiver.answers(200, Set_Cookie="who=you; Path=/")
    attempt(channel(), delivery(webhook(receiver)), delivery(webhook(receiver)))
    assert [request.headers["Cookie"] for request in receiver.requests] == [None, None]


def test_nobody_listens():
    with receiving() as receiver:
        target = webhook(receiver)
    assert results(channel(), [delivery(target)]) == [("retry", "connection_refused")]


def test_names_that_lead_nowhere():
    target = {"url": "http://nowhere.invalid/hook", "secrets": [secret()]}
    assert results(channel(), [delivery(target)]) == [("retry", "name_not_resolved")]


def test_a_certificate_is_checked(authority):
    with receiving(authority.server_context("127.0.0.1")) as receiver:
        target = webhook(receiver)
        target["url"] = target["url"].replace("http://", "https://")
        assert results(channel(authority.client_context()), [delivery(target)]) == [("sent", None)]
        assert results(channel(), [delivery(target)]) == [("retry", "certificate_not_valid")]
        other_name = {**target, "url": target["url"].replace("127.0.0.1", "localhost")}
        told = results(channel(authority.client_context()), [delivery(other_name)])
        assert told == [("retry", "certificate_not_valid")]


def test_tls_where_there_is_none(receiver):
    target = webhook(receiver)
    target["url"] = target["url"].replace("http://", "https://")
    assert results(channel(), [delivery(target)]) == [("retry", "connection_failed")]


def test_the_receiver_hangs_up(receiver):
    def hang_up(request):
        raise ConnectionError

    receiver.reply = hang_up
    ((outcome, error),) = results(channel(), [delivery(webhook(receiver))])
    assert (outcome, error) in [("retry", "protocol_error"), ("retry", "connection_lost")]


@pytest.mark.parametrize(
    "target",
    [
        {"url": "http://[::1", "secrets": ["whsec_AAAA"]},
        {"url": "ftp://a.test/", "secrets": ["whsec_AAAA"]},
        {"url": "http://a.test/", "secrets": ["whsec_"]},
    ],
)
def test_what_is_no_webhook(target):
    assert results(channel(), [delivery(target)]) == [("retry", "webhook_not_valid")]
