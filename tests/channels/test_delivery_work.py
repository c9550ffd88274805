"""How much claims, settlements and readers read, with 100,000 messages that are due and as many that wait."""

from itertools import count

import psycopg
import pytest
from channels.outbox import add_address, add_subscription, add_webhook
from harness import People, Rpc
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

pytestmark = [pytest.mark.fresh_database, pytest.mark.exhaustive]

MANY = 100_000
CHANNELS = ("email", "web_push", "webhook", "realtime")
EACH = 100
"""Messages that are claimed at once."""
TOLD = 1000
# few rows, or read by their keys
SMALL = ("settings", "webhooks", "notification_texts", "inbox_clock")
_COUNTED = """
    select relname, seq_scan, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
    from pg_stat_xact_user_tables
    where schemaname in ('public', 'wingman')
"""
_FILL = """
    insert into wingman.notification_deliveries (
        channel, kind, notification_id, user_id, target_id, state, next_attempt_at, settled_at, attempts
    )
    select
        c.channel, 'suspension_lifted', gen_random_uuid(), %(user)s,
        case c.channel when 'webhook' then %(hook)s else md5('target' || n)::uuid end,
        %(state)s,
        case %(state)s when 'waiting' then now() + interval '1 hour' + n * interval '1 second' end,
        case %(state)s when 'sent' then now() end,
        1
    from unnest(%(channels)s::text[]) as c (channel)
    cross join generate_series(1, %(each)s) as n
"""
_events = count(10**13)


def tell(db, users):
    """A reader tells these people something, and plans to send it."""
    db.execute(
        """
        select wingman.tell(array(
            select row(n.user_id, null, 'suspension_lifted', n.event_id, null, null, null, null, null, false)
                ::wingman.notice
            from unnest(%s::uuid[], %s::bigint[]) as n (user_id, event_id)
        ))
        """,
        [users, [next(_events) for _ in users]],
    )


def fill(db, state, user_id, webhook_id):
    """Many messages in a state, newer than all that there are."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        where = {"user": user_id, "hook": webhook_id, "channels": [*CHANNELS], "each": MANY // len(CHANNELS)}
        db.execute(_FILL, {"state": state, **where})


@pytest.fixture(scope="module", params=["never analysed", "analysed"])
def crowded(request, file_database):
    """A database with the messages, and somebody who is told of 150 things before these, by every channel."""
    file_database.empty()
    info = file_database.connection.info

    def connect(user=info.user):
        return psycopg.connect(info.dsn, user=user, autocommit=True, row_factory=dict_row)

    with connect() as db, connect("authenticator") as login:
        ana = People(db, Rpc(lambda **_: login, db)).add("Ana")
        db.execute("update wingman.settings set realtime = true")
        add_address(db, ana)
        add_subscription(db, ana)
        hooks = [add_webhook(db) for _ in range(8)]
        fill(db, "sent", ana, hooks[0])
        tell(db, [ana] * (EACH + 50))
        for state in ("due", "waiting", "sent"):
            fill(db, state, ana, hooks[0])
        if request.param == "analysed":
            db.execute("analyze")
        db.execute("set track_functions = 'all'")
        yield db, ana


@pytest.fixture
def world(crowded):
    """The same, in a transaction that is undone."""
    db, ana = crowded
    with db.transaction(force_rollback=True):
        yield db, ana


def read_by(db, query, *parameters):
    """What a query gives; sequential scans and rows read of each table."""
    before = {row["relname"]: row for row in db.execute(_COUNTED)}
    found = db.execute(query, parameters).fetchall()
    nothing = {"seq_scan": 0, "rows": 0}
    return found, {
        row["relname"]: tuple(row[name] - before.get(row["relname"], nothing)[name] for name in nothing)
        for row in db.execute(_COUNTED)
    }


def scanned(read):
    return [table for table, (scans, _) in read.items() if scans and table not in SMALL]


def pages(db, query, *parameters):
    """How many pages a query touches."""
    [[plan]] = (
        db.execute(f"explain (analyze, buffers, format json) {query}", parameters).fetchall()[0].values()
    )
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


CLAIM = "select * from wingman.claim_deliveries(%s, %s)"
SETTLE = "select * from wingman.settle_deliveries(%s)"


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_claim_reads_what_it_claims(world, channel):
    db, ana = world
    found, read = read_by(db, CLAIM, channel, EACH)
    assert [one["user_id"] for one in found] == [ana] * EACH
    assert scanned(read) == []
    # each is found, locked, looked at, written and rendered
    assert read["notification_deliveries"][1] <= 8 * EACH, read


@pytest.mark.parametrize("channel", CHANNELS)
def test_so_it_does_with_many_that_have_waited_long_enough(world, channel):
    db, _ = world
    db.execute(
        """update wingman.notification_deliveries set next_attempt_at = now() - interval '1 second'
           where channel = %s and state = 'waiting'
               and next_attempt_at < now() + interval '1 hour 100 seconds'""",
        [channel],
    )
    _, read = read_by(db, CLAIM, channel, EACH)
    assert scanned(read) == []
    assert read["notification_deliveries"][1] <= 12 * EACH, read


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_claim_touches_a_few_pages_for_each(world, channel):
    db, _ = world
    with db.transaction(force_rollback=True):
        # compiles and plans
        db.execute(CLAIM, [channel, EACH])
    assert pages(db, CLAIM, channel, EACH) <= 100 * EACH


@pytest.mark.parametrize("outcome", ["sent", "retry", "failed", "gone"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_settlement_reads_what_it_settles(world, channel, outcome):
    db, _ = world
    found = db.execute(CLAIM, [channel, EACH]).fetchall()
    said = [{"id": str(one["id"]), "token": str(one["token"]), "outcome": outcome} for one in found]
    settled, read = read_by(db, SETTLE, Jsonb(said))
    assert len(settled) == len(found)
    assert scanned(read) == []
    assert read["notification_deliveries"][1] <= 8 * EACH, read


def test_a_reader_plans_all_that_it_has_told_in_one_statement(world):
    db, ana = world
    calls = """select coalesce(sum(calls), 0)::integer as calls from pg_stat_xact_user_functions
               where funcname = 'plan_deliveries'"""
    before = db.execute(calls).fetchone()["calls"]
    with db.transaction(force_rollback=True):
        tell(db, [ana])
    inserted = """select n_tup_ins as rows from pg_stat_xact_user_tables
                  where relname = 'notification_deliveries'"""
    rows = db.execute(inserted).fetchone()["rows"]
    _, read = read_by(
        db,
        """
        select wingman.tell(array(
            select row(%s, null, 'suspension_lifted', n, null, null, null, null, null, false)::wingman.notice
            from generate_series(%s::bigint, %s::bigint) as n
        ))
        """,
        ana,
        10**14,
        10**14 + TOLD - 1,
    )
    # an address, a browser, eight webhooks and Realtime
    assert db.execute(inserted).fetchone()["rows"] - rows == 11 * TOLD
    assert db.execute(calls).fetchone()["calls"] - before == 2
    assert scanned(read) == []
    # the targets, whether they are wanted, and the notification itself
    assert read["notification_deliveries"][1] == 0
    for table, most in (("email_addresses", 1), ("push_subscriptions", 1), ("channel_settings", 2)):
        assert read[table][1] <= most * TOLD, read
    assert read["webhooks"][1] <= 8 * TOLD
    assert read["wingman_notifications"][1] <= 2 * TOLD


def test_what_it_costs_to_plan(world):
    """In pages, for each message: its row and six indexes, and what is read for it."""
    db, ana = world
    db.execute("delete from public.wingman_notifications")
    tell(db, [ana] * TOLD)
    db.execute("delete from wingman.notification_deliveries where created_at = statement_timestamp()")
    plan = """select wingman.plan_deliveries(array(
                  select w.id from public.wingman_notifications as w
              ))"""
    with db.transaction(force_rollback=True):
        db.execute(plan)
    assert pages(db, plan) <= 20 * 11 * TOLD


def test_the_backlog_is_counted_without_what_is_settled(world):
    db, _ = world
    found, read = read_by(db, "select * from wingman_admin.delivery_backlog")
    assert {row["state"]: row["messages"] for row in found if row["channel"] == "email"} == {
        "due": MANY // len(CHANNELS) + EACH + 50,
        "waiting": MANY // len(CHANNELS),
    }
    assert scanned(read) == []
    assert read["notification_deliveries"][1] <= 2 * MANY + 11 * (EACH + 50) + 100


def test_maintenance_reads_what_it_removes(world):
    db, _ = world
    db.execute("update wingman.settings set delivery_retention = '1 hour'")
    db.execute(
        """update wingman.notification_deliveries set settled_at = settled_at - interval '2 hours'
           where state = 'sent' and channel = 'email'"""
    )
    # the clock has not jumped: see wingman.lapsed_until
    db.execute(
        """update wingman.notification_deliveries set settled_at = now() - interval '61 minutes'
           where id = (
               select d.id from wingman.notification_deliveries as d
               where d.state = 'sent' order by d.id desc limit 1
           )"""
    )
    [found], read = read_by(db, "select * from wingman.run_maintenance()")
    assert found["purged_deliveries"] == 1000
    assert read["notification_deliveries"] <= (0, 4000), read


def test_once_all_is_sent_there_is_little_to_read(crowded):
    """The last one: what it does stays."""
    db, _ = crowded
    db.execute(
        """update wingman.notification_deliveries
           set state = 'sent', settled_at = now(), next_attempt_at = null where state <> 'sent'"""
    )
    for channel in CHANNELS:
        # whoever is first passes by what the index still has
        assert db.execute(CLAIM, [channel, EACH]).fetchall() == []
        with db.transaction():
            found, read = read_by(db, CLAIM, channel, EACH)
        assert found == []
        assert scanned(read) == []
        assert read["notification_deliveries"][1] == 0, read
        # those of the index, until it is vacuumed
        assert pages(db, CLAIM, channel, EACH) <= 1000
