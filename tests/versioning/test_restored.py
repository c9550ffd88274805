"""A database that was dumped and restored, copied or upgraded in place is what the release expects.

The steps are those of docs/backup.md, as they stand there.
"""

import re
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from harness import OPERATOR, POLL_SECONDS, People, RpcError, login_url, psql
from journal.readers import unread
from journal.servers import DATABASE, install, server
from psycopg.rows import scalar_row
from rich.console import Console
from rows import all_rows
from versioning.backup_page import (
    OLD_BINARIES,
    PAGE,
    assert_it_serves,
    cluster,
    connected,
    follow,
    found_in,
    kept,
    live,
    programs_for,
    shell,
    steps,
    superusers,
)
from versioning.conftest import NewDatabase
from wingmanmatch.database.embedded import BINARIES
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.demo.seed import seed_people
from wingmanmatch.http.health import obstacle_in
from wingmanmatch.tools.doctor import examine

WAYS = {
    "plain": ["--format=plain"],
    "directory in parallel": ["--format=directory", "--jobs=2"],
}
PEOPLE = 50


def run(program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.representatives("plain")
@pytest.mark.parametrize("way", WAYS)
def test_a_restored_database_is_what_the_release_expects(
    new_database: NewDatabase, tmp_path: Path, way: str
) -> None:
    source, target = new_database(), new_database()
    upgrade(source)
    with psycopg.connect(source, autocommit=True) as connection:
        seed_people(connection, Console(quiet=True), PEOPLE, 1)
    dumped = tmp_path / "dump"
    programs = programs_for(source)
    run(programs / "pg_dump", *WAYS[way], f"--file={dumped}", source)
    if way == "plain":
        psql(target, f"--file={dumped}")
    else:
        run(programs / "pg_restore", "--exit-on-error", f"--dbname={target}", str(dumped))

    assert [finding for check in examine(target) for finding in check.findings] == []
    assert obstacle_in(login_url(target, "authenticator")) is None
    with psycopg.connect(target, row_factory=scalar_row) as connection:
        assert connection.execute("select count(*) from public.user_profiles").fetchone() == PEOPLE


class TestOnTheSameServer:
    @pytest.fixture
    def target(self, new_database: NewDatabase) -> str:
        return superusers(new_database())

    @pytest.fixture
    def programs(self, source: str) -> Path:
        return programs_for(source)

    @pytest.fixture
    def dumped(self, source: str, programs: Path, tmp_path: Path) -> Path:
        """Where wingman.dump is."""
        follow("Dump", tmp_path, programs, SOURCE=source)
        return tmp_path

    @pytest.mark.exhaustive
    def test_over_itself_after_other_things_have_happened(
        self, source: str, dumped: Path, programs: Path
    ) -> None:
        before = kept(source)
        with connected(source) as (db, rpc):
            People(db, rpc).add("Late")
        assert kept(source) != before
        assert follow("Restore over a database that exists", dumped, programs, TARGET=source) == ""
        assert kept(source) == before
        assert_it_serves(source)

    @pytest.mark.exhaustive
    def test_without_owners(self, source: str, target: str, dumped: Path, programs: Path) -> None:
        shell('pg_restore --no-owner --dbname="$TARGET" wingman.dump', dumped, programs, TARGET=target)
        ((finding,),) = (check.findings for check in examine(target) if check.findings)
        assert re.fullmatch(r"\d{3} objects belong to another role than wingman_owner, .*", finding.what)
        assert obstacle_in(login_url(target, "authenticator"))
        shell(f'{finding.mend} --database-url="$TARGET"', dumped, programs, TARGET=target)
        assert kept(target) == kept(source)
        assert_it_serves(target)

    @pytest.mark.exhaustive
    def test_without_privileges(self, source: str, target: str, dumped: Path, programs: Path) -> None:
        restore = 'pg_restore --no-owner --no-privileges --dbname="$TARGET" wingman.dump'
        shell(restore, dumped, programs, TARGET=target)
        with connected(target) as (_, rpc), pytest.raises(RpcError, match="permission denied"):
            rpc.as_service().call("get_profile", user_id=uuid4())
        assert obstacle_in(login_url(target, "authenticator"))
        findings = [finding for check in examine(target) for finding in check.findings]
        assert [finding.topic for finding in findings] == ["owner", "privileges"]
        (mend,) = {finding.mend for finding in findings}
        shell(f'{mend} --database-url="$TARGET"', dumped, programs, TARGET=target)
        assert_it_serves(target)

    @pytest.mark.exhaustive
    @pytest.mark.parametrize("owns", [True, False], ids=["its database", "somebody else's database"])
    def test_by_a_login_that_is_no_superuser(
        self, source: str, new_database: NewDatabase, dumped: Path, programs: Path, owns: bool
    ) -> None:
        target = superusers(new_database())
        name = psycopg.conninfo.conninfo_to_dict(target)["dbname"]
        with psycopg.connect(source, autocommit=True) as admin:
            admin.execute("create role restorer login in role wingman_owner")
            try:
                with psycopg.connect(target, autocommit=True) as there:
                    there.execute(f"grant create on database {name} to restorer")
                    there.execute("grant create on schema public to restorer")
                if owns:
                    admin.execute(f"alter database {name} owner to restorer")
                theirs = login_url(target, "restorer")
                section = "Restore as a login that is not a superuser"
                if owns:
                    follow(section, dumped, programs, TARGET=theirs)
                else:
                    # the first step fails where the grants on schema public do
                    script = 'pg_restore --no-owner --dbname="$TARGET" wingman.dump'
                    shell(script, dumped, programs, TARGET=theirs)
                    assert [what for what in found_in(target) if what.startswith("schema public lacks")]
                    shell('wingman db grant --database-url="$TARGET"', dumped, programs, TARGET=target)
                assert kept(target) == kept(source)
                with psycopg.connect(target, autocommit=True) as there:
                    there.execute("revoke create on schema public from restorer")
                assert_it_serves(target)
            finally:
                admin.execute(f"drop database {name} with (force)")
                admin.execute("drop role restorer")

    @pytest.mark.exhaustive
    def test_only_the_data(self, source: str, target: str, dumped: Path, programs: Path) -> None:
        follow("Restore only the data", dumped, programs, TARGET=target)
        assert kept(target) == kept(source)
        assert_it_serves(target)

    @pytest.mark.exhaustive
    def test_only_the_data_with_triggers_is_found(
        self, source: str, target: str, dumped: Path, programs: Path
    ) -> None:
        upgrade(target)
        load = 'pg_restore --data-only --dbname="$TARGET" wingman.dump || true'
        assert "errors ignored on restore" in shell(load, dumped, programs, TARGET=target)
        with connected(target) as (db, _):
            row = db.execute("select count(*) as rows from public.wingman_matches").fetchone()
        assert row == {"rows": 0}
        found = [what.rpartition(":")[0] for what in found_in(target)]
        assert "matches that the journal knows are missing" in found
        assert "profiles are in the journal twice" in found

    @pytest.mark.exhaustive
    def test_every_kind_of_lost_rows_is_found(self, source: str) -> None:
        assert found_in(source) == []
        for statement, what in LOSSES.items():
            with psycopg.connect(source, autocommit=True) as connection:
                connection.execute("set session_replication_role = replica")
                connection.execute(statement)
            found = [found.rpartition(":")[0] for found in found_in(source)]
            assert what in found, (statement, found)


# In this order each leaves something for the next.
LOSSES = {
    """insert into wingman.events (kind, match_id) select 'match_offered', m.id
       from public.wingman_matches as m order by m.id desc limit 1""": (
        "matches of the newest 1,000 are in the journal twice"
    ),
    """insert into public.wingman_matches (id, user1_id, user2_id, user1_reputation, user2_reputation,
           user1_level, user2_level, distance_miles, expires_at)
       select wingman.new_id(), user1_id, user2_id, user1_reputation, user2_reputation, user1_level,
           user2_level, distance_miles, expires_at
       from public.wingman_matches limit 1""": "matches of the newest 1,000 are not in the journal",
    """delete from wingman.matchmaking_pool where user_id = (
           select user_id from wingman.matchmaking_pool limit 1
       )""": "people have a location and no row in the pool, or the reverse",
    """delete from public.user_profiles where id = (
           select id from public.user_profiles order by id desc limit 1
       )""": "profiles that the journal knows are missing",
    "delete from public.wingman_matches where true": (
        "rows of wingman_sessions lead to no row of wingman_matches (wingman_sessions_match_id_fkey)"
    ),
    "select": "matches that the journal knows are missing",
}


class TestAnotherServer:
    @pytest.mark.exhaustive
    def test_dumped_and_restored(self, directory: Path) -> None:
        with server(directory / "source") as here, server(directory / "target") as there:
            install(here)
            live(here.url(DATABASE))
            follow("Dump", directory, BINARIES, SOURCE=here.url(DATABASE))
            with psycopg.connect(there.url(), autocommit=True) as connection:
                connection.execute(f"create database {DATABASE}")
            said = follow("Restore into an empty database", directory, BINARIES, TARGET=there.url(DATABASE))
            # as the page says
            assert [line.partition("ERROR:  ")[2] for line in said.splitlines()] == [
                'role "postgres" already exists'
            ]
            assert kept(there.url(DATABASE)) == kept(here.url(DATABASE))
            assert_it_serves(there.url(DATABASE))

    @pytest.mark.exhaustive
    def test_replicated(self, directory: Path) -> None:
        section = "Move by logical replication"
        with (
            server(directory / "source", wal_level="logical") as here,
            server(directory / "target") as there,
        ):
            install(here)
            live(here.url(DATABASE), 40)
            shell(
                'pg_dumpall --roles-only --dbname="$SOURCE" --file=roles.sql',
                directory,
                BINARIES,
                SOURCE=here.url(),
            )
            with psycopg.connect(there.url(), autocommit=True) as connection:
                connection.execute(f"create database {DATABASE}")
            shell('psql --file=roles.sql "$TARGET"', directory, BINARIES, TARGET=there.url())
            names = {"SOURCE": here.url(DATABASE), "TARGET": there.url(DATABASE)}
            follow(section, directory, BINARIES, 0, **names)
            live(here.url(DATABASE), 20)
            with connected(here.url(DATABASE)) as (db, _), connected(there.url(DATABASE)) as (copy, _):
                while all_rows(copy) != all_rows(db):
                    time.sleep(POLL_SECONDS)
            follow(section, directory, BINARIES, 1, **names)

            findings = [f for check in examine(names["TARGET"]) for f in check.findings]
            assert [finding.topic for finding in findings] == ["sequence", "sequence"]
            assert findings[0].what.startswith("wingman.events_id_seq is at 0, behind the newest row of")
            psql(names["TARGET"], *(f"--command={finding.mend}" for finding in findings))
            assert kept(names["TARGET"]) == kept(names["SOURCE"])
            assert_it_serves(names["TARGET"])


@pytest.mark.exhaustive
# Debian's 15.20 keeps the option pg_attver in each column, which no other release reads
@pytest.mark.parametrize("major", ["16"])
def test_upgraded_in_place(directory: Path, major: str) -> None:
    """To the embedded 18, from the embedded 16 and from each of Debian's."""
    old, new = directory / "old", directory / "new"
    programs = OLD_BINARIES[major]
    with cluster(programs, old, directory) as url:
        psql(url("postgres"), f"--command=create database {DATABASE}")
        upgrade(url(DATABASE))
        psql(url(DATABASE), f"--command=create role {OPERATOR} login in role wingman_admin")
        live(url(DATABASE))
        before = kept(url(DATABASE))
        with connected(url(DATABASE)) as (db, _):
            left = unread(db, "statistics")
    assert left
    names = {"OLD": old, "NEW": new, "OLD_BINARIES": programs, "NEW_BINARIES": BINARIES}
    follow("Upgrade PostgreSQL in place", directory, BINARIES, by_server=True, **names)
    with cluster(BINARIES, new, directory) as url:
        with psycopg.connect(url(DATABASE)) as connection:
            assert connection.info.server_version // 10_000 == 18
        assert kept(url(DATABASE)) == before
        with connected(url(DATABASE)) as (db, _):
            assert unread(db, "statistics") == left
        assert_it_serves(url(DATABASE))


def test_every_section_of_the_page_is_followed() -> None:
    with_steps = {heading for heading in re.findall(r"^## (.+)$", PAGE, re.MULTILINE) if steps(heading)}
    files = [Path(__file__), Path(__file__).with_name("test_recovered.py")]
    tests = "".join(file.read_text(encoding="utf-8") for file in files)
    assert {heading for heading in with_steps if f'"{heading}"' not in tests} == set()
    assert len(with_steps) == 10
