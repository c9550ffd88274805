"""The frozen history in ``migrations/versions`` and how today's ``sql/`` differs from it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from wingmanmatch.database import paths
from wingmanmatch.database.statements import is_repeatable, precious_tables

_INCLUDE = re.compile(r"^\\ir (\S+)$", re.MULTILINE)
_SECTION = re.compile(
    r"^-- (?P<kind>file|drop|moved|removed): (?P<path>sql/\S+)"
    r"(?: sha256:(?P<sha256>[0-9a-f]{64})| from (?P<origin>sql/\S+))?$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Frozen:
    """A file of ``sql/`` as the last revision that includes it left it."""

    sha256: str
    text: str | None
    """Its whole text; None if the revision's author wrote the change by hand."""


@dataclass(frozen=True)
class Change:
    """A file of ``sql/`` that differs from the history: new without ``before``, removed without ``after``."""

    path: str
    before: Frozen | None
    after: str | None
    moved_from: str | None = None
    """The path under which it was frozen, if its text is unchanged."""

    @property
    def by_hand(self) -> bool:
        """Whether only a person can write the change from before to after without losing data."""
        if self.before is None or self.moved_from:
            return False
        if self.before.text is None:
            return True
        if self.after is None:
            return bool(precious_tables(self.before.text))
        return not (is_repeatable(self.before.text) and is_repeatable(self.after))


def living_files() -> dict[str, str]:
    """Today's files in install order, path to text; not bootstrap.sql: env.py always runs it first."""
    order = _INCLUDE.findall(paths.INSTALL_SQL.read_text(encoding="utf-8"))
    files = [paths.SQL / name for name in order if paths.SQL / name != paths.BOOTSTRAP_SQL]
    return {f"sql/{file.relative_to(paths.SQL)}": file.read_text(encoding="utf-8") for file in files}


def frozen_files() -> dict[str, Frozen]:
    """The files as the revisions leave them, in the order in which they first appeared."""
    files: dict[str, Frozen] = {}
    for revision in sorted(paths.VERSIONS.glob("*.up.sql")):
        for section, body in _sections(revision.read_text(encoding="utf-8")):
            match section["kind"], section["sha256"]:
                case "moved", _:
                    files[section["path"]] = files.pop(section["origin"])
                case "removed", _:
                    del files[section["path"]]
                case "file", None:
                    files[section["path"]] = Frozen(digest(body), body.strip())
                case "file", sha256:
                    files[section["path"]] = Frozen(sha256, None)
    return files


def pending_changes() -> list[Change]:
    """What a new revision must include: new and changed files in install order, then removed ones."""
    living, frozen = living_files(), frozen_files()
    gone = {path: before for path, before in frozen.items() if path not in living}
    origins = {before.sha256: path for path, before in gone.items()}
    changes = []
    for path, text in living.items():
        origin = origins.get(digest(text)) if path not in frozen else None
        if origin:
            changes.append(Change(path, gone.pop(origin), text, moved_from=origin))
        elif path not in frozen or frozen[path].sha256 != digest(text):
            changes.append(Change(path, frozen.get(path), text))
    return changes + [Change(path, before, None) for path, before in gone.items()]


def parts(revision: str) -> list[tuple[str, str]]:
    """A revision's SQL text in parts, each with its heading; the first part is what precedes all headings."""
    first = _SECTION.search(revision)
    start = revision[: first.start() if first else len(revision)]
    return [("", start), *((section[0], body) for section, body in _sections(revision))]


def digest(text: str) -> str:
    """The SHA-256 of a file's text without surrounding white space."""
    return hashlib.sha256(text.strip().encode()).hexdigest()


def _sections(text: str) -> Iterator[tuple[re.Match[str], str]]:
    markers = list(_SECTION.finditer(text))
    ends = [marker.start() for marker in markers[1:]] + [len(text)]
    for marker, end in zip(markers, ends, strict=True):
        yield marker, text[marker.end() : end]
