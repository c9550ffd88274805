"""Two people with inboxes, and an operator."""

import pytest
from harness import Caller
from rows import Pair, make_pair


@pytest.fixture
def pair(db, people) -> Pair:
    """The two people of an accepted match, with empty inboxes and nothing left to tell."""
    made = make_pair(db, people)
    db.execute("select wingman.run_readers()")
    db.execute("delete from public.wingman_notifications")
    db.execute("delete from wingman.reminders")
    return made


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()
