"""Several processes that serve at one port."""

import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import wait
from socket import socket
from tempfile import TemporaryDirectory

from wingmanmatch.http.app import create_app
from wingmanmatch.http.logs import log_as_json
from wingmanmatch.http.record import LOGGED, MULTIPROCESS
from wingmanmatch.http.server import run, tell_where
from wingmanmatch.http.settings import Settings


class WorkerEndedError(RuntimeError):
    """A process has exited unexpectedly."""


def serve_by_workers(count: int, settings: Settings, listener: socket, admin_url: str = "") -> None:
    """Serve in several processes until SIGTERM or SIGINT; each first answers its calls in progress.

    They accept the connections of one socket. Each has its own connections to the database and verifies
    tokens itself; the metrics are those of all together.

    Raises:
        WorkerEndedError: one has exited unexpectedly, and the others were stopped: start all of them again.
    """
    # So that an error in the settings or the database is reported here, once.
    create_app(settings)
    log_as_json(LOGGED)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with TemporaryDirectory(prefix="wingman-metrics-") as numbers:
        os.environ[MULTIPROCESS] = numbers
        spawn = multiprocessing.get_context("spawn")
        workers = [spawn.Process(target=_work, args=(settings, listener, admin_url)) for _ in range(count)]
        tell_where(listener)
        try:
            for worker in workers:
                worker.start()
            # otherwise this process would still listen after they have stopped
            listener.close()
            wait([worker.sentinel for worker in workers])
            raise WorkerEndedError(
                "A worker exited unexpectedly, so the others were stopped: start them again"
            )
        finally:
            for child in multiprocessing.active_children():
                child.terminate()
            for child in multiprocessing.active_children():
                child.join()


def _work(settings: Settings, listener: socket, admin_url: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # from Ctrl-C, which all processes of a terminal get
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    run(settings, listener, admin_url, told_where=True)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
