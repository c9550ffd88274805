"""Readers across kills, prepared transactions, standbys, recovery and another cluster."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

import psycopg
import pytest
from harness import POLL_SECONDS, People, Rpc, in_thread, wait_until_blocked
from journal.counted import assert_views_are_true
from journal.deeds import Deeds
from journal.readers import open_reader, place, read, read_all, unread, write
from journal.servers import (
    connections,
    copy,
    dump,
    install,
    kill,
    restore,
    server,
    signal_file,
    use_up_transactions,
)
from psycopg.rows import scalar_row

DEADLINE = 60


@pytest.fixture
def directory():
    with tempfile.TemporaryDirectory(prefix="wingman-readers-") as name:
        yield Path(name)


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


def count_everything(db) -> None:
    for call in ("count_events(7)", "count_reputation_events(3)", "count_leaderboard(3)"):
        while db.cursor(row_factory=scalar_row).execute(f"select wingman.{call}").fetchone():
            pass


class TestKills:
    @pytest.mark.exhaustive
    def test_the_server_is_killed_between_and_in_batches(self, directory):
        written = 0
        for round in range(4):
            with server(directory / "data") as running:
                if not round:
                    install(running)
                with connections(running) as connect:
                    db, reading = connect(), connect()
                    if not round:
                        open_reader(db)
                        db.execute("create table public.done (id bigint primary key)")
                    written += len(write(db, 20))
                    with reading.transaction():
                        self.work(reading, 3)
                    if round == 1:
                        db.execute("begin")
                        written += len(write(db, 1))
                        db.execute("prepare transaction 'before the kill'")
                    if round == 3:
                        db.execute("commit prepared 'before the kill'")
                        while self.work(db, 7):
                            pass
                        found = db.cursor(row_factory=scalar_row)
                        assert len(found.execute("select id from public.done").fetchall()) == written
                        return
                    with pytest.raises(psycopg.OperationalError), reading.transaction():
                        assert self.work(reading, 5)
                        kill(running)
                        reading.execute("select 1")

    @staticmethod
    def work(db, amount: int) -> int:
        page = read(db, amount)
        db.cursor().executemany("insert into public.done values (%s)", [[id_] for id_ in page])
        return len(page)


class TestPrepared:
    @pytest.mark.exhaustive
    def test_a_prepared_transaction_is_an_open_one(self, directory):
        with server(directory / "data") as running:
            install(running)
            with connections(running) as connect:
                db, other = connect(), connect()
                open_reader(db)
                other.execute("begin")
                kept = write(other, 2)
                other.execute("prepare transaction 'kept'")
                other.execute("begin")
                write(other, 2)
                other.execute("prepare transaction 'gone'")
                written = write(db, 3)
                assert read_all(db, 2) == written
                other.execute("commit prepared 'kept'")
                other.execute("rollback prepared 'gone'")
                assert unread(db) == kept
                assert read_all(db) == kept


class TestStandby:
    @pytest.mark.exhaustive
    def test_views_are_true_there_and_nobody_reads(self, directory, stack):
        primary = stack.enter_context(server(directory / "primary"))
        install(primary)
        connect = stack.enter_context(connections(primary))
        db, open_one = connect(), connect()
        deeds = Deeds(db, Rpc(connect, db), People(db, Rpc(connect, db)), Random(1))
        for _ in range(40):
            deeds.do()
        db.execute("select wingman.count_events(20)")
        with open_one.transaction():
            write(open_one)
            copy(primary, directory / "standby")
            signal_file(directory / "standby", "standby.signal")
            standby = stack.enter_context(
                server(
                    directory / "standby",
                    primary_conninfo=f"host={primary.socket_directory} user=postgres",
                )
            )
            # enough to leave some unread
            while len(unread(db, "statistics")) <= 5:
                deeds.do()
            db.execute("select wingman.count_events(5)")
            lsn = db.execute("select pg_current_wal_flush_lsn() as lsn").fetchone()["lsn"]
            there = stack.enter_context(connections(standby))()
            is_here = "select pg_last_wal_replay_lsn() >= %s::pg_lsn as it_is"
            while not there.execute(is_here, [lsn]).fetchone()["it_is"]:
                time.sleep(POLL_SECONDS)
            assert_views_are_true(there)
            assert unread(there, "statistics") == unread(db, "statistics") != []
            with pytest.raises(psycopg.Error) as refusal:
                read(there, name="statistics")
            assert "read_only_transaction" in refusal.value.diag.message_detail


class TestRecovery:
    @pytest.mark.exhaustive
    def test_after_recovery_to_a_point_equal_ids_are_other_events(self, directory, stack):
        archive = directory / "archive"
        archive.mkdir()
        archive.chmod(0o777)
        directory.chmod(0o755)
        with server(
            directory / "data", archive_mode="on", archive_command=f"cp %p {archive}/%f", wal_level="replica"
        ) as running:
            install(running)
            with connections(running) as connect:
                db = connect()
                open_reader(db)
                copy(running, directory / "copy")
                first = write(db, 5)
                assert read(db, 3) == first[:3]
                db.execute("select pg_create_restore_point('here')")
                lost = write(db, 100)
                assert read_all(db) == [*first[3:], *lost]
                segment = db.execute("select pg_walfile_name(pg_switch_wal()) as name").fetchone()["name"]
                while not (archive / segment).exists():
                    time.sleep(POLL_SECONDS)
        signal_file(directory / "copy", "recovery.signal")
        recovered = stack.enter_context(
            server(
                directory / "copy",
                restore_command=f"cp {archive}/%f %p",
                recovery_target_name="here",
                recovery_target_action="promote",
            )
        )
        db = stack.enter_context(connections(recovered))()
        while db.execute("select pg_is_in_recovery() as it_is").fetchone()["it_is"]:
            time.sleep(POLL_SECONDS)
        assert unread(db) == first[3:]
        written = write(db, 100)
        assert set(written) & set(lost)
        assert read(db, 4) == [*first[3:], *written[:2]]
        assert read_all(db) == written[2:]
        assert place(db)["first_id"] == 0


@pytest.fixture(params=["ahead", "behind"])
def two_clusters(request, directory, stack):
    """Where a dump comes from, and where it goes to, which is ahead in transactions, or far behind."""
    source = stack.enter_context(server(directory / "source"))
    target = stack.enter_context(server(directory / "target"))
    install(source)
    with connections(target if request.param == "ahead" else source) as connect:
        use_up_transactions(connect(dbname="postgres"), 5000)
    return source, target


class TestAnotherCluster:
    @pytest.mark.exhaustive
    def test_a_window_open_at_the_dump_is_read_to_its_end_there(self, directory, stack, two_clusters):
        source, target = two_clusters
        connect = stack.enter_context(connections(source))
        db, old, young, gone = connect(), connect(), connect(), connect()
        rpc = Rpc(connect, db)
        deeds = Deeds(db, rpc, People(db, rpc), Random(2))
        for _ in range(40):
            deeds.do()
        db.execute("select wingman.count_events(31), wingman.count_reputation_events(1)")
        open_reader(db)
        with gone.transaction(force_rollback=True):
            lost = write(gone)
            with old.transaction():
                early = write(old, 2)
                with young.transaction():
                    later = write(young)
                    first = write(db, 5)
                    assert read(db, 2) == first[:2]
            # of the snapshot of the window's end both are open, and committed by the dump
            second = write(db, 3)
            dump(source, directory / "dump")
        left = sorted([*early, *later, *first[2:], *second])
        assert unread(db) == left

        restore(target, directory / "dump")
        connect = stack.enter_context(connections(target))
        db, writer, reading = connect(), connect(), connect()
        assert unread(db) == left
        assert_views_are_true(db)
        new = write(db, 4)
        rpc = Rpc(connect, db)
        deeds = Deeds(db, rpc, People(db, rpc), Random(3))
        for _ in range(10):
            deeds.do()
        assert_views_are_true(db)

        # the first poll beside a writer
        writer.execute("begin")
        beside = write(writer)
        poll = in_thread(read, reading, 3)
        wait_until_blocked(db, reading.info.backend_pid, by=writer.info.backend_pid)
        assert_views_are_true(db)
        writer.execute("commit")
        found = poll.result(timeout=DEADLINE)
        everything = [
            *left,
            *new,
            *db.cursor(row_factory=scalar_row)
            .execute("select id from wingman.events where id > %s order by id", [new[-1]])
            .fetchall(),
        ]
        assert set(beside) < set(everything)
        assert not set(lost) & set(everything)
        while page := read(db, 3):
            found += page
            for_now = sorted([*found, *unread(db)])
            if len(found) == 9:
                everything += write(db)
                for_now = sorted([*found, *unread(db)])
            assert for_now == sorted(everything)
        assert sorted(found) == sorted(everything)
        for _ in range(10):
            deeds.do()
            db.execute("select wingman.count_events(5)")
            assert_views_are_true(db)
        count_everything(db)
        assert_views_are_true(db)
        assert db.execute("select * from wingman.reader_backlogs").fetchall() == []
        more = write(db, 2)
        assert unread(db)[-2:] == more
        read_all(db)
        assert unread(db) == []

    @pytest.mark.exhaustive
    def test_so_it_is_in_a_third_one(self, directory, stack, two_clusters):
        """The second was left before its backlog was read."""
        source, target = two_clusters
        db = stack.enter_context(connections(source))()
        open_reader(db)
        first = write(db, 7)
        assert read(db, 2) == first[:2]
        dump(source, directory / "dump")
        restore(target, directory / "dump")
        with connections(target) as connect:
            db = connect()
            second = write(db, 3)
            found = [*first[:2], *read(db, 3)]
            third = write(db, 3)
            dump(target, directory / "dump")
        db.close()
        third_cluster = stack.enter_context(server(directory / "third"))
        restore(third_cluster, directory / "dump")
        db = stack.enter_context(connections(third_cluster))()
        fourth = write(db, 3)
        while page := read(db, 2):
            found += page
            assert sorted([*found, *unread(db)]) == [*first, *second, *third, *fourth]
        assert sorted(found) == [*first, *second, *third, *fourth]

    @pytest.mark.exhaustive
    def test_nothing_is_read_again_where_all_had_been(self, directory, stack, two_clusters):
        source, target = two_clusters
        db = stack.enter_context(connections(source))()
        open_reader(db)
        write(db, 7)
        read_all(db)
        dump(source, directory / "dump")
        restore(target, directory / "dump")
        db = stack.enter_context(connections(target))()
        assert read_all(db) == []
        written = write(db, 3)
        # until transactions of this cluster reach the numbers in rows from the other one
        use_up_transactions(db, 3000)
        written += write(db, 3)
        assert read_all(db, 2) == written
        for _ in range(4):
            use_up_transactions(db, 1000)
            written = write(db, 2)
            assert unread(db) == written
            assert read_all(db) == written
