"""An upgrade erases what earlier releases left of people whose profiles were gone."""

from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from versioning.conftest import NewDatabase
from wingmanmatch.database.upgrade import downgrade, upgrade

ANA, BEN = UUID(int=1), UUID(int=2)


def test_what_was_left_of_the_departed_goes(new_database: NewDatabase) -> None:
    url = new_database()
    upgrade(url, "0001")
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as db:
        for user_id, name in ((ANA, "Ana"), (BEN, "Ben")):
            db.execute("insert into auth.users (id) values (%s)", [user_id])
            db.execute(
                """insert into public.user_profiles (id, first_name, experience_level)
                   values (%s, %s, 'beginner')""",
                [user_id, name],
            )
            db.execute(
                """insert into public.user_locations (user_id, lat, lng, privacy_mode, max_travel_miles)
                   values (%s, 1, 1, 'precise', 25)""",
                [user_id],
            )
        (match_id,) = (
            db.execute(
                """insert into public.wingman_matches (user1_id, user2_id, user1_reputation, user2_reputation,
                   user1_level, user2_level, distance_miles, expires_at)
               values (%s, %s, 0, 0, 1, 1, 1, now() + interval '1 day') returning id""",
                [ANA, BEN],
            )
            .fetchone()
            .values()
        )
        db.execute(
            """update public.wingman_matches
               set status = 'accepted', responded_by = user1_id, responded_at = now()"""
        )
        for author in (ANA, BEN):
            db.execute(
                """insert into public.wingman_sessions
                       (match_id, venue_name, scheduled_time, notes, created_by)
                   values (%s, 'Blue Note', now(), 'Notes', %s)""",
                [match_id, author],
            )
            db.execute(
                """update public.wingman_sessions
                   set status = 'cancelled', cancelled_by = created_by, cancellation_reason = 'Reason'
                   where created_by = %s""",
                [author],
            )
        keep = "insert into wingman.idempotency_keys values (%s, %s, 'f', %s, now())"
        profile = {"buddy_user_id": str(ANA), "buddy_profile": {"first_name": "Ana"}}
        db.execute(keep, [ANA, "own", Jsonb({"bio": "Ana's"})])
        db.execute(keep, [BEN, "found", Jsonb({"match_id": "m", **profile})])
        db.execute(keep, [BEN, "next", Jsonb({"message": "Next", "next_match": profile})])
        db.execute(keep, [BEN, "own", Jsonb({"bio": "Ben's"})])
        db.execute("delete from auth.users where id = %s", [ANA])

        upgrade(url)

        sessions = db.execute("select * from public.wingman_sessions").fetchall()
        assert {row["created_by"]: (row["notes"], row["cancellation_reason"]) for row in sessions} == {
            ANA: (None, None),
            BEN: ("Notes", "Reason"),
        }
        keys = db.execute("select * from wingman.idempotency_keys").fetchall()
        assert {(row["user_id"], row["idempotency_key"]): row["response"] for row in keys} == {
            (BEN, "found"): {"match_id": "m", "buddy_user_id": str(ANA), "buddy_profile": None},
            (BEN, "next"): {"message": "Match declined.", "next_match": None},
            (BEN, "own"): {"bio": "Ben's"},
        }


def test_a_downgrade_keeps_no_block_of_somebody_without_a_profile(new_database: NewDatabase) -> None:
    url = new_database()
    upgrade(url)
    cem = UUID(int=3)
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as db:
        for user_id in (ANA, BEN, cem):
            db.execute("insert into auth.users (id) values (%s)", [user_id])
            db.execute(
                """insert into public.user_profiles (id, first_name, experience_level)
                   values (%s, 'Ana', 'beginner')""",
                [user_id],
            )
        for blocked in (BEN, cem):
            block = "insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s)"
            db.execute(block, [ANA, blocked])
        db.execute("delete from auth.users where id = %s", [BEN])
        blocked = "select blocked_id from public.user_blocks order by 1"
        assert [row["blocked_id"] for row in db.execute(blocked)] == [BEN, cem]
        downgrade(url, "0002")
        assert [row["blocked_id"] for row in db.execute(blocked)] == [cem]
        db.execute("delete from auth.users where id = %s", [cem])
        assert db.execute(blocked).fetchall() == []
