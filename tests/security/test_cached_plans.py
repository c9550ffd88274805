"""A statement prepared and used by one user of a pooled connection reveals nothing to the next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from harness import Connection
from security.allowed import CALLERS, EXECUTORS, INLINED, READERS
from security.intruder import Intruder, Outcome, claims_of
from security.shared_world import postgresql  # noqa: F401

# After five executions PostgreSQL may keep one plan for all.
OFTEN = 6

Execute = Callable[..., Outcome]


@contextmanager
def prepared(connection: Connection, by: str, statement: str) -> Iterator[Execute]:
    """Executes one prepared statement, as PostgREST's pool does, with one identity after the other."""
    # names are looked up once, for a role that may look into the schema
    connection.execute(f"set role {by}")
    connection.execute(f"prepare kept as {statement}")
    connection.execute("reset role")

    def execute(role: str, claims: str = "") -> Outcome:
        return Intruder(connection, role, claims).attempt("execute kept")

    yield execute
    connection.execute("deallocate kept")


def first_of(roles: set[str]) -> str:
    return "authenticated" if "authenticated" in roles else "service_role"


@pytest.mark.representatives("public.*", "wingman_admin.*")
@pytest.mark.parametrize(
    "qualified", sorted(name for name in EXECUTORS if name not in INLINED and EXECUTORS[name] & CALLERS)
)
def test_no_function_runs_for_those_who_come_after(connect, world, inventory, qualified):
    roles = EXECUTORS[qualified]
    victim = claims_of(world.users["victim"])
    connection = connect(user="authenticator")
    with prepared(connection, first_of(roles), inventory[qualified].call_with_nulls) as execute:
        for _ in range(OFTEN):
            assert not execute(first_of(roles), victim).is_forbidden
        assert execute("anon", victim).is_forbidden
        assert execute("none", victim).is_forbidden
        nobody = execute("authenticated")
        assert nobody.is_forbidden == ("authenticated" not in roles)
        # a policy's helper answers with nobody
        assert nobody.error or all(value is None for row in nobody.rows for value in row.values())


@pytest.mark.representatives("authenticated-public.*", "service_role-wingman_admin.audit_log")
@pytest.mark.parametrize("table", [name for name, roles in READERS.items() if roles])
@pytest.mark.parametrize("before", ["service_role", "authenticated"])
def test_no_table_shows_the_rows_of_the_one_before(connect, world, judge, table, before):
    roles = READERS[table]
    victim = claims_of(world.users["victim"])
    connection = connect(user="authenticator")
    with prepared(
        connection, first_of(roles), f"select to_jsonb(x)::text as row from {table} as x"
    ) as execute:
        for _ in range(OFTEN):
            assert bool(execute(before, victim).rows) == (before in roles)
        for who in ("partner", "former", "stranger", "newcomer"):
            outcome = execute("authenticated", claims_of(world.users[who]))
            assert judge.secrets.told_in(outcome.text, world.users[who]) == set()
            assert outcome.is_forbidden == ("authenticated" not in roles)
        assert execute("authenticated").rows == ()
        assert execute("anon", victim).is_forbidden
        assert execute("none", victim).is_forbidden
