"""The state machine of a match holds for direct SQL."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from matchmaking import match_row
from psycopg import sql
from rows import all_rows, make_match, make_pair

STATUSES = ["pending", "accepted", "declined", "expired"]
# what the row must carry in each status
ANSWERED = "responded_by = user1_id, responded_at = statement_timestamp()"
UNANSWERED = "responded_by = null, responded_at = null"
DRESSED = {"pending": UNANSWERED, "accepted": ANSWERED, "declined": ANSWERED, "expired": UNANSWERED}
LEGAL = [("pending", "accepted"), ("pending", "declined"), ("pending", "expired")]
ILLEGAL = [(a, b) for a in STATUSES for b in STATUSES if a != b and (a, b) not in LEGAL]


def write(db, match_id, assignments):
    db.execute(f"update public.wingman_matches set {assignments} where id = %s", [match_id])


def assert_impossible(db, constraint, match_id, assignments):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        write(db, match_id, assignments)
    assert caught.value.diag.constraint_name == constraint
    assert all_rows(db) == before


@pytest.mark.parametrize(("old", "new"), LEGAL)
def test_a_pending_match_can_be_resolved(db, people, old, new):
    match_id = make_pair(db, people, old).match_id
    write(db, match_id, f"status = '{new}', {DRESSED[new]}")
    assert match_row(db, match_id)["status"] == new


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
def test_a_resolved_match_stays_what_it_is(db, people, old, new):
    match_id = make_pair(db, people, old).match_id
    assert_impossible(db, "wingman_matches_transition", match_id, f"status = '{new}', {DRESSED[new]}")


@pytest.mark.parametrize("new", STATUSES)
def test_an_ended_match_goes_nowhere(db, people, new):
    match_id = make_pair(db, people, "ended").match_id
    if new == "accepted":
        write(db, match_id, "status = 'accepted'")
        return
    assert_impossible(db, "wingman_matches_transition", match_id, f"status = '{new}', {DRESSED[new]}")


@pytest.mark.parametrize("status", STATUSES)
def test_writing_the_same_status_is_no_transition(db, people, status):
    pair = make_pair(db, people, status)
    before = all_rows(db)
    write(db, pair.match_id, "status = status")
    after = all_rows(db)
    for rows in (before, after):
        for row in rows["public.wingman_matches"]:
            del row["updated_at"]
    assert after == before


@pytest.mark.representatives("user1_id-*", "id-accepted")
@pytest.mark.parametrize("status", [*STATUSES, "lapsed", "ended"])
@pytest.mark.parametrize("column", ["id", "user1_id", "user2_id"])
def test_participants_never_change(db, people, status, column):
    pair = make_pair(db, people, status)
    # ids that keep user1_id < user2_id
    other = "00000000-0000-4000-8000-000000000000" if column == "user1_id" else "f" * 32
    assert_impossible(db, "wingman_matches_participants", pair.match_id, f"{column} = '{other}'")


@pytest.mark.parametrize("status", ["accepted", "declined", "ended"])
@pytest.mark.parametrize(
    "assignment",
    [
        "responded_by = case responded_by when user1_id then user2_id else user1_id end",
        "responded_at = responded_at + interval '1 microsecond'",
        UNANSWERED,
    ],
)
def test_a_response_never_changes(db, people, status, assignment):
    match_id = make_pair(db, people, status).match_id
    assert_impossible(db, "wingman_matches_response", match_id, assignment)


@pytest.mark.parametrize(
    "assignments",
    [
        "status = 'accepted'",
        "status = 'declined'",
        "status = 'accepted', responded_by = user1_id",
        "status = 'declined', responded_at = statement_timestamp()",
        "status = 'accepted', responded_by = gen_random_uuid(), responded_at = statement_timestamp()",
        f"status = 'expired', {ANSWERED}",
        ANSWERED,
    ],
)
def test_accepted_and_declined_have_an_answer_by_a_participant_and_others_none(db, people, assignments):
    match_id = make_pair(db, people, "pending").match_id
    assert_impossible(db, "wingman_matches_response_check", match_id, assignments)


@pytest.mark.parametrize(
    ("status", "assignments"),
    [
        ("pending", "ended_at = statement_timestamp()"),
        ("declined", "ended_at = statement_timestamp()"),
        ("expired", "ended_at = statement_timestamp()"),
        ("ended", "ended_at = ended_at + interval '1 microsecond'"),
        ("ended", "ended_at = null"),
        ("pending", f"status = 'accepted', {ANSWERED}, ended_at = statement_timestamp()"),
    ],
)
def test_only_an_accepted_match_ends_and_only_once(db, people, status, assignments):
    match_id = make_pair(db, people, status).match_id
    assert_impossible(db, "wingman_matches_ended", match_id, assignments)


def test_an_accepted_match_can_end(db, people):
    match_id = make_pair(db, people, "accepted").match_id
    write(db, match_id, "ended_at = statement_timestamp()")
    assert match_row(db, match_id)["ended_at"] is not None


@pytest.mark.parametrize(
    ("assignment", "constraint"),
    [
        ("distance_miles = 0", "wingman_matches_distance_check"),
        ("expires_at = created_at", "wingman_matches_expiry_check"),
    ],
)
def test_a_match_keeps_its_other_rules(db, people, assignment, constraint):
    match_id = make_pair(db, people, "pending").match_id
    assert_impossible(db, constraint, match_id, assignment)


# A new match.


def insert(db, **columns):
    """A new match with these columns, by direct SQL, of two people in order; returns its row."""
    columns = {
        "user1_reputation": 0,
        "user2_reputation": 0,
        "user1_level": 1,
        "user2_level": 1,
        "distance_miles": 1,
        "expires_at": "tomorrow",
        **columns,
    }
    query = sql.SQL("insert into public.wingman_matches ({}) values ({}) returning *").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(map(sql.Placeholder, columns)),
    )
    return db.execute(query, columns).fetchone()


def assert_not_inserted(db, constraint, **columns):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        insert(db, **columns)
    assert caught.value.diag.constraint_name == f"wingman_matches_{constraint}"
    assert all_rows(db) == before


@pytest.fixture
def two(people):
    user1, user2 = sorted((people.add(), people.add()))
    return {"user1_id": user1, "user2_id": user2}


def test_a_match_by_direct_sql_is_one(db, two):
    row = insert(db, **two)
    assert (row["status"], row["searched_by"], row["ended_by"], row["responded_by"]) == (
        "pending",
        None,
        None,
        None,
    )
    assert match_row(db, row["id"]) == row


@pytest.mark.parametrize("searched_by", ["user1_id", "user2_id"])
def test_either_of_the_two_has_searched(db, two, searched_by):
    assert insert(db, **two, searched_by=two[searched_by])["searched_by"] == two[searched_by]


def test_nobody_else_has(db, people, two):
    for stranger in (people.add(), uuid4()):
        assert_not_inserted(db, "searched_by_check", **two, searched_by=stranger)


@pytest.mark.parametrize("status", [*STATUSES[1:], "cancelled", "ended", ""])
def test_a_match_begins_as_pending(db, two, status):
    answered = DRESSED.get(status) == ANSWERED
    answer = {"responded_by": two["user1_id"], "responded_at": "now"} if answered else {}
    assert_not_inserted(db, "transition", **two, status=status, **answer)


@pytest.mark.parametrize("by", ["responded", "first_accepted"])
@pytest.mark.parametrize("columns", [["by"], ["at"], ["by", "at"]])
@pytest.mark.parametrize("needs_both", [False, True])
def test_a_match_begins_unanswered(db, two, by, columns, needs_both):
    answer = {"by": two["user1_id"], "at": "now"}
    written = {f"{by}_{column}": answer[column] for column in columns}
    assert_not_inserted(db, "response_check", **two, needs_both=needs_both, **written)


@pytest.mark.parametrize("columns", [["ended_by"], ["ended_at"], ["ended_by", "ended_at"]])
def test_a_match_does_not_begin_ended(db, two, columns):
    end = {"ended_by": two["user1_id"], "ended_at": "now"}
    assert_not_inserted(db, "ended_check", **two, **{column: end[column] for column in columns})


def test_the_smaller_id_is_user1(db, two):
    user1, user2 = two.values()
    assert_not_inserted(db, "user_order_check", user1_id=user2, user2_id=user1)
    assert_not_inserted(db, "user_order_check", user1_id=user2, user2_id=user2)


@pytest.mark.parametrize("miles", [0, -1])
def test_a_new_match_is_at_least_a_mile_away(db, two, miles):
    assert_not_inserted(db, "distance_check", **two, distance_miles=miles)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(microseconds=-1), timedelta(days=-9)])
def test_a_new_match_expires_after_it_was_made(db, two, lifetime):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert_not_inserted(db, "expiry_check", **two, created_at=at, expires_at=at + lifetime)
    assert insert(db, **two, created_at=at, expires_at=at + timedelta(microseconds=1))["status"] == "pending"


@pytest.mark.parametrize(
    "column",
    ["user1_reputation", "user2_reputation", "user1_level", "user2_level", "distance_miles", "expires_at"],
)
def test_a_match_says_everything_that_was_true_at_its_beginning(db, two, column):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.NotNullViolation):
        insert(db, **two, **{column: None})
    assert all_rows(db) == before


# Who ended it.


@pytest.mark.parametrize("ended_by", ["user1_id", "user2_id", "null"])
def test_an_accepted_match_is_ended_by_either_or_by_hand(db, people, ended_by):
    pair = make_pair(db, people, "accepted")
    write(db, pair.match_id, f"ended_at = statement_timestamp(), ended_by = {ended_by}")
    row = match_row(db, pair.match_id)
    assert row["ended_by"] == row.get(ended_by)


@pytest.mark.parametrize(
    "assignments",
    [
        "ended_by = user1_id",
        "ended_at = statement_timestamp(), ended_by = gen_random_uuid()",
        "ended_at = statement_timestamp(), ended_by = id",
    ],
)
def test_an_accepted_match_is_ended_by_nobody_else(db, people, assignments):
    match_id = make_pair(db, people, "accepted").match_id
    assert_impossible(db, "wingman_matches_ended_check", match_id, assignments)


@pytest.mark.parametrize("assignments", ["ended_by = user1_id", "ended_by = user1_id, ended_at = ended_at"])
@pytest.mark.parametrize("status", ["pending", "declined", "expired", "ended"])
def test_who_ended_it_is_not_written_otherwise(db, people, status, assignments):
    match_id = make_pair(db, people, status).match_id
    assert_impossible(db, "wingman_matches_ended", match_id, assignments)


@pytest.mark.parametrize("value", ["null", "user2_id"])
def test_who_ended_it_never_changes(db, people, value):
    match_id = make_pair(db, people, "accepted").match_id
    write(db, match_id, "ended_at = statement_timestamp(), ended_by = user1_id")
    assert_impossible(db, "wingman_matches_ended", match_id, f"ended_by = {value}")


# A match that takes an accept of each.

FIRST = "first_accepted_by = user1_id, first_accepted_at = statement_timestamp()"
SECOND = "responded_by = user2_id, responded_at = statement_timestamp()"


@pytest.fixture
def of_both(db, people):
    """A pending match that takes an accept of each."""
    return make_pair(db, people, "pending", needs_both=True).match_id


@pytest.fixture
def accepted_first(db, of_both):
    """The same, once user1 has accepted it."""
    write(db, of_both, FIRST)
    return of_both


@pytest.mark.parametrize("by", ["user1_id", "user2_id"])
def test_either_of_the_two_accepts_first(db, of_both, by):
    write(db, of_both, f"first_accepted_by = {by}, first_accepted_at = statement_timestamp()")
    row = match_row(db, of_both)
    assert (row["first_accepted_by"], row["first_accepted_at"], row["status"]) == (
        row[by],
        row["updated_at"],
        "pending",
    )


@pytest.mark.parametrize(
    "assignments",
    [
        "first_accepted_by = user1_id",
        "first_accepted_at = statement_timestamp()",
        "first_accepted_by = gen_random_uuid(), first_accepted_at = statement_timestamp()",
    ],
)
def test_nobody_else_and_never_without_saying_when(db, of_both, assignments):
    assert_impossible(db, "wingman_matches_first_accept", of_both, assignments)


@pytest.mark.parametrize(
    "assignments",
    [
        "first_accepted_by = user2_id",
        "first_accepted_by = user2_id, first_accepted_at = statement_timestamp()",
        "first_accepted_at = first_accepted_at + interval '1 microsecond'",
        "first_accepted_by = null, first_accepted_at = null",
    ],
)
def test_who_accepted_first_never_changes(db, accepted_first, assignments):
    assert_impossible(db, "wingman_matches_first_accept", accepted_first, assignments)


@pytest.mark.parametrize("status", STATUSES)
def test_no_other_match_is_accepted_first(db, people, status):
    match_id = make_pair(db, people, status).match_id
    assert_impossible(db, "wingman_matches_first_accept", match_id, FIRST)


def test_nobody_accepts_first_once_it_is_resolved(db, of_both):
    write(db, of_both, "status = 'expired'")
    assert_impossible(db, "wingman_matches_first_accept", of_both, FIRST)


def test_it_is_accepted_once_the_other_one_has_accepted_it_too(db, accepted_first):
    write(db, accepted_first, f"status = 'accepted', {SECOND}")
    assert match_row(db, accepted_first)["status"] == "accepted"


@pytest.mark.parametrize("answered", [ANSWERED, SECOND])
def test_one_accept_is_not_enough(db, of_both, answered):
    assert_impossible(db, "wingman_matches_both_check", of_both, f"status = 'accepted', {answered}")


def test_the_same_person_is_not_the_second(db, accepted_first):
    assert_impossible(db, "wingman_matches_both_check", accepted_first, f"status = 'accepted', {ANSWERED}")


@pytest.mark.parametrize("answered", [ANSWERED, SECOND])
def test_either_of_the_two_can_still_decline(db, accepted_first, answered):
    write(db, accepted_first, f"status = 'declined', {answered}")
    assert match_row(db, accepted_first)["status"] == "declined"


@pytest.mark.parametrize("needs_both", [False, True])
@pytest.mark.parametrize("status", ["pending", "expired"])
def test_how_many_accepts_it_takes_never_changes(db, people, status, needs_both):
    match_id = make_pair(db, people, "pending", needs_both=needs_both).match_id
    write(db, match_id, f"status = '{status}'")
    assert_impossible(db, "wingman_matches_acceptance", match_id, "needs_both = not needs_both")


# Every column: each trigger fires for its own alone, and none may have been forgotten.

# what a superuser may set it to in an ended match, and how that is refused
COLUMNS = {
    "id": ("gen_random_uuid()", "participants"),
    "user1_id": ("user2_id", "participants"),
    "user2_id": ("user1_id", "participants"),
    "searched_by": ("user1_id", "participants"),
    "status": ("'pending'", "transition"),
    "responded_by": ("null", "response"),
    "responded_at": ("null", "response"),
    "ended_at": ("null", "ended"),
    "ended_by": ("user1_id", "ended"),
    "needs_both": ("true", "acceptance"),
    "first_accepted_by": ("user1_id", "first_accept"),
    "first_accepted_at": ("created_at", "first_accept"),
    "distance_miles": ("0", "distance_check"),
    "created_at": ("expires_at", "expiry_check"),
    "expires_at": ("created_at", "expiry_check"),
}
# of these a match keeps what was true when it was made; nothing but hands could write them
FREE_COLUMNS = ("user1_reputation", "user2_reputation", "user1_level", "user2_level", "updated_at")


def test_every_column_is_named_here(db):
    found = db.execute(
        "select column_name as name from information_schema.columns"
        " where table_schema = 'public' and table_name = 'wingman_matches'"
    ).fetchall()
    assert {row["name"] for row in found} == {*COLUMNS, *FREE_COLUMNS}


@pytest.mark.representatives("-*", ", user1_level = 3-status")
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(
    "beside", ["", ", user1_level = 3", ", distance_miles = 9", ", responded_at = responded_at"]
)
def test_every_column_is_guarded(db, people, column, beside):
    match_id = make_pair(db, people, "ended").match_id
    value, constraint = COLUMNS[column]
    if column in beside:
        beside = ""
    assert_impossible(db, f"wingman_matches_{constraint}", match_id, f"{column} = {value}{beside}")


@pytest.mark.representatives("status", "ended_at", "expires_at")
@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_stamps_updated_at(db, people, column):
    match_id = make_pair(db, people, "ended").match_id
    before = match_row(db, match_id)
    write(db, match_id, f"{column} = {column}, updated_at = '2000-01-01'")
    after = match_row(db, match_id)
    assert after["updated_at"] > before["updated_at"]
    assert after == before | {"updated_at": after["updated_at"]}


def test_there_is_no_other_status(db, people):
    match_id = make_pair(db, people, "pending").match_id
    for status in ("done", "PENDING", "ended", ""):
        assert_impossible(db, "wingman_matches_status_check", match_id, f"status = '{status}'")


def test_updated_at_follows_every_write(db, people):
    user1, user2 = people.add(), people.add()
    match_id = make_match(db, user1, user2, "pending")
    before = match_row(db, match_id)
    write(db, match_id, "distance_miles = 9, updated_at = '2000-01-01'")
    assert match_row(db, match_id)["updated_at"] > before["updated_at"]
