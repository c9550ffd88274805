"""All files of the checkout that are made from a database."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from wingmanmatch.database import paths
from wingmanmatch.tools.generate.facts import Contract
from wingmanmatch.tools.generate.openapi import openapi
from wingmanmatch.tools.generate.python import python
from wingmanmatch.tools.generate.reference import reference
from wingmanmatch.tools.generate.tables import (
    with_event_kinds,
    with_functions,
    with_inventory,
    with_notification_kinds,
)
from wingmanmatch.tools.generate.typescript import typescript

DOCUMENTS: Final[Path] = paths.ROOT / "docs"
_PINNED: Final = "tests/security/catalog.txt"
PINNED: Final[Path] = paths.ROOT / _PINNED
"""Who may do what, for a reviewer to read: any change here is either intended or a security hole."""
_README: Final = "README.md"
_JOURNAL: Final = "docs/journal.md"
_INBOX: Final = "docs/inbox.md"
_PRIVACY: Final = "docs/privacy.md"
_PACKAGE: Final = "python_client/wingmanmatch"


def targets(contract: Contract) -> dict[str, str]:
    """Their paths in the checkout and their texts: byte for byte the same for the same contract."""
    written = (_README, _JOURNAL, _INBOX, _PRIVACY)
    readme, journal, inbox, privacy = ((paths.ROOT / name).read_text(encoding="utf-8") for name in written)
    return {
        _README: with_functions(readme, contract.catalog),
        _JOURNAL: with_event_kinds(journal, contract.event_kinds),
        _INBOX: with_notification_kinds(inbox, contract.notification_kinds),
        _PRIVACY: with_inventory(privacy, contract.inventory),
        "docs/openapi.json": openapi(contract),
        "docs/reference.md": reference(contract),
        "docs/wingmanmatch.d.ts": typescript(contract),
        _PINNED: "".join(f"{line}\n" for line in contract.privileges),
        **{f"{_PACKAGE}/{name}": text for name, text in python(contract.catalog, contract.errors).items()},
    }


def drift(made: Mapping[str, str], root: Path = paths.ROOT) -> Iterator[str]:
    """The lines that differ between the files of a checkout and what was made, as ``diff -u`` shows them."""
    for name, text in made.items():
        file = root / name
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        yield from difflib.unified_diff(
            before.splitlines(), text.splitlines(), name, f"{name}, made again", "", "", 1, ""
        )


def write(made: Mapping[str, str], root: Path = paths.ROOT) -> None:
    """Write the files."""
    for name, text in made.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
