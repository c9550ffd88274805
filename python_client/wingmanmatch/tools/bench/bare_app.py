"""An application that makes no call: ``python -m wingmanmatch.tools.bench.bare_app PORT``; one answer to all.

It runs as ``wingman serve`` does, on the same server with the same protocol.
"""

import os
import sys
from typing import Final

from starlette.types import Receive, Scope, Send

from wingmanmatch.database.embedded import LOOPBACK
from wingmanmatch.http.server import server
from wingmanmatch.http.settings import MIN_SECRET_BYTES, Settings

ANSWER: Final = "WINGMAN_BENCH_ANSWER"
"""The environment variable with the answer's body."""


class BareApp:
    """The application."""

    def __init__(self, content: bytes) -> None:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "content-range": "0-0/*",
            "content-length": str(len(content)),
            "x-request-id": "00000000-0000-4000-8000-000000000000",
        }
        head = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._start = {"type": "http.response.start", "status": 200, "headers": head}
        self._body = {"type": "http.response.body", "body": content}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, once its body is there."""
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        while (await receive()).get("more_body"):
            pass
        await send(self._start)
        await send(self._body)


if __name__ == "__main__":
    app = BareApp(os.environ[ANSWER].encode())
    settings = Settings("", jwt_secret="x" * MIN_SECRET_BYTES)
    server(app, settings, LOOPBACK, int(sys.argv[1])).run()
