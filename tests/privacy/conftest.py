"""Ana's life."""

import pytest
from emptied_database import EmptiedDatabase
from harness import Connection, People, Rpc
from privacy.life import Life, live


class Lived:
    """A life that was lived once, and what it left in the database."""

    def __init__(self, database: EmptiedDatabase, life: Life) -> None:
        self._rows = database.script_of_rows()
        self._ids = dict(life.ids)
        self._keys = life.keys

    def again(self, database: EmptiedDatabase, db: Connection, rpc: Rpc, people: People) -> Life:
        """The same life, for another test."""
        database.connection.execute(self._rows)
        return Life(db, rpc, people, dict(self._ids), self._keys)


@pytest.fixture(scope="module")
def lived() -> list[Lived]:
    """The life of this file, once it was lived: that takes a second, and putting it back a tenth."""
    return []


@pytest.fixture
def life(
    file_database: EmptiedDatabase, db: Connection, rpc: Rpc, people: People, lived: list[Lived]
) -> Life:
    if lived:
        return lived[0].again(file_database, db, rpc, people)
    life = live(db, rpc, people)
    lived.append(Lived(file_database, life))
    return life
