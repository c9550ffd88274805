"""Any input in a function of operators, servers or workers: by contract, and no other tables are written."""

import json
from typing import Any
from uuid import UUID

import pytest
from races.invariants import violations
from security.allowed import EXECUTORS, OPERATORS_WRITES
from security.arguments import sensible
from security.by_contract import breach
from security.intruder import Intruder, Outcome
from security.inventory import Function
from security.shared_world import postgresql  # noqa: F401
from security.test_fuzz import ODD
from security.victims import Rows, Snapshots

RUN_BY_THE_CLOCK = {"wingman.run_maintenance", "wingman.run_readers"}
OF_SERVERS_AND_WORKERS = {
    *("wingman.confirm_email_address", "wingman.unsubscribe"),
    *("wingman.claim_deliveries", "wingman.settle_deliveries"),
}
NAMES = sorted(
    name
    for name in EXECUTORS
    if name.startswith("wingman_admin.") or name in RUN_BY_THE_CLOCK | OF_SERVERS_AND_WORKERS
)
SETTLED = (
    '{"id": "01900000-0000-7000-8000-000000000000", "token": "01900000-0000-4000-8000-000000000000",'
    ' "outcome": "retry", "error": "http_503", "retry_after_seconds": %s}'
)
ODD_JSON = [
    *("", "null", "[]", "{}", "7", '"settle_limit"', '{"settle_limit": null}', '{"settle_limit": {}}'),
    *('{"settle_limit": 1e400}', '{"settle_limit": "9 days"}', '{"match_lifetime": "a while"}'),
    *('{"match_lifetime": -1}', '{"match_lifetime": "infinity"}', '{"id": false}', '{"no such": 1}'),
    *('{"automatic_match_cost": "1 s"}', '{"confirm_limit": 0}', '{"confirm_limit": 1.5}', '{"": 1}'),
    *('{"match_lifetime": "1 mon"}', '{"settle_limit": 99999999999}', "{" * 5_000, '{"a": "\\u0000"}'),
    *("[null]", "[7]", "[[]]", "[{}]", '[{"id": 7}]', '["x"]', f"[{SETTLED % 'null'}, {SETTLED % 'null'}]"),
    *(f"[{SETTLED % after}]" for after in ("-1", "1e9", "1e400", '"NaN"', '"a while"', "[]", "{}")),
]
# What the login must have done before.
FIRST = {"resolve_report": "select r.* from wingman.user_reports as u, wingman_admin.take_report(u.id) as r"}
# In this world there is nothing to reconcile, no reader to remove, and nothing left to read or to settle.
IDLE = {
    *("wingman_admin.reconcile_reputation", "wingman_admin.reconcile_achievements"),
    "wingman_admin.remove_reader",
    *("wingman.run_readers", "wingman.settle_deliveries"),
}
ODD_IDS = [
    *("", "{}", "{null}", "{x}", "null", "{01900000-0000-7000-8000-000000000000}", "{{}}", "[1:0]={}"),
    "{{01900000-0000-7000-8000-000000000000},{01900000-0000-7000-8000-000000000000}}",
    f"{{{','.join(['01900000-0000-7000-8000-000000000000'] * 1_000)}}}",
]
ODD_WORDS = [
    *("", "{}", "{null}", "{x}", "null", "{match_offered,match_offered}", "{{match_offered}}", "[1:0]={}"),
    *("[5:5]={match_offered}", "{email_confirmation}", f"{{{','.join(['match_offered'] * 1_000)}}}"),
]
ODD_INTERVALS = [
    *(
        "",
        "0",
        "-0",
        "-1",
        "1 day",
        "P1M",
        "168:00:00",
        "168:00:00.000001",
        "infinity",
        "-infinity",
        "1e9 years",
    ),
    *("1e-9 seconds", "24 h 1 mon -1 mon", "maybe", "99999999999999999999 hours"),
]


def odd_values(type_: str) -> list[str]:
    more = {"jsonb": ODD_JSON, "uuid[]": ODD_IDS, "text[]": ODD_WORDS, "interval": ODD_INTERVALS}
    return {**ODD, **more}[type_]


def changed(before: Rows, after: Rows) -> set[str]:
    """The tables of which a row is another one, new, or no more, but for the journal."""
    return {
        table
        for table in before.keys() | after.keys()
        if before.get(table) != after.get(table) and not table.startswith("events")
    }


class Operators:
    """Calls as an operator, or as the server or worker whose function it is, and undoes it."""

    def __init__(self, superuser: Any) -> None:
        self._db = superuser
        self._snapshots = Snapshots(superuser)
        self._before = self._snapshots.rows()
        self._untouched = self._snapshots.hash()

    def call(self, function: Function, arguments: dict[str, Any]) -> tuple[Outcome, list[str], set[str]]:
        """The answer, what is wrong with it, and the tables that it changed."""
        wrong: list[str] = []
        tables: set[str] = set()

        def look_at_rows() -> None:
            if self._snapshots.hash() != self._untouched:
                tables.update(changed(self._before, self._snapshots.rows()))
                wrong.extend(violations(self._db))

        role = min(EXECUTORS[function.qualified], key="wingman_admin".__ne__)
        intruder = Intruder(self._db, role)
        outcome = intruder.call(function.qualified, arguments, look_at_rows, FIRST.get(function.name))
        wrong += [found for found in [breach(outcome, function)] if found]
        wrong += [f"writes {table}" for table in tables - OPERATORS_WRITES[function.name]]
        assert self._snapshots.hash() == self._untouched
        return outcome, wrong, tables


@pytest.fixture
def operators(superuser, world) -> Operators:
    return Operators(superuser)


def base(world: Any, function: Function) -> list[dict[str, Any]]:
    """Sensible arguments, one id after the other."""
    values = {name: sensible(world, function, argument) for name, argument in function.by_name.items()}
    ids = [name for name, found in values.items() if isinstance(found[0], UUID)]
    first = {name: found[0] for name, found in values.items()}
    others = [{**first, name: value} for name in ids for value in values[name][1:]]
    if "absent_user_id" in ids:
        others = [
            {**one, "absent_user_id": user} for one in [first, *others] for user in world.users.values()
        ]
    if "absent_user_ids" in values:
        others += [
            {**one, "outcome": "uphold", "absent_user_ids": absent}
            for one in [first, *others]
            for absent in values["absent_user_ids"][1:]
        ]
    return [first, *others]


@pytest.mark.representatives("*.change_settings", "*.decide_no_show", "*.suspend_user", "*.cancel_session")
@pytest.mark.parametrize("name", NAMES)
def test_an_odd_value_is_taken_or_refused_by_contract(operators, inventory, world, name):
    function = inventory[name]
    sensible_ones = base(world, function)
    outcomes = [operators.call(function, arguments) for arguments in sensible_ones]
    assert [wrong for _, wrong, _ in outcomes if wrong] == []
    answered = [
        arguments
        for arguments, (outcome, _, _) in zip(sensible_ones, outcomes, strict=True)
        if outcome.error is None
    ]
    writing = [arguments for arguments, (_, _, tables) in zip(sensible_ones, outcomes, strict=True) if tables]
    arguments = (writing or answered or sensible_ones)[0]
    assert answered or name == "wingman_admin.remove_reader", "No sensible call is answered"
    assert bool(writing) == bool(OPERATORS_WRITES[function.name] and name not in IDLE)
    for argument in function.arguments:
        for odd in (None, *odd_values(argument.type)):
            _, wrong, _ = operators.call(function, {**arguments, argument.name: odd})
            assert wrong == [], (argument.name, odd)


# test_function_access.py reads every privilege
@pytest.mark.representatives("*.change_settings", "*.erase_user", "*.mark_no_show")
@pytest.mark.parametrize("name", NAMES)
def test_nobody_else_calls_it(superuser, inventory, world, name):
    function = inventory[name]
    arguments = base(world, function)[0]
    for role in ("anon", "authenticated"):
        claims = json.dumps({"sub": str(world.users["victim"]), "role": role})
        outcome = Intruder(superuser, role, claims).call(function.qualified, arguments)
        assert outcome.sqlstate == "42501", (role, outcome)
