"""What there was before revision 0007."""

from typing import Any

from harness import Connection
from rows import all_rows

OF_0007 = (
    *("achievements", "earned_achievements", "postponed_evaluations"),
    *(f"leaderboard_{name}" for name in ("counts", "histogram", "key", "members", "reviews", "tallies")),
)
EARNED = "achievement_earned"
"""The kind of notification that came with it."""


def rows_of_0006(db: Connection) -> dict[str, Any]:
    """The rows of every table, but for the settings and what came with revision 0007."""
    rows = all_rows(db)
    for table in ("alembic_version", "settings", *OF_0007):
        rows.pop(f"wingman.{table}", None)
    readers = [row for row in rows["wingman.readers"] if row["name"] not in ("achievements", "leaderboard")]
    texts = [row for row in rows["wingman.notification_texts"] if row["kind"] != EARNED]
    return {**rows, "wingman.readers": readers, "wingman.notification_texts": texts}
