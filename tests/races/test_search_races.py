"""Searches that meet: nobody gets two pending matches, there is no deadlock, "none" is never a guess."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from harness import Connection
from races.race import Race, assert_refused
from races.scene import Scene

CREATED = "Wingman buddy match created successfully!"
ALREADY = "You already have a pending wingman match"
NONE = {
    "success": False,
    "message": "No compatible wingman buddies found within 25 miles. Try expanding your search radius.",
    "match_id": None,
    "buddy_user_id": None,
    "buddy_profile": None,
    "distance_miles": None,
}
BUSY: dict[str, Any] = {
    "name": "busy",
    "http_status": 423,
    "message": "Another request holds this record - retry",
}
LOCK = "select user_id from wingman.matchmaking_pool where user_id = %s for no key update"
FIVE_MILES_NORTH = {"lat": 38.80, "lng": -9.1393}


@pytest.fixture
def rivals_below(scene: Scene) -> tuple[UUID, UUID, UUID]:
    """Two searchers who cannot meet each other, and their one candidate, whose id is above both."""
    first, second, candidate = scene.people("beginner", "advanced", "intermediate")
    return first, second, candidate


@pytest.fixture
def rivals_above(scene: Scene) -> tuple[UUID, UUID, UUID]:
    """Two searchers who cannot meet each other, and their one candidate, whose id is below both."""
    candidate, first, second = scene.people("intermediate", "beginner", "advanced")
    return first, second, candidate


def test_of_two_searches_of_one_user_the_second_finds_the_first_ones_match(race: Race, scene: Scene) -> None:
    seeker, nearest, _other = scene.people(*["beginner"] * 3)

    met = race.collide(
        race.call(seeker, "create_automatic_match"), race.call(seeker, "create_automatic_match")
    )

    assert (met.first["message"], met.first["buddy_user_id"]) == (CREATED, nearest)
    assert met.second == {**met.first, "message": ALREADY}
    assert met.second_wrote == set()
    assert scene.matches() == [(seeker, nearest, "pending")]


def test_a_searcher_waits_for_the_only_candidate_above_and_then_finds_none(
    race: Race, scene: Scene, rivals_below: tuple[UUID, UUID, UUID]
) -> None:
    first, second, candidate = rivals_below

    met = race.collide(
        race.call(first, "create_automatic_match"), race.call(second, "create_automatic_match")
    )

    assert (met.first["message"], met.first["buddy_user_id"]) == (CREATED, candidate)
    assert met.second == NONE
    assert met.second_wrote == set()
    assert scene.matches() == [(first, candidate, "pending")]


def test_a_searcher_gets_the_candidate_it_waited_for_when_the_rival_is_rolled_back(
    race: Race, scene: Scene, rivals_below: tuple[UUID, UUID, UUID]
) -> None:
    first, second, candidate = rivals_below

    met = race.collide(
        race.call(first, "create_automatic_match"),
        race.call(second, "create_automatic_match"),
        rolled_back=True,
    )

    assert (met.second["message"], met.second["buddy_user_id"]) == (CREATED, candidate)
    assert scene.matches() == [(second, candidate, "pending")]


def test_a_searcher_waits_without_a_lock_when_the_only_candidate_is_below(
    race: Race, scene: Scene, rivals_above: tuple[UUID, UUID, UUID]
) -> None:
    _, second, candidate = rivals_above

    with race.held(LOCK, candidate) as holder:
        waiting = race.started(race.call(second, "create_automatic_match"), waits_for=holder)
        # a lock that the second one kept would be in the way of the candidate, who may wait for greater ids
        race.statement(f"{LOCK} nowait", second)()

    assert (waiting()["message"], scene.matches()) == (CREATED, [(candidate, second, "pending")])


def test_a_searcher_finds_nobody_once_the_candidate_below_is_taken(
    race: Race, scene: Scene, rivals_above: tuple[UUID, UUID, UUID]
) -> None:
    first, second, candidate = rivals_above

    met = race.collide(
        race.call(first, "create_automatic_match"), race.call(second, "create_automatic_match")
    )

    assert (met.first["message"], met.first["buddy_user_id"]) == (CREATED, candidate)
    assert met.second == NONE
    assert met.second_wrote == set()
    assert scene.matches() == [(candidate, first, "pending")]


def test_a_searcher_takes_the_next_candidate_while_the_nearest_is_locked(race: Race, scene: Scene) -> None:
    first, second, nearest = scene.people("beginner", "advanced", "intermediate")
    (further,) = scene.people("intermediate", **FIVE_MILES_NORTH)

    met = race.overtake(
        race.call(first, "create_automatic_match"), race.call(second, "create_automatic_match")
    )

    assert (met.first["buddy_user_id"], met.first["distance_miles"]) == (nearest, 1)
    assert (met.second["buddy_user_id"], met.second["distance_miles"]) == (further, 6)
    assert [scene.seeker(one)["pending_match_id"] for one in (first, nearest, second, further)] == [
        met.first["match_id"],
        met.first["match_id"],
        met.second["match_id"],
        met.second["match_id"],
    ]


def test_a_searcher_waits_for_the_smallest_of_the_locked_candidates_above(race: Race, scene: Scene) -> None:
    below, seeker, smallest, largest = scene.people(*["beginner"] * 4)
    lock = "select from wingman.matchmaking_pool where user_id = any (%s) for no key update"

    # let go in the opposite order: the one waited for last
    with (
        race.held(lock, [smallest]) as holder,
        race.held(lock, [below]),
        race.held(lock, [largest]),
    ):
        waiting = race.started(race.call(seeker, "create_automatic_match"), waits_for=holder)

    # the longest waiting one is matched, not the one waited for
    answer = waiting()
    assert (answer["message"], answer["buddy_user_id"]) == (CREATED, below)
    assert scene.matches() == [(below, seeker, "pending")]


@pytest.mark.parametrize("smaller_first", [True, False], ids=["smaller id first", "larger id first"])
def test_of_two_seekers_who_choose_each_other_the_second_finds_the_match_made(
    race: Race, scene: Scene, smaller_first: bool
) -> None:
    pair = scene.pair()
    first, second = pair if smaller_first else pair[::-1]

    met = race.collide(
        race.call(first, "create_automatic_match"), race.call(second, "create_automatic_match")
    )

    assert (met.first["message"], met.first["buddy_user_id"]) == (CREATED, second)
    assert (met.second["message"], met.second["buddy_user_id"]) == (ALREADY, first)
    assert met.second["match_id"] == met.first["match_id"]
    assert met.second_wrote == set()
    assert scene.matches() == [(*pair, "pending")]


def test_of_two_seekers_each_holding_their_own_row_only_the_smaller_waits(race: Race, scene: Scene) -> None:
    (smaller,) = scene.people("beginner")
    (larger,) = scene.people("beginner", **FIVE_MILES_NORTH)
    if larger < smaller:
        smaller, larger = larger, smaller
    device = race.device()
    # a search that finds nobody leaves its own row locked until the transaction ends
    nearby = race.call_on(device, larger, "create_automatic_match", max_radius_miles=1)
    further = race.call_on(device, larger, "create_automatic_match")

    with nearby.transaction():
        assert nearby()["success"] is False
        waiting = race.started(race.call(smaller, "create_automatic_match"), waits_for=nearby.pid)
        assert_refused(race.unhindered(further), **BUSY)

    answer = waiting()
    assert (answer["message"], answer["buddy_user_id"]) == (CREATED, larger)
    assert scene.matches() == [(smaller, larger, "pending")]


def test_a_seeker_takes_both_their_own_row_and_the_larger_one_who_waits_for_it(
    race: Race, scene: Scene
) -> None:
    (smaller,) = scene.people("beginner")
    (larger,) = scene.people("beginner", **FIVE_MILES_NORTH)
    if larger < smaller:
        smaller, larger = larger, smaller
    device = race.device()
    nearby = race.call_on(device, smaller, "create_automatic_match", max_radius_miles=1)
    further = race.call_on(device, smaller, "create_automatic_match")

    with nearby.transaction():
        assert nearby()["success"] is False
        waiting = race.started(race.call(larger, "create_automatic_match"), waits_for=nearby.pid)
        assert (further()["message"], scene.matches()) == (CREATED, [])

    assert (waiting()["message"], waiting()["buddy_user_id"]) == (ALREADY, smaller)
    assert scene.matches() == [(smaller, larger, "pending")]


def test_of_two_pending_matches_written_directly_for_one_person_the_second_is_refused(
    race: Race, scene: Scene
) -> None:
    ann, bob, cat = scene.people(*["beginner"] * 3)
    insert = """
        insert into public.wingman_matches
            (user1_id, user2_id, user1_reputation, user2_reputation,
             user1_level, user2_level, distance_miles, expires_at)
        values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours')
    """

    with pytest.raises(psycopg.errors.CheckViolation, match="have no other pending match"):
        race.collide(race.statement(insert, ann, bob), race.statement(insert, ann, cat))

    assert scene.matches() == [(ann, bob, "pending")]


@pytest.mark.parametrize("change", ["move away", "pause", "leave"])
def test_a_searcher_does_not_take_the_candidate_it_waited_for_once_they_cannot_be_matched(
    race: Race, scene: Scene, change: str
) -> None:
    seeker, candidate = scene.pair()
    statement = {
        "move away": "update public.user_locations set lat = -38 where user_id = %s",
        "pause": "update wingman.matchmaking_pool set paused = true where user_id = %s",
        "leave": "delete from public.user_locations where user_id = %s",
    }[change]

    met = race.collide(race.statement(statement, candidate), race.call(seeker, "create_automatic_match"))

    assert met.second == NONE
    assert met.second_wrote == set()


class StoppedSearch:
    """The engine's search, stopped while it looks for candidates, after it has taken its snapshot.

    Unlike a call it never gives up waiting.
    """

    def __init__(self, race: Race, gate: str) -> None:
        self._race = race
        self._gate = gate

    def __call__(
        self, seeker: UUID, meanwhile: str, *parameters: Any, before: str | None = None
    ) -> dict[str, Any]:
        """The outcome of the search.

        Args:
            meanwhile: what somebody else does, and commits, while the search is stopped.
            before: what the search's own transaction does to the seeker first, beside locking it.
        """
        search = self._race.statement(
            """
            select (n.offer).match_id, n.contended
            from wingman.matchmaking_pool as s
            cross join wingman.search_settings as t
            cross join lateral wingman.match_nearest(s, 25, may_wait => true, settings => t) as n
            where s.user_id = %s
            """,
            seeker,
        )
        gate = self._race.statement(self._gate)
        with search.transaction():
            search.execute(LOCK, seeker)
            if before:
                search.execute(before, seeker)
            with gate.transaction():
                gate()
                outcome = self._race.started(search, waits_for=gate.pid)
                gate.execute(meanwhile, *parameters)
            (answer,) = outcome()
        return answer


@pytest.fixture
def search_elsewhere(race: Race) -> StoppedSearch:
    """Stops between choosing somebody of another cell and locking them, where alone it reads the cells."""
    return StoppedSearch(race, "lock table wingman.occupied_cells in access exclusive mode")


@pytest.fixture
def search_here(race: Race, db: Connection) -> StoppedSearch:
    """Stops within the own cell, at the first who has been found often; those behind come next."""
    row = db.execute(
        "select pg_get_functiondef('wingman.recent_exposures'::regproc) as definition"
    ).fetchone()
    assert row
    stops = row["definition"].replace("begin\n", "begin\n    perform pg_advisory_xact_lock_shared(1);\n", 1)
    assert stops != row["definition"]
    db.execute(stops)
    return StoppedSearch(race, "select pg_advisory_xact_lock(1)")


@pytest.fixture
def put_right(db: Connection) -> Iterator[None]:
    """Undoes what no call writes directly to the pool."""
    yield
    db.execute("update public.user_locations set lat = lat")
    db.execute("update public.user_profiles set experience_level = experience_level")
    db.execute(
        "update wingman.matchmaking_pool set level = 1, exposures = '{}' where pending_match_id is null"
    )


def make_star(db: Connection, user_id: UUID) -> None:
    """Somebody who has waited longest, and has been found so often that nobody finds them now."""
    db.execute(
        """
        update wingman.matchmaking_pool
        set exposures = array_fill(statement_timestamp(), '{10}'),
            waiting_since = statement_timestamp() - interval '1 hour'
        where user_id = %s
        """,
        [user_id],
    )


ONE_CELL_NORTH = {"lat": 38.7323, "lng": -9.1393}
CHANGES = {
    "paused": "update wingman.matchmaking_pool set paused = true where user_id = %s",
    "level": "update wingman.matchmaking_pool set level = 3 where user_id = %s",
    "place": "update wingman.matchmaking_pool"
    " set max_travel_miles = 1, grid_lat = grid_lat + 5 where user_id = %s",
    "found often": "update wingman.matchmaking_pool"
    " set exposures = array_fill(statement_timestamp(), '{10}') where user_id = %s",
    "gone": "delete from public.user_locations where user_id = %s",
}
changed = pytest.mark.parametrize("change", CHANGES)
MATCH = """
    insert into public.wingman_matches
        (user1_id, user2_id, user1_reputation, user2_reputation,
         user1_level, user2_level, distance_miles, expires_at)
    values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours')
"""


@changed
@pytest.mark.usefixtures("put_right")
def test_a_candidate_who_changed_since_the_choice_is_not_taken_for_what_they_were(
    scene: Scene, search_elsewhere: StoppedSearch, change: str
) -> None:
    (seeker,) = scene.people("beginner")
    candidate, next_best = scene.people("beginner", "beginner", **ONE_CELL_NORTH)

    answer = search_elsewhere(seeker, CHANGES[change], candidate)

    assert answer["contended"] is False
    assert scene.matches() == [(*sorted((seeker, next_best)), "pending")]


@changed
@pytest.mark.usefixtures("put_right")
def test_nor_is_one_of_the_own_cell(
    scene: Scene, db: Connection, search_here: StoppedSearch, change: str
) -> None:
    seeker, star, candidate, next_best = scene.people(*["beginner"] * 4)
    make_star(db, star)

    search_here(seeker, CHANGES[change], candidate)

    assert scene.matches() == [(seeker, next_best, "pending")]


@pytest.mark.usefixtures("put_right")
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_candidate_who_changed_and_fits_still_is_taken_for_what_they_are_now(
    request: pytest.FixtureRequest, scene: Scene, db: Connection, where: str
) -> None:
    seeker, star = scene.people("beginner", "beginner")
    make_star(db, star)
    candidate, _ = scene.people("beginner", "beginner", **(ONE_CELL_NORTH if where == "elsewhere" else {}))
    search: StoppedSearch = request.getfixturevalue(f"search_{where}")

    search(seeker, "update wingman.matchmaking_pool set max_travel_miles = 50 where user_id = %s", candidate)

    assert scene.matches() == [(*sorted((seeker, candidate)), "pending")]
    searched = db.execute("select candidate_travel_miles from wingman.match_searches").fetchall()
    assert searched == [{"candidate_travel_miles": 50}]


@pytest.mark.usefixtures("put_right")
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_candidate_matched_since_the_choice_is_passed_over(
    request: pytest.FixtureRequest, scene: Scene, db: Connection, where: str
) -> None:
    seeker, star = scene.people("beginner", "beginner")
    make_star(db, star)
    (rival,) = scene.people("intermediate", lat=38.90)
    candidate, next_best = scene.people(
        "beginner", "beginner", **(ONE_CELL_NORTH if where == "elsewhere" else {})
    )
    search: StoppedSearch = request.getfixturevalue(f"search_{where}")

    search(seeker, MATCH, *sorted((candidate, rival)))

    assert sorted(scene.matches()) == sorted(
        [(*sorted((seeker, next_best)), "pending"), (*sorted((candidate, rival)), "pending")]
    )


PASSES = {
    "elsewhere": None,
    "here": None,
    # as a search does that ends an automatic pause: another version of the own row, which no lock is on
    "here, own row written": "update wingman.matchmaking_pool set unanswered_offers = 0 where user_id = %s",
}


@pytest.mark.usefixtures("put_right")
@pytest.mark.parametrize("where", PASSES)
def test_a_search_that_holds_a_row_it_passed_over_waits_for_nobody(
    request: pytest.FixtureRequest, race: Race, scene: Scene, db: Connection, where: str
) -> None:
    # the lock of one who changed stays: with it, and waiting for another one above, a circle could close
    place = {} if where.startswith("here") else ONE_CELL_NORTH
    seeker, star = scene.people("beginner", "beginner")
    changing, locked = scene.people("beginner", "beginner", **place)
    while locked < seeker:
        (locked,) = scene.people("beginner", **place)
    make_star(db, star)
    search: StoppedSearch = request.getfixturevalue(f"search_{where.partition(',')[0]}")
    everybody_else = """
        select from wingman.matchmaking_pool
        where user_id <> all(array[%s, %s, %s]::uuid[]) for no key update
    """

    with race.held(everybody_else, seeker, star, changing):
        # ends although that lock is held
        answer = search(seeker, CHANGES["paused"], changing, before=PASSES[where])

    assert answer == {"match_id": None, "contended": True}
    assert scene.matches() == []


def test_of_two_searches_by_the_people_of_a_lapsed_match_only_the_first_settles_it(
    race: Race, scene: Scene
) -> None:
    pair = scene.pair()
    match_id = scene.pending(*pair)
    scene.lapse(match_id)

    met = race.collide(
        race.call(pair[0], "create_automatic_match"), race.call(pair[1], "create_automatic_match")
    )

    assert (met.first, met.second) == (NONE, NONE)
    assert met.second_wrote == set()
    assert scene.match(match_id)["status"] == "expired"
    assert [scene.seeker(one)["pending_match_id"] for one in pair] == [None, None]


LAPSED_MATCH = """
    insert into public.wingman_matches
        (user1_id, user2_id, user1_reputation, user2_reputation,
         user1_level, user2_level, distance_miles, created_at, expires_at)
    values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() - interval '48 hours', statement_timestamp())
"""
by_either = pytest.mark.parametrize(
    "smaller_searches", [True, False], ids=["smaller searches", "larger searches"]
)


@by_either
def test_a_search_settles_a_match_that_came_and_lapsed_while_it_waited(
    race: Race, scene: Scene, smaller_searches: bool
) -> None:
    pair = scene.pair()
    seeker = pair[0] if smaller_searches else pair[1]

    met = race.collide(race.statement(LAPSED_MATCH, *pair), race.call(seeker, "create_automatic_match"))

    assert met.second == NONE
    assert scene.matches() == [(*pair, "expired")]


def test_a_search_waits_for_the_larger_one_of_its_own_lapsed_match(race: Race, scene: Scene) -> None:
    seeker, larger = scene.pair()
    scene.lapse(scene.pending(seeker, larger))
    search = race.call(seeker, "create_automatic_match")

    with race.held(LOCK, larger) as holder:
        searched = race.started(search, waits_for=holder)
        # and holds the own row meanwhile
        own = race.started(race.statement(LOCK, seeker), waits_for=search.pid)

    assert searched() == NONE
    assert own()
    assert scene.matches() == [(seeker, larger, "expired")]


def test_a_search_waits_without_a_lock_for_the_smaller_one_of_its_own_lapsed_match(
    race: Race, scene: Scene
) -> None:
    smaller, seeker = scene.pair()
    scene.lapse(scene.pending(smaller, seeker))

    with race.held(LOCK, smaller) as holder:
        waiting = race.started(race.call(seeker, "create_automatic_match"), waits_for=holder)
        race.statement(f"{LOCK} nowait", seeker)()

    assert waiting() == NONE
    assert scene.matches() == [(smaller, seeker, "expired")]


@by_either
def test_a_search_settles_its_own_lapsed_match_with_both_seekers_locked_before_it(
    race: Race, scene: Scene, smaller_searches: bool
) -> None:
    pair = scene.pair()
    seeker, other = pair if smaller_searches else pair[::-1]
    match_id = scene.pending(*pair)
    scene.lapse(match_id)
    search = race.call(seeker, "create_automatic_match")
    answer = race.call(other, "respond_to_match", match_id=match_id, action="accept")

    with race.held("select from public.wingman_matches where id = %s for no key update", match_id) as holder:
        searched = race.started(search, waits_for=holder)
        # with a seeker left unlocked, this answer would take it: each would wait for the other
        answered = race.started(answer, waits_for=search.pid)

    assert searched() == NONE
    assert_refused(answered(), "match_expired", 404, "Match has expired")


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_an_answer_that_waited_for_a_search_settling_its_match_is_told_it_has_expired(
    race: Race, scene: Scene, action: str
) -> None:
    seeker, *pair = scene.people("advanced", "beginner", "beginner")
    match_id = scene.pending(*pair)
    scene.lapse(match_id)

    met = race.collide(
        race.call(seeker, "create_automatic_match"),
        race.call(pair[0], "respond_to_match", match_id=match_id, action=action),
    )

    assert met.first == NONE
    assert_refused(met.second, "match_expired", 404, "Match has expired")
    assert met.second_wrote == set()
    row = scene.match(match_id)
    assert (row["status"], row["responded_by"]) == ("expired", None)


@pytest.mark.exhaustive
def test_a_search_passes_by_a_lapsed_match_that_somebody_is_accepting_in_time(
    race: Race, scene: Scene, db: Connection
) -> None:
    seeker, *pair = scene.people("advanced", "beginner", "beginner")
    match_id = scene.pending(*pair)
    accept = race.call(pair[0], "respond_to_match", match_id=match_id, action="accept")
    until_it_has_lapsed = lapse_soon(db, match_id)

    with accept.transaction():
        with race.held(
            "select from wingman.matchmaking_pool where user_id = %s for no key update", pair[0]
        ) as holder:
            accepted = race.started(accept, waits_for=holder)
            until_it_has_lapsed()
        assert accepted()["match_status"] == "accepted"
        assert race.unhindered(race.call(seeker, "create_automatic_match")) == NONE

    row = scene.match(match_id)
    assert (row["status"], row["responded_by"], row["updated_at"]) == (
        "accepted",
        pair[0],
        row["responded_at"],
    )


@pytest.fixture
def stop_at_expiry(db: Connection) -> str:
    """Stops anybody who settles a lapsed match while writing it, as long as this query's lock is held."""
    db.execute(
        """
        create function public.stop_there() returns trigger language plpgsql as $$
        begin
            if new.status = 'expired' then
                perform pg_advisory_xact_lock_shared(1);
            end if;
            return new;
        end
        $$;
        create trigger stop_there before update on public.wingman_matches
        for each row execute function public.stop_there();
        """
    )
    return "select pg_advisory_xact_lock(1)"


def test_a_search_settles_a_lapsed_match_of_others_with_their_seekers_locked(
    race: Race, scene: Scene, stop_at_expiry: str
) -> None:
    seeker, *pair = scene.people("advanced", "beginner", "beginner")
    match_id = scene.pending(*pair)
    scene.lapse(match_id)
    settling = race.call(seeker, "create_automatic_match")

    with race.held(stop_at_expiry) as gate:
        settled = race.started(settling, waits_for=gate)
        # with the match alone locked, this search would take the seekers: each would wait for the other
        searched = race.started(race.call(pair[0], "create_automatic_match"), waits_for=settling.pid)

    assert (settled(), searched()) == (NONE, NONE)
    assert scene.match(match_id)["status"] == "expired"


@pytest.mark.exhaustive
def test_a_search_does_not_expire_a_lapsed_match_that_was_accepted_since_it_was_listed(
    race: Race, scene: Scene, db: Connection, stop_at_expiry: str
) -> None:
    seeker, ann, bob, cat, dan = scene.people("advanced", *["beginner"] * 4)
    first, second = scene.pending(ann, bob), scene.pending(cat, dan)
    scene.lapse(first)
    until_it_has_lapsed = lapse_soon(db, second)
    accept = race.call(cat, "respond_to_match", match_id=second, action="accept")
    search = race.call(seeker, "create_automatic_match")

    # the search stops at the first match, with the second one already on its list
    with race.held(stop_at_expiry) as gate:
        with race.held(
            "select from wingman.matchmaking_pool where user_id = %s for no key update", cat
        ) as holder:
            accepted = race.started(accept, waits_for=holder)
            until_it_has_lapsed()
            searched = race.started(search, waits_for=gate)
        assert accepted()["match_status"] == "accepted"

    assert searched() == NONE
    assert scene.matches() == [(ann, bob, "expired"), (cat, dan, "accepted")]


def lapse_soon(db: Connection, match_id: UUID) -> Callable[[], None]:
    """The match lapses in a moment: a call that begins at once is in time.

    Returns:
        waits for that moment; from then on calls are too late. An update later on would wait for whoever
        holds the rows of its two people.
    """
    db.execute(
        """
        update public.wingman_matches
        set
            created_at = created_at - interval '48 hours',
            expires_at = clock_timestamp() + interval '1 second'
        where id = %s
        """,
        [match_id],
    )

    def wait() -> None:
        db.execute(
            """
            select pg_sleep(extract(epoch from m.expires_at - clock_timestamp()))
            from public.wingman_matches as m
            where m.id = %s
            """,
            [match_id],
        )

    return wait
