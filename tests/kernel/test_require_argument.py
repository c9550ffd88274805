"""Which arguments may be null."""

import pytest
from calls import CALLS, OPTIONAL, REQUIRED
from contract_errors import refused
from harness import RpcError


def pairs(table):
    return [(function, argument) for function, arguments in table.items() for argument in arguments]


def outcome(caller, function, **arguments):
    """The answer without its times, or the name of the error."""
    try:
        answer = caller.call(function, **arguments)
    except RpcError as error:
        return error.name
    if isinstance(answer, dict):
        answer.pop("updated_at", None)
    return answer


@pytest.mark.parametrize(("function", "argument"), pairs(REQUIRED))
def test_null_is_refused_by_the_name_of_the_argument(db, rpc, people, function, argument):
    caller = rpc.as_user(people.add())
    with refused(db, "missing_argument", argument=argument):
        caller.call(function, **{**CALLS[function], argument: None})


@pytest.mark.parametrize(("function", "argument"), pairs(OPTIONAL))
def test_null_says_the_same_as_leaving_it_out(rpc, people, function, argument):
    caller = rpc.as_user(people.add())
    left_out = outcome(caller, function, **CALLS[function])
    assert left_out != "missing_argument"
    assert outcome(caller, function, **{**CALLS[function], argument: None}) == left_out
