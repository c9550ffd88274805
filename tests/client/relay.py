"""A relay between a client and a server that can cut what goes through it, at any byte of an answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """The connections through it."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._server = (where.hostname, where.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.url = "http://{}:{}".format(*self._listener.getsockname())
        self.connections = 0
        self.cuts = 0
        """How many connections were cut while an answer went over them."""
        self.cut_after: int | None = None
        """After how many bytes of answers a connection is cut."""
        self.is_down = False
        """Whether nobody gets a connection."""
        self.turned_away = 0
        self.changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut all connections."""
        with self.changed:
            sockets, self._sockets = self._sockets, []
            self.cuts += len(sockets) // 2
        _close(*sockets)

    def until_open(self) -> None:
        """Return once there is a connection over which something has come back."""
        with self.changed:
            assert self.changed.wait_for(lambda: self._sockets, 15)

    def close(self) -> None:
        """Take no more connections."""
        _close(self._listener, *self._sockets)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self.changed:
                    self.turned_away += self.is_down
                    self.connections += not self.is_down
                if self.is_down:
                    client.close()
                    continue
                server = socket.create_connection(self._server)  # type: ignore[arg-type]
                for work in (self._ask, self._answer):
                    threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                server.sendall(data)
        _close(client, server)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := server.recv(65_536):
                cut_after = self.cut_after
                is_cut = cut_after is not None and passed + len(data) > cut_after
                part = data[: max(0, (cut_after or 0) - passed)] if is_cut else data
                client.sendall(part)
                passed += len(part)
                with self.changed:
                    if not passed - len(part):
                        self._sockets += [client, server]
                    if is_cut:
                        self.cuts += 1
                    self.changed.notify_all()
                if is_cut:
                    break
        with self.changed:
            self._sockets = [one for one in self._sockets if one not in (client, server)]
        _close(client, server)


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def relay_to(url: str) -> Iterator[Relay]:
    """A relay to an HTTP server, for as long as the context lasts."""
    relay = Relay(url)
    try:
        yield relay
    finally:
        relay.close()
