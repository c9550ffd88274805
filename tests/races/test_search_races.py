"""Searches that meet: nobody gets two pending matches, nobody waits in a circle, "none" is never a guess."""

from collections.abc import Callable
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


def test_a_searcher_is_told_busy_at_once_when_the_only_candidate_is_below(
    race: Race, scene: Scene, rivals_above: tuple[UUID, UUID, UUID]
) -> None:
    first, second, candidate = rivals_above

    met = race.overtake(
        race.call(first, "create_automatic_match"), race.call(second, "create_automatic_match")
    )

    assert (met.first["message"], met.first["buddy_user_id"]) == (CREATED, candidate)
    assert_refused(met.second, **BUSY)
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


def test_a_seeker_takes_both_their_own_row_and_the_larger_one_who_was_told_busy(
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
        assert_refused(race.unhindered(race.call(larger, "create_automatic_match")), **BUSY)
        assert (further()["message"], scene.matches()) == (CREATED, [])

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


@pytest.fixture
def match_nearest(race: Race) -> Callable[..., dict[str, Any]]:
    """The engine's search, stopped between choosing the candidates and locking the first of them.

    Only there does it read the blocks, so that a lock on that table stops it.
    """

    def stopped(seeker: UUID, meanwhile: str, *parameters: Any) -> dict[str, Any]:
        search = race.statement(
            """
            select n.contended
            from wingman.matchmaking_pool as s
            cross join wingman.settings as t
            cross join lateral wingman.match_nearest(s, 25, may_wait => true, settings => t) as n
            where s.user_id = %s
            """,
            seeker,
        )
        gate = race.statement("lock table public.user_blocks in access exclusive mode")
        with search.transaction():
            search.execute(
                "select from wingman.matchmaking_pool where user_id = %s for no key update", seeker
            )
            with gate.transaction():
                gate()
                outcome = race.started(search, waits_for=gate.pid)
                gate.execute(meanwhile, *parameters)
            (answer,) = outcome()
        return answer

    return stopped


@pytest.mark.parametrize(
    "meanwhile",
    [
        "update wingman.matchmaking_pool set paused = true where user_id = %s",
        "update wingman.matchmaking_pool set level = 3 where user_id = %s",
        "update wingman.matchmaking_pool"
        " set max_travel_miles = 1, grid_lat = grid_lat + 5 where user_id = %s",
    ],
    ids=["paused", "level", "place"],
)
def test_a_candidate_who_changed_since_the_choice_is_not_taken_for_what_they_were(
    scene: Scene, match_nearest: Callable[..., dict[str, Any]], db: Connection, meanwhile: str
) -> None:
    seeker, candidate, next_best = scene.people(*["beginner"] * 3)

    answer = match_nearest(seeker, meanwhile, candidate)

    assert answer["contended"] is False
    assert scene.matches() == [(seeker, next_best, "pending")]
    # direct writes to seekers, put right again
    db.execute("update public.user_locations set lat = lat where user_id = %s", [candidate])
    db.execute("update wingman.matchmaking_pool set level = 1 where user_id = %s", [candidate])


def test_a_candidate_matched_since_the_choice_is_passed_over(
    scene: Scene, match_nearest: Callable[..., dict[str, Any]]
) -> None:
    seeker, candidate, next_best, rival = scene.people("beginner", "beginner", "beginner", "intermediate")

    answer = match_nearest(
        seeker,
        """
        insert into public.wingman_matches
            (user1_id, user2_id, user1_reputation, user2_reputation,
             user1_level, user2_level, distance_miles, expires_at)
        values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours')
        """,
        candidate,
        rival,
    )

    assert answer["contended"] is False
    assert sorted(scene.matches()) == [(seeker, next_best, "pending"), (candidate, rival, "pending")]


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


def test_a_search_does_not_settle_a_match_that_came_and_lapsed_while_it_waited(
    race: Race, scene: Scene
) -> None:
    seeker, other = scene.pair()
    lapsed = """
        insert into public.wingman_matches
            (user1_id, user2_id, user1_reputation, user2_reputation,
             user1_level, user2_level, distance_miles, created_at, expires_at)
        values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() - interval '48 hours', statement_timestamp())
    """

    # its partner is not locked
    met = race.collide(race.statement(lapsed, seeker, other), race.call(seeker, "create_automatic_match"))

    assert_refused(met.second, **BUSY)
    assert met.second_wrote == set()
    assert race.call(seeker, "create_automatic_match")() == NONE


@pytest.mark.parametrize("smaller_searches", [True, False], ids=["smaller searches", "larger searches"])
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
    """Makes whoever settles a lapsed match stop while writing it, as long as this query's lock is held."""
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
        waits for that moment; from then on calls are too late. An update later on would wait for whoever holds
        the rows of its two people.
    """
    db.execute(
        """
        update public.wingman_matches
        set created_at = created_at - interval '48 hours', expires_at = clock_timestamp() + interval '2 seconds'
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
