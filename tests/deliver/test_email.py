"""E-mail: what is sent, over which connections, and what the mail server's answers mean."""

import asyncio
import re
import ssl
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from made_deliveries import attempt, delivery, results
from mail_servers import TAKEN, taking_mail
from wingmanmatch.deliver.delivery import Result
from wingmanmatch.deliver.email import Connections, EmailChannel, Letterhead, Smtp, SmtpUrlError, refusal
from wingmanmatch.http.links import verify_confirmation, verify_unsubscribe

KEY = "a key for links in tests, long enough"
LETTERHEAD = Letterhead(
    "Wingman <hello@wingman.test>", "https://app.wingman.test/inbox", "https://api.wingman.test/", KEY
)
ADDRESS = {"address": "ana@example.com"}


def channel(server, options="?starttls=never", tls=None, scheme="smtp", login="") -> EmailChannel:
    url = f"{scheme}://{login}127.0.0.1:{server.port}{options}"
    return EmailChannel(Connections(Smtp.of(url), tls), LETTERHEAD)


def sent(server, **others):
    """The message that is sent, and the delivery."""
    given = delivery(ADDRESS, **others)
    assert attempt(channel(server), given) == [Result("sent")]
    return server.messages[-1], given


def parts(message):
    """The text and the HTML."""
    assert message.get_content_type() == "multipart/alternative"
    return [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]


def token_in(url, path):
    where = urlsplit(url)
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"https://api.wingman.test{path}"
    return parse_qs(where.query)["token"][0]


def test_a_notification(mail_server):
    message, given = sent(mail_server, title="Your session\nhas changed", body="Hi.\n\nIt is <later>.")
    assert mail_server.mail[0][0] == "ana@example.com"
    assert message["From"] == "Wingman <hello@wingman.test>"
    assert message["To"] == "ana@example.com"
    assert message["Subject"] == "Your session has changed"
    assert message["Message-ID"] == f"<{given.id}@wingman.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.utcoffset() == timedelta(0)
    text, html = parts(message)
    assert text.startswith("Hi.\n\nIt is <later>.\n\nOpen WingmanMatch: https://app.wingman.test/inbox\n")
    assert "<p>Hi.</p>\n<p>It is &lt;later&gt;.</p>" in html
    assert '<a href="https://app.wingman.test/inbox"' in html
    assert '<html lang="en">' in html


def test_it_can_be_unsubscribed_from_with_one_click(mail_server):
    message, given = sent(mail_server)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = re.fullmatch("<(.*)>", message["List-Unsubscribe"])[1]
    assert verify_unsubscribe(KEY, token_in(url, "/api/email/unsubscribe")) == given.user_id
    text, html = parts(message)
    assert url in text
    assert url in html
    # in one line, as it was sent: some mail programs do not put the lines together
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in mail_server.mail[0][1]


def test_a_confirmation(mail_server):
    until = datetime.now(UTC) + timedelta(hours=72)
    message, given = sent(mail_server, kind="email_confirmation", notification_id=None, useful_until=until)
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None
    text, html = parts(message)
    url = re.search(r"Confirm this address: (\S+)", text)[1]
    assert verify_confirmation(KEY, token_in(url, "/api/email/confirm")) == given.target_id
    assert f'<a href="{url}"' in html
    assert "unsubscribe" not in (text + html).lower()


def test_the_link_of_a_confirmation_expires(mail_server):
    until = datetime.now(UTC) + timedelta(hours=5)
    message, _ = sent(mail_server, kind="email_confirmation", useful_until=until)
    url = re.search(r"Confirm this address: (\S+)", parts(message)[0])[1]
    claims = jwt.decode(token_in(url, "/api/email/confirm"), options={"verify_signature": False})
    assert abs(claims["exp"] - until.timestamp()) < 60


def test_in_german(mail_server):
    message, _ = sent(
        mail_server, language="de", title="Dein Treffen wurde geändert", body="Schön, dass du da bist."
    )
    assert message["Subject"] == "Dein Treffen wurde geändert"
    text, html = parts(message)
    assert "Schön, dass du da bist." in text
    assert "WingmanMatch öffnen: " in text
    assert "Alle E-Mails abbestellen" in html
    assert '<html lang="de">' in html
    assert mail_server.mail[0][1].isascii()


def test_each_attempt_has_the_same_id(mail_server):
    again = delivery(ADDRESS)
    attempt(channel(mail_server), again, again)
    first, second = mail_server.messages
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.exhaustive
def test_a_connection_serves_many_messages(mail_server):
    assert results(channel(mail_server), [delivery(ADDRESS)] * 150) == [("sent", None)] * 150
    assert mail_server.connections == 2


def test_many_at_once(mail_server):
    async def send():
        its = channel(mail_server)
        try:
            return await asyncio.gather(*(its.send(delivery(ADDRESS)) for _ in range(4)))
        finally:
            await its.aclose()

    assert asyncio.run(send()) == [Result("sent")] * 4
    assert mail_server.connections == 4


@pytest.mark.parametrize("where", ["recipient", "content"])
@pytest.mark.parametrize(
    ("answer", "outcome", "error"),
    [
        ("450 4.2.0 Greylisted", "retry", "smtp_450"),
        ("452 4.2.2 Mailbox full", "retry", "smtp_452"),
        ("550 5.7.1 Not wanted", "failed", "smtp_550"),
        ("554 5.7.0 Spam", "failed", "smtp_554"),
        ("550 5.1.1 No such user", "gone", "smtp_550"),
        ("551 5.1.6 Moved", "gone", "smtp_551"),
        ("556 5.1.10 Takes no mail", "gone", "smtp_556"),
        ("550 5.1.10", "gone", "smtp_550"),
    ],
)
def test_what_a_refusal_means(mail_server, where, answer, outcome, error):
    setattr(mail_server, where, lambda address: answer if address == "bo@example.com" else "250 OK")
    refused, other = delivery({"address": "bo@example.com"}), delivery(ADDRESS)
    assert results(channel(mail_server), [refused, other]) == [(outcome, error), ("sent", None)]
    # and the connection is still good
    assert mail_server.connections == 1


def test_a_refusal_that_only_resembles_one_of_the_address():
    assert refusal(550, "5.1.18 Something") == Result("failed", "smtp_550")
    assert refusal(550, "Mailbox of 5.1.1 unavailable") == Result("failed", "smtp_550")
    assert refusal(-1, "") == Result("retry", "protocol_error")


@pytest.mark.parametrize("answer", ["421 4.7.0 Busy", "530 5.7.0 Log in first", "550 5.7.1 Not your address"])
def test_a_refusal_of_the_sender_is_not_about_the_message(mail_server, answer):
    mail_server.sender = lambda address: answer
    assert results(channel(mail_server), [delivery(ADDRESS)]) == [("retry", f"smtp_{answer[:3]}")]


def test_a_connection_that_the_server_wants_no_more_is_replaced(mail_server):
    answers = iter(["250 OK", "421 4.7.0 That was enough", "250 OK"])
    mail_server.sender = lambda address: next(answers)
    assert results(channel(mail_server), [delivery(ADDRESS)] * 2) == [("sent", None)] * 2
    assert mail_server.connections == 2


def test_starttls_is_required(mail_server, authority):
    assert results(channel(mail_server, options=""), [delivery(ADDRESS)]) == [("retry", "smtp_failed")]
    with taking_mail(authority.server_context("127.0.0.1"), login=("us@er", "pass:word")) as server:
        tls = authority.client_context()
        its = channel(server, options="?starttls=required", tls=tls, login="us%40er:pass%3Aword@")
        assert results(its, [delivery(ADDRESS)]) == [("sent", None)]
        assert server.logins == [("us@er", True)]


def test_tls_from_the_start(authority):
    with taking_mail(authority.server_context("127.0.0.1"), at_once=True) as server:
        its = channel(server, options="", tls=authority.client_context(), scheme="smtps")
        assert results(its, [delivery(ADDRESS)]) == [("sent", None)]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_is_checked(authority, at_once):
    with taking_mail(authority.server_context("127.0.0.1"), at_once=at_once) as server:
        scheme = "smtps" if at_once else "smtp"
        strange = ssl.create_default_context()
        told = results(channel(server, "", strange, scheme), [delivery(ADDRESS)])
        assert told == [("retry", "certificate_not_valid")]
    with taking_mail(authority.server_context("other.test"), at_once=at_once) as server:
        told = results(channel(server, "", authority.client_context(), scheme), [delivery(ADDRESS)])
        assert told == [("retry", "certificate_not_valid")]
    assert server.mail == []


def test_a_wrong_password(authority):
    with taking_mail(authority.server_context("127.0.0.1"), login=("user", "right")) as server:
        its = channel(server, "", authority.client_context(), login="user:wrong@")
        assert results(its, [delivery(ADDRESS)]) == [("retry", "smtp_535")]


def test_nobody_listens():
    with taking_mail() as server:
        pass
    assert results(channel(server), [delivery(ADDRESS)]) == [("retry", "connection_refused")]


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"", "connection_failed"),
        (b"HTTP/1.1 400 Bad Request\r\n", "protocol_error"),
        (b"220 mail.test\r\n", "connection_lost"),
        (b"554 5.3.2 Closed\r\n", "smtp_554"),
    ],
)
def test_a_server_that_hangs_up(greeting, error):
    async def send():
        async def hang_up(reader, writer):
            writer.write(greeting)
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        smtp = Smtp("127.0.0.1", port, None, None, is_implicit_tls=False, requires_starttls=False)
        its = EmailChannel(Connections(smtp), LETTERHEAD)
        async with server:
            return await its.send(delivery(ADDRESS))

    assert asyncio.run(send()) == Result("retry", error)


@pytest.mark.parametrize(
    "address",
    [
        "ana@example.com\r\nBcc: bo@example.com",
        "ana@example.com, bo@example.com",
        "",
        "ana",
        "änna@example.com",
    ],
)
def test_what_is_no_address(mail_server, address):
    told = results(channel(mail_server), [delivery({"address": address})])
    assert told == [("failed", "address_not_valid")]
    assert mail_server.mail == []


def test_what_is_no_url():
    assert Smtp.of("smtp://mail.test") == Smtp("mail.test", 587, None, None, False, True)
    assert Smtp.of("smtps://u:p%40@mail.test/") == Smtp("mail.test", 465, "u", "p@", True, False)
    assert Smtp.of("smtp://mail.test:25?starttls=never") == Smtp("mail.test", 25, None, None, False, False)
    assert "p%40" not in repr(Smtp.of("smtps://u:p%40@mail.test/"))
    assert "p@" not in repr(Smtp.of("smtps://u:p%40@mail.test/"))
    for url in (
        "http://mail.test",
        "mail.test:25",
        "smtp://",
        "smtp://mail.test/path",
        "smtp://mail.test:port",
        "smtp://mail.test?starttls=maybe",
        "smtp://mail.test?tls=no",
        "smtp://secret@[::1",
    ):
        with pytest.raises(SmtpUrlError) as told:
            Smtp.of(url)
        assert "secret" not in str(told.value)


def test_a_standstill_at_the_end_of_its_time_does_not_give_an_attempt_more(mail_server):
    """The answer and the end of the time come to light together, as after SIGSTOP and SIGCONT."""
    still = threading.Event()

    async def send():
        loop, email = asyncio.get_running_loop(), channel(mail_server)

        def stand_still():
            still.set()
            threading.Event().wait(0.3)

        def recipient(_):
            loop.call_soon_threadsafe(stand_still)
            assert still.wait(5)
            return TAKEN

        mail_server.recipient = recipient
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await email.send(delivery(ADDRESS))
        await email.aclose()

    asyncio.run(send())
    assert mail_server.mail == []
