"""Deleting an account leaves everything in order for the people who stay."""

import pytest
from contract_errors import refused
from matchmaking import match_row, pending, seeker_row, wait_since, waiting
from rows import counters, ledger, make_match, make_pair, make_session, session_row

LEAVING = pytest.mark.parametrize(
    "leave",
    ["delete from auth.users where id = %s", "delete from public.user_profiles where id = %s"],
    ids=["account", "profile"],
)
BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])


def sides(pair, by):
    """The one who leaves, and the one who stays."""
    return (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)


@LEAVING
@BY_EITHER
def test_a_pending_match_is_declined_by_the_one_who_leaves(db, rpc, people, leave, by):
    pair = make_pair(db, people, "pending")
    leaver, partner = sides(pair, by)
    wait_since(db, partner, "5 days")
    since = waiting(db, partner)
    db.execute(leave, [leaver])
    row = match_row(db, pair.match_id)
    assert (row["status"], row["responded_by"]) == ("declined", leaver)
    assert row["responded_at"] == row["updated_at"]
    assert (pending(db, partner), waiting(db, partner)) == (None, since)
    cem = people.add("Cem")
    assert rpc.as_user(partner).call("create_automatic_match")["buddy_user_id"] == cem


@LEAVING
@BY_EITHER
def test_a_lapsed_match_expires(db, people, leave, by):
    pair = make_pair(db, people, "lapsed")
    leaver, partner = sides(pair, by)
    db.execute(leave, [leaver])
    row = match_row(db, pair.match_id)
    assert (row["status"], row["responded_by"]) == ("expired", None)
    assert (pending(db, partner), waiting(db, partner)) == (None, row["updated_at"])


@LEAVING
@BY_EITHER
@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
def test_an_accepted_match_ends_and_its_session_is_cancelled(db, people, leave, by, status):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id, status)
    leaver, _ = sides(pair, by)
    before = match_row(db, pair.match_id)
    db.execute(leave, [leaver])
    row, session = match_row(db, pair.match_id), session_row(db, session_id)
    assert row == before | {
        "ended_at": row["updated_at"],
        "ended_by": leaver,
        "updated_at": row["updated_at"],
    }
    assert row["ended_at"] is not None
    assert (session["status"], session["cancelled_by"]) == ("cancelled", leaver)


@LEAVING
def test_every_accepted_match_ends_and_other_peoples_go_on(db, people, leave):
    ana, ben, cem = people.add("Ana"), people.add("Ben"), people.add("Cem")
    mine = [make_match(db, ana, ben, "accepted"), make_match(db, ana, cem, "accepted")]
    other = make_match(db, ben, cem, "accepted")
    db.execute(leave, [ana])
    assert all(match_row(db, match_id)["ended_at"] for match_id in mine)
    assert match_row(db, other)["ended_at"] is None


@LEAVING
def test_resolved_matches_and_sessions_that_are_over_stay_as_they_are(db, people, leave):
    ana = people.add("Ana")
    for state in ("declined", "expired", "ended"):
        make_match(db, ana, people.add(), state)
    make_session(db, make_pair(db, people).match_id, "completed")
    rows = "select to_jsonb(m) as row from public.wingman_matches as m order by m.id"
    before = db.execute(rows).fetchall()
    db.execute(leave, [ana])
    assert db.execute(rows).fetchall() == before


@LEAVING
def test_everything_personal_of_the_leaver_goes(db, people, leave):
    ana = people.add("Ana")
    db.execute(leave, [ana])
    assert seeker_row(db, ana) is None
    for table in ("public.user_profiles", "public.user_locations"):
        assert db.execute(f"select * from {table}").fetchall() == []


@LEAVING
@BY_EITHER
def test_a_completed_session_keeps_ledger_and_reputation_of_the_partner(db, rpc, people, leave, by):
    pair = make_pair(db, people, "accepted")
    leaver, partner = sides(pair, by)
    session_id = make_session(db, pair.match_id)
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    before = session_row(db, session_id), ledger(db)
    db.execute(leave, [leaver])
    *kept, departed = ledger(db)
    assert (session_row(db, session_id), kept) == before
    assert {row["user_id"] for row in kept} == {leaver, partner}
    assert (departed["user_id"], departed["kind"], departed["completed_sessions"]) == (leaver, "departed", 1)
    assert counters(db, partner) == (1, 0, 1)
    assert rpc.as_user(partner).call("get_reputation")["score"] == 1


@LEAVING
def test_the_partner_still_reads_the_whole_history_without_the_profile(db, rpc, people, leave):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id)
    db.execute(leave, [pair.user1])
    caller = rpc.as_user(pair.user2)
    match = caller.call("get_match", match_id=pair.match_id)
    assert (match["status"], match["buddy_user_id"], match["buddy_profile"]) == (
        "accepted",
        pair.user1,
        None,
    )
    assert caller.call("list_matches") == [match]
    session = caller.call("get_session", session_id=session_id)
    assert (session["status"], session["buddy_user_id"]) == ("cancelled", pair.user1)
    assert caller.call("list_sessions") == [session]


def test_nothing_more_happens_in_a_match_that_was_left(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    db.execute("delete from auth.users where id = %s", [pair.user1])
    caller = rpc.as_user(pair.user2)
    ended = match_row(db, pair.match_id)
    assert caller.call("end_match", match_id=pair.match_id)["ended_at"] == ended["ended_at"]
    assert match_row(db, pair.match_id) == ended
    with refused(db, "match_not_accepted", status="ended"):
        caller.call("create_session", match_id=pair.match_id, scheduled_time="tomorrow", venue_name="Café")


def test_both_may_leave_in_one_statement(db, people):
    pair = make_pair(db, people, "pending")
    accepted = make_pair(db, people, "accepted")
    db.execute("delete from auth.users")
    row = match_row(db, pair.match_id)
    assert row["status"] == "declined"
    assert row["responded_by"] in (pair.user1, pair.user2)
    assert match_row(db, accepted.match_id)["ended_at"] is not None
    assert db.execute("select * from wingman.matchmaking_pool").fetchall() == []


def test_somebody_without_a_location_can_leave_too(db, people):
    pair = make_pair(db, people, "accepted")
    db.execute("delete from public.user_locations where user_id = %s", [pair.user1])
    db.execute("delete from auth.users where id = %s", [pair.user1])
    assert match_row(db, pair.match_id)["ended_at"] is not None


def test_an_account_without_a_profile_leaves_no_trace(db, people):
    ana = people.auth_only()
    db.execute("delete from auth.users where id = %s", [ana])
    assert db.execute("select * from auth.users").fetchall() == []
