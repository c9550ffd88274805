"""The client without async is what ``generate_sync.py`` makes of the other."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import wingmanmatch

PYTHON_CLIENT = Path(wingmanmatch.__file__).parents[1]


def generate_sync(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, tree / "generate_sync.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the client to spoil, with the settings of its formatter."""
    shutil.copy(PYTHON_CLIENT.parent / "pyproject.toml", tmp_path)
    return Path(shutil.copytree(PYTHON_CLIENT, tmp_path / "python_client"))


def test_generated_code_is_fresh() -> None:
    checked = generate_sync(PYTHON_CLIENT, "--check")
    assert checked.returncode == 0, checked.stderr


def change_source(package: Path) -> None:
    with (package / "_async" / "caller.py").open("a") as file:
        file.write("\nCHANGED = True\n")


def change_generated(package: Path) -> None:
    with (package / "_sync" / "caller.py").open("a") as file:
        file.write("\nCHANGED = True\n")


def remove_generated(package: Path) -> None:
    (package / "_sync" / "caller.py").unlink()


def add_to_generated(package: Path) -> None:
    (package / "_sync" / "other.py").touch()


@pytest.mark.exhaustive
@pytest.mark.parametrize("spoil", [change_source, change_generated, remove_generated, add_to_generated])
def test_stale_code_is_told_and_made_fresh(copy: Path, spoil: Callable[[Path], None]) -> None:
    spoil(copy / "wingmanmatch")
    checked = generate_sync(copy, "--check")
    assert checked.returncode == 1
    assert "is stale" in checked.stderr
    assert generate_sync(copy).returncode == 0
    assert generate_sync(copy, "--check").returncode == 0
