"""Who may report, answer, withdraw, decide and suspend, and in which order that is checked."""

from uuid import uuid4

import psycopg
import pytest
from contract_errors import refused
from fairness.noshows import missed, report, report_in_state, suspend
from harness import OPERATOR
from psycopg import IsolationLevel

ARGUMENTS = {
    "report_no_show": {"reason": "did_not_come"},
    "answer_no_show": {"action": "contest"},
    "withdraw_no_show": {},
}
OPERATIONS = {
    "decide_no_show": {"outcome": "dismiss", "absent_user_ids": None, "reason": "Seen"},
    "suspend_user": {"until": None, "reason": "Rude"},
    "lift_suspension": {"reason": "Sorry"},
}
TABLES = ("wingman.no_show_reports", "wingman.suspensions")
VIEWS = ("wingman_admin.no_show_queue", "wingman_admin.suspensions")
every_function = pytest.mark.parametrize("function", ARGUMENTS)


@pytest.fixture
def session_id(db, rpc, pair, request):
    """A session about which everything but a report by user1 is still possible."""
    session_id = missed(db, pair, by="both")
    if "report_no_show" not in request.node.name:
        report(rpc, pair.user1, session_id)
    return session_id


def who(pair, function):
    """Who of the two does it."""
    return pair.user2 if function == "answer_no_show" else pair.user1


def call(caller, function, **arguments):
    return caller.call(function, **{**ARGUMENTS[function], **arguments})


@every_function
def test_nobody_signed_in_is_refused(db, rpc, session_id, function):
    with refused(db, "not_authenticated"):
        call(rpc.as_user("nobody"), function, session_id=session_id)


@every_function
def test_a_user_does_it_for_nobody_else(db, rpc, pair, people, session_id, function):
    stranger = people.add()
    with refused(db, "acting_for_another"):
        call(rpc.as_user(stranger), function, session_id=session_id, user_id=who(pair, function))


@every_function
def test_the_one_who_does_it_needs_a_profile(db, rpc, people, session_id, function):
    newcomer = people.auth_only()
    with refused(db, "profile_incomplete"):
        call(rpc.as_user(newcomer), function, session_id=session_id)


@every_function
def test_a_profile_comes_before_arguments(db, rpc, people, session_id, function):
    newcomer = people.auth_only()
    with refused(db, "profile_incomplete"):
        call(rpc.as_user(newcomer), function, session_id=None)


@every_function
@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_name_whom_they_act_for(db, rpc, pair, session_id, function, caller):
    caller = getattr(rpc, caller)()
    assert call(caller, function, session_id=session_id, user_id=who(pair, function))["status"]
    with refused(db, "missing_argument", argument="user_id"):
        call(caller, function, session_id=session_id)
    with refused(db, "user_not_found"):
        call(caller, function, session_id=session_id, user_id=uuid4())


@every_function
def test_only_read_committed_and_read_write(db, rpc, pair, session_id, function):
    caller = rpc.as_user(who(pair, function))
    caller.connection.read_only = True
    with refused(db, "read_only_transaction"):
        call(caller, function, session_id=session_id)
    caller.connection.read_only = False
    caller.connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with refused(db, "unsupported_isolation"):
        call(caller, function, session_id=session_id)


@every_function
def test_the_same_key_gets_the_same_answer(db, rpc, pair, session_id, function):
    caller = rpc.as_user(who(pair, function))
    first = call(caller, function, session_id=session_id, idempotency_key="once")
    assert call(caller, function, session_id=session_id, idempotency_key="once") == first
    with refused(db, "idempotency_key_reused"):
        call(caller, function, session_id=uuid4(), idempotency_key="once")


@every_function
def test_people_without_a_location_do_it_too(db, rpc, pair, session_id, function):
    db.execute("delete from public.user_locations")
    assert call(rpc.as_user(who(pair, function)), function, session_id=session_id)["status"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_only_operators_decide(db, rpc, pair, operation):
    subject = {"session_id" if operation == "decide_no_show" else "user_id": uuid4()}
    for caller in (rpc.as_user(pair.user1), rpc.as_anon()):
        with pytest.raises(Exception, match="permission denied"):
            caller.call(f"wingman_admin.{operation}", **subject, **OPERATIONS[operation])


@pytest.mark.parametrize("table", [*TABLES, *VIEWS])
def test_users_read_none_of_it(db, rpc, pair, operator, table):
    report_in_state(db, rpc, pair, "open")
    suspend(operator, pair.user2)
    for caller in (rpc.as_user(pair.user1), rpc.as_user(pair.user2), rpc.as_anon()):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), caller.transaction():
            caller.assume_identity()
            caller.connection.execute(f"select from {table}")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["select from {}", "delete from {}", "insert into {} default values"])
def test_not_even_operators_touch_the_tables(connect, table, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect(user=OPERATOR).execute(statement.format(table))


@pytest.mark.parametrize("view", VIEWS)
def test_operators_and_the_service_read_the_views(db, rpc, connect, pair, operator, view):
    report_in_state(db, rpc, pair, "open")
    suspend(operator, pair.user2)
    service = rpc.as_service()
    with service.transaction():
        service.assume_identity()
        assert service.connection.execute(f"select * from {view}").rowcount == 1
    assert connect(user=OPERATOR).execute(f"select * from {view}").rowcount == 1
