"""``wingman doctor`` finds what was changed by hand, and its mends lead back."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tools.conftest import fails_in_one_line
from tools.pooler import pooler
from wingmanmatch.database.connection import connect
from wingmanmatch.database.embedded import BINARIES
from wingmanmatch.database.fingerprint import against_release
from wingmanmatch.http.health import obstacle_in
from wingmanmatch.tools.doctor import Finding, examine

IF_UNNEEDED = "If nobody needs it: "
PSQL = str(BINARIES / "psql")
MESSAGE = """
    insert into auth.users values (md5('ana')::uuid);
    set role service_role;
    select public.complete_profile('Ana', 'beginner', 38.7, -9.1, user_id => md5('ana')::uuid);
    reset role;
    insert into wingman.notification_deliveries (channel, kind, user_id)
    values ('realtime', 'more_activity', md5('ana')::uuid)
"""

# Each change by hand, and what must be found of it: topic, and how the finding begins.
CHANGES = {
    "a grant": (
        "grant execute on function public.get_match(uuid, uuid) to anon",
        ("privileges", "function public.get_match(uuid,uuid) has anon EXECUTE"),
    ),
    "a grant to everybody": (
        "grant select on wingman.settings to public",
        ("privileges", "relation wingman.settings has public SELECT"),
    ),
    "a grant option": (
        "grant select on public.user_profiles to authenticated with grant option",
        ("privileges", "relation public.user_profiles has authenticated SELECT with grant option"),
    ),
    "a revoke": (
        "revoke execute on function public.end_match(uuid, uuid, text) from authenticated",
        ("privileges", "function public.end_match(uuid,uuid,text) lacks authenticated EXECUTE"),
    ),
    "a grant of a column": (
        "grant update (bio) on public.user_profiles to authenticated",
        ("privileges", "column public.user_profiles.bio has authenticated UPDATE"),
    ),
    "a grant of a schema": (
        "grant usage on schema wingman to anon",
        ("privileges", "schema wingman has anon USAGE"),
    ),
    "a policy": (
        "alter policy own on public.user_locations using (true)",
        ("policy", "policy own on public.user_locations: definition is permissive"),
    ),
    "a dropped policy": (
        "drop policy own on public.user_locations",
        ("policy", "policy own on public.user_locations is missing"),
    ),
    "another policy": (
        "create policy leak on public.user_locations using (true)",
        ("policy", "policy leak on public.user_locations is not part of this release"),
    ),
    "a function's body": (
        """create or replace function wingman.badge_color(score integer) returns text
        language plpgsql immutable set search_path = pg_catalog, pg_temp
        as $$ begin return 'gold'; end $$""",
        ("function", "function wingman.badge_color(integer) has another definition"),
    ),
    "a function's comment": (
        "comment on function public.get_profile(uuid) is 'Drift'",
        ("comment", "function public.get_profile(uuid) has another comment"),
    ),
    "a column's comment": (
        "comment on column public.user_profiles.bio is 'Drift'",
        ("comment", "column public.user_profiles.bio: comment is Drift; expected: At most 400 characters"),
    ),
    "a comment too many": (
        "comment on index wingman.matchmaking_pool_due_idx is 'Drift'",
        ("comment", "index wingman.matchmaking_pool_due_idx: comment is Drift; expected: none"),
    ),
    "a dropped function": (
        "drop function wingman.shown_miles(double precision)",
        ("function", "function wingman.shown_miles(double precision) is missing"),
    ),
    "an overload": (
        "create function public.get_profile(text) returns int language sql as 'select 1'",
        ("function", "function public.get_profile(text) is not part of this release"),
    ),
    "an owner": (
        "alter function wingman.new_id() owner to postgres",
        ("owner", "function wingman.new_id() belongs to postgres, not to wingman_owner"),
    ),
    "an owner in schema public": (
        "alter function public.get_match(uuid, uuid) owner to postgres",
        ("owner", "function public.get_match(uuid,uuid) belongs to postgres, not to wingman_owner"),
    ),
    "an owner of a month": (
        "do $$ begin execute format('alter table wingman.%I owner to postgres',"
        " to_char(now() at time zone 'UTC', '\"events_\"YYYY_MM')); end $$",
        ("owner", "relation wingman.events_"),
    ),
    "an owner of the schema": (
        "alter schema wingman owner to postgres",
        ("owner", "schema wingman belongs to postgres, not to wingman_owner"),
    ),
    "a revoke of the schema": (
        "revoke usage on schema public from authenticated; revoke create on schema public from wingman_owner",
        ("privileges", "schema public lacks authenticated USAGE, wingman_owner CREATE"),
    ),
    "a revoke of all on the schema": (
        "revoke all on schema public from wingman_owner, authenticated, service_role, wingman_admin",
        ("privileges", "schema public lacks authenticated USAGE, service_role USAGE, wingman_admin USAGE, "),
    ),
    "a sequence left behind": (
        "insert into wingman.events (kind) select 'match_ended' from generate_series(1, 5);"
        " select setval('wingman.events_id_seq', 2)",
        ("sequence", "wingman.events_id_seq is at 2, behind the newest row of wingman.events, 5"),
    ),
    "the ledger's sequence left behind": (
        "insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)"
        " values (gen_random_uuid(), 'departed', 0, 0, 0);"
        " select setval('wingman.reputation_events_id_seq', 1, false)",
        ("sequence", "wingman.reputation_events_id_seq is at 0, behind the newest row of"),
    ),
    "an owner of a table": (
        "alter table wingman.matchmaking_pool owner to postgres",
        ("owner", "relation wingman.matchmaking_pool belongs to postgres, not to wingman_owner"),
    ),
    "row level security": (
        "alter table public.user_locations disable row level security",
        ("row level security", "relation public.user_locations lacks row level security"),
    ),
    "a dropped trigger": (
        "drop trigger set_updated_at on public.user_locations",
        ("trigger", "trigger set_updated_at on public.user_locations is missing"),
    ),
    "a disabled trigger": (
        "alter table public.wingman_sessions disable trigger guard_session",
        ("trigger", "trigger guard_session on public.wingman_sessions: definition is CREATE TRIGGER"),
    ),
    "a dropped index": (
        "drop index wingman.matchmaking_pool_cell_idx",
        ("index", "index wingman.matchmaking_pool_cell_idx is missing"),
    ),
    "a dropped constraint": (
        "alter table wingman.settings drop constraint settings_settle_limit",
        ("constraint", "constraint settings_settle_limit on wingman.settings is missing"),
    ),
    "another constraint": (
        "alter table wingman.settings add constraint drift check (settle_limit < 100)",
        ("constraint", "constraint drift on wingman.settings is not part of this release"),
    ),
    "another column": (
        "alter table wingman.settings add drift text",
        ("column", "column wingman.settings.drift is not part of this release"),
    ),
    "another table": (
        "create table wingman.drift (id int primary key, t text)",
        ("table", "relation wingman.drift is not part of this release"),
    ),
    "another view": (
        "create view wingman.drift as select 1 as one",
        ("table", "relation wingman.drift is not part of this release"),
    ),
    "another type": (
        "create type wingman.drift as (a int, b int)",
        ("type", "type wingman.drift is not part of this release"),
    ),
    "a setting out of range": (
        "alter table wingman.settings drop constraint settings_settle_limit;"
        " update wingman.settings set settle_limit = 101",
        ("settings", "The settings break (((settle_limit >= 0) AND (settle_limit <= 100)))"),
    ),
    "no settings": ("delete from wingman.settings", ("settings", "There are no settings")),
}
# The same for what belongs to the whole server, and how to undo it if the mend is not SQL.
CHANGES_OF_ROLES = {
    "the owner's attributes": (
        "alter role wingman_owner bypassrls",
        ("role", "role wingman_owner has bypassrls"),
    ),
    "the operators' groups": (
        "grant service_role to wingman_admin",
        ("role", "role wingman_admin has member of service_role"),
    ),
    "authenticator inherits": (
        "alter role authenticator inherit",
        ("role", "role authenticator has inherit"),
    ),
    "authenticator may not become somebody": (
        "revoke service_role from authenticator",
        ("role", "role authenticator cannot become service_role"),
    ),
    "authenticator may become the owner": (
        "grant wingman_owner to authenticator",
        ("role", "role authenticator can become wingman_owner"),
    ),
    "everybody an operator": (
        "grant wingman_admin to authenticated",
        ("role", "role authenticated can become wingman_admin"),
    ),
    "a superuser": ("alter role authenticated superuser", ("role", "role authenticated has superuser")),
    "a guest who may log in": ("alter role anon login", ("role", "role anon has login")),
    "a service without its right": (
        "alter role service_role nobypassrls",
        ("role", "role service_role lacks bypassrls"),
    ),
    "isolation of the database": (
        "alter database {database} set default_transaction_isolation = 'serializable'",
        ("isolation", "database {database} has default_transaction_isolation serializable"),
    ),
    "a database that only reads": (
        "alter database {database} set default_transaction_read_only = on",
        ("writes", "database {database} has default_transaction_read_only on"),
    ),
    "isolation of a login": (
        "alter role authenticator set default_transaction_isolation = 'repeatable read'",
        ("isolation", "role authenticator has default_transaction_isolation repeatable read"),
    ),
    "isolation of a login in the database": (
        "alter role authenticator in database {database} set default_transaction_isolation = serializable",
        ("isolation", "role authenticator in database {database} has default_transaction_isolation"),
    ),
    "isolation of everybody": (
        "alter role all set default_transaction_isolation = serializable",
        ("isolation", "role all has default_transaction_isolation serializable"),
    ),
}


def findings(url: str) -> list[Finding]:
    return [finding for check in examine(url) for finding in check.findings]


def run(url: str, statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements)


def mend(url: str, finding: Finding) -> None:
    """Do what the doctor says, with the psql of the embedded server."""
    how = finding.mend.removeprefix(IF_UNNEEDED)
    if how.startswith("psql "):
        environment = {**os.environ, "WINGMAN_DATABASE_URL": url, "PATH": f"{BINARIES}:{os.environ['PATH']}"}
        subprocess.run(how, shell=True, check=True, env=environment, capture_output=True)
    else:
        run(url, how)


@pytest.fixture
def url(new_database):
    return new_database()


@contextmanager
def login(url: str, name: str, of: str = "") -> Iterator[str]:
    """A login for a while, and its URL."""
    run(url, f"create role {name} login {of}")
    try:
        yield make_conninfo(url, user=name)
    finally:
        run(url, f"drop role {name}")


def test_a_new_database_is_clean(wingman, url):
    done = wingman("doctor", url=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "This database matches this release."


def test_a_short_time_limit_for_statements(wingman, url):
    hurried = make_conninfo(url, options="-c statement_timeout=10")
    # which no look at the whole database keeps
    with connect(hurried) as connection, pytest.raises(psycopg.errors.QueryCanceled):
        against_release(connection)
    done = wingman("doctor", url=hurried)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "This database matches this release."
    assert obstacle_in(make_conninfo(hurried, user="authenticator")) is None
    assert wingman("maintain", url=hurried).returncode == 0


@pytest.mark.representatives("a grant", "a function's body", "a dropped function", "no settings")
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_hand_is_found_and_mended(url, change):
    statement, (topic, what) = CHANGES[change]
    run(url, statement)
    found = findings(url)
    assert any(finding.topic == topic and finding.what.startswith(what) for finding in found), found
    for finding in found:
        mend(url, finding)
    assert findings(url) == []


@pytest.mark.representatives("a superuser", "authenticator inherits", "isolation of a login")
@pytest.mark.parametrize("change", CHANGES_OF_ROLES)
def test_a_change_of_roles_and_defaults_is_found_and_mended(url, change):
    statement, (topic, what) = CHANGES_OF_ROLES[change]
    database = conninfo_to_dict(url)["dbname"]
    run(url, statement.format(database=database))
    found = findings(url)
    for finding in found:
        mend(url, finding)
    assert len(found) == 1, found
    assert found[0].topic == topic
    assert found[0].what.startswith(what.format(database=database))
    assert findings(url) == []


def test_one_finding_for_a_missing_table(url):
    run(url, "drop table wingman.match_searches cascade")
    assert [finding.what for finding in findings(url)] == [
        "relation wingman.match_searches is missing",
        "relation wingman_admin.match_explanations is missing",
    ]
    for _ in range(2):  # its triggers can be missed only once it exists
        for finding in findings(url):
            mend(url, finding)
    assert findings(url) == []


def test_what_no_statement_can_mend_says_where_to_read(url):
    run(url, "alter table public.wingman_matches alter status drop default")
    (finding,) = findings(url)
    assert finding.topic == "column"
    assert "sql/matching/matches/wingman_matches.sql, and write the statements" in finding.mend


def test_a_missing_role(url):
    run(url, "alter role authenticator rename to somebody_else")
    try:
        (finding,) = findings(url)
        assert finding.what == "role authenticator is missing"
        mend(url, finding)
        assert findings(url) == []
        run(url, "drop role authenticator")
    finally:
        run(url, "alter role somebody_else rename to authenticator")


@pytest.mark.parametrize("mode", ["-c default_transaction_isolation=serializable"])
def test_isolation_from_the_url(url, mode):
    (finding,) = findings(make_conninfo(url, options=mode))
    assert finding.what == "default_transaction_isolation is serializable, from the client"
    assert finding.mend == "Take default_transaction_isolation out of the URL and of PGOPTIONS."


def test_isolation_of_the_server(url):
    run(url, "alter system set default_transaction_isolation = 'repeatable read'")
    run(url, "select pg_reload_conf()")
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            while connection.execute("show default_transaction_isolation").fetchone() != ("repeatable read",):
                pass
        (finding,) = findings(url)
        assert finding.what == "default_transaction_isolation is repeatable read, from the configuration file"
        for statement in finding.mend.split("; "):
            run(url, statement)
    finally:
        run(url, "alter system reset default_transaction_isolation")
        run(url, "select pg_reload_conf()")


def test_an_empty_database(new_database):
    (finding,) = findings(new_database(migrated=False))
    assert (finding.what, finding.mend) == ("WingmanMatch is not installed here", "wingman db upgrade")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update wingman.alembic_version set version_num = '9999'", "The database is at 9999, which this"),
        ("delete from wingman.alembic_version", "The objects exist, but no revision is recorded"),
        ("drop table wingman.alembic_version", "The objects exist, but no revision is recorded"),
    ],
)
def test_another_revision(url, statement, what):
    run(url, statement)
    (finding,) = findings(url)
    assert finding.what.startswith(what)
    checks = {check.name: check for check in examine(url)}
    assert checks["objects"].not_looked == "another revision has other ones"


def test_safeupdate_is_told_and_is_no_finding(url):
    notes = {check.name: check.notes for check in examine(url)}
    assert notes["safeupdate"] == ["authenticator does not load it"]
    run(url, "alter role authenticator set session_preload_libraries = 'safeupdate'")
    try:
        assert findings(url) == []
        notes = {check.name: check.notes for check in examine(url)}
        assert notes["safeupdate"] == ["authenticator loads it"]
    finally:
        run(url, "alter role authenticator reset session_preload_libraries")


def test_a_reader_that_is_behind(url):
    run(url, "select wingman.open_reader('late', 'journal', false)")
    assert findings(url) == []
    run(
        url,
        "insert into wingman.events (kind, occurred_at)"
        " values ('match_ended', now() - interval '11 minutes')",
    )
    assert {finding.what.split(" is behind")[0] for finding in findings(url)} == {
        "The reader late",
        "The reader statistics",
        "The reader inbox",
    }
    run(url, "select wingman_admin.remove_reader('late'), wingman.count_events(9), wingman.fill_inboxes(9)")
    assert findings(url) == []
    # also one that has nothing to read, but to remind of
    run(
        url,
        "insert into wingman.reminders (due_at, kind, match_id, about)"
        " values (now() - interval '11 minutes', 'match_expiring', gen_random_uuid(), now())",
    )
    assert [finding.what.split(":")[0] for finding in findings(url)] == ["The reader inbox is behind"]
    run(url, "select wingman.fill_inboxes(9)")
    assert findings(url) == []


@pytest.mark.parametrize(
    ("assignments", "is_found"),
    [
        ("created_at = now() - interval '11 minutes'", True),
        ("created_at = now() - interval '9 minutes'", False),
        ("state = 'waiting', next_attempt_at = now() - interval '11 minutes'", True),
        ("state = 'waiting', next_attempt_at = now()", False),
        (
            "state = 'claimed', token = gen_random_uuid(), next_attempt_at = now() - interval '11 minutes'",
            True,
        ),
        # a worker has just seen that its time had come
        ("attempts = 3, created_at = now() - interval '3 hours'", False),
        ("state = 'sent', settled_at = now(), created_at = now() - interval '3 hours'", False),
    ],
)
def test_messages_that_nobody_sends(url, assignments, is_found):
    run(url, f"{MESSAGE}; update wingman.notification_deliveries set {assignments}")
    found = [(finding.topic, finding.what) for finding in findings(url)]
    what = "Messages of the channel realtime are not sent: 1 are due, the oldest for over ten minutes"
    assert found == ([("delivery", what)] if is_found else [])


def test_dead_messages_are_told_and_are_no_finding(url):
    def notes() -> list[str]:
        return next(check.notes for check in examine(url) if check.name == "deliveries")

    assert notes() == ["0 given up"]
    run(url, f"{MESSAGE}; update wingman.notification_deliveries set state = 'dead', settled_at = now()")
    assert findings(url) == []
    assert notes() == ["1 given up, see wingman_admin.dead_deliveries"]


def test_more_months_due_than_maintenance_drops(url):
    # the newest row says what is old
    run(url, "insert into wingman.events (kind) values ('match_ended')")
    for month in range(1, 5):
        run(
            url,
            f"""create table wingman.events_2020_0{month} partition of wingman.events
                for values from ('2020-0{month}-01 00:00+00') to ('2020-0{month + 1}-01 00:00+00');
                alter table wingman.events_2020_0{month} owner to wingman_owner""",
        )
    (finding,) = findings(url)
    assert finding.topic == "journal"
    assert finding.what == "4 months of the journal are due to be dropped at once, so that none is"
    if_right, _, statement = finding.mend.partition(": ")
    assert if_right == "If the clock of the server is right"
    run(url, statement)
    assert findings(url) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (
            "insert into wingman.events (kind, occurred_at) values ('match_ended', '2099-01-01Z');"
            " select wingman.make_event_partitions(), wingman.count_events(10)",
            "event",
        ),
        (
            "insert into wingman.idempotency_keys values (gen_random_uuid(), 'k', '', '{}', '2099-01-01Z')",
            "idempotency key",
        ),
    ],
)
def test_rows_of_a_clock_that_was_ahead_are_told(url, statement, what):
    run(url, statement)
    assert findings(url) == []
    (check,) = (check for check in examine(url) if check.name == "rows")
    assert check.notes == [
        f"the newest {what} is of 2099-01-01 00:00:00+00: the server's clock is behind, or it was ahead then"
    ]


def test_a_pooler_in_transaction_mode(url, own_server):
    with pooler(own_server.socket_directory, by_transaction=True) as directory:
        (finding,) = findings(make_conninfo(url, host=directory))
    assert finding.topic == "pooler"
    assert "a direct connection" in finding.mend


def test_a_pooler_in_session_mode_is_no_finding(url, own_server):
    with pooler(own_server.socket_directory, by_transaction=False) as directory:
        checks = {check.name: check for check in examine(make_conninfo(url, host=directory))}
    assert [check for check in checks.values() if check.findings] == []
    assert checks["pooler"].notes == ["apparently one in session mode, which works for migrations"]


def test_what_changes_spelling_is_no_finding(url):
    options = "-c intervalstyle=iso_8601 -c quote_all_identifiers=on -c datestyle=German"
    assert findings(make_conninfo(url, options=options)) == []


def test_an_operator_sees_all_but_the_private_tables(wingman, url):
    with login(url, "operator", "in role wingman_admin") as operator:
        done = wingman("doctor", url=operator)
        assert (done.returncode, done.stderr) == (0, "")
        lines = done.stdout.splitlines()
        assert "? revision  not checked: permission denied for table alembic_version" in lines
        assert "? settings  not checked: permission denied for table settings" in lines
        assert lines[-1] == "No findings; not checked: revision, settings, leaderboard, rows, journal."
        run(url, CHANGES["a grant"][0])
        (finding,) = findings(operator)
        assert finding.topic == "privileges"


def test_a_stranger_is_told_what_it_could_not_look_at(wingman, url):
    with login(url, "stranger") as stranger:
        done = wingman("doctor", url=stranger)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith(
        "not checked: revision, settings, objects, readers, leaderboard, deliveries, rows, journal."
    )


def test_a_leaderboard_that_is_not_what_the_ledger_says(url):
    people = "(values ('00000000-0000-4000-8000-000000000001'::uuid)) as p (id)"
    run(
        url,
        f"""insert into wingman.reputation_events
                (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
            select p.id, p.id, p.id, 'completed', 1, 1, 0 from {people}""",
    )
    run(url, "select wingman.count_leaderboard(1000)")
    assert findings(url) == []
    run(url, "update wingman.leaderboard_counts set count = 7")
    (finding,) = findings(url)
    assert finding.topic == "leaderboard"
    # of all time, the month and the week
    assert finding.what.startswith("3 counts")


def test_as_json(wingman, url):
    run(url, CHANGES["a grant"][0])
    done = wingman("doctor", "--json", url=url)
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert {check["name"]: check["findings"] for check in told["checks"]} == {
        **{
            name: []
            for name in (
                "revision",
                "roles",
                "settings",
                "readers",
                "leaderboard",
                "deliveries",
                "rows",
                "journal",
                "isolation",
                "writes",
                "safeupdate",
                "pooler",
            )
        },
        "objects": [
            {
                "topic": "privileges",
                "what": "function public.get_match(uuid,uuid) has anon EXECUTE",
                "mend": "revoke execute on function public.get_match(uuid,uuid) from anon;",
            }
        ],
    }


def test_findings_are_shown_with_their_mends(wingman, url):
    for change in ("a grant", "a policy", "a function's body", "a column's comment"):
        run(url, CHANGES[change][0])
    done = wingman("doctor", url=url)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == "4 findings."
    for change in ("a grant", "a policy", "a function's body", "a column's comment"):
        topic, what = CHANGES[change][1]
        assert f"    {topic}: {what}" in done.stdout
    assert "revoke execute on function public.get_match(uuid,uuid) from anon;" in done.stdout


def test_it_only_reads(url):
    (finding,) = findings(make_conninfo(url, options="-c default_transaction_read_only=on"))
    assert finding.what == "default_transaction_read_only is on, from the client"


def test_no_server_is_one_line(wingman):
    assert "failed" in fails_in_one_line(wingman("doctor", url="postgresql://a@127.0.0.1:1/b"))
