"""Two people with an accepted match, and which of the two calls."""

from typing import NamedTuple
from uuid import UUID

import pytest
from rows import Pair, make_pair


class Sides(NamedTuple):
    me: UUID
    buddy: UUID
    my_number: int
    """1 or 2: which user of the match calls."""


@pytest.fixture
def pair(db, people) -> Pair:
    return make_pair(db, people)


@pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.exhaustive)], ids=["as user1", "as user2"])
def sides(request, pair) -> Sides:
    """Runs a test once from each side of the match; the model's random calls come from both in every run."""
    if request.param == 1:
        return Sides(pair.user1, pair.user2, 1)
    return Sides(pair.user2, pair.user1, 2)
