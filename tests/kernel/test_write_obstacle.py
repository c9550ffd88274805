"""Writing functions run in read-write transactions at READ COMMITTED alone; reading ones run anywhere."""

import pytest
from calls import READING, WRITING
from contract_errors import refused
from psycopg import IsolationLevel
from rows import make_pair, make_session, update_session

OTHER_LEVELS = [
    IsolationLevel.READ_UNCOMMITTED,
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.SERIALIZABLE,
]


@pytest.mark.representatives("c*-SERIALIZABLE", "pause_matching-*")
@pytest.mark.parametrize("level", OTHER_LEVELS, ids=lambda level: level.name)
@pytest.mark.parametrize("function", WRITING)
def test_writing_refuses_every_other_isolation_level(db, rpc, people, function, level):
    caller = rpc.as_user(people.add())
    caller.connection.isolation_level = level
    with refused(db, "unsupported_isolation"):
        caller.call(function, **WRITING[function])


@pytest.mark.representatives(
    "create_automatic_match*", "respond_to_match*", "confirm_session_completion*", "report_no_show*"
)
@pytest.mark.parametrize("function", WRITING)
def test_writing_refuses_a_read_only_transaction(db, rpc, people, function):
    caller = rpc.as_user(people.add())
    caller.connection.read_only = True
    with refused(db, "read_only_transaction"):
        caller.call(function, **WRITING[function])


@pytest.mark.parametrize("function", READING)
def test_reading_answers_the_same_in_a_serializable_read_only_transaction(db, rpc, people, function):
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, "proposed_by = user1_id")
    rpc.as_user(pair.user2).call("report_no_show", session_id=session_id, reason="did_not_come")
    rpc.as_service().call("wingman.run_readers")
    those = {"match_id": pair.match_id, "session_id": session_id, "period": "week"}
    arguments = {name: those[name] for name in READING[function]}

    caller, strict = rpc.as_user(pair.user1), rpc.as_user(pair.user1)
    strict.connection.isolation_level = IsolationLevel.SERIALIZABLE
    strict.connection.read_only = True
    answer, same = caller.call(function, **arguments), strict.call(function, **arguments)
    assert answer
    if function == "export_my_data":
        assert same.pop("exported_at") > answer.pop("exported_at")
    assert same == answer
