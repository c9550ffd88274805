"""Makes everything that is derived from ``sql/``, in order, or says what is stale.

The open revision, the fingerprint of a database at head, the documents, the Python client's callers, models
and exceptions, README's table of functions, and the pinned catalog of privileges.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from wingmanmatch.database import paths
from wingmanmatch.database.connection import connect
from wingmanmatch.database.fingerprint import against_release, differences, write_release
from wingmanmatch.database.history import pending_changes
from wingmanmatch.database.revision import bring_open_revision_up_to_date
from wingmanmatch.tools.generate.examples import StoryError
from wingmanmatch.tools.generate.facts import read_contract
from wingmanmatch.tools.generate.targets import drift, targets, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, by default with the process's arguments; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m wingmanmatch.tools.generate", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="make everything again")
    action.add_argument("--check", action="store_true", help="show what is stale; status 1 if anything is")
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="for --check: a superuser's URL of a database at head without people; else an embedded one",
    )
    given = parser.parse_args(arguments)
    if given.write:
        return _write()
    stale = _changes_since_the_revision() or list(_stale(given.database_url))
    print("\n".join([*stale, "Run make regenerate"]) if stale else "All is up to date")
    return 1 if stale else 0


def _write() -> int:
    try:
        files = [str(file.relative_to(paths.ROOT)) for file in bring_open_revision_up_to_date()]
        with _embedded() as url, connect(url) as connection:
            made = targets(read_contract(connection))
    except (ValueError, StoryError) as error:
        print(error, file=sys.stderr)
        return 1
    write_release()
    write(made)
    print(
        "\n".join(f"Wrote {name}" for name in [*files, str(paths.FINGERPRINT.relative_to(paths.ROOT)), *made])
    )
    return 0


def _changes_since_the_revision() -> list[str]:
    """Changes that no revision contains yet; a server at head would not have them, so none is needed."""
    return [f"{change.path} is not what the newest revision makes" for change in pending_changes()]


def _stale(database_url: str | None) -> Iterator[str]:
    with ExitStack() as stack:
        url = database_url or stack.enter_context(_embedded())
        connection = stack.enter_context(connect(url))
        yield from differences(*against_release(connection))
        yield from drift(targets(read_contract(connection)))


@contextmanager
def _embedded() -> Iterator[str]:
    """A database at head on an embedded server."""
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
