"""What a login that can run any SQL can set, become, make and look up: nothing that helps it."""

from collections.abc import Iterator

import pytest
from harness import Connection
from psycopg import sql
from security.allowed import READERS
from security.arguments import GoodCall
from security.intruder import Intruder, claims_of
from security.shared_world import postgresql  # noqa: F401

# Settings that are neither on, off nor one of a few words.
SETTINGS = {
    "client_encoding": ["LATIN1", "SQL_ASCII"],
    "datestyle": ["SQL, DMY", "German", "Postgres, MDY"],
    "default_table_access_method": ["heap"],
    "default_tablespace": ["pg_global"],
    "extra_float_digits": ["-15", "3"],
    "join_collapse_limit": ["1"],
    "lc_numeric": ["C"],
    "lc_time": ["C"],
    "lock_timeout": ["1", "1d"],
    "plpgsql.extra_errors": ["all"],
    "plpgsql.extra_warnings": ["all"],
    "request.headers": ["{", '{"sub": "x"}'],
    "request.jwt.claim.role": ["service_role"],
    "request.method": ["GET"],
    "search_path": ["", "pg_temp", "nowhere"],
    "statement_timeout": ["1min"],
    "temp_buffers": ["100"],
    "timezone": ["Asia/Kathmandu", "-15:59", "<x>+3"],
    "work_mem": ["64kB"],
}
# How a writing call refuses a transaction in which it cannot keep its word.
REFUSALS = {
    ("transaction_isolation", "serializable"): "unsupported_isolation",
    ("transaction_isolation", "repeatable read"): "unsupported_isolation",
    ("transaction_isolation", "read uncommitted"): "unsupported_isolation",
    ("transaction_read_only", "on"): "read_only_transaction",
}

FORBIDDEN = [
    "set role wingman_owner",
    "set role wingman_admin",
    "set role wingman_worker",
    "set role service_role",
    "set role {superuser}",
    "set session authorization wingman_owner",
    "set session authorization {superuser}",
    "set session_replication_role = replica",
    "set plpgsql.variable_conflict = use_column",
    "set zero_damaged_pages = on",
    "load 'auto_explain'",
    "grant wingman_owner to current_user",
    "grant service_role to current_user",
    "alter role current_user bypassrls",
    "alter role current_user superuser",
    "alter role wingman_owner login",
    "alter role authenticator set search_path = hostile",
    "alter database {database} set search_path = hostile",
    "create role mine",
    "create schema mine",
    "drop extension plpgsql",
    "create event trigger mine on ddl_command_end execute function hostile.trip()",
    "create cast (pg_catalog.uuid as pg_catalog.json) with inout",
    "create table public.mine ()",
    "create table wingman.mine ()",
    "create function public.mine() returns void language plpgsql as 'begin end'",
    "create function wingman.mine() returns void language plpgsql as 'begin end'",
    "create type public.mine as enum ('mine')",
    "create operator wingman.= (function = hostile.operator_0, leftarg = uuid, rightarg = uuid)",
    "alter function wingman.acting_user_id(pg_catalog.uuid, pg_catalog.bool) reset search_path",
    "alter function wingman.acting_user_id(pg_catalog.uuid, pg_catalog.bool) owner to current_user",
    "drop function wingman.acting_user_id(pg_catalog.uuid, pg_catalog.bool)",
    "alter type public.match_details add attribute mine text",
    "alter schema wingman owner to current_user",
    "alter default privileges for role wingman_owner grant all on tables to public",
    "reassign owned by wingman_owner to current_user",
    "drop owned by wingman_owner",
    "comment on function wingman.acting_user_id(pg_catalog.uuid, pg_catalog.bool) is 'mine'",
    "grant execute on function wingman.acting_user_id(pg_catalog.uuid, pg_catalog.bool) to current_user",
    "table auth.users",
    "delete from auth.users",
    "table pg_catalog.pg_statistic",
    "table pg_catalog.pg_authid",
    "select pg_catalog.pg_read_file('/etc/passwd')",
    "select pg_catalog.pg_ls_dir('.')",
    "copy (select 1) to program 'id'",
    "copy (select 1) to '/tmp/mine'",
]


def user_settings(db: Connection) -> Iterator[tuple[str, str]]:
    """Everything that any login may set, and each value that it is not."""
    for row in db.execute(
        """select s.name, array_remove(
               case s.vartype when 'bool' then '{on,off}'::text[] else s.enumvals end, s.setting
           ) as values
           from pg_settings as s
           where s.context = 'user' and s.vartype in ('bool', 'enum')
           order by s.name"""
    ):
        for value in row["values"]:
            yield row["name"], value
    for name, values in SETTINGS.items():
        for value in values:
            yield name, value


def outcome_under(hostile: Connection, setting: str, value: str, function: str, call: GoodCall) -> str:
    user_id, arguments = call
    intruder = Intruder(hostile, claims=claims_of(user_id))
    # a separate statement, since a transaction's own settings come before any query
    first = sql.SQL("set local {} = {}").format(sql.SQL(setting), sql.Literal(value))
    return intruder.call(function, arguments, first=first).name


@pytest.mark.exhaustive
def test_no_setting_changes_what_a_call_does(hostile, superuser, inventory, good_calls):
    settings = list(user_settings(superuser))
    assert len(settings) > 100
    wrong = {}
    for setting, value in settings:
        for name, calls in good_calls.items():
            function = inventory[f"public.{name}"]
            expected = (function.is_volatile and REFUSALS.get((setting, value))) or "answered"
            found = outcome_under(hostile, setting, value, function.qualified, calls[0])
            if found != expected:
                wrong[setting, value, name] = found
    assert wrong == {}


@pytest.mark.parametrize("role", ["none", "authenticated"])
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_login_cannot(hostile, superuser, world, role, statement):
    intruder = Intruder(hostile, role, claims_of(world.users["stranger"]))
    names = {"superuser": superuser.info.user, "database": superuser.info.dbname}
    outcome = intruder.attempt(statement.format_map(names))
    assert outcome.is_forbidden, str(outcome)


@pytest.mark.parametrize("table", [name for name, roles in READERS.items() if "authenticated" in roles])
def test_row_security_switched_off_is_an_error_and_shows_no_row(hostile, world, table):
    intruder = Intruder(hostile, claims=claims_of(world.users["victim"]))
    assert intruder.attempt(f"table {table}").rows
    assert intruder.attempt(f"table {table}", first="set local row_security = off").is_forbidden


def test_no_catalog_of_postgresql_tells_what_is_anothers(hostile, superuser, world, judge):
    superuser.execute("analyze")
    views = superuser.execute(
        """select format('%I', c.relname) as name from pg_class as c
           where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'v'"""
    ).fetchall()
    assert len(views) > 60
    me = world.users["stranger"]
    intruder = Intruder(hostile, claims=claims_of(me))
    for view in views:
        told = intruder.attempt(
            f"select pg_catalog.row_to_json(x)::text as row from pg_catalog.{view['name']} as x"
        )
        assert judge.secrets.told_in(told.text, me) == set(), view
