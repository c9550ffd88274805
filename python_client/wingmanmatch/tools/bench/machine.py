"""On what machine and with what software the figures were measured."""

import os
import platform
import signal
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import psycopg

from wingmanmatch.database import paths
from wingmanmatch.database.embedded import BINARIES
from wingmanmatch.tools.bench.server import MEGABYTE, USABLE_CORES


def facts(connection: psycopg.Connection[Any]) -> dict[str, object]:
    """The machine, the versions and the commit."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "cpu": cpu(),
        "cores": USABLE_CORES,
        "memory_mb": psutil.virtual_memory().total // MEGABYTE,
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "postgresql": str(connection.execute("show server_version").fetchall()[0][0]),
        "python": platform.python_version(),
        "psycopg": psycopg.__version__,
        "wingmanmatch": version("wingmanmatch"),
    }


def fsync_microseconds(directory: Path) -> float:
    """The time to write 8 kB durably on this machine, in microseconds, measured by pg_test_fsync."""
    file = directory / "fsync"
    command = [str(BINARIES / "pg_test_fsync"), "--secs-per-test=1", f"--filename={file}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as test:
        try:
            assert test.stdout
            for line in test.stdout:
                # the first of its tests that writes as PostgreSQL does on Linux
                if line.split()[:1] == ["fdatasync"] and "usecs/op" in line:
                    return float(line.split()[-2])
        finally:
            test.send_signal(signal.SIGINT)
            file.unlink(missing_ok=True)
    raise OSError("pg_test_fsync did not measure fdatasync")


def commit() -> str:
    """The commit that is measured, with ``+`` if there are changes since; empty outside a checkout."""
    if not (paths.ROOT / ".git").exists():
        return ""
    with suppress(OSError, subprocess.CalledProcessError):
        changed = _git("status", "--porcelain", "--", "sql", "bench/calls", "bench/turns", "bench/worlds")
        return _git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    return ""


def cpu() -> str:
    """The processor's name."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(paths.ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
