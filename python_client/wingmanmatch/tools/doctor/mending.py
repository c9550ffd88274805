"""How to bring a database back to this release: SQL, a command, or where to read what to write."""

import re
from collections.abc import Iterator
from functools import cache
from shlex import quote

from wingmanmatch.database import paths
from wingmanmatch.database.fingerprint import Difference
from wingmanmatch.database.history import living_files
from wingmanmatch.database.statements import split

_PRIVILEGE = re.compile(r"(?P<grantee>.+) (?P<privilege>[A-Z]+)(?P<grantable> with grant option)?")
_ON_TABLE = re.compile(r"(?P<kind>constraint|trigger|policy|rule) (?P<name>.+) on (?P<table>.+)")
_KEYWORD = {"relation": "table"}
_RELATION_KINDS = {"v": "view", "m": "materialized view", "f": "foreign table", "c": "type", "S": "sequence"}
_MEMBERSHIP = "member of "
RLS = "row level security"


def mend(difference: Difference) -> str:
    """How to mend a facet of an object that stays."""
    item, facet, expected, actual = difference
    if facet == "privileges":
        return " ".join(_grants(item, expected or "", actual or ""))
    if facet == "owner" and expected:
        return f"alter {_called(item)} owner to {expected};"
    if facet == "attributes":
        return " ".join(_attributes(item, expected or "", actual or ""))
    if facet == "comment" and expected is None:
        return f"comment on {_called(item)} is null;"
    if facet == "kind" and RLS in only(expected, actual):
        return f"alter {_called(item)} enable {RLS};"
    if facet.startswith("holds "):
        return f"If nobody needs it: drop {facet.removeprefix('holds ')};"
    if facet == "comment" and not item.startswith("function "):
        statement = _statement(rf"comment on {re.escape(_called(item))} is\s")
        return f"{statement};" if statement else restore(item, None, replacing=True)
    return restore(item, expected, replacing=True)


def restore(item: str, definition: str | None, *, replacing: bool = False) -> str:
    """How to restore a missing object, or its definition if it has another one."""
    kind, name = item.split(" ", 1)
    if kind == "constraint" and definition and (part := _ON_TABLE.fullmatch(item)):
        addition = f"alter table {part['table']} add constraint {part['name']} {definition};"
        return f"{removal(item)} {addition}" if replacing else addition
    if kind == "role":
        return f'psql "$WINGMAN_DATABASE_URL" -f {quote(str(paths.BOOTSTRAP_SQL))}'
    if kind == "function" and (path := _source(rf"create or replace function {_bare(name)}\s*\(")):
        return _run(path)
    whole = _source(rf"create (?:table|type|or replace view) {_bare(_relation_of(item))}\b")
    if kind in ("relation", "type") and whole and not replacing:
        return _run(whole)
    if kind in ("trigger", "policy", "index") and (statement := _statement(_creation(item))):
        return f"{removal(item)} {statement};" if replacing else f"{statement};"
    example = paths.ROOT / whole if whole else "a database that `wingman db upgrade` has just made"
    return f"Compare {item} with {example}, and write the statements that lead there, as wingman_owner."


def _run(path: str) -> str:
    """The command that runs a file of ``sql/``."""
    file = quote(str(paths.ROOT / path))
    return f"psql \"$WINGMAN_DATABASE_URL\" -1 -v ON_ERROR_STOP=1 -c 'set role wingman_owner' -f {file}"


def removal(item: str, kind_facet: str | None = None) -> str:
    """The statement that drops an object; ``kind_facet``: what a relation's facet ``kind`` says."""
    kind, name = item.split(" ", 1)
    if part := _ON_TABLE.fullmatch(item):
        if kind == "constraint":
            return f"alter table {part['table']} drop constraint {part['name']};"
        return f"drop {kind} {part['name']} on {part['table']};"
    if kind == "column":
        table, _, column = name.rpartition(".")
        return f"alter table {table} drop column {column};"
    if kind == "relation":
        kind = _RELATION_KINDS.get((kind_facet or "r")[0], "table")
    return f"drop {kind} {name};"


def _grants(item: str, expected: str, actual: str) -> Iterator[str]:
    missing, extra = only(expected, actual), only(actual, expected)
    for text in extra:
        if right := _PRIVILEGE.fullmatch(text):
            plain = f"{right['grantee']} {right['privilege']}"
            option = "grant option for " if right["grantable"] and plain in missing else ""
            if option:
                missing.remove(plain)
            yield f"revoke {option}{_on(item, right['privilege'])} from {right['grantee']};"
    for text in missing:
        if right := _PRIVILEGE.fullmatch(text):
            option = right["grantable"] or ""
            yield f"grant {_on(item, right['privilege'])} to {right['grantee']}{option};"


def _on(item: str, privilege: str) -> str:
    kind, name = item.split(" ", 1)
    if kind != "column":
        return f"{privilege.lower()} on {_called(item)}"
    table, _, column = name.rpartition(".")
    return f"{privilege.lower()} ({column}) on table {table}"


def _attributes(item: str, expected: str, actual: str) -> Iterator[str]:
    role = item.removeprefix("role ")
    for attribute in only(actual, expected):
        if attribute.startswith(_MEMBERSHIP):
            yield from (
                f"revoke {group} from {role};" for group in attribute.removeprefix(_MEMBERSHIP).split()
            )
        elif attribute.startswith("settings "):
            yield f"alter role {role} reset all;"
        else:
            yield f"alter role {role} no{attribute};"
    for attribute in only(expected, actual):
        yield f"alter role {role} {attribute};"


def only(these: str | None, those: str | None) -> list[str]:
    """The elements of a comma-separated list that another one lacks."""
    others = (those or "").split(", ")
    return [text for text in (these or "").split(", ") if text and text not in others]


def _called(item: str) -> str:
    """An object as statements name it."""
    kind, name = item.split(" ", 1)
    if kind == "relation" and _source(rf"create type {_bare(name)}\b"):
        kind = "type"
    return f"{_KEYWORD.get(kind, kind)} {name}"


def _creation(item: str) -> str:
    """The beginning of the statement that makes a trigger, a policy or an index."""
    kind, name = item.split(" ", 1)
    if part := _ON_TABLE.fullmatch(item):
        name, table = re.escape(part["name"]), re.escape(part["table"])
        return rf"create (?:or replace )?{kind} {name}\s[^;]*?\bon {table}\b"
    return rf"create (?:unique )?index {re.escape(name.rpartition('.')[2])}\s+on "


def _relation_of(item: str) -> str:
    """The table or type whose file contains an object."""
    name = item.split(" ", 1)[1]
    if part := _ON_TABLE.fullmatch(item):
        return part["table"]
    return name.rpartition(".")[0] if item.startswith("column ") else name


def _bare(name: str) -> str:
    """A function's name without its arguments, for a pattern."""
    return re.escape(name.partition("(")[0])


@cache
def _statements() -> tuple[tuple[str, str], ...]:
    """Every statement of ``sql/``, with its file."""
    return tuple((path, one) for path, text in living_files().items() for one in split(text))


def _source(pattern: str) -> str | None:
    """The file whose statement begins as the pattern says."""
    return next((path for path, statement in _statements() if re.match(pattern, statement)), None)


def _statement(pattern: str) -> str | None:
    """That statement."""
    return next((statement for _, statement in _statements() if re.match(pattern, statement)), None)
