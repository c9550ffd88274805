"""Each event and each reminder once for each person: whatever the page size, readers and rollbacks."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random
from threading import Event

import psycopg
import pytest
from harness import People, Rpc, in_thread
from inbox.inboxes import (
    forget,
    kinds,
    let_pass_until_due,
    notifications,
    planned,
    read,
    read_all,
    reminders,
    scalar,
    told,
)
from journal.readers import open_reader
from journal.servers import connections, dump, install, restore, server, use_up_transactions
from journal.stories import RandomStory, tell_everything
from races.race import Race
from rows import lift_rate_limits, make_pair, make_session, update_session

DEADLINE = 60
TOLD = """
    select user_id, kind, event_id, match_id, session_id, due_at, useful_until, is_limited
    from public.wingman_notifications order by event_id, due_at, kind, user_id
"""
STATE = """
    select
        (select jsonb_agg(n order by n.id) from public.wingman_notifications as n) as told,
        (select jsonb_agg(r order by r.due_at, r.kind, r.match_id) from wingman.reminders as r) as planned,
        (select jsonb_agg(p) from wingman.postponed_notices as p) as postponed,
        (select to_jsonb(c) from wingman.inbox_clock as c) as clock,
        (select to_jsonb(r) from wingman.readers as r where r.name = 'inbox') as reader
"""


@pytest.fixture
def race(connect, db):
    return Race(connect, db)


@pytest.fixture
def another(db, connect):
    """Opens connections like that of db."""
    return lambda: connect(user=db.info.user)


def read_from_the_start(db):
    """Resets the inboxes and the reader, as if nobody had been told anything."""
    db.execute("delete from public.wingman_notifications")
    db.execute("delete from wingman.reminders")
    db.execute("delete from wingman.readers where name = 'inbox'")
    open_reader(db, "inbox", from_start=True)


def move(db, session_id, by="1 minute"):
    """Something of which both are told."""
    update_session(db, session_id, f"scheduled_time = scheduled_time + interval '{by}'")


@pytest.fixture
def session_id(db, pair):
    made = make_session(db, pair.match_id, starts="48 hours")
    forget(db)
    return made


class TestPages:
    @pytest.mark.parametrize("limit", [2, 1000])
    @pytest.mark.exhaustive
    def test_of_any_size_tell_the_same(self, db, rpc, people, limit):
        lift_rate_limits(db)
        tell_everything(db, rpc, people)
        story = RandomStory(db, rpc, people, 5)
        story.tell(150)
        db.execute("update wingman.settings set notifications_per_day = %s", [limit])
        read_from_the_start(db)
        found = {}
        for max_rows in (1, 3, 7, 1000):
            with db.transaction(force_rollback=True):
                read_all(db, max_rows)
                found[max_rows] = (db.execute(TOLD).fetchall(), planned(db))
        assert found[1] == found[3] == found[7] == found[1000]
        rows, _ = found[1]
        assert len(rows) > 50
        assert any(row["kind"] == "more_activity" for row in rows) == (limit == 2)

    @pytest.mark.parametrize("max_rows", [1, 2, 1000])
    def test_a_run_says_how_much_of_a_page_it_has_processed(self, db, session_id, max_rows):
        for _ in range(3):
            move(db, session_id)
        found = []
        while done := read(db, max_rows):
            found.append(done)
        assert found == [min(max_rows, 3)] * (3 // min(max_rows, 3)) + [1] * (max_rows == 2)

    def test_reminders_fill_pages_of_their_own(self, db, session_id):
        db.execute("update wingman.reminders set due_at = due_at - interval '47 hours 59 minutes'")
        for kind in ("agreement_reminder", "session_reminder"):
            assert kind in planned(db)
        assert [read(db, 2), read(db, 2)] == [2, 1]
        assert planned(db) == ["confirmation_reminder"]


class TestIdle:
    def test_a_run_with_nothing_to_do_writes_nothing(self, db, session_id):
        read_all(db)
        before = db.execute(STATE).fetchone()
        with db.transaction():
            assert read(db) == 0
            assert scalar(db, "select pg_current_xact_id_if_assigned() is null")
        assert db.execute(STATE).fetchone() == before

    def test_nor_does_one_while_reminders_are_still_to_come(self, db, session_id):
        read_all(db)
        assert planned(db)
        with db.transaction():
            assert read(db) == 0
            assert scalar(db, "select pg_current_xact_id_if_assigned() is null")


class TestAtOnce:
    def test_while_one_reads_another_returns_at_once_and_tells_nobody(self, db, race, pair, session_id):
        move(db, session_id)
        first, second = (race.operation("wingman.run_readers", max_rows=1000) for _ in range(2))
        met = race.overtake(first, second)
        assert (met.first["told"], met.second["told"]) == (1, 0)
        assert told(db, pair) == (["session_moved"], ["session_moved"])
        read_all(db)
        assert told(db, pair) == (["session_moved"], ["session_moved"])

    def test_the_same_for_reminders(self, db, race, pair, session_id):
        let_pass_until_due(db, "session_reminder")
        update_session(db, session_id, "proposed_by = user1_id")
        first, second = (race.operation("wingman.run_readers", max_rows=1000) for _ in range(2))
        met = race.overtake(first, second)
        assert (met.first["told"], met.second["told"]) == (1, 0)
        assert told(db, pair) == (["session_reminder"], [])

    def test_the_other_readers_go_on_meanwhile(self, db, race, session_id):
        """A run that fills the inboxes does not stop another one from counting."""
        move(db, session_id)
        holder = race.statement("select from wingman.inbox_clock for update")
        met = race.overtake(holder, race.operation("wingman.run_readers", max_rows=1000))
        assert (met.second["told"], met.second["counted_events"] > 0) == (0, True)

    def test_nobody_who_calls_waits_for_the_reader(self, db, race, rpc, pair, session_id):
        update_session(db, session_id, "proposed_by = user1_id")
        reader = race.operation("wingman.run_readers", max_rows=1000)
        met = race.overtake(reader, race.call(pair.user2, "agree_to_session", session_id=session_id))
        assert met.second["id"] == session_id
        read_all(db)
        assert told(db, pair) == (["session_agreed"], [])

    @pytest.mark.parametrize("seed", range(2))
    def test_many_read_write_and_die_at_once(self, db, another, people, seed):
        pairs = [make_pair(db, people) for _ in range(3)]
        sessions = [make_session(db, pair.match_id, starts="300 hours") for pair in pairs]
        forget(db)
        start = scalar(db, "select coalesce(max(id), 0) from wingman.events")
        stop, random = Event(), Random(seed)
        deaths: list[int] = []

        def write_on(number):
            chance, connection = Random(seed * 100 + number), another()
            while not stop.is_set():
                with connection.transaction(force_rollback=chance.random() < 0.2):
                    for _ in range(chance.randint(1, 3)):
                        move(connection, sessions[number], "1 second")

        def read_on(number):
            chance, connection = Random(seed * 100 + 50 + number), another()
            while not stop.is_set():
                try:
                    with connection.transaction(force_rollback=chance.random() < 0.2):
                        read(connection, chance.randint(1, 20))
                except psycopg.OperationalError:
                    deaths.append(number)
                    connection = another()

        writers = [in_thread(write_on, number) for number in range(3)]
        readers = [in_thread(read_on, number) for number in range(3)]
        kills = seen = 0
        # a reader may have ended its run before it is hit
        while kills < 20 or len(deaths) < 6:
            busy = db.execute(
                """select a.pid, (select last_value from wingman.events_id_seq) as written
                   from pg_stat_activity as a
                   where a.datname = current_database() and a.query ~ 'run_readers'
                       and a.pid <> pg_backend_pid() and a.state <> 'idle'"""
            ).fetchall()
            if busy and busy[0]["written"] > seen + 10:
                db.execute("select pg_terminate_backend(%s)", [random.choice(busy)["pid"]])
                seen = busy[0]["written"]
                kills += 1
        stop.set()
        for future in [*readers, *writers]:
            future.result(timeout=DEADLINE)
        read_all(db, 500)
        expected = db.execute(
            """select e.id, u.user_id
               from wingman.events as e
               inner join public.wingman_matches as m on m.id = e.match_id
               cross join lateral (values (m.user1_id), (m.user2_id)) as u (user_id)
               where e.id > %s and e.kind = 'session_moved' order by 1, 2""",
            [start],
        ).fetchall()
        found = db.execute(
            """select event_id as id, user_id from public.wingman_notifications
               where kind = 'session_moved' order by 1, 2"""
        ).fetchall()
        assert found == expected
        assert len(expected) > 200


class TestUndone:
    def test_what_is_rolled_back_is_told_by_the_next_run(self, db, pair, session_id):
        let_pass_until_due(db, "agreement_reminder")
        update_session(db, session_id, "proposed_by = user1_id")
        move(db, session_id, "0")
        db.execute("update public.wingman_sessions set venue_name = 'Elsewhere'")
        before = db.execute(STATE).fetchone()
        with db.transaction(force_rollback=True):
            read_all(db)
            once = db.execute(TOLD).fetchall()
            assert once
        assert db.execute(STATE).fetchone() == before
        read_all(db)
        assert db.execute(TOLD).fetchall() == once

    def test_what_was_never_committed_is_told_to_nobody(self, db, another, pair, session_id):
        gone = another()
        with gone.transaction(force_rollback=True):
            move(gone, session_id)
            read_all(db)
        read_all(db)
        assert told(db, pair) == ([], [])


class TestLongTransactions:
    def test_one_delays_its_own_events_alone(self, db, another, people, session_id, pair):
        other = make_pair(db, people)
        others = make_session(db, other.match_id, starts="48 hours")
        forget(db)
        long = another()
        with long.transaction():
            move(long, session_id)
            for number in range(1, 4):
                move(db, others)
                read_all(db)
                assert told(db, other) == (["session_moved"] * number,) * 2
                assert told(db, pair) == ([], [])
        read_all(db)
        assert told(db, pair) == (["session_moved"], ["session_moved"])
        assert told(db, other) == (["session_moved"] * 3,) * 2
        ids = {row["user_id"]: row["id"] for row in notifications(db)}
        # the event is older, but it was told later
        assert ids[pair.user1] > ids[other.user1]


class TestIds:
    def test_they_grow_with_every_run(self, db, another, session_id):
        db.execute("update wingman.settings set notifications_per_day = 1000")
        seen = []
        readers = [another() for _ in range(2)]
        for number in range(6):
            move(db, session_id)
            read_all(readers[number % 2])
            new = [row["id"] for row in notifications(db) if row["id"] not in seen]
            assert len(new) == 2
            assert not seen or min(new) > max(seen)
            seen += new

    def test_also_after_the_clock_has_gone_back(self, db, session_id):
        move(db, session_id)
        read_all(db)
        ahead = scalar(
            db, "update wingman.inbox_clock set told_until = now() + interval '10 years' returning told_until"
        )
        for _ in range(3):
            move(db, session_id)
            read_all(db)
        ids = [row["id"] for row in notifications(db)]
        assert len({*ids}) == 8
        # by event: not one of an earlier run comes after one of a later run
        by_event = [row["event_id"] for row in notifications(db)]
        assert by_event == sorted(by_event)
        first = scalar(db, "select wingman.first_id_at(%s)", ahead)
        assert [row_id >= first for row_id in ids] == [False] * 2 + [True] * 6
        assert scalar(db, "select told_until from wingman.inbox_clock") > ahead

    def test_they_are_of_the_time_at_which_they_are_told(self, db, session_id):
        move(db, session_id)
        before = scalar(db, "select wingman.first_id_at(clock_timestamp())")
        read_all(db)
        after = scalar(db, "select wingman.first_id_at(clock_timestamp() + interval '1 second')")
        assert all(before <= row["id"] < after for row in notifications(db))
        assert {row["id"].version for row in notifications(db)} == {7}

    def test_a_run_that_tells_nobody_leaves_the_clock(self, db, rpc, people):
        ana = people.add()
        read_all(db)
        before = db.execute("select told_until::text from wingman.inbox_clock").fetchone()
        rpc.as_user(ana).call("pause_matching")
        read_all(db)
        assert db.execute("select told_until::text from wingman.inbox_clock").fetchone() == before


@pytest.fixture
def directory():
    with tempfile.TemporaryDirectory(prefix="wingman-inbox-") as name:
        yield Path(name)


@pytest.mark.parametrize("ahead", ["source", "target"])
@pytest.mark.representatives("source")
def test_in_another_cluster_what_was_not_told_is_told_once(directory, ahead):
    with ExitStack() as stack:
        source = stack.enter_context(server(directory / "source"))
        target = stack.enter_context(server(directory / "target"))
        install(source)
        with connections(target if ahead == "target" else source) as connect:
            use_up_transactions(connect(dbname="postgres"), 5000)
        connect = stack.enter_context(connections(source))
        db, open_one = connect(), connect()
        pair = make_pair(db, People(db, Rpc(connect, db)))
        session_id = make_session(db, pair.match_id, starts="48 hours")
        read_all(db)
        update_session(db, session_id, "proposed_by = user1_id")
        with open_one.transaction():
            move(open_one, session_id)
            # told before what was written before
            later = make_pair(db, People(db, Rpc(connect, db)))
            read_all(db)
        for _ in range(3):
            move(db, session_id)
        assert read(db, 2) == 2
        before, plans = notifications(db), reminders(db)
        dump(source, directory / "dump")

        restore(target, directory / "dump")
        connect = stack.enter_context(connections(target))
        db = connect()
        assert notifications(db) == before
        assert reminders(db) == plans
        read_all(db, 1)
        move(db, session_id)
        read_all(db, 1)
        rows = notifications(db)
        new = [row for row in rows if row not in before]
        assert min(row["id"] for row in new) > max(row["id"] for row in before)
        for user_id in (pair.user1, pair.user2):
            assert kinds(db, user_id).count("session_moved") == 5
        assert told(db, later) == (["match_offered"], ["match_offered", "match_accepted"])
        time = "select scheduled_time from public.wingman_sessions"
        db.execute(f"delete from wingman.reminders where session_id is null or about < ({time})")
        let_pass_until_due(db, "session_reminder")
        read_all(db, 1)
        assert kinds(db, pair.user1)[-1] == "session_reminder"
        assert read(db) == 0
