"""reschedule_session gives a session another time or venue, to which the other one has to agree anew."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from harness import RpcError
from rows import (
    TERMINAL_STATUSES,
    all_rows,
    business_rows,
    make_match,
    make_session,
    session_row,
    update_session,
)

DAY_AFTER = datetime.now(UTC) + timedelta(days=2)
LATER = DAY_AFTER + timedelta(days=1)
VENUE = "Café A Brasileira"


@pytest.fixture
def agreed(rpc, pair, sides) -> UUID:
    """A session that the buddy has arranged and the caller has agreed to."""
    session_id = rpc.as_user(sides.buddy).call(
        "create_session",
        match_id=pair.match_id,
        scheduled_time=DAY_AFTER,
        venue_name=VENUE,
        notes="By the door",
    )["id"]
    rpc.as_user(sides.me).call("agree_to_session", session_id=session_id)
    return session_id


def move(rpc, me, session_id, scheduled_time=LATER, **arguments):
    return rpc.as_user(me).call(
        "reschedule_session", session_id=session_id, scheduled_time=scheduled_time, **arguments
    )


def spend_the_limit(db, user_id):
    db.execute(
        """insert into wingman.rate_limits (user_id, bucket, spent_until)
           values (%s, 'create_session', statement_timestamp() + interval '24 hours')
           on conflict (user_id, bucket) do update set spent_until = excluded.spent_until""",
        [user_id],
    )


@pytest.mark.parametrize("by", ["me", "buddy"])
def test_either_of_the_two_moves_it(db, rpc, pair, sides, agreed, by):
    mover, other = (sides.me, sides.buddy) if by == "me" else (sides.buddy, sides.me)
    before = session_row(db, agreed)
    answer = move(rpc, mover, agreed, venue_name="Hot Clube")
    row = session_row(db, agreed)
    assert answer == {
        "id": agreed,
        "match_id": pair.match_id,
        "buddy_user_id": other,
        "venue_name": "Hot Clube",
        "scheduled_time": LATER,
        "notes": "By the door",
        "status": "scheduled",
        "i_confirmed_buddy": False,
        "buddy_confirmed_me": False,
        "both_confirmed": False,
        "completed_at": None,
        "created_at": before["created_at"],
        "proposed_by_me": True,
        "proposed_at": row["updated_at"],
        "agreed_at": None,
        "cancelled_at": None,
        "no_show_reported": False,
    }
    assert row == before | {
        "venue_name": "Hot Clube",
        "scheduled_time": LATER,
        "proposed_by": mover,
        "proposed_at": row["updated_at"],
        "agreed_by": None,
        "agreed_at": None,
        "updated_at": row["updated_at"],
    }
    assert (row["created_by"], row["updated_at"] > before["updated_at"]) == (sides.buddy, True)


def test_a_move_changes_no_other_table(db, rpc, sides, agreed):
    before = business_rows(db)
    move(rpc, sides.me, agreed)
    after = business_rows(db)
    del before["public.wingman_sessions"], after["public.wingman_sessions"]
    assert after == before


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_move_it_for_a_participant(db, rpc, sides, agreed, caller):
    getattr(rpc, caller)().call(
        "reschedule_session", session_id=agreed, scheduled_time=LATER, user_id=sides.me
    )
    assert session_row(db, agreed)["proposed_by"] == sides.me


def test_without_a_venue_it_stays_where_it_was(db, rpc, sides, agreed):
    assert move(rpc, sides.me, agreed)["venue_name"] == VENUE
    assert move(rpc, sides.me, agreed, DAY_AFTER, venue_name=None)["venue_name"] == VENUE
    assert session_row(db, agreed)["venue_name"] == VENUE


def test_another_venue_alone_asks_anew_as_well(db, rpc, sides, agreed):
    answer = move(rpc, sides.buddy, agreed, DAY_AFTER, venue_name="Hot Clube")
    assert (answer["scheduled_time"], answer["agreed_at"]) == (DAY_AFTER, None)
    event = db.execute("select kind, user_id from wingman.events order by id desc limit 1").fetchone()
    assert event == {"kind": "session_moved", "user_id": sides.buddy}


@pytest.mark.parametrize("venue_name", [None, VENUE], ids=["no venue", "the same venue"])
@pytest.mark.parametrize("by", ["me", "buddy"])
def test_the_same_again_changes_nothing_and_is_free(db, rpc, sides, agreed, by, venue_name):
    mover = getattr(sides, by)
    spend_the_limit(db, mover)
    before = all_rows(db)
    answer = move(rpc, mover, agreed, DAY_AFTER, venue_name=venue_name)
    assert (answer["agreed_at"] is not None, answer["proposed_by_me"]) == (True, by == "buddy")
    assert all_rows(db) == before


def test_a_move_takes_from_the_limit_of_new_sessions(db, rpc, sides, agreed):
    db.execute("update wingman.settings set create_session_limit = 2, create_session_period = '20 hours'")
    move(rpc, sides.me, agreed)
    move(rpc, sides.me, agreed, DAY_AFTER)
    before = all_rows(db)
    with pytest.raises(RpcError) as caught:
        move(rpc, sides.me, agreed)
    assert caught.value.name == "rate_limited"
    assert 35990 <= caught.value.detail["retry_after"] <= 36000
    assert all_rows(db) == before
    # everybody has a limit of their own
    move(rpc, sides.buddy, agreed)


def test_its_own_time_is_no_conflict(db, rpc, sides, agreed):
    soon_after = DAY_AFTER + timedelta(microseconds=1)
    assert move(rpc, sides.me, agreed, soon_after)["scheduled_time"] == soon_after


def test_a_move_frees_the_old_time(db, rpc, people, pair, sides, agreed):
    match_id = make_match(db, sides.me, people.add("Cleo"))
    move(rpc, sides.me, agreed)
    rpc.as_user(sides.me).call(
        "create_session", match_id=match_id, scheduled_time=DAY_AFTER, venue_name=VENUE
    )


class TestArguments:
    @pytest.mark.parametrize("venue_name", ["", " \t\n", "x" * 201], ids=["empty", "blank", "201"])
    def test_a_venue_out_of_range_is_refused(self, db, rpc, sides, agreed, venue_name):
        rule = "must be 1 to 200 characters"
        with refused(db, "invalid_argument", argument="venue_name", rule=rule):
            move(rpc, sides.me, agreed, venue_name=venue_name)

    @pytest.mark.parametrize("venue_name", ["x", "é" * 200], ids=["1", "200"])
    def test_a_venue_is_kept_as_sent(self, db, rpc, sides, agreed, venue_name):
        assert move(rpc, sides.me, agreed, venue_name=venue_name)["venue_name"] == venue_name
        assert session_row(db, agreed)["venue_name"] == venue_name

    @pytest.mark.parametrize(
        ("delay", "refusal"),
        [
            ("1 microsecond", None),
            ("2160 hours", None),
            ("0", "invalid_schedule"),
            ("-1 microsecond", "invalid_schedule"),
            ("2160 hours 1 microsecond", "invalid_argument"),
        ],
    )
    def test_a_time_is_in_the_future_and_at_most_90_days_ahead(self, db, sides, agreed, delay, refusal):
        call = f"""public.reschedule_session(
            session_id => '{agreed}', scheduled_time => statement_timestamp() + interval '{delay}',
            user_id => '{sides.me}'
        )"""
        if refusal is None:
            assert at_one_instant(db, call)["agreed_at"] is None
            return
        before = all_rows(db)
        with pytest.raises(RpcError) as caught:
            at_one_instant(db, call)
        assert caught.value.name == refusal
        assert all_rows(db) == before

    @pytest.mark.parametrize(
        ("time", "name"), [("infinity", "invalid_argument"), ("-infinity", "invalid_schedule")]
    )
    def test_for_ever_is_no_time(self, db, rpc, sides, agreed, time, name):
        context = {"argument": "scheduled_time", "rule": "must be at most 90 days ahead"}
        with refused(db, name, **context if name == "invalid_argument" else {}):
            move(rpc, sides.me, agreed, time)

    @pytest.mark.parametrize("argument", ["session_id", "scheduled_time"])
    def test_session_and_time_are_required(self, db, rpc, sides, agreed, argument):
        arguments = {"session_id": agreed, "scheduled_time": LATER, argument: None}
        with refused(db, "missing_argument", argument=argument):
            rpc.as_user(sides.me).call("reschedule_session", **arguments)


class TestState:
    @pytest.mark.parametrize("status", [*TERMINAL_STATUSES, "in_progress"])
    def test_only_a_scheduled_session_moves(self, db, rpc, pair, sides, status):
        session_id = make_session(db, pair.match_id, status, DAY_AFTER)
        with refused(db, "invalid_session_state", verb="rescheduled", status=status):
            move(rpc, sides.me, session_id)

    @pytest.mark.parametrize("status", [*TERMINAL_STATUSES, "in_progress"])
    def test_nor_does_any_other_read_as_moved_to_where_it_is(self, db, rpc, pair, sides, status):
        session_id = make_session(db, pair.match_id, status, DAY_AFTER)
        with refused(db, "invalid_session_state", verb="rescheduled", status=status):
            move(rpc, sides.me, session_id, DAY_AFTER)

    @pytest.mark.parametrize(("offset", "moves"), [("-1 microsecond", True), ("0", False), ("1 hour", False)])
    def test_nobody_escapes_by_moving_it_once_its_time_has_come(self, db, sides, agreed, offset, moves):
        call = f"""public.reschedule_session(
            session_id => '{agreed}', scheduled_time => statement_timestamp() + interval '1 hour',
            user_id => '{sides.me}'
        )"""
        come = f"""update public.wingman_sessions as s
                   set scheduled_time = statement_timestamp() - interval '{offset}' where s.id = '{agreed}'"""
        if moves:
            assert at_one_instant(db, call, first=come)["agreed_at"] is None
            return
        before = all_rows(db)
        with pytest.raises(RpcError) as caught:
            at_one_instant(db, call, first=come)
        assert (caught.value.name, caught.value.detail["verb"]) == ("session_time_passed", "rescheduled")
        assert all_rows(db) == before


class TestOrderOfChecks:
    def test_identity_before_arguments(self, db, rpc, pair):
        with refused(db, "acting_for_another"):
            move(rpc, pair.user1, None, user_id=pair.user2)

    def test_a_profile_before_arguments(self, db, rpc, people):
        with refused(db, "profile_incomplete"):
            move(rpc, people.auth_only(), None)

    def test_arguments_before_existence(self, db, rpc, pair):
        with refused(db, "invalid_schedule"):
            move(rpc, pair.user1, uuid4(), "2020-01-01T00:00Z")

    def test_an_unknown_session(self, db, rpc, pair):
        with refused(db, "session_not_found"):
            move(rpc, pair.user1, uuid4())

    def test_membership_before_state(self, db, rpc, people, pair):
        session_id = make_session(db, pair.match_id, "cancelled")
        stranger = people.add("Cleo")
        with refused(db, "not_session_participant"):
            move(rpc, stranger, session_id)

    def test_a_suspension_before_the_state(self, db, rpc, sides, agreed):
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [sides.me])
        update_session(db, agreed, "status = 'cancelled'")
        with refused(db, "account_suspended", until=None):
            move(rpc, sides.me, agreed)

    def test_what_is_so_already_before_the_suspension(self, db, rpc, sides, agreed):
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [sides.me])
        assert move(rpc, sides.me, agreed, DAY_AFTER)["scheduled_time"] == DAY_AFTER
