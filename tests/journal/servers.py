"""A test's own servers, to be killed, dumped, copied and recovered."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from harness import Connection, build_database
from psycopg.rows import dict_row
from wingmanmatch.database.embedded import BINARIES, EmbeddedServer, embedded_server

DATABASE = "wingman"
# what a killed process has handed to the system is not lost
SETTINGS = {"fsync": "off", "autovacuum": "off", "max_prepared_transactions": "5"}


@contextmanager
def server(directory: Path, **settings: str) -> Iterator[EmbeddedServer]:
    with embedded_server(directory, settings={**SETTINGS, **settings}) as running:
        yield running


@contextmanager
def connections(running: EmbeddedServer) -> Iterator[Callable[..., Connection]]:
    """Opens connections to the database there, closed at the end."""
    with ExitStack() as stack:

        def connect(user: str = "postgres", dbname: str = DATABASE, **_: Any) -> Connection:
            connection = psycopg.connect(running.url(dbname, user), autocommit=True, row_factory=dict_row)
            stack.callback(connection.close)
            return connection

        yield connect


def install(running: EmbeddedServer) -> None:
    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute(f"create database {DATABASE}")
    build_database(running.url(DATABASE))


def kill(running: EmbeddedServer) -> None:
    """SIGKILL, all of it at once."""
    postmaster = psutil.Process(running.pid)
    # it starts nobody from here on
    postmaster.send_signal(signal.SIGSTOP)
    everybody = [postmaster, *postmaster.children(recursive=True)]
    for sent in (signal.SIGSTOP, signal.SIGKILL):
        for process in everybody:
            # a backend may end by itself meanwhile
            with suppress(psutil.NoSuchProcess):
                process.send_signal(sent)
    psutil.wait_procs(everybody, timeout=30)


def dump(running: EmbeddedServer, file: Path) -> None:
    _run("pg_dumpall", "--roles-only", f"--dbname={running.url()}", f"--file={file}.roles")
    _run("pg_dump", f"--file={file}", running.url(DATABASE))


def restore(running: EmbeddedServer, file: Path) -> None:
    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute(f"drop database if exists {DATABASE}")
        connection.execute(f"create database {DATABASE}")
    # the superuser is there already
    _run("psql", "--no-psqlrc", "--quiet", f"--file={file}.roles", running.url())
    _run("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={file}", running.url(DATABASE))


def copy(running: EmbeddedServer, directory: Path) -> None:
    """A base backup, owned by the user that runs the server."""
    url = running.url()
    where = [f"--pgdata={directory}", f"--dbname={url}"]
    _run("pg_basebackup", "--checkpoint=fast", "--wal-method=stream", *where)
    owner = running.directory.stat()
    for path in [directory, *directory.rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)
    # the original's socket is beside its data
    for name in ("log", ".handle_pids.json", *(path.name for path in directory.glob(".s.PGSQL.*"))):
        (directory / name).unlink(missing_ok=True)


def signal_file(directory: Path, name: str) -> None:
    """standby.signal or recovery.signal."""
    (directory / name).touch()
    shutil.chown(directory / name, *_names(directory))


def use_up_transactions(db: Connection, amount: int) -> None:
    db.execute(
        f"""do $$ begin
            for i in 1..{amount} loop perform pg_current_xact_id(); commit; end loop;
        end $$"""
    )


def _names(path: Path) -> tuple[int, int]:
    owner = path.stat()
    return owner.st_uid, owner.st_gid


def _run(program: str, *arguments: str) -> None:
    command: list[Any] = [BINARIES / program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
