"""The catalog is read whole: functions, their arguments, nullability and errors."""

import inspect
import re
from typing import Any, get_args

import psycopg
import pytest
from wingmanmatch import AsyncCaller, errors, models
from wingmanmatch.contract.catalog import Argument, read_catalog
from wingmanmatch.database.connection import connect

COMMON = {
    "not_authenticated",
    "acting_for_another",
    "profile_incomplete",
    "user_not_found",
    "missing_argument",
    "invalid_argument",
    "unsupported_isolation",
    "busy",
    "read_only_transaction",
    "rate_limited",
    "idempotency_key_reused",
    "idempotency_key_invalid",
}
"""What the client's class names for all of its methods."""


def model_of(composite: str) -> Any:
    return getattr(models, "".join(word.capitalize() for word in composite.split("_")))


def test_every_function_that_users_may_call_is_found(db, contract):
    callable_ones = db.execute(
        """select p.proname as name, p.proretset as returns_set, p.provolatile = 'v' as writes,
               p.pronargs as arguments, p.pronargdefaults as defaults
           from pg_proc as p
           where p.pronamespace = 'public'::regnamespace
               and has_function_privilege('authenticated', p.oid, 'execute')
           order by 1"""
    ).fetchall()
    found = [
        {
            "name": function.name,
            "returns_set": function.returns_set,
            "writes": function.writes,
            "arguments": len(function.arguments),
            "defaults": sum(not argument.required for argument in function.arguments),
        }
        for function in sorted(contract.catalog.functions.values(), key=lambda function: function.name)
    ]
    assert found == callable_ones


def test_whoever_may_log_in_reads_the_same(database_url, contract):
    with psycopg.connect(database_url, user="authenticator", autocommit=True) as connection:
        assert read_catalog(connection) == contract.catalog


def test_types_are_the_models_with_their_nullability(contract):
    for composite in contract.catalog.types.values():
        fields = model_of(composite.name).model_fields
        assert list(fields) == [attribute.name for attribute in composite.attributes]
        for attribute in composite.attributes:
            may_be_null = type(None) in get_args(fields[attribute.name].annotation)
            assert attribute.nullable == may_be_null, f"{composite.name}.{attribute.name}"


def test_errors_are_those_of_the_catalogue(db, contract):
    names = {row["name"] for row in db.execute("select name from wingman.error_catalogue()")}
    told = {name for function in contract.catalog.functions.values() for name in function.errors}
    assert told == names
    for function in contract.catalog.functions.values():
        assert len(set(function.errors)) == len(function.errors), function.name


def test_errors_are_those_of_the_clients_docstrings(contract):
    for function in contract.catalog.functions.values():
        told = inspect.getdoc(getattr(AsyncCaller, function.name)) or ""
        classes = re.findall(r"^    (\w+): ", told.partition("Raises:")[2], re.M)
        raised = {errors.error_name(getattr(errors, name)) for name in classes}
        assert raised <= set(function.errors), function.name
        assert set(function.errors) <= raised | COMMON, function.name


def test_who_writes_has_a_key_and_its_errors(contract):
    for function in contract.catalog.functions.values():
        assert ("idempotency_key" in function.by_argument) == function.writes
        assert ("idempotency_key_reused" in function.errors) == function.writes
        assert ("read_only_transaction" in function.errors) == function.writes
        assert ("busy" in function.errors) == function.writes


@pytest.mark.parametrize(
    ("default", "value", "takes_null"),
    [
        (None, None, False),
        ("NULL::uuid", None, True),
        ("20", 20, False),
        ("'-5'::integer", "-5", False),
        ("'precise'::text", "precise", False),
        ("''::character varying", "", False),
    ],
)
def test_defaults_are_values(default, value, takes_null):
    argument = Argument("argument", "text", default, "")
    assert (argument.default_value, argument.takes_null) == (value, takes_null)


def test_a_default_that_is_computed_is_refused():
    with pytest.raises(ValueError, match="no constant: now"):
        _ = Argument("argument", "text", "now()", "").default_value


def test_a_comment_must_explain_every_argument(database_url):
    with connect(database_url) as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "comment on function public.get_match(uuid, uuid) is"
            " 'One. user_id: whom for. Result: the match. Errors: busy.'"
        )
        with pytest.raises(ValueError, match="does not explain match_id"):
            read_catalog(connection)
