"""The linter that looks into function bodies: no warning of any kind, over every function."""

import pytest
from harness import Connection

FINDINGS = """
    select p.oid::regprocedure::text as function, f.lineno, f.level, f.message, f.detail, f.hint
    from pg_proc as p
    inner join pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
    -- a trigger function is checked once for every table that fires it
    left join pg_trigger as t on t.tgfoid = p.oid
    cross join plpgsql_check_function_tb(
        p.oid, coalesce(t.tgrelid, 0),
        all_warnings => true,
        oldtable => t.tgoldtable, newtable => t.tgnewtable
    ) as f
    where p.pronamespace::regnamespace::text in ('public', 'wingman', 'wingman_admin')
"""


@pytest.fixture
def checked(db: Connection) -> Connection:
    db.execute("create extension plpgsql_check schema pg_catalog")
    return db


@pytest.mark.plpgsql_check
def test_no_function_has_a_warning(checked: Connection) -> None:
    assert checked.execute(FINDINGS).fetchall() == []


@pytest.mark.plpgsql_check
def test_a_warning_would_be_seen(checked: Connection) -> None:
    checked.execute(
        """
        create function wingman.careless() returns integer language plpgsql as $$
        declare
            _unused integer;
        begin
            return (select nothing from public.user_profiles);
        end $$
        """
    )
    found = checked.execute(FINDINGS).fetchall()
    assert {row["function"] for row in found} == {"wingman.careless()"}


@pytest.mark.plpgsql_check
def test_every_trigger_function_fires_somewhere(db: Connection) -> None:
    """One without a table would be checked without knowing its rows."""
    idle = db.execute(
        """
        select p.oid::regprocedure::text as function from pg_proc as p
        where p.prorettype = 'trigger'::regtype
            and p.pronamespace::regnamespace::text in ('public', 'wingman', 'wingman_admin')
            and not exists (select from pg_trigger as t where t.tgfoid = p.oid)
        """
    ).fetchall()
    assert idle == []
