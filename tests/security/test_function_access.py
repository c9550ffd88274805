"""Every function, every role: any role that the allow-list does not name is refused."""

import pytest
from harness import Connect, Connection
from security.allowed import API, EXECUTORS, NOBODY, ROLES
from security.intruder import Intruder, Outcome
from security.inventory import Function, functions
from security.shared_world import postgresql  # noqa: F401


def is_turned_away(outcome: Outcome, function: Function) -> bool:
    """Refused for this function itself or its schema, not for one that it calls."""
    doors = (
        f"permission denied for function {function.name}",
        f"permission denied for schema {function.schema}",
    )
    return outcome.is_forbidden and outcome.text.splitlines()[0] in doors


def offences(connect: Connect, db: Connection, role: str) -> list[str]:
    """What a role can execute beyond the allow-list, and cannot execute of it."""
    intruder = Intruder.logged_in(connect, role)
    found = []
    for function in functions(db):
        outcome = intruder.attempt(function.call_with_nulls)
        if role in EXECUTORS.get(function.qualified, NOBODY):
            wrong = outcome.error is not None and not outcome.sqlstate.startswith("PT")
        else:
            wrong = not is_turned_away(outcome, function)
        if wrong:
            found.append(f"{function.qualified}: {outcome}")
    return found


def test_there_are_functions_only(inventory):
    # a procedure or an aggregate would be called in another way
    assert {function.kind for function in inventory.values()} == {"f"}
    assert len(inventory) > 80


def test_the_front_door_and_its_engine_are_what_the_list_says(inventory):
    assert {function.name for function in inventory.values() if function.schema == "public"} == set(API)
    assert set(EXECUTORS) <= set(inventory)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_can_be_executed_but_what_the_list_says(connect, superuser, role):
    assert offences(connect, superuser, role) == []
