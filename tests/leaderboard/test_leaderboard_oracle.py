"""The leaderboard says what the ledger says, whatever has happened and however far its reader has come."""

import pytest
from leaderboard.worlds import World


@pytest.mark.representatives("0")
@pytest.mark.parametrize("seed", range(12))
def test_it_is_exact_in_a_random_world(db, seed):
    world = World(db, seed)
    for _ in range(60):
        for _ in range(5):
            world.step()
        world.look()
