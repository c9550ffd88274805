"""Two people who meet, and an operator."""

import pytest
from harness import Caller
from rows import Pair, make_pair


@pytest.fixture
def pair(db, people) -> Pair:
    """user1 is the one who reports, user2 the one who does not come."""
    return make_pair(db, people)


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()
