"""Two people with an accepted match. These tests share a database a file: they change nothing but rows."""

import pytest
from emptied_database import emptied, postgresql  # noqa: F401
from rows import Pair, make_pair


@pytest.fixture
def pair(db, people) -> Pair:
    return make_pair(db, people)
