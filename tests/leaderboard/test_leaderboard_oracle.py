"""The leaderboard says what the ledger says, whatever has happened and however far its reader has come."""

import pytest
from leaderboard.boards import PERIODS, Board, all_pages, count, count_anew, differences, expected, stored
from leaderboard.worlds import World


@pytest.mark.representatives("0")
@pytest.mark.parametrize("seed", range(12))
def test_it_is_exact_in_a_random_world(db, seed):
    world = World(db, seed)
    listed = 0
    for _ in range(60):
        for _ in range(5):
            world.step()
        listed += world.look()
        if seed % 4 == 0:
            assert differences(db) == []
    assert listed > 20

    while count(db):
        pass
    before = stored(db)
    assert before["tallies"] and before["counts"]
    assert differences(db) == []
    # the order and the pages in which it is read make no difference
    count_anew(db)
    assert stored(db) == before


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_so_it_is_in_many_more(db, seed):
    world = World(db, seed, people=4 + seed % 9)
    for _ in range(120):
        world.step()
        world.look()


def test_what_somebody_changed_by_hand_is_found(db, people):
    world = World(db, 1)
    while not all(stored(db).values()):
        world.step()
        world.read()
    for change in (
        "update wingman.leaderboard_counts set count = count + 1",
        "delete from wingman.leaderboard_counts",
        "update wingman.leaderboard_histogram set people = people + 1",
        "delete from wingman.leaderboard_histogram",
    ):
        with db.transaction(force_rollback=True):
            db.execute(change)
            assert differences(db) != [], change
    with db.transaction(force_rollback=True):
        db.execute("delete from wingman.leaderboard_counts")
        count_anew(db)
        assert differences(db) == []
        for period in PERIODS:
            board = Board(world.users[0], period, None if period == "all_time" else world.day())
            assert all_pages(db, board, 3) == expected(db, board)
