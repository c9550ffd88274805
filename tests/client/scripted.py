"""An HTTP server with scripted answers: what a gateway in front of the real one may answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Script:
    """The next answers, and the requests so far."""

    url: str = ""
    answers: list[bytes] = field(default_factory=list)
    """Whole answers, as they go over the wire; after each the connection is closed."""
    requests: list[tuple[str, HTTPMessage, bytes]] = field(default_factory=list)
    """The path, the headers and the body of each request."""


@contextmanager
def scripted_server() -> Iterator[Script]:
    """A server on a free port, for as long as the context lasts."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.requests.append((self.path, self.headers, b""))
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            script.requests.append((self.path, self.headers, body))
            self._answer()

        def _answer(self) -> None:
            self.wfile.write(script.answers.pop(0))
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()


def said(status: str, body: str = "", *headers: str) -> bytes:
    """An answer of a status, e.g. ``404 Not Found``, and a body."""
    content = body.encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + content
