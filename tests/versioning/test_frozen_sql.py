"""Frozen SQL reaches the server unchanged, through the driver and through psql."""

import psycopg
import pytest
from harness import psql
from versioning.conftest import NewDatabase
from versioning.tree import Tree

LITERAL = r"100% of :name, %s, %(name)s, :'x', $1, \n, '';"
BODY = r"""
begin
    return ':label' || '%s' || E'\t\\' || 5 % 3 || now()::date; -- it's $1, a ; and "
end
"""
SQL = f"""
comment on table public.things is '{LITERAL.replace("'", "''")}';
create or replace function wingman.label() returns text language plpgsql as $body${BODY}$body$;
comment on function wingman.label() is E'tab\\tand \\'quote\\'; :name %';
"""


def read(url: str) -> tuple[str, ...] | None:
    with psycopg.connect(url) as connection:
        return connection.execute(
            """
            select
                obj_description('public.things'::regclass, 'pg_class'),
                (select prosrc from pg_proc where oid = 'wingman.label()'::regprocedure),
                obj_description('wingman.label()'::regprocedure, 'pg_proc')
            """
        ).fetchone()


@pytest.fixture
def awkward(tree: Tree) -> Tree:
    with tree.frozen("0001*.up.sql").open("a") as file:
        file.write(SQL)
    return tree


def test_online(awkward: Tree, new_database: NewDatabase) -> None:
    url = new_database()
    awkward.upgrade(url)
    assert read(url) == (LITERAL, BODY, "tab\tand 'quote'; :name %")


def test_offline(awkward: Tree, new_database: NewDatabase) -> None:
    url = new_database()
    psql(url, stdin=awkward.offline_sql())
    assert read(url) == (LITERAL, BODY, "tab\tand 'quote'; :name %")


def test_error_names_file_and_line(tree: Tree, new_database: NewDatabase) -> None:
    file = tree.frozen("0001*.up.sql")
    file.write_text("-- one\n-- two\nselect nothing from nowhere;\n")
    with pytest.raises(psycopg.errors.UndefinedTable) as refused:
        tree.upgrade(new_database())
    assert refused.value.__notes__ == ["0001_the_start.up.sql, line 3"]
