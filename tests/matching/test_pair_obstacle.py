"""A pair can be matched again 7 days after its last match, but never while an accepted one is open."""

import pytest
from answers import at_one_instant
from matchmaking import match_row, match_rows
from rows import make_match

STATES = ["lapsed", "expired", "declined", "ended"]
MADE = (
    "update public.wingman_matches set created_at = statement_timestamp() - interval '168 hours' {},"
    " expires_at = statement_timestamp() - interval '120 hours'"
)


@pytest.fixture
def pair(people):
    return people.add(), people.add()


@pytest.mark.parametrize("seeker", [0, 1])
@pytest.mark.parametrize("state", STATES)
def test_exactly_7_days_after_its_match_a_pair_is_matched_again(db, pair, state, seeker):
    old = make_match(db, *pair, state)
    answer = at_one_instant(
        db, f"public.create_automatic_match(user_id => '{pair[seeker]}')", first=MADE.format("")
    )
    assert answer["buddy_user_id"] == pair[1 - seeker]
    assert {row["id"] for row in match_rows(db)} == {old, answer["match_id"]}


@pytest.mark.parametrize("seeker", [0, 1])
@pytest.mark.parametrize("state", STATES)
def test_one_microsecond_earlier_it_is_not(db, pair, state, seeker):
    old = make_match(db, *pair, state)
    answer = at_one_instant(
        db,
        f"public.create_automatic_match(user_id => '{pair[seeker]}')",
        first=MADE.format("+ interval '1 microsecond'"),
    )
    assert answer["success"] is False
    assert [row["id"] for row in match_rows(db)] == [old]


@pytest.mark.parametrize("seeker", [0, 1])
def test_a_pair_whose_accepted_match_goes_on_is_never_matched_again(db, rpc, pair, seeker):
    old = make_match(db, *pair, "accepted")
    db.execute(
        "update public.wingman_matches set created_at = created_at - interval '400 days' where id = %s",
        [old],
    )
    assert rpc.as_user(pair[seeker]).call("create_automatic_match")["success"] is False
    assert match_row(db, old)["status"] == "accepted"


def test_the_newest_match_of_a_pair_decides(db, rpc, pair):
    db.execute("update wingman.settings set rematch_after = '0'")
    for days in (30, 20, 2):
        match_id = make_match(db, *pair, "declined")
        db.execute(
            "update public.wingman_matches set created_at = created_at - make_interval(days => %s)"
            " where id = %s",
            [days, match_id],
        )
    db.execute("update wingman.settings set rematch_after = '168 hours'")
    assert rpc.as_user(pair[0]).call("create_automatic_match")["success"] is False


def test_matches_with_others_do_not_close_a_pair(db, rpc, people, pair):
    cem = people.add()
    for user_id in pair:
        make_match(db, user_id, cem, "declined")
    assert rpc.as_user(pair[0]).call("create_automatic_match")["buddy_user_id"] == pair[1]


@pytest.mark.parametrize(("setting", "found"), [("1 hour", True), ("3 hours", False)])
def test_the_window_is_the_one_of_the_settings(db, rpc, pair, setting, found):
    match_id = make_match(db, *pair, "declined")
    db.execute(
        "update public.wingman_matches set created_at = created_at - interval '2 hours' where id = %s",
        [match_id],
    )
    db.execute("update wingman.settings set rematch_after = %s::interval", [setting])
    assert rpc.as_user(pair[0]).call("create_automatic_match")["success"] is found
