"""Makes readers, events to read, and transactions that are open at the wrong moment."""

from typing import Any

from harness import Connection
from psycopg.rows import scalar_row


def open_reader(
    db: Connection, name: str = "follower", source: str = "journal", *, from_start: bool = False
) -> None:
    db.execute("select wingman.open_reader(%s, %s, %s)", [name, source, from_start])


def write(db: Connection, amount: int = 1, **columns: Any) -> list[int]:
    """Events by one statement; their ids."""
    names = "".join(f", {name}" for name in columns)
    values = "".join(f", %({name})s" for name in columns)
    return (
        db.cursor(row_factory=scalar_row)
        .execute(
            f"""insert into wingman.events (kind{names})
                select 'settings_changed'{values} from generate_series(1, %(amount)s) returning id""",
            {"amount": amount, **columns},
        )
        .fetchall()
    )


def read(db: Connection, amount: int = 100, name: str = "follower") -> list[int]:
    """The ids of the next page."""
    query = "select e.id from wingman.read_events(%s, %s) as e"
    return db.cursor(row_factory=scalar_row).execute(query, [name, amount]).fetchall()


def unread(db: Connection, name: str = "follower") -> list[int]:
    """The ids of what is left, in order."""
    query = "select e.id from wingman.unread_events(%s) as e order by e.id"
    return db.cursor(row_factory=scalar_row).execute(query, [name]).fetchall()


def read_all(db: Connection, amount: int = 100, name: str = "follower") -> list[int]:
    """Page by page until there is nothing left."""
    found: list[int] = []
    while page := read(db, amount, name):
        assert len(page) <= amount
        found += page
    return found


def place(db: Connection, name: str = "follower") -> dict[str, Any]:
    row = db.execute("select * from wingman.readers where name = %s", [name]).fetchone()
    assert row is not None
    return row
