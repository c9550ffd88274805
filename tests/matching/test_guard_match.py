"""The state machine of a match holds for direct SQL."""

import psycopg
import pytest
from matchmaking import match_row
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


@pytest.mark.parametrize("status", [*STATUSES[1:], "cancelled"])
def test_a_match_begins_as_pending(db, people, status):
    user1, user2 = sorted((people.add(), people.add()))
    answered = DRESSED.get(status) == ANSWERED
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(
            "insert into public.wingman_matches (user1_id, user2_id, status, user1_reputation,"
            " user2_reputation, distance_miles, responded_by, responded_at, expires_at) values"
            " (%(user1)s, %(user2)s, %(status)s, 0, 0, 1, %(responded_by)s,"
            " case when %(responded_by)s::uuid is not null then statement_timestamp() end,"
            " statement_timestamp() + interval '48 hours')",
            {
                "user1": user1,
                "user2": user2,
                "status": status,
                "responded_by": user1 if answered else None,
            },
        )
    assert all_rows(db) == before


@pytest.mark.parametrize("twisted", [True, False], ids=["larger id first", "one person twice"])
def test_the_smaller_id_is_user1(db, people, twisted):
    user1, user2 = sorted((people.add(), people.add()))
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        db.execute(
            "insert into public.wingman_matches"
            " (user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, expires_at)"
            " values (%s, %s, 0, 0, 1, statement_timestamp() + interval '48 hours')",
            [user2, user1 if twisted else user2],
        )
    assert caught.value.diag.constraint_name == "wingman_matches_user_order_check"
    assert all_rows(db) == before


def test_updated_at_follows_every_write(db, people):
    user1, user2 = people.add(), people.add()
    match_id = make_match(db, user1, user2, "pending")
    before = match_row(db, match_id)
    write(db, match_id, "distance_miles = 9, updated_at = '2000-01-01'")
    assert match_row(db, match_id)["updated_at"] > before["updated_at"]
