"""The state machine of sessions, by direct SQL of a superuser: whoever writes, however they write."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from rows import (
    ACTIVE_STATUSES,
    COMPLETE,
    SESSION_STATUSES,
    TERMINAL_STATUSES,
    all_rows,
    make_match,
    make_pair,
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


def insert_session(db, **columns: Any) -> UUID:
    """A new session with these columns, by direct SQL."""
    columns = {"venue_name": "Café", "scheduled_time": "2025-08-17 15:00Z", **columns}
    query = sql.SQL("insert into public.wingman_sessions ({}) values ({}) returning id").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(map(sql.Placeholder, columns)),
    )
    return db.execute(query, columns).fetchone()["id"]


def to_status(status: str) -> str:
    """The assignments that bring an unfinished session to a status."""
    return COMPLETE if status == "completed" else f"status = '{status}'"


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in LEGAL for new in LEGAL[old]])
def test_legal_transition(db, pair, old, new):
    session_id = make_session(db, pair.match_id, old)
    update_session(db, session_id, f"status = '{new}'" if old == new else to_status(new))
    assert session_row(db, session_id)["status"] == new


@pytest.mark.parametrize("cancelled_at", ["scheduled_time", "scheduled_time + interval '1 hour'"])
def test_a_session_cancelled_since_its_time_can_still_become_a_no_show(db, pair, cancelled_at):
    session_id = make_session(db, pair.match_id)
    cancel = f"cancelled_by = user2_id, cancellation_reason = 'Rain', cancelled_at = {cancelled_at}"
    update_session(db, session_id, f"status = 'cancelled', {cancel}")
    before = session_row(db, session_id)
    update_session(db, session_id, "status = 'no_show'")
    after = session_row(db, session_id)
    assert after == before | {"status": "no_show", "updated_at": after["updated_at"]}
    back = (to_status(status) for status in SESSION_STATUSES if status != "no_show")
    assert refusals(db, session_id, *back) == {"wingman_sessions_transition"}


@pytest.mark.parametrize("cancelled_at", ["scheduled_time - interval '1 microsecond'", "null"])
def test_one_cancelled_before_its_time_or_by_hand_cannot(db, pair, cancelled_at):
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, f"status = 'cancelled', cancelled_at = {cancelled_at}")
    assert refusals(db, session_id, "status = 'no_show'") == {"wingman_sessions_transition"}


@pytest.mark.parametrize("status", [status for status in SESSION_STATUSES if status != "no_show"])
def test_nor_can_it_become_anything_else_instead(db, pair, status):
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, "status = 'cancelled', cancelled_at = scheduled_time")
    if status == "cancelled":
        update_session(db, session_id, "status = 'cancelled'")
    else:
        assert refusals(db, session_id, to_status(status)) == {"wingman_sessions_transition"}


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
    assert refusals(db, session_id, *others) == {"wingman_sessions_transition"}


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


class TestCancellation:
    @pytest.mark.parametrize("status", ["scheduled", "in_progress", "completed"])
    def test_only_a_cancelled_session_says_by_whom_when_and_why(self, db, pair, status):
        session_id = make_session(db, pair.match_id, status)
        writes = (
            "cancelled_by = user1_id",
            "cancelled_by = user2_id",
            "cancelled_by = gen_random_uuid()",
            "cancellation_reason = 'Rain'",
            "cancellation_reason = ''",
            "cancelled_at = statement_timestamp()",
        )
        assert refusals(db, session_id, *writes) == {"wingman_sessions_cancellation_check"}

    @pytest.mark.parametrize("status", ["scheduled", "in_progress", "completed"])
    def test_nor_does_a_session_that_becomes_something_else(self, db, pair, status):
        session_id = make_session(
            db, pair.match_id, "in_progress" if status == "in_progress" else "scheduled"
        )
        writes = (
            f"{to_status(status)}, cancelled_by = user1_id",
            f"{to_status(status)}, cancellation_reason = 'x'",
            f"{to_status(status)}, cancelled_at = statement_timestamp()",
        )
        assert refusals(db, session_id, *writes) == {"wingman_sessions_cancellation_check"}

    @pytest.mark.parametrize("status", ["scheduled", "cancelled"])
    @pytest.mark.parametrize("user", ["user1_id", "user2_id", "null"])
    def test_either_of_the_two_or_nobody_cancels(self, db, pair, status, user):
        session_id = make_session(db, pair.match_id, status)
        update_session(
            db, session_id, f"status = 'cancelled', cancelled_by = {user}, cancellation_reason = 'Rain'"
        )
        row = session_row(db, session_id)
        assert row["cancelled_by"] == row.get(user)
        assert row["cancellation_reason"] == "Rain"


class TestAgreement:
    """Who proposed a session, and that the other one has agreed."""

    @pytest.fixture
    def proposed(self, db, pair):
        """A session that user1 has proposed."""
        session_id = make_session(db, pair.match_id)
        update_session(db, session_id, "proposed_by = user1_id")
        return session_id

    AGREED = "agreed_by = user2_id, agreed_at = statement_timestamp()"

    @pytest.mark.parametrize("status", ACTIVE_STATUSES)
    def test_the_other_one_agrees_and_may_take_it_back(self, db, pair, proposed, status):
        update_session(db, proposed, f"status = '{status}'")
        update_session(db, proposed, self.AGREED)
        row = session_row(db, proposed)
        assert (row["agreed_by"], row["agreed_at"]) == (pair.user2, row["updated_at"])
        update_session(db, proposed, "agreed_by = null, agreed_at = null, proposed_by = user2_id")
        assert session_row(db, proposed)["agreed_at"] is None

    def test_it_is_said_by_whom_and_when(self, db, proposed):
        halves = ("agreed_by = user2_id", "agreed_at = statement_timestamp()")
        assert refusals(db, proposed, *halves) == {"wingman_sessions_agreement_check"}

    def test_nobody_else_agrees(self, db, proposed):
        others = [
            f"agreed_by = {one}, agreed_at = now()" for one in ("user1_id", "match_id", "gen_random_uuid()")
        ]
        assert refusals(db, proposed, *others) == {"wingman_sessions_agreement_check"}

    def test_who_agreed_does_not_become_who_proposed(self, db, proposed):
        update_session(db, proposed, self.AGREED)
        assert refusals(db, proposed, "proposed_by = user2_id") == {"wingman_sessions_agreement_check"}

    @pytest.mark.parametrize("user", ["user1_id", "user2_id", "null"])
    def test_either_of_the_two_or_nobody_proposes(self, db, pair, user):
        session_id = make_session(db, pair.match_id)
        update_session(db, session_id, f"proposed_by = {user}")
        row = session_row(db, session_id)
        assert row["proposed_by"] == row.get(user)

    @pytest.mark.parametrize("agreed", [False, True])
    @pytest.mark.parametrize("status", TERMINAL_STATUSES)
    def test_a_session_that_is_over_stays_as_it_was_proposed_and_agreed_to(
        self, db, proposed, status, agreed
    ):
        if agreed:
            update_session(db, proposed, self.AGREED)
        update_session(db, proposed, to_status(status))
        writes = [
            "proposed_by = null",
            "proposed_at = proposed_at + interval '1 microsecond'",
            "agreed_by = null, agreed_at = null" if agreed else self.AGREED,
        ]
        assert refusals(db, proposed, *writes) == {"wingman_sessions_agreement_final"}

    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            (["agreed_by"], "agreement_check"),
            (["agreed_at"], "agreement_check"),
            (["agreed_by", "agreed_at"], "agreement_check"),
            (["cancelled_at"], "cancellation_check"),
            (["no_show_reported"], "report_check"),
        ],
    )
    def test_nobody_has_done_anything_about_a_new_session(self, db, pair, columns, constraint):
        written = {
            "agreed_by": pair.user2,
            "agreed_at": "now",
            "cancelled_at": "now",
            "no_show_reported": True,
        }
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            insert_session(
                db,
                match_id=pair.match_id,
                proposed_by=pair.user1,
                **{column: written[column] for column in columns},
            )
        assert caught.value.diag.constraint_name == f"wingman_sessions_{constraint}"
        assert all_rows(db) == before

    def test_a_new_session_is_proposed_by_one_of_the_two(self, db, pair):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            insert_session(db, match_id=pair.match_id, proposed_by=uuid4())
        assert caught.value.diag.constraint_name == "wingman_sessions_people_check"
        assert all_rows(db) == before
        session_id = insert_session(db, match_id=pair.match_id, proposed_by=pair.user2)
        assert session_row(db, session_id)["proposed_by"] == pair.user2


@pytest.mark.parametrize("status", SESSION_STATUSES)
def test_that_a_no_show_was_reported_is_never_taken_back(db, pair, status):
    session_id = make_session(db, pair.match_id, status)
    update_session(db, session_id, "no_show_reported = true")
    assert refusals(db, session_id, "no_show_reported = false") == {"wingman_sessions_report_check"}


class TestPeople:
    """Who arranged, started or cancelled a session: one of its two people, if anybody."""

    @pytest.mark.parametrize("column", ["created_by", "started_by", "cancelled_by"])
    def test_nobody_else(self, db, pair, people, column):
        stranger = people.add("Cleo")
        session_id = make_session(db, pair.match_id, "cancelled")
        writes = (f"{column} = '{stranger}'", f"{column} = gen_random_uuid()", f"{column} = match_id")
        assert refusals(db, session_id, *writes) == {"wingman_sessions_people_check"}

    @pytest.mark.parametrize("column", ["created_by", "started_by", "cancelled_by"])
    @pytest.mark.parametrize("user", ["user1_id", "user2_id", "null"])
    def test_either_of_the_two_or_nobody(self, db, pair, column, user):
        session_id = make_session(db, pair.match_id, "cancelled")
        update_session(db, session_id, f"{column} = {user}")
        row = session_row(db, session_id)
        assert row[column] == row.get(user)

    @pytest.mark.parametrize("user", ["user1_id", "user2_id", "gen_random_uuid()"])
    def test_a_scheduled_session_was_started_by_nobody(self, db, pair, user):
        session_id = make_session(db, pair.match_id)
        assert refusals(db, session_id, f"started_by = {user}") == {"wingman_sessions_start_check"}

    @pytest.mark.parametrize("status", [status for status in SESSION_STATUSES if status != "scheduled"])
    def test_any_other_may_say_so(self, db, pair, status):
        session_id = make_session(db, pair.match_id)
        update_session(db, session_id, f"{to_status(status)}, started_by = user2_id")
        assert session_row(db, session_id)["started_by"] == pair.user2

    @pytest.mark.parametrize(
        ("column", "constraint"),
        [
            ("started_by", "start_check"),
            ("cancelled_by", "cancellation_check"),
            ("cancellation_reason", "cancellation_check"),
        ],
    )
    def test_a_new_session_is_neither_started_nor_cancelled(self, db, pair, column, constraint):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            insert_session(db, match_id=pair.match_id, **{column: pair.user1})
        assert caught.value.diag.constraint_name == f"wingman_sessions_{constraint}"
        assert all_rows(db) == before

    def test_a_new_session_is_arranged_by_one_of_the_two(self, db, pair, people):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            insert_session(db, match_id=pair.match_id, created_by=uuid4())
        assert caught.value.diag.constraint_name == "wingman_sessions_people_check"
        assert all_rows(db) == before
        session_id = insert_session(db, match_id=pair.match_id, created_by=pair.user2)
        assert session_row(db, session_id)["created_by"] == pair.user2

    @pytest.mark.parametrize("written", ["swapped", "strangers", "one for both", "nulls", "nothing"])
    def test_are_those_of_the_match_whatever_is_inserted(self, db, pair, people, written):
        stranger = people.add("Cleo")
        columns = {
            "swapped": {"user1_id": pair.user2, "user2_id": pair.user1},
            "strangers": {"user1_id": stranger, "user2_id": uuid4()},
            "one for both": {"user1_id": pair.user2, "user2_id": pair.user2},
            "nulls": {"user1_id": None, "user2_id": None},
            "nothing": {},
        }[written]
        row = session_row(db, insert_session(db, match_id=pair.match_id, **columns))
        assert (row["user1_id"], row["user2_id"]) == (pair.user1, pair.user2)

    def test_also_where_several_sessions_are_inserted_at_once(self, db, people):
        pairs = [make_pair(db, people) for _ in range(3)]
        db.execute(
            """insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
               select m.id, 'Café', now() from public.wingman_matches as m"""
        )
        rows = db.execute("select match_id, user1_id, user2_id from public.wingman_sessions").fetchall()
        assert {(row["match_id"], row["user1_id"], row["user2_id"]) for row in rows} == {
            (pair.match_id, pair.user1, pair.user2) for pair in pairs
        }

    def test_a_session_without_a_match_is_none(self, db, pair):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.IntegrityError):
            insert_session(db, match_id=uuid4(), user1_id=pair.user1, user2_id=pair.user2)
        assert all_rows(db) == before

    @pytest.mark.parametrize("status", SESSION_STATUSES)
    def test_never_change(self, db, pair, people, status):
        stranger = people.add("Cleo")
        session_id = make_session(db, pair.match_id, status)
        writes = (
            f"user1_id = '{stranger}'",
            f"user2_id = '{stranger}'",
            "user1_id = user2_id",
            "user1_id = user2_id, user2_id = user1_id",
        )
        assert refusals(db, session_id, *writes) == {"wingman_sessions_match"}

    @pytest.mark.parametrize("status", SESSION_STATUSES)
    def test_a_session_never_moves_to_another_match(self, db, pair, people, status):
        other_match = make_match(db, pair.user1, people.add("Cleo"))
        session_id = make_session(db, pair.match_id, status)
        assert refusals(db, session_id, f"match_id = '{other_match}'") == {"wingman_sessions_match"}

    @pytest.mark.parametrize("status", SESSION_STATUSES)
    def test_a_session_keeps_its_id(self, db, pair, status):
        session_id = make_session(db, pair.match_id, status)
        assert refusals(db, session_id, "id = gen_random_uuid()") == {"wingman_sessions_match"}


class TestRevert:
    @pytest.mark.parametrize("status", ["scheduled", "in_progress", "cancelled"])
    def test_is_of_a_completed_session_or_a_no_show(self, db, pair, status):
        session_id = make_session(db, pair.match_id, status)
        writes = ("reverted_at = now()", "reverted_at = 'infinity'")
        assert refusals(db, session_id, *writes) == {"wingman_sessions_revert"}

    @pytest.mark.parametrize("status", ["completed", "no_show"])
    def test_happens_once(self, db, pair, status):
        session_id = make_session(db, pair.match_id, status)
        update_session(db, session_id, "reverted_at = now()")
        assert session_row(db, session_id)["reverted_at"] is not None
        writes = ("reverted_at = null", "reverted_at = reverted_at + interval '1 microsecond'")
        assert refusals(db, session_id, *writes) == {"wingman_sessions_revert"}

    @pytest.mark.parametrize("status", ["completed", "no_show"])
    def test_does_not_happen_with_what_it_reverts(self, db, pair, status):
        session_id = make_session(db, pair.match_id)
        assert refusals(db, session_id, f"{to_status(status)}, reverted_at = now()") == {
            "wingman_sessions_revert"
        }

    def test_is_not_of_a_new_session(self, db, pair):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            insert_session(db, match_id=pair.match_id, reverted_at=datetime.now(UTC))
        assert caught.value.diag.constraint_name == "wingman_sessions_revert"
        assert all_rows(db) == before


# what a superuser may set it to, and how that is refused, whatever the session's state
COLUMNS = {
    "id": ("gen_random_uuid()", "match"),
    "match_id": ("gen_random_uuid()", "match"),
    "user1_id": ("gen_random_uuid()", "match"),
    "user2_id": ("gen_random_uuid()", "match"),
    "venue_name": ("''", "rules"),
    "scheduled_time": ("'infinity'", "time_check"),
    "notes": ("repeat('x', 2001)", "rules"),
    "status": ("'praised'", "transition"),
    "user1_completed_confirmed_by_user2": ("false", "confirmation"),
    "user2_completed_confirmed_by_user1": ("false", "confirmation"),
    "completed_at": ("'infinity'", "confirmation"),
    "created_by": ("gen_random_uuid()", "people_check"),
    "started_by": ("gen_random_uuid()", "people_check"),
    "cancelled_by": ("gen_random_uuid()", "cancellation_check"),
    "cancellation_reason": ("'Rain'", "cancellation_check"),
    "reverted_at": ("null", "revert"),
    "cancelled_at": ("now()", "cancellation_check"),
    "proposed_by": ("gen_random_uuid()", "people_check"),
    "proposed_at": ("now()", "agreement_final"),
    "agreed_by": ("user1_id", "agreement_check"),
    "agreed_at": ("now()", "agreement_check"),
    "no_show_reported": ("false", "report_check"),
}
FREE_COLUMNS = ("created_at", "updated_at")
DERIVED_COLUMNS = ("is_active",)


class TestEveryColumn:
    """Each trigger fires for its own columns only; none must have been forgotten."""

    @pytest.fixture
    def reverted(self, db, pair):
        """A completed session that was reverted, which can no longer change."""
        session_id = make_session(db, pair.match_id, "completed")
        update_session(db, session_id, "reverted_at = now(), no_show_reported = true")
        return session_id

    def test_is_named_here(self, db):
        found = db.execute(
            """select column_name as name from information_schema.columns
               where table_schema = 'public' and table_name = 'wingman_sessions'"""
        ).fetchall()
        assert {row["name"] for row in found} == {*COLUMNS, *FREE_COLUMNS, *DERIVED_COLUMNS}

    @pytest.mark.parametrize("column", COLUMNS)
    def test_is_guarded(self, db, reverted, column):
        value, constraint = COLUMNS[column]
        assert refusals(db, reverted, f"{column} = {value}") == {f"wingman_sessions_{constraint}"}

    @pytest.mark.representatives("match_id", "scheduled_time", "status")
    @pytest.mark.parametrize("column", [column for column in COLUMNS if column != "venue_name"])
    def test_is_guarded_beside_another_one_too(self, db, reverted, column):
        value, constraint = COLUMNS[column]
        assert refusals(db, reverted, f"venue_name = 'Elsewhere', {column} = {value}") == {
            f"wingman_sessions_{constraint}"
        }

    @pytest.mark.representatives("match_id", "scheduled_time", "status")
    @pytest.mark.parametrize("column", COLUMNS)
    def test_stamps_updated_at(self, db, reverted, column):
        before = session_row(db, reverted)
        update_session(db, reverted, f"{column} = {column}, updated_at = '2020-01-01'")
        after = session_row(db, reverted)
        assert after["updated_at"] > before["updated_at"]
        assert after == before | {"updated_at": after["updated_at"]}


@pytest.mark.parametrize("status", SESSION_STATUSES)
def test_is_active_follows_from_the_status(db, pair, status):
    session_id = make_session(db, pair.match_id, status)
    assert session_row(db, session_id)["is_active"] == (status in ACTIVE_STATUSES)
    update_session(db, session_id, "is_active = not is_active")
    assert session_row(db, session_id)["is_active"] == (status in ACTIVE_STATUSES)


class TestTheMatchOfANewSession:
    @pytest.mark.parametrize("status", ["pending", "declined", "expired"])
    def test_is_accepted(self, db, people, status):
        match_id = make_pair(db, people, status).match_id
        assert self.refusal(db, match_id) == "wingman_sessions_match"

    def test_has_not_ended(self, db, pair):
        db.execute("update public.wingman_matches set ended_at = now()")
        assert self.refusal(db, pair.match_id) == "wingman_sessions_match"

    def test_exists(self, db, pair):
        assert self.refusal(db, uuid4()) == "wingman_sessions_match"

    def test_is_not_deleted_any_more(self, db, pair):
        make_session(db, pair.match_id, "cancelled")
        before = all_rows(db)
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
            db.execute("delete from public.wingman_matches")
        assert caught.value.diag.constraint_name == "wingman_sessions_match_id_fkey"
        assert all_rows(db) == before
        db.execute("delete from public.wingman_sessions")
        db.execute("delete from public.wingman_matches")
        assert all_rows(db)["public.wingman_matches"] == []

    def refusal(self, db, match_id: UUID) -> str:
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            insert_session(db, match_id=match_id)
        assert all_rows(db) == before
        return caught.value.diag.constraint_name


def test_a_new_session_is_active(db, pair):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        insert_session(db, match_id=pair.match_id, is_active=False)
    assert caught.value.diag.constraint_name == "wingman_sessions_transition"
    assert all_rows(db) == before


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


def test_a_write_stamps_updated_at(db, pair):
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, "notes = 'By the door', updated_at = '2020-01-01'")
    assert session_row(db, session_id)["updated_at"] > datetime(2025, 1, 1, tzinfo=UTC)
