"""Who has blocked whom, as rows."""

from uuid import UUID

import pytest
from harness import Connection


@pytest.fixture
def blocks(db: Connection):
    """Asks for every block there is: (who, whom)."""

    def read() -> list[tuple[UUID, UUID]]:
        found = db.execute("select * from public.user_blocks order by created_at, blocker_id")
        return [(row["blocker_id"], row["blocked_id"]) for row in found]

    return read
