"""Months of the journal, while somebody has not read them."""

import pytest
from harness import OPERATOR, in_thread, wait_until_blocked
from journal.readers import open_reader, read, read_all, unread, write
from psycopg.rows import scalar_row

OLD = "2001-02-03 04:05:06Z"


def call(db, function: str):
    return db.cursor(row_factory=scalar_row).execute(f"select wingman.{function}").fetchone()


def let_others_read(db) -> None:
    """All but the reader of these tests."""
    for function in ("count_events(10000)", "fill_inboxes(10000)"):
        call(db, function)


@pytest.fixture
def reader(db):
    open_reader(db)
    # what is old is so beside newer rows
    read(db, len(write(db, 1)))
    let_others_read(db)
    return db


class TestRetention:
    def test_a_month_is_kept_until_all_have_read_it(self, db, reader):
        written = write(db, 5, occurred_at=OLD)
        assert call(db, "make_event_partitions()") == 1
        assert call(db, "drop_event_partitions()") == 0
        let_others_read(db)
        assert call(db, "drop_event_partitions()") == 0
        # in the middle of a window
        assert read(db, 3) == written[:3]
        assert call(db, "drop_event_partitions()") == 0
        assert unread(db) == written[3:]
        assert read_all(db) == written[3:]
        assert call(db, "drop_event_partitions()") == 1
        assert unread(db) == []

    def test_so_it_is_for_one_that_is_written_to_right_now(self, db, reader, connect):
        write(db, 5, occurred_at=OLD)
        call(db, "make_event_partitions()")
        let_others_read(db)
        read_all(db)
        writer, dropper = (connect(user=db.info.user) for _ in range(2))
        # nobody waits half a second here, however long this takes
        db.execute("alter function wingman.drop_event_partitions(integer) reset lock_timeout")
        with writer.transaction():
            late = write(writer, occurred_at=OLD)
            dropping = in_thread(call, dropper, "drop_event_partitions()")
            wait_until_blocked(db, dropper.info.backend_pid, by=writer.info.backend_pid)
        assert dropping.result(timeout=15) == 0
        assert read_all(db) == late
        let_others_read(db)
        assert call(db, "drop_event_partitions()") == 1

    def test_an_abandoned_reader_is_seen_and_removed_by_hand(self, db, reader, connect, rpc):
        write(db, 3, occurred_at=OLD)
        call(db, "make_event_partitions()")
        let_others_read(db)
        operator = connect(user=OPERATOR)
        found = operator.execute("select * from wingman_admin.readers where unread > 0").fetchall()
        assert [(row["name"], row["source"], row["unread"]) for row in found] == [("follower", "journal", 3)]
        assert found[0]["unread_since"].isoformat().startswith("2001-02-03T")
        assert call(db, "drop_event_partitions()") == 0
        rpc.as_admin().call("wingman_admin.remove_reader", name="follower")
        assert call(db, "drop_event_partitions()") == 1

    def test_maintenance_reads_and_drops_in_time(self, db, rpc):
        write(db, 3, occurred_at=OLD)
        write(db, 1)
        admin = rpc.as_admin()
        first, second = (admin.call("wingman.run_maintenance") for _ in range(2))
        assert (first["made_partitions"], first["dropped_partitions"]) == (1, 0)
        assert first["counted_events"] >= 3
        # a transaction that is counting unread events right now still finds what the first reader has read
        assert second["dropped_partitions"] == 1


class TestBackdatedMonths:
    @pytest.mark.parametrize("pages", [0, 1, 2])
    def test_moving_rows_to_their_month_neither_loses_nor_repeats_any(self, db, reader, pages):
        written = write(db, 6, occurred_at=OLD)
        found = [id_ for _ in range(pages) for id_ in read(db, 2)]
        assert call(db, "make_event_partitions()") == 1
        assert sorted([*found, *unread(db)]) == written
        written += write(db, 2, occurred_at=OLD)
        assert sorted([*found, *unread(db), *read_all(db, 3)][: len(written)]) == written
        assert unread(db) == []

    def test_nor_does_it_for_a_transaction_that_is_open_meanwhile(self, db, reader, connect):
        late = connect(user=db.info.user)
        with late.transaction():
            # older than what is moved
            late.execute("select pg_current_xact_id()")
            written = write(db, 2, occurred_at=OLD)
            assert read(db, 1) == written[:1]
            assert call(db, "make_event_partitions()") == 1
            first = [*write(late), *write(late, occurred_at=OLD)]
            assert read_all(db) == written[1:]
        assert unread(db) == first
        assert read_all(db) == first

    def test_while_they_are_moved_whoever_reads_waits(self, db, reader, connect):
        written = write(db, 3, occurred_at=OLD)
        mover, reading = (connect(user=db.info.user) for _ in range(2))
        with mover.transaction():
            assert call(mover, "make_event_partitions()") == 1
            late = in_thread(read_all, reading, 2)
            wait_until_blocked(db, reading.info.backend_pid, by=mover.info.backend_pid)
        assert late.result(timeout=15) == written
