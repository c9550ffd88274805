"""A database that was dumped and restored is what the release expects."""

import subprocess
from pathlib import Path

import psycopg
import pytest
from harness import login_url, psql
from psycopg.rows import scalar_row
from rich.console import Console
from versioning.conftest import NewDatabase
from wingmanmatch.database.embedded import BINARIES
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.demo.seed import seed_people
from wingmanmatch.http.health import obstacle_in
from wingmanmatch.tools.doctor import examine

WAYS = {
    "custom": ["--format=custom"],
    "plain": ["--format=plain"],
    "directory in parallel": ["--format=directory", "--jobs=2"],
}
PEOPLE = 50


def run(program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def programs_for(url: str) -> Path:
    """Where the server's own pg_dump is: what a newer one writes, an older server may not read."""
    with psycopg.connect(url) as connection:
        major = connection.info.server_version // 10_000
    debian = Path(f"/usr/lib/postgresql/{major}/bin")
    return debian if debian.exists() else BINARIES


@pytest.mark.parametrize("way", WAYS)
def test_a_restored_database_is_what_the_release_expects(
    new_database: NewDatabase, tmp_path: Path, way: str
) -> None:
    source, target = new_database(), new_database()
    upgrade(source)
    with psycopg.connect(source, autocommit=True) as connection:
        seed_people(connection, Console(quiet=True), PEOPLE, 1)
    dumped = tmp_path / "dump"
    programs = programs_for(source)
    run(programs / "pg_dump", *WAYS[way], f"--file={dumped}", source)
    if way == "plain":
        psql(target, f"--file={dumped}")
    else:
        run(programs / "pg_restore", "--exit-on-error", f"--dbname={target}", str(dumped))

    assert [finding for check in examine(target) for finding in check.findings] == []
    assert obstacle_in(login_url(target, "authenticator")) is None
    with psycopg.connect(target, row_factory=scalar_row) as connection:
        assert connection.execute("select count(*) from public.user_profiles").fetchone() == PEOPLE
