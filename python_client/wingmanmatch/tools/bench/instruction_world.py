"""The small world in which instructions are counted.

Except for the rows of ``auth.users``, only calls make it, so any tree's SQL can, whatever its tables are.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from wingmanmatch.database.connection import connect
from wingmanmatch.database.embedded import embedded_server
from wingmanmatch.tools.bench.worlds import person_id, psql

DBNAME = "instructions"
SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}
PEOPLE_TO_A_GROUP = 3
GROUPS_TO_A_ROW = 40
BATCH = 100
"""How many calls are sent before their answers are read."""
SCHEDULED_AHEAD = timedelta(seconds=3)
"""How long before its time a session is scheduled: it cannot be confirmed earlier."""

Reply = dict[str, Any]


class Stage(IntEnum):
    """The stage of a group; each stage includes those before it."""

    FREE = 0
    """All three have a profile."""
    MATCHED = 1
    """The caller has been offered one of the others."""
    ACCEPTED = 2
    SCHEDULED = 3
    """There is a session, and its time has come."""
    CONFIRMED = 4
    """The buddy has confirmed it."""
    COMPLETED = 5
    """The caller has confirmed it, too."""


@dataclass
class Group:
    """Three people on one grid point, the first of whom makes the calls, and their ids."""

    number: int
    stage: Stage
    match_id: str = ""
    buddy_id: str = ""
    session_id: str = ""

    @property
    def people(self) -> list[UUID]:
        """All three."""
        first = PEOPLE_TO_A_GROUP * self.number
        return [person_id(number) for number in range(first, first + PEOPLE_TO_A_GROUP)]

    @property
    def caller_id(self) -> str:
        """Who calls."""
        return str(self.people[0])

    @property
    def place(self) -> dict[str, float]:
        """Where they are, about three miles from the next group."""
        row, column = divmod(self.number, GROUPS_TO_A_ROW)
        return {"lat": 40 + 0.05 * row, "lng": -100 + 0.06 * column}


def claims(user_id: str) -> str:
    """The claims that the Python client sends for a user."""
    return f'{{"sub": "{user_id}", "role": "authenticated"}}'


def make_cluster(directory: Path, install_sql: Path, groups: Sequence[Group]) -> None:
    """Make a cluster with what a tree's ``install.sql`` builds and the groups at their stages, and stop it.

    Raises:
        WorldError: ``install.sql`` failed.
        psycopg.Error: a call was refused.
    """
    with embedded_server(directory, fresh=True, settings=SETTINGS) as server:
        with connect(server.url()) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DBNAME)))
        psql(server.url(DBNAME), install_sql, {})
        with connect(server.url(DBNAME), prepare_threshold=0) as connection:
            _fill(connection, groups)
            connection.execute("vacuum (freeze, analyze)")


def _fill(connection: psycopg.Connection[Any], groups: Sequence[Group]) -> None:
    def each(
        stage: Stage, function: str, arguments: Callable[[Group], Reply], caller: str = "caller_id"
    ) -> Iterable[tuple[Group, Reply]]:
        reached = [group for group in groups if group.stage >= stage]
        asks = ((str(getattr(group, caller)), function, arguments(group)) for group in reached)
        return zip(reached, _call(connection, asks), strict=True)

    with connection.cursor() as cursor:
        people = [(person,) for group in groups for person in group.people]
        cursor.executemany("insert into auth.users (id) values (%s)", people)
    _call(
        connection,
        ((str(person), "complete_profile", _profile(group)) for group in groups for person in group.people),
    )
    for group, match in each(Stage.MATCHED, "create_automatic_match", lambda _: {}):
        group.match_id, group.buddy_id = match["match_id"], match["buddy_user_id"]
    each(Stage.ACCEPTED, "respond_to_match", lambda group: {"match_id": group.match_id, "action": "accept"})
    for group, session in each(Stage.SCHEDULED, "create_session", _session):
        group.session_id = session["id"]
    time.sleep(SCHEDULED_AHEAD.total_seconds())
    confirm = "confirm_session_completion"
    each(Stage.CONFIRMED, confirm, lambda group: {"session_id": group.session_id}, caller="buddy_id")
    each(Stage.COMPLETED, confirm, lambda group: {"session_id": group.session_id})


def _profile(group: Group) -> Reply:
    who = {"first_name": f"Person {group.number}", "experience_level": "intermediate"}
    return {**who, **group.place, "city": "Springfield", "bio": "Likes to dance"}


def _session(group: Group) -> Reply:
    when = (datetime.now(UTC) + SCHEDULED_AHEAD).isoformat()
    return {"match_id": group.match_id, "scheduled_time": when, "venue_name": "Café Central"}


def _call(connection: psycopg.Connection[Any], asks: Iterable[tuple[str, str, Reply]]) -> list[Reply]:
    """Make calls, each by a user in a separate transaction, and return the answers."""
    identity = "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true)"
    replies: list[Reply] = []
    waiting = iter(asks)
    while batch := list(islice(waiting, BATCH)):
        cursors = []
        with connection.pipeline() as pipeline:
            for caller, function, arguments in batch:
                connection.execute(identity, [claims(caller)])
                cursors.append(connection.execute(_statement(function, tuple(arguments)), arguments))
                pipeline.sync()
        replies += [reply for cursor in cursors for (reply,) in cursor]
    return replies


@cache
def _statement(function: str, arguments: tuple[str, ...]) -> sql.Composed:
    given = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments
    )
    return sql.SQL("select to_json(f) from {}({}) as f").format(sql.Identifier("public", function), given)
