"""Every function and table against claims that are missing, malformed, of another role or left behind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from security.allowed import API, READERS, ROLES
from security.arguments import sensible_calls
from security.intruder import Intruder, Outcome, claims_of, run
from security.inventory import Function, relations
from security.shared_world import postgresql  # noqa: F401
from security.victims import World

# None of them names anybody; @ is the victim's id.
NAMELESS = {
    "never set": None,
    "empty": "",
    "blank": " ",
    "not JSON": "{'sub': '@'}",
    "cut off": '{"sub": "@"',
    "an id alone": "@",
    "a string": '"@"',
    "a number": "7",
    "null": "null",
    "true": "true",
    "a list": '[{"sub": "@"}]',
    "without sub": '{"role": "authenticated"}',
    "a stronger role without sub": '{"role": "service_role"}',
    "sub of another spelling": '{"Sub": "@", "SUB": "@", "user_id": "@", "uid": "@"}',
    "sub deeper": '{"app_metadata": {"sub": "@"}}',
    "sub null": '{"sub": null}',
    "sub empty": '{"sub": ""}',
    "sub a number": '{"sub": 7}',
    "sub a huge number": '{"sub": 1e400000}',
    "sub a list": '{"sub": ["@"]}',
    "sub an object": '{"sub": {"sub": "@"}}',
    "sub with something after": '{"sub": "@ or true"}',
    "sub two ids": '{"sub": "@,@"}',
    "sub an attack": '{"sub": "@\' or 1=1 --"}',
    "sub with NUL": '{"sub": "@\\u0000"}',
    "sub half a character": '{"sub": "@\\ud800"}',
    "sub in wide digits": '{"sub": "\uff11\uff12345678-1234-1234-1234-123456789012"}',
    "sub turned around": '{"sub": "\u202e@"}',
    "sub of many characters": f'{{"sub": "{"0" * 200_000}"}}',
    "deep": "[" * 100_000,
    "deep and whole": "[" * 5_000 + "]" * 5_000,
}


def doors(inventory: dict[str, Function]) -> Iterator[Function]:
    """The front door and the entry points behind it."""
    return (inventory[f"{schema}.{name}"] for name in API for schema in ("public", "wingman"))


def call(intruder: Intruder, world: World, function: Function, **more: Any) -> Outcome:
    """A call that a user could make."""
    return intruder.call(
        function.qualified, {**next(sensible_calls(world, function)), "user_id": None, **more}
    )


@pytest.fixture
def tables(superuser) -> list[str]:
    return [relation.qualified for relation in relations(superuser)]


@pytest.fixture
def victim(world) -> str:
    return str(world.users["victim"])


def nameless(name: str, victim: str) -> str | None:
    claims = NAMELESS[name]
    return claims and claims.replace("@", victim)


@pytest.mark.representatives("never set", "not JSON", "sub an attack", "a stronger role without sub")
@pytest.mark.parametrize("name", NAMELESS)
def test_claims_that_name_nobody_let_nobody_in(connect, world, inventory, victim, name):
    intruder = Intruder.logged_in(connect, "authenticated", nameless(name, victim))
    for function in doors(inventory):
        user_id = victim if function.schema == "public" else None
        assert call(intruder, world, function, user_id=user_id).name == "not_authenticated", function


@pytest.mark.representatives("never set", "not JSON", "sub an attack", "a stronger role without sub")
@pytest.mark.parametrize("name", NAMELESS)
def test_claims_that_name_nobody_read_nothing(connect, tables, victim, name):
    intruder = Intruder.logged_in(connect, "authenticated", nameless(name, victim))
    for table in tables:
        outcome = intruder.attempt(f"table {table}")
        assert outcome.name == ("answered" if "authenticated" in READERS[table] else "42501"), table
        assert outcome.rows == (), table


@pytest.mark.parametrize(
    "claimed_role", ["anon", "service_role", "wingman_admin", "wingman_owner", "postgres"]
)
def test_the_role_of_the_claims_gives_nothing(connect, world, inventory, tables, judge, victim, claimed_role):
    me = world.users["stranger"]
    claims = {"sub": str(me), "role": claimed_role, "is_admin": True, "app_metadata": {"role": claimed_role}}
    intruder = Intruder.logged_in(connect, "authenticated", json.dumps(claims))
    for function in doors(inventory):
        assert call(intruder, world, function, user_id=victim).name == "acting_for_another"
    for table in tables:
        read = intruder.attempt(f"select to_jsonb(x)::text as row from {table} as x").text
        assert judge.secrets.told_in(read, me) == set()


@pytest.mark.parametrize("role", ["anon", "authenticator"])
def test_claims_open_nothing_to_a_role_that_may_do_nothing(connect, world, inventory, tables, victim, role):
    claims = json.dumps({"sub": victim, "role": "service_role"})
    intruder = Intruder.logged_in(connect, role, claims)
    for function in doors(inventory):
        assert call(intruder, world, function, user_id=victim).is_forbidden
    for table in tables:
        assert intruder.attempt(f"table {table}").is_forbidden


@pytest.mark.parametrize("role", ["service_role", "wingman_admin"])
def test_claims_do_not_stand_for_the_name_that_a_service_must_give(connect, world, inventory, victim, role):
    intruder = Intruder.logged_in(connect, role, claims_of(victim))
    for function in doors(inventory):
        outcome = call(intruder, world, function)
        assert (outcome.name, "user_id is required") == ("missing_argument", outcome.text.splitlines()[0])


@pytest.mark.representatives("authenticated-*", "anon-commit")
@pytest.mark.parametrize("end", ["commit", "rollback", "error"])
@pytest.mark.parametrize("role", ROLES[:2] + ROLES[-1:])
def test_nothing_is_left_of_the_call_before_on_a_pooled_connection(
    connect, world, inventory, tables, victim, role, end
):
    connection = connect(user="authenticator")
    before = Intruder(connection, claims=claims_of(victim))
    after = Intruder.logged_in(lambda user: connection, role)
    refusal = "not_authenticated" if role == "authenticated" else "42501"

    def a_call_of_the_victim() -> None:
        connection.execute("begin")
        before.assume_identity()
        assert run(connection, "select public.get_profile()").error is None
        if end == "error":
            assert run(connection, "select public.get_match(null)").error
        connection.execute("commit" if end == "commit" else "rollback")

    for function in doors(inventory):
        a_call_of_the_victim()
        assert call(after, world, function).name == refusal
        assert call(after, world, function, user_id=victim).name == refusal
    for table in tables:
        a_call_of_the_victim()
        assert after.attempt(f"table {table}").rows == ()


@pytest.mark.parametrize(
    "setting", ["request.jwt.claim.sub", "request.jwt.sub", "jwt.claims.sub", "auth.uid"]
)
def test_no_other_setting_names_the_user(connect, world, inventory, victim, setting):
    intruder = Intruder.logged_in(connect, "authenticated")
    intruder.connection.execute("select set_config(%s, %s, false)", [setting, victim])
    for function in doors(inventory):
        assert call(intruder, world, function).name == "not_authenticated"
