"""Who may name a session, and in which order that is checked: the same for every function that takes one."""

from uuid import uuid4

import pytest
from contract_errors import refused
from rows import make_session

FUNCTIONS = ("get_session", "start_session", "cancel_session", "confirm_session_completion")

every_function = pytest.mark.parametrize("function", FUNCTIONS)


@every_function
def test_an_unknown_session_is_refused(db, rpc, pair, function):
    with refused(db, "session_not_found"):
        rpc.as_user(pair.user1).call(function, session_id=uuid4())


@every_function
def test_the_id_of_a_match_is_not_one_of_a_session(db, rpc, pair, function):
    make_session(db, pair.match_id)
    with refused(db, "session_not_found"):
        rpc.as_user(pair.user1).call(function, session_id=pair.match_id)


@every_function
def test_somebody_outside_the_session_is_refused(db, rpc, pair, people, function):
    stranger = people.add("Cleo")
    session_id = make_session(db, pair.match_id)
    with refused(db, "not_session_participant"):
        rpc.as_user(stranger).call(function, session_id=session_id)


@every_function
@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_whoever_acts_for_somebody_outside_is_refused(db, rpc, pair, people, function, caller):
    stranger = people.add("Cleo")
    session_id = make_session(db, pair.match_id)
    with refused(db, "not_session_participant"):
        getattr(rpc, caller)().call(function, session_id=session_id, user_id=stranger)


class TestOrderOfChecks:
    @every_function
    def test_identity_before_arguments(self, db, rpc, pair, function):
        with refused(db, "acting_for_another"):
            rpc.as_user(pair.user1).call(function, session_id=None, user_id=pair.user2)

    @every_function
    def test_a_profile_before_arguments(self, db, rpc, people, function):
        newcomer = people.auth_only()
        with refused(db, "profile_incomplete"):
            rpc.as_user(newcomer).call(function, session_id=None)

    @every_function
    def test_arguments_before_existence(self, db, rpc, pair, function):
        with refused(db, "missing_argument", argument="session_id"):
            rpc.as_user(pair.user1).call(function, session_id=None)

    def test_the_reason_before_existence(self, db, rpc, pair):
        rule = "must be at most 500 characters"
        with refused(db, "invalid_argument", argument="reason", rule=rule):
            rpc.as_user(pair.user1).call("cancel_session", session_id=uuid4(), reason="x" * 501)

    def test_existence_before_the_buddy(self, db, rpc, pair):
        with refused(db, "session_not_found"):
            rpc.as_user(pair.user1).call(
                "confirm_session_completion", session_id=uuid4(), buddy_user_id=pair.user1
            )

    @pytest.mark.parametrize("named", ["themselves", "a participant", "nobody known"])
    def test_membership_before_the_buddy(self, db, rpc, pair, people, named):
        stranger = people.add("Cleo")
        session_id = make_session(db, pair.match_id)
        buddy_user_id = {"themselves": stranger, "a participant": pair.user1, "nobody known": uuid4()}[named]
        with refused(db, "not_session_participant"):
            rpc.as_user(stranger).call(
                "confirm_session_completion", session_id=session_id, buddy_user_id=buddy_user_id
            )

    @pytest.mark.parametrize("function", ["start_session", "cancel_session", "confirm_session_completion"])
    def test_membership_before_the_state(self, db, rpc, pair, people, function):
        stranger = people.add("Cleo")
        session_id = make_session(db, pair.match_id, "no_show")
        with refused(db, "not_session_participant"):
            rpc.as_user(stranger).call(function, session_id=session_id)

    @pytest.mark.parametrize("function", ["start_session", "confirm_session_completion"])
    def test_membership_before_the_time(self, db, rpc, pair, people, function):
        stranger = people.add("Cleo")
        session_id = make_session(db, pair.match_id, starts="1 day")
        with refused(db, "not_session_participant"):
            rpc.as_user(stranger).call(function, session_id=session_id)
