"""Pages hold 1 to 100 rows."""

import pytest
from contract_errors import refused


@pytest.mark.parametrize("page_size", [-1, 0, 101, 2**31 - 1])
@pytest.mark.parametrize("function", ["list_matches", "list_sessions"])
def test_other_page_sizes_are_refused(db, rpc, people, function, page_size):
    caller = rpc.as_user(people.add())
    with refused(db, "invalid_argument", argument="page_size", rule="must be between 1 and 100"):
        caller.call(function, page_size=page_size)


@pytest.mark.parametrize("page_size", [1, 100])
@pytest.mark.parametrize("function", ["list_matches", "list_sessions"])
def test_the_smallest_and_the_largest_page_are_served(rpc, people, function, page_size):
    assert rpc.as_user(people.add()).call(function, page_size=page_size) == []


@pytest.mark.parametrize("function", ["list_matches", "list_sessions"])
def test_arguments_are_checked_for_a_user_without_a_profile_as_well(db, rpc, people, function):
    caller = rpc.as_user(people.auth_only())
    with refused(db, "invalid_argument", argument="page_size", rule="must be between 1 and 100"):
        caller.call(function, page_size=0)
