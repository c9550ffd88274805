from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from rows import (
    ACTIVE_STATUSES,
    TERMINAL_STATUSES,
    business_rows,
    make_match,
    make_pair,
    make_session,
    session_row,
)

TOMORROW = datetime.now(UTC) + timedelta(days=1)
VENUE = "Café A Brasileira"


def create(caller, match_id, **arguments):
    """Create a session of tomorrow, unless told otherwise."""
    return caller.call(
        "create_session",
        **{"match_id": match_id, "scheduled_time": TOMORROW, "venue_name": VENUE, **arguments},
    )


def create_in(db, pair, delay: str):
    """Create a session whose time is ``delay`` from the instant of the call."""
    return at_one_instant(
        db,
        f"""public.create_session(
            match_id => '{pair.match_id}', scheduled_time => statement_timestamp() + interval '{delay}',
            venue_name => '{VENUE}', user_id => '{pair.user1}'
        )""",
    )


def refused_argument(db, argument: str, rule: str):
    return refused(db, "invalid_argument", argument=argument, rule=rule)


def test_a_participant_schedules_a_session(db, rpc, pair, sides):
    answer = create(rpc.as_user(sides.me), pair.match_id, notes="By the door")
    row = session_row(db, answer["id"])
    assert answer == {
        "id": row["id"],
        "match_id": pair.match_id,
        "buddy_user_id": sides.buddy,
        "venue_name": VENUE,
        "scheduled_time": TOMORROW,
        "notes": "By the door",
        "status": "scheduled",
        "i_confirmed_buddy": False,
        "buddy_confirmed_me": False,
        "both_confirmed": False,
        "completed_at": None,
        "created_at": row["created_at"],
        "proposed_by_me": True,
        "proposed_at": row["created_at"],
        "agreed_at": None,
        "cancelled_at": None,
        "no_show_reported": False,
    }
    assert row == {
        "reverted_at": None,
        "id": answer["id"],
        "match_id": pair.match_id,
        "user1_id": pair.user1,
        "user2_id": pair.user2,
        "created_by": sides.me,
        "proposed_by": sides.me,
        "proposed_at": row["created_at"],
        "agreed_by": None,
        "agreed_at": None,
        "started_by": None,
        "venue_name": VENUE,
        "scheduled_time": TOMORROW,
        "notes": "By the door",
        "status": "scheduled",
        "is_active": True,
        "user1_completed_confirmed_by_user2": False,
        "user2_completed_confirmed_by_user1": False,
        "completed_at": None,
        "cancelled_by": None,
        "cancellation_reason": None,
        "cancelled_at": None,
        "no_show_reported": False,
        "created_at": row["updated_at"],
        "updated_at": row["created_at"],
    }


def test_a_new_session_changes_no_other_table(db, rpc, pair):
    before = business_rows(db)
    create(rpc.as_user(pair.user1), pair.match_id)
    after = business_rows(db)
    assert before.pop("public.wingman_sessions") == []
    assert len(after.pop("public.wingman_sessions")) == 1
    assert after == before


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_schedule_for_a_participant(db, rpc, pair, caller):
    answer = create(getattr(rpc, caller)(), pair.match_id, user_id=pair.user2)
    assert answer["buddy_user_id"] == pair.user1
    row = session_row(db, answer["id"])
    assert (row["match_id"], row["created_by"]) == (pair.match_id, pair.user2)


@pytest.mark.parametrize("venue_name", ["x", "é" * 200, "  x  "], ids=["1", "200", "spaces around"])
def test_venue_name_is_kept_as_sent(db, rpc, pair, venue_name):
    answer = create(rpc.as_user(pair.user1), pair.match_id, venue_name=venue_name)
    assert answer["venue_name"] == session_row(db, answer["id"])["venue_name"] == venue_name


@pytest.mark.parametrize("venue_name", ["", " \t\n", "x" * 201], ids=["empty", "blank", "201"])
def test_venue_name_out_of_range_is_refused(db, rpc, pair, venue_name):
    with refused_argument(db, "venue_name", "must be 1 to 200 characters"):
        create(rpc.as_user(pair.user1), pair.match_id, venue_name=venue_name)


@pytest.mark.parametrize("notes", [None, "", "é" * 2000], ids=["none", "0", "2000"])
def test_notes_of_up_to_2000_characters_are_kept_as_sent(db, rpc, pair, notes):
    answer = create(rpc.as_user(pair.user1), pair.match_id, notes=notes)
    assert answer["notes"] == session_row(db, answer["id"])["notes"] == notes


def test_notes_of_2001_characters_are_refused(db, rpc, pair):
    with refused_argument(db, "notes", "must be at most 2000 characters"):
        create(rpc.as_user(pair.user1), pair.match_id, notes="x" * 2001)


@pytest.mark.parametrize(
    ("delay", "ahead"),
    [("1 microsecond", timedelta(microseconds=1)), ("2160 hours", timedelta(days=90))],
    ids=["1 µs ahead", "90 days ahead"],
)
def test_the_first_and_the_last_possible_time_are_allowed(db, pair, delay, ahead):
    row = session_row(db, create_in(db, pair, delay)["id"])
    assert row["scheduled_time"] - row["created_at"] == ahead


@pytest.mark.parametrize("delay", ["0", "-1 microsecond", "-1 day"])
def test_a_time_that_is_not_in_the_future_is_refused(db, pair, delay):
    with refused(db, "invalid_schedule"):
        create_in(db, pair, delay)


def test_a_time_more_than_90_days_ahead_is_refused(db, pair):
    with refused_argument(db, "scheduled_time", "must be at most 90 days ahead"):
        create_in(db, pair, "2160 hours 1 microsecond")


def test_infinity_is_too_far_ahead(db, rpc, pair):
    with refused_argument(db, "scheduled_time", "must be at most 90 days ahead"):
        create(rpc.as_user(pair.user1), pair.match_id, scheduled_time="infinity")


def test_minus_infinity_is_not_in_the_future(db, rpc, pair):
    with refused(db, "invalid_schedule"):
        create(rpc.as_user(pair.user1), pair.match_id, scheduled_time="-infinity")


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("pending", "pending"),
        ("lapsed", "expired"),
        ("expired", "expired"),
        ("declined", "declined"),
        ("ended", "ended"),
    ],
)
def test_a_match_that_is_not_accepted_is_refused(db, rpc, people, state, shown):
    pair = make_pair(db, people, state)
    with refused(db, "match_not_accepted", status=shown):
        create(rpc.as_user(pair.user1), pair.match_id)


@pytest.mark.parametrize("status", ACTIVE_STATUSES)
def test_a_second_active_session_is_refused(db, rpc, pair, sides, status):
    make_session(db, pair.match_id, status)
    with refused(db, "active_session_exists"):
        create(rpc.as_user(sides.me), pair.match_id)


@pytest.mark.parametrize("status", TERMINAL_STATUSES)
def test_a_match_gets_a_new_session_after_one_that_is_over(db, rpc, pair, status):
    over = make_session(db, pair.match_id, status)
    answer = create(rpc.as_user(pair.user1), pair.match_id)
    found = db.execute("select id, status from public.wingman_sessions order by id").fetchall()
    assert found == [{"id": over, "status": status}, {"id": answer["id"], "status": "scheduled"}]


def test_an_active_session_with_somebody_else_does_not_matter(db, rpc, pair, people):
    make_session(db, make_match(db, pair.user1, people.add("Cleo")))
    answer = create(rpc.as_user(pair.user1), pair.match_id)
    assert session_row(db, answer["id"])["match_id"] == pair.match_id


def test_an_unknown_match_is_refused(db, rpc, pair):
    with refused(db, "match_not_found"):
        create(rpc.as_user(pair.user1), uuid4())


def test_somebody_outside_the_match_is_refused(db, rpc, pair, people):
    stranger = people.add("Cleo")
    with refused(db, "not_match_participant"):
        create(rpc.as_user(stranger), pair.match_id)


class TestOrderOfChecks:
    def test_identity_before_arguments(self, db, rpc, pair):
        with refused(db, "acting_for_another"):
            create(rpc.as_user(pair.user1), None, venue_name="", user_id=pair.user2)

    @pytest.mark.parametrize(
        ("argument", "value", "rule"),
        [
            ("venue_name", "", "must be 1 to 200 characters"),
            ("notes", "x" * 2001, "must be at most 2000 characters"),
            ("scheduled_time", "infinity", "must be at most 90 days ahead"),
        ],
        ids=["venue_name", "notes", "scheduled_time"],
    )
    def test_arguments_before_existence(self, db, rpc, pair, argument, value, rule):
        with refused_argument(db, argument, rule):
            create(rpc.as_user(pair.user1), uuid4(), **{argument: value})

    def test_a_time_in_the_past_before_existence(self, db, rpc, pair):
        with refused(db, "invalid_schedule"):
            create(rpc.as_user(pair.user1), uuid4(), scheduled_time="2020-01-01T00:00Z")

    def test_membership_before_the_state_of_the_match(self, db, rpc, people):
        pair = make_pair(db, people, "declined")
        stranger = people.add("Cleo")
        with refused(db, "not_match_participant"):
            create(rpc.as_user(stranger), pair.match_id)

    def test_the_state_of_the_match_before_its_sessions(self, db, rpc, pair):
        make_session(db, pair.match_id)
        db.execute("update public.wingman_matches set ended_at = statement_timestamp()")
        with refused(db, "match_not_accepted", status="ended"):
            create(rpc.as_user(pair.user1), pair.match_id)
