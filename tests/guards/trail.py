"""Reads the audit trail, and tells from it alone how everything stands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from harness import Connection, revive

Row = dict[str, Any]


def trail(db: Connection, *entities: str) -> list[Row]:
    """The rows about such entities, or about all, in the order in which things happened."""
    return db.execute(
        "select * from wingman.audit_log where entity = any (%(them)s) or %(them)s = '{}' order by id",
        {"them": [*entities]},
    ).fetchall()


def last(db: Connection, *entities: str) -> Row:
    return trail(db, *entities)[-1]


def mark(db: Connection) -> int:
    """What has been written so far, for ``since``."""
    row = db.execute("select coalesce(max(id), 0) as id from wingman.audit_log").fetchone()
    assert row is not None
    return row["id"]


def since(db: Connection, mark: int) -> list[Row]:
    return [row for row in trail(db) if row["id"] > mark]


def replayed(db: Connection, entity: str) -> dict[UUID, Row]:
    """The states that the rows lead to, by id; each row must begin where the one before it ended."""
    states: dict[UUID, Row] = {}
    for row in trail(db, entity):
        state = states.pop(row["entity_id"], None)
        if row["before"] is None:
            assert state is None, row
        else:
            assert state is not None, row
            assert {name: state[name] for name in row["before"]} == row["before"]
        if row["after"] is not None:
            states[row["entity_id"]] = {**(state or {}), **row["after"]}
    return {id_: alive(state) for id_, state in states.items()}


def stands(db: Connection, table: str) -> dict[UUID, Row]:
    """The rows of a table, by id."""
    return {row["id"]: row for row in db.execute(f"select * from {table}")}


def alive(state: Row) -> Row:
    """A state with ids and times instead of texts."""
    return {
        name: UUID(value)
        if name.endswith("_by") and value
        else datetime.fromisoformat(value)
        if name.endswith("_time") and value
        else revive(value, name)
        for name, value in state.items()
    }


def assert_replay_is_the_truth(db: Connection) -> None:
    """The audit rows alone give the state of every match and every session."""
    for entity, table in {"match": "public.wingman_matches", "session": "public.wingman_sessions"}.items():
        states, rows = replayed(db, entity), stands(db, table)
        assert states.keys() == rows.keys()
        for id_, state in states.items():
            assert state == {name: rows[id_][name] for name in state}, (entity, id_)
