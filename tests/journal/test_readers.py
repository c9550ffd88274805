"""A reader gets every event exactly once: whoever commits when, however many read, whatever is killed."""

from random import Random
from threading import Event

import psycopg
import pytest
from harness import RpcError, in_thread, wait_until_blocked
from journal.readers import open_reader, place, read, read_all, unread, write
from psycopg.rows import scalar_row

DEADLINE = 60
HOLD_UP = """
    and (
        current_setting('test.slow', true) is distinct from 'on'
        or pg_advisory_xact_lock_shared(42)::text is not null
    )
"""


@pytest.fixture
def another(db, connect):
    """Opens connections like that of db."""
    return lambda: connect(user=db.info.user)


@pytest.fixture
def reader(db):
    open_reader(db)
    return db


class TestOpening:
    def test_from_the_start_it_reads_what_is_there(self, db):
        written = write(db, 3)
        open_reader(db, from_start=True)
        assert unread(db) == written
        assert read_all(db) == written

    def test_else_it_reads_what_is_committed_from_then_on(self, db, another):
        late = another()
        with late.transaction():
            first = write(late, 2)
            write(db, 3)
            with db.transaction():
                open_reader(db)
                own = write(db)
            assert read_all(db) == own
        assert read_all(db) == first

    def test_an_unknown_one_is_an_error(self, db):
        for query in ("read_events('nobody', 1)", "unread_events('nobody')", "read_events('reputations', 1)"):
            with pytest.raises(psycopg.errors.NoDataFound):
                db.execute(f"select * from wingman.{query}").fetchall()


class TestOwnEvents:
    def test_what_it_writes_before_and_after_a_batch_is_read_once(self, db, reader, another):
        reading = another()
        with reading.transaction():
            before = write(reading)
            # so that the own transaction is not the newest one of the snapshot
            others = write(db, 2)
            assert read(reading) == others
            after = write(reading)
            more = write(db)
            assert read(reading) == more
            assert unread(reading) == [*before, *after]
        assert read_all(reading) == [*before, *after]
        assert unread(db) == []

    def test_so_is_what_it_writes_in_a_savepoint(self, db, reader, another):
        reading = another()
        with reading.transaction():
            with reading.transaction():
                before = write(reading)
            others = write(db)
            with reading.transaction():
                assert read(reading) == others
        assert read_all(reading) == before


class TestCommits:
    def test_a_long_transaction_delays_its_own_events_alone(self, db, reader, another):
        long = another()
        with long.transaction():
            first = write(long)
            for _ in range(3):
                written = write(db, 2)
                assert read_all(db) == written
            second = write(long)
            assert read_all(db) == []
        assert read_all(db) == [*first, *second]

    def test_one_that_commits_after_the_window_comes_with_the_next(self, db, reader, another):
        old, young = another(), another()
        with young.transaction(), old.transaction():
            early = write(old)
            middle = write(db, 5)
            late = write(young)
            last = write(db, 2)
            assert read(db, 3) == middle[:3]
        # committed between two pages of a window that neither is in: one behind its place, one ahead
        assert unread(db) == sorted([*early, *middle[3:], *late, *last])
        assert read(db, 3) == [*middle[3:], *last[:1]]
        assert unread(db) == sorted([*early, *late, *last[1:]])
        # the end of that window, and the start of the next
        assert read(db, 2) == sorted([*early, *last[1:]])
        assert read_all(db) == late
        assert unread(db) == []

    def test_what_is_rolled_back_never_comes(self, db, reader, another):
        gone = another()
        with gone.transaction(force_rollback=True):
            write(gone, 2)
            written = write(db)
            assert read_all(db) == written
        with pytest.raises(psycopg.errors.AdminShutdown), gone.transaction():
            write(gone)
            db.execute("select pg_terminate_backend(%s)", [gone.info.backend_pid])
            write(gone)
        assert read_all(db) == []

    def test_a_batch_that_is_rolled_back_comes_again(self, db, reader):
        written = write(db, 5)
        with db.transaction(force_rollback=True):
            assert read(db, 3) == written[:3]
        assert read(db, 3) == written[:3]
        with db.transaction(force_rollback=True):
            assert read(db, 3) == written[3:]
        assert read_all(db) == written[3:]


class TestPages:
    @pytest.mark.parametrize("size", [1, 3, 4, 12, 13])
    def test_one_transaction_may_be_larger_than_a_page(self, db, reader, size):
        written = write(db, 12)
        found = []
        for start in range(0, 12, size):
            found += read(db, size)
            assert unread(db) == written[len(found) :], start
        assert found == written
        assert read(db, size) == []

    @pytest.mark.parametrize("size", [1, 2, 5])
    def test_so_may_one_that_was_open_when_the_window_before_ended(self, db, reader, another, size):
        long, other = another(), another()
        with long.transaction(), other.transaction():
            written = [*write(long, 5), *write(other, 3), *write(long, 2), *write(db)]
            assert read_all(db) == written[-1:]
        written += write(db, 2)
        found = []
        while page := read(db, size):
            assert page == sorted(page)
            found += page
            assert sorted([*found, *unread(db)]) == sorted([*written[:-3], *written[-2:]])
        assert sorted(found) == sorted([*written[:-3], *written[-2:]])

    def test_the_window_stays_as_it_is_while_it_is_paged_through(self, db, reader):
        first = write(db, 4)
        assert read(db, 2) == first[:2]
        window = place(db)
        second = write(db, 3)
        assert read(db, 2) == first[2:]
        assert place(db)["target"] == window["target"]
        # it had nothing more, which only shows now
        assert read(db, 10) == second

    def test_an_empty_poll_writes_nothing(self, db, reader):
        read_all(db)
        before = place(db)
        with db.transaction():
            assert read(db) == []
            row = db.execute("select pg_current_xact_id_if_assigned() is null as is_idle").fetchone()
            assert row == {"is_idle": True}
        assert place(db) == before

    def test_events_by_hand_of_any_time_are_read(self, db, reader):
        written = [
            *write(db, occurred_at="2001-02-03 04:05:06Z"),
            *write(db, occurred_at="infinity"),
            *write(db, occurred_at="2101-02-03 04:05:06Z"),
        ]
        assert read_all(db, 2) == written


class TestAtOnce:
    def test_while_one_reads_another_gets_nothing_and_waits_for_nothing(self, db, reader, another):
        written = write(db, 3)
        first, second = another(), another()
        second.execute("set lock_timeout = '1ms'")
        with first.transaction(force_rollback=True):
            assert read(first) == written
            assert read(second) == []
        assert read(second) == written

    def test_the_snapshot_is_younger_than_the_cursor(self, db, reader, another):
        """The statement that locks the row is held up after its snapshot, while another reader moves on."""
        source = db.execute("select pg_get_functiondef('wingman.lock_reader'::regproc) as source").fetchone()
        held_up = source["source"].replace("for update skip locked", HOLD_UP + "for update skip locked")
        assert held_up != source["source"]
        db.execute(held_up)
        slow, fast, holder = another(), another(), another()
        slow.execute("set test.slow = 'on'")
        first = write(db, 2)
        holder.execute("select pg_advisory_lock(42)")
        late = in_thread(read, slow)
        wait_until_blocked(db, slow.info.backend_pid, by=holder.info.backend_pid)
        assert read(fast) == first
        second = write(db, 2)
        assert read(fast) == second
        third = write(db)
        holder.execute("select pg_advisory_unlock(42)")
        assert late.result(timeout=DEADLINE) == third
        assert read_all(db) == unread(db) == []

    @pytest.mark.parametrize("seed", range(2))
    def test_many_read_write_and_die_at_once(self, db, reader, another, seed):
        db.execute("create table public.done (id bigint primary key)")
        stop, random = Event(), Random(seed)
        deaths: list[int] = []

        def write_on(number: int) -> None:
            chance, connection = Random(seed * 100 + number), another()
            while not stop.is_set():
                with connection.transaction(force_rollback=chance.random() < 0.2):
                    write(connection, chance.randint(1, 5))
                    if chance.random() < 0.5:
                        connection.execute("select pg_advisory_xact_lock(7)")
                    write(connection)

        def read_on(number: int) -> None:
            chance, connection = Random(seed * 100 + 50 + number), another()
            while not stop.is_set():
                try:
                    with connection.transaction(force_rollback=chance.random() < 0.2):
                        page = read(connection, chance.randint(1, 20))
                        connection.cursor().executemany(
                            "insert into public.done values (%s)", [[i] for i in page]
                        )
                        write(connection)
                except psycopg.OperationalError:
                    deaths.append(number)
                    connection = another()

        writers = [in_thread(write_on, number) for number in range(3)]
        readers = [in_thread(read_on, number) for number in range(3)]
        kills = written = 0
        # a reader may have ended its run before it is hit
        while kills < 20 or len(deaths) < 6:
            found = db.execute(
                """select a.pid, s.last_value
                   from pg_stat_activity as a cross join wingman.events_id_seq as s
                   where a.datname = current_database() and a.query ~ 'read_events|public.done'
                       and a.pid <> pg_backend_pid() and a.state <> 'idle'"""
            ).fetchall()
            if found and found[0]["last_value"] > written + 20:
                db.execute("select pg_terminate_backend(%s)", [random.choice(found)["pid"]])
                written = found[0]["last_value"]
                kills += 1
        stop.set()
        for future in [*readers, *writers]:
            future.result(timeout=DEADLINE)
        while page := read(db, 500):
            db.cursor().executemany("insert into public.done values (%s)", [[i] for i in page])
        values = db.cursor(row_factory=scalar_row)
        kept = values.execute("select id from wingman.events order by id").fetchall()
        # each exactly once: done has a primary key
        assert values.execute("select id from public.done order by id").fetchall() == kept
        assert len(kept) > 200
        db.execute("drop table public.done")


class TestGuards:
    def test_another_isolation_level_is_refused(self, db, reader):
        write(db)
        with pytest.raises(psycopg.Error) as refusal, db.transaction():
            db.execute("set transaction isolation level repeatable read")
            read(db)
        assert refusal.value.sqlstate == "PT400"
        assert "unsupported_isolation" in refusal.value.diag.message_detail

    def test_a_read_only_transaction_is_refused(self, db, reader):
        write(db)
        with pytest.raises(psycopg.Error) as refusal, db.transaction():
            db.execute("set transaction read only")
            read(db)
        assert "read_only_transaction" in refusal.value.diag.message_detail

    def test_who_counts_the_unread_in_is_stable(self, db):
        """A function that is VOLATILE would read the kept part and the unread part by two snapshots."""
        found = db.execute(
            """select p.proname::text as name, p.provolatile::text as volatility from pg_proc as p
               where p.pronamespace::regnamespace::text in ('public', 'wingman', 'wingman_admin')
                 and p.prosrc ~ '\\mwingman\\.unread_\\w+\\('"""
        ).fetchall()
        assert len(found) > 5
        assert {row["name"] for row in found if row["volatility"] != "s"} == set()

    def test_a_removed_reader_is_gone(self, db, reader, rpc):
        assert rpc.as_admin().call("wingman_admin.remove_reader", name="follower")["success"] is True
        assert db.execute("select from wingman.readers where name = 'follower'").fetchall() == []

    @pytest.mark.parametrize(
        "name", ["statistics", "inbox", "reputations", "leaderboard", "achievements", "nobody"]
    )
    def test_one_that_is_needed_or_unknown_cannot_be_removed(self, rpc, name):
        with pytest.raises(RpcError) as refusal:
            rpc.as_admin().call("wingman_admin.remove_reader", name=name)
        assert refusal.value.name == "invalid_argument"
