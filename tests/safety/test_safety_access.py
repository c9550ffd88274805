"""Who may block, unblock and report whom, and in which order that is checked."""

from uuid import uuid4

import pytest
from contract_errors import refused
from psycopg import IsolationLevel

ARGUMENTS = {"block_user": {}, "unblock_user": {}, "report_user": {"reason": "Shouted at me"}}

every_function = pytest.mark.parametrize("function", ARGUMENTS)


@pytest.fixture
def ana(people):
    return people.add("Ana")


@pytest.fixture
def ben(people):
    return people.add("Ben")


def call(caller, function, **arguments):
    return caller.call(function, **ARGUMENTS[function], **arguments)


@every_function
def test_nobody_signed_in_is_refused(db, rpc, ben, function):
    with refused(db, "not_authenticated"):
        call(rpc.as_user("nobody"), function, subject_id=ben)


@every_function
def test_a_user_does_it_for_nobody_else(db, rpc, ana, ben, people, function):
    cem = people.add("Cem")
    with refused(db, "acting_for_another"):
        call(rpc.as_user(ana), function, subject_id=cem, user_id=ben)


@every_function
def test_the_one_who_does_it_needs_a_profile(db, rpc, people, ben, function):
    newcomer = people.auth_only()
    with refused(db, "profile_incomplete"):
        call(rpc.as_user(newcomer), function, subject_id=ben)


@every_function
@pytest.mark.parametrize("signed_up", [True, False], ids=["without a profile", "never heard of"])
def test_somebody_unknown_is_not_found(db, rpc, people, ana, function, signed_up):
    unknown = people.auth_only() if signed_up else uuid4()
    with refused(db, "user_not_found"):
        call(rpc.as_user(ana), function, subject_id=unknown)


@every_function
def test_a_deleted_account_is_not_found(db, rpc, ana, ben, function):
    db.execute("delete from auth.users where id = %s", [ben])
    with refused(db, "user_not_found"):
        call(rpc.as_user(ana), function, subject_id=ben)


@every_function
def test_the_subject_is_required(db, rpc, ana, function):
    with refused(db, "missing_argument", argument="subject_id"):
        call(rpc.as_user(ana), function, subject_id=None)


@every_function
def test_nobody_does_it_to_oneself(db, rpc, ana, function):
    with refused(db, "invalid_argument", argument="subject_id", rule="must be somebody else"):
        call(rpc.as_user(ana), function, subject_id=ana)


@every_function
@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_name_whom_they_act_for(db, rpc, ana, ben, function, caller):
    caller = getattr(rpc, caller)()
    assert call(caller, function, subject_id=ben, user_id=ana)["success"] is True
    with refused(db, "missing_argument", argument="user_id"):
        call(caller, function, subject_id=ben)
    with refused(db, "user_not_found"):
        call(caller, function, subject_id=ben, user_id=uuid4())
    with refused(db, "invalid_argument", argument="subject_id", rule="must be somebody else"):
        call(caller, function, subject_id=ana, user_id=ana)


@every_function
def test_people_without_a_location_do_it_too(db, rpc, ana, ben, function):
    db.execute("delete from public.user_locations")
    assert call(rpc.as_user(ana), function, subject_id=ben)["success"] is True


@every_function
def test_only_read_committed_and_read_write(db, rpc, ana, ben, function):
    caller = rpc.as_user(ana)
    caller.connection.read_only = True
    with refused(db, "read_only_transaction"):
        call(caller, function, subject_id=ben)
    caller.connection.read_only = False
    caller.connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with refused(db, "unsupported_isolation"):
        call(caller, function, subject_id=ben)


class TestOrderOfChecks:
    @every_function
    def test_identity_before_arguments(self, db, rpc, ana, ben, function):
        with refused(db, "acting_for_another"):
            call(rpc.as_user(ana), function, subject_id=None, user_id=ben)

    @every_function
    def test_a_profile_before_arguments(self, db, rpc, people, function):
        newcomer = people.auth_only()
        with refused(db, "profile_incomplete"):
            call(rpc.as_user(newcomer), function, subject_id=None)

    @every_function
    def test_a_profile_before_oneself(self, db, rpc, people, function):
        unknown = uuid4()
        with refused(db, "user_not_found"):
            call(rpc.as_service(), function, subject_id=unknown, user_id=unknown)
