"""The command ``wingman`` as a person runs it, and a server whose roles a test may change."""

import logging
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import count
from pathlib import Path

import psycopg
import pytest
from wingmanmatch.database.embedded import FAST_AND_FORGETFUL, embedded_server
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.tools.cli import main

WINGMAN = str(Path(sys.executable).with_name("wingman"))


@pytest.fixture
def wingman(monkeypatch):
    """Runs the command line in this process, which is quick: ``wingman("doctor", "--json", url=…)``."""

    def run(*arguments: str, url: str = "", cwd: Path | None = None, **more: str):
        out, err = StringIO(), StringIO()
        with monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["wingman", *arguments])
            for name, value in {"WINGMAN_DATABASE_URL": url, **more}.items():
                patch.setenv(name, value)
            if cwd:
                patch.chdir(cwd)
            try:
                with pytest.raises(SystemExit) as end:
                    main()
            finally:
                # the loggers remember that it was off
                logging.disable(logging.NOTSET)
        return subprocess.CompletedProcess(arguments, end.value.code or 0, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def wingman_process():
    """Runs the installed command as a person does."""

    def run(*arguments: str, cwd: Path | None = None):
        environment = {name: value for name, value in os.environ.items() if name != "WINGMAN_DATABASE_URL"}
        return subprocess.run(
            [WINGMAN, *arguments], env=environment, cwd=cwd, capture_output=True, text=True, check=False
        )

    return run


def fails_in_one_line(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """The message of a failed command, after ``wingman: ``."""
    assert done.returncode == status, done
    assert done.stdout == ""
    assert done.stderr.startswith("wingman: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("wingman: ").rstrip()


@pytest.fixture(scope="session")
def own_server():
    """A server for these tests only: roles belong to a whole server, which other tests use, too."""
    with (
        tempfile.TemporaryDirectory(prefix="wingman-tools-") as directory,
        embedded_server(Path(directory, "data"), settings=FAST_AND_FORGETFUL) as server,
    ):
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create database template_of_tools")
        upgrade(server.url("template_of_tools"))
        yield server


@pytest.fixture
def new_database(own_server):
    """Makes databases on that server, migrated or empty, and gives their superuser's URL."""
    numbers = count(1)
    made = []

    with psycopg.connect(own_server.url(), autocommit=True) as connection:

        def make(*, migrated: bool = True) -> str:
            made.append(f"tools_{next(numbers)}")
            template = "template_of_tools" if migrated else "template0"
            connection.execute(f"create database {made[-1]} template {template}")
            return own_server.url(made[-1])

        yield make
        for name in made:
            connection.execute(f"drop database {name} with (force)")
