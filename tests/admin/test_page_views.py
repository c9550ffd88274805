"""The views that the operators' page needs: places, standing, queues, maintenance, reports of no-shows."""

import pytest
from channels.outbox import DEAD, make_messages
from fairness.noshows import DECIDED, let_pass, mark, missed, report, report_in_state, suspend
from psycopg.rows import tuple_row
from rows import make_pair, make_session

LISBON = (38, -10)


def places(db):
    query = "select lat, lng, people from wingman_admin.waiting_places"
    return db.cursor(row_factory=tuple_row).execute(query).fetchall()


@pytest.mark.parametrize(
    ("people_there", "shown"), [(0, []), (4, []), (5, [5]), (9, [5]), (10, [10])], ids=lambda it: str(it)
)
def test_places_show_fives_and_nothing_below(db, people, people_there, shown):
    for _ in range(people_there):
        people.add()
    assert places(db) == [(*LISBON, number) for number in shown]


def move_pool(db, *points):
    """Let five people be at each of these points of the search's grid, whom nobody else knows of."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        for lat, lng in points:
            db.execute(
                """insert into wingman.matchmaking_pool (user_id, grid_lat, grid_lng, level, max_travel_miles)
                   select gen_random_uuid(), %s, %s, 1, 10 from generate_series(1, 5)""",
                [lat, lng],
            )


CELLS = {
    (3872, -914): (38, -10),
    (3899, -1000): (38, -10),
    (3900, -999): (39, -10),
    (0, 0): (0, 0),
    (-1, -1): (-1, -1),
    (-100, -100): (-1, -1),
    (-101, 99): (-2, 0),
    (9000, 0): (89, 0),
    (8999, 17999): (89, 179),
    (-9000, 18000): (-90, -180),
    (-8999, -17999): (-90, -180),
}
"""The south-western corner of the cell, by the point."""


def test_a_cell_begins_in_its_south_west(db):
    for point, cell in CELLS.items():
        move_pool(db, point)
        assert places(db) == [(*cell, 5)], point
        with db.transaction():
            db.execute("set local session_replication_role = replica")
            db.execute("delete from wingman.matchmaking_pool")


def test_the_fullest_places_come_first(db):
    move_pool(db, (100, 100), (-100, 100), (100, 100), (100, 300))
    assert places(db) == [(1, 1, 10), (-1, 1, 5), (1, 3, 5)]


def test_who_cannot_be_matched_now_does_not_wait(db, rpc, people):
    operator = rpc.as_admin()
    ana, ben, cleo, *_ = [people.add() for _ in range(7)]
    assert places(db) == [(*LISBON, 5)]
    rpc.as_user(ana).call("pause_matching")
    suspend(operator, ben)
    assert places(db) == [(*LISBON, 5)]
    # for a time, and not without end
    suspend(operator, cleo, "2099-01-01T00:00:00Z")
    assert places(db) == []
    rpc.as_user(ana).call("resume_matching")
    assert places(db) == [(*LISBON, 5)]
    make_pair(db, people, "pending")
    assert places(db) == [(*LISBON, 5)]


def standing(db):
    rows = db.execute("select state, people from wingman_admin.standing").fetchall()
    assert [row["state"] for row in rows] == [
        *("free", "cooldown", "offered", "paused", "paused_automatically", "suspended")
    ]
    return {row["state"]: row["people"] for row in rows if row["people"]}


def test_everybody_is_in_one_state(db, rpc, people):
    operator = rpc.as_admin()
    assert standing(db) == {}
    free, paused, suspended = people.add(), people.add(), people.add()
    rpc.as_user(paused).call("pause_matching")
    suspend(operator, suspended, "2099-01-01T00:00:00Z")
    make_pair(db, people, "pending")
    assert standing(db) == {"free": 1, "offered": 2, "paused": 1, "suspended": 1}
    # who is suspended is nothing else
    suspend(operator, paused)
    assert standing(db) == {"free": 1, "offered": 2, "suspended": 2}
    db.execute(
        "update wingman.matchmaking_pool set paused = true, paused_automatically = true where user_id = %s",
        [free],
    )
    assert standing(db) == {"offered": 2, "paused_automatically": 1, "suspended": 2}


def test_nobody_who_is_suspended_for_a_time_waits_in_any_view(db, rpc, people):
    ana, _ = people.add(), people.add()
    suspend(rpc.as_admin(), ana, "2099-01-01T00:00:00Z")
    waiting = db.execute("select sum(people) as people from wingman_admin.waiting_seekers").fetchone()
    counted = db.execute(
        "select amount from wingman_admin.metrics where metric = 'seekers' and state = 'free'"
    ).fetchone()
    assert (standing(db)["free"], waiting, counted) == (1, {"people": 1}, {"amount": 1})


def test_a_cooldown_ends_by_itself(db, rpc, people):
    db.execute("update wingman.settings set cooldown_steps = '{\"24 hours\"}'")
    pair = make_pair(db, people)
    mark(rpc.as_admin(), missed(db, pair), pair.user2)
    db.execute(
        "update wingman.matchmaking_pool set cooldown_until = wingman.cooldown_until(user_id) where true"
    )
    assert standing(db) == {"free": 1, "cooldown": 1}
    db.execute("update wingman.matchmaking_pool set cooldown_until = statement_timestamp() where true")
    assert standing(db) == {"free": 2}


def queues(db):
    rows = db.execute("select queue, waiting, oldest_at from wingman_admin.queue_counts").fetchall()
    return {row["queue"]: (row["waiting"], row["oldest_at"]) for row in rows}


def test_what_waits_is_counted_as_the_queues_show_it(db, rpc, people):
    nothing = (0, None)
    assert queues(db) == dict.fromkeys(
        ["reports", "no_shows", "overdue_sessions", "dead_deliveries"], nothing
    )
    # the first two age all reports that there are
    for state in ("lapsed", "unanswered", "contested", *DECIDED):
        report_in_state(db, rpc, make_pair(db, people), state)
    pair = make_pair(db, people)
    rpc.as_user(pair.user1).call("report_user", subject_id=pair.user2, reason="Was rude")
    make_session(db, pair.match_id, starts="-25 hours")
    make_session(db, make_pair(db, people).match_id, starts="-23 hours")
    make_messages(db, people, DEAD)
    shown = {
        "reports": "select count(*), min(created_at) from wingman_admin.report_queue",
        "no_shows": "select count(*), min(created_at) from wingman_admin.no_show_queue",
        "overdue_sessions": "select count(*), min(scheduled_time) from wingman_admin.overdue_sessions",
        "dead_deliveries": "select count(*), min(settled_at) from wingman_admin.dead_deliveries",
    }
    for queue, query in shown.items():
        seen = db.cursor(row_factory=tuple_row).execute(query).fetchone()
        assert queues(db)[queue] == seen, queue
        assert seen[0] > 0, queue


@pytest.mark.parametrize("state", ["contested", "lapsed", *DECIDED])
def test_a_report_of_a_no_show_says_what_became_of_it(db, rpc, people, state):
    pair = make_pair(db, people)
    session_id = report_in_state(db, rpc, pair, state)
    [row] = db.execute("select * from wingman_admin.no_show_reports").fetchall()
    assert (row["session_id"], row["status"]) == (session_id, state)
    assert (row["reporter_id"], row["accused_id"]) == (pair.user1, pair.user2)
    assert (row["closed_at"] is not None) == (state in DECIDED)
    counts = db.execute("select * from wingman_admin.no_show_counts").fetchall()
    assert counts == [{"status": state, "reports": 1}]


def test_reports_older_than_a_month_are_not_counted(db, rpc, people):
    pair = make_pair(db, people)
    report(rpc, pair.user1, missed(db, pair))
    let_pass(db, "31 days")
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("update wingman.no_show_reports set id = wingman.first_id_at(created_at)")
    assert db.execute("select * from wingman_admin.no_show_counts").fetchall() == []
    assert len(db.execute("select * from wingman_admin.no_show_reports").fetchall()) == 1


def backlog(db):
    rows = db.execute("select work, due_since from wingman_admin.maintenance_backlog").fetchall()
    assert [row["work"] for row in rows] == [
        *("settle_matches", "purge_keys", "purge_notifications", "purge_deliveries", "make_partitions")
    ]
    return {row["work"]: row["due_since"] for row in rows if row["due_since"]}


def test_what_maintenance_has_to_do_and_since_when(db, rpc, people):
    pair = make_pair(db, people, "lapsed")
    rpc.as_user(pair.user1).call("pause_matching", idempotency_key="a key")
    make_messages(db, people, "state = 'sent', attempts = 1, settled_at = statement_timestamp()")
    db.execute("select wingman.run_readers()")
    due = {"settle_matches": "select min(pending_until) as at from wingman.matchmaking_pool"}
    assert backlog(db) == {work: db.execute(query).fetchone()["at"] for work, query in due.items()}
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        for table, column, retention in (
            ("wingman.idempotency_keys", "created_at", "idempotency_retention"),
            ("wingman.notification_deliveries", "settled_at", "delivery_retention"),
            ("public.wingman_notifications", "created_at", "notification_retention"),
        ):
            # an hour longer than it is kept: what is years old would be kept, as a clock may have jumped
            db.execute(
                f"update {table} set {column} = statement_timestamp() - t.{retention} - interval '1 hour'"
                f" from wingman.settings as t where {column} is not null"
            )
        db.execute("delete from public.wingman_notifications where user_id <> %s", [pair.user1])
        db.execute("update public.wingman_notifications set id = wingman.first_id_at(created_at)")
    assert backlog(db).keys() == {"settle_matches", "purge_keys", "purge_notifications", "purge_deliveries"}
    expected = db.execute(
        "select min(k.created_at) + min(t.idempotency_retention) as at"
        " from wingman.idempotency_keys as k cross join wingman.settings as t"
    ).fetchone()
    assert backlog(db)["purge_keys"] == expected["at"]
    db.execute("select wingman.run_maintenance()")
    assert backlog(db) == {}
