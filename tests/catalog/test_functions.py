"""The catalog is read whole: functions, their arguments, nullability and errors."""

import re

import psycopg
import pytest
from wingmanmatch.catalog.functions import Argument, read_catalog
from wingmanmatch.database.connection import connect


def test_every_function_that_users_may_call_is_found(db, catalog):
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
        for function in sorted(catalog.functions.values(), key=lambda function: function.name)
    ]
    assert found == callable_ones


def test_the_first_line_of_a_comment_ends_with_a_sentence(db, catalog):
    comments = db.execute(
        """select p.proname as name, obj_description(p.oid, 'pg_proc') as comment
           from pg_proc as p
           where p.pronamespace = 'public'::regnamespace and p.proname = any(%s)""",
        [list(catalog.functions)],
    ).fetchall()
    assert len(comments) == len(catalog.functions)
    assert not [row["name"] for row in comments if not row["comment"].partition("\n")[0].endswith(".")]


def test_whoever_may_log_in_reads_the_same(database_url, catalog):
    with psycopg.connect(database_url, user="authenticator", autocommit=True) as connection:
        assert read_catalog(connection) == catalog


def test_errors_are_those_of_the_catalogue(db, catalog):
    names = {row["name"] for row in db.execute("select name from wingman.error_catalogue()")}
    told = {name for function in catalog.functions.values() for name in function.errors}
    comments = db.execute(
        """select obj_description(p.oid, 'pg_proc') as comment from pg_proc as p
           where p.pronamespace = 'wingman_admin'::regnamespace"""
    )
    # what only operators meet
    told.update(*(re.findall(r"\w+_\w+", row["comment"].partition("\nErrors: ")[2]) for row in comments))
    assert told == names
    for function in catalog.functions.values():
        assert len(set(function.errors)) == len(function.errors), function.name


def test_who_writes_has_a_key_and_its_errors(catalog):
    for function in catalog.functions.values():
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
    argument = Argument("argument", "text", False, default, "")
    assert (argument.default_value, argument.takes_null) == (value, takes_null)


def test_a_default_that_is_computed_is_refused():
    with pytest.raises(ValueError, match="not a constant: now"):
        _ = Argument("argument", "text", False, "now()", "").default_value


def test_a_comment_must_explain_every_argument(database_url):
    with connect(database_url) as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "comment on function public.get_match(uuid, uuid) is"
            " 'One. user_id: whom for. Result: the match. Errors: busy.'"
        )
        with pytest.raises(ValueError, match="does not explain match_id"):
            read_catalog(connection)
