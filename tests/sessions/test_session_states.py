"""The state machine of sessions, by direct SQL of a superuser: whoever writes, however they write."""

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from rows import (
    ACTIVE_STATUSES,
    COMPLETE,
    SESSION_STATUSES,
    TERMINAL_STATUSES,
    all_rows,
    make_match,
    make_session,
    session_row,
    update_session,
)

LEGAL = {
    "scheduled": ("scheduled", "in_progress", "completed", "cancelled", "no_show"),
    "in_progress": ("in_progress", "completed", "cancelled", "no_show"),
    "completed": ("completed",),
    "cancelled": ("cancelled",),
    "no_show": ("no_show",),
}
COMPLETED_NOW = "status = 'completed', completed_at = statement_timestamp()"
CONFIRMED_BY_BOTH = "user1_completed_confirmed_by_user2 = true, user2_completed_confirmed_by_user1 = true"


def refusals(db, session_id: UUID, *writes: str) -> set[str]:
    """The names of the constraints that refuse these updates, which change nothing."""
    before = all_rows(db)
    constraints = set()
    for assignments in writes:
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            update_session(db, session_id, assignments)
        constraints.add(caught.value.diag.constraint_name)
    assert all_rows(db) == before
    return constraints


def to_status(status: str) -> str:
    """The assignments that bring an unfinished session to a status."""
    return COMPLETE if status == "completed" else f"status = '{status}'"


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in LEGAL for new in LEGAL[old]])
def test_legal_transition(db, pair, old, new):
    session_id = make_session(db, pair.match_id, old)
    update_session(db, session_id, f"status = '{new}'" if old == new else to_status(new))
    assert session_row(db, session_id)["status"] == new


@pytest.mark.parametrize("old", [old for old in LEGAL if len(LEGAL[old]) < len(SESSION_STATUSES)])
def test_every_other_transition_is_illegal(db, pair, old):
    session_id = make_session(db, pair.match_id, old)
    illegal = [to_status(new) for new in SESSION_STATUSES if new not in LEGAL[old]]
    assert refusals(db, session_id, *illegal) == {"wingman_sessions_transition"}


@pytest.mark.parametrize("status", [status for status in SESSION_STATUSES if status != "scheduled"])
def test_a_session_begins_as_scheduled(db, pair, status):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        db.execute(
            """insert into public.wingman_sessions
                   (match_id, venue_name, scheduled_time, status, user1_completed_confirmed_by_user2,
                    user2_completed_confirmed_by_user1, completed_at)
               values (%(match_id)s, 'Café', '2025-08-17 15:00Z', %(status)s, %(completed)s, %(completed)s,
                       case when %(completed)s then statement_timestamp() end)""",
            {"match_id": pair.match_id, "status": status, "completed": status == "completed"},
        )
    assert caught.value.diag.constraint_name == "wingman_sessions_transition"
    assert all_rows(db) == before


@pytest.mark.parametrize("flag", ["user1_completed_confirmed_by_user2", "user2_completed_confirmed_by_user1"])
def test_a_session_begins_unconfirmed(db, pair, flag):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        db.execute(
            f"""insert into public.wingman_sessions (match_id, venue_name, scheduled_time, {flag})
                values (%s, 'Café', '2025-08-17 15:00Z', true)""",
            [pair.match_id],
        )
    assert caught.value.diag.constraint_name == "wingman_sessions_confirmation"
    assert all_rows(db) == before


def test_there_is_no_other_status(db, pair):
    session_id = make_session(db, pair.match_id)
    others = [f"status = '{status}'" for status in ("done", "SCHEDULED", "")]
    assert refusals(db, session_id, *others) == {"wingman_sessions_status_check"}


@pytest.mark.parametrize("status", SESSION_STATUSES)
@pytest.mark.parametrize("user", [1, 2])
def test_a_confirmation_is_never_taken_back(db, pair, status, user):
    session_id = make_session(db, pair.match_id, status, confirmed_by=[user])
    flag = {1: "user2_completed_confirmed_by_user1", 2: "user1_completed_confirmed_by_user2"}[user]
    assert refusals(db, session_id, f"{flag} = false") == {"wingman_sessions_confirmation"}


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_a_session_that_is_over_is_not_confirmed_any_more(db, pair, status):
    session_id = make_session(db, pair.match_id, status)
    confirmations = CONFIRMED_BY_BOTH.split(", ")
    assert refusals(db, session_id, *confirmations) == {"wingman_sessions_confirmation"}


@pytest.mark.parametrize("status", ACTIVE_STATUSES)
def test_completed_means_confirmed_by_both_at_a_time(db, pair, status):
    session_id = make_session(db, pair.match_id, status)
    halves = (
        COMPLETED_NOW,
        f"status = 'completed', {CONFIRMED_BY_BOTH}",
        f"{COMPLETED_NOW}, user1_completed_confirmed_by_user2 = true",
        f"{COMPLETED_NOW}, user2_completed_confirmed_by_user1 = true",
        CONFIRMED_BY_BOTH,
        f"status = 'cancelled', {CONFIRMED_BY_BOTH}",
        f"status = 'no_show', {CONFIRMED_BY_BOTH}",
        "completed_at = statement_timestamp()",
        "status = 'cancelled', completed_at = statement_timestamp()",
    )
    assert refusals(db, session_id, *halves) == {"wingman_sessions_completion_check"}


def test_the_time_of_completion_never_changes(db, pair):
    session_id = make_session(db, pair.match_id, "completed")
    later = "completed_at = completed_at + interval '1 hour'"
    assert refusals(db, session_id, later) == {"wingman_sessions_confirmation"}


@pytest.mark.parametrize("status", [status for status in SESSION_STATUSES if status != "cancelled"])
def test_only_a_cancelled_session_says_by_whom_and_why(db, pair, status):
    session_id = make_session(db, pair.match_id, status)
    writes = ("cancelled_by = gen_random_uuid()", "cancellation_reason = 'Rain'")
    assert refusals(db, session_id, *writes) == {"wingman_sessions_cancellation_check"}


@pytest.mark.parametrize("status", SESSION_STATUSES)
def test_a_session_never_moves_to_another_match(db, pair, people, status):
    other_match = make_match(db, pair.user1, people.add("Cleo"))
    session_id = make_session(db, pair.match_id, status)
    assert refusals(db, session_id, f"match_id = '{other_match}'") == {"wingman_sessions_match"}


def test_a_session_keeps_its_id(db, pair):
    session_id = make_session(db, pair.match_id)
    assert refusals(db, session_id, "id = gen_random_uuid()") == {"wingman_sessions_match"}


def test_the_limits_of_create_session_hold_for_the_table(db, pair):
    session_id = make_session(db, pair.match_id)
    texts = (
        "venue_name = ''",
        "venue_name = repeat('x', 201)",
        "notes = repeat('x', 2001)",
        "status = 'cancelled', cancellation_reason = repeat('x', 501)",
    )
    assert refusals(db, session_id, *texts) == {"wingman_sessions_rules"}
    times = ("scheduled_time = 'infinity'", "scheduled_time = '-infinity'")
    assert refusals(db, session_id, *times) == {"wingman_sessions_time_check"}


@pytest.mark.parametrize("status", ACTIVE_STATUSES)
def test_a_match_has_one_active_session(db, pair, status):
    make_session(db, pair.match_id, status)
    before = all_rows(db)
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        make_session(db, pair.match_id)
    assert caught.value.diag.constraint_name == "wingman_sessions_one_active_idx"
    assert all_rows(db) == before


def test_a_match_has_any_number_of_sessions_that_are_over(db, pair):
    for status in TERMINAL_STATUSES * 2:
        make_session(db, pair.match_id, status)
    make_session(db, pair.match_id)
    found = db.execute("select status from public.wingman_sessions order by id").fetchall()
    assert [row["status"] for row in found] == [*TERMINAL_STATUSES * 2, "scheduled"]


def test_every_write_stamps_updated_at(db, pair):
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, "notes = 'By the door', updated_at = '2020-01-01'")
    assert session_row(db, session_id)["updated_at"] > datetime(2025, 1, 1, tzinfo=UTC)
