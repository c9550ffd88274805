"""How much a reader reads: never more than what is unread, however long the journal."""

from contextlib import ExitStack
from time import monotonic

import psutil
import pytest
from journal.readers import open_reader, read, read_all, unread, write
from journal.servers import use_up_transactions

pytestmark = pytest.mark.fresh_database

MONTHS = 36
_FILL = """
    insert into wingman.events (occurred_at, kind, xid)
    select
        statement_timestamp() - n * interval '1 month' + i * interval '1 second', 'match_offered',
        -- as if each had been written by a transaction of its own, all of them before this one
        (pg_current_xact_id()::text::bigint - {each} * ({months} + 1) + n * {each} + i)::text::xid8
    from generate_series(1, {months}) as n
    cross join generate_series(1, {each}) as i
"""


_ROWS_READ = """
    select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::integer as n
    from pg_stat_xact_user_tables
    where relname ~ '^(events_|reputation_events)'
"""


def fill(db, each: int) -> None:
    """Years of a journal."""
    with db.transaction():
        db.execute("select wingman.make_event_partitions()")
        for n in range(1, MONTHS + 1):
            db.execute(
                "insert into wingman.events (occurred_at, kind) values (now() - %s * interval '1 month', '')",
                [n],
            )
        db.execute("select wingman.make_event_partitions()")
    # as many transactions as the rows claim
    use_up_transactions(db, each * (MONTHS + 1))
    db.execute(_FILL.format(each=each, months=MONTHS))
    db.execute("vacuum analyze wingman.events")


def blocks_once(db, query: str) -> int:
    """How many pages a query touches, those of the catalog included where plans are made."""
    [[plan]] = db.execute(f"explain (analyze, buffers, format json) {query}").fetchall()[0].values()
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def rows_read(db, query: str) -> int:
    """How many rows of the journal and the ledger a query reads, its functions included."""
    with db.transaction():
        before = db.execute(_ROWS_READ).fetchone()["n"]
        assert db.execute(query).fetchall() == []
        return db.execute(_ROWS_READ).fetchone()["n"] - before


@pytest.mark.parametrize("function", ["read_events('follower', 100)", "unread_events('follower')"])
def test_an_empty_poll_reads_as_little_in_a_long_journal_as_in_a_short_one(db, connect, function):
    others = [connect(user=db.info.user) for _ in range(3)]
    found = []
    # as few that to read all of them seems cheap, and more
    for each in (5, 100, 300):
        fill(db, each)
        name = f"follower{each}"
        open_reader(db, name)
        with ExitStack() as stack:
            for other in others:
                stack.enter_context(other.transaction())
                other.execute("select pg_current_xact_id()")
            write(db, 3)
            read_all(db, name=name)
            row = db.execute("select seen from wingman.readers where name = %s", [name]).fetchone()
            assert row["seen"].count(",") >= 2
        # that these have written nothing is looked up in the index of each month
        query = f"select * from wingman.{function}".replace("follower", name)
        found.append(rows_read(db, query))
        assert min(blocks_once(db, query) for _ in range(6)) < 1000
    assert max(found) < 10, found
    # what reads all of it would be seen
    assert rows_read(db, "select from wingman.events where kind = 'none'") > 300 * MONTHS


def test_a_page_reads_as_much_at_any_depth(db):
    open_reader(db)
    write(db, 30_000)
    query = "select * from wingman.read_events('follower', 4000)"
    found = [blocks_once(db, query) for _ in range(6)]
    # one of them may have met empty caches, or a new plan
    assert sorted(found[1:])[-2] <= 1.5 * min(found[1:]), found
    assert len(unread(db)) == 30_000 - 6 * 4000


@pytest.mark.long
@pytest.mark.parametrize("way", ["one transaction", "many", "a long one"])
def test_a_million_events_of_backlog_are_read_in_bounded_batches(db, connect, way, capsys):
    total = 1_000_000
    open_reader(db)
    writer = connect(user=db.info.user)
    if way == "many":
        for _ in range(1000):
            write(writer, total // 1000)
    else:
        with writer.transaction():
            written = write(writer, total)
            if way == "a long one":
                # what comes after it is read before it commits
                write(db)
                assert len(read_all(db)) == 1
                assert len(written) == total
    process = psutil.Process(db.info.backend_pid)
    found, slowest, most = 0, 0.0, 0
    start = monotonic()
    while True:
        begun = monotonic()
        row = db.execute("select count(*) as n from wingman.read_events('follower', 10000)").fetchone()
        slowest = max(slowest, monotonic() - begun)
        most = max(most, process.memory_info().rss - process.memory_info().shared)
        found += row["n"]
        if row["n"] < 10_000:
            break
    seconds = monotonic() - start
    with capsys.disabled():
        print(
            f"\n{way}: {found} events in {seconds:.1f} s, the slowest page {slowest * 1000:.0f} ms, "
            f"{most / 2**20:.0f} MB of the backend's own"
        )
    assert found == total
    assert slowest < 3
    assert most < 300 * 2**20
    assert read(db) == []
