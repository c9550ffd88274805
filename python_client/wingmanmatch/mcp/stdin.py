"""The lines of standard input, for an event loop that must be able to end before the input does."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator


class Lines:
    """Reads in a thread of its own, which nobody waits for at the end.

    The SDK reads in a thread of the event loop, which would only end with the next line.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        # not sys.stdin, which the interpreter locks when it ends
        self._source = os.dup(sys.stdin.fileno())
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await self._lines.get():
            yield line

    def _read(self) -> None:
        with os.fdopen(self._source, encoding="utf-8", errors="replace") as source:
            for line in source:
                self._put(line)
        self._put("")

    def _put(self, line: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
