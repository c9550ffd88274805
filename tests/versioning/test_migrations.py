"""The gates between ``sql/``, today, and ``migrations/``, its frozen history."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import psycopg
import pytest
from harness import Connection, in_thread, psql, wait_until_blocked
from versioning.conftest import NewDatabase
from wingmanmatch.database import manifest, paths
from wingmanmatch.database.embedded import embedded_server
from wingmanmatch.database.fingerprint import differences, fingerprint
from wingmanmatch.database.history import living_files, pending_changes
from wingmanmatch.database.upgrade import MIGRATION_LOCK, downgrade, offline_sql, upgrade

PRECIOUS = {
    "public.user_profiles": """
        insert into {} (id, first_name, experience_level) values (uuid_nil, 'Ana', 'beginner')""",
    "public.user_locations": """
        insert into {} (user_id, lat, lng, privacy_mode, max_travel_miles)
        values (uuid_nil, 0, 0, 'precise', 25)""",
    "public.wingman_matches": """
        insert into {} (
            user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level, distance_miles,
            expires_at
        )
        values (uuid_nil, uuid_max, 0, 0, 1, 1, 1, now() + interval '1 day')""",
    "public.wingman_sessions": """
        insert into {} (match_id, user1_id, user2_id, venue_name, scheduled_time)
        values (uuid_nil, uuid_nil, uuid_max, 'Bar', now() + interval '1 day')""",
    "wingman.reputation_events": """
        insert into {} (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
        values (uuid_nil, uuid_nil, uuid_max, 'completed', 1, 1, 0)""",
    "wingman.events": "insert into {} (kind) values ('settings_changed')",
    "public.user_blocks": "insert into {} (blocker_id, blocked_id) values (uuid_nil, uuid_max)",
    "wingman.user_reports": """
        insert into {} (reporter_id, subject_id, reason) values (uuid_nil, uuid_max, 'rude')""",
    "wingman.match_searches": """
        insert into {} values (uuid_nil, 25, 25, now(), 0, 10, 0, 1, interval '168 hours')""",
    "wingman.channel_settings": """
        insert into {} (user_id, channel, language, time_zone) values (uuid_nil, 'email', 'de', 'UTC')""",
    "wingman.email_addresses": "insert into {} values (uuid_nil, uuid_nil, 'ana@example.org')",
    "wingman.push_subscriptions": """
        insert into {} (user_id, endpoint, p256dh, auth)
        values (uuid_nil, 'https://push.example/', 'B', 'a')""",
    "wingman.webhooks": "insert into {} (url, secret) values ('https://example.org/', 'whsec_c2VjcmV0')",
}


def look(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        return fingerprint(connection)


def install(url: str) -> dict[str, str]:
    psql(url, f"--file={paths.INSTALL_SQL}")
    return look(url)


@pytest.mark.parametrize("install", [install, upgrade], ids=["install.sql", "upgrade"])
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_is_not_utf8_is_refused(new_database: NewDatabase, encoding: str, install) -> None:
    url = new_database(encoding)
    said = f"WingmanMatch needs a database whose encoding is UTF8; that of this one is {encoding}"
    with pytest.raises((psycopg.errors.FeatureNotSupported, RuntimeError), match=said):
        install(url)
    with psycopg.connect(url, client_encoding="utf8") as connection:
        assert connection.execute("select to_regnamespace('wingman')").fetchone() == (None,)


def test_every_change_of_sql_has_its_revision() -> None:
    changed = [change.path for change in pending_changes()]
    assert not changed, f'sql/ is ahead of migrations/: run make migration m="…" for {changed}'


def test_every_file_of_sql_is_installed() -> None:
    outside = {paths.INSTALL_SQL, paths.BOOTSTRAP_SQL}
    files = {str(file.relative_to(paths.ROOT)) for file in paths.SQL.rglob("*.sql") if file not in outside}
    assert files == living_files().keys()


def test_released_revisions_have_not_changed() -> None:
    assert manifest.changed_files() == []


def test_upgrade_from_empty_equals_sql_on_empty(new_database: NewDatabase) -> None:
    migrated = new_database()
    upgrade(migrated)
    assert differences(install(new_database()), look(migrated)) == []


@pytest.mark.exhaustive
def test_offline_script_equals_online(new_database: NewDatabase) -> None:
    online, offline = new_database(), new_database()
    upgrade(online)
    psql(offline, stdin=offline_sql())
    assert differences(look(online), look(offline)) == []
    upgrade(offline)
    assert differences(look(online), look(offline)) == []


def test_down_then_up(new_database: NewDatabase) -> None:
    url = new_database()
    upgrade(url)
    before = look(url)
    downgrade(url, "base")
    left = {key.partition(":")[0] for key in look(url)}
    roles = {f"role wingman_{name}" for name in ("admin", "owner", "worker")}
    assert left == {*roles, "schema public", "schema wingman"}
    upgrade(url)
    assert differences(before, look(url)) == []


@pytest.mark.representatives("public.wingman_matches")
@pytest.mark.parametrize("table", PRECIOUS)
def test_downgrade_refuses_to_lose_rows(db: Connection, new_database: NewDatabase, table: str) -> None:
    url = new_database()
    # on its way down 0003 drops blocks of people without a profile, as here everybody is
    upgrade(url, "0002" if table == "public.user_blocks" else "head")
    before = look(url)
    row = PRECIOUS[table].format(table)
    row = row.replace("uuid_nil", "'00000000-0000-0000-0000-000000000000'")
    row = row.replace("uuid_max", "'ffffffff-ffff-ffff-ffff-ffffffffffff'")
    with psycopg.connect(url, user=db.info.user) as superuser:
        # this table's row alone, without its triggers
        superuser.execute("set session_replication_role = replica")
        superuser.execute(row)
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=f"lose the rows of {table}"):
        downgrade(url, "base")
    assert differences(before, look(url)) == []
    with psycopg.connect(url) as connection:
        assert connection.execute(f"select count(*) from {table}").fetchone() == (1,)


def test_database_that_lost_its_rows_can_be_downgraded(new_database: NewDatabase) -> None:
    url = new_database()
    upgrade(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from wingman.settings").fetchone() == (1,)
    downgrade(url, "base")


def test_postgrest_reloads_once_and_only_when_something_was_applied(new_database: NewDatabase) -> None:
    url = new_database()
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("listen pgrst")
        upgrade(url)
        upgrade(url)
        listener.execute("notify pgrst, 'that was all'")
        told = [notice.payload for notice in listener.notifies(stop_after=2)]
    assert told == ["reload schema", "that was all"]


def test_one_migration_at_a_time(new_database: NewDatabase) -> None:
    url = new_database()
    with psycopg.connect(url, autocommit=True) as holder:
        holder.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        migration = in_thread(upgrade, url)
        with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as watcher:
            wait_until_blocked(watcher, waiting_pid(watcher), by=holder.info.backend_pid)
        assert not migration.done()
        holder.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        migration.result(timeout=30)
    assert look(url)


def waiting_pid(watcher: Connection) -> int:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        row = watcher.execute(
            "select pid from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database())"
        ).fetchone()
        if row:
            return int(row["pid"])
    raise TimeoutError("The migration did not wait")


@pytest.mark.exhaustive
def test_command_line_takes_any_password(new_database: NewDatabase) -> None:
    parts = urlsplit(new_database())
    user, _, host = parts.netloc.rpartition("@")
    url = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:a%25s%40:b@{host}"))
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    environment = {"WINGMAN_DATABASE_URL": url}
    done = subprocess.run(
        command, cwd=paths.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert look(url)


@pytest.mark.parametrize("setting", ["statement_timeout=10", "standard_conforming_strings=off"])
def test_settings_of_a_login_do_not_matter(new_database: NewDatabase, setting: str) -> None:
    plain = new_database()
    url = f"{plain}{'&' if '?' in plain else '?'}{urlencode({'options': f'-c {setting}'}, quote_via=quote)}"
    with psycopg.connect(url) as connection:
        name, _, value = setting.partition("=")
        assert connection.execute("select current_setting(%s)", [name]).fetchone() in [
            (value,),
            (f"{value}ms",),
        ]
    upgrade(url)
    assert look(plain)


@pytest.mark.representatives("*foo=bar*", "*127.0.0.1*")
@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "postgresql://me:s3cret@/x?foo=bar",
            'Not a valid postgresql://… URL: invalid URI query parameter: "foo"',
        ),
        ("postgresql://me:s3cret@[/x", "Not a valid postgresql://… URL"),
        ("host=x password=s3cret bogus", "Not a valid postgresql://… URL"),
        ("postgresql://me:s3cret@127.0.0.1:1/x", "Connection refused"),
    ],
)
def test_the_command_says_in_one_sentence_what_is_wrong_with_its_url(url, told):
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    environment = {**os.environ, "WINGMAN_DATABASE_URL": url}
    done = subprocess.run(
        command, cwd=paths.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode
    said = done.stdout + done.stderr
    (failed,) = [line for line in said.splitlines() if line.startswith("FAILED: ")]
    assert told in failed
    assert "s3cret" not in said
    assert "Traceback" not in said


@pytest.mark.exhaustive
def test_command_line_asks_for_a_url() -> None:
    command = [sys.executable, "-m", "alembic", "current"]
    done = subprocess.run(command, cwd=paths.ROOT, env={}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Set WINGMAN_DATABASE_URL to the URL of the database" in done.stdout + done.stderr


@pytest.mark.exhaustive
def test_versions_of_postgresql_agree(tmp_path: Path) -> None:
    looks = []
    for version in (16, 18):
        with embedded_server(tmp_path / str(version), version=version) as server:
            upgrade(server.url())
            looks.append(look(server.url()))
    # each version prints the text of a view differently
    assert (
        differences(*({key: text for key, text in one.items() if ": view on " not in key} for one in looks))
        == []
    )
