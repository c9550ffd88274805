"""A login with any SQL, its own schema and temporary objects: none of its code runs as the owner."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from harness import Connection
from psycopg.rows import scalar_row
from security.allowed import API, EXECUTORS, READERS
from security.arguments import GoodCall, sensible_calls
from security.intruder import Intruder, claims_of
from security.inventory import Function
from security.shared_world import postgresql  # noqa: F401
from security.traps import SCHEMA, Alarm
from security.victims import World

GoodCalls = dict[str, list[GoodCall]]

PATHS = [
    f"{SCHEMA}, pg_temp, pg_catalog, public, wingman",
    f"pg_temp, {SCHEMA}, pg_catalog, public, wingman",
]


@contextmanager
def search_path(connection: Connection, path: str) -> Iterator[Alarm]:
    """The traps on a connection's path, and what they catch."""
    connection.execute(f"set search_path = {path}")
    yield Alarm(connection)
    connection.execute("reset search_path")


def call_everything(connection: Connection, good_calls: GoodCalls) -> set[str]:
    """Call every function by both names with every role that can, read every table; the results."""
    user_id, _ = good_calls["get_profile"][0]
    reader = Intruder(connection, claims=claims_of(user_id))
    readable = [table for table, readers in READERS.items() if "authenticated" in readers]
    return {reader.attempt(f"table {table}").name for table in readable} | {
        Intruder(connection, claims=claims_of(user_id))
        .call(f"{schema}.{name}", {"user_id": None, **arguments})
        .name
        for name, calls in good_calls.items()
        for user_id, arguments in calls
        for schema in ("public", "wingman")
    }


# What a maintainer's statement sets off.
DIRECT_SQL = [
    "update wingman.matchmaking_pool set pending_match_id = null",
    "delete from wingman.matchmaking_pool",
    "update wingman.reputation_events set delta = 1",
    "update public.wingman_sessions set status = 'scheduled'",
    "update public.wingman_matches set status = 'pending'",
    "update wingman.settings set settle_limit = 3",
    "delete from public.wingman_sessions",
]


def act_with_power(superuser: Connection, world: World, inventory: dict[str, Function]) -> None:
    """What users cannot do: delete accounts, call what is for operators alone, and write to tables."""
    platform = Intruder(superuser, "none")
    for user_id in world.users.values():
        platform.attempt("delete from auth.users as u where u.id operator(pg_catalog.=) %s", [user_id])
    for statement in DIRECT_SQL:
        platform.attempt(statement)
    for qualified, roles in EXECUTORS.items():
        if "authenticated" not in roles:
            operator = Intruder(superuser, min(roles, key="wingman_admin".__ne__))
            function = inventory[qualified]
            whom = {"user_id": world.users["victim"]} if "user_id" in function.by_name else {}
            for arguments in sensible_calls(world, function):
                operator.call(qualified, {**arguments, **whom})


@pytest.mark.representatives("hostile,*")
@pytest.mark.parametrize("path", PATHS)
def test_nothing_planted_runs_in_any_call(hostile, good_calls, path):
    with search_path(hostile, path) as alarm:
        assert call_everything(hostile, good_calls) == {"answered"}
    assert alarm.rung == []


@pytest.mark.parametrize("path", PATHS)
def test_nothing_planted_runs_in_a_refusal(hostile, world, inventory, path):
    nobody = Intruder(hostile, claims=claims_of(world.users["stranger"]))
    with search_path(hostile, path) as alarm:
        refused = {
            nobody.call(f"public.{name}", {**arguments, "user_id": world.users["victim"]}).name
            for name in API
            for arguments in [next(sensible_calls(world, inventory[f"public.{name}"]))]
        }
        for arguments in sensible_calls(world, inventory["public.confirm_session_completion"]):
            nobody.call("public.confirm_session_completion", arguments)
    assert refused == {"acting_for_another"}
    assert alarm.rung == []


def test_nothing_planted_runs_for_the_powerful(hostile, superuser, world, inventory):
    with search_path(superuser, PATHS[0]) as alarm:
        act_with_power(superuser, world, inventory)
    assert alarm.rung == []


def test_every_definer_was_called_with_the_traps_about(hostile, superuser, inventory, good_calls, world):
    superuser.execute("set track_functions = 'all'")
    with search_path(superuser, PATHS[0]):
        act_with_power(superuser, world, inventory)
    with search_path(hostile, PATHS[0]):
        call_everything(hostile, {name: calls[:5] for name, calls in good_calls.items()})
    for connection in (superuser, hostile):
        connection.execute("select pg_stat_force_next_flush()")
        connection.execute("select")
    called = superuser.cursor(row_factory=scalar_row).execute(
        "select schemaname || '.' || funcname from pg_stat_user_functions"
    )
    definers = {function.qualified for function in inventory.values() if function.is_definer}
    assert definers - set(called) == set()


def test_the_traps_catch_definers_that_leave_their_path_open(hostile, superuser, inventory, good_calls):
    definers = [function for function in inventory.values() if function.is_definer]
    try:
        for function in definers:
            superuser.execute(f"alter function {function.signature} reset search_path")
        with search_path(hostile, PATHS[0]) as alarm:
            call_everything(hostile, {name: calls[:5] for name, calls in good_calls.items()})
    finally:
        for function in definers:
            superuser.execute(f"alter function {function.signature} set search_path = pg_catalog, pg_temp")
    assert {rung.split(" as ")[1] for rung in alarm.rung} == {"wingman_owner"}


def test_a_cheap_leaky_condition_sees_no_row_that_its_login_may_not_read(hostile, world, judge):
    """PostgreSQL asks policies first, however little a function in the WHERE claims to cost."""
    hostile.execute(
        f"""create or replace function {SCHEMA}.leak(line pg_catalog.text) returns boolean
            language plpgsql cost 0.0000001
            as $$ begin raise notice '%', line; return true; end $$"""
    )
    heard: list[str] = []
    hostile.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
    for who in ("stranger", "former", "newcomer"):
        intruder = Intruder(hostile, claims=claims_of(world.users[who]))
        for table, readers in READERS.items():
            if "authenticated" in readers:
                intruder.attempt(
                    f"select from {table} as x where {SCHEMA}.leak(pg_catalog.to_jsonb(x)::pg_catalog.text)"
                )
        assert heard or who == "newcomer"
        assert judge.secrets.told_in("\n".join(heard), world.users[who]) == set()
        heard.clear()
