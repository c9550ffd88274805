"""get_profile returns everything about the calling user."""

import pytest
from matchmaking import pause
from rows import set_counters

EVERYTHING = {
    "lat": 38.7223,
    "lng": -9.1393,
    "city": "Lisboa",
    "bio": "Hello.",
    "photo_url": "https://example.org/ana.jpg",
    "confidence_archetype": "Explorer",
    "max_travel_miles": 40,
    "privacy_mode": "precise",
}


def test_the_profile_is_whole_and_exact(db, rpc, people):
    ana = people.add("Ana", "advanced", **EVERYTHING)
    set_counters(db, 12, 3)
    pause(db, ana)
    times = db.execute(
        "select p.created_at, greatest(p.updated_at, l.updated_at) as updated_at"
        " from public.user_profiles as p, public.user_locations as l"
    ).fetchone()
    assert rpc.as_user(ana).call("get_profile") == {
        **EVERYTHING,
        **times,
        "user_id": ana,
        "first_name": "Ana",
        "experience_level": "advanced",
        "completed_sessions": 12,
        "no_shows": 3,
        "reputation_score": 9,
        "matching_paused": True,
        "cooldown_until": None,
        "suspended": False,
        "suspended_until": None,
    }


def test_everybody_gets_the_own_one(rpc, people):
    ana, ben = people.add("Ana"), people.add("Ben")
    assert rpc.as_user(ana).call("get_profile")["first_name"] == "Ana"
    assert rpc.as_user(ben).call("get_profile")["first_name"] == "Ben"


def test_a_removed_location_reads_as_null(db, rpc, people):
    ana = people.add("Ana", **EVERYTHING)
    db.execute("delete from public.user_locations")
    answer = rpc.as_user(ana).call("get_profile")
    gone = ("lat", "lng", "city", "privacy_mode", "max_travel_miles")
    assert {name: answer[name] for name in gone} == dict.fromkeys(gone)
    assert answer["first_name"] == "Ana"
    assert answer["matching_paused"] is False


@pytest.mark.parametrize(("table", "column"), [("user_profiles", "bio"), ("user_locations", "city")])
def test_updated_at_follows_both_tables(db, rpc, people, table, column):
    ana = people.add()
    before = rpc.as_user(ana).call("get_profile")["updated_at"]
    db.execute(f"update public.{table} set {column} = {column}")
    row = db.execute(f"select updated_at from public.{table}").fetchone()
    assert rpc.as_user(ana).call("get_profile")["updated_at"] == row["updated_at"] > before


@pytest.mark.parametrize(
    ("completed", "missed", "score"),
    [(0, 0, 0), (20, 0, 20), (21, 0, 20), (0, 5, -5), (0, 6, -5), (30, 12, 18)],
)
def test_the_reputation_is_held_between_minus_5_and_20(db, rpc, people, completed, missed, score):
    ana = people.add()
    set_counters(db, completed, missed)
    assert rpc.as_user(ana).call("get_profile")["reputation_score"] == score
