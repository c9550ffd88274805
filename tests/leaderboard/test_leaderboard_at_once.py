"""Exact at every moment, while completions, reverts, visibilities and the reader commit."""

from contextlib import ExitStack
from itertools import pairwise
from random import Random
from threading import Event, Semaphore

import psycopg
import pytest
from harness import Connection, in_thread
from leaderboard.boards import Board, all_pages, complete, count, differences, expected, revert, show, stored
from leaderboard.worlds import World
from mortal import MortalFunction
from rows import all_rows
from waiting import until

VISIBILITIES = ("off", "nameless", "named", "named")


@pytest.fixture
def another(db, connect):
    """Opens connections like that of db."""
    return lambda: connect(user=db.info.user)


@pytest.fixture
def users(db, people):
    db.execute("update wingman.settings set profile_limit = 1000000")
    return [people.add(f"P{number}") for number in range(8)]


def keep_meeting(db: Connection, users, seed: int, pace: Semaphore, stop: Event) -> int:
    """Complete and revert sessions, some of them several in one transaction."""
    random = Random(seed)
    done = 0
    sessions = []
    while pace.acquire() and not stop.is_set():
        with db.transaction():
            for _ in range(random.choice((1, 1, 3))):
                if sessions and random.random() < 0.3:
                    revert(db, sessions.pop(random.randrange(len(sessions))))
                else:
                    sessions.append(complete(db, *random.sample(users, 2)))
                done += 1
    return done


def keep_choosing(db: Connection, users, seed: int, pace: Semaphore, stop: Event) -> int:
    random = Random(seed)
    done = 0
    while pace.acquire() and not stop.is_set():
        if random.random() < 0.7:
            show(db, random.choice(users), random.choice(VISIBILITIES))
        elif random.random() < 0.5:
            db.execute(
                "insert into wingman.suspensions (user_id) values (%s) on conflict do nothing",
                [random.choice(users)],
            )
        else:
            db.execute("delete from wingman.suspensions where user_id = %s", [random.choice(users)])
        done += 1
    return done


def keep_counting(db: Connection, stop: Event) -> int:
    random = Random(0)
    done = 0
    while not stop.is_set():
        done += count(db, random.choice((1, 2, 5, 1000)))
    return done


@pytest.mark.representatives("20")
@pytest.mark.parametrize("looks", [20, 400])
def test_each_answer_is_that_of_its_snapshot(db, another, users, looks):
    stop, pace = Event(), Semaphore(100)
    with ExitStack() as stack:
        stack.callback(pace.release, 3)
        stack.callback(stop.set)
        busy = [
            in_thread(keep_meeting, another(), users, 1, pace, stop),
            in_thread(keep_meeting, another(), users, 2, pace, stop),
            in_thread(keep_choosing, another(), users, 3, pace, stop),
            in_thread(keep_counting, another(), stop),
        ]
        until(lambda: db.execute("select 1 from wingman.leaderboard_counts").fetchone())
        random = Random(4)
        looking = another()
        looking.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        listed = 0
        for _ in range(looks):
            pace.release(10)
            board = Board(random.choice(users))
            with looking.transaction():
                whole = expected(looking, board)
                assert all_pages(looking, board, random.choice((2, 100))) == whole
            listed += whole["total"]
    assert all(future.result(timeout=30) for future in busy)
    assert listed > looks

    # and all is counted at the end
    until(lambda: count(db) == 0)
    whole = expected(db, Board(users[0]))
    assert all_pages(db, Board(users[0]), 3) == whole
    assert (
        sum(row["row"]["people"] for row in stored(db)["histogram"] if row["row"]["period"] == "week")
        == (whole["total"])
    )


def test_a_reader_that_is_killed_goes_on_where_it_was(db, another, users):
    """Each page is one transaction: whatever was not committed is read again."""
    for user in users:
        show(db, user)
    for one, other in pairwise(users):
        complete(db, one, other)
    killed = another()
    with pytest.raises(psycopg.errors.AdminShutdown), killed.transaction():
        assert count(killed, 5) == 5
        db.execute("select pg_terminate_backend(%s)", [killed.info.backend_pid])
        killed.execute("select 1")
    assert stored(db) == {name: [] for name in stored(db)}
    assert all_pages(db, Board(users[0]), 3) == expected(db, Board(users[0]))
    while count(db, 5):
        assert all_pages(db, Board(users[0]), 3) == expected(db, Board(users[0]))


@pytest.mark.exhaustive
def test_a_reader_killed_after_any_statement_leaves_nothing_undone_or_done_twice(db, another):
    world = World(db, seed=1)
    mortal = MortalFunction(db, "wingman.count_leaderboard")
    killed = 0
    while mortal.has_statement(killed):
        for _ in range(20):
            world.step()
        # at least something to read, to take back and to look at again
        pair = world.present()[:2]
        taken_back = complete(db, *pair, "2026-01-05 12:00Z")
        count(db)
        revert(db, taken_back)
        show(db, pair[0], "off")
        show(db, pair[0])
        before = all_rows(db)
        with mortal.ending_after(killed), another() as victim, pytest.raises(psycopg.errors.AdminShutdown):
            count(victim, 2)
        assert all_rows(db) == before
        while count(db, 2):
            world.look()
        assert differences(db) == []
        killed += 1
    assert killed >= 8


def test_while_one_reads_another_returns_at_once(db, another, users):
    show(db, users[0])
    complete(db, *users[:2])
    reading = another()
    with reading.transaction():
        assert count(reading) == 2
        assert count(db) == 0
        # nor does anybody else wait
        show(db, users[0], "off")
        complete(db, *users[:2])
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [users[0]])
    assert count(db) == 2
    assert all_pages(db, Board(users[0]), 3) == expected(db, Board(users[0]))


def test_with_nothing_to_do_it_writes_nothing(db, users):
    show(db, users[0])
    count(db)
    assert count(db) == 0
    with db.transaction():
        assert count(db) == 0
        row = db.execute("select pg_current_xact_id_if_assigned() as xid").fetchone()
        assert row == {"xid": None}
