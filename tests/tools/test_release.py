"""What a release carries: the fingerprint, and a wheel that needs no checkout."""

import re
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import psycopg
import pytest
from wingmanmatch.database import paths
from wingmanmatch.database.embedded import stop_server
from wingmanmatch.database.fingerprint import against_release, differences

HERE = Path(__file__).resolve().parents[2]


def test_the_fingerprint_of_the_release_is_that_of_a_new_database(database_url):
    with psycopg.connect(database_url) as connection:
        stale = differences(*against_release(connection))
    assert stale == [], "run make regenerate"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(directory)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", str(HERE), *options], check=True)
    (built,) = directory.glob("wingmanmatch-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The command of an environment that has the wheel, and borrows this one's other packages."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(wheel)]
    subprocess.run(command, check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return environment / "bin" / "wingman"


@pytest.mark.exhaustive
def test_the_wheel_carries_every_file_of_the_database(wheel):
    carried = {name for name in ZipFile(wheel).namelist() if name.startswith("wingmanmatch/_bundled/")}
    folders = ["sql", "migrations", "bench/before", "bench/calls", "bench/turns", "bench/worlds"]
    sources = [path for folder in folders for path in (HERE / folder).rglob("*")]
    sources += [HERE / "alembic.ini", HERE / "bench" / "before.sql", HERE / "docs" / "openapi.json"]
    files = {path.relative_to(HERE) for path in sources if path.is_file() and "__pycache__" not in path.parts}
    assert carried == {f"wingmanmatch/_bundled/{path}" for path in files}
    assert "wingmanmatch/_bundled/migrations/fingerprint.json" in carried


@pytest.mark.exhaustive
def test_the_wheel_carries_every_file_of_the_pages(wheel):
    package = HERE / "python_client" / "wingmanmatch"
    folders = (package / "admin" / "page", package / "http" / "page", package / "shared_page")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert {str(path.relative_to(package.parent)) for path in files} <= {*ZipFile(wheel).namelist()}


def test_the_wheel_carries_the_page_of_the_demo(wheel):
    carried = {name for name in ZipFile(wheel).namelist() if name.startswith("wingmanmatch/http/page/")}
    page = HERE / "python_client" / "wingmanmatch" / "http" / "page"
    assert carried == {f"wingmanmatch/http/page/{path.name}" for path in page.iterdir()}
    assert "wingmanmatch/http/page/index.html" in carried


@pytest.mark.exhaustive
def test_the_wheel_works_in_an_empty_folder(installed):
    def run(*arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [installed, *arguments], cwd=folder, env={"PATH": "/nowhere"}, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (status, ""), arguments
        return done.stdout

    with tempfile.TemporaryDirectory(prefix="wingman-wheel-") as name:
        folder = Path(name).resolve()
        try:
            up = run("up")
            assert run("db", "current").endswith(", the newest\n")
            assert "This database matches this release." in run("doctor")
            assert run("db", "sql").startswith("BEGIN;")
            assert "The end" in run("story", "--seed", "1")
            with psycopg.connect(re.search(r"superuser +(\S+)", up)[1], autocommit=True) as connection:
                connection.execute("drop function wingman.badge_color(integer)")
                (somebody,) = connection.execute("select id from public.user_profiles limit 1").fetchone()
            found = run("doctor", status=1)
            mend = re.search(r"-f (\S+/sql/reputation/badge_color\.sql)$", found, re.MULTILINE)
            assert mend[1].startswith(str(installed.parents[1]))
            assert '"first_name"' in run("as", str(somebody), "get_profile", "--json")
            assert "3 people" in run("status")
            assert "is stopped" in run("down")
            run("status", status=3)
        finally:
            stop_server(folder / ".wingman" / "server")


@pytest.mark.exhaustive
def test_the_wheel_refuses_in_one_line(installed, tmp_path):
    command = [installed, "as", str(uuid4()), "nonsense", "--database-url", "dbname=x"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("wingman: There is no call 'nonsense'")


def test_the_tests_run_on_the_checkout():
    assert paths.ROOT == HERE
