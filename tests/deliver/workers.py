"""A worker in a thread, with the channels that a test gives it; and as the process that a person starts."""

import asyncio
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from harness import WORKER, Connection
from interrupting import hears_ctrl_c
from serving import WINGMAN
from wingmanmatch.deliver.figures import Figures
from wingmanmatch.deliver.process import Made
from wingmanmatch.deliver.queue import Queue
from wingmanmatch.deliver.worker import Worker

COMMAND = (WINGMAN, "deliver", "--poll", "0.01")

_DEADLINE_SECONDS = 15.0


@contextmanager
def working(
    url: str, make: Callable[[], list[Made]], *, with_realtime: bool = False
) -> Iterator[tuple[Worker, Figures]]:
    """A worker, which ends gracefully with the context.

    Args:
        url: the database's, for a login of a worker.
        make: makes the channels, each with how many attempts it may make at once.
        with_realtime: whether it serves Realtime, too.
    """
    ready, made = threading.Event(), []
    figures = Figures()

    async def run() -> None:
        channels = make()
        queue = Queue(url, len(channels) + 3)
        worker = Worker(queue, channels, with_realtime=with_realtime, poll_seconds=0.01, figures=figures)
        made.append((worker, asyncio.get_running_loop()))
        ready.set()
        async with queue.opened():
            try:
                await worker.run()
            finally:
                for channel, _ in channels:
                    await channel.aclose()

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(_DEADLINE_SECONDS)
    worker, loop = made[0]
    try:
        yield worker, figures
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(worker.end)
        thread.join(_DEADLINE_SECONDS * 2)
        assert not thread.is_alive(), "the worker does not end"


class WorkerProcess:
    """``wingman deliver``, and what it logs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        """All of it."""
        return "\n".join(map(json.dumps, self.lines))

    def says(self, event: str) -> re.Match[str]:
        """Wait for a line. Raises TimeoutError: it was never said."""

        def found() -> re.Match[str] | None:
            return next((match for line in self.lines if (match := re.search(event, line["event"]))), None)

        with self._changed:
            match = self._changed.wait_for(found, _DEADLINE_SECONDS)
        if not match:
            raise TimeoutError(self.log)
        return match

    def ends(self) -> int:
        """Wait for its end; its exit status."""
        status = self.process.wait(_DEADLINE_SECONDS)
        self._reader.join(_DEADLINE_SECONDS)
        return status

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(json.loads(line) if line.startswith("{") else {"event": line})
                self._changed.notify_all()


def cut_off(db: Connection) -> int:
    """End the connections of workers to this database; how many there were."""
    row = db.execute(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where usename = %s and datname = current_database()",
        [WORKER],
    ).fetchone()
    assert row
    return int(row["count"])


@contextmanager
def wingman_deliver(
    url: str, *options: str, command: Sequence[str] = COMMAND, **environment: str
) -> Iterator[WorkerProcess]:
    """The command as a person runs it, once it delivers; killed at the end, unless it has ended."""
    process = subprocess.Popen(
        [*command, *options],
        env={**os.environ, "WINGMAN_DATABASE_URL": url, **environment},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_ctrl_c,
    )
    worker = WorkerProcess(process)
    try:
        worker.says("Delivering")
        yield worker
    finally:
        process.kill()
        worker.ends()
        if process.stderr:
            process.stderr.close()
