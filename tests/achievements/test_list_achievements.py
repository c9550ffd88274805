"""list_achievements: own ones earned and in progress, a partner's earned ones, and nobody else's."""

from random import Random
from uuid import uuid4

import pytest
from achievements.careers import START, WEEK, add_achievement, earned, evaluate_all
from contract_errors import refused
from rows import make_match, make_pair

SEEDED = [
    *("first_session", "sessions_5", "sessions_10", "sessions_25", "sessions_50", "sessions_100"),
    *("buddies_3", "buddies_10", "buddies_25", "weeks_4", "weeks_12", "mentor"),
]


def listed(rpc, user_id, **arguments):
    return rpc.as_user(user_id).call("list_achievements", **arguments)


def test_somebody_new_has_all_before_them(rpc, people):
    rows = listed(rpc, people.add())
    assert [row["name"] for row in rows] == SEEDED
    assert {(row["progress"], row["earned_at"]) for row in rows} == {(0, None)}
    assert rows[0] == {
        "name": "first_session",
        "title": "First session",
        "description": "Complete your first session.",
        "metric": "completed_sessions",
        "threshold": 1,
        "progress": 0,
        "earned_at": None,
    }


def test_progress_is_exact_at_once_and_so_is_what_is_earned(db, rpc, careers):
    ana, ben = careers.add(2)
    careers.complete_weekly(ana, ben, range(6))
    # no reader has run
    assert earned(db) == {}
    rows = {row["name"]: (row["progress"], row["threshold"], row["earned_at"]) for row in listed(rpc, ana)}
    assert rows["first_session"] == (6, 1, START)
    assert rows["sessions_5"] == (6, 5, START + 4 * WEEK)
    assert rows["sessions_10"] == (6, 10, None)
    assert rows["buddies_3"] == (1, 3, None)
    assert rows["weeks_4"] == (6, 4, START + 3 * WEEK)
    assert rows["mentor"] == (0, 5, None)
    before = listed(rpc, ana)
    evaluate_all(db)
    assert listed(rpc, ana) == before
    careers.revert(careers.completions[2])
    rows = {row["name"]: (row["progress"], row["earned_at"]) for row in listed(rpc, ana)}
    assert rows["weeks_4"] == (3, None)
    assert rows["sessions_5"] == (5, START + 5 * WEEK)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.representatives("0")
def test_it_says_what_is_awarded_once_the_reader_has_come(db, rpc, careers, seed):
    careers.add(5)
    careers.tell(Random(seed), 60)
    expected = careers.earned()
    for evaluated in (False, True):
        if evaluated:
            evaluate_all(db)
        for user_id in careers.users:
            rows = listed(rpc, user_id)
            found = {(user_id, row["name"]): row["earned_at"] for row in rows if row["earned_at"]}
            assert found == {key: at for key, at in expected.items() if key[0] == user_id}
            for row in rows:
                steps = [number for metric, number in careers.steps(user_id) if metric == row["metric"]]
                assert row["progress"] == max(steps, default=0)


def test_a_new_one_stands_in_its_place(db, rpc, people):
    ana = people.add()
    add_achievement(db, "two_buddies", "different_buddies", 2)
    names = [row["name"] for row in listed(rpc, ana)]
    assert names == [*SEEDED[:6], "two_buddies", *SEEDED[6:]]


class TestAPartner:
    @pytest.mark.parametrize("status", ["pending", "accepted"])
    def test_shows_what_they_have_earned_and_neither_number_nor_time(self, db, rpc, careers, status):
        ana, ben, cem = careers.add(3)
        careers.complete_weekly(ana, ben, range(4))
        make_match(db, ana, cem, status)
        rows = listed(rpc, cem, subject_id=ana)
        assert [(row["name"], row["progress"], row["earned_at"]) for row in rows] == [
            ("first_session", None, None),
            ("weeks_4", None, None),
        ]

    @pytest.mark.parametrize("status", ["declined", "expired", "lapsed", "ended"])
    def test_no_more_does_not(self, db, rpc, people, status):
        pair = make_pair(db, people, status)
        with refused(db, "reputation_not_visible"):
            listed(rpc, pair.user1, subject_id=pair.user2)

    def test_beyond_a_block_does_not(self, db, rpc, people):
        pair = make_pair(db, people)
        db.execute(
            "insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s)",
            [pair.user2, pair.user1],
        )
        with refused(db, "reputation_not_visible"):
            listed(rpc, pair.user1, subject_id=pair.user2)


def test_a_stranger_s_are_not_visible(db, rpc, people):
    ana, cem = people.add(), people.add()
    with refused(db, "reputation_not_visible"):
        listed(rpc, ana, subject_id=cem)


def test_somebody_unknown_is_not_found(db, rpc, people):
    ana = people.add()
    with refused(db, "user_not_found"):
        listed(rpc, ana, subject_id=uuid4())


def test_somebody_without_a_profile_has_none(db, rpc, people):
    newcomer = people.auth_only()
    with refused(db, "profile_incomplete"):
        listed(rpc, newcomer)


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_see_what_the_user_they_name_sees(db, rpc, people, caller):
    pair = make_pair(db, people)
    call = getattr(rpc, caller)().call
    assert len(call("list_achievements", user_id=pair.user1)) == len(SEEDED)
    assert call("list_achievements", subject_id=pair.user1, user_id=pair.user1)[0]["progress"] == 0
    assert call("list_achievements", subject_id=pair.user2, user_id=pair.user1) == []
