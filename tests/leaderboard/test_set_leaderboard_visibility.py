"""Opting in to the leaderboard and out of it."""

import pytest
from contract_errors import refused
from leaderboard.boards import count

MESSAGES = {
    "named": "You are on the leaderboard, with your first name.",
    "nameless": "You are on the leaderboard, without your name.",
    "off": "You are not on the leaderboard.",
}


@pytest.fixture
def ana(people):
    return people.add("Ana")


def members(db):
    rows = db.execute(
        "select user_id, visibility, seniority from wingman.leaderboard_members order by seniority desc"
    )
    return [(row["user_id"], row["visibility"], row["seniority"]) for row in rows]


def reviews(db):
    return [
        row["user_id"] for row in db.execute("select user_id from wingman.leaderboard_reviews order by id")
    ]


def set_visibility(rpc, user_id, visibility, **more):
    return rpc.as_user(user_id).call("set_leaderboard_visibility", visibility=visibility, **more)


def test_each_answer_says_how_one_is_shown(db, rpc, ana):
    for visibility in ("off", "named", "nameless", "named", "off"):
        answer = set_visibility(rpc, ana, visibility)
        assert answer == {"success": True, "message": MESSAGES[visibility]}
        assert rpc.as_user(ana).call("get_leaderboard", period="week")["my_visibility"] == visibility


def test_the_place_among_equals_is_that_of_the_first_time(db, rpc, people, ana):
    ben = people.add("Ben")
    for user_id, visibility in ((ana, "named"), (ben, "named"), (ana, "off"), (ana, "nameless")):
        set_visibility(rpc, user_id, visibility)
    assert [(user_id, visibility) for user_id, visibility, _ in members(db)] == [
        (ana, "nameless"),
        (ben, "named"),
    ]


def test_only_who_comes_or_goes_is_looked_at_again(db, rpc, ana):
    for visibility, looked_at in (("off", []), ("named", [ana]), ("nameless", [ana]), ("off", [ana, ana])):
        set_visibility(rpc, ana, visibility)
        assert reviews(db) == looked_at
    # both at once
    assert count(db) == 2
    assert reviews(db) == []


def test_only_a_change_costs(db, rpc, ana):
    db.execute("update wingman.settings set profile_limit = 1")
    set_visibility(rpc, ana, "off")
    set_visibility(rpc, ana, "named")
    set_visibility(rpc, ana, "named")
    with refused(db, "rate_limited", retry_after=86400):
        set_visibility(rpc, ana, "off")
    assert [visibility for _, visibility, _ in members(db)] == ["named"]


def test_a_key_makes_one_change(db, rpc, ana):
    first = set_visibility(rpc, ana, "named", idempotency_key="k")
    set_visibility(rpc, ana, "off")
    assert set_visibility(rpc, ana, "named", idempotency_key="k") == first
    assert [visibility for _, visibility, _ in members(db)] == ["off"]
    with refused(db, "idempotency_key_reused"):
        set_visibility(rpc, ana, "off", idempotency_key="k")


@pytest.mark.parametrize("visibility", ["", "Named", "on"])
def test_another_word_is_refused(db, rpc, ana, visibility):
    rule = "must be off, nameless or named"
    with refused(db, "invalid_argument", argument="visibility", rule=rule):
        set_visibility(rpc, ana, visibility)
    with refused(db, "missing_argument", argument="visibility"):
        set_visibility(rpc, ana, None)


def test_who_has_no_profile_is_refused(db, rpc, people):
    with refused(db, "profile_incomplete"):
        set_visibility(rpc, people.auth_only(), "named")


def test_nobody_sets_anothers(db, rpc, people, ana):
    ben = people.add("Ben")
    with refused(db, "acting_for_another"):
        rpc.as_user(ana).call("set_leaderboard_visibility", visibility="named", user_id=ben)
    rpc.as_service().call("set_leaderboard_visibility", visibility="named", user_id=ana)
    assert [user_id for user_id, *_ in members(db)] == [ana]


def test_an_erasure_takes_the_membership_and_a_return_begins_anew(db, rpc, people, ana):
    set_visibility(rpc, ana, "named")
    (_, _, first), *_ = members(db)
    set_visibility(rpc, people.add("Ben"), "named")
    rpc.as_user(ana).call("erase_my_account", confirmation="erase")
    assert ana not in [user_id for user_id, *_ in members(db)]
    rpc.as_service().call(
        "complete_profile", user_id=ana, first_name="Ana", experience_level="beginner", lat=0, lng=0
    )
    set_visibility(rpc, ana, "named")
    assert members(db)[-1][0] == ana
    assert members(db)[-1][2] < first
