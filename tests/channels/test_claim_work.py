"""What a claim costs: each message is judged once."""

from harness import Connection, People


def test_each_message_is_judged_once(db: Connection, people: People) -> None:
    user_id = people.add()
    db.execute("insert into wingman.webhooks (url, secret) values ('http://localhost/', 'whsec_c2VjcmV0')")
    db.execute(
        """insert into wingman.notification_deliveries (channel, kind, user_id, target_id)
           select 'webhook', 'match_ended', %s, h.id from wingman.webhooks as h, generate_series(1, 12)""",
        [user_id],
    )
    db.execute("set track_functions = 'pl'")
    assert db.execute("select * from wingman.claim_deliveries('webhook', 10)").fetchall() == []
    db.execute("select pg_stat_force_next_flush()")
    calls = db.execute(
        """select p.proname as name, pg_stat_get_function_calls(p.oid) as calls
           from pg_proc as p
           where p.oid in (to_regproc('wingman.delivery_obstacle'), to_regproc('wingman.quiet_until'))"""
    ).fetchall()
    assert {row["name"]: row["calls"] for row in calls} == {"delivery_obstacle": 12, "quiet_until": 12}
    dropped = db.execute(
        "select state, last_error, count(*) from wingman.notification_deliveries group by 1, 2 order by 1"
    ).fetchall()
    assert [tuple(row.values()) for row in dropped] == [("dropped", "gone", 12)]
