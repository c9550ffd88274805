"""People who complete sessions, and operators."""

import pytest
from achievements.careers import Careers
from harness import Caller
from races.race import Race


@pytest.fixture
def careers(db, people) -> Careers:
    """Writes what people have completed, at any time."""
    return Careers(db, people)


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()


@pytest.fixture
def race(connect, db) -> Race:
    return Race(connect, db)


@pytest.fixture
def another(db, connect):
    """Opens connections like that of db."""
    return lambda: connect(user=db.info.user)
