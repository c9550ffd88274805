"""E-mail over SMTP: a text and the same as HTML, with one-click unsubscribing (RFC 8058)."""

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import parseaddr
from html import escape
from socket import getfqdn
from time import monotonic
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from wingmanmatch.deliver.delivery import SENT, Delivery, Result, failed, gone, retry
from wingmanmatch.deliver.posting import code_of
from wingmanmatch.http.links import (
    CONFIRM_PATH,
    UNSUBSCRIBE_PATH,
    link,
    sign_confirmation,
    sign_unsubscribe,
)

_CONFIRMATION: Final = "email_confirmation"
_IDLE_SECONDS: Final = 15.0
"""After this time an idle connection is not used again: the server may be about to close it."""
_MAX_MESSAGES: Final = 100
"""How many messages go over a connection: many servers take no more."""
_NO_MAILBOX: Final = re.compile(r"5\.1\.(1|6|10)\b")
"""The mailbox does not exist, or not any more; or its domain takes no mail (RFC 3463, 7505)."""
_PORTS: Final = {"smtp": 587, "smtps": 465}

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; color: #222">
{paragraphs}
<p><a href="{link}" style="background: #1a5fb4; color: #fff; padding: 10px 18px; border-radius: 6px; \
text-decoration: none; display: inline-block">{button}</a></p>
{footer}</body>
</html>
"""
_FOOTER: Final = '<p style="font-size: 13px"><a href="{link}" style="color: #666">{words}</a></p>\n'


class _Words(NamedTuple):
    """The words of an e-mail that are not of the notification."""

    open: str
    confirm: str
    unsubscribe: str


_WORDS: Final = {
    "en": _Words("Open WingmanMatch", "Confirm this address", "Unsubscribe from all e-mails"),
    "de": _Words("WingmanMatch öffnen", "Adresse bestätigen", "Alle E-Mails abbestellen"),
}


class SmtpUrlError(ValueError):
    """Not a valid smtp:// or smtps:// URL."""


@dataclass(frozen=True)
class Smtp:
    """A mail server. Its printed form leaves the password out."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    is_implicit_tls: bool
    """TLS from the start."""
    requires_starttls: bool

    @classmethod
    def of(cls, url: str) -> "Smtp":
        """The server that a URL names: smtp://user:password@host:587?starttls=required, or smtps://….

        Raises:
            SmtpUrlError: it is not such a URL. The message does not repeat it: it may contain a password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
            options = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError:
            raise SmtpUrlError("Not a valid smtp://… URL") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.fragment:
            raise SmtpUrlError("Not a valid smtp://… or smtps://… URL")
        starttls = options.pop("starttls", ["required"])
        if options or starttls not in (["required"], ["never"]):
            raise SmtpUrlError("The SMTP URL may only have the option starttls, required or never")
        is_implicit = parts.scheme == "smtps"
        return cls(
            parts.hostname,
            port or _PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            is_implicit,
            not is_implicit and starttls == ["required"],
        )


class _AsItIs(UnstructuredHeader):
    """A header that is not folded: where it is too long for a line, Python would encode the URL in it."""

    def fold(self, *, policy: "EmailPolicy[Any]") -> str:
        """The line."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


def _policy() -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    for name in ("list-unsubscribe", "message-id"):
        registry.map_to_type(name, _AsItIs)  # type: ignore[arg-type]
    return SMTP.clone(header_factory=registry, cte_type="7bit")


_POLICY: Final = _policy()


@dataclass(frozen=True)
class Letterhead:
    """What all e-mails have in common. Its printed form leaves the key out."""

    sender: str
    """Such as ``WingmanMatch <hello@wingman.example>``."""
    app_url: str
    """Where the button leads."""
    public_url: str
    """Where users reach ``wingman serve``, which answers the other links."""
    link_key: str = field(repr=False)

    @property
    def sender_address(self) -> str:
        """The address of the sender."""
        return parseaddr(self.sender)[1]

    def message(self, delivery: Delivery, now: datetime) -> EmailMessage:
        """The e-mail for a delivery.

        Raises:
            ValueError, LookupError: the address is none that every mail server takes.
        """
        language = delivery.language if delivery.language in _WORDS else "en"
        words = _WORDS[language or "en"]
        message = EmailMessage(policy=_POLICY)
        message["From"] = self.sender
        message["To"] = Address(addr_spec=delivery.target["address"].encode("ascii").decode())
        message["Subject"] = title = _line(delivery.title or "")
        message["Date"] = now
        message["Message-ID"] = f"<{delivery.id}@{self.sender_address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if delivery.kind == _CONFIRMATION:
            button, to, unsubscribe = words.confirm, self._confirmation(delivery, now), None
        else:
            button, to, unsubscribe = words.open, self.app_url, self._unsubscribing(delivery)
            message["List-Unsubscribe"] = f"<{unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = (delivery.body or "").strip()
        parts = [text, f"{button}: {to}"]
        footer = ""
        if unsubscribe:
            parts.append(f"{words.unsubscribe}: {unsubscribe}")
            footer = _FOOTER.format(link=escape(unsubscribe), words=words.unsubscribe)
        message.set_content("\n\n".join(parts) + "\n")
        page = _PAGE.format(
            language=language,
            title=escape(title),
            paragraphs=_paragraphs(text),
            link=escape(to),
            button=button,
            footer=footer,
        )
        message.add_alternative(page, subtype="html")
        return message

    def _confirmation(self, delivery: Delivery, now: datetime) -> str:
        assert delivery.target_id and delivery.useful_until
        seconds = (delivery.useful_until - now).total_seconds()
        token = sign_confirmation(self.link_key, delivery.target_id, seconds)
        return link(self.public_url, CONFIRM_PATH, token)

    def _unsubscribing(self, delivery: Delivery) -> str:
        return link(self.public_url, UNSUBSCRIBE_PATH, sign_unsubscribe(self.link_key, delivery.user_id))


def _paragraphs(text: str) -> str:
    """A text as HTML."""
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n".join(f"<p>{'<br>'.join(escape(one).splitlines())}</p>" for one in paragraphs)


def _line(text: str) -> str:
    """A text in one line, as a header needs it."""
    return " ".join(text.split())


@dataclass(slots=True)
class _Connection:
    smtp: aiosmtplib.SMTP
    messages: int = 0
    idle_since: float = 0.0


class Connections:
    """Connections to the mail server, kept for the next message.

    Args:
        server: the mail server.
        tls: how its certificate is checked; by default, with those that the system trusts.
    """

    def __init__(self, server: Smtp, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls or ssl.create_default_context()
        self._own_name = getfqdn()
        self._idle: list[_Connection] = []

    @asynccontextmanager
    async def connection(self, *, new: bool) -> AsyncIterator[tuple[aiosmtplib.SMTP, bool]]:
        """A connection, and whether it was used before. Afterwards it is kept, unless something was raised.

        Raises:
            SMTPException: there is no connection to be had.
        """
        one = (None if new else self._take()) or _Connection(await self._connect())
        is_fine = False
        try:
            yield one.smtp, one.messages > 0
            is_fine = True
        finally:
            one.messages += 1
            if is_fine and one.smtp.is_connected and one.messages < _MAX_MESSAGES:
                one.idle_since = monotonic()
                self._idle.append(one)
            else:
                one.smtp.close()

    async def aclose(self) -> None:
        """Close all of them."""
        for one in self._idle:
            one.smtp.close()
        self._idle.clear()

    def _take(self) -> _Connection | None:
        oldest = monotonic() - _IDLE_SECONDS
        while self._idle:
            one = self._idle.pop()
            if one.smtp.is_connected and one.idle_since > oldest:
                return one
            one.smtp.close()
        return None

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._own_name,
            username=server.user,
            password=server.password,
            use_tls=server.is_implicit_tls,
            start_tls=server.requires_starttls,
            tls_context=self._tls,
            # The attempt has its limit. With another one here asyncio.wait_for would wait, which in Python
            # 3.11 ignores that the attempt's time is over if the answer has come by then.
            timeout=None,
        )
        await smtp.connect()
        return smtp


class _UnusableError(Exception):
    """The server would not use a connection again that was used before."""


class EmailChannel:
    """Sends over SMTP."""

    name: Final = "email"

    def __init__(self, connections: Connections, letterhead: Letterhead) -> None:
        self._connections = connections
        self._letterhead = letterhead

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    def host(self, delivery: Delivery) -> str | None:
        """There is only one server."""
        return None

    async def send(self, delivery: Delivery) -> Result:
        """Make an attempt."""
        try:
            message = self._letterhead.message(delivery, datetime.now(UTC)).as_bytes()
        except (ValueError, LookupError):
            return failed("address_not_valid")
        recipient = delivery.target["address"]
        try:
            try:
                return await self._sent(recipient, message, new=False)
            except _UnusableError:
                return await self._sent(recipient, message, new=True)
        except SMTPResponseException as error:
            # about us, not about this message: the login, the sender, or a server that is busy
            return retry(_code(error.code))
        except OSError as error:
            code = code_of(error)
            is_away = isinstance(error, SMTPConnectError) and code == "connection_lost"
            return retry("connection_failed" if is_away else code)
        except SMTPException:
            return retry("smtp_failed")

    async def _sent(self, recipient: str, message: bytes, *, new: bool) -> Result:
        async with self._connections.connection(new=new) as (smtp, was_used):
            try:
                await smtp.mail(self._letterhead.sender_address)
            except (SMTPSenderRefused, SMTPServerDisconnected) as error:
                if was_used:
                    raise _UnusableError from error
                raise
            try:
                await smtp.rcpt(recipient)
                await smtp.data(message)
            except (SMTPRecipientRefused, SMTPDataError) as error:
                result = refusal(error.code, error.message)
                if smtp.is_connected:
                    await smtp.rset()
                return result
        return SENT


def refusal(code: int, message: str) -> Result:
    """What it means that the server does not take a message for this recipient."""
    if not 500 <= code < 600:
        return retry(_code(code))
    return gone(_code(code)) if _NO_MAILBOX.match(message) else failed(_code(code))


def _code(answer: int) -> str:
    # the library makes up a number for what is not SMTP
    return f"smtp_{answer}" if answer > 0 else "protocol_error"
