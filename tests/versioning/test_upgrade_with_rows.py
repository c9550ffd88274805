"""Revisions find the rows of earlier ones: nothing is lost on the way up or down, and the rules go on."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from harness import Connection
from psycopg import sql
from psycopg.rows import dict_row
from versioning.conftest import NewDatabase
from wingmanmatch.database.upgrade import downgrade, upgrade

ANA, BEA, CLEO, DORA, EVE = (UUID(int=number) for number in range(1, 6))
# Cleo and Dora stand on the same spot of the antimeridian, Eve on the pole
PLACES = {ANA: (38.72, -9.14), BEA: (38.72, -9.14), CLEO: (0, -180), DORA: (0, 180), EVE: (90, 12.34)}
TABLES = (
    "public.user_profiles",
    "public.user_locations",
    "public.wingman_matches",
    "public.wingman_sessions",
)

EVENTS = "select session_id, user_id, kind, delta, created_at from wingman.reputation_events order by 2"


def call(connection: Connection, function: str, user_id: UUID, **arguments: Any) -> dict[str, Any]:
    arguments["user_id"] = user_id
    query = sql.SQL("select to_json(f) as answer from public.{}({}) as f").format(
        sql.Identifier(function),
        sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(a), sql.Placeholder(a)) for a in arguments
        ),
    )
    with connection.transaction():
        connection.execute("set local role service_role")
        return connection.execute(query, arguments).fetchone()["answer"]


def rows(connection: Connection, columns: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables, in the columns that they had at first."""
    return {
        table: connection.execute(
            sql.SQL("select {} from {} order by 1").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(table)
            )
        ).fetchall()
        for table, names in columns.items()
    }


@pytest.fixture
def url(db: Connection, new_database: NewDatabase) -> str:
    """At the first release: two people who completed a session, two with a pending match, one alone."""
    url = new_database()
    upgrade(url, "0001")
    with psycopg.connect(url, user=db.info.user, autocommit=True, row_factory=dict_row) as superuser:
        for user_id, (lat, lng) in PLACES.items():
            superuser.execute("insert into auth.users (id) values (%s)", [user_id])
            call(
                superuser, "complete_profile", user_id,
                first_name="Ana", experience_level="beginner", lat=lat, lng=lng,
            )  # fmt: skip
        match_id = call(superuser, "create_automatic_match", ANA)["match_id"]
        call(superuser, "respond_to_match", ANA, match_id=match_id, action="accept")
        session = superuser.execute(
            "insert into public.wingman_sessions (match_id, venue_name, scheduled_time)"
            " values (%s, 'Bar', now() - interval '1 hour') returning id",
            [match_id],
        ).fetchone()
        for user_id in (ANA, BEA):
            call(superuser, "confirm_session_completion", user_id, session_id=session["id"])
        assert call(superuser, "create_automatic_match", CLEO)["buddy_user_id"] == str(DORA)
    return url


@pytest.fixture
def superuser(db: Connection, url: str):
    with psycopg.connect(url, user=db.info.user, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def test_up_and_down_keep_every_row(superuser: Connection, url: str) -> None:
    columns = {
        table: [column.name for column in superuser.execute(f"select * from {table}").description]
        for table in TABLES
    }
    before = rows(superuser, columns)
    events = superuser.execute(EVENTS).fetchall()
    assert [len(found) for found in before.values()] == [5, 5, 2, 1] and len(events) == 2

    for revision in ("head", "0001", "head"):
        (upgrade if revision == "head" else downgrade)(url, revision)
        assert rows(superuser, columns) == before
        assert superuser.execute(EVENTS).fetchall() == events


def test_everybody_of_an_earlier_release_can_be_found_and_go_on(superuser: Connection, url: str) -> None:
    upgrade(url)

    cells = superuser.execute(
        "select grid_lat, grid_lng from wingman.occupied_cells order by 1, 2"
    ).fetchall()
    assert cells == [
        {"grid_lat": 0, "grid_lng": 18000},
        {"grid_lat": 3872, "grid_lng": -914},
        {"grid_lat": 9000, "grid_lng": 0},
    ]
    free = superuser.execute("select user_id from wingman.match_seekers where is_free order by 1").fetchall()
    assert [row["user_id"] for row in free] == [ANA, BEA, EVE]

    pending = call(superuser, "create_automatic_match", DORA)
    assert pending["buddy_user_id"] == str(CLEO)
    answer = call(superuser, "respond_to_match", DORA, match_id=pending["match_id"], action="decline")
    assert answer["match_status"] == "declined"
    assert call(superuser, "explain_match", DORA, match_id=pending["match_id"])["rules"] == []
    # Ana and Bea have an accepted match that is still open
    assert call(superuser, "create_automatic_match", ANA)["success"] is False
    assert call(superuser, "get_reputation", ANA)["score"] == 1
