"""explain_match: why the two were matched at that time, and to each no more than they are allowed to see."""

from uuid import uuid4

import pytest
from contract_errors import refused
from harness import OPERATOR
from matching_rules import Found, told
from matchmaking import age, match_row, wait_since
from rows import all_rows, make_match, make_pair

NEAR = {"lat": 38.80}  # 5.4 miles


def explain(rpc, user_id, match_id):
    return rpc.as_user(user_id).call("explain_match", match_id=match_id)


@pytest.fixture
def found(rpc, people):
    """A match: who searched, who was found, and its id."""
    ana = people.add("Ana", max_travel_miles=40)
    ben = people.add("Ben", "intermediate", max_travel_miles=60, **NEAR)
    match_id = rpc.as_user(ana).call("create_automatic_match", max_radius_miles=30)["match_id"]
    return ana, ben, match_id


FOUND = Found(
    distance_miles=6,
    radius_miles=30,
    candidate_travel_miles=60,
    candidate_exposures=0,
    exposure_limit=10,
    level_difference=1,
    level_tolerance=1,
    rematch_hours=168,
)


def details(explanation):
    return {rule["rule"]: rule["detail"] for rule in explanation["rules"]}


def test_to_the_one_who_searched(db, rpc, found):
    ana, _, match_id = found
    assert explain(rpc, ana, match_id) == {
        "match_id": match_id,
        "created_at": match_row(db, match_id)["created_at"],
        "searched_by_me": True,
        "distance_miles": 6,
        "level_difference": 1,
        "rules": told(FOUND, searched=True),
        "came_first_because": "Nobody nearer met all rules; of people equally near, "
        "who has waited longest comes first",
    }


def test_to_the_one_who_was_found(rpc, found):
    ana, ben, match_id = found
    theirs, mine = explain(rpc, ana, match_id), explain(rpc, ben, match_id)
    assert mine["rules"] == told(FOUND, searched=False)
    assert mine == theirs | {
        "searched_by_me": False,
        "rules": mine["rules"],
        "came_first_because": "You were the nearest who met all rules of your buddy's search; "
        "of people equally near, who has waited longest comes first",
    }


def test_neither_learns_the_other_s_travel_distance(rpc, found):
    ana, ben, match_id = found
    assert "60" not in str(explain(rpc, ana, match_id)["rules"])
    assert "30" not in str(explain(rpc, ben, match_id)["rules"])


def test_only_the_one_found_learns_how_often(db, rpc, people):
    ana, ben = people.add(), people.add()
    db.execute(
        "update wingman.matchmaking_pool set exposures = array_fill(statement_timestamp(), array[7])"
        " where user_id = %s",
        [ben],
    )
    match_id = rpc.as_user(ana).call("create_automatic_match")["match_id"]
    told = {one: details(explain(rpc, one, match_id))["exposure"] for one in (ana, ben)}
    assert told == {
        ana: "Your buddy had not been found by too many others lately",
        ben: "You had been found 7 times lately, at most 10 are allowed",
    }


def test_it_tells_how_it_was_then(db, rpc, found):
    ana, ben, match_id = found
    before = explain(rpc, ana, match_id), explain(rpc, ben, match_id)
    db.execute("update public.user_locations set lat = -38, max_travel_miles = 1")
    db.execute("update public.user_profiles set experience_level = 'advanced' where id = %s", [ana])
    db.execute("update wingman.settings set rematch_after = '1 hour', exposure_limit = 1")
    rpc.as_user(ben).call("block_user", subject_id=ana)
    assert (explain(rpc, ana, match_id), explain(rpc, ben, match_id)) == before


def test_a_wider_tolerance_after_a_long_wait(db, rpc, people):
    ana, ben = people.add("Ana", "beginner"), people.add("Ben", "advanced")
    db.execute("update wingman.settings set level_relaxation = interval '24 hours'")
    wait_since(db, ben, "25 hours")
    match_id = rpc.as_user(ana).call("create_automatic_match")["match_id"]
    explanation = explain(rpc, ana, match_id)
    assert explanation["level_difference"] == 2
    assert details(explanation)["level"] == "Experience levels 2 apart, 2 allowed"


def test_the_next_match_of_a_decline_was_searched_by_the_decliner(db, rpc, people):
    pair, cem = make_pair(db, people, "pending"), people.add()
    answer = rpc.as_user(pair.user2).call("respond_to_match", match_id=pair.match_id, action="decline")
    match_id = answer["next_match"]["match_id"]
    assert explain(rpc, pair.user2, match_id)["searched_by_me"] is True
    assert explain(rpc, cem, match_id)["searched_by_me"] is False


@pytest.mark.parametrize("status", ["pending", "accepted", "declined", "expired", "ended"])
def test_a_match_written_by_hand_has_no_rules_to_tell(db, rpc, people, status):
    pair = make_pair(db, people, status)
    for user_id in (pair.user1, pair.user2):
        assert explain(rpc, user_id, pair.match_id) == {
            "match_id": pair.match_id,
            "created_at": match_row(db, pair.match_id)["created_at"],
            "searched_by_me": None,
            "distance_miles": 1,
            "level_difference": None,
            "rules": [],
            "came_first_because": None,
        }


@pytest.mark.parametrize("fate", ["accept", "decline", "lapse", "block"])
def test_it_outlives_the_match(db, rpc, found, fate):
    ana, ben, match_id = found
    before = explain(rpc, ana, match_id)
    match fate:
        case "accept" | "decline":
            rpc.as_user(ben).call("respond_to_match", match_id=match_id, action=fate)
        case "lapse":
            age(db, match_id, "48 hours")
        case "block":
            rpc.as_user(ana).call("block_user", subject_id=ben)
    after = explain(rpc, ana, match_id)
    assert after == before | {"created_at": after["created_at"]}


def test_it_goes_with_the_data_of_the_other_one(db, rpc, found):
    # a search is explained by both people's settings
    ana, ben, match_id = found
    before = explain(rpc, ana, match_id)
    db.execute("delete from auth.users where id = %s", [ben])
    gone = {"level_difference": None, "rules": [], "came_first_because": None}
    assert explain(rpc, ana, match_id) == before | gone


def test_reading_writes_nothing(db, rpc, found):
    ana, _, match_id = found
    before = all_rows(db)
    explain(rpc, ana, match_id)
    assert all_rows(db) == before


# Who may.


def test_a_stranger_is_refused(db, rpc, people, found):
    _, _, match_id = found
    stranger = people.add()
    with refused(db, "not_match_participant"):
        explain(rpc, stranger, match_id)


def test_an_unknown_match_is_not_found(db, rpc, people):
    ana = people.add()
    with refused(db, "match_not_found"):
        explain(rpc, ana, uuid4())
    with refused(db, "missing_argument", argument="match_id"):
        explain(rpc, ana, None)


def test_a_user_acts_for_nobody_else(db, rpc, people, found):
    ana, ben, match_id = found
    newcomer = people.auth_only()
    with refused(db, "not_authenticated"):
        explain(rpc, "nobody", match_id)
    with refused(db, "acting_for_another"):
        rpc.as_user(ana).call("explain_match", match_id=match_id, user_id=ben)
    with refused(db, "profile_incomplete"):
        explain(rpc, newcomer, match_id)


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_hear_what_the_user_they_name_hears(db, rpc, found, caller):
    _, ben, match_id = found
    call = getattr(rpc, caller)().call
    assert call("explain_match", match_id=match_id, user_id=ben) == explain(rpc, ben, match_id)
    with refused(db, "missing_argument", argument="user_id"):
        call("explain_match", match_id=match_id)
    with refused(db, "user_not_found"):
        call("explain_match", match_id=match_id, user_id=uuid4())


def test_operators_have_the_full_form(db, rpc, connect, people, found):
    ana, ben, match_id = found
    by_hand = make_match(db, people.add(), people.add(), "declined")
    rows = {
        row["match_id"]: row
        for row in connect(user=OPERATOR).execute("select * from wingman_admin.match_explanations")
    }
    assert rows.keys() == {match_id, by_hand}
    row = rows[match_id]
    assert row == {
        "match_id": match_id,
        "created_at": match_row(db, match_id)["created_at"],
        "status": "pending",
        "searched_by": ana,
        "distance_miles": 6,
        "radius_miles": 30,
        "candidate_travel_miles": 60,
        "level_difference": 1,
        "level_tolerance": 1,
        "candidate_waiting_since": row["candidate_waiting_since"],
        "candidate_exposures": 0,
        "exposure_limit": 10,
        "rematch_after": row["rematch_after"],
        "found_id": ben,
        "last_met_at": None,
    }
    assert (rows[by_hand]["searched_by"], rows[by_hand]["found_id"], rows[by_hand]["radius_miles"]) == (
        None,
        None,
        None,
    )


def test_operators_see_when_the_two_had_met_before(db, rpc, connect, people):
    pair = make_pair(db, people, "expired")
    age(db, pair.match_id, "168 hours")
    match_id = rpc.as_user(pair.user1).call("create_automatic_match")["match_id"]
    row = connect(user=OPERATOR).execute(
        "select last_met_at from wingman_admin.match_explanations where match_id = %s", [match_id]
    )
    assert row.fetchone() == {"last_met_at": match_row(db, pair.match_id)["created_at"]}
