"""A small pooler between clients and a server on a Unix socket, with made-up process ids."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

PORT = 5432
READY, SYNC, QUERY, FLUSH, TERMINATE, BACKEND_KEY = b"Z", b"S", b"Q", b"H", b"X", b"K"
IDLE = b"I"


class Server:
    """A connection to the server, and what it said when it was made."""

    def __init__(self, path: Path, startup: bytes) -> None:
        self.socket = connected(path)
        self.socket.sendall(startup)
        self.greeting = b"".join(until_ready(self.socket))
        self.in_transaction = threading.Lock()


class Pooler:
    """Gives every client its own server connection, or all of them one, a transaction at a time."""

    def __init__(self, server: Path, directory: Path, *, by_transaction: bool) -> None:
        self._server = server
        self._by_transaction = by_transaction
        self._shared: Server | None = None
        self._sockets: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / f".s.PGSQL.{PORT}"))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in [self._listener, *self._sockets]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                threading.Thread(target=self._serve, args=[client, len(self._sockets)], daemon=True).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        with suppress(OSError, EOFError), client:
            startup = read_exactly(client, 4)
            startup += read_exactly(client, struct.unpack("!I", startup)[0] - 4)
            server = self._shared or Server(self._server, startup)
            self._sockets.append(server.socket)
            if self._by_transaction:
                self._shared = server
            client.sendall(with_process_id(server.greeting, number))
            while True:
                self._pass_on_a_transaction(client, server)

    def _pass_on_a_transaction(self, client: socket.socket, server: Server) -> None:
        message = read_message(client)
        if message[:1] == TERMINATE:
            raise EOFError
        if message[:1] == FLUSH:
            return  # there is nothing more to come
        with server.in_transaction:
            while True:
                server.socket.sendall(message)
                if message[:1] in (SYNC, QUERY):
                    answers = list(until_ready(server.socket))
                    client.sendall(b"".join(answers))
                    if answers[-1][5:6] == IDLE:
                        return
                message = read_message(client)


@contextmanager
def pooler(server: Path, *, by_transaction: bool) -> Iterator[str]:
    """A pooler before a server's socket directory; gives its own."""
    with TemporaryDirectory(prefix="wingman-pooler-") as directory:
        running = Pooler(server / f".s.PGSQL.{PORT}", Path(directory), by_transaction=by_transaction)
        try:
            yield directory
        finally:
            running.close()


def connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection


def until_ready(connection: socket.socket) -> Iterator[bytes]:
    while True:
        message = read_message(connection)
        yield message
        if message[:1] == READY:
            return


def read_message(connection: socket.socket) -> bytes:
    head = read_exactly(connection, 5)
    return head + read_exactly(connection, struct.unpack("!I", head[1:])[0] - 4)


def read_exactly(connection: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        part = connection.recv(count - len(read))
        if not part:
            raise EOFError
        read += part
    return read


def with_process_id(greeting: bytes, number: int) -> bytes:
    """The greeting with the process id ``number`` in its key for cancelling."""
    start = greeting.index(BACKEND_KEY + b"\0\0\0")
    return greeting[: start + 5] + struct.pack("!I", number) + greeting[start + 9 :]
