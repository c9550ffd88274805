"""Between two tests of a file, everything that the first one did is undone."""

import psycopg
import pytest
from emptied_database import EmptiedDatabase
from harness import Connect, People
from rows import make_pair

BEYOND_ROWS = [
    "create function public.more() returns int language sql as 'select 1'",
    "drop policy own on public.user_locations",
    "comment on table public.user_profiles is 'Changed'",
    "revoke usage on schema wingman from authenticated",
    "alter table public.user_profiles alter column first_name drop not null",
    "alter table public.wingman_matches disable trigger user",
    "alter table wingman.settings drop column journal_retention_months",
    "do $$ begin execute format('alter database %I set jit to off', current_database()); end $$",
    "insert into auth.users (id) values (gen_random_uuid()); analyze auth.users",
]


def identity(database: EmptiedDatabase) -> object:
    """A new one for every clone."""
    query = "select oid from pg_database where datname = current_database()"
    return database.connection.execute(query).fetchone()


@pytest.mark.representatives("create function*", "*analyze*")
@pytest.mark.parametrize("change", BEYOND_ROWS)
def test_a_database_changed_beyond_its_rows_is_cloned_anew(
    postgresql: psycopg.Connection, file_database: EmptiedDatabase, change: str
) -> None:
    before = identity(file_database)
    postgresql.execute(change)
    file_database.empty()
    assert identity(file_database) != before


def test_a_change_by_a_connection_that_stays_open_is_seen_as_well(
    postgresql: psycopg.Connection, file_database: EmptiedDatabase
) -> None:
    before = identity(file_database)
    with file_database.warm.lending(keeps_plans=True) as lend:
        changing = lend(user=postgresql.info.user)
        changing.execute("select")
        changing.execute("comment on table public.user_profiles is 'Changed'")
    assert not changing.closed
    file_database.empty()
    assert identity(file_database) != before


def test_rows_go_settings_are_as_before_and_whoever_is_left_is_put_out(
    postgresql: psycopg.Connection, file_database: EmptiedDatabase, connect: Connect, people: People
) -> None:
    (settings,) = postgresql.execute("select * from wingman.settings").fetchall()
    before = identity(file_database)
    left = connect(user=postgresql.info.user)
    make_pair(left, people)
    left.execute("begin; update wingman.settings set match_lifetime = '5 hours'; lock public.wingman_matches")

    file_database.empty()

    with pytest.raises(psycopg.OperationalError):
        left.execute("select")
    assert identity(file_database) == before
    assert postgresql.execute("select * from wingman.settings").fetchall() == [settings]
    for table in ("auth.users", "public.user_profiles", "public.wingman_matches"):
        assert postgresql.execute(f"select * from {table}").fetchall() == []
