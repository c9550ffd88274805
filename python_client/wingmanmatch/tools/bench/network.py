"""A network between a client and the server: a proxy that forwards everything a little later."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from wingmanmatch.database.embedded import LOOPBACK

CHUNK = 1 << 16


@contextmanager
def delayed(port: int, seconds: float) -> Iterator[int]:
    """A port of 127.0.0.1 that forwards to another one, ``seconds`` away in each direction.

    The proxy is a separate process, so neither the client nor the server waits for its interpreter.
    """
    command = [sys.executable, "-m", "wingmanmatch.tools.bench.network", str(port), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy:
        try:
            assert proxy.stdout
            yield int(proxy.stdout.readline())
        finally:
            proxy.terminate()


def _hand_on(source: socket.socket, target: socket.socket, seconds: float) -> None:
    """Clients that wait for each answer never have a second message in transit."""
    while data := source.recv(CHUNK):
        time.sleep(seconds)
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def _serve(port: int, seconds: float) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            client, _ = listener.accept()
            server = socket.create_connection((LOOPBACK, port))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=_hand_on, args=(source, target, seconds), daemon=True).start()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), float(sys.argv[2]))
