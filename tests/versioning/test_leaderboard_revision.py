"""Revision 0007 and the way back, with people who have met before there was a leaderboard."""

from uuid import UUID

import psycopg
import pytest
from harness import People
from leaderboard.boards import Board, all_pages, complete, count, differences, expected, show
from rows import make_pair
from versioning.backup_page import connected, superusers
from versioning.before_growth import rows_of_0006
from versioning.conftest import NewDatabase
from wingmanmatch.database.upgrade import current_revision, downgrade, upgrade


@pytest.fixture
def met(new_database: NewDatabase) -> tuple[str, UUID]:
    """A database at 0006 in which people have met, and one of them."""
    url = superusers(new_database())
    upgrade(url, "0006")
    with connected(url) as (db, rpc):
        pair = make_pair(db, People(db, rpc))
        for _ in range(3):
            complete(db, pair.user1, pair.user2)
        complete(db, pair.user1, People(db, rpc).add("Cem"), "2026-03-01 12:00Z")
    return url, pair.user1


def test_who_met_before_is_counted_and_the_way_back_asks_first(met: tuple[str, UUID]) -> None:
    url, ana = met
    with connected(url) as (db, _):
        before = rows_of_0006(db)
    upgrade(url)
    with connected(url) as (db, _):
        assert rows_of_0006(db) == before
        show(db, ana)
        assert expected(db, Board(ana))["my_count"] == 2
        while True:
            assert all_pages(db, Board(ana), 3) == expected(db, Board(ana))
            if not count(db, 2):
                break
        assert differences(db) == []
        db.execute("delete from wingman.rate_limits")

    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="lose the rows of wingman"):
        downgrade(url, "0006")
    with psycopg.connect(url) as connection:
        assert current_revision(connection) == "0007"
        connection.execute("delete from wingman.leaderboard_members")
    with connected(url) as (db, _):
        before = rows_of_0006(db)
    downgrade(url, "0006")
    with connected(url) as (db, _):
        assert rows_of_0006(db) == before
        found = db.execute("select from wingman.readers where name = 'leaderboard'").fetchall()
        assert found == []
    upgrade(url)
    with connected(url) as (db, _):
        show(db, ana)
        assert all_pages(db, Board(ana), 3) == expected(db, Board(ana))
