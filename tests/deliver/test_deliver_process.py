"""wingman deliver as a process: each channel, its end, its death, and what it says."""

import signal
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from channels.outbox import add_address
from harness import OPERATOR, WORKER, login_url, server_url
from mail_servers import taking_mail
from receivers import Reply, receiving
from standardwebhooks import Webhook
from supabase_realtime import install_realtime
from targets import add_browser, add_webhook, count, states, tell_of_it
from test_email import KEY
from test_web_push import CONTACT, PRIVATE
from tools.conftest import fails_in_one_line, wingman
from waiting import until
from workers import cut_off, wingman_deliver

__all__ = ["wingman"]

PASSWORD = "a password of the mail server"


def mail_options(port):
    return {
        "WINGMAN_SMTP_URL": f"smtp://127.0.0.1:{port}?starttls=never",
        "WINGMAN_MAIL_FROM": "Wingman <hello@wingman.test>",
        "WINGMAN_APP_URL": "https://app.wingman.test",
        "WINGMAN_PUBLIC_URL": "https://api.wingman.test",
        "WINGMAN_LINK_KEY": KEY,
    }


@pytest.mark.exhaustive
def test_webhooks_mail_and_realtime(db, people, receiver, mail_server, worker_url):
    install_realtime(db)
    secret, user = add_webhook(db, receiver.url), people.add()
    add_address(db, user)
    with wingman_deliver(worker_url, **mail_options(mail_server.port)) as worker:
        assert worker.says("Delivering: (.*)")[1] == "email, webhook, realtime"
        [notification] = tell_of_it(db, user)
        [request] = receiver.receives(1)
        [message] = mail_server.takes(1)
        until(lambda: count(db, "sent") == 3)
        worker.process.send_signal(signal.SIGTERM)
        assert worker.ends() == 0
    told = Webhook(secret).verify(request.body, dict(request.headers))
    assert told["data"]["notification_id"] == notification
    assert message["From"] == "Wingman <hello@wingman.test>"
    assert db.execute("select payload ->> 'id' as id from realtime.messages").fetchone() == {
        "id": notification
    }


@pytest.mark.exhaustive
def test_web_push(db, people, authority, worker_url):
    user = people.add()
    browser = add_browser(db, user)
    with (
        receiving(authority.server_context("fcm.googleapis.com")) as service,
        wingman_deliver(
            worker_url,
            command=[sys.executable, str(Path(__file__).with_name("push_process.py"))],
            PUSH_PORT=str(service.port),
            PUSH_CA=authority.pem,
            WINGMAN_VAPID_KEY=PRIVATE,
            WINGMAN_VAPID_CONTACT=CONTACT,
        ) as worker,
    ):
        [notification] = tell_of_it(db, user)
        [request] = service.receives(1)
        until(lambda: states(db, "web_push") == [("sent", 1, None)])
        worker.process.send_signal(signal.SIGINT)
        assert worker.ends() == 0
    assert browser.decrypted(request.body)["notification_id"] == notification


@pytest.mark.exhaustive
def test_a_worker_that_is_killed_before_it_settles(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    held = receiver.holds()
    with wingman_deliver(worker_url) as worker:
        tell_of_it(db, people.add())
        receiver.receives(1)
        worker.process.kill()
        assert worker.ends() == -signal.SIGKILL
    held.set()
    assert states(db, "webhook") == [("claimed", 1, None)]
    with wingman_deliver(worker_url):
        # the lease is over
        db.execute("update wingman.notification_deliveries set next_attempt_at = statement_timestamp()")
        first, second = receiver.receives(2)
        until(lambda: states(db, "webhook") == [("sent", 2, None)])
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_it_finishes_what_is_under_way(db, people, receiver, worker_url, name):
    add_webhook(db, receiver.url)
    user, held = people.add(), receiver.holds()
    tell_of_it(db, *[user] * 3)
    with wingman_deliver(worker_url, "--at-once", "1") as worker:
        receiver.receives(1)
        worker.process.send_signal(signal.Signals[name])
        worker.says("Ending")
        assert count(db, "claimed") == 1
        held.set()
        assert worker.ends() == 0
        worker.says("settled")
    assert (count(db, "sent"), count(db, "due")) == (1, 2)


@pytest.mark.exhaustive
def test_a_second_signal_ends_it_at_once(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    receiver.reply = lambda request: Reply(hangs=True)
    tell_of_it(db, people.add())
    with wingman_deliver(worker_url) as worker:
        receiver.receives(1)
        worker.process.send_signal(signal.SIGTERM)
        worker.says("Ending")
        worker.process.send_signal(signal.SIGTERM)
        assert worker.ends() == -signal.SIGTERM


@pytest.mark.exhaustive
def test_it_waits_for_the_database(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    name = db.info.dbname
    with wingman_deliver(worker_url) as worker:
        try:
            db.execute(f"alter database {name} connection limit 0")
            cut_off(db)
            worker.says("error connecting")
            tell_of_it(db, people.add())
        finally:
            db.execute(f"alter database {name} connection limit -1")
        receiver.receives(1)
        until(lambda: states(db, "webhook") == [("sent", 1, None)])


@pytest.mark.exhaustive
def test_it_ends_although_the_database_is_away(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    name, held = db.info.dbname, receiver.holds()
    tell_of_it(db, people.add())
    with wingman_deliver(worker_url) as worker:
        receiver.receives(1)
        try:
            db.execute(f"alter database {name} connection limit 0")
            cut_off(db)
            worker.process.send_signal(signal.SIGTERM)
            worker.says("Ending")
            held.set()
            assert worker.process.wait(60) == 0
        finally:
            db.execute(f"alter database {name} connection limit -1")
    # it is sent again after its lease
    assert states(db, "webhook") == [("claimed", 1, None)]


@pytest.mark.exhaustive
def test_the_log_has_no_address_text_or_secret(db, people, receiver, authority, worker_url, tmp_path):
    secret, user = add_webhook(db, receiver.url + "/hidden-path"), people.add("Zebediah")
    add_address(db, user, "zebediah@example.com")
    receiver.answers(500, X_Told="hidden-answer")
    certificate = tmp_path / "authority.pem"
    certificate.write_text(authority.pem)
    with taking_mail(authority.server_context("127.0.0.1"), login=("someone", PASSWORD)) as mail_server:
        mail_server.recipient = lambda address: f"550 5.7.1 Not for {address}: hidden-answer"
        options = mail_options(mail_server.port) | {"SSL_CERT_FILE": str(certificate)}
        options["WINGMAN_SMTP_URL"] = f"smtp://someone:{quote(PASSWORD)}@127.0.0.1:{mail_server.port}"
        with wingman_deliver(worker_url, "--metrics-port", "0", **options) as worker:
            tell_of_it(db, user)
            worker.says("not sent")
            until(lambda: count(db, "due") + count(db, "claimed") == 0)
            metrics = httpx.get(worker.says(r"(http://\S+/metrics)")[1]).text
            worker.process.send_signal(signal.SIGTERM)
            worker.ends()
    told = [line for line in worker.lines if line["event"] == "not sent"]
    assert {(line["channel"], line["outcome"], line["code"]) for line in told} == {
        ("webhook", "retry", "http_500"),
        ("email", "failed", "smtp_550"),
    }
    for hidden in (
        secret,
        "hidden",
        PASSWORD,
        KEY,
        "zebediah",
        "Zebediah",
        str(user),
        "example.com",
        "suspended.",
        str(receiver.port),
    ):
        assert hidden not in worker.log + metrics


@pytest.mark.exhaustive
def test_health_and_metrics(db, people, receiver, worker_url):
    add_webhook(db, receiver.url)
    with wingman_deliver(worker_url, "--metrics-port", "0") as worker:
        url = worker.says(r"(http://\S+)/metrics")[1]
        with httpx.Client(base_url=url) as http:
            assert http.get("/healthz").json() == {"status": "ok"}
            assert http.get("/readyz").json() == {"status": "ready"}
            assert http.get("/").status_code == 404
            sent = 'wingman_deliver_attempts_total{channel="webhook",outcome="sent"}'
            assert f"{sent} 0.0" in http.get("/metrics").text
            tell_of_it(db, people.add())
            until(lambda: f"{sent} 1.0" in http.get("/metrics").text)
            until(lambda: 'wingman_deliver_in_flight{channel="webhook"} 0.0' in http.get("/metrics").text)
            text = http.get("/metrics").text
            assert 'wingman_deliver_seconds_count{channel="webhook"} 1.0' in text
            assert 'wingman_deliver_last_claim_timestamp_seconds{channel="webhook"}' in text


def test_a_login_that_may_not(wingman, database_url):
    told = fails_in_one_line(wingman("deliver", url=login_url(database_url, OPERATOR)))
    assert told == f"{OPERATOR} is not a member of wingman_worker: grant wingman_worker to {OPERATOR}"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--channel fax", "There is no channel fax: give email, web_push, webhook, realtime"),
        ("--channel email", "E-mail needs the URL of a mail server"),
        ("--smtp-url smtp://a.test", "E-mail needs a sender"),
        ("--smtp-url smtp://a.test --mail-from a@a.test", "E-mail needs the app URL"),
        (
            "--smtp-url smtp://a.test --mail-from a@a.test --app-url https://a.test --public-url https://a.test",
            "E-mail needs the link key",
        ),
        (
            "--smtp-url smtp://a.test --mail-from a@a.test --app-url https://a.test --public-url https://a.test"
            " --link-key short",
            "The link key must have at least 32 bytes",
        ),
        (
            "--smtp-url smtp://a.test?tls=1 --mail-from a@a.test --app-url https://a.test"
            " --public-url https://a.test --link-key aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "The SMTP URL may only have the option starttls",
        ),
        ("--channel web_push", "Web push needs a VAPID key"),
        ("--vapid-key AAAA --vapid-contact mailto:a@a.test", "The VAPID key must be"),
    ],
)
def test_options_that_cannot_be(wingman, worker_url, options, told):
    done = wingman("deliver", *options.split(), url=worker_url)
    assert done.returncode in (1, 2)
    assert done.stderr.startswith(f"wingman: {told}")


def test_a_database_without_deliveries(wingman, database_url):
    url = login_url(server_url(database_url, "postgres"), WORKER)
    assert "Is WingmanMatch installed in this database?" in fails_in_one_line(wingman("deliver", url=url))
