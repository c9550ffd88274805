"""agree_to_session says yes, for the one who did not propose it, to a session as it stands."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from answers import call_at
from contract_errors import refused
from harness import RpcError
from rows import (
    TERMINAL_STATUSES,
    all_rows,
    business_rows,
    make_session,
    session_row,
    update_session,
)
from written import Updates, updates_of

DAY_AFTER = datetime.now(UTC) + timedelta(days=2)
VENUE = "Café A Brasileira"


@pytest.fixture
def proposed(rpc, pair, sides) -> UUID:
    """A session that the buddy has arranged by a call."""
    return rpc.as_user(sides.buddy).call(
        "create_session", match_id=pair.match_id, scheduled_time=DAY_AFTER, venue_name=VENUE
    )["id"]


def agree(rpc, me, session_id, **arguments):
    return rpc.as_user(me).call("agree_to_session", session_id=session_id, **arguments)


def move(rpc, user_id, session_id, by=timedelta(hours=2)):
    return rpc.as_user(user_id).call(
        "reschedule_session", session_id=session_id, scheduled_time=DAY_AFTER + by
    )


def state_of(db, me, session_id):
    """The session as a refusal's DETAIL carries it."""
    query = "select to_jsonb(public.get_session(%s, %s)) as state"
    return db.execute(query, [session_id, me]).fetchone()["state"]


def test_the_buddy_agrees(db, rpc, pair, sides, proposed):
    before = session_row(db, proposed)
    answer = agree(rpc, sides.me, proposed)
    row = session_row(db, proposed)
    assert answer == {
        "id": proposed,
        "match_id": pair.match_id,
        "buddy_user_id": sides.buddy,
        "venue_name": VENUE,
        "scheduled_time": DAY_AFTER,
        "notes": None,
        "status": "scheduled",
        "i_confirmed_buddy": False,
        "buddy_confirmed_me": False,
        "both_confirmed": False,
        "completed_at": None,
        "created_at": row["created_at"],
        "proposed_by_me": False,
        "proposed_at": row["created_at"],
        "agreed_at": row["updated_at"],
        "cancelled_at": None,
        "no_show_reported": False,
    }
    assert row == before | {
        "agreed_by": sides.me,
        "agreed_at": row["updated_at"],
        "updated_at": row["updated_at"],
    }
    assert row["updated_at"] > before["updated_at"]


def test_an_agreement_changes_no_other_table_and_takes_from_no_limit(db, rpc, sides, proposed):
    before = business_rows(db)
    limits = all_rows(db)["wingman.rate_limits"]
    agree(rpc, sides.me, proposed)
    after = business_rows(db)
    del before["public.wingman_sessions"], after["public.wingman_sessions"]
    assert after == before
    assert all_rows(db)["wingman.rate_limits"] == limits


def test_an_agreement_writes_no_index(rpc, sides, proposed):
    updated = updates_of(rpc.as_user(sides.me), lambda me: me.call("agree_to_session", session_id=proposed))
    assert updated == {"wingman_sessions": Updates(1, 1)}


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_agree_for_a_participant(db, rpc, sides, proposed, caller):
    getattr(rpc, caller)().call("agree_to_session", session_id=proposed, user_id=sides.me)
    assert session_row(db, proposed)["agreed_by"] == sides.me


def test_who_proposed_it_cannot_agree(db, rpc, sides, proposed):
    with refused(db, "self_agreement"):
        agree(rpc, sides.buddy, proposed)
    agree(rpc, sides.me, proposed)
    with refused(db, "self_agreement"):
        agree(rpc, sides.buddy, proposed)


def test_agreeing_again_changes_nothing(db, rpc, sides, proposed):
    first = agree(rpc, sides.me, proposed)
    before = all_rows(db)
    assert agree(rpc, sides.me, proposed) == first
    assert agree(rpc, sides.me, proposed, proposed_at=first["proposed_at"]) == first
    assert all_rows(db) == before


def test_agreeing_again_is_told_what_has_become_of_it(db, rpc, sides, proposed):
    agree(rpc, sides.me, proposed)
    rpc.as_user(sides.buddy).call("cancel_session", session_id=proposed)
    before = all_rows(db)
    assert agree(rpc, sides.me, proposed)["status"] == "cancelled"
    assert all_rows(db) == before


class TestAnotherProposal:
    def test_asks_for_agreement_anew(self, db, rpc, sides, proposed):
        agree(rpc, sides.me, proposed)
        moved = move(rpc, sides.buddy, proposed)
        assert moved["agreed_at"] is None
        assert agree(rpc, sides.me, proposed)["scheduled_time"] == moved["scheduled_time"]
        assert session_row(db, proposed)["agreed_by"] == sides.me

    def test_by_who_had_agreed_asks_the_one_who_had_proposed(self, db, rpc, sides, proposed):
        agree(rpc, sides.me, proposed)
        move(rpc, sides.me, proposed)
        with refused(db, "self_agreement"):
            agree(rpc, sides.me, proposed)
        agree(rpc, sides.buddy, proposed)
        row = session_row(db, proposed)
        assert (row["created_by"], row["proposed_by"], row["agreed_by"]) == (
            sides.buddy,
            sides.me,
            sides.buddy,
        )

    def test_is_not_agreed_to_unseen(self, db, rpc, sides, proposed):
        seen = session_row(db, proposed)["proposed_at"]
        newer = move(rpc, sides.buddy, proposed)["proposed_at"]
        assert newer > seen
        with refused(db, "proposal_changed", state=state_of(db, sides.me, proposed)):
            agree(rpc, sides.me, proposed, proposed_at=seen)
        assert agree(rpc, sides.me, proposed, proposed_at=newer)["agreed_at"] is not None

    def test_is_not_agreed_to_by_the_agreement_to_the_one_before(self, db, rpc, sides, proposed):
        seen = session_row(db, proposed)["proposed_at"]
        move(rpc, sides.buddy, proposed)
        agree(rpc, sides.me, proposed)
        with refused(db, "proposal_changed", state=state_of(db, sides.me, proposed)):
            agree(rpc, sides.me, proposed, proposed_at=seen)

    @pytest.mark.parametrize("off", [timedelta(microseconds=1), timedelta(microseconds=-1)])
    def test_is_told_by_its_time_to_the_microsecond(self, db, rpc, sides, proposed, off):
        other = session_row(db, proposed)["proposed_at"] + off
        with refused(db, "proposal_changed", state=state_of(db, sides.me, proposed)):
            agree(rpc, sides.me, proposed, proposed_at=other)


class TestState:
    @pytest.mark.parametrize("status", TERMINAL_STATUSES)
    def test_a_session_that_is_over_is_refused(self, db, rpc, pair, sides, status):
        session_id = make_session(db, pair.match_id, status, DAY_AFTER)
        with refused(db, "invalid_session_state", verb="agreed to", status=status):
            agree(rpc, sides.me, session_id)

    def test_one_that_has_begun_early_is_not(self, db, rpc, sides, proposed):
        update_session(db, proposed, f"status = 'in_progress', started_by = '{sides.buddy}'")
        assert agree(rpc, sides.me, proposed)["agreed_at"] is not None

    def test_one_by_hand_either_of_the_two_agrees_to(self, db, rpc, pair, sides):
        session_id = make_session(db, pair.match_id, starts=DAY_AFTER)
        agree(rpc, sides.me, session_id)
        row = session_row(db, session_id)
        assert (row["proposed_by"], row["agreed_by"]) == (None, sides.me)

    def test_until_its_time_and_no_longer(self, db, sides, proposed):
        with pytest.raises(RpcError) as caught:
            call_at(db, "agree_to_session", proposed, sides.me, "0")
        assert (caught.value.name, caught.value.detail["verb"]) == ("session_time_passed", "agreed to")
        assert session_row(db, proposed)["agreed_at"] is None
        answer = call_at(db, "agree_to_session", proposed, sides.me, "-1 microsecond")
        assert answer["agreed_at"] is not None


class TestOrderOfChecks:
    def test_identity_before_arguments(self, db, rpc, pair):
        with refused(db, "acting_for_another"):
            agree(rpc, pair.user1, None, user_id=pair.user2)

    def test_a_profile_before_arguments(self, db, rpc, people):
        with refused(db, "profile_incomplete"):
            agree(rpc, people.auth_only(), None)

    def test_an_unknown_session(self, db, rpc, pair):
        with refused(db, "session_not_found"):
            agree(rpc, pair.user1, uuid4())

    @pytest.mark.parametrize("status", ["scheduled", "cancelled"])
    def test_membership_before_everything_about_the_session(self, db, rpc, pair, people, status):
        session_id = make_session(db, pair.match_id, status)
        stranger = people.add("Cleo")
        with refused(db, "not_session_participant"):
            agree(rpc, stranger, session_id, proposed_at=DAY_AFTER)

    def test_whose_proposal_it_is_before_its_state(self, db, rpc, sides, proposed):
        rpc.as_user(sides.me).call("cancel_session", session_id=proposed)
        with refused(db, "self_agreement"):
            agree(rpc, sides.buddy, proposed)

    def test_a_suspension_before_the_proposal_and_the_state(self, db, rpc, sides, proposed):
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [sides.me])
        update_session(db, proposed, "status = 'cancelled'")
        with refused(db, "account_suspended", until=None):
            agree(rpc, sides.me, proposed, proposed_at=DAY_AFTER)

    def test_what_was_agreed_before_the_suspension_is_told_again(self, db, rpc, sides, proposed):
        agree(rpc, sides.me, proposed)
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [sides.me])
        assert agree(rpc, sides.me, proposed)["agreed_at"] is not None

    def test_the_proposal_before_the_state(self, db, rpc, sides, proposed):
        update_session(db, proposed, "status = 'cancelled'")
        with refused(db, "proposal_changed", state=state_of(db, sides.me, proposed)):
            agree(rpc, sides.me, proposed, proposed_at=DAY_AFTER)
