"""The server that is measured: the embedded PostgreSQL, durable, on a socket and on loopback TCP."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

from wingmanmatch.database.embedded import (
    LOOPBACK,
    EmbeddedServer,
    embedded_server,
    free_port,
    listen_on_loopback,
)

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

    Besides its socket it listens on a free port of 127.0.0.1, and trusts everybody who can reach that.
    """
    with embedded_server(directory, settings=settings) as server:
        yield listen_on_loopback(server, free_port())


def tcp_url(port: int, dbname: str, user: str) -> str:
    """The URL of a database over loopback TCP."""
    return f"postgresql://{quote(user)}@{LOOPBACK}:{port}/{quote(dbname)}"
