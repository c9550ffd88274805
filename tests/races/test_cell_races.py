"""People move between cells at once: nobody ends up in a cell that no search looks into."""

from typing import Any
from uuid import UUID

import pytest
from harness import Connection
from races.race import Call, Race
from races.scene import Scene

# Three cells, each a mile or so from the next.
HERE, THERE, ELSEWHERE = ({"lat": 38.72 + north / 100, "lng": -9.14} for north in (0, 2, 4))
Cell = tuple[int, int]


def cell(place: dict[str, float]) -> Cell:
    return round(place["lat"] * 100), round(place["lng"] * 100)


def move(race: Race, user_id: UUID, place: dict[str, float]) -> Call:
    return race.call(user_id, "complete_profile", first_name="Ana", experience_level="beginner", **place)


def occupied(db: Connection) -> set[Cell]:
    """The cells that searches look into."""
    return {(row["grid_lat"], row["grid_lng"]) for row in db.execute("select * from wingman.occupied_cells")}


@pytest.fixture
def stop(db: Connection) -> Any:
    """Stops anybody who moves before or after their row is written, as long as this query's lock is held."""

    def install(when: str) -> str:
        # triggers fire by their names: between those that occupy and vacate
        name = {"before": "zzz_stop_there", "after": "aaa_stop_there"}[when]
        db.execute(
            f"""
            create function public.stop_there() returns trigger language plpgsql as $$
            begin
                perform pg_advisory_xact_lock_shared(1);
                return new;
            end
            $$;
            create trigger {name} {when} update of grid_lat on wingman.matchmaking_pool
            for each row when (new.grid_lat <> old.grid_lat) execute function public.stop_there();
            """
        )
        return "select pg_advisory_xact_lock(1)"

    return install


@pytest.mark.parametrize("rolled_back", [False, True], ids=["committed", "rolled back"])
def test_who_enters_a_cell_that_its_last_one_is_leaving_waits_and_has_it(
    race: Race, scene: Scene, db: Connection, rolled_back: bool
) -> None:
    (leaver,), (comer,) = scene.people("beginner", **HERE), scene.people("beginner", **THERE)

    met = race.collide(move(race, leaver, ELSEWHERE), move(race, comer, HERE), rolled_back=rolled_back)

    assert (met.first["lat"], met.second["lat"]) == (ELSEWHERE["lat"], HERE["lat"])
    assert occupied(db) == ({cell(HERE)} if rolled_back else {cell(HERE), cell(ELSEWHERE)})


def test_who_enters_a_cell_that_its_last_one_s_account_is_leaving_has_it(
    race: Race, scene: Scene, db: Connection
) -> None:
    (leaver,), (comer,) = scene.people("beginner", **HERE), scene.people("beginner", **THERE)

    met = race.collide(
        race.statement("delete from auth.users where id = %s", leaver), move(race, comer, HERE)
    )

    assert met.second["lat"] == HERE["lat"]
    assert occupied(db) == {cell(HERE)}


@pytest.mark.parametrize("rolled_back", [False, True], ids=["committed", "rolled back"])
def test_the_last_one_leaves_a_cell_to_who_is_entering_it(
    race: Race, scene: Scene, db: Connection, rolled_back: bool
) -> None:
    (leaver,), (comer,) = scene.people("beginner", **HERE), scene.people("beginner", **THERE)
    entering = move(race, comer, HERE)

    with entering.transaction() as transaction:
        entering()
        # without waiting: the other one holds the cell
        race.unhindered(move(race, leaver, ELSEWHERE))
        transaction.force_rollback = rolled_back

    # where nobody came in the end, an empty cell stays behind; it does no harm
    assert occupied(db) == {cell(HERE), cell(ELSEWHERE)} | ({cell(THERE)} if rolled_back else set())


def test_a_cell_left_empty_behind_goes_with_the_next_who_leaves_it(
    race: Race, scene: Scene, db: Connection
) -> None:
    (leaver,), (comer,) = scene.people("beginner", **HERE), scene.people("beginner", **THERE)
    db.execute("insert into wingman.occupied_cells values (%s, %s)", cell(ELSEWHERE))

    move(race, leaver, ELSEWHERE)()
    move(race, leaver, THERE)()

    assert occupied(db) == {cell(THERE)}
    assert scene.seeker(comer)["grid_lat"] == cell(THERE)[0]


def test_the_last_two_leave_a_cell_at_once(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair(**HERE)

    met = race.overtake(move(race, ana, THERE), move(race, ben, ELSEWHERE))

    assert (met.first["lat"], met.second["lat"]) == (THERE["lat"], ELSEWHERE["lat"])


@pytest.mark.parametrize("rolled_back", [False, True], ids=["committed", "rolled back"])
def test_the_first_two_enter_a_cell_at_once(
    race: Race, scene: Scene, db: Connection, rolled_back: bool
) -> None:
    (ana,), (ben,) = scene.people("beginner", **HERE), scene.people("beginner", **HERE)

    race.collide(move(race, ana, THERE), move(race, ben, THERE), rolled_back=rolled_back)

    assert occupied(db) == ({cell(HERE), cell(THERE)} if rolled_back else {cell(THERE)})


def test_two_people_newly_come_to_a_new_cell_at_once(
    race: Race, scene: Scene, db: Connection, people: Any
) -> None:
    ana, ben = people.auth_only(), people.auth_only()

    race.collide(move(race, ana, HERE), move(race, ben, HERE))

    assert occupied(db) == {cell(HERE)}


@pytest.mark.parametrize("smaller_first", [True, False], ids=["smaller id first", "larger id first"])
def test_of_two_who_change_places_the_second_waits(
    race: Race, scene: Scene, db: Connection, smaller_first: bool
) -> None:
    pair = [*scene.people("beginner", **HERE), *scene.people("beginner", **THERE)]
    first, second = pair if (pair[0] < pair[1]) == smaller_first else pair[::-1]
    places = dict(zip(pair, (THERE, HERE), strict=True))

    race.collide(move(race, first, places[first]), move(race, second, places[second]))

    assert [scene.seeker(one)["grid_lat"] for one in pair] == [cell(THERE)[0], cell(HERE)[0]]
    assert occupied(db) == {cell(HERE), cell(THERE)}


def test_two_who_change_places_never_wait_for_each_other(
    race: Race, scene: Scene, db: Connection, stop: Any
) -> None:
    (ana,), (ben,) = scene.people("beginner", **HERE), scene.people("beginner", **THERE)

    # both are in the new cell and have not left the old one
    with race.held(stop("after")) as gate:
        arrived = [
            race.started(move(race, ana, THERE), waits_for=gate),
            race.started(move(race, ben, HERE), waits_for=gate),
        ]

    assert [answer()["lat"] for answer in arrived] == [THERE["lat"], HERE["lat"]]
    assert occupied(db) == {cell(HERE), cell(THERE)}


def test_a_cell_stays_for_who_is_entering_it_and_not_there_yet(
    race: Race, scene: Scene, db: Connection, stop: Any
) -> None:
    (leaver,), (comer,) = scene.people("beginner", **HERE), scene.people("beginner", **THERE)
    leaving = race.statement(
        "update wingman.matchmaking_pool set grid_lng = %s where user_id = %s", cell(HERE)[1] + 9, leaver
    )

    with race.held(stop("before")) as gate:
        arrived = race.started(move(race, comer, HERE), waits_for=gate)
        race.unhindered(leaving)

    assert arrived()["lat"] == HERE["lat"]
    # a direct write to a seeker, put right again
    race.statement("update public.user_locations set lat = lat where user_id = %s", leaver)()


def test_a_search_from_the_next_cell_finds_who_entered_while_the_last_one_left(
    race: Race, scene: Scene
) -> None:
    (leaver,), (comer,) = scene.people("beginner", **HERE), scene.people("beginner", **ELSEWHERE)
    (seeker,) = scene.people("beginner", **THERE)

    race.collide(move(race, leaver, {"lat": -38.7, "lng": -9.1}), move(race, comer, HERE))

    assert race.call(seeker, "create_automatic_match")()["buddy_user_id"] == comer
