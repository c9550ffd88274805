from datetime import UTC, datetime
from uuid import uuid4

import pytest
from answers import call_at
from contract_errors import refused
from harness import RpcError, revive
from rows import (
    ACTIVE_STATUSES,
    SESSION_STATUSES,
    TERMINAL_STATUSES,
    all_rows,
    business_rows,
    counters,
    ledger,
    make_match,
    make_pair,
    make_session,
    session_row,
    set_counters,
)
from written import Updates, updates_of

AFTERNOON = datetime(2030, 8, 17, 15, 0, tzinfo=UTC)
FLAGS = {1: "user2_completed_confirmed_by_user1", 2: "user1_completed_confirmed_by_user2"}

FIRST_ANSWER = {
    "success": True,
    "message": "Completion confirmation recorded. Waiting for your buddy to confirm.",
    "both_confirmed": False,
    "reputation_updated": False,
    "user_reputation_delta": 0,
}
SECOND_ANSWER = {
    "success": True,
    "message": "Session completed! Both participants have confirmed completion and reputation was updated.",
    "session_status": "completed",
    "both_confirmed": True,
    "reputation_updated": True,
    "user_reputation_delta": 1,
}


def confirm(caller, session_id, **arguments):
    return caller.call("confirm_session_completion", session_id=session_id, **arguments)


def confirm_at(db, session_id, user_id, offset: str):
    return call_at(db, "confirm_session_completion", session_id, user_id, offset)


@pytest.mark.parametrize("status", ACTIVE_STATUSES)
class TestFirstConfirmation:
    def test_is_recorded_for_the_buddy_alone(self, db, rpc, pair, sides, status):
        session_id = make_session(db, pair.match_id, status)
        before = session_row(db, session_id)
        answer = confirm(rpc.as_user(sides.me), session_id)
        assert answer == FIRST_ANSWER | {"session_status": status}
        row = session_row(db, session_id)
        assert row == before | {FLAGS[sides.my_number]: True, "updated_at": row["updated_at"]}
        assert row["updated_at"] > before["updated_at"]

    def test_writes_no_index(self, db, rpc, pair, sides, status):
        session_id = make_session(db, pair.match_id, status)
        assert updates_of(rpc.as_user(sides.me), lambda me: confirm(me, session_id)) == {
            "wingman_sessions": Updates(1, 1)
        }

    def test_gives_no_reputation(self, db, rpc, pair, status):
        session_id = make_session(db, pair.match_id, status)
        before = business_rows(db)
        confirm(rpc.as_user(pair.user1), session_id)
        after = business_rows(db)
        assert before.pop("public.wingman_sessions") != after.pop("public.wingman_sessions")
        assert after == before


@pytest.mark.parametrize("status", ACTIVE_STATUSES)
class TestSecondConfirmation:
    @pytest.fixture
    def session_id(self, db, pair, sides, status):
        """A session that the buddy has confirmed."""
        return make_session(db, pair.match_id, status, confirmed_by=[3 - sides.my_number])

    def test_completes_the_session(self, db, rpc, sides, session_id):
        before = session_row(db, session_id)
        answer = confirm(rpc.as_user(sides.me), session_id)
        assert answer == SECOND_ANSWER
        row = session_row(db, session_id)
        assert row == before | {
            FLAGS[sides.my_number]: True,
            "status": "completed",
            "is_active": False,
            "completed_at": row["updated_at"],
            "updated_at": row["updated_at"],
        }
        assert row["updated_at"] > before["updated_at"]

    def test_gives_both_one_event(self, db, rpc, pair, sides, session_id):
        confirm(rpc.as_user(sides.me), session_id)
        completed_at = session_row(db, session_id)["completed_at"]
        assert [{k: v for k, v in event.items() if k not in ("id", "xid")} for event in ledger(db)] == [
            {
                "session_id": session_id,
                "user_id": user_id,
                "buddy_id": buddy_id,
                "kind": "completed",
                "delta": 1,
                "completed_sessions": 1,
                "no_shows": 0,
                "created_at": completed_at,
            }
            for user_id, buddy_id in [(pair.user1, pair.user2), (pair.user2, pair.user1)]
        ]

    def test_raises_both_reputations_by_one(self, db, rpc, pair, sides, session_id):
        set_counters(db, 4, 1)
        confirm(rpc.as_user(sides.me), session_id)
        assert counters(db, pair.user1) == counters(db, pair.user2) == (5, 1, 4)

    def test_happens_in_one_transaction(self, db, rpc, sides, session_id):
        confirm(rpc.as_user(sides.me), session_id)
        transactions = db.execute(
            """select xmin::text from public.wingman_sessions
               union all select xmin::text from wingman.reputation_events
               union all select xmin::text from public.user_profiles"""
        ).fetchall()
        assert len(transactions) == 5
        assert len({row["xmin"] for row in transactions}) == 1


def test_nobody_else_gains_by_a_completed_session(db, rpc, pair, people):
    stranger = people.add("Cleo")
    make_session(db, make_match(db, pair.user1, stranger), confirmed_by=[2])
    session_id = make_session(db, pair.match_id, confirmed_by=[1])
    confirm(rpc.as_user(pair.user2), session_id)
    assert counters(db, stranger) == (0, 0, 0)
    assert {event["user_id"] for event in ledger(db)} == {pair.user1, pair.user2}


def test_the_whole_meeting_by_calls_alone(db, rpc, pair):
    session_id = make_session(db, pair.match_id)
    rpc.as_user(pair.user2).call("start_session", session_id=session_id)
    first = confirm(rpc.as_user(pair.user2), session_id, buddy_user_id=pair.user1)
    second = confirm(rpc.as_user(pair.user1), session_id, buddy_user_id=pair.user2)
    assert (first, second) == (FIRST_ANSWER | {"session_status": "in_progress"}, SECOND_ANSWER)
    assert session_row(db, session_id)["status"] == "completed"
    assert len(ledger(db)) == 2
    assert counters(db, pair.user1) == counters(db, pair.user2) == (1, 0, 1)


def test_each_completed_session_counts(db, rpc, pair):
    for _ in range(3):
        session_id = make_session(db, pair.match_id)
        confirm(rpc.as_user(pair.user1), session_id)
        confirm(rpc.as_user(pair.user2), session_id)
    assert counters(db, pair.user1) == counters(db, pair.user2) == (3, 0, 3)
    assert len(ledger(db)) == 6


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_confirm_for_a_participant(db, rpc, pair, caller):
    session_id = make_session(db, pair.match_id)
    answer = confirm(getattr(rpc, caller)(), session_id, user_id=pair.user2)
    assert answer == FIRST_ANSWER | {"session_status": "scheduled"}
    row = session_row(db, session_id)
    assert (row[FLAGS[1]], row[FLAGS[2]]) == (False, True)


class TestTime:
    @pytest.mark.parametrize("offset", ["0", "1 microsecond", "30 days"])
    def test_confirming_is_allowed_from_the_scheduled_time_on(self, db, pair, offset):
        session_id = make_session(db, pair.match_id)
        answer = confirm_at(db, session_id, pair.user1, offset)
        assert answer == FIRST_ANSWER | {"session_status": "scheduled"}
        assert session_row(db, session_id)[FLAGS[1]] is True

    def test_completing_is_allowed_at_the_scheduled_time(self, db, pair):
        session_id = make_session(db, pair.match_id, confirmed_by=[1])
        assert confirm_at(db, session_id, pair.user2, "0") == SECOND_ANSWER
        row = session_row(db, session_id)
        assert row["completed_at"] == row["scheduled_time"]

    @pytest.mark.parametrize("status", ACTIVE_STATUSES)
    def test_one_microsecond_before_the_scheduled_time_is_refused(self, db, pair, status):
        session_id = make_session(db, pair.match_id, status)
        before = all_rows(db)
        with pytest.raises(RpcError) as caught:
            confirm_at(db, session_id, pair.user1, "-1 microsecond")
        assert (caught.value.name, caught.value.sqlstate) == ("session_not_started", "PT400")
        assert all_rows(db) == before

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
    def test_the_refusal_says_the_time_in_utc_wherever_the_caller_is(self, db, rpc, pair, zone):
        session_id = make_session(db, pair.match_id, starts=AFTERNOON)
        caller = rpc.as_user(pair.user1)
        caller.connection.execute(f"set timezone = '{zone}'")
        with refused(db, "session_not_started", time="2030-08-17 15:00 UTC"):
            confirm(caller, session_id)


class TestBuddy:
    def test_the_buddy_may_be_named(self, db, rpc, pair, sides):
        session_id = make_session(db, pair.match_id)
        answer = confirm(rpc.as_user(sides.me), session_id, buddy_user_id=sides.buddy)
        assert answer == FIRST_ANSWER | {"session_status": "scheduled"}
        assert session_row(db, session_id)[FLAGS[sides.my_number]] is True

    def test_confirming_oneself_is_refused(self, db, rpc, pair, sides):
        session_id = make_session(db, pair.match_id)
        with refused(db, "self_confirmation"):
            confirm(rpc.as_user(sides.me), session_id, buddy_user_id=sides.me)

    @pytest.mark.parametrize("caller", ["as_service", "as_admin"])
    def test_confirming_the_user_acted_for_is_refused(self, db, rpc, pair, caller):
        session_id = make_session(db, pair.match_id)
        with refused(db, "self_confirmation"):
            confirm(getattr(rpc, caller)(), session_id, buddy_user_id=pair.user1, user_id=pair.user1)

    @pytest.mark.parametrize("known", [True, False], ids=["somebody else", "nobody known"])
    def test_confirming_somebody_else_is_refused(self, db, rpc, pair, people, sides, known):
        session_id = make_session(db, pair.match_id)
        named = people.add("Cleo") if known else uuid4()
        with refused(db, "buddy_not_in_session"):
            confirm(rpc.as_user(sides.me), session_id, buddy_user_id=named)

    def test_the_buddy_of_another_match_is_somebody_else(self, db, rpc, pair, people):
        other = people.add("Cleo")
        make_session(db, make_match(db, pair.user1, other))
        session_id = make_session(db, pair.match_id)
        with refused(db, "buddy_not_in_session"):
            confirm(rpc.as_user(pair.user1), session_id, buddy_user_id=other)


class TestConfirmedBefore:
    @pytest.mark.parametrize("status", SESSION_STATUSES)
    def test_is_refused_in_every_state_and_told_the_state(self, db, rpc, pair, sides, status):
        session_id = make_session(db, pair.match_id, status, confirmed_by=[sides.my_number])
        caller = rpc.as_user(sides.me)
        row = session_row(db, session_id)
        with pytest.raises(RpcError) as caught:
            confirm(caller, session_id)
        assert revive(caught.value.detail["state"]) == {
            "id": session_id,
            "match_id": pair.match_id,
            "buddy_user_id": sides.buddy,
            "venue_name": row["venue_name"],
            "scheduled_time": row["scheduled_time"],
            "notes": None,
            "status": status,
            "i_confirmed_buddy": True,
            "buddy_confirmed_me": status == "completed",
            "both_confirmed": status == "completed",
            "completed_at": row["completed_at"],
            "created_at": row["created_at"],
            "proposed_by_me": False,
            "proposed_at": row["proposed_at"],
            "agreed_at": None,
            "cancelled_at": None,
            "no_show_reported": False,
        }
        with refused(db, "already_confirmed", state=caught.value.detail["state"]):
            confirm(caller, session_id)

    def test_by_calls_counts_once_whatever_is_retried(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id)
        one, other = rpc.as_user(pair.user1), rpc.as_user(pair.user2)
        confirm(one, session_id)
        with pytest.raises(RpcError, match="already confirmed"):
            confirm(one, session_id)
        confirm(other, session_id)
        for caller in (one, other, one):
            with pytest.raises(RpcError, match="already confirmed"):
                confirm(caller, session_id)
        assert counters(db, pair.user1) == counters(db, pair.user2) == (1, 0, 1)
        assert len(ledger(db)) == 2


class TestStatus:
    @pytest.mark.parametrize("status", ["cancelled", "no_show"])
    @pytest.mark.parametrize(
        "confirmed_by_buddy", [False, True], ids=["unconfirmed", "confirmed by the buddy"]
    )
    def test_a_session_that_is_over_is_refused(self, db, rpc, pair, sides, status, confirmed_by_buddy):
        confirmed_by = [3 - sides.my_number] if confirmed_by_buddy else []
        session_id = make_session(db, pair.match_id, status, confirmed_by=confirmed_by)
        with refused(db, "session_not_confirmable", status=status):
            confirm(rpc.as_user(sides.me), session_id)

    def test_a_session_of_an_ended_match_is_refused(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id)
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
        with refused(db, "session_not_confirmable", status="cancelled"):
            confirm(rpc.as_user(pair.user2), session_id)


class TestOrderOfChecks:
    def test_the_buddy_before_what_is_already_done(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, confirmed_by=[1])
        with refused(db, "self_confirmation"):
            confirm(rpc.as_user(pair.user1), session_id, buddy_user_id=pair.user1)

    @pytest.mark.parametrize("status", TERMINAL_STATUSES)
    def test_the_buddy_before_the_state(self, db, rpc, pair, status):
        session_id = make_session(db, pair.match_id, status)
        with refused(db, "buddy_not_in_session"):
            confirm(rpc.as_user(pair.user1), session_id, buddy_user_id=uuid4())

    def test_the_buddy_before_the_time(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, starts=AFTERNOON)
        with refused(db, "self_confirmation"):
            confirm(rpc.as_user(pair.user1), session_id, buddy_user_id=pair.user1)

    def test_what_is_already_done_before_the_time(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, starts=AFTERNOON, confirmed_by=[1])
        with pytest.raises(RpcError) as caught:
            confirm(rpc.as_user(pair.user1), session_id)
        assert caught.value.name == "already_confirmed"
        assert ledger(db) == []

    def test_the_state_before_the_time(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, "cancelled", starts=AFTERNOON)
        with refused(db, "session_not_confirmable", status="cancelled"):
            confirm(rpc.as_user(pair.user1), session_id)


def test_a_reputation_at_its_ceiling_stays_there_while_the_counter_rises(db, rpc, people):
    pair = make_pair(db, people)
    set_counters(db, 20)
    session_id = make_session(db, pair.match_id, confirmed_by=[1])
    assert confirm(rpc.as_user(pair.user2), session_id) == SECOND_ANSWER
    assert counters(db, pair.user1) == counters(db, pair.user2) == (21, 0, 20)
