"""The worker: what is due is sent and settled, and nothing that hangs or is away delays anything else."""

import asyncio
import threading
from collections import Counter
from time import time

import psycopg
import pytest
from channels.outbox import ADDRESS, LIFTED, add_address
from made_deliveries import delivery
from mail_servers import taking_mail
from receivers import Reply, receiving
from standardwebhooks import Webhook
from targets import add_browser, add_webhook, count, states, tell_of_it
from test_email import LETTERHEAD
from test_web_push import CONTACT, PRIVATE
from waiting import until
from wingmanmatch.deliver.addresses import CheckedNetwork
from wingmanmatch.deliver.bulkhead import Bulkhead
from wingmanmatch.deliver.delivery import retry
from wingmanmatch.deliver.email import Connections, EmailChannel, Smtp
from wingmanmatch.deliver.posting import Poster
from wingmanmatch.deliver.queue import Queue, claim
from wingmanmatch.deliver.web_push import Vapid, WebPushChannel
from wingmanmatch.deliver.webhook import WebhookChannel
from wingmanmatch.deliver.worker import _result
from workers import cut_off, working


def webhooks(at_once=128):
    return lambda: [(WebhookChannel(Poster(at_once)), at_once)]


def email(server):
    smtp = Smtp("127.0.0.1", server.port, None, None, is_implicit_tls=False, requires_starttls=False)
    return EmailChannel(Connections(smtp), LETTERHEAD)


def push(authority, ports, at_once=8):
    """Web push to these ports, by the host."""

    async def resolve(host, port):
        return [("127.0.0.1", ports[host])]

    network = CheckedNetwork(resolve, lambda address: True)
    return WebPushChannel(Poster(at_once, authority.client_context(), network), Vapid(PRIVATE, CONTACT))


def test_a_webhook(db, people, receiver, worker_url):
    secret, user = add_webhook(db, receiver.url), people.add()
    with working(worker_url, webhooks()) as (_, figures):
        [notification] = tell_of_it(db, user)
        [request] = receiver.receives(1)
        assert Webhook(secret).verify(request.body, dict(request.headers))["data"] == {
            "notification_id": notification,
            "user_id": str(user),
            "match_id": None,
            "session_id": None,
        }
        until(lambda: states(db, "webhook") == [("sent", 1, None)])
    sample = figures.registry.get_sample_value
    assert sample("wingman_deliver_attempts_total", {"channel": "webhook", "outcome": "sent"}) == 1
    assert sample("wingman_deliver_in_flight", {"channel": "webhook"}) == 0
    assert sample("wingman_deliver_seconds_count", {"channel": "webhook"}) == 1
    assert sample("wingman_deliver_seconds_sum", {"channel": "webhook"}) < 10
    row = db.execute("select id::text from wingman.notification_deliveries").fetchone()
    assert request.headers["webhook-id"] == row["id"]


def test_an_e_mail(db, people, mail_server, worker_url):
    user = people.add()
    add_address(db, user)
    with working(worker_url, lambda: [(email(mail_server), 2)]):
        tell_of_it(db, user)
        [message] = mail_server.takes(1)
        until(lambda: states(db, "email") == [("sent", 1, None)])
    assert message["To"] == ADDRESS
    assert "no longer suspended" in message.get_body(["plain"]).get_content()


def test_web_push(db, people, authority, worker_url):
    user = people.add()
    browser = add_browser(db, user)
    host = "fcm.googleapis.com"
    with (
        receiving(authority.server_context(host)) as service,
        working(worker_url, lambda: [(push(authority, {host: service.port}), 8)]),
    ):
        [notification] = tell_of_it(db, user)
        [request] = service.receives(1)
        until(lambda: states(db, "web_push") == [("sent", 1, None)])
    told = browser.decrypted(request.body)
    assert (told["notification_id"], told["kind"]) == (notification, LIFTED)


@pytest.mark.parametrize(
    ("status", "state", "error"),
    [(503, "waiting", "http_503"), (410, "dropped", "http_410")],
)
def test_what_has_failed(db, people, receiver, worker_url, status, state, error):
    add_webhook(db, receiver.url)
    receiver.answers(status)
    with working(worker_url, webhooks()) as (_, figures):
        tell_of_it(db, people.add())
        until(lambda: states(db, "webhook") == [(state, 1, error)])
    disabled = db.execute("select disabled_at is not null as is_disabled from wingman.webhooks").fetchone()
    assert disabled["is_disabled"] == (status == 410)
    outcome = "gone" if status == 410 else "retry"
    labels = {"channel": "webhook", "outcome": outcome}
    assert figures.registry.get_sample_value("wingman_deliver_attempts_total", labels) == 1


def test_many_and_several_workers_send_each_once(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    user = people.add()
    tell_of_it(db, *[user] * 100)
    with working(worker_url, webhooks(4)), working(worker_url, webhooks(4)):
        receiver.receives(100)
        until(lambda: count(db, "sent") == 100)
    ids = Counter(request.headers["webhook-id"] for request in receiver.requests)
    assert set(ids.values()) == {1}


@pytest.mark.exhaustive
def test_a_mail_server_that_hangs_delays_no_other_channel(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    user = people.add()
    add_address(db, user)
    db.execute("update wingman.settings set delivery_time_limit = '1 second'")
    # the silent one waits for a request of HTTP
    with receiving() as silent, working(worker_url, lambda: [(email(silent), 2), *webhooks()()]):
        tell_of_it(db, *[user] * 5)
        until(lambda: count(db, "claimed", "email") == 2)
        receiver.receives(5)
        until(lambda: count(db, "sent", "webhook") == 5)
        assert count(db, "sent", "email") == 0
    # what is under way is given its time, and no more is claimed
    assert Counter(states(db, "email")) == {("waiting", 1, "timeout"): 2, ("due", 0, None): 3}


def test_a_webhook_that_hangs_delays_no_other(db, people, receiver, worker_url):
    db.execute("update wingman.settings set delivery_time_limit = '1 second'")
    add_webhook(db, receiver.url)
    user = people.add()
    with receiving() as silent:
        silent.reply = lambda request: Reply(hangs=True)
        add_webhook(db, silent.url)
        with working(worker_url, webhooks(24)):
            tell_of_it(db, *[user] * 50)
            receiver.receives(50)
            until(lambda: count(db, "sent") == 50)
            assert count(db, "claimed") == 16
            assert len(silent.requests) <= 16
            silent.closing.set()


def test_a_push_service_that_hangs_delays_no_other(db, people, authority, worker_url, monkeypatch):
    monkeypatch.setattr("wingmanmatch.deliver.bulkhead._PATIENCE_SECONDS", 0.02)
    hosts = "fcm.googleapis.com", "web.push.apple.com"
    user, other = people.add(), people.add()
    add_browser(db, user, hosts[0])
    add_browser(db, other, hosts[1])
    with (
        receiving(authority.server_context(hosts[0])) as silent,
        receiving(authority.server_context(hosts[1])) as service,
    ):
        silent.reply = lambda request: Reply(hangs=True)
        ports = {hosts[0]: silent.port, hosts[1]: service.port}
        tell_of_it(db, *[user] * 20, other)
        with working(worker_url, lambda: [(push(authority, ports), 8)]):
            service.receives(1)
            until(lambda: count(db, "sent") == 1)
            assert len(silent.requests) == 4
            assert ("waiting", 1, "host_busy") in states(db, "web_push")
            silent.closing.set()


def test_no_more_at_once_than_allowed(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    user, held = people.add(), threading.Semaphore(0)

    def reply(request):
        held.acquire()
        return Reply()

    receiver.reply = reply
    tell_of_it(db, *[user] * 10)
    with working(worker_url, webhooks(3)):
        receiver.receives(3)
        assert count(db, "claimed") == 3
        assert count(db, "due") == 7
        held.release(10)
        until(lambda: count(db, "sent") == 10)
    assert receiver.connections <= 4


def test_an_end_in_the_middle(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    user, held = people.add(), receiver.holds()
    tell_of_it(db, *[user] * 3)
    with working(worker_url, webhooks(1)) as (worker, _):
        receiver.receives(1)
        worker.end()
        held.set()
    assert Counter(states(db, "webhook")) == {("sent", 1, None): 1, ("due", 0, None): 2}


@pytest.mark.exhaustive
def test_lost_connections_to_the_database(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    user, held = people.add(), receiver.holds()
    with working(worker_url, webhooks()):
        tell_of_it(db, user)
        receiver.receives(1)
        assert cut_off(db) > 0
        held.set()
        until(lambda: states(db, "webhook") == [("sent", 1, None)])
        cut_off(db)
        tell_of_it(db, user)
        until(lambda: count(db, "sent") == 2)


def test_results_are_settled_together(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    user, all_are_there = people.add(), threading.Barrier(10)

    def reply(request):
        all_are_there.wait()
        return Reply()

    receiver.reply = reply
    tell_of_it(db, *[user] * 10)
    with working(worker_url, webhooks()):
        until(lambda: count(db, "sent") == 10)
    settled = "select count(distinct settled_at) from wingman.notification_deliveries"
    assert db.execute(settled).fetchone()["count"] < 5


def test_an_error_of_ours_is_one_of_the_attempt(db, people, receiver, worker_url, caplog):
    class Broken(WebhookChannel):
        async def send(self, delivery):
            raise RuntimeError(f"about {delivery.target['url']}")

    add_webhook(db, receiver.url)
    with working(worker_url, lambda: [(Broken(Poster(1)), 1)]):
        tell_of_it(db, people.add())
        until(lambda: states(db, "webhook") == [("waiting", 1, "internal_error")])
    assert [record.msg for record in caplog.records if record.exc_info] == [
        "an attempt has failed unexpectedly"
    ]


def test_what_somebody_has_locked_is_settled_afterwards(db, people, receiver, worker_url, connect):
    """Settling waits for nobody, such as an erasure, which may be rolled back."""
    add_webhook(db, receiver.url)
    somebody, held = connect(user=db.info.user), receiver.holds()
    with working(worker_url, webhooks(1)) as (_, figures):
        tell_of_it(db, people.add())
        receiver.receives(1)
        with somebody.transaction():
            somebody.execute("select from wingman.notification_deliveries for update")
            held.set()
            figure = figures.registry.get_sample_value
            attempted = {"channel": "webhook", "outcome": "sent"}
            until(lambda: figure("wingman_deliver_attempts_total", attempted))
            # settling is part of the next look at what is due
            when, it = time(), {"channel": "webhook"}
            until(lambda: (figure("wingman_deliver_last_claim_timestamp_seconds", it) or 0) > when)
            assert states(db, "webhook") == [("claimed", 1, None)]
        until(lambda: count(db, "sent") == 1)
    assert states(db, "webhook") == [("sent", 1, None)]
    assert len(receiver.requests) == 1
    assert figure("wingman_deliver_lapsed_total", it) == 0


def test_what_is_settled_too_late_settles_nothing(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    held = receiver.holds()
    with working(worker_url, webhooks(1)) as (worker, figures):
        tell_of_it(db, people.add())
        receiver.receives(1)
        worker.end()
        db.execute("update wingman.notification_deliveries set token = gen_random_uuid()")
        held.set()
    assert states(db, "webhook") == [("claimed", 1, None)]
    assert figures.registry.get_sample_value("wingman_deliver_lapsed_total", {"channel": "webhook"}) == 1


def test_a_mailbox_that_does_not_exist(db, people, worker_url):
    user = people.add()
    add_address(db, user)
    with taking_mail() as server:
        server.recipient = lambda address: "550 5.1.1 No such user"
        with working(worker_url, lambda: [(email(server), 2)]):
            tell_of_it(db, user)
            until(lambda: count(db, "due") + count(db, "claimed") == 0)
    assert db.execute("select confirmed_at from wingman.email_addresses").fetchone() == {"confirmed_at": None}


def test_an_attempt_whose_time_is_over_is_not_begun(receiver):
    """As after SIGSTOP and SIGCONT, while the answer of a claim was awaited."""

    async def begin_late():
        channel = WebhookChannel(Poster(1))
        given = delivery({"url": receiver.url, "secrets": ["whsec_c2VjcmV0"]})
        now = asyncio.get_running_loop().time()
        try:
            return await _result(channel, given, now, Bulkhead(1))
        finally:
            await channel.aclose()

    assert asyncio.run(begin_late()) == retry("timeout")
    assert receiver.connections == 0


def test_a_worker_that_stands_still_lets_go_of_what_it_claims(db, people, worker_url, monkeypatch):
    monkeypatch.setattr("wingmanmatch.deliver.queue._IDLE_SECONDS", 0.05)
    add_webhook(db, "http://127.0.0.1:9")
    tell_of_it(db, people.add())

    async def stand_still():
        queue = Queue(worker_url, 1)
        async with queue.opened():
            with pytest.raises(psycopg.Error):
                async with queue.transaction() as connection:
                    await claim(connection, "webhook", 1)
                    # nothing is sent meanwhile: the loop is not given back
                    pid = connection.info.backend_pid
                    is_there = "select from pg_stat_activity where pid = %s"
                    until(lambda: not db.execute(is_there, [pid]).rowcount)
                    await connection.execute("select 1")

    asyncio.run(stand_still())
    assert states(db, "webhook") == [("due", 0, None)]
