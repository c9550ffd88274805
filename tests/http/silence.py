"""A server that goes silent: its connections stay open, and nothing more comes over them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg import ConnectionInfo


class Line:
    """A way to a server over TCP, which may go silent."""

    def __init__(self, server: ConnectionInfo) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.is_silent = False
        self.goes_silent_at: bytes | None = None
        """What a client says last: it is not passed on, and nothing after it."""
        host, port = self._listener.getsockname()
        self.parameters = {"host": host, "port": str(port), "sslmode": "disable", "gssencmode": "disable"}
        """How to connect over it."""
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = self._connect()
                self._sockets += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _connect(self) -> socket.socket:
        if not self._server.host.startswith("/"):
            return socket.create_connection((self._server.host, self._server.port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._server.host}/.s.PGSQL.{self._server.port}")
        return server

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self.goes_silent_at and self.goes_silent_at in data:
                    self.is_silent = True
                if not self.is_silent:
                    target.sendall(data)


@contextmanager
def line_to(server: ConnectionInfo) -> Iterator[Line]:
    """A line to the server of a connection."""
    line = Line(server)
    try:
        yield line
    finally:
        line.close()
