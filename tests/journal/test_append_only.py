"""Nobody changes the journal, only operators read it, and no table in it can be emptied unnoticed."""

import psycopg
import pytest
from journal.stories import tell_everything
from journal.trail import trail
from rows import all_rows, make_pair, make_session
from security.allowed import ROLES

# Each has a trigger that writes changes of its rows to the journal.
JOURNALLED = (
    "public.user_blocks",
    "public.user_profiles",
    "public.wingman_matches",
    "public.wingman_sessions",
    "wingman.earned_achievements",
    "wingman.matchmaking_pool",
    "wingman.no_show_reports",
    "wingman.settings",
    "wingman.suspensions",
)
# Why the journal need not tell of the others.
NOT_JOURNALLED = {
    "public.user_locations": "personal: where somebody is",
    "public.wingman_notifications": "follows from the journal, and goes with its account",
    "wingman.achievements": "operator_decisions says what was added",
    "wingman.channel_settings": "personal: how somebody wants to be told",
    "wingman.email_addresses": "personal: where somebody is told",
    "wingman.events": "the journal",
    "wingman.idempotency_keys": "answers that were given, and are forgotten",
    "wingman.inbox_clock": "how far readers have come",
    "wingman.leaderboard_counts": "follows from the ledger",
    "wingman.leaderboard_histogram": "follows from the ledger",
    "wingman.leaderboard_key": "no state: any other would do",
    "wingman.leaderboard_members": "personal: how somebody wants to be shown",
    "wingman.leaderboard_reviews": "how far a reader has come",
    "wingman.leaderboard_tallies": "follows from the ledger",
    "wingman.match_searches": "what a match was made by: written once, with the match",
    "wingman.match_progress": "follows from the journal",
    "wingman.match_statistics": "follows from the journal",
    "wingman.notification_deliveries": "follows from the notifications, and goes with its account",
    "wingman.notification_texts": "operator_decisions says what was changed",
    "wingman.occupied_cells": "follows from the pool",
    "wingman.operator_decisions": "append-only, its own journal",
    "wingman.outcome_statistics": "follows from the journal",
    "wingman.postponed_evaluations": "follows from the ledger",
    "wingman.postponed_notices": "follows from the journal",
    "wingman.push_subscriptions": "personal: where somebody is told",
    "wingman.asked_addresses": "forgotten within days",
    "wingman.rate_limits": "forgotten within days",
    "wingman.reader_backlogs": "how far readers have come",
    "wingman.readers": "how far readers have come",
    "wingman.reminders": "follows from the journal",
    "wingman.reputation_events": "append-only, its own journal",
    "wingman.reputation_statistics": "follows from journal and ledger",
    "wingman.session_statistics": "follows from the journal",
    "wingman.user_events": "follows from the journal",
    "wingman.user_reports": "personal; operator_decisions says what became of it",
    "wingman.webhooks": "operator_decisions says what was changed",
}
APPEND_ONLY = (
    "wingman.events",
    "wingman.operator_decisions",
    "wingman.reputation_events",
)
# A second trigger writes new rows: a call pays for each operator of a function, also where it is not reached.
WITH_ONE_FOR_INSERTS = ("public.wingman_matches", "public.wingman_sessions")
EVERYBODY = pytest.mark.parametrize("role", ["none", "wingman_owner"], ids=["superuser", "owner"])


def triggers(db, table: str) -> list[str]:
    """The functions of a table's own triggers, each once."""
    found = db.execute(
        """select distinct p.proname::text as name
           from pg_trigger as t inner join pg_proc as p on p.oid = t.tgfoid
           where t.tgrelid = %s::regclass and not t.tgisinternal
           order by 1""",
        [table],
    )
    return [row["name"] for row in found]


def writers_of(table: str) -> list[str]:
    """The trigger functions that write the journal of a table."""
    writer = f"tg_{table.partition('.')[2]}__journal"
    return [writer, f"{writer}_insert"] if table in WITH_ONE_FOR_INSERTS else [writer]


class TestTheTables:
    def test_every_table_is_journalled_or_has_a_reason_not_to_be(self, db):
        tables = db.execute(
            """select c.oid::regclass::text as name
               from pg_class as c
               where c.relnamespace in ('public'::regnamespace, 'wingman'::regnamespace)
                   and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'alembic_version'"""
        )
        names = {row["name"] if "." in row["name"] else f"public.{row['name']}" for row in tables}
        assert names == {*JOURNALLED, *NOT_JOURNALLED}

    def test_its_own_triggers_write_what_becomes_of_a_table(self, db):
        for table in JOURNALLED:
            assert [name for name in triggers(db, table) if "__journal" in name] == writers_of(table)
            assert "tg_any__refuse_truncate" in triggers(db, table)

    def test_nothing_else_writes_to_the_journal(self, db):
        writers = db.execute(
            r"""select proname::text as name from pg_proc
                where pronamespace in ('wingman'::regnamespace, 'wingman_admin'::regnamespace)
                    and prosrc ~ 'insert into wingman\.events'"""
        )
        assert {row["name"] for row in writers} == {
            writer for table in JOURNALLED for writer in writers_of(table)
        }

    @EVERYBODY
    def test_none_is_truncated(self, db, people, role):
        pair = make_pair(db, people)
        make_session(db, pair.match_id)
        db.execute(
            "insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s)",
            [pair.user1, pair.user2],
        )
        before = all_rows(db)
        for table in JOURNALLED:
            name = table.partition(".")[2]
            with (
                pytest.raises(psycopg.errors.CheckViolation, match=f"{name} cannot be truncated") as caught,
                db.transaction(),
            ):
                db.execute(f"set local role {role}")
                # a plain one would fail on foreign keys, where there are any
                db.execute(f"truncate {table} cascade")
            assert caught.value.diag.constraint_name == f"{name}_not_truncated"
        assert all_rows(db) == before

    def test_not_by_truncating_what_they_refer_to(self, db, people):
        people.add()
        with pytest.raises(psycopg.errors.CheckViolation, match="cannot be truncated"):
            db.execute("truncate auth.users cascade")


@pytest.fixture(params=["wingman.events", "wingman.events_default", "the month's"])
def table(request, db, people):
    """With a row to change."""
    people.add()
    db.execute("insert into wingman.events (occurred_at, kind) values ('1999-01-01', 'settings_changed')")
    if request.param != "the month's":
        return request.param
    month = db.execute(
        "select 'wingman.events_' || to_char(now() at time zone 'UTC', 'YYYY_MM') as name"
    ).fetchone()
    return month["name"]


@EVERYBODY
def test_nobody_changes_it(db, table, role):
    before = trail(db)
    for statement in (
        "update {} set source = 'nobody'",
        "update {} set id = id",
        "update {} set occurred_at = '1999-02-01'",
        "delete from {}",
        "truncate {}",
    ):
        with pytest.raises(psycopg.errors.CheckViolation, match="is append-only"), db.transaction():
            db.execute(f"set local role {role}")
            db.execute(statement.format(table))
    assert trail(db) == before


@pytest.mark.representatives("wingman.events-*", "the month's-authenticated")
@pytest.mark.parametrize("role", ROLES)
def test_no_role_may_even_read_it(db, table, role):
    for statement in (
        "select from {}",
        "select count(id) from {}",
        "insert into {} (kind) values ('match_offered')",
        "insert into {} (occurred_at, kind) values (now(), 'match_offered')",
        "update {} set source = 'nobody'",
        "delete from {}",
        "truncate {}",
        "drop table {}",
        "alter table {} disable trigger all",
        "create trigger mine before insert on {}"
        " for each row execute function wingman.tg_any__refuse_change()",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute(f"set local role {role}")
            db.execute(statement.format(table))


class TestTheView:
    @pytest.mark.parametrize("role", ["service_role", "wingman_admin"])
    def test_operators_read_the_journal_through_it(self, db, rpc, people, role):
        tell_everything(db, rpc, people)
        query = "select id, occurred_at, kind, match_id, session_id, user_id, details from {} order by id"
        with db.transaction():
            db.execute(f"set local role {role}")
            seen = db.execute(query.format("wingman_admin.audit_log")).fetchall()
        assert seen == db.execute(query.format("wingman.events")).fetchall()

    @pytest.mark.parametrize("role", ["anon", "authenticated", "authenticator"])
    def test_nobody_else_does(self, db, role):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute(f"set local role {role}")
            db.execute("select from wingman_admin.audit_log")

    @pytest.mark.parametrize("role", ["none", "wingman_owner", "service_role", "wingman_admin"])
    @pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}"])
    def test_nobody_changes_it_there(self, db, people, role, statement):
        people.add()
        refusals = (psycopg.errors.CheckViolation, psycopg.errors.InsufficientPrivilege)
        with pytest.raises(refusals), db.transaction():
            db.execute(f"set local role {role}")
            db.execute(statement.format("wingman_admin.audit_log"))


@EVERYBODY
def test_what_is_its_own_journal_is_append_only_too(db, rpc, people, role):
    pair = make_pair(db, people)
    told = {"session_id": make_session(db, pair.match_id), "reason": "Not there"}
    rpc.as_admin().call("wingman_admin.mark_no_show", absent_user_id=pair.user1, **told)
    db.execute("select wingman.record_decision('user_exported', %s, null, 'They asked')", [pair.user1])
    for table in APPEND_ONLY:
        for statement in ("delete from {}", "truncate {} cascade"):
            with pytest.raises(psycopg.errors.CheckViolation, match="is append-only"), db.transaction():
                db.execute(f"set local role {role}")
                db.execute(statement.format(table))
