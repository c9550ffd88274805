"""A mail server that takes mail, or refuses it as the test wants."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_DEADLINE_SECONDS = 15.0
TAKEN = "250 OK"
Answer = Callable[[str], str]


@dataclass
class MailServer:
    """A server, and the mail it has taken."""

    port: int = 0
    sender: Answer = lambda address: TAKEN
    recipient: Answer = lambda address: TAKEN
    content: Answer = lambda address: TAKEN
    """What it answers to a sender, a recipient, and the content for a recipient."""
    message: Answer = lambda content: TAKEN
    """What it answers to the content itself, if nothing else is wrong."""
    mail: list[tuple[str, bytes]] = field(default_factory=list)
    """The recipient and the content of each message."""
    connections: int = 0
    logins: list[tuple[str, bool]] = field(default_factory=list)
    """The user of each login, and whether it came over TLS."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages."""
        return [cast(EmailMessage, message_from_bytes(raw, policy=default)) for _, raw in self.mail]

    def takes(self, number: int) -> list[EmailMessage]:
        """Wait for so many messages. Raises TimeoutError: there are fewer."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.mail) >= number, _DEADLINE_SECONDS):
                raise TimeoutError(f"{len(self.mail)} messages")
        return self.messages


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._server.sender(address)
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._server.recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._server.content(envelope.rcpt_tos[0])
        if answer.startswith("250"):
            answer = self._server.message(cast(bytes, envelope.original_content).decode())
        if answer.startswith("250"):
            with self._server.changed:
                self._server.mail.append((envelope.rcpt_tos[0], cast(bytes, envelope.original_content)))
                self._server.changed.notify_all()
        return answer


@contextmanager
def taking_mail(
    tls: ssl.SSLContext | None = None,
    *,
    at_once: bool = False,
    login: tuple[str, str] | None = None,
    port: int = 0,
) -> Iterator[MailServer]:
    """A mail server, for as long as the context lasts; then its connections break off.

    Args:
        tls: it offers STARTTLS, and requires it.
        at_once: it uses TLS from the start instead.
        login: the only user and password that it takes; only over TLS.
        port: where it listens; by default, on a free port.
    """
    protocols: list[SMTP] = []
    server, ready, loop, over = MailServer(), threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    def authenticate(
        smtp: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = data.login.decode(), data.password.decode()
        server.logins.append((given[0], session.ssl is not None))
        return AuthResult(success=given == login, handled=False)

    def connected() -> SMTP:
        server.connections += 1
        starttls = tls if tls and not at_once else None
        protocol = SMTP(
            _Handler(server),
            hostname="mail.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=authenticate,
            auth_required=login is not None,
            auth_require_tls=not at_once,
            loop=loop,
        )
        protocols.append(protocol)
        return protocol

    async def serve() -> None:
        listening = await loop.create_server(connected, "127.0.0.1", port, ssl=tls if at_once else None)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        listening.close()
        for protocol in protocols:
            # in Python 3.11 one whose TLS has just ended does not know how
            with suppress(AttributeError):
                protocol.transport.abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(_DEADLINE_SECONDS)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(_DEADLINE_SECONDS)
        loop.close()
