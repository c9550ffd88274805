"""What a search reads, counted in rows and pages: only the people that it must skip, in any crowd."""

import os
from collections.abc import Iterator
from itertools import count
from uuid import uuid4

import psycopg
import pytest
from crowd import Work, make_crowd, person, work
from emptied_database import EmptiedDatabase
from harness import Connection, server_url
from psycopg.rows import dict_row

pytestmark = pytest.mark.fresh_database

CITY = (3872, -914)
SIDE = 20
COUNTRY = (6000, 3000)
SKIPPED = 10_000
RINGS = 4

# what any search reads and looks at: its own rows, the settings, those of the person found, the new match
FEW_ROWS = 40
FEW_PAGES = 400
# and one that goes on to 100 miles: it asks for 418 rows of cells
PAGES_OF_ALL_RINGS = 1500
# of each who is skipped their row; where it comes to that, the history and the blocks, through indexes
PAGES_A_PERSON, PAGES_A_PAIR = 2, 12


_places = count()


@pytest.fixture(scope="module", params=[100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def crowded(request: pytest.FixtureRequest, file_database: EmptiedDatabase) -> Iterator[Connection]:
    """A database with a number of free people in the 400 cells of a city, and some in the country."""
    file_database.empty()
    dbname = file_database.connection.info.dbname
    url = server_url(os.environ["WINGMAN_TEST_DATABASE_URL"], dbname)
    with psycopg.connect(url, row_factory=dict_row) as connection:
        make_crowd(connection, "city", request.param, CITY, side=SIDE)
        make_crowd(connection, "country", 20_000, COUNTRY, side=141)
        make_history(connection)
        connection.commit()
        connection.autocommit = True
        connection.execute("analyze")
        connection.autocommit = False
        yield connection


@pytest.fixture
def world(crowded: Connection) -> Iterator[Connection]:
    """The same, in a transaction that is undone."""
    with crowded.transaction(force_rollback=True):
        yield crowded


@pytest.fixture
def here() -> tuple[int, int]:
    """A place with nobody near; a new one for each test, because undone rows are still in the indexes."""
    return (-1000, -15000 + 500 * next(_places))


def make_history(connection: Connection) -> None:
    """Old matches and blocks between people of the city: tables too large for a full scan."""
    connection.execute(
        """
        set local session_replication_role = replica;
        create temporary table pairs on commit drop as
        select md5('city' || n)::uuid as one, md5('city' || n + 1)::uuid as other
        from generate_series(0, 20000) as n;

        insert into public.wingman_matches (
            user1_id, user2_id, status, user1_reputation, user2_reputation,
            user1_level, user2_level, distance_miles,
            responded_by, responded_at, created_at, expires_at
        )
        select
            least(one, other), greatest(one, other), 'declined', 0, 0, 1, 1, 1,
            one, now(), now() - interval '90 days', now()
        from pairs;
        insert into public.user_blocks (blocker_id, blocked_id) select one, other from pairs;
        set local session_replication_role = origin
        """
    )


def search(world: Connection, user_id: object, radius: int | None = None) -> Work:
    return work(world, "public.create_automatic_match(%s, %s)", radius, user_id)


def assert_small(done: Work) -> None:
    assert done.scanned <= {"settings"}
    assert done.rows.total() <= FEW_ROWS, done
    assert done.buffers <= FEW_PAGES, done


def put(world: Connection, name: str, at: tuple[int, int], **more: object) -> object:
    """One more person; returns the id."""
    make_crowd(world, name, 1, at, **more)
    return person(name, 0)


def north(place: tuple[int, int], cells: int) -> tuple[int, int]:
    return place[0] + cells, place[1]


@pytest.mark.exhaustive
def test_in_a_city_centre_the_longest_waiting_of_the_own_cell_is_found_at_once(world: Connection) -> None:
    cell = SIDE // 2 * (SIDE + 1)
    ana = put(world, "Ana", (CITY[0] + SIDE // 2, CITY[1] + SIDE // 2))
    done = search(world, ana)
    assert done.answer["buddy_user_id"] == str(person("city", cell))
    assert_small(done)


@pytest.mark.exhaustive
def test_so_is_the_next_match_after_a_decline(world: Connection) -> None:
    ana = put(world, "Ana", CITY)
    match_id = world.execute("select (public.create_automatic_match(null, %s)).match_id", [ana]).fetchone()
    done = work(world, "public.respond_to_match(%s, 'decline', %s)", match_id["match_id"], ana)
    assert done.answer["next_match"]["buddy_user_id"] == str(person("city", SIDE * SIDE))
    assert_small(done)


def test_in_a_village_with_nobody_around_none_is_found_at_once(world: Connection) -> None:
    ana = put(world, "Ana", (4000, 7000))
    done = search(world, ana, 100)
    assert done.answer["success"] is False
    assert done.rows.total() <= FEW_ROWS
    assert done.buffers <= PAGES_OF_ALL_RINGS


def test_a_city_beyond_the_radius_is_not_read(world: Connection) -> None:
    ana = put(world, "Ana", (CITY[0] + SIDE + 46, CITY[1]))
    done = search(world, ana, 25)
    assert done.answer["success"] is False
    assert done.rows.total() <= FEW_ROWS
    assert done.buffers <= PAGES_OF_ALL_RINGS


def test_from_a_village_the_nearest_of_the_city_is_found_and_the_others_are_not_read(
    world: Connection,
) -> None:
    ana = put(world, "Ana", (CITY[0] - 20, CITY[1] - 3))
    done = search(world, ana, 100)
    assert done.answer["buddy_user_id"] == str(person("city", 0))
    assert done.rows["occupied_cells"] <= SIDE * SIDE + FEW_ROWS
    assert done.rows.total() - done.rows["occupied_cells"] <= FEW_ROWS


def test_while_somebody_is_near_no_far_cell_is_read(world: Connection) -> None:
    ana = put(world, "Ana", (COUNTRY[0] + 70, COUNTRY[1] - 1))
    done = search(world, ana, 100)
    assert done.answer["buddy_user_id"] == str(person("country", 70 * 141))
    # of 2 miles around, the half that lies in the country
    assert done.rows["occupied_cells"] <= 60
    assert done.rows.total() - done.rows["occupied_cells"] <= FEW_ROWS


def test_of_10_000_on_one_grid_point_the_longest_waiting_is_found_at_once(
    world: Connection, here: tuple[int, int]
) -> None:
    make_crowd(world, "crowd", SKIPPED, here)
    done = search(world, put(world, "Ana", here))
    assert done.answer["buddy_user_id"] == str(person("crowd", 0))
    assert_small(done)


def test_whoever_is_behind_the_one_found_is_not_read(world: Connection, here: tuple[int, int]) -> None:
    ana, ben = put(world, "Ana", here), put(world, "Ben", north(here, 1))
    make_crowd(world, "crowd", SKIPPED, north(here, 2), level=3)
    done = search(world, ana)
    assert done.answer["buddy_user_id"] == str(ben)
    assert_small(done)


def test_people_who_are_not_free_are_not_read(world: Connection, here: tuple[int, int]) -> None:
    make_crowd(world, "crowd", SKIPPED, here, paused=True)
    ana, ben = put(world, "Ana", here), put(world, "Ben", north(here, 1))
    done = search(world, ana)
    assert done.answer["buddy_user_id"] == str(ben)
    assert_small(done)


# a reason why the 10,000 nearest must be skipped: what they are, or what was between Ana and each of them
CROWDS = {"level": {"level": 3}, "found_often": {"exposures": 10}, "too_far_for_them": {"travel": 1}}
MATCH = """
    insert into public.wingman_matches (
        user1_id, user2_id, status, user1_reputation, user2_reputation,
        user1_level, user2_level, distance_miles,
        responded_by, responded_at, created_at, expires_at
    )
    select
        least(ana, id), greatest(ana, id), '{}', 0, 0, 1, 1, 1,
        ana, now(), now() - interval '{} days', now()
"""
HISTORIES = {
    "met_recently": MATCH.format("declined", 1),
    "partners": MATCH.format("accepted", 99),
    "blocked by Ana": "insert into public.user_blocks (blocker_id, blocked_id) select ana, id",
    "have blocked Ana": "insert into public.user_blocks (blocker_id, blocked_id) select id, ana",
}


def write_history(world: Connection, insert: str, ana: object) -> None:
    """Write a row for Ana and everybody of the crowd."""
    people = "from (select %s::uuid, md5('crowd' || n)::uuid from generate_series(0, %s) as n) as p (ana, id)"
    world.execute("set local session_replication_role = replica")
    world.execute(f"{insert} {people}", [ana, SKIPPED - 1])
    world.execute("set local session_replication_role = origin")


@pytest.mark.representatives("*level-1", "*met_recently-1")
@pytest.mark.parametrize(
    ("reason", "side"),
    [*((reason, 1) for reason in [*CROWDS, *HISTORIES]), ("level", 10), ("met_recently", 10)],
)
def test_10_000_nearest_in_a_row_are_skipped_and_nobody_else_is_read(
    world: Connection, here: tuple[int, int], reason: str, side: int
) -> None:
    # 2 miles off, so that they would have to travel
    make_crowd(world, "crowd", SKIPPED, north(here, -side - 3), side=side, **CROWDS.get(reason, {}))
    ana, ben = put(world, "Ana", here), put(world, "Ben", north(here, 20))
    make_crowd(world, "behind", SKIPPED, north(here, 21), side=side)
    if reason in HISTORIES:
        write_history(world, HISTORIES[reason], ana)

    done = search(world, ana, 100)

    assert done.answer["buddy_user_id"] == str(ben)
    assert done.scanned <= {"settings"}
    assert SKIPPED <= done.rows["matchmaking_pool"] <= SKIPPED + FEW_ROWS
    assert max(done.rows["wingman_matches"], done.rows["user_blocks"]) <= SKIPPED + FEW_ROWS
    # the cells of a ring and all nearer ones
    assert done.rows["occupied_cells"] <= RINGS * 2 * side * side + FEW_ROWS
    pages = PAGES_A_PAIR if reason in HISTORIES else PAGES_A_PERSON
    assert done.buffers <= SKIPPED * pages + PAGES_OF_ALL_RINGS


@pytest.mark.parametrize("side", [1, 10])
def test_where_none_of_10_000_fits_none_is_the_answer(
    world: Connection, here: tuple[int, int], side: int
) -> None:
    make_crowd(world, "crowd", SKIPPED, here, side=side, level=3)
    done = search(world, put(world, "Ana", here), 100)
    assert done.answer["success"] is False
    # the own cell once for somebody whom nobody holds, and once more for anybody
    own_cell = SKIPPED // side**2
    assert done.rows["matchmaking_pool"] <= SKIPPED + own_cell + FEW_ROWS


def test_why_no_match_counts_the_1000_nearest_and_reads_no_more(
    world: Connection, here: tuple[int, int]
) -> None:
    make_crowd(world, "behind", SKIPPED, north(here, 1))
    make_crowd(world, "crowd", 1000, here, level=3)
    ana = put(world, "Ana", here)
    done = work(world, "public.why_no_match(25, %s)", ana)
    assert done.answer["removed"] == [{"rule": "level", "people": 1002}]
    # once for this radius, once to look for a wider one, once for that one
    assert done.rows["matchmaking_pool"] <= 3 * 1000 + FEW_ROWS


@pytest.mark.parametrize("left_behind", [0, 1, SKIPPED], ids=["the last one", "of two", "of many"])
@pytest.mark.parametrize("paused", [False, True], ids=["free", "paused"])
def test_whoever_moves_reads_nobody_at_the_places_they_leave_and_enter(
    world: Connection, here: tuple[int, int], left_behind: int, paused: bool
) -> None:
    there = (here[0] // 100, here[1] // 100)
    ana = uuid4()
    world.execute("insert into auth.users (id) values (%s)", [ana])
    profile = "public.complete_profile('Ana', 'beginner', %s, %s, user_id => %s)"
    world.execute(f"select {profile}", [*there, ana])
    make_crowd(world, "crowd", left_behind, here, paused=paused)
    done = work(world, profile, there[0] + 1, there[1], ana)
    assert done.answer["lat"] == there[0] + 1
    # nobody else's: the crowd has none
    assert done.rows.pop("user_locations") <= 4
    assert_small(Work(done.answer, done.rows, done.scanned - {"user_locations"}, done.buffers))
