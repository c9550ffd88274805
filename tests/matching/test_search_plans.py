"""Whenever a connection made its plans, the search uses the indexes and sorts nobody."""

from collections.abc import Callable

import pytest
from crowd import make_crowd, person, work
from harness import Connect, Connection

pytestmark = pytest.mark.fresh_database

CITY, COUNTRY = (3872, -914), (3900, -900)
PEOPLE = 20_000
FEW_ROWS = 40
# as few as make any table one page
FEW = 20


def search(connection: Connection, name: str) -> str | None:
    """Search as the first of a crowd, as far as possible; returns who is found."""
    done = work(connection, "public.create_automatic_match(100, %s)", person(name, 0))
    # a few people, or one: the planner may well read these tables from end to end
    assert done.scanned <= {"settings"}, done
    assert (
        done.rows["matchmaking_pool"] + done.rows["wingman_matches"] + done.rows["user_blocks"] <= FEW_ROWS
    ), done
    return done.answer["buddy_user_id"]


def grow(db: Connection) -> None:
    """A city on one grid point, a country with somebody in each cell, and their history."""
    with db.transaction():
        make_crowd(db, "city", PEOPLE // 2, CITY, travel=100)
        make_crowd(db, "country", PEOPLE // 2, COUNTRY, side=100, paused=True)
        db.execute(
            """
            set local session_replication_role = replica;
            insert into public.wingman_matches (
                user1_id, user2_id, status, user1_reputation, user2_reputation,
                user1_level, user2_level, distance_miles,
                responded_by, responded_at, created_at, expires_at
            )
            select
                least(p.one, p.other), greatest(p.one, p.other), 'declined', 0, 0, 1, 1, 1,
                p.one, now(), now() - interval '90 days', now()
            from (
                select md5('city' || n)::uuid, md5('country' || n)::uuid
                from generate_series(0, 9999) as n
            ) as p (one, other);
            insert into public.user_blocks (blocker_id, blocked_id)
            select m.user1_id, m.user2_id from public.wingman_matches as m
            """
        )


def begin(db: Connection) -> None:
    with db.transaction():
        make_crowd(db, "few", FEW, CITY, level=3)
        make_crowd(db, "Ana", 1, CITY)
        make_crowd(db, "Eva", 1, (COUNTRY[0], COUNTRY[1] - 100))


def use(connection: Connection) -> None:
    """Search often enough to have all plans made, once and for all."""
    for name in ("Ana", "Eva") * 6:
        work(connection, "public.create_automatic_match(100, %s)", person(name, 0))


def planned_for_few(db: Connection, connection: Connection) -> None:
    use(connection)
    grow(db)


def planned_for_few_analysed(db: Connection, connection: Connection) -> None:
    db.execute("analyze")
    use(connection)
    grow(db)


def never_analysed(db: Connection, connection: Connection) -> None:
    grow(db)


def analysed(db: Connection, connection: Connection) -> None:
    grow(db)
    db.execute("analyze")


@pytest.mark.representatives("planned_for_few", "analysed")
@pytest.mark.parametrize("history", [planned_for_few, planned_for_few_analysed, never_analysed, analysed])
def test_no_table_is_read_from_end_to_end_and_nobody_is_sorted(
    db: Connection, connect: Connect, history: Callable[[Connection, Connection], None]
) -> None:
    begin(db)
    connection = connect(user=db.info.user)
    history(db, connection)
    assert search(connection, "Ana") == str(person("city", 0))
    # between her and the city nobody is free
    assert search(connection, "Eva") == str(person("city", 0))
