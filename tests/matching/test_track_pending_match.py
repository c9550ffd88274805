"""Nobody ever has two pending matches, direct SQL included."""

import psycopg
import pytest
from matchmaking import match_row, pause, pending, wait_since, waiting
from rows import all_rows, make_match, make_pair


def assert_impossible(db, constraint, query, *values):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        db.execute(query, values)
    assert caught.value.diag.constraint_name == constraint
    assert all_rows(db) == before


def assert_no_match(db, one, other):
    assert_impossible(
        db,
        "wingman_matches_one_pending",
        "insert into public.wingman_matches"
        " (user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, expires_at)"
        " values (%s, %s, 0, 0, 1, statement_timestamp() + interval '48 hours')",
        *sorted((one, other)),
    )


@pytest.mark.parametrize("busy", ["user1", "user2", "both", "the same two"])
@pytest.mark.parametrize("state", ["pending", "lapsed"])
def test_a_second_pending_match_cannot_be_inserted(db, people, busy, state):
    first, second = make_pair(db, people, state), make_pair(db, people, state)
    free = people.add()
    one, other = {
        "user1": (first.user1, free),
        "user2": (first.user2, free),
        "both": (first.user1, second.user2),
        "the same two": (first.user1, first.user2),
    }[busy]
    assert_no_match(db, one, other)


@pytest.mark.parametrize("who", ["without a location", "without a profile"])
def test_somebody_who_cannot_be_matched_gets_no_pending_match(db, people, who):
    ana, ben = people.add(), people.add()
    table, key = {
        "without a location": ("user_locations", "user_id"),
        "without a profile": ("user_profiles", "id"),
    }[who]
    db.execute(f"delete from public.{table} where {key} = %s", [ben])
    assert_no_match(db, ana, ben)


def test_two_matches_in_one_statement_count_as_two(db, people):
    ids = sorted(people.add() for _ in range(3))
    assert_impossible(
        db,
        "wingman_matches_one_pending",
        "insert into public.wingman_matches"
        " (user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, expires_at)"
        " select %s::uuid, u, 0, 0, 1, statement_timestamp() + interval '48 hours'"
        " from unnest(%s::uuid[]) as u",
        ids[0],
        ids[1:],
    )


def test_a_pending_match_is_written_down_for_both(db, people):
    pair = make_pair(db, people, "pending")
    assert pending(db, pair.user1) == pending(db, pair.user2) == pair.match_id


@pytest.mark.parametrize(
    ("status", "anew"),
    [("accepted", {"user1", "user2"}), ("declined", {"user2"}), ("expired", {"user1", "user2"})],
)
def test_a_resolved_match_frees_both_and_starts_waiting_times(db, people, status, anew):
    pair = make_pair(db, people, "pending")
    for user_id in (pair.user1, pair.user2):
        wait_since(db, user_id, "5 days")
    before = {"user1": waiting(db, pair.user1), "user2": waiting(db, pair.user2)}
    answer = "" if status == "expired" else ", responded_by = user2_id, responded_at = statement_timestamp()"
    db.execute(f"update public.wingman_matches set status = '{status}'{answer}")
    moment = match_row(db, pair.match_id)["updated_at"]
    assert (pending(db, pair.user1), pending(db, pair.user2)) == (None, None)
    for name, user_id in (("user1", pair.user1), ("user2", pair.user2)):
        assert waiting(db, user_id) == (moment if name in anew else before[name])


def test_a_match_that_is_deleted_frees_both_and_keeps_their_waiting_times(db, people):
    pair = make_pair(db, people, "pending")
    since = waiting(db, pair.user1), waiting(db, pair.user2)
    db.execute("delete from public.wingman_matches")
    assert (pending(db, pair.user1), pending(db, pair.user2)) == (None, None)
    assert (waiting(db, pair.user1), waiting(db, pair.user2)) == since


def test_ending_an_old_match_leaves_the_pending_one_alone(db, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    old = make_match(db, ana, ben, "accepted")
    new = make_match(db, ana, cem, "pending")
    db.execute("update public.wingman_matches set ended_at = statement_timestamp() where id = %s", [old])
    assert (pending(db, ana), pending(db, cem), pending(db, ben)) == (new, new, None)


# Any other writer of pending_match_id is refused.

SEEKER_RULE = "matchmaking_pool_pending_match"
WRITE = "update wingman.matchmaking_pool set pending_match_id = %s where user_id = %s"


@pytest.mark.parametrize("state", ["pending", "lapsed"])
def test_a_pending_match_cannot_be_taken_away(db, people, state):
    pair = make_pair(db, people, state)
    assert_impossible(db, SEEKER_RULE, WRITE, None, pair.user1)


@pytest.mark.parametrize("state", ["accepted", "declined", "expired", "ended"])
def test_a_resolved_match_cannot_be_written_as_pending(db, people, state):
    pair = make_pair(db, people, state)
    assert_impossible(db, SEEKER_RULE, WRITE, pair.match_id, pair.user1)


def test_a_match_of_others_cannot_be_written_as_pending(db, people):
    pair = make_pair(db, people, "pending")
    assert_impossible(db, SEEKER_RULE, WRITE, pair.match_id, people.add())


def test_a_match_that_is_not_there_cannot_be_written_as_pending(db, people):
    ana = people.add()
    assert_impossible(db, SEEKER_RULE, WRITE, ana, ana)


def test_a_pending_match_cannot_be_exchanged(db, people):
    first, second = make_pair(db, people, "pending"), make_pair(db, people, "pending")
    assert_impossible(db, SEEKER_RULE, WRITE, second.match_id, first.user1)


def test_a_seeker_with_a_pending_match_cannot_be_deleted(db, people):
    pair = make_pair(db, people, "pending")
    query = "delete from wingman.matchmaking_pool where user_id = %s"
    assert_impossible(db, SEEKER_RULE, query, pair.user1)


def test_a_seeker_cannot_be_made_with_a_match_of_others(db, people):
    pair = make_pair(db, people, "pending")
    ana = people.add()
    db.execute("delete from wingman.matchmaking_pool where user_id = %s", [ana])
    query = (
        "insert into wingman.matchmaking_pool"
        " (user_id, grid_lat, grid_lng, level, max_travel_miles, pending_match_id)"
        " values (%s, 0, 0, 1, 1, %s)"
    )
    assert_impossible(db, SEEKER_RULE, query, ana, pair.match_id)


def test_a_seeker_with_a_pending_match_never_becomes_somebody_else(db, people):
    pair = make_pair(db, people, "pending")
    cem = people.add()
    db.execute("delete from wingman.matchmaking_pool where user_id = %s", [cem])
    query = "update wingman.matchmaking_pool set user_id = %s where user_id = %s"
    assert_impossible(db, SEEKER_RULE, query, cem, pair.user1)


def test_pausing_with_a_pending_match_is_no_change_of_it(db, people):
    pair = make_pair(db, people, "pending")
    pause(db, pair.user1)
    db.execute("update wingman.matchmaking_pool set pending_match_id = pending_match_id")
    assert pending(db, pair.user1) == pair.match_id
