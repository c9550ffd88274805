"""One person's acts are told to another so often in a day, and then once that there was more."""

from datetime import UTC, datetime, timedelta

import pytest
from inbox.inboxes import forget, kinds, let_pass, let_pass_until_due, notifications, read_all
from rows import lift_rate_limits, make_match, make_pair, make_session

IN_TWO_DAYS = timedelta(hours=48)
PAIR = ["session_scheduled", "session_cancelled"]


@pytest.fixture(autouse=True)
def four_a_day(db):
    lift_rate_limits(db)
    db.execute("update wingman.settings set notifications_per_day = 4")


@pytest.fixture(params=[1, 3, 1000])
def max_rows(request):
    return request.param


def make_and_cancel(rpc, pair, user_id, times):
    caller = rpc.as_user(user_id)
    for _ in range(times):
        told_it = {"scheduled_time": datetime.now(UTC) + IN_TWO_DAYS, "venue_name": "Café"}
        session_id = caller.call("create_session", match_id=pair.match_id, **told_it)["id"]
        caller.call("cancel_session", session_id=session_id)


def test_up_to_the_limit_everything_is_told(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 2)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == PAIR * 2


def test_then_that_there_was_more_and_then_nothing(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 5)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]
    assert kinds(db, pair.user1) == []
    # nor with what comes later on the same day
    make_and_cancel(rpc, pair, pair.user1, 2)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]


def test_the_summary_names_the_match_and_the_first_event_that_is_not_told(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 4)
    read_all(db, max_rows)
    events = db.execute(
        "select id from wingman.events where kind in ('session_scheduled', 'session_cancelled') order by id"
    ).fetchall()
    *_, row = notifications(db)
    assert (row["kind"], row["event_id"]) == ("more_activity", events[4]["id"])
    assert (row["match_id"], row["session_id"]) == (pair.match_id, None)
    assert (row["due_at"], row["useful_until"]) == (None, None)


def test_read_bit_by_bit_it_is_the_same(db, rpc, pair):
    for _ in range(4):
        make_and_cancel(rpc, pair, pair.user1, 1)
        read_all(db)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]


def test_it_counts_each_direction_by_itself(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 3)
    make_and_cancel(rpc, pair, pair.user2, 2)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]
    assert kinds(db, pair.user1) == PAIR * 2


def test_it_counts_all_matches_of_the_two(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 2)
    rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
    again = make_match(db, pair.user1, pair.user2)
    read_all(db, max_rows)
    db.execute("delete from public.wingman_notifications where kind in ('match_offered', 'match_accepted')")
    rpc.as_user(pair.user1).call("end_match", match_id=again)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]


def test_another_person_is_not_muted(db, rpc, people, pair, max_rows):
    cem = people.add("Cem")
    other = make_match(db, cem, pair.user2)
    forget(db)
    make_and_cancel(rpc, pair, pair.user1, 3)
    rpc.as_user(cem).call("end_match", match_id=other)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity", "match_ended"]


def test_after_a_day_it_is_told_again(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 3)
    read_all(db, max_rows)
    let_pass(db, "23 hours 59 minutes")
    make_and_cancel(rpc, pair, pair.user1, 1)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]
    let_pass(db, "2 minutes")
    make_and_cancel(rpc, pair, pair.user1, 3)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"] * 2


def test_an_operators_decision_is_neither_counted_nor_muted(db, rpc, pair, operator, max_rows):
    """Only what one of the two does is counted; what an operator decides is always told."""
    for _ in range(3):
        session_id = make_session(db, pair.match_id, starts="48 hours")
        operator.call("wingman_admin.cancel_session", session_id=session_id, reason="Flooded")
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == PAIR * 3
    make_and_cancel(rpc, pair, pair.user1, 3)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 5, "more_activity"]
    operator.call("wingman_admin.end_match", match_id=pair.match_id, reason="They asked")
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 5, "more_activity", "match_ended"]


def test_nor_is_a_reminder(db, rpc, pair, max_rows):
    caller = rpc.as_user(pair.user2)
    told_it = {"scheduled_time": datetime.now(UTC) + IN_TWO_DAYS, "venue_name": "Café"}
    session_id = caller.call("create_session", match_id=pair.match_id, **told_it)["id"]
    rpc.as_user(pair.user1).call("agree_to_session", session_id=session_id)
    forget(db)
    let_pass_until_due(db, "session_reminder")
    read_all(db, max_rows)
    rpc.as_user(pair.user1).call("cancel_session", session_id=session_id)
    make_and_cancel(rpc, pair, pair.user1, 3)
    again = caller.call("create_session", match_id=pair.match_id, **told_it)["id"]
    read_all(db, max_rows)
    made = ["session_reminder", "session_cancelled", *PAIR, "session_scheduled", "more_activity"]
    assert kinds(db, pair.user2) == made
    # none is muted
    rpc.as_user(pair.user1).call("agree_to_session", session_id=again)
    db.execute("delete from wingman.reminders where session_id <> %s", [again])
    let_pass_until_due(db, "session_reminder")
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*made, "session_reminder"]


def test_what_is_about_oneself_is_not_counted(db, rpc, pair, operator, max_rows):
    for _ in range(5):
        operator.call("wingman_admin.suspend_user", user_id=pair.user2, until=None, reason="Rude")
    read_all(db, max_rows)
    # of the match, which ended with it, the other one is told
    assert kinds(db, pair.user2) == ["user_suspended"] * 5


def test_a_limit_lowered_below_what_was_told_already_is_summed_up(db, rpc, pair, max_rows):
    """More than the new limit was told before it was lowered."""
    make_and_cancel(rpc, pair, pair.user1, 2)
    read_all(db, max_rows)
    db.execute("update wingman.settings set notifications_per_day = 1")
    make_and_cancel(rpc, pair, pair.user1, 2)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]


def test_a_higher_one_lets_more_through(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 3)
    read_all(db, max_rows)
    db.execute("update wingman.settings set notifications_per_day = 5")
    make_and_cancel(rpc, pair, pair.user1, 2)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity", "session_scheduled"]


def test_what_was_marked_as_read_counts_as_well(db, rpc, pair, max_rows):
    make_and_cancel(rpc, pair, pair.user1, 2)
    read_all(db, max_rows)
    newest = notifications(db)[-1]["id"]
    rpc.as_user(pair.user2).call("mark_notifications_read", up_to=newest)
    make_and_cancel(rpc, pair, pair.user1, 1)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]


def test_a_day_has_24_hours_also_after_the_clock_has_gone_back(db, rpc, pair, max_rows):
    """Ids are ahead of the clock until it catches up, but the 24 hours are counted by the clock."""
    db.execute("update wingman.inbox_clock set told_until = now() + interval '10 years'")
    make_and_cancel(rpc, pair, pair.user1, 3)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"]
    let_pass(db, "24 hours")
    make_and_cancel(rpc, pair, pair.user1, 3)
    read_all(db, max_rows)
    assert kinds(db, pair.user2) == [*PAIR * 2, "more_activity"] * 2


def test_a_direct_change_is_nobodys_and_not_counted(db, people, max_rows):
    pair = make_pair(db, people)
    for _ in range(4):
        make_session(db, pair.match_id, "cancelled", starts="48 hours")
    read_all(db, max_rows)
    assert kinds(db, pair.user2).count("session_cancelled") == 4
    assert "more_activity" not in kinds(db, pair.user2)
