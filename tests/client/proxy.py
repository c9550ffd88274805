"""A proxy between a client and a server that sees the calls, and can cut them off at any byte.

The server is PostgreSQL, and then round trips are counted, or one that speaks HTTP.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from psycopg import ConnectionInfo

SYNC, QUERY, PARSE = b"S", b"Q", b"P"
READY_FOR_QUERY, BACKEND_KEY_DATA = b"Z", b"K"
CANCEL_REQUEST = (80877102).to_bytes(4)
CALL = re.compile(r'"public"\."(\w+)"\(')
HTTP_CALL = re.compile(rb"POST /rest/v1/rpc/(\w+) ")
CONTENT_LENGTH = re.compile(rb"^content-length: *(\d+)\r$", re.IGNORECASE | re.MULTILINE)


class CutError(Exception):
    """The connection is to be broken here."""


@dataclass
class Gate:
    """Lets some messages pass; what comes after them waits until it is opened."""

    passing: int
    holds_one: bool = False
    """Whether only the first message that comes waits, with what follows on its connection."""
    reached: threading.Event = field(default_factory=threading.Event)
    """Set once a message waits."""
    opened: threading.Event = field(default_factory=threading.Event)

    def let_pass(self) -> None:
        """Return once the next message may pass."""
        if self.passing:
            self.passing -= 1
        else:
            self.reached.set()
            self.opened.wait()


@dataclass
class Flow:
    """One direction: all requests, or all answers."""

    sizes: list[int] = field(default_factory=list)
    """The length of every message in bytes."""
    cut_after: int | None = None
    """After how many bytes the connection that they go over is broken, once."""
    gate: "Gate | None" = None
    """What holds messages back."""

    def pass_on(self, message: bytes, target: socket.socket) -> None:
        """Send a message on, or the part of it before the cut."""
        gate = self.gate
        if gate:
            if gate.holds_one:
                self.gate = None
            gate.let_pass()
        self.sizes.append(len(message))
        if self.cut_after is None:
            target.sendall(message)
        elif len(message) < self.cut_after:
            self.cut_after -= len(message)
            target.sendall(message)
        else:
            part, self.cut_after = message[: self.cut_after], None
            target.sendall(part)
            raise CutError


@dataclass
class Wire:
    """The messages over the proxy, once the connections were made.

    Answers are held back until the client has ended its request by a Sync, or by a simple query. A client
    which waits for an answer any earlier would wait for ever: it is cut off, and ``stalled`` set. So one Sync
    is one round trip. They are held back until the server has said all of them: by then it has committed.
    """

    patience: float
    """Seconds after which a client with an unfinished request counts as waiting."""
    round_trips: int = 0
    statements: list[str] = field(default_factory=list)
    """The SQL of every Parse and simple query."""
    called: list[str] = field(default_factory=list)
    """The function of every call that could be seen: of a prepared statement the first one only."""
    stalled: bool = False
    requests: Flow = field(default_factory=Flow)
    answers: Flow = field(default_factory=Flow)
    backends: list[int] = field(default_factory=list)
    """The process id of every connection's backend."""
    cancels: int = 0
    """How many requests to cancel a statement the server has taken."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    is_down: bool = False
    """Whether nobody gets a connection."""
    turned_away: int = 0
    """How many did not get one."""
    sockets: list[socket.socket] = field(default_factory=list)

    def cut(self) -> None:
        """Break all connections that there are, as a network does; one that opens meanwhile stays."""
        for side in [*self.sockets]:
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


class Link:
    """One client's connection."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self._wire = wire
        self._client = client
        self._server = server
        self._requests = 0
        self._answers = 0
        self._started = False

    def forward_requests(self) -> None:
        """Forward and record what the client sends."""
        with suppress(OSError, EOFError, CutError), self._closing():
            startup = _read_startup(self._client)
            self._server.sendall(startup)
            if startup[4:8] == CANCEL_REQUEST:
                # the server has sent its signal when it ends the connection
                self._server.recv(1)
                with self._wire.changed:
                    self._wire.cancels += 1
                    self._wire.changed.notify_all()
                return
            while True:
                kind, message = _read_message(self._client)
                if self._started:
                    with self._wire.changed:
                        self._note(kind, message)
                    self._wire.requests.pass_on(message, self._server)
                else:
                    self._server.sendall(message)

    def forward_answers(self) -> None:
        """Forward what the server sends, once the client has finished its request."""
        held: list[bytes] = []
        with suppress(OSError, EOFError, CutError), self._closing():
            while True:
                kind, message = _read_message(self._server)
                if not self._started:
                    # before the client is told, for it asks at once
                    self._started = kind == READY_FOR_QUERY
                    if kind == BACKEND_KEY_DATA:
                        with self._wire.changed:
                            self._wire.backends.append(int.from_bytes(message[5:9]))
                            self._wire.changed.notify_all()
                    self._client.sendall(message)
                    continue
                with self._wire.changed:
                    if not self._wire.changed.wait_for(self._is_asked, self._wire.patience):
                        self._wire.stalled = True
                        return
                held.append(message)
                if kind == READY_FOR_QUERY:
                    self._answers += 1
                    for part in held:
                        self._wire.answers.pass_on(part, self._client)
                    held.clear()

    def _is_asked(self) -> bool:
        return self._requests > self._answers

    def _note(self, kind: bytes, message: bytes) -> None:
        if kind in (SYNC, QUERY):
            self._requests += 1
            self._wire.round_trips += 1
            self._wire.changed.notify_all()
        if kind in (PARSE, QUERY):
            # A Parse begins with the statement's name; both end their SQL with a zero byte.
            body = message[5:].split(b"\0", 1)[1] if kind == PARSE else message[5:]
            statement = body.split(b"\0", 1)[0].decode()
            self._wire.statements.append(statement)
            self._wire.called += CALL.findall(statement)

    def _closing(self) -> AbstractContextManager[None]:
        return closing_both(self._client, self._server)


class HttpLink:
    """One client's connection to a server that speaks HTTP. A message is a head or a body."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self._wire = wire
        self._client = client
        self._server = server

    def forward_requests(self) -> None:
        """Forward and record what the client sends."""
        with suppress(OSError, EOFError, CutError), closing_both(self._client, self._server):
            while True:
                head, body = _read_http(self._client)
                with self._wire.changed:
                    self._wire.called += [name.decode() for name in HTTP_CALL.findall(head)]
                    self._wire.round_trips += 1
                    self._wire.changed.notify_all()
                for part in (head, body):
                    self._wire.requests.pass_on(part, self._server)

    def forward_answers(self) -> None:
        """Forward each answer once it is complete."""
        with suppress(OSError, EOFError, CutError), closing_both(self._client, self._server):
            while True:
                for part in _read_http(self._server):
                    self._wire.answers.pass_on(part, self._client)


@contextmanager
def closing_both(*sides: socket.socket) -> Iterator[None]:
    """When one side goes, so does the other."""
    try:
        yield
    finally:
        for side in sides:
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


class LinkType(Protocol):
    """Makes the two directions of a connection."""

    def __call__(self, wire: Wire, client: socket.socket, server: socket.socket, /) -> Link | HttpLink: ...


@contextmanager
def proxy_to(server: ConnectionInfo, patience: float = 10.0) -> Iterator[tuple[Wire, dict[str, str]]]:
    """A proxy to the server of a connection: what it sees, and the parameters to connect through it."""
    with _proxy(lambda: _connect(server), Link, patience) as (wire, (host, port)):
        yield wire, {"host": host, "port": str(port), "sslmode": "disable", "gssencmode": "disable"}


@contextmanager
def proxy_to_http(url: str) -> Iterator[tuple[Wire, str]]:
    """A proxy to a server that speaks HTTP: what it sees, and the URL through it."""
    server = urlsplit(url)
    assert server.hostname and server.port
    address = server.hostname, server.port
    with _proxy(lambda: socket.create_connection(address), HttpLink, 0) as (wire, (host, port)):
        yield wire, f"http://{host}:{port}"


@contextmanager
def _proxy(
    connect: Callable[[], socket.socket], link: LinkType, patience: float
) -> Iterator[tuple[Wire, tuple[str, int]]]:
    wire = Wire(patience)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, connect, link, wire), daemon=True).start()
        try:
            yield wire, listener.getsockname()
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _accept(
    listener: socket.socket, connect: Callable[[], socket.socket], link_type: LinkType, wire: Wire
) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            if wire.is_down:
                client.close()
                with wire.changed:
                    wire.turned_away += 1
                    wire.changed.notify_all()
                continue
            # an answer is several messages: without this the second waits until the first is acknowledged
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            upstream = connect()
            if upstream.family != socket.AF_UNIX:
                upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.sockets += [client, upstream]
            link = link_type(wire, client, upstream)
            for forward in (link.forward_requests, link.forward_answers):
                threading.Thread(target=forward, daemon=True).start()


def _connect(server: ConnectionInfo) -> socket.socket:
    if server.host.startswith("/"):
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(f"{server.host}/.s.PGSQL.{server.port}")
        return upstream
    return socket.create_connection((server.host, server.port))


def _read_startup(source: socket.socket) -> bytes:
    length = _read(source, 4)
    return length + _read(source, int.from_bytes(length) - 4)


def _read_message(source: socket.socket) -> tuple[bytes, bytes]:
    head = _read(source, 5)
    return head[:1], head + _read(source, int.from_bytes(head[1:]) - 4)


def _read_http(source: socket.socket) -> tuple[bytes, bytes]:
    """A head and a body, whose length is in the head."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _read(source, 1)
    length = CONTENT_LENGTH.search(head)
    return head, _read(source, int(length[1])) if length else b""


def _read(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = source.recv(count - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data
