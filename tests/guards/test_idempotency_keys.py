"""Any number of calls with one key have one effect: the first answer again, and nothing done twice."""

from uuid import UUID

import pytest
from arranged import arranged
from contract_errors import refused
from harness import Caller, Rpc, RpcError, in_thread, wait_until_blocked
from headers import request, response_headers
from kernel.calls import WRITING
from rows import all_rows, make_match, make_pair, make_session

MARK = {"Idempotency-Replayed": "true"}


@pytest.mark.representatives(
    "create_automatic_match*",
    "respond_to_match*",
    "confirm_session_completion*",
    "report_no_show*",
    "erase_my_account",
)
@pytest.mark.parametrize("function", WRITING)
def test_the_same_call_again_gets_the_first_answer_and_writes_nothing(db, rpc, people, function) -> None:
    user_id, arguments = arranged(function, db, people)
    first = rpc.as_user(user_id).call(function, **arguments, idempotency_key="k")
    rows = all_rows(db)
    assert rpc.as_user(user_id).call(function, **arguments, idempotency_key="k") == first
    assert all_rows(db) == rows
    assert len(rows["wingman.idempotency_keys"]) == 1


@pytest.mark.representatives(
    "create_automatic_match*", "respond_to_match*", "confirm_session_completion*", "report_no_show*"
)
@pytest.mark.parametrize("function", WRITING)
def test_a_call_without_a_key_keeps_no_answer(db, rpc, people, function) -> None:
    user_id, arguments = arranged(function, db, people)
    rpc.as_user(user_id).call(function, **arguments)
    assert all_rows(db)["wingman.idempotency_keys"] == []


@pytest.mark.representatives(
    "create_automatic_match*", "respond_to_match*", "confirm_session_completion*", "report_no_show*"
)
@pytest.mark.parametrize("function", WRITING)
def test_the_key_is_of_one_function(db, rpc, people, function) -> None:
    user_id, arguments = arranged(function, db, people)
    other = "pause_matching" if function != "pause_matching" else "resume_matching"
    rpc.as_user(user_id).call(other, idempotency_key="k")
    with refused(db, "idempotency_key_reused"):
        rpc.as_user(user_id).call(function, **arguments, idempotency_key="k")


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": "Snow"},
        {"reason": None},
        {"session_id": UUID(int=1)},
    ],
    ids=str,
)
def test_the_key_is_of_these_arguments(db, rpc, people, changed) -> None:
    user_id, arguments = arranged("cancel_session", db, people)
    rpc.as_user(user_id).call("cancel_session", **arguments, idempotency_key="k")
    with refused(db, "idempotency_key_reused"):
        rpc.as_user(user_id).call("cancel_session", **{**arguments, **changed}, idempotency_key="k")


def test_null_is_not_the_word_null(db, rpc, people) -> None:
    user_id, arguments = arranged("cancel_session", db, people)
    rpc.as_user(user_id).call("cancel_session", **{**arguments, "reason": None}, idempotency_key="k")
    with refused(db, "idempotency_key_reused"):
        rpc.as_user(user_id).call("cancel_session", **{**arguments, "reason": "null"}, idempotency_key="k")


def test_the_time_zone_and_the_digits_of_a_session_do_not_matter(db, rpc, people) -> None:
    user_id, arguments = arranged("create_session", db, people)
    first = rpc.as_user(user_id).call("create_session", **arguments, idempotency_key="k")
    caller = rpc.as_user(user_id)
    caller.connection.execute("set timezone = 'Asia/Kathmandu'")
    assert caller.call("create_session", **arguments, idempotency_key="k") == first

    place = arranged("complete_profile", db, people)[1]
    rpc.as_user(user_id).call("complete_profile", **place, idempotency_key="place")
    caller.connection.execute("set extra_float_digits = -10")
    assert caller.call("complete_profile", **place, idempotency_key="place")["bio"] == "New"


def test_a_key_is_its_user_s_own(db, rpc, people) -> None:
    ana, ben = people.add("Ana"), people.add("Ben")
    rpc.as_user(ana).call("pause_matching", idempotency_key="k")
    rpc.as_user(ben).call("resume_matching", idempotency_key="k")
    assert len(all_rows(db)["wingman.idempotency_keys"]) == 2


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_who_acts_for_a_user_shares_the_user_s_keys(db, rpc, people, caller) -> None:
    ana = people.add("Ana")
    first = rpc.as_user(ana).call("pause_matching", idempotency_key="k")
    rpc.as_user(ana).call("resume_matching")
    assert getattr(rpc, caller)().call("pause_matching", user_id=ana, idempotency_key="k") == first
    assert all_rows(db)["wingman.matchmaking_pool"][0]["paused"] is False


def test_errors_are_not_kept(db, rpc, people) -> None:
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id)
    db.execute(
        "update public.wingman_sessions set scheduled_time = statement_timestamp() + interval '1 hour'"
    )
    caller = rpc.as_user(pair.user1)
    with pytest.raises(RpcError) as caught:
        caller.call("confirm_session_completion", session_id=session_id, idempotency_key="k")
    assert caught.value.name == "session_not_started"
    db.execute("update public.wingman_sessions set scheduled_time = statement_timestamp()")
    answer = caller.call("confirm_session_completion", session_id=session_id, idempotency_key="k")
    assert answer["success"] is True


def test_key_work_and_answer_end_together(db, rpc, people) -> None:
    ana = people.add()
    caller = rpc.as_user(ana)
    with caller.transaction() as transaction:
        caller.call("pause_matching", idempotency_key="k")
        transaction.force_rollback = True
    assert all_rows(db)["wingman.idempotency_keys"] == []
    assert caller.call("resume_matching", idempotency_key="k")["success"] is True


@pytest.mark.parametrize("length", [1, 255])
def test_keys_of_1_to_255_characters(rpc, people, length) -> None:
    caller = rpc.as_user(people.add())
    key = "é" * length
    assert caller.call("pause_matching", idempotency_key=key)["success"] is True


@pytest.mark.parametrize("length", [0, 256])
def test_no_other_keys(db, rpc, people, length) -> None:
    caller = rpc.as_user(people.add())
    with refused(db, "idempotency_key_invalid"):
        caller.call("pause_matching", idempotency_key="é" * length)


@pytest.mark.parametrize("header", ["k", '"k"'], ids=["bare", "quoted"])
def test_the_header_serves_as_well(rpc, people, header) -> None:
    caller = rpc.as_user(people.add())
    with request(caller, {"idempotency-key": header}):
        first = caller.call("pause_matching")
        assert response_headers(caller) == []
    with request(caller, {"idempotency-key": header}):
        assert caller.call("pause_matching") == first
        assert response_headers(caller) == [MARK]
    caller.call("resume_matching")
    with request(caller, {"idempotency-key": header}):
        # both, and the same
        assert caller.call("pause_matching", idempotency_key="k") == first


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_a_quoted_header_may_hold_anything(db, connect, people, conforming) -> None:
    options = f"-c standard_conforming_strings={conforming}"
    caller = Rpc(lambda **login: connect(options=options, **login), db).as_user(people.add())
    with request(caller, {"idempotency-key": r'"a, \"b\" \\c"', "x-request-id": r'"\"'}):
        caller.call("pause_matching")
    assert all_rows(db)["wingman.events"][-1]["source"].endswith('\t"\\"')
    assert all_rows(db)["wingman.idempotency_keys"][0]["idempotency_key"] == r'a, "b" \c'


@pytest.mark.parametrize(
    "header",
    # \ufffd: what PostgREST reads for any byte that is no UTF-8
    ["", '""', "a, b", '"a", "b"', '"a', "x" * 256, "caf\ufffd", "café", '"café"'],
)
def test_a_header_that_is_no_key(db, rpc, people, header) -> None:
    caller = rpc.as_user(people.add())
    with refused(db, "idempotency_key_invalid"), request(caller, {"idempotency-key": header}):
        caller.call("pause_matching")


def test_two_different_keys_are_none(db, rpc, people) -> None:
    caller = rpc.as_user(people.add())
    with refused(db, "idempotency_key_invalid"), request(caller, {"idempotency-key": "a"}):
        caller.call("pause_matching", idempotency_key="b")


@pytest.mark.parametrize("headers", ["", "{}", "no JSON", "[]", '{"x-request-id": "1"}'])
def test_other_headers_are_no_key(db, rpc, people, headers) -> None:
    caller = rpc.as_user(people.add())
    with request(caller, headers):
        caller.call("pause_matching")
    assert all_rows(db)["wingman.idempotency_keys"] == []


def test_the_mark_does_not_reach_the_next_call_of_the_transaction(rpc, people) -> None:
    caller = rpc.as_user(people.add())
    caller.call("pause_matching", idempotency_key="k")
    with caller.transaction():
        caller.connection.execute("""select set_config('response.headers', '[{"X-Other": "1"}]', true)""")
        caller.call("pause_matching", idempotency_key="k")
        assert response_headers(caller) == [{"X-Other": "1"}, MARK]
        caller.call("pause_matching", idempotency_key="k")
        assert response_headers(caller) == [{"X-Other": "1"}, MARK]
        caller.call("resume_matching")
        assert response_headers(caller) == [{"X-Other": "1"}]


def test_a_twin_waits_for_the_first_and_gets_its_answer(db, rpc, people) -> None:
    user_id, arguments = arranged("confirm_session_completion", db, people)
    first, twin = rpc.as_user(user_id), rpc.as_user(user_id)
    pid = twin.pid
    with first.transaction():
        answer = first.call("confirm_session_completion", **arguments, idempotency_key="k")
        twin_call = in_thread(twin.call, "confirm_session_completion", **arguments, idempotency_key="k")
        wait_until_blocked(db, pid, by=first.pid)
    assert twin_call.result() == answer


def test_a_twin_of_a_call_that_was_rolled_back_does_the_work(db, rpc, people) -> None:
    user_id, arguments = arranged("confirm_session_completion", db, people)
    first, twin = rpc.as_user(user_id), rpc.as_user(user_id)
    pid = twin.pid
    with first.transaction() as transaction:
        answer = first.call("confirm_session_completion", **arguments, idempotency_key="k")
        twin_call = in_thread(twin.call, "confirm_session_completion", **arguments, idempotency_key="k")
        wait_until_blocked(db, pid, by=first.pid)
        transaction.force_rollback = True
    assert twin_call.result() == answer
    assert len(all_rows(db)["wingman.idempotency_keys"]) == 1


@pytest.mark.parametrize(("age", "kept"), [("71:59:59", True), ("72:00:01", False)])
def test_answers_are_kept_for_72_hours(db, rpc, people, age, kept) -> None:
    caller = rpc.as_user(people.add())
    caller.call("pause_matching", idempotency_key="k")
    caller.call("resume_matching")
    db.execute("update wingman.idempotency_keys set created_at = statement_timestamp() - %s::interval", [age])
    caller.call("pause_matching", idempotency_key="k")
    assert all_rows(db)["wingman.matchmaking_pool"][0]["paused"] is not kept
    caller.call("pause_matching", idempotency_key="k")
    assert len(all_rows(db)["wingman.idempotency_keys"]) == 1


def test_a_replay_is_answered_before_anything_else_is_looked_at(db, rpc, people) -> None:
    pair = make_pair(db, people, "pending")
    caller = rpc.as_user(pair.user1)
    arguments = {"match_id": pair.match_id, "action": "decline", "idempotency_key": "k"}
    first = caller.call("respond_to_match", **arguments)
    db.execute("delete from wingman.match_searches")
    db.execute("delete from public.wingman_matches")
    assert caller.call("respond_to_match", **arguments) == first


def test_nobody_else_s_answer_is_read_by_naming_the_key(db, rpc, people) -> None:
    ana, ben = people.add("Ana"), people.add("Ben")
    rpc.as_user(ana).call("pause_matching", idempotency_key="k")
    with refused(db, "acting_for_another"):
        rpc.as_user(ben).call("pause_matching", user_id=ana, idempotency_key="k")


def test_a_declined_match_is_declined_once_whatever_is_sent(db, rpc, people) -> None:
    ana, ben = people.add("Ana"), people.add("Ben")
    people.add("Cleo")
    match_id = make_match(db, ana, ben, "pending")
    callers: list[Caller] = [rpc.as_user(ana) for _ in range(5)]
    calls = [
        in_thread(one.call, "respond_to_match", match_id=match_id, action="decline", idempotency_key="k")
        for one in callers
    ]
    answers = [call.result() for call in calls]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["next_match"] is not None
    assert len(all_rows(db)["public.wingman_matches"]) == 2
