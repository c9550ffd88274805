"""However long the history, operators' views read what is open, what readers have not read, and nothing else.

Here it is one of 24,000 hours, with a match in each and a session in every other one.
"""

import psycopg
import pytest
from admin.history import write_history
from harness import OPERATOR, People, Rpc
from psycopg.rows import dict_row
from rows import make_pair, make_session

pytestmark = pytest.mark.fresh_database

# not operator_decisions: few, since operators make them one by one
HISTORY = {
    *("wingman_matches", "wingman_sessions", "reputation_events", "events", "no_show_reports"),
    "notification_deliveries",
}
MONTH = 31 * 24
"""Matches of a month."""
MOST_ROWS = {
    "completion_rate_by_day": 0,
    "match_funnel": 0,
    "open_matches_and_sessions": MONTH,
    "overdue_sessions": 0,
    "reputation_distribution": 0,
    "waiting_seekers": 0,
    "metrics": 0,
    "no_show_queue": 0,
    "no_show_counts": MONTH,
    "queue_counts": 0,
    "maintenance_backlog": 0,
    "standing": 0,
    "waiting_places": 0,
    "suspensions": 0,
    "dead_deliveries": 0,
    "delivery_backlog": 0,
}
# open matches and sessions, what is unread of them, and what the planner reads at the ends of indexes
OPEN = 100
_COUNTED = """
    select relname, seq_scan, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
    from pg_stat_xact_user_tables
    where schemaname in ('public', 'wingman')
"""


def counted(operator):
    """Sequential scans and rows read, for each table of history."""
    found: dict[str, tuple[int, int]] = {}
    for row in operator.execute(_COUNTED):
        # the months of the journal
        table = "events" if row["relname"].startswith("events_2") else row["relname"]
        if table in HISTORY:
            scans, rows = found.get(table, (0, 0))
            found[table] = (scans + row["seq_scan"], rows + row["rows"])
    return found


@pytest.fixture(
    scope="module", params=[pytest.param("never analysed", marks=pytest.mark.exhaustive), "analysed"]
)
def operator(request, file_database):
    """An operator's connection to a database with the history, which the tests only read."""
    file_database.empty()
    info = file_database.connection.info

    def connect(user=info.user):
        return psycopg.connect(info.dsn, user=user, autocommit=True, row_factory=dict_row)

    with connect() as db, connect("authenticator") as login, connect(OPERATOR) as reading:
        write_history(db)
        people = People(db, Rpc(lambda **_: login, db))
        make_session(db, make_pair(db, people).match_id, starts="-2 days")
        if request.param == "analysed":
            db.execute("analyze")
        yield reading


def read_by(operator, query: str) -> dict[str, tuple[int, int]]:
    """Sequential scans and rows read of each table of history, by one query."""
    before = counted(operator)
    operator.execute(query).fetchall()
    return {
        table: (scans - before.get(table, (0, 0))[0], rows - before.get(table, (0, 0))[1])
        for table, (scans, rows) in counted(operator).items()
    }


@pytest.mark.parametrize("view", MOST_ROWS)
def test_no_history_is_read_from_end_to_end(operator, view):
    read = read_by(operator, f"select * from wingman_admin.{view}")
    assert not [table for table, (scans, _) in read.items() if scans], read
    assert sum(rows for _, rows in read.values()) <= MOST_ROWS[view] + OPEN, read


@pytest.mark.parametrize(
    "look",
    [
        "select * from wingman_admin.user_overview(md5('one12')::uuid)",
        "select * from wingman_admin.user_timeline(md5('one12')::uuid)",
        "select * from wingman_admin.find_users('ana')",
        "select * from wingman_admin.export_user(md5('one12')::uuid, 'They asked')",
    ],
    ids=["overview", "timeline", "search", "export"],
)
def test_a_look_at_a_person_reads_what_is_theirs(operator, look):
    with operator.transaction(force_rollback=True):
        read = read_by(operator, look)
    assert not [table for table, (scans, _) in read.items() if scans], read
    assert sum(rows for _, rows in read.values()) <= OPEN, read


def test_a_webhook_is_removed_without_reading_what_was_sent_to_it(operator):
    with operator.transaction(force_rollback=True):
        read = read_by(operator, "select wingman_admin.remove_webhook(md5('hook')::uuid, 'They moved away')")
    assert not [table for table, (scans, _) in read.items() if scans], read
    assert sum(rows for _, rows in read.values()) <= OPEN, read
