"""respond_to_match: one answer by either person decides, and a decline brings the next match."""

from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from matchmaking import (
    ACCEPTED,
    DECLINED,
    NEXT,
    age,
    match_row,
    match_rows,
    pause,
    pending,
    wait_since,
    waiting,
)
from rows import all_rows, make_match, make_pair
from written import Updates, updates_of

BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])
WITH_EITHER = pytest.mark.parametrize("action", ["accept", "decline"])
FAR = {"lat": 41.1496, "lng": -8.6110}
EXPIRES_NOW = (
    "update public.wingman_matches set created_at = statement_timestamp() - interval '48 hours',"
    " expires_at = statement_timestamp()"
)


@pytest.fixture
def pair(db, people):
    return make_pair(db, people, "pending")


def respond(rpc, user_id, match_id, action):
    return rpc.as_user(user_id).call("respond_to_match", match_id=match_id, action=action)


def sides(pair, by):
    """The one who answers, and the buddy."""
    return (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)


def answer(message, status, next_match=None):
    return {"success": True, "message": message, "match_status": status, "next_match": next_match}


# The first answer.


@BY_EITHER
@pytest.mark.parametrize(
    ("action", "message", "status"), [("accept", ACCEPTED, "accepted"), ("decline", DECLINED, "declined")]
)
def test_the_first_answer_decides(db, rpc, pair, by, action, message, status):
    me, _ = sides(pair, by)
    before = match_row(db, pair.match_id)
    assert respond(rpc, me, pair.match_id, action) == answer(message, status)
    row = match_row(db, pair.match_id)
    assert row["responded_at"] == row["updated_at"] > before["updated_at"]
    changed = {"status": status, "responded_by": me}
    assert row == before | changed | {name: row[name] for name in ("responded_at", "updated_at")}


@BY_EITHER
@WITH_EITHER
def test_an_answer_frees_both_for_other_matches(db, rpc, pair, by, action):
    respond(rpc, sides(pair, by)[0], pair.match_id, action)
    assert (pending(db, pair.user1), pending(db, pair.user2)) == (None, None)


@BY_EITHER
def test_a_decline_makes_the_next_match_in_the_same_call(db, rpc, people, pair, by):
    me, _ = sides(pair, by)
    cem = people.add("Cem", "intermediate", confidence_archetype="Explorer")
    got = respond(rpc, me, pair.match_id, "decline")
    declined, made = match_rows(db)
    assert got == answer(
        NEXT,
        "declined",
        {
            "match_id": made["id"],
            "buddy_user_id": cem,
            "buddy_profile": {
                "id": cem,
                "first_name": "Cem",
                "experience_level": "intermediate",
                "confidence_archetype": "Explorer",
                "reputation_score": 0,
            },
        },
    )
    assert (declined["id"], declined["status"], made["status"]) == (pair.match_id, "declined", "pending")
    assert {made["user1_id"], made["user2_id"]} == {me, cem}
    assert declined["responded_at"] == made["created_at"]
    assert (pending(db, me), pending(db, cem)) == (made["id"], made["id"])


@BY_EITHER
@WITH_EITHER
@pytest.mark.parametrize("more", [0, 1], ids=["nobody else there", "somebody else there"])
def test_an_answer_writes_no_index_of_the_matches(rpc, people, pair, by, action, more):
    for _ in range(more):
        people.add("Cem")
    me, _ = sides(pair, by)
    answer = {"match_id": pair.match_id, "action": action}
    updated = updates_of(rpc.as_user(me), lambda caller: caller.call("respond_to_match", **answer))
    people_freed, people_matched = 2, 2 if action == "decline" and more else 0
    assert updated.pop("matchmaking_pool").rows == people_freed + people_matched
    assert updated == {"wingman_matches": Updates(1, 1)}


@BY_EITHER
def test_an_acceptance_makes_no_match(db, rpc, people, pair, by):
    people.add("Cem")
    assert respond(rpc, sides(pair, by)[0], pair.match_id, "accept") == answer(ACCEPTED, "accepted")
    assert len(match_rows(db)) == 1


@BY_EITHER
def test_the_one_who_was_declined_keeps_the_waiting_time(db, rpc, pair, by):
    me, buddy = sides(pair, by)
    wait_since(db, me, "5 days")
    wait_since(db, buddy, "5 days")
    since = waiting(db, buddy)
    respond(rpc, me, pair.match_id, "decline")
    assert waiting(db, buddy) == since
    assert waiting(db, me) == match_row(db, pair.match_id)["responded_at"]


@BY_EITHER
def test_after_an_acceptance_both_wait_anew(db, rpc, pair, by):
    respond(rpc, sides(pair, by)[0], pair.match_id, "accept")
    responded_at = match_row(db, pair.match_id)["responded_at"]
    assert waiting(db, pair.user1) == waiting(db, pair.user2) == responded_at


@BY_EITHER
def test_the_one_who_was_declined_is_found_by_others_at_once(rpc, people, pair, by):
    me, buddy = sides(pair, by)
    respond(rpc, me, pair.match_id, "decline")
    # both are free and equally near; the one who kept the waiting time comes first
    cem = people.add("Cem")
    assert rpc.as_user(cem).call("create_automatic_match")["buddy_user_id"] == buddy


def test_a_decline_costs_no_reputation(db, rpc, pair):
    respond(rpc, pair.user1, pair.match_id, "decline")
    assert (
        db.execute(
            "select completed_sessions, no_shows, reputation_score from public.user_profiles"
        ).fetchall()
        == [{"completed_sessions": 0, "no_shows": 0, "reputation_score": 0}] * 2
    )
    assert db.execute("select * from wingman.reputation_events").fetchall() == []


# What the search of a decline finds.


def test_the_next_match_is_never_the_declined_buddy_again(db, rpc, pair):
    assert respond(rpc, pair.user1, pair.match_id, "decline") == answer(DECLINED, "declined")
    assert len(match_rows(db)) == 1


@pytest.mark.parametrize(("travel", "found"), [(6, False), (7, True)])
def test_the_next_match_lies_within_the_own_travel_distance(db, rpc, people, travel, found):
    ana, ben, _ = people.add(max_travel_miles=travel), people.add(), people.add(lat=38.82)
    match_id = make_match(db, ana, ben, "pending")
    got = respond(rpc, ana, match_id, "decline")
    assert got["message"] == (NEXT if found else DECLINED)
    assert (got["next_match"] is not None) is found


def test_somebody_paused_gets_no_next_match(db, rpc, people, pair):
    people.add("Cem")
    pause(db, pair.user1)
    assert respond(rpc, pair.user1, pair.match_id, "decline") == answer(DECLINED, "declined")
    assert [row["status"] for row in match_rows(db)] == ["declined"]


def test_a_next_match_that_another_call_holds_is_not_waited_for(connect, db, rpc, people, pair):
    cem = people.add("Cem")
    other = connect(user=db.info.user)
    with other.transaction():
        other.execute("select from wingman.matchmaking_pool where user_id = %s for no key update", [cem])
        assert respond(rpc, pair.user1, pair.match_id, "decline") == answer(DECLINED, "declined")
    assert [row["status"] for row in match_rows(db)] == ["declined"]


def test_a_removed_location_has_declined_the_match_already(db, rpc, people, pair):
    people.add("Cem")
    db.execute("delete from public.user_locations where user_id = %s", [pair.user1])
    before = all_rows(db)
    assert respond(rpc, pair.user1, pair.match_id, "decline") == answer(DECLINED, "declined")
    assert all_rows(db) == before
    with refused(db, "match_already_resolved", status="declined"):
        respond(rpc, pair.user1, pair.match_id, "accept")


def test_a_decline_settles_the_two_longest_lapsed_matches_of_others(db, rpc, people, pair):
    lapsed = [make_match(db, people.add(**FAR), people.add(**FAR), "lapsed") for _ in range(3)]
    for match_id, hours in zip(lapsed, (1, 3, 2), strict=True):
        age(db, match_id, f"{hours} hours")
    respond(rpc, pair.user1, pair.match_id, "decline")
    assert [match_row(db, match_id)["status"] for match_id in lapsed] == ["pending", "expired", "expired"]


def test_somebody_freed_on_the_way_may_be_the_next_match(db, rpc, people, pair):
    cem = people.add("Cem")
    make_match(db, cem, people.add(**FAR), "lapsed")
    assert respond(rpc, pair.user1, pair.match_id, "decline")["next_match"]["buddy_user_id"] == cem


# The state machine, asked by either person.

STATE_MACHINE = [
    ("lapsed", "accept", "match_expired", {}),
    ("lapsed", "decline", "match_expired", {}),
    ("expired", "accept", "match_expired", {}),
    ("expired", "decline", "match_expired", {}),
    ("accepted", "decline", "match_already_resolved", {"status": "accepted"}),
    ("ended", "decline", "match_already_resolved", {"status": "accepted"}),
    ("declined", "accept", "match_already_resolved", {"status": "declined"}),
]


@pytest.mark.representatives("*-user1")
@BY_EITHER
@pytest.mark.parametrize(("status", "action", "error", "context"), STATE_MACHINE)
def test_a_match_that_is_not_pending_cannot_be_answered_otherwise(
    db, rpc, people, by, status, action, error, context
):
    pair = make_pair(db, people, status)
    with refused(db, error, **context):
        respond(rpc, sides(pair, by)[0], pair.match_id, action)


@BY_EITHER
@pytest.mark.parametrize(
    ("status", "action", "expected"),
    [
        ("accepted", "accept", answer(ACCEPTED, "accepted")),
        ("ended", "accept", answer(ACCEPTED, "accepted")),
        ("declined", "decline", answer(DECLINED, "declined")),
    ],
)
def test_the_answer_that_stands_is_given_again_and_changes_nothing(
    db, rpc, people, by, status, action, expected
):
    pair = make_pair(db, people, status)
    people.add("Cem")
    before = all_rows(db)
    assert respond(rpc, sides(pair, by)[0], pair.match_id, action) == expected
    assert all_rows(db) == before


def test_a_repeated_decline_tells_the_next_match_again(db, rpc, people, pair):
    people.add("Cem")
    first = respond(rpc, pair.user1, pair.match_id, "decline")
    before = all_rows(db)
    assert respond(rpc, pair.user1, pair.match_id, "decline") == first
    assert all_rows(db) == before


def test_a_repeated_decline_tells_each_person_the_own_pending_match(db, rpc, people, pair):
    first = respond(rpc, pair.user1, pair.match_id, "decline")
    assert first["next_match"] is None
    people.add("Cem")
    match_id = rpc.as_user(pair.user2).call("create_automatic_match")["match_id"]
    got = respond(rpc, pair.user2, pair.match_id, "decline")
    assert (got["message"], got["next_match"]["match_id"]) == (NEXT, match_id)
    assert respond(rpc, pair.user1, pair.match_id, "decline") == first


@pytest.mark.parametrize("fate", ["accepted", "lapsed"])
def test_a_repeated_decline_tells_no_next_match_that_is_not_pending_any_more(db, rpc, people, pair, fate):
    people.add("Cem")
    next_id = respond(rpc, pair.user1, pair.match_id, "decline")["next_match"]["match_id"]
    if fate == "accepted":
        respond(rpc, pair.user1, next_id, "accept")
    else:
        age(db, next_id, "48 hours")
    assert respond(rpc, pair.user1, pair.match_id, "decline") == answer(DECLINED, "declined")


# Time.


@WITH_EITHER
@BY_EITHER
def test_at_its_end_a_match_has_expired(db, pair, by, action):
    with refused(db, "match_expired"):
        at_one_instant(
            db,
            f"public.respond_to_match('{pair.match_id}', '{action}', '{sides(pair, by)[0]}')",
            first=EXPIRES_NOW,
        )


@pytest.mark.parametrize(
    ("action", "expected"),
    [("accept", answer(ACCEPTED, "accepted")), ("decline", answer(DECLINED, "declined"))],
)
def test_one_microsecond_earlier_it_can_be_answered(db, pair, action, expected):
    got = at_one_instant(
        db,
        f"public.respond_to_match('{pair.match_id}', '{action}', '{pair.user1}')",
        first=EXPIRES_NOW + " + interval '1 microsecond'",
    )
    assert got == expected
    assert match_row(db, pair.match_id)["status"] == expected["match_status"]


# Who and what.


@WITH_EITHER
def test_an_unknown_match_is_not_found(db, rpc, pair, action):
    with refused(db, "match_not_found"):
        respond(rpc, pair.user1, uuid4(), action)


@WITH_EITHER
@pytest.mark.parametrize("status", ["pending", "lapsed", "expired", "accepted", "declined", "ended"])
def test_a_match_of_others_is_refused_whatever_its_state(db, rpc, people, status, action):
    pair, stranger = make_pair(db, people, status), people.add()
    with refused(db, "not_match_participant"):
        respond(rpc, stranger, pair.match_id, action)


@pytest.mark.parametrize("action", ["", "ACCEPT", " accept", "accepted", "reject", "accept; --"])
def test_any_other_action_is_refused(db, rpc, pair, action):
    with refused(db, "invalid_action"):
        respond(rpc, pair.user1, pair.match_id, action)


def test_the_action_is_checked_before_the_match_is_looked_up(db, rpc, pair):
    with refused(db, "invalid_action"):
        respond(rpc, pair.user1, uuid4(), "maybe")


def test_the_service_answers_for_the_user_whom_it_names(db, rpc, pair):
    got = rpc.as_service().call(
        "respond_to_match", match_id=pair.match_id, action="accept", user_id=pair.user2
    )
    assert got == answer(ACCEPTED, "accepted")
    assert match_row(db, pair.match_id)["responded_by"] == pair.user2
