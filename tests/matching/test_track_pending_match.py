"""Nobody ever has two pending matches, direct SQL included."""

from datetime import timedelta

import psycopg
import pytest
from matchmaking import match_row, pause, pending, seeker_row, wait_since, waiting
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
        " (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level,"
        " distance_miles, expires_at)"
        " values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours')",
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
        " (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level,"
        " distance_miles, expires_at)"
        " select %s::uuid, u, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours'"
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


# What the row knows of the pending match, beside its id.


def known(db, user_id):
    row = seeker_row(db, user_id)
    return row["pending_match_id"], row["pending_buddy_id"], row["pending_until"]


def test_both_know_buddy_and_end_of_their_pending_match(db, people):
    pair = make_pair(db, people, "pending")
    until = match_row(db, pair.match_id)["expires_at"]
    assert known(db, pair.user1) == (pair.match_id, pair.user2, until)
    assert known(db, pair.user2) == (pair.match_id, pair.user1, until)


@pytest.mark.parametrize("moved", ["- interval '40 hours'", "- interval '40 days'", "+ interval '1 day'"])
def test_another_end_by_direct_sql_is_known_to_both(db, people, moved):
    pair = make_pair(db, people, "pending")
    other = make_pair(db, people, "pending")
    before = known(db, other.user1)
    db.execute(
        f"update public.wingman_matches set created_at = created_at - interval '60 days',"
        f" expires_at = expires_at {moved} where id = %s",
        [pair.match_id],
    )
    until = match_row(db, pair.match_id)["expires_at"]
    assert known(db, pair.user1) == (pair.match_id, pair.user2, until)
    assert known(db, pair.user2) == (pair.match_id, pair.user1, until)
    assert known(db, other.user1) == before


@pytest.mark.parametrize("state", ["accepted", "declined", "expired", "ended", "deleted"])
def test_nobody_knows_anything_of_a_match_that_is_not_pending(db, people, state):
    pair = make_pair(db, people, "pending" if state == "deleted" else state)
    if state == "deleted":
        db.execute("delete from public.wingman_matches")
    assert known(db, pair.user1) == known(db, pair.user2) == (None, None, None)


def test_another_end_of_a_match_that_is_not_pending_is_known_to_nobody(db, people):
    pair = make_pair(db, people, "accepted")
    make_match(db, pair.user1, people.add(), "pending")
    before = known(db, pair.user1)
    db.execute(
        "update public.wingman_matches set expires_at = expires_at + interval '1 day' where id = %s",
        [pair.match_id],
    )
    assert (known(db, pair.user1), known(db, pair.user2)) == (before, (None, None, None))


# Any other writer of these columns is refused.

SEEKER_RULE = "matchmaking_pool_pending_match"
COLUMNS = pytest.mark.parametrize("column", ["pending_match_id", "pending_buddy_id", "pending_until"])


def write_pending(db, match_id, user_id):
    assert_impossible(
        db,
        SEEKER_RULE,
        "update wingman.matchmaking_pool set pending_match_id = %s where user_id = %s",
        match_id,
        user_id,
    )


@pytest.mark.parametrize("state", ["pending", "lapsed"])
def test_a_pending_match_cannot_be_taken_away(db, people, state):
    write_pending(db, None, make_pair(db, people, state).user1)


@pytest.mark.parametrize("state", ["accepted", "declined", "expired", "ended"])
def test_a_resolved_match_cannot_be_written_as_pending(db, people, state):
    pair = make_pair(db, people, state)
    write_pending(db, pair.match_id, pair.user1)


def test_a_match_of_others_cannot_be_written_as_pending(db, people):
    write_pending(db, make_pair(db, people, "pending").match_id, people.add())


def test_a_match_that_is_not_there_cannot_be_written_as_pending(db, people):
    ana = people.add()
    write_pending(db, ana, ana)


def test_a_pending_match_cannot_be_exchanged(db, people):
    first, second = make_pair(db, people, "pending"), make_pair(db, people, "pending")
    write_pending(db, second.match_id, first.user1)


@pytest.mark.representatives("owner-*")
@COLUMNS
@pytest.mark.parametrize("state", ["pending", "lapsed", "accepted"])
@pytest.mark.parametrize("role", ["none", "wingman_owner"], ids=["superuser", "owner"])
def test_no_column_of_it_is_written_directly_not_even_as_it_is(db, people, column, state, role):
    pair = make_pair(db, people, state)
    people.add()
    db.execute(f"set role {role}")
    for value in (column, "null", f"(select m.{VALUES[column]} from public.wingman_matches as m)"):
        assert_impossible(
            db,
            SEEKER_RULE,
            f"update wingman.matchmaking_pool set {column} = {value} where user_id = %s",
            pair.user1,
        )
    db.execute("reset role")


VALUES = {"pending_match_id": "id", "pending_buddy_id": "user2_id", "pending_until": "expires_at"}


def test_a_seeker_with_a_pending_match_cannot_be_deleted(db, people):
    pair = make_pair(db, people, "pending")
    query = "delete from wingman.matchmaking_pool where user_id = %s"
    assert_impossible(db, SEEKER_RULE, query, pair.user1)


NEW_SEEKER = """
    insert into wingman.matchmaking_pool
        (user_id, pending_match_id, pending_buddy_id, pending_until,
         grid_lat, grid_lng, level, max_travel_miles)
    values (%s, %s, %s, %s, 0, 0, 1, 1)
"""


@pytest.mark.parametrize("state", ["pending", "lapsed", "accepted"])
@pytest.mark.parametrize("me", ["a stranger", "user1"])
def test_a_seeker_cannot_be_made_with_a_match_that_is_not_pending_or_of_others(db, people, state, me):
    pair = make_pair(db, people, state)
    match = match_row(db, pair.match_id)
    cem = people.add()
    if (me, state) == ("user1", "accepted"):
        cem = pair.user1
    db.execute("delete from wingman.matchmaking_pool where user_id = %s", [cem])
    for buddy, until in [(pair.user2, match["expires_at"]), (None, None)]:
        assert_impossible(db, SEEKER_RULE, NEW_SEEKER, cem, pair.match_id, buddy, until)


def restored(db, people, state, change=lambda row: None):
    """Somebody with a pending match comes back into the pool, as from a dump, or as ``change`` makes it."""
    pair = make_pair(db, people, state)
    row = seeker_row(db, pair.user1)
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("delete from wingman.matchmaking_pool where user_id = %s", [pair.user1])
    values = {
        "user_id": pair.user1,
        "match": row["pending_match_id"],
        "buddy": row["pending_buddy_id"],
        "until": row["pending_until"],
    }
    change(values)
    return tuple(values.values()), row


@pytest.mark.parametrize("state", ["pending", "lapsed"])
def test_a_seeker_can_be_made_with_the_own_pending_match(db, people, state):
    values, row = restored(db, people, state)
    db.execute("insert into wingman.occupied_cells (grid_lat, grid_lng) values (0, 0)")
    db.execute(NEW_SEEKER, values)
    assert known(db, values[0]) == (row["pending_match_id"], row["pending_buddy_id"], row["pending_until"])


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.update(match=None),
        lambda values: values.update(buddy=None),
        lambda values: values.update(until=None),
        lambda values: values.update(buddy=values["user_id"]),
        lambda values: values.update(buddy=values["match"]),
        lambda values: values.update(until=values["until"] + timedelta(microseconds=1)),
        lambda values: values.update(match=None, buddy=None),
        lambda values: values.update(match=None, until=None),
    ],
)
def test_but_only_as_the_match_says(db, people, change):
    values, _ = restored(db, people, "pending", change)
    assert_impossible(db, SEEKER_RULE, NEW_SEEKER, *values)


@pytest.mark.parametrize("state", ["pending", "accepted"])
def test_a_seeker_never_becomes_somebody_else(db, people, state):
    pair = make_pair(db, people, state)
    cem = people.add()
    db.execute("delete from wingman.matchmaking_pool where user_id = %s", [cem])
    query = "update wingman.matchmaking_pool set user_id = %s where user_id = %s"
    assert_impossible(db, SEEKER_RULE, query, cem, pair.user1)


def test_pausing_with_a_pending_match_is_no_change_of_it(db, people):
    pair = make_pair(db, people, "pending")
    pause(db, pair.user1)
    db.execute(
        "update wingman.matchmaking_pool"
        " set level = 3, max_travel_miles = 1, unanswered_offers = 2, exposures = '{}'"
    )
    until = match_row(db, pair.match_id)["expires_at"]
    assert known(db, pair.user1) == (pair.match_id, pair.user2, until)
