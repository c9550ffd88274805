"""How much a reader reads: never more than what is unread, however long the journal."""

from time import monotonic

import psutil
import pytest
from journal.readers import open_reader, read, read_all, unread, write
from journal.servers import use_up_transactions

pytestmark = pytest.mark.fresh_database

MONTHS = 36
DEADLINE_SECONDS = 30
_FILL = """
    insert into wingman.events (occurred_at, kind, xid)
    select
        statement_timestamp() - n * interval '1 month' + i * interval '1 second', 'match_offered',
        -- as if each had been written by a transaction of its own, all of them before this one
        (pg_current_xact_id()::text::bigint - {each} * ({months} + 1) + n * {each} + i)::text::xid8
    from generate_series(1, {months}) as n
    cross join generate_series(1, {each}) as i
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
    # so many transactions as the rows claim
    use_up_transactions(db, each * (MONTHS + 1))
    db.execute(_FILL.format(each=each, months=MONTHS))
    db.execute("vacuum analyze wingman.events")


def blocks(db, query: str, enough: int = 0) -> int:
    """How many pages a query touches, its functions included, once plans are made.

    The least of several. While other tests make databases on the same server, more is invalidated at times
    than a session can keep up with: it forgets all plans, and the pages that it reads to make them again are
    counted too. So it goes on for a while, until no more than ``enough`` were touched.
    """
    found, deadline = [], monotonic() + DEADLINE_SECONDS
    while len(found) < 10 or (min(found) > enough > 0 and monotonic() < deadline):
        found.append(blocks_once(db, query))
    return min(found)


def blocks_once(db, query: str) -> int:
    [[plan]] = db.execute(f"explain (analyze, buffers, format json) {query}").fetchall()[0].values()
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def scans(db) -> dict[str, int]:
    found = db.execute(
        """select relname::text as name, seq_scan from pg_stat_xact_user_tables
           where relname ~ '^(events_\\d|reputation_events)'"""
    )
    return {row["name"]: row["seq_scan"] for row in found}


@pytest.mark.parametrize("function", ["read_events('follower', 100)", "unread_events('follower')"])
def test_an_empty_poll_reads_as_little_in_a_long_journal_as_in_a_short_one(db, function):
    found = []
    for each in (5, 300):
        fill(db, each)
        open_reader(db, f"follower{each}")
        query = f"select * from wingman.{function}".replace("follower", f"follower{each}")
        # a row that is read, and others since
        write(db, 3)
        read_all(db, name=f"follower{each}")
        before = scans(db)
        assert db.execute(query).fetchall() == []
        assert scans(db) == before
        found.append(blocks(db, query, enough=found[0] + MONTHS if found else 0))
    # a look into the index of each month, and of this one twice, on two branches
    assert found[1] <= found[0] + MONTHS
    assert found[1] < 1000


def test_a_page_reads_as_much_at_any_depth(db):
    names = [f"follower{n}" for n in range(20)]
    for name in names:
        open_reader(db, name)
    write(db, 30_000)
    for name in names:
        query = f"select * from wingman.read_events('{name}', 4000)"
        found = [blocks_once(db, query) for _ in range(6)]
        assert len(unread(db, name=name)) == 30_000 - 6 * 4000
        # else plans were made anew in between, see blocks()
        if max(found[1:]) <= 1.5 * min(found[1:]):
            break
    else:
        pytest.fail(f"deep pages cost more: {found}")


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
