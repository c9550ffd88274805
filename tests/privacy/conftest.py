"""Ana's life."""

import pytest
from privacy.life import Life, live


@pytest.fixture
def life(db, rpc, people) -> Life:
    return live(db, rpc, people)
