"""Rules that every object keeps: an owner, a comment, a fixed search_path, no write without a WHERE."""

import re

import pytest
from psycopg.rows import scalar_row

OURS = "('public'::regnamespace, 'wingman'::regnamespace, 'wingman_admin'::regnamespace)"
NOT_OF_AN_EXTENSION = """not exists (
    select from pg_depend as d where d.objid = {oid} and d.classid = '{catalog}'::regclass and d.deptype = 'e'
)"""
OUR_FUNCTIONS = f"""pg_proc as p where p.pronamespace in {OURS}
    and {NOT_OF_AN_EXTENSION.format(oid="p.oid", catalog="pg_proc")}"""
# Alembic makes its own table.
OUR_RELATIONS = f"""pg_class as c where c.relnamespace in {OURS} and c.relname not like 'alembic_version%'
    and {NOT_OF_AN_EXTENSION.format(oid="c.oid", catalog="pg_class")}"""


@pytest.fixture
def listed(db):
    """The values that a query gives, as texts."""

    def run(query: str) -> list[str]:
        return db.cursor(row_factory=scalar_row).execute(query).fetchall()

    return run


def test_there_are_objects_to_look_at(listed):
    assert len(listed(f"select p.oid::regprocedure::text from {OUR_FUNCTIONS}")) > 60
    tables = f"{OUR_RELATIONS} and c.relkind in ('r', 'p') and not c.relispartition"
    assert len(listed(f"select c.oid::regclass::text from {tables}")) == 45


# `return <expression>` is read once, when the function is made: no search_path can change what it means, and
# without a SET of its own PostgreSQL can inline it
PARSED_WHEN_MADE = "p.prosqlbody is not null and not p.prosecdef"
# Its body is a text: an SQL-standard one that takes the row of a table would keep columns from being added.
INLINED_TEXT = "p.oid = 'wingman.session_details_of(public.wingman_sessions, uuid)'::regprocedure"


def test_every_function_has_a_fixed_search_path(listed):
    without = listed(
        f"""select p.oid::regprocedure::text from {OUR_FUNCTIONS}
            and not ({PARSED_WHEN_MADE}) and not {INLINED_TEXT}
            and 'search_path=pg_catalog, pg_temp' <> all (coalesce(p.proconfig, '{{}}'))"""
    )
    assert without == []


def test_what_an_inlined_text_says_depends_on_no_search_path(listed):
    (body,) = listed(f"select p.prosrc from pg_proc as p where {INLINED_TEXT} and not p.prosecdef")
    operators = re.findall(r"[-+*/<>=~!@#%^&|]+", body.replace("operator(pg_catalog.=)", ""))
    functions = set(re.findall(r"(\w+)\(", body)) - {"row", "operator"}
    assert (operators, functions, re.findall(r"::(\S+)", body)) == ([], set(), ["public.session_details"])


def test_every_function_is_plpgsql(listed):
    # an inlined function of the front door would be checked for EXECUTE when planned, not when called
    others = listed(
        f"""select p.oid::regprocedure::text from {OUR_FUNCTIONS}
            and not ({PARSED_WHEN_MADE} and p.pronamespace = 'wingman'::regnamespace) and not {INLINED_TEXT}
            and p.prolang <> (select l.oid from pg_language as l where l.lanname = 'plpgsql')"""
    )
    assert others == []


def test_no_function_with_an_sql_body_takes_the_row_of_a_table(listed):
    # PostgreSQL 15.20 and its contemporaries then refuse to add a column with a default to that table
    takers = listed(
        f"""select p.oid::regprocedure::text from {OUR_FUNCTIONS} and p.prosqlbody is not null and exists (
                select from unnest(p.proargtypes || p.prorettype) as a (type)
                inner join pg_type as t on t.oid = a.type or t.typarray = a.type
                inner join pg_class as c on c.oid = t.typrelid
                where c.relkind in ('r', 'p', 'v', 'm')
            )"""
    )
    assert takers == []


def test_every_table_takes_a_new_column(db, listed):
    tables = listed(
        f"""select c.oid::regclass::text from {OUR_RELATIONS}
            and c.relkind in ('r', 'p') and not c.relispartition"""
    )
    with db.transaction(force_rollback=True):
        db.execute("set local role wingman_owner")
        for table in tables:
            db.execute(f"alter table {table} add column shade text not null default 'none'")
        for table in tables:
            db.execute(f"alter table {table} drop column shade")


def test_no_function_is_overloaded(listed):
    overloaded = listed(
        f"select p.oid::regproc::text from {OUR_FUNCTIONS} and (p.pronamespace, p.proname) in ("
        "  select pronamespace, proname from pg_proc group by 1, 2 having count(*) > 1)"
    )
    assert overloaded == []


def test_every_function_has_a_comment(listed):
    without = listed(
        f"""select p.oid::regprocedure::text from {OUR_FUNCTIONS}
            and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''"""
    )
    assert without == []


def test_every_table_and_composite_type_has_a_comment(listed):
    without = listed(
        f"""select c.oid::regclass::text from {OUR_RELATIONS} and c.relkind in ('r', 'p', 'v', 'm', 'c')
            and coalesce(
                obj_description(case c.relkind when 'c' then c.reltype else c.oid end,
                                case c.relkind when 'c' then 'pg_type' else 'pg_class' end),
                ''
            ) = ''"""
    )
    assert without == []


def test_every_column_and_attribute_has_a_comment(listed):
    without = listed(
        f"""select c.oid::regclass::text || '.' || a.attname
            from pg_attribute as a inner join (select c.* from {OUR_RELATIONS}) as c on c.oid = a.attrelid
            where c.relkind in ('r', 'p', 'v', 'm', 'c') and a.attnum > 0 and not a.attisdropped
                and coalesce(col_description(c.oid, a.attnum), '') = ''"""
    )
    assert without == []


def test_the_schema_of_the_engine_has_a_comment(listed):
    assert listed("select obj_description('wingman'::regnamespace, 'pg_namespace')") != [None]


def test_everything_belongs_to_wingman_owner(listed):
    others = listed(
        f"""select 'schema wingman' from pg_namespace
            where nspname = 'wingman' and nspowner <> 'wingman_owner'::regrole
            union all
            select p.oid::regprocedure::text from {OUR_FUNCTIONS} and p.proowner <> 'wingman_owner'::regrole
            union all
            select c.oid::regclass::text from {OUR_RELATIONS} and c.relowner <> 'wingman_owner'::regrole
            union all
            select t.oid::regtype::text from pg_type as t
            where t.typnamespace in {OURS} and t.typowner <> 'wingman_owner'::regrole"""
    )
    assert others == []


def without_comments_and_literals(body: str) -> str:
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'|\$sql\$.*?\$sql\$", " ", body, flags=re.DOTALL)


@pytest.fixture
def bodies(db):
    """The source of every function by name, its comments and literals taken out."""
    found = db.execute(f"select p.oid::regproc::text as name, p.prosrc as body from {OUR_FUNCTIONS}")
    return {row["name"]: without_comments_and_literals(row["body"]) for row in found}


UPDATE_OR_DELETE = re.compile(r"\b(?:update|delete\s+from)\s+(?:only\s+)?\w+\.\w+[^;]*")


def test_no_function_updates_or_deletes_without_where(bodies):
    statements = [
        statement for body in bodies.values() for statement in UPDATE_OR_DELETE.findall(body.lower())
    ]
    assert len(statements) > 10
    assert [statement for statement in statements if not re.search(r"\bwhere\b", statement)] == []


def test_no_update_or_delete_escapes_that_look(bodies):
    # the lock clause and the upsert are the other uses of these words
    known = re.compile(r"\bfor (no key )?update\b|\bdo update\b")
    escaped = {
        name
        for name, body in bodies.items()
        if re.search(
            r"\b(update|delete|truncate|merge)\b", known.sub(" ", UPDATE_OR_DELETE.sub(" ", body.lower()))
        )
    }
    assert escaped == set()


def test_no_function_has_dynamic_sql_but_those_that_name_the_partitions_of_months(bodies):
    assert {name for name, body in bodies.items() if re.search(r"\bexecute\b", body.lower())} == {
        "wingman.make_event_partitions",
        "wingman.drop_event_partitions",
    }


def test_a_backslash_stands_in_escape_strings_only(listed):
    # anywhere else its meaning depends on standard_conforming_strings, which a database or a login can set
    escape_string = r"\me'([^'\\]|\\.|'')*'"
    offenders = listed(
        f"""select p.oid::regprocedure::text from {OUR_FUNCTIONS}
            and regexp_replace(p.prosrc, $re${escape_string}$re$, '', 'gi') like '%\\\\%'"""
    )
    assert offenders == []


def test_an_exception_handler_that_refuses_names_its_call(bodies):
    # the rollback before it takes the name away: the log would not say what was refused
    handlers = {
        name: re.split(r"\n    when [\w ]+ then\n", body.split("\nexception\n", 1)[1])[1:]
        for name, body in bodies.items()
        if "\nexception\n" in body and re.search(r"wingman\.begin_(call|operation)\(", body)
    }
    assert len(handlers) > 15
    nameless = {
        name
        for name, branches in handlers.items()
        for branch in branches
        if not re.search(r"wingman\.name_call\((.|\n)*wingman\.(raise|refuse)_\w+\(", branch)
    }
    assert nameless == set()
