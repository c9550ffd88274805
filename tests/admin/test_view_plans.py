"""However long the history, operators' views read a month of it, by its primary keys, and what is open.

Here it is one of 24,000 hours, with a match in each and a session in every other one.
"""

import pytest
from admin.history import write_history
from harness import OPERATOR
from rows import make_pair, make_session

pytestmark = pytest.mark.fresh_database

# not session_decisions: few, since operators make them one by one
HISTORY = {"wingman_matches", "wingman_sessions", "reputation_events"}
MONTH = 31 * 24
"""Matches of a month; half as many sessions."""
MOST_ROWS = {
    "completion_rate_by_day": 121 * 12,
    "match_funnel": MONTH + MONTH // 2,
    "open_matches_and_sessions": MONTH,
    "overdue_sessions": 0,
    "reputation_distribution": 0,
    "waiting_seekers": 0,
    # what the views that it counts read, and the sessions once more
    "metrics": 2 * (MONTH + 121 * 12) + MONTH // 2,
}
# open matches and sessions, and what the planner reads at the ends of indexes
OPEN = 100
_COUNTED = """
    select relname, seq_scan, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
    from pg_stat_xact_user_tables
    where schemaname in ('public', 'wingman')
"""


def counted(operator):
    """Scans from end to end, and rows read, of each table of history."""
    return {
        row["relname"]: (row["seq_scan"], row["rows"])
        for row in operator.execute(_COUNTED)
        if row["relname"] in HISTORY
    }


@pytest.mark.parametrize("is_analysed", [True, False], ids=["analysed", "never analysed"])
@pytest.mark.parametrize("view", MOST_ROWS)
def test_no_history_is_read_from_end_to_end(db, connect, people, view, is_analysed):
    write_history(db)
    make_session(db, make_pair(db, people).match_id, starts="-2 days")
    if is_analysed:
        db.execute("analyze")
    operator = connect(user=OPERATOR)
    before = counted(operator)
    operator.execute(f"select * from wingman_admin.{view}").fetchall()
    after = counted(operator)

    read = {
        table: (scans - before.get(table, (0, 0))[0], rows - before.get(table, (0, 0))[1])
        for table, (scans, rows) in after.items()
    }
    assert not [table for table, (scans, _) in read.items() if scans], read
    assert sum(rows for _, rows in read.values()) <= MOST_ROWS[view] + OPEN, read
