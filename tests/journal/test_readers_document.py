"""The steps of docs/readers.md, as they stand there."""

import re
from datetime import UTC, datetime, timedelta
from textwrap import dedent

from rows import make_pair, make_session
from wingmanmatch.database import paths

BLOCK = re.compile(r"^ *```sql\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def test_a_reader_as_the_document_writes_one(db, people, rpc):
    match_id = make_pair(db, people).match_id
    noon = datetime.now(UTC).replace(hour=12, minute=0) - timedelta(days=1)
    for hours in (0, 0, 3):
        make_session(db, match_id, "cancelled", starts=noon + timedelta(hours=hours))
    blocks = [dedent(block) for block in BLOCK.findall((paths.ROOT / "docs/readers.md").read_text())]
    assert len(blocks) == 6
    for block in blocks[:-1]:
        db.execute(block)
    truth = [{"hour": 12, "sessions": 2}, {"hour": 15, "sessions": 1}]
    kept = "select hour, sessions from wingman.busy_hours order by hour"
    assert db.execute(kept).fetchall() == truth
    make_session(db, match_id, "cancelled", starts=noon)
    assert db.execute(kept).fetchall() == truth
    truth[0]["sessions"] += 1
    assert sorted(db.execute(blocks[-1]).fetchall(), key=lambda row: row["hour"]) == truth
    db.execute(blocks[3])
    assert db.execute(kept).fetchall() == truth
    assert rpc.as_admin().call("wingman_admin.remove_reader", name="busy_hours")["success"]
