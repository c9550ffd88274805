"""The documents in ``docs/`` that are made from a database."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from wingmanmatch.contract.facts import Contract
from wingmanmatch.contract.openapi import openapi
from wingmanmatch.contract.reference import reference
from wingmanmatch.contract.typescript import typescript
from wingmanmatch.database import paths

DIRECTORY: Final[Path] = paths.ROOT / "docs"


def documents(contract: Contract) -> dict[str, str]:
    """Their names and texts: the same for the same contract, byte for byte."""
    return {
        "openapi.json": openapi(contract),
        "reference.md": reference(contract),
        "wingmanmatch.d.ts": typescript(contract),
    }


def drift(made: Mapping[str, str], directory: Path = DIRECTORY) -> Iterator[str]:
    """The lines that differ between the files of a directory and what was made, as ``diff -u`` shows them."""
    for name, text in made.items():
        file = directory / name
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        yield from difflib.unified_diff(
            before.splitlines(), text.splitlines(), f"docs/{name}", f"docs/{name}, made anew", "", "", 1, ""
        )


def write(made: Mapping[str, str], directory: Path = DIRECTORY) -> None:
    """Write the files."""
    for name, text in made.items():
        (directory / name).write_text(text, encoding="utf-8")
