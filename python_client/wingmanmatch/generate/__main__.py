"""Makes the files that come from the catalog, documents and Python client, or says which are stale."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wingmanmatch.database.connection import connect
from wingmanmatch.generate.facts import read_contract
from wingmanmatch.generate.targets import drift, targets, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, with the arguments of the process unless others are given; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m wingmanmatch.generate", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="make them anew")
    action.add_argument(
        "--check", action="store_true", help="show what would change; status 1 if anything would"
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="a superuser's, of a database at head without people; an embedded one is made unless given",
    )
    given = parser.parse_args(arguments)
    with _database(given.database_url) as url, connect(url) as connection:
        made = targets(read_contract(connection))
    if given.check:
        differences = list(drift(made))
        print("\n".join(differences) or "All is up to date")
        return 1 if differences else 0
    write(made)
    print("\n".join(f"Wrote {name}" for name in made))
    return 0


@contextmanager
def _database(given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    from wingmanmatch.database.embedded import FAST_AND_FORGETFUL, embedded_server
    from wingmanmatch.database.upgrade import upgrade

    with (
        tempfile.TemporaryDirectory(prefix="wingman-") as directory,
        embedded_server(Path(directory, "data"), settings=FAST_AND_FORGETFUL) as server,
    ):
        upgrade(server.url())
        yield server.url()


if __name__ == "__main__":
    sys.exit(main())
