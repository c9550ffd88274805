"""Fixtures of the races."""

from collections.abc import Iterator

import pytest
from harness import Connect, Connection, People, Rpc
from races.invariants import violations
from races.race import Race
from races.scene import Scene


@pytest.fixture
def race(connect: Connect, db: Connection) -> Race:
    return Race(connect, db)


@pytest.fixture
def scene(db: Connection, people: People, rpc: Rpc) -> Scene:
    return Scene(db, people, rpc)


@pytest.fixture(autouse=True)
def every_invariant_holds_afterwards(db: Connection) -> Iterator[None]:
    yield
    assert violations(db) == {}
