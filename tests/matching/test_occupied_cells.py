"""A grid point is an occupied cell for as long as anybody is there."""

import random

import psycopg
import pytest
from harness import in_thread, wait_until_blocked

HERE = {"lat": 38.72, "lng": -9.14}
THERE = {"lat": 38.73, "lng": -9.14}
CELL_HERE, CELL_THERE = (3872, -914), (3873, -914)


def occupied(db):
    rows = db.execute("select grid_lat, grid_lng from wingman.occupied_cells").fetchall()
    return {(row["grid_lat"], row["grid_lng"]) for row in rows}


def move(db, user_id, lat, lng):
    query = "update public.user_locations set lat = %s, lng = %s where user_id = %s"
    db.execute(query, [lat, lng, user_id])


def add_location(db, user_id, lat, lng):
    db.execute(
        "insert into public.user_locations (user_id, lat, lng, privacy_mode, max_travel_miles)"
        " values (%s, %s, %s, 'precise', 25) on conflict do nothing",
        [user_id, lat, lng],
    )


def remove_location(db, user_id):
    db.execute("delete from public.user_locations where user_id = %s", [user_id])


def delete_account(db, user_id):
    db.execute("delete from auth.users where id = %s", [user_id])


def test_the_first_to_come_occupies_a_cell_and_the_last_to_go_vacates_it(db, people):
    ana, ben = people.add(**HERE), people.add(**HERE)
    assert occupied(db) == {CELL_HERE}
    move(db, ana, **THERE)
    assert occupied(db) == {CELL_HERE, CELL_THERE}
    move(db, ben, **THERE)
    assert occupied(db) == {CELL_THERE}


@pytest.mark.parametrize("leave", [remove_location, delete_account])
def test_who_leaves_last_takes_the_cell_along(db, people, leave):
    ana, ben = people.add(**HERE), people.add(**HERE)
    leave(db, ana)
    assert occupied(db) == {CELL_HERE}
    leave(db, ben)
    assert occupied(db) == set()


def test_a_move_within_a_cell_leaves_it_occupied(db, people):
    move(db, people.add(**HERE), 38.7239, -9.1361)
    assert occupied(db) == {CELL_HERE}


@pytest.mark.parametrize(
    ("lat", "lng", "cell"),
    [
        (90.0, 135.0, (9000, 0)),
        (89.997, -20.0, (9000, 0)),
        (-90.0, 180.0, (-9000, 0)),
        (10.0, -180.0, (1000, 18000)),
        (10.0, -179.996, (1000, 18000)),
        (10.0, 179.996, (1000, 18000)),
        (-0.004, 0.004, (0, 0)),
    ],
)
def test_a_place_with_two_names_is_one_cell(db, people, lat, lng, cell):
    people.add(lat=lat, lng=lng)
    assert occupied(db) == {cell}


def test_two_people_who_change_places_in_one_statement_keep_both_cells(db, people):
    people.add(**HERE), people.add(**THERE)
    db.execute("update public.user_locations set lat = 38.72 + 38.73 - lat")
    assert occupied(db) == {CELL_HERE, CELL_THERE}


def test_after_any_moves_exactly_the_cells_with_people_are_occupied(db, people):
    chance = random.Random(8)
    everybody = [people.add(lat=0, lng=n / 100) for n in range(8)]
    for _ in range(60):
        user_id = chance.choice(everybody)
        match chance.randrange(6):
            case 0:
                remove_location(db, user_id)
            case 1:
                add_location(db, user_id, 0, chance.randrange(4) / 100)
            case _:
                move(db, user_id, 0, chance.randrange(4) / 100)
        rows = db.execute("select distinct grid_lat, grid_lng from wingman.matchmaking_pool").fetchall()
        assert occupied(db) == {(row["grid_lat"], row["grid_lng"]) for row in rows}


def test_a_cell_with_people_cannot_be_taken_away(db, people):
    people.add(**HERE)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.execute("delete from wingman.occupied_cells")


def test_who_comes_while_the_last_one_goes_finds_the_cell_again(db, people, connect):
    ana, ben = people.add(**HERE), people.add(**THERE)
    leaving, coming = connect(user=db.info.user), connect(user=db.info.user)
    with leaving.transaction():
        move(leaving, ana, 0, 0)
        came = in_thread(move, coming, ben, **HERE)
        wait_until_blocked(db, coming.info.backend_pid, by=leaving.info.backend_pid)
    came.result(timeout=10)
    assert occupied(db) == {(0, 0), CELL_HERE}


def test_who_comes_while_the_last_one_almost_goes_finds_the_cell_still(db, people, connect):
    ana, ben = people.add(**HERE), people.add(**THERE)
    leaving, coming = connect(user=db.info.user), connect(user=db.info.user)
    with leaving.transaction(force_rollback=True):
        move(leaving, ana, 0, 0)
        came = in_thread(move, coming, ben, **HERE)
        wait_until_blocked(db, coming.info.backend_pid, by=leaving.info.backend_pid)
    came.result(timeout=10)
    assert occupied(db) == {CELL_HERE}


def test_who_comes_between_the_lock_and_the_end_of_a_cell_makes_it_anew(db, people, connect):
    ben = people.add(**THERE)
    # a move would ask for its new cell twice
    remove_location(db, ben)
    db.execute("insert into wingman.occupied_cells values (%s, %s)", CELL_HERE)
    leaving, coming = connect(user=db.info.user), connect(user=db.info.user)
    where = "from wingman.occupied_cells where (grid_lat, grid_lng) = (%s, %s)"
    with leaving.transaction():
        leaving.execute(f"select {where} for update", CELL_HERE)
        came = in_thread(add_location, coming, ben, **HERE)
        wait_until_blocked(db, coming.info.backend_pid, by=leaving.info.backend_pid)
        leaving.execute(f"delete {where}", CELL_HERE)
    came.result(timeout=10)
    assert occupied(db) == {CELL_HERE}


def test_who_goes_while_somebody_comes_leaves_the_cell_without_waiting(db, people, connect):
    ana, ben = people.add(**HERE), people.add(**THERE)
    coming = connect(user=db.info.user)
    with coming.transaction():
        move(coming, ben, **HERE)
        db.execute("set lock_timeout = '1s'")
        move(db, ana, 0, 0)
    assert occupied(db) == {(0, 0), CELL_HERE}


def test_a_cell_that_nobody_tidied_up_does_no_harm_and_goes_with_the_next(db, people, rpc):
    ana, ben = people.add(**HERE), people.add(lat=38.75, lng=-9.14)
    db.execute("insert into wingman.occupied_cells values (%s, %s)", CELL_THERE)
    assert rpc.as_user(ana).call("create_automatic_match")["buddy_user_id"] == ben
    cem = people.add(**THERE)
    remove_location(db, cem)
    assert occupied(db) == {CELL_HERE, (3875, -914)}
