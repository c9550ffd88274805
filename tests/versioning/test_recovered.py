"""Recovery to a point in time, erasures that are applied again after a restore, and upgrades of WingmanMatch.

The steps are those of docs/backup.md, as they stand there.
"""

import os
import shutil
import time
from pathlib import Path

import psycopg
import pytest
from harness import OPERATOR, POLL_SECONDS, People, login_url, psql
from journal.servers import DATABASE
from psycopg.rows import scalar_row
from rows import all_rows
from versioning.backup_page import (
    OLD_BINARIES,
    UNPRIVILEGED,
    assert_it_serves,
    cluster,
    connected,
    follow,
    kept,
    live,
    programs_for,
    shell,
    steps,
    superusers,
)
from versioning.conftest import NewDatabase
from wingmanmatch.database.embedded import BINARIES
from wingmanmatch.database.upgrade import current_revision, revisions, upgrade

PROGRAMS = {"18": BINARIES, **OLD_BINARIES}
DEEDS = (
    "public.user_profiles",
    "public.wingman_matches",
    "public.wingman_sessions",
    "wingman.events",
    "wingman.reputation_events",
    "wingman_admin.session_decisions",
)
PEOPLE = "select id from public.user_profiles order by id"


@pytest.mark.exhaustive
@pytest.mark.parametrize("major", PROGRAMS)
def test_recovered_to_the_moment_before_an_accident(directory: Path, major: str) -> None:
    section, programs = "Recover to a point in time", PROGRAMS[major]
    source, archive, backup, data = (
        directory / name for name in ("source", "archive", "backup", "recovered")
    )
    with cluster(programs, source, directory) as url:
        # where the recovered server is to be found, too
        settings = {"unix_socket_directories": directory, "listen_addresses": "", "fsync": "off"}
        for name, value in settings.items():
            psql(url("postgres"), f"--command=alter system set {name} = '{value}'")
        psql(url("postgres"), f"--command=create database {DATABASE}")
        upgrade(url(DATABASE))
        psql(url(DATABASE), f"--command=create role {OPERATOR} login in role wingman_admin")
        archive.mkdir()
        if os.geteuid() == 0:
            shutil.chown(archive, UNPRIVILEGED, UNPRIVILEGED)
        live(url(DATABASE), 40)
        follow(section, directory, programs, 0, SOURCE=url(DATABASE), ARCHIVE=archive)
    with cluster(programs, source, directory) as url:
        follow(section, directory, programs, 1, by_server=True, SOURCE=url(DATABASE), BACKUP=backup)
        # that of the embedded 18 was built broken: it does not even start
        if programs != BINARIES:
            follow(section, directory, programs, 2, by_server=True, BACKUP=backup)
        with connected(url(DATABASE)) as (db, _):
            at_backup = all_rows(db)
            live(url(DATABASE), 20)
            before = all_rows(db)
        with psycopg.connect(url(DATABASE), row_factory=scalar_row, autocommit=True) as db:
            moment = str(db.execute("select clock_timestamp()::text").fetchone())
            db.execute("delete from auth.users")
            assert db.execute(PEOPLE).fetchall() == []
    names = {"BACKUP": backup, "DATA": data, "ARCHIVE": archive, "MOMENT": moment}
    follow(section, directory, programs, 3, by_server=True, **names)
    try:
        with psycopg.connect(url(DATABASE), row_factory=scalar_row, autocommit=True) as db:
            while db.execute("select pg_is_in_recovery()").fetchone():
                time.sleep(POLL_SECONDS)
        # the numbers of a sequence are logged ahead, so some are skipped
        with connected(url(DATABASE)) as (db, _):
            assert all_rows(db) == before != at_backup
        assert_it_serves(url(DATABASE))
    finally:
        stop = f"pg_ctl --pgdata={data} --wait --silent --mode=fast stop"
        shell(stop, directory, programs, by_server=True)


@pytest.mark.exhaustive
def test_erasures_are_applied_again(source: str, new_database: NewDatabase, tmp_path: Path) -> None:
    programs, target = programs_for(source), superusers(new_database())
    with connected(source) as (db, rpc):
        people = People(db, rpc)
        returned_before, returned_after, gone = (people.add(name) for name in ("Early", "Late", "Gone"))

        def erase(user_id) -> None:
            rpc.as_user(user_id).call("erase_my_account", confirmation="erase")

        def return_(user_id) -> None:
            profile = {"first_name": "Again", "experience_level": "beginner", "lat": 38.7, "lng": -9.1}
            rpc.as_user(user_id).call("complete_profile", **profile)

        erase(returned_before)
        return_(returned_before)
        follow("Dump", tmp_path, programs, SOURCE=source)
        there = {row["id"] for row in db.execute(PEOPLE)}
        erase(gone)
        erase(returned_after)
        return_(returned_after)
        erase(people.add("Unknown to the dump"))
    follow("Apply erasures again", tmp_path, programs, 0, SOURCE=source)
    follow("Restore into an empty database", tmp_path, programs, TARGET=target)
    with connected(target) as (db, _):
        assert {row["id"] for row in db.execute(PEOPLE)} == there > {gone, returned_after, returned_before}

        follow("Apply erasures again", tmp_path, programs, 1, TARGET=login_url(target, OPERATOR))
        assert {row["id"] for row in db.execute(PEOPLE)} == there - {gone, returned_after}
        decided = db.execute(
            "select subject_id, login from wingman_admin.decisions where kind = 'user_erased'"
        )
        assert {row["subject_id"]: row["login"] for row in decided} == {
            gone: OPERATOR,
            returned_after: OPERATOR,
        }
    assert_it_serves(target)
    # again there is nothing to do
    follow("Apply erasures again", tmp_path, programs, 0, SOURCE=target)
    follow("Apply erasures again", tmp_path, programs, 1, TARGET=login_url(target, OPERATOR))
    assert (tmp_path / "due.txt").read_text() == ""


@pytest.mark.exhaustive
class TestUpgrade:
    """The first step of its section is the upgrade, the second the way back."""

    section = "Upgrade WingmanMatch"

    def test_nothing_is_lost_there_nor_on_the_way_back(
        self, new_database: NewDatabase, operators_login: None, tmp_path: Path
    ) -> None:
        url = superusers(new_database())
        upgrade(url, revisions()[1])
        live(url, 40)
        rows, programs = counted(url), programs_for(url)
        follow(self.section, tmp_path, programs, 0, SOURCE=url)
        assert revision(url) == revisions()[0]
        assert counted(url) == rows
        assert_it_serves(url)

    def test_it_does_not_go_back_where_rows_would_be_lost(
        self, new_database: NewDatabase, operators_login: None, tmp_path: Path
    ) -> None:
        """The revision that brought suspensions is the newest one here."""
        url = superusers(new_database())
        upgrade(url, "0004")
        with psycopg.connect(url, row_factory=scalar_row) as db:
            db.execute("insert into wingman.suspensions (user_id) values (gen_random_uuid())")
        _, back = steps(self.section)
        said = shell(f"! {back}", tmp_path, programs_for(url), SOURCE=url)
        assert "This downgrade would lose the rows of wingman.suspensions" in said
        assert revision(url) == "0004"
        with psycopg.connect(url, row_factory=scalar_row) as db:
            assert db.execute("select count(*) from wingman.suspensions").fetchone() == 1

    def test_there_and_back_and_there(
        self, new_database: NewDatabase, operators_login: None, tmp_path: Path
    ) -> None:
        url = superusers(new_database())
        upgrade(url)
        with connected(url) as (db, rpc):
            People(db, rpc).add("Ana")
        programs, before = programs_for(url), kept_but_places(url)
        follow(self.section, tmp_path, programs, 1, SOURCE=url)
        assert revision(url) == revisions()[1]
        follow(self.section, tmp_path, programs, 0, SOURCE=url)
        assert kept_but_places(url) == before
        assert_it_serves(url)


def kept_but_places(url: str) -> object:
    """What is kept, but for what begins anew with an upgrade: the places of readers, a random key."""
    rows, last = kept(url)
    anew = ("wingman.readers", "wingman.leaderboard_key")
    return {table: those for table, those in rows.items() if table not in anew}, last


def revision(url: str) -> str | None:
    with psycopg.connect(url) as connection:
        return current_revision(connection)


def counted(url: str) -> dict[str, int]:
    """How many rows the tables have that hold what people and operators did."""
    with psycopg.connect(url, row_factory=scalar_row) as db:
        return {name: db.execute(f"select count(*) from {name}").fetchone() or 0 for name in DEEDS}
