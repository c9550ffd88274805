"""Each refusal leaves a line in the server's log, though everything it did is rolled back."""

import json
from uuid import uuid4

import pytest
from guards.headers import request
from harness import RpcError
from rows import make_pair


@pytest.fixture
def logged():
    """Lets a caller hear what the server logs of the calls it makes."""

    def listen(caller) -> list:
        lines: list[dict] = []

        def hear(diagnostic) -> None:
            if diagnostic.severity_nonlocalized == "LOG":
                lines.append(json.loads(diagnostic.message_primary))

        caller.connection.execute("set client_min_messages = log")
        caller.connection.add_notice_handler(hear)
        return lines

    return listen


def test_a_refused_call(db, rpc, people, logged):
    pair = make_pair(db, people)
    caller = rpc.as_user(pair.user1)
    lines = logged(caller)
    with request(caller, {"x-request-id": 'one "two"\nthree'}), pytest.raises(RpcError):
        caller.call("respond_to_match", match_id=pair.match_id, action="decline")
    assert lines == [
        {
            "event": "refusal",
            "error": "match_already_resolved",
            "status": 400,
            "user_id": str(pair.user1),
            "call": "respond_to_match",
            "request_id": 'one "two"\nthree',
        }
    ]


def test_a_reading_call_is_told_by_the_user_of_its_token(rpc, people, logged):
    ana = people.add()
    caller = rpc.as_user(ana)
    lines = logged(caller)
    with pytest.raises(RpcError):
        caller.call("get_match", match_id=uuid4())
    assert lines == [
        {
            "event": "refusal",
            "error": "match_not_found",
            "status": 404,
            "user_id": str(ana),
            "call": None,
            "request_id": None,
        }
    ]


def test_an_idempotency_key_is_no_request_id(rpc, people, logged):
    caller = rpc.as_user(people.add())
    lines = logged(caller)
    with pytest.raises(RpcError):
        caller.call("end_match", match_id=uuid4(), idempotency_key="§")
    with request(caller, {"idempotency-key": "%"}), pytest.raises(RpcError):
        caller.call("end_match", match_id=uuid4())
    assert [(line["call"], line["request_id"]) for line in lines] == [("end_match", None)] * 2


def test_nobody_in_particular(rpc, logged):
    caller = rpc.as_user("nobody")
    lines = logged(caller)
    with pytest.raises(RpcError):
        caller.call("get_profile")
    assert [(line["error"], line["status"], line["user_id"]) for line in lines] == [
        ("not_authenticated", 401, None)
    ]


def test_nothing_that_the_caller_said_is_in_it(rpc, people, logged):
    caller = rpc.as_user(people.add())
    lines = logged(caller)
    with pytest.raises(RpcError):
        caller.call("complete_profile", first_name="§", experience_level="§", lat=99, lng=0)
    (line,) = lines
    assert set(line) == {"event", "error", "status", "user_id", "call", "request_id"}
    assert (line["error"], line["call"]) == ("invalid_argument", "complete_profile")
    assert "§" not in json.dumps(line, ensure_ascii=False)


def test_it_is_one_line(rpc, people, logged):
    caller = rpc.as_user(people.add())
    heard = []
    caller.connection.execute("set client_min_messages = log")
    caller.connection.add_notice_handler(lambda diagnostic: heard.append(diagnostic.message_primary))
    with request(caller, {"x-request-id": "a\nb"}), pytest.raises(RpcError):
        caller.call("end_match", match_id=uuid4())
    assert len(heard) == 1
    assert "\n" not in heard[0]


def test_an_answered_call_logs_nothing(rpc, people, logged):
    caller = rpc.as_user(people.add())
    lines = logged(caller)
    caller.call("get_profile")
    caller.call("create_automatic_match")
    assert lines == []
