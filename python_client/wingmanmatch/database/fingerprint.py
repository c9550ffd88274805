"""The catalog fingerprint: what a database contains of WingmanMatch, to compare two databases.

``migrations/fingerprint.json`` is the fingerprint of this release. After you make a revision,
``python -m wingmanmatch.database.fingerprint --write`` rewrites it from databases upgraded to head.
"""

import argparse
import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import tuple_row

from wingmanmatch.database import paths

_QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_IN_PUBLIC = re.compile(r"(?:relation|function|type) public\.(\w+)")
_VIEW = re.compile(r": view on (\d+)$")

_SETTINGS = {
    # to compile such a query takes PostgreSQL many times as long as to execute it
    "jit": "off",
    # with nothing else on the path every name is printed with its schema
    "search_path": "pg_catalog",
    # a database or login may have set others
    "intervalstyle": "postgres",
    "datestyle": "ISO, MDY",
    "timezone": "UTC",
    "quote_all_identifiers": "off",
}

HASH: Final = "sha256:"
"""What a condensed value of several lines begins with."""

RELEASED_FOR: Final = (16, 18)
"""The versions of PostgreSQL whose spelling of views the release knows: the embedded ones."""


class Difference(NamedTuple):
    """A facet of an object that is not what it should be; None means that there is no such facet."""

    item: str
    facet: str
    expected: str | None
    actual: str | None


def fingerprint(connection: psycopg.Connection[Any], names: Iterable[str] = ()) -> dict[str, str]:
    """Everything that makes the database what it is: ``object: facet`` to definition, in order.

    Objects are those of schemas wingman and wingman_admin, what wingman_owner owns in schema public or has
    one of ``names``, and functions there that share a name with one of its own. Facets are definitions,
    owners, privileges, comments and flags. It is equal on PostgreSQL 15 to 18, except for views, which each
    version prints differently.
    """
    # Rolling back restores the settings, also inside the caller's own transaction.
    with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:
        for name, value in {**_SETTINGS, "wingman.names": " ".join(names)}.items():
            cursor.execute("select set_config(%s, %s, true)", [name, value])
        cursor.execute(_QUERY)
        return {f"{item}: {facet}": value for item, facet, value in cursor}


def compare(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[Difference]:
    """Every facet that is missing, unexpected or different, by object."""
    return [
        Difference(*split(key), expected.get(key), actual.get(key))
        for key in sorted(expected.keys() | actual.keys())
        if expected.get(key) != actual.get(key)
    ]


def split(key: str) -> tuple[str, str]:
    """The object and the facet of a key."""
    item, _, facet = key.rpartition(": ")
    return item, facet


def differences(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    """One text for every key whose definition is missing, unexpected or different."""
    told = []
    for item, facet, before, after in compare(expected, actual):
        if after is None:
            told.append(f"missing: {item}: {facet}: {before}")
        elif before is None:
            told.append(f"unexpected: {item}: {facet}: {after}")
        else:
            told.append(f"different: {item}: {facet}\n  expected: {before}\n  actual: {after}")
    return told


def released() -> dict[str, str]:
    """The fingerprint of this release, condensed."""
    return dict(json.loads(paths.FINGERPRINT.read_text(encoding="utf-8")))


def against_release(connection: psycopg.Connection[Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What this release expects of a database, and what the database has, both condensed, for comparison.

    On versions that are not ``RELEASED_FOR``, the texts of views are left out.
    """
    version = connection.info.server_version // 10_000
    release = released()
    expected, actual = (
        {key: value for key, value in look.items() if _is_comparable(key, version)}
        for look in (release, condensed(fingerprint(connection, names_in_public(release))))
    )
    return expected, actual


def condensed(look: Mapping[str, str]) -> dict[str, str]:
    """The fingerprint with single lines as they are, for people to read, and longer texts as hashes."""
    return {
        key: f"{HASH}{hashlib.sha256(value.encode()).hexdigest()}" if "\n" in value else value
        for key, value in look.items()
    }


def names_in_public(look: Iterable[str]) -> set[str]:
    """The names of the tables, views, types and functions that a fingerprint has in schema public."""
    return {found[1] for key in look if (found := _IN_PUBLIC.match(key))}


def write_release() -> None:
    """Write ``migrations/fingerprint.json`` from databases upgraded to head on embedded servers."""
    from wingmanmatch.database.embedded import FAST_AND_FORGETFUL, embedded_server
    from wingmanmatch.database.upgrade import upgrade

    look: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="wingman-") as directory:
        for version in RELEASED_FOR:
            data = Path(directory, str(version))
            with embedded_server(data, settings=FAST_AND_FORGETFUL, version=version) as server:
                upgrade(server.url())
                with psycopg.connect(server.url()) as connection:
                    look |= fingerprint(connection)
    text = json.dumps(condensed(look), indent=0, sort_keys=True, ensure_ascii=False)
    paths.FINGERPRINT.write_text(f"{text}\n", encoding="utf-8")


def _is_comparable(key: str, version: int) -> bool:
    view = _VIEW.search(key)
    return not view or (int(view[1]) == version and version in RELEASED_FOR)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m wingmanmatch.database.fingerprint", description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="rewrite it")
    parser.parse_args()
    write_release()
    print(f"Wrote {paths.FINGERPRINT.relative_to(paths.ROOT)}")


if __name__ == "__main__":
    main()
