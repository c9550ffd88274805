"""run_maintenance: what it tidies up, in what amounts, and that it never waits for anybody's rows."""

from uuid import uuid4

import pytest
from answers import refused
from harness import LISBON, OPERATOR, in_thread
from psycopg.rows import tuple_row
from rows import all_rows, make_pair

RUN = "wingman.run_maintenance"
NOTHING = {
    "expired_matches": 0,
    "purged_keys": 0,
    "purged_limits": 0,
    "made_partitions": 0,
    "dropped_partitions": 0,
    "counted_events": 0,
    "counted_reputation_events": 0,
    "refused_partitions": 0,
    "told": 0,
    "purged_notifications": 0,
    "purged_deliveries": 0,
    "ranked": 0,
    "evaluated": 0,
}


@pytest.fixture
def untidy(db, people):
    """Three lapsed matches, keys and limits, and as many that still count."""
    matches = [make_pair(db, people, "lapsed").match_id for _ in range(3)]
    make_pair(db, people, "pending")
    db.execute("select wingman.count_events(10000), wingman.fill_inboxes(10000)")
    db.execute("delete from wingman.rate_limits")
    for n in range(3):
        for age in ("72 hours 1 second", "71 hours"):
            db.execute(
                """insert into wingman.idempotency_keys
                       (user_id, idempotency_key, fingerprint, response, created_at)
                   values (%s, %s, '', '{}', statement_timestamp() - %s::interval)""",
                [uuid4(), f"key {n}", age],
            )
        for left in ("-1 second", "1 hour"):
            db.execute(
                """insert into wingman.rate_limits (user_id, bucket, spent_until)
                   values (%s, 'confirm', statement_timestamp() + %s::interval)""",
                [uuid4(), left],
            )
    return matches


def statuses(db):
    cursor = db.cursor(row_factory=tuple_row)
    return dict(cursor.execute("select status, count(*) from public.wingman_matches group by 1").fetchall())


def left(db):
    row = db.execute(
        """select (select count(*) from wingman.idempotency_keys) as keys,
                  (select count(*) from wingman.rate_limits) as limits"""
    ).fetchone()
    return row["keys"], row["limits"]


def test_it_tidies_up_what_is_over_and_nothing_else(db, operator, untidy):
    assert operator.call(RUN) == {**NOTHING, "expired_matches": 3, "purged_keys": 3, "purged_limits": 3}
    assert statuses(db) == {"expired": 3, "pending": 1}
    assert left(db) == (3, 3)
    # what became of the matches, and of the six people's waiting
    assert operator.call(RUN) == {**NOTHING, "counted_events": 3, "told": 3}
    again = all_rows(db)
    assert operator.call(RUN) == NOTHING
    assert all_rows(db) == again


def test_it_does_as_much_of_each_as_it_may(db, operator, untidy):
    assert operator.call(RUN, max_rows=2) == {
        **NOTHING,
        "expired_matches": 2,
        "purged_keys": 2,
        "purged_limits": 2,
    }
    assert operator.call(RUN, max_rows=2) == {
        **NOTHING,
        "expired_matches": 1,
        "purged_keys": 1,
        "purged_limits": 1,
        "counted_events": 2,
        "told": 2,
    }


def test_those_that_were_over_first_come_first(db, operator, untidy):
    oldest = untidy[1]
    db.execute(
        "update public.wingman_matches set expires_at = expires_at - interval '1 hour' where id = %s",
        [oldest],
    )
    operator.call(RUN, max_rows=1)
    row = db.execute("select id from public.wingman_matches where status = 'expired'").fetchall()
    assert row == [{"id": oldest}]


def test_settling_counts_an_unanswered_offer_as_ever(db, operator, untidy):
    operator.call(RUN)
    row = db.execute(
        """select count(*) as people from wingman.matchmaking_pool
           where pending_match_id is null and unanswered_offers = 1"""
    ).fetchone()
    assert row == {"people": 6}


def test_it_makes_the_months_that_are_missing_and_drops_the_old_ones(db, operator):
    with db.transaction():
        db.execute("set local role wingman_owner")
        [newest] = db.execute(
            """select c.relname from pg_inherits as i inner join pg_class as c on c.oid = i.inhrelid
               where i.inhparent = 'wingman.events'::regclass and c.relname <> 'events_default'
               order by c.relname desc limit 1"""
        ).fetchall()
        db.execute(f"drop table wingman.{newest['relname']}")
        db.execute(
            """create table wingman.events_2020_01 partition of wingman.events
               for values from ('2020-01-01 00:00+00') to ('2020-02-01 00:00+00')"""
        )
    assert operator.call(RUN) == {**NOTHING, "made_partitions": 1, "dropped_partitions": 1}
    assert operator.call(RUN) == NOTHING


def test_it_says_how_many_months_it_keeps_because_they_are_too_many(db, operator):
    with db.transaction():
        db.execute("set local role wingman_owner")
        for month in range(1, 5):
            db.execute(
                f"""create table wingman.events_2020_0{month} partition of wingman.events
                    for values from ('2020-0{month}-01 00:00+00') to ('2020-0{month + 1}-01 00:00+00')"""
            )
    assert operator.call(RUN) == {**NOTHING, "refused_partitions": 4}
    db.execute("update wingman.settings set journal_drop_limit = 4 where id")
    assert operator.call(RUN) == {**NOTHING, "dropped_partitions": 4}
    # the change of the settings
    assert operator.call(RUN) == {**NOTHING, "counted_events": 1, "told": 1}


@pytest.fixture
def clock_ahead(db, untidy):
    """To the server it is the same whether its clock is ahead by ten years, or all rows are old."""
    db.execute("update wingman.idempotency_keys set created_at = created_at - interval '10 years' where true")
    db.execute("update wingman.rate_limits set spent_until = spent_until - interval '10 years' where true")


def test_a_clock_that_is_ahead_costs_no_keys_and_no_limits(db, operator, clock_ahead):
    done = operator.call(RUN)
    assert (done["purged_keys"], done["purged_limits"]) == (0, 0)
    assert left(db) == (6, 6)


def test_nor_do_the_calls_that_are_made_meanwhile(db, operator, rpc, people, clock_ahead):
    caller = rpc.as_user(people.add())
    caller.call("pause_matching", idempotency_key="while it is ahead")
    operator.call(RUN)
    keys = db.execute("select idempotency_key as key from wingman.idempotency_keys order by created_at")
    assert [row["key"] for row in keys][-1] == "while it is ahead"
    assert left(db)[0] == 7
    assert operator.call(RUN)["purged_keys"] == 0


def test_where_calls_are_rare_the_last_keys_go_with_the_next_ones(db, operator, clock_ahead):
    operator.call(RUN)
    db.execute(
        """insert into wingman.idempotency_keys (user_id, idempotency_key, fingerprint, response, created_at)
           values (gen_random_uuid(), 'later', '', '{}', statement_timestamp() - interval '73 hours')"""
    )
    db.execute(
        """insert into wingman.rate_limits (user_id, bucket, spent_until)
           values (gen_random_uuid(), 'confirm', statement_timestamp() - interval '1 hour')"""
    )
    done = operator.call(RUN)
    assert (done["purged_keys"], done["purged_limits"]) == (7, 7)
    assert left(db) == (0, 0)


def test_a_service_may_run_it(rpc, untidy):
    assert rpc.as_service().call(RUN)["expired_matches"] == 3


@pytest.mark.parametrize("max_rows", [0, -1, 100_001])
def test_how_much_has_its_limits(db, operator, max_rows):
    rule = "must be 1 to 100000"
    with refused(db, "invalid_argument", 400, f"max_rows {rule}", argument="max_rows", rule=rule):
        operator.call(RUN, max_rows=max_rows)


def test_how_much_is_said(db, operator):
    with refused(db, "missing_argument", 400, "max_rows is required", argument="max_rows"):
        operator.call(RUN, max_rows=None)


def unhindered(db, connection, max_rows=1000):
    """The result of a run that must not wait for anybody."""
    pid = connection.info.backend_pid
    query = "select expired_matches, purged_keys, purged_limits from wingman.run_maintenance(%s)"
    cursor = connection.cursor(row_factory=tuple_row)
    running = in_thread(lambda: cursor.execute(query, [max_rows]).fetchall())
    while not running.done():
        row = db.execute("select pg_blocking_pids(%s) as blockers", [pid]).fetchone()
        assert row == {"blockers": []}
    return running.result()[0]


HELD = {
    "a seeker": (
        "select from wingman.matchmaking_pool where pending_match_id = %(id)s limit 1 for no key update",
        (2, 3, 3),
    ),
    "a match": ("select from public.wingman_matches where id = %(id)s for no key update", (2, 3, 3)),
    "a key": (
        """select from wingman.idempotency_keys
           where idempotency_key = 'key 1' and created_at < now() - interval '72 hours' for update""",
        (3, 2, 3),
    ),
    "a limit": (
        "select from wingman.rate_limits where spent_until < statement_timestamp() limit 1 for update",
        (3, 3, 2),
    ),
}


@pytest.mark.parametrize("what", HELD)
def test_it_passes_by_what_somebody_holds(db, connect, untidy, what):
    lock, done = HELD[what]
    holder, operator = connect(user=db.info.user), connect(user=OPERATOR)
    with holder.transaction():
        holder.execute(lock, {"id": untidy[0]})
        assert unhindered(db, operator) == done
    assert sum(unhindered(db, operator)) == 1


def test_two_at_once_share_the_work_while_somebody_holds_rows(db, connect, untidy):
    holder = connect(user=db.info.user)
    first, second = connect(user=OPERATOR), connect(user=OPERATOR)
    query = "select expired_matches + purged_keys + purged_limits as rows from wingman.run_maintenance(%s)"
    with holder.transaction():
        for lock, _ in HELD.values():
            holder.execute(lock, {"id": untidy[0]})
        runs = [
            in_thread(lambda c=connection: c.execute(query, [1]).fetchone()["rows"])
            for connection in (first, second)
        ]
        done = [run.result(15) for run in runs]
    assert all(1 <= rows <= 3 for rows in done), done
    while sum(unhindered(db, first)):
        pass
    assert statuses(db) == {"expired": 3, "pending": 1}
    assert left(db) == (3, 3)


def test_a_rate_limit_spent_anew_is_kept(db, operator, connect, rpc, people):
    user_id = people.add()
    db.execute("update wingman.rate_limits set spent_until = statement_timestamp() - interval '1 hour'")
    caller = rpc.as_user(user_id)
    with caller.transaction():
        caller.call("complete_profile", first_name="Eva", experience_level="beginner", **LISBON)
        assert operator.call(RUN)["purged_limits"] == 0
    assert left(db)[1] == 1
