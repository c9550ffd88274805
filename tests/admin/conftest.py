"""Two people with an accepted match, and an operator."""

from uuid import UUID

import pytest
from harness import Caller
from rows import Pair, make_pair, make_session


@pytest.fixture
def pair(db, people) -> Pair:
    return make_pair(db, people)


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()


@pytest.fixture
def completed(db, rpc, pair) -> UUID:
    """A completed session, counted for both."""
    session_id = make_session(db, pair.match_id)
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    return session_id


@pytest.fixture
def missed(db, operator, pair) -> UUID:
    """A session to which user1 did not come."""
    session_id = make_session(db, pair.match_id)
    operator.call(
        "wingman_admin.mark_no_show", session_id=session_id, absent_user_id=pair.user1, reason="Was not there"
    )
    return session_id
