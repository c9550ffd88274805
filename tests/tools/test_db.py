"""``wingman db``: revisions, with any URL."""

import psycopg
import pytest
from harness import psql
from tools.conftest import fails_in_one_line
from wingmanmatch.database.fingerprint import fingerprint
from wingmanmatch.database.upgrade import revisions


def look(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        return fingerprint(connection)


@pytest.mark.exhaustive
def test_up_and_down(wingman, new_database):
    url, newest = new_database(migrated=False), revisions()[0]
    for command, told in (
        (["current"], f"none, the newest is {newest}"),
        (["upgrade"], f"{newest}, the newest"),
        (["current"], f"{newest}, the newest"),
        (["upgrade"], f"{newest}, the newest"),
        (["downgrade", "base"], f"none, the newest is {newest}"),
        (["upgrade", revisions()[-1]], revisions()[-1]),
    ):
        done = wingman("db", *command, url=url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(told)
    before = revisions()[1:2] or ["none"]
    assert wingman("db", "upgrade", "--database-url", url).returncode == 0
    assert wingman("db", "downgrade", "-1", url=url).stdout.startswith(before[0])


@pytest.mark.exhaustive
def test_the_script_makes_the_same_database(wingman, new_database):
    script = wingman("db", "sql")
    assert (script.returncode, script.stderr) == (0, "")
    by_hand = new_database(migrated=False)
    psql(by_hand, stdin=script.stdout)
    assert look(by_hand) == look(new_database())
    assert wingman("db", "current", url=by_hand).stdout == f"{revisions()[0]}, the newest\n"


@pytest.mark.exhaustive
def test_a_downgrade_that_would_lose_rows_is_one_line(wingman, new_database):
    url = new_database()
    assert wingman("seed", "--users", "1", url=url).returncode == 0
    told = fails_in_one_line(wingman("db", "downgrade", "base", url=url))
    assert told.startswith("This downgrade would lose the rows of wingman.events")


def test_an_unknown_revision_is_one_line(wingman, new_database):
    told = fails_in_one_line(wingman("db", "upgrade", "9999", url=new_database()))
    assert told == "Can't locate revision identified by '9999'"


def test_a_login_without_the_right_is_one_line(wingman, new_database):
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create role stranger login")
        try:
            told = fails_in_one_line(wingman("db", "upgrade", url=url.replace("postgres@", "stranger@")))
        finally:
            connection.execute("drop role stranger")
    assert told.startswith("permission denied")
