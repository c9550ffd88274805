"""The objects: definitions, owners, privileges and comments, compared with the release's fingerprint."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from wingmanmatch.database.fingerprint import HASH, Difference, against_release, compare, split
from wingmanmatch.tools.doctor.mending import RLS, mend, only, removal, restore
from wingmanmatch.tools.doctor.report import Finding, Note
from wingmanmatch.tools.doctor.rights import MEND, as_if_owned, wrong_owners

_PART_OF = (
    re.compile(r"column (?P<relation>.+)\.[^.]+"),
    re.compile(r"(?:constraint|trigger|policy|rule) .+ on (?P<relation>.+)"),
)
_LISTS = ("privileges", "kind", "attributes")
_MANY = 20
"""So many findings of one kind have one cause."""
_INDEXED = re.compile(r" ON (?:ONLY )?(?P<relation>\S+) ")


def look_at_objects(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Is every object there as this release makes it, and no other one?"""
    expected, found = against_release(connection)
    owners = wrong_owners(connection, expected, found)
    yield from _told_once(owners, "belong to another role than wingman_owner, as after pg_restore --no-owner")
    actual = as_if_owned(found, owners)
    before, after = _items(expected), _items(actual)
    for item in _roots(before - after, expected):
        yield Finding(_topic(item), f"{item} is missing", restore(item, expected.get(f"{item}: definition")))
    for item in _roots(after - before, actual):
        yield Finding(
            _topic(item),
            f"{item} is not part of this release",
            f"If nobody needs it: {removal(item, actual.get(f'{item}: kind'))}",
        )
    differences = [
        difference for difference in compare(expected, actual) if difference.item in before & after
    ]
    privileges = [difference for difference in differences if difference.facet == "privileges"]
    yield from _told_once(privileges, "have other privileges, as after pg_restore --no-privileges")
    for difference in differences:
        if difference.facet != "privileges":
            yield Finding(_topic(*difference), _told(difference), mend(difference))
    yield Note(f"{len(before)} objects were compared")


def _told_once(differences: list[Difference], cause: str) -> Iterator[Finding]:
    """A finding for each, or one for all if they are many."""
    if len(differences) < _MANY:
        for difference in differences:
            yield Finding(_topic(*difference), _told(difference), mend(difference))
    else:
        yield Finding(_topic(*differences[0]), f"{len(differences)} objects {cause}", MEND)


def _items(look: Mapping[str, str]) -> set[str]:
    return {split(key)[0] for key in look}


def _roots(items: set[str], look: Mapping[str, str]) -> list[str]:
    """Those that are not part of another one, as columns are; first the ones that functions may need."""
    roots = [item for item in items if not any(whole in items for whole in _wholes(item, look))]
    return sorted(roots, key=lambda item: (not item.startswith(("role", "schema", "type", "relation")), item))


def _wholes(item: str, look: Mapping[str, str]) -> Iterator[str]:
    kind, name = item.split(" ", 1)
    for pattern in _PART_OF:
        if part := pattern.fullmatch(item):
            yield f"relation {part['relation']}"
    if kind == "index" and (indexed := _INDEXED.search(look.get(f"{item}: definition", ""))):
        relation = indexed["relation"]
        yield f"relation {relation}"
        yield f"constraint {name.rpartition('.')[2]} on {relation}"
    if kind == "relation":
        yield f"type {name}"


def _topic(item: str, facet: str = "", expected: str | None = None, actual: str | None = None) -> str:
    if facet == "kind" and RLS in only(expected, actual) + only(actual, expected):
        return RLS
    if facet in ("privileges", "owner", "comment"):
        return facet
    kind = item.split(" ", 1)[0]
    return {"relation": "table"}.get(kind, kind)


def _told(difference: Difference) -> str:
    item, facet, expected, actual = difference
    if facet in _LISTS:
        sides = (("has", only(actual, expected)), ("lacks", only(expected, actual)))
        told = [f"{verb} {', '.join(rights)}" for verb, rights in sides if rights]
        return f"{item} {' and '.join(told)}"
    if facet == "owner":
        return f"{item} belongs to {actual}, not to {expected}"
    if any((value or "").startswith(HASH) for value in (expected, actual)):
        return f"{item} has another {facet}"
    return f"{item}: {facet} is {actual or 'none'}; expected: {expected or 'none'}"
