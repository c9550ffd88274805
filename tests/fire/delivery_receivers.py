"""Who is told outside: a mail server, a push service and the operators' systems, which often do not answer.

Each notes what it has received before it answers, so that what a killed worker has sent counts as well.
"""

import random
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_string
from uuid import UUID, uuid4

from deliver.browsers import Browser
from deliver.mail_servers import TAKEN, MailServer, taking_mail
from deliver.receivers import Authority, Receiver, Reply, Request, receiving
from standardwebhooks import Webhook

PUSH, BROKEN_PUSH = "fcm.googleapis.com", "updates.push.services.mozilla.com"
"""A push service, and one that never works."""
OK, HANGS, CLOSES, KILLED = "ok", "hangs", "closes", "its worker was killed"
GOT = (OK, HANGS, CLOSES, KILLED)
"""With these answers the receiver has the message, whatever the worker knows of it."""
_ANSWERS = {OK: 890, "500": 30, "503": 30, "410": 2, HANGS: 8, CLOSES: 25}
_MAIL_ANSWERS = {OK: 950, "451": 45, "554": 5}


@dataclass(frozen=True)
class Receipt:
    """A message that came, and what was answered."""

    channel: str
    message: str
    """Its id; of web push, where the same one has the same topic, that of the notification."""
    target: str | None
    """The address of the browser; None: the id says it all."""
    worker: str
    at: datetime
    answer: str


Kill = Callable[[str], bool]
"""Kills the worker of this name; whether that ended it."""


@dataclass
class Receivers:
    """The other sides, and what they have received."""

    random: random.Random
    authority: Authority
    hooks: Receiver
    push: Receiver
    mail: MailServer
    receipts: list[Receipt] = field(default_factory=list)
    puzzles: list[str] = field(default_factory=list)
    """What no receiver can make sense of."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Of the webhooks, by path."""
    browsers: dict[str, Browser] = field(default_factory=dict)
    """By endpoint."""
    is_calm: bool = False
    """Whether everybody takes everything, but for the service that never works."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _kill: Kill | None = None
    _channel: str | None = None
    killed: threading.Event = field(default_factory=threading.Event)

    def add_browser(self, host: str) -> dict[str, str]:
        """A browser; what it tells the app."""
        endpoint = f"https://{host}/send/{uuid4()}"
        self.browsers[endpoint] = Browser()
        return self.browsers[endpoint].subscription(endpoint)

    @contextmanager
    def killing(self, kill: Kill, channel: str | None) -> Iterator[threading.Event]:
        """Kill the worker that sends the next message, of a channel or of any, before it is answered."""
        with self._lock:
            self.killed.clear()
            self._kill, self._channel = kill, channel
        try:
            yield self.killed
        finally:
            with self._lock:
                self._kill = None

    @contextmanager
    def without_mail(self) -> Iterator[None]:
        """The mail server is away meanwhile."""
        self._mail_stack.close()
        try:
            yield
        finally:
            self.open_mail(self.mail.port)

    def open_mail(self, port: int = 0) -> None:
        self._mail_stack = ExitStack()
        self.mail = self._mail_stack.enter_context(taking_mail(port=port))
        self.mail.port = port or self.mail.port
        self.mail.message = self._take_mail

    def close(self) -> None:
        self._mail_stack.close()

    _mail_stack: ExitStack = field(default_factory=ExitStack)

    def _take_mail(self, content: str) -> str:
        message = message_from_string(content)
        name = str(message["From"]).partition("<")[2].partition("@")[0]
        identity = str(message["Message-ID"])[1:].partition("@")[0]
        answer = self._note("email", identity, None, name, _MAIL_ANSWERS)
        return TAKEN if answer in GOT else f"{answer} refused"

    def take_hook(self, request: Request) -> Reply:
        _refuse_half(request)
        try:
            Webhook(self.secrets[request.path]).verify(request.body, dict(request.headers))
        except Exception as error:
            self.puzzles.append(f"webhook: {error!r}")
        identity = str(request.headers["webhook-id"])
        name = str(request.headers["User-Agent"])
        return _reply(self._note("webhook", identity, None, name, _ANSWERS))

    def take_push(self, request: Request) -> Reply:
        _refuse_half(request)
        host = str(request.headers["Host"])
        endpoint = f"https://{host}{request.path}"
        told = None
        try:
            told = self.browsers[endpoint].decrypted(request.body)["notification_id"]
        except Exception as error:
            self.puzzles.append(f"web push: {error!r}")
        topic = str(UUID(bytes=urlsafe_b64decode(str(request.headers["Topic"]) + "==")))
        if told != topic:
            self.puzzles.append(f"web push: {told} has the topic {topic}")
        answers = {"500": 1} if host == BROKEN_PUSH else _ANSWERS
        name = str(request.headers["User-Agent"])
        return _reply(self._note("web_push", topic, endpoint, name, answers))

    def _note(
        self, channel: str, message: str, target: str | None, worker: str, answers: dict[str, int]
    ) -> str:
        at = datetime.now(UTC)
        with self._lock:
            (answer,) = self.random.choices([*answers], [*answers.values()])
            if self.is_calm and OK in answers:
                answer = OK
            if self._kill and self._channel in (None, channel) and self._kill(worker):
                self._kill = None
                answer = KILLED
            self.receipts.append(Receipt(channel, message, target, worker, at, answer))
        if answer == KILLED:
            self.killed.set()
        return answer


def _refuse_half(request: Request) -> None:
    """Who is killed may have sent a part of a message."""
    if len(request.body) < int(str(request.headers["Content-Length"])):
        raise ConnectionResetError


def _reply(answer: str) -> Reply:
    if answer in (CLOSES, KILLED):
        raise ConnectionResetError
    if answer == HANGS:
        return Reply(hangs=True)
    if answer == OK:
        return Reply()
    return Reply(int(answer), {"Retry-After": "1"} if answer == "503" else {})


@contextmanager
def receivers(chance: random.Random) -> Iterator[Receivers]:
    """All of them, for as long as the context lasts."""
    authority = Authority()
    with (
        receiving() as hooks,
        receiving(authority.server_context(PUSH, BROKEN_PUSH)) as push,
    ):
        made = Receivers(chance, authority, hooks, push, MailServer())
        made.open_mail()
        hooks.reply, push.reply = made.take_hook, made.take_push
        try:
            yield made
        finally:
            made.close()
