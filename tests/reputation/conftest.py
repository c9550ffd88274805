"""Two people with an accepted match."""

import pytest
from rows import Pair, make_pair


@pytest.fixture
def pair(db, people) -> Pair:
    return make_pair(db, people)
