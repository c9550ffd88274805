"""Whoever does not come cannot search for a while: how long, what shows it, and what does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from answers import at_one_instant
from contract_errors import refused
from fairness.noshows import answer, lift, mark, report, report_in_state, revert, suspend
from harness import LISBON
from matchmaking import CREATED
from rows import make_match, make_session, session_row

STEPS = "{0, 24 hours, 72 hours, 168 hours}"
HOUR = timedelta(hours=1)


def cooldown(db, user_id) -> datetime | None:
    row = db.execute(
        "select cooldown_until from wingman.matchmaking_pool where user_id = %s", [user_id]
    ).fetchone()
    until: datetime | None = row["cooldown_until"]
    return until


def entry(db, session_id) -> datetime:
    """When the ledger has counted the no-show of a session."""
    row = db.execute(
        "select created_at from wingman.reputation_events where session_id = %s and kind = 'no_show'",
        [session_id],
    ).fetchone()
    at: datetime = row["created_at"]
    return at


def miss(db, operator, pair, user_id=None):
    session_id = make_session(db, pair.match_id)
    mark(operator, session_id, user_id or pair.user2)
    return session_id


def earlier(db, session_id, by: str) -> None:
    """Let a no-show have been counted earlier, which no rule allows."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute(
            "update wingman.reputation_events set created_at = created_at - %s::interval"
            " where session_id = %s",
            [by, session_id],
        )


def set_steps(db, steps: str) -> None:
    db.execute("update wingman.settings set cooldown_steps = %s::interval[]", [steps])


def shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def search(rpc, user_id, **more: Any):
    return rpc.as_user(user_id).call("create_automatic_match", **more)


@pytest.fixture
def cold(db, pair, operator):
    """The same pair; user2 has a cooldown of an hour."""
    set_steps(db, "{1 hour}")
    miss(db, operator, pair)
    assert cooldown(db, pair.user2) is not None
    return pair


# How long.


def test_the_settings_are_those_of_the_contract(db):
    row = db.execute("select cooldown_steps::text as steps, no_show_memory from wingman.settings").fetchone()
    assert (row["steps"], row["no_show_memory"]) == (
        '{00:00:00,"24:00:00","72:00:00","168:00:00"}'.replace('"', ""),
        timedelta(hours=2160),
    )


def test_the_steps_follow_each_other_and_the_last_one_repeats(db, pair, operator):
    for hours in (0, 24, 72, 168, 168, 168):
        session_id = miss(db, operator, pair)
        until = entry(db, session_id) + hours * HOUR if hours else None
        assert cooldown(db, pair.user2) == until
        assert cooldown(db, pair.user1) is None


@pytest.mark.parametrize(("ago", "number"), [("2160 hours", 2), ("2160 hours 1 microsecond", 1)])
def test_what_lies_further_back_than_the_memory_does_not_count(db, pair, ago, number):
    set_steps(db, "{1 hour, 2 hours}")
    operator_call = "wingman_admin.mark_no_show('{}', '{}', 'Not there')"
    first = make_session(db, pair.match_id)
    at_one_instant(db, operator_call.format(first, pair.user2))
    second = make_session(db, pair.match_id)
    at_one_instant(
        db,
        operator_call.format(second, pair.user2),
        first=f"""perform set_config('session_replication_role', 'replica', true);
            update wingman.reputation_events set created_at = statement_timestamp() - interval '{ago}';
            perform set_config('session_replication_role', 'origin', true)""",
    )
    assert cooldown(db, pair.user2) == entry(db, second) + number * HOUR


def test_a_long_one_outlasts_the_shorter_ones_after_it(db, pair, operator):
    set_steps(db, "{100 hours, 1 hour}")
    first, second = (miss(db, operator, pair) for _ in range(2))
    assert cooldown(db, pair.user2) == entry(db, first) + 100 * HOUR
    # the later one goes, the earlier one's still holds
    revert(operator, second)
    assert cooldown(db, pair.user2) == entry(db, first) + 100 * HOUR


def test_a_revert_lifts_what_came_of_it_and_the_earlier_one_s_still_holds(db, pair, operator):
    set_steps(db, "{1 hour, 2 hours, 3 hours}")
    first, second, third = (miss(db, operator, pair) for _ in range(3))
    assert cooldown(db, pair.user2) == entry(db, third) + 3 * HOUR
    revert(operator, third)
    assert cooldown(db, pair.user2) == entry(db, second) + 2 * HOUR
    # the second one is now the first
    revert(operator, first)
    assert cooldown(db, pair.user2) == entry(db, second) + HOUR
    revert(operator, second)
    assert cooldown(db, pair.user2) is None


def test_one_that_has_ended_is_not_given_again_by_a_revert(db, pair, operator):
    set_steps(db, "{1 hour}")
    first, second = (miss(db, operator, pair) for _ in range(2))
    earlier(db, first, "2 hours")
    revert(operator, second)
    assert cooldown(db, pair.user2) is None


def test_an_admission_gives_one_too(db, rpc, pair):
    set_steps(db, "{1 hour}")
    session_id = report_in_state(db, rpc, pair, "admitted")
    assert cooldown(db, pair.user2) == entry(db, session_id) + HOUR
    assert cooldown(db, pair.user1) is None


def test_other_settings_change_none_that_is_going_on(db, cold):
    until = cooldown(db, cold.user2)
    set_steps(db, "{0}")
    assert cooldown(db, cold.user2) == until


# What it refuses.


def test_no_search_until_it_ends(db, rpc, people, cold):
    people.add()
    with refused(db, "matching_cooldown", until=shown(cooldown(db, cold.user2))):
        search(rpc, cold.user2)
    assert search(rpc, cold.user1)["message"] == CREATED


@pytest.mark.parametrize(("left", "may"), [("1 microsecond", False), ("0", True)])
def test_it_ends_by_itself_to_the_microsecond(db, people, cold, left, may):
    people.add()
    call = f"public.create_automatic_match(25, '{cold.user2}')"
    first = f"""update wingman.matchmaking_pool set cooldown_until = statement_timestamp() + interval '{left}'
                where user_id = '{cold.user2}'"""
    if may:
        assert at_one_instant(db, call, first=first)["success"]
    else:
        with pytest.raises(Exception, match="matching_cooldown"):
            at_one_instant(db, call, first=first)


def test_a_pending_match_comes_before_it(db, rpc, people, cold):
    match_id = make_match(db, cold.user2, people.add(), "pending")
    assert search(rpc, cold.user2)["match_id"] == match_id


def test_it_comes_before_a_pause(db, rpc, cold):
    rpc.as_user(cold.user2).call("pause_matching")
    with refused(db, "matching_cooldown", until=shown(cooldown(db, cold.user2))):
        search(rpc, cold.user2)


def test_a_pause_after_unanswered_offers_ends_with_no_refused_search(db, rpc, cold):
    db.execute(
        "update wingman.matchmaking_pool set paused = true, paused_automatically = true where user_id = %s",
        [cold.user2],
    )
    with refused(db, "matching_cooldown", until=shown(cooldown(db, cold.user2))):
        search(rpc, cold.user2)


def test_a_decline_brings_no_next_match(db, rpc, people, cold):
    match_id = make_match(db, cold.user2, people.add(), "pending")
    people.add()
    told = rpc.as_user(cold.user2).call("respond_to_match", match_id=match_id, action="decline")
    assert (told["match_status"], told["next_match"]) == ("declined", None)
    db.execute("update wingman.matchmaking_pool set cooldown_until = now()")
    other = make_match(db, cold.user2, people.add(), "pending")
    told = rpc.as_user(cold.user2).call("respond_to_match", match_id=other, action="decline")
    assert told["next_match"] is not None


def test_everything_else_goes_on(db, rpc, people, cold):
    me, stranger = rpc.as_user(cold.user2), people.add()
    match_id = make_match(db, stranger, cold.user2, "pending")
    assert me.call("respond_to_match", match_id=match_id, action="accept")["match_status"] == "accepted"
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    session = me.call("create_session", match_id=match_id, scheduled_time=tomorrow, venue_name="Café")
    later = tomorrow + HOUR
    me.call("reschedule_session", session_id=session["id"], scheduled_time=later)
    me.call("cancel_session", session_id=session["id"])
    missed = make_session(db, cold.match_id)
    db.execute("update public.wingman_sessions set proposed_by = %s where id = %s", [cold.user1, missed])
    assert report(rpc, cold.user2, missed)["status"] == "open"


def test_others_find_somebody_on_a_cooldown(db, rpc, people, cold):
    rpc.as_user(cold.user1).call("pause_matching")
    assert search(rpc, people.add())["buddy_user_id"] == cold.user2


# Who sees it.


def test_the_person_sees_it_and_why_no_match_says_so(db, rpc, cold):
    until = cooldown(db, cold.user2)
    profile = rpc.as_user(cold.user2).call("get_profile")
    assert (datetime.fromisoformat(profile["cooldown_until"]), profile["suspended"]) == (until, False)
    told = rpc.as_user(cold.user2).call("why_no_match")
    assert told["suggestions"] == [f"Search again after your cooldown, from {shown(until)} on"]
    db.execute("update wingman.matchmaking_pool set cooldown_until = now()")
    assert rpc.as_user(cold.user2).call("get_profile")["cooldown_until"] is None


def test_operators_see_it(db, cold, operator):
    (row,) = operator.call("wingman_admin.user_overview", user_id=cold.user2)
    assert datetime.fromisoformat(row["cooldown_until"]) == cooldown(db, cold.user2)
    db.execute("update wingman.matchmaking_pool set cooldown_until = now()")
    (row,) = operator.call("wingman_admin.user_overview", user_id=cold.user2)
    assert row["cooldown_until"] is None


def test_it_stands_in_no_column_that_partners_read(db):
    found = db.execute(
        """select table_name, column_name from information_schema.columns
           where table_schema = 'public' and column_name ~ 'cooldown|suspen'"""
    ).fetchall()
    # the type of one's own profile is no table
    assert found == []


def test_partners_read_nothing_of_it(db, rpc, pair, operator):
    def read() -> str:
        caller = rpc.as_user(pair.user1)
        told = [
            caller.call("get_match", match_id=pair.match_id),
            caller.call("list_matches"),
            caller.call("list_sessions"),
            caller.call("get_match_history", match_id=pair.match_id),
        ]
        with caller.transaction():
            caller.assume_identity()
            for table in ("user_profiles", "wingman_matches", "wingman_sessions"):
                told.append(caller.connection.execute(f"select * from public.{table} order by id").fetchall())
        return str(told)

    set_steps(db, "{1 hour}")
    before = read()
    db.execute("update wingman.matchmaking_pool set cooldown_until = now() + interval '1 day'")
    db.execute("insert into wingman.suspensions (user_id) values (%s)", [pair.user2])
    assert read() == before


# Two states, and leaving.


def test_after_an_erasure_whoever_returns_finds_it_again(db, rpc, cold):
    until = cooldown(db, cold.user2)
    rpc.as_user(cold.user2).call("erase_my_account", confirmation="erase")
    told = {"first_name": "Ben", "experience_level": "beginner", **LISBON}
    rpc.as_user(cold.user2).call("complete_profile", **told)
    assert cooldown(db, cold.user2) == until


def test_a_move_to_another_place_does_not_end_it(db, rpc, cold):
    until = cooldown(db, cold.user2)
    told = {"first_name": "Ben", "experience_level": "beginner", "lat": 1.0, "lng": 1.0}
    rpc.as_user(cold.user2).call("complete_profile", **told)
    assert cooldown(db, cold.user2) == until
    db.execute("delete from public.user_locations where user_id = %s", [cold.user2])
    rpc.as_user(cold.user2).call("complete_profile", **told)
    assert cooldown(db, cold.user2) == until


def test_it_outlasts_the_lifting_of_a_suspension(db, rpc, cold, operator):
    suspend(operator, cold.user2)
    with refused(db, "account_suspended", until=None):
        search(rpc, cold.user2)
    lift(operator, cold.user2)
    with refused(db, "matching_cooldown", until=shown(cooldown(db, cold.user2))):
        search(rpc, cold.user2)


def test_its_end_leaves_a_suspension(db, rpc, cold, operator):
    suspend(operator, cold.user2)
    db.execute("update wingman.matchmaking_pool set cooldown_until = now()")
    with refused(db, "account_suspended", until=None):
        search(rpc, cold.user2)


def test_silence_gives_none(db, rpc, pair):
    set_steps(db, "{1 hour}")
    session_id = report_in_state(db, rpc, pair, "lapsed")
    answer_refused = refused(db, "no_show_already_decided", status="lapsed")
    with answer_refused:
        answer(rpc, pair.user2, session_id, "admit")
    assert (cooldown(db, pair.user2), session_row(db, session_id)["status"]) == (None, "scheduled")
