"""Standard input and output for an event loop that must be able to end before they do.

The SDK reads and writes in threads of the event loop. It would only end with the next line of the input, or
once somebody has read the output. The threads here are daemons, which nobody waits for, and they use nothing
that the interpreter locks when it ends.
"""

import asyncio
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

_INPUT: Final = 0
_OUTPUT: Final = 1
_ERRORS: Final = 2


class Input:
    """The lines of standard input."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await self._lines.get():
            yield line

    def _read(self) -> None:
        with os.fdopen(os.dup(_INPUT), encoding="utf-8", errors="replace") as source:
            for line in source:
                self._put(line)
        self._put("")

    def _put(self, line: str) -> None:
        # the event loop may have ended
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)


class Output:
    """Standard output, to which nothing else can write from now on: that goes to standard error.

    Args:
        gone: called in the event loop where nobody is left to read it.
    """

    def __init__(self, gone: Callable[[], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._gone = gone
        self._texts: queue.SimpleQueue[tuple[str, asyncio.Event]] = queue.SimpleQueue()
        self._target = os.dup(_OUTPUT)
        os.dup2(_ERRORS, _OUTPUT)
        threading.Thread(target=self._write, name="stdout", daemon=True).start()

    async def write(self, text: str) -> None:
        """Return once it is written."""
        written = asyncio.Event()
        self._texts.put((text, written))
        await written.wait()

    async def flush(self) -> None:
        """Does nothing: what is written is not kept back."""

    def _write(self) -> None:
        while True:
            text, written = self._texts.get()
            try:
                rest = text.encode("utf-8", "replace")
                while rest:
                    rest = rest[os.write(self._target, rest) :]
            except OSError:
                self._call(self._gone)
            self._call(written.set)

    def _call(self, function: Callable[[], object]) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function)
