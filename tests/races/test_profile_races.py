"""Profiles completed at the same time, and while their owners are searched for."""

from uuid import UUID

import pytest
from harness import LISBON, Connection, People
from races.race import Call, Race
from races.scene import Scene


def complete(race: Race, user_id: UUID, first_name: str, level: str = "beginner", **place: float) -> Call:
    return race.call(
        user_id,
        "complete_profile",
        first_name=first_name,
        experience_level=level,
        **{**LISBON, **place},
    )


def test_of_two_first_profiles_of_one_user_the_second_replaces_the_first(
    race: Race, scene: Scene, people: People
) -> None:
    user_id = people.auth_only()

    met = race.collide(
        complete(race, user_id, "Ana"), complete(race, user_id, "Anna", "advanced", lat=41.15, lng=-8.61)
    )

    assert (met.first["first_name"], met.second["first_name"]) == ("Ana", "Anna")
    assert met.second["created_at"] == met.first["created_at"]
    profile = scene.profile_row(user_id)
    assert (profile["first_name"], profile["experience_level"]) == ("Anna", "advanced")
    seeker = scene.seeker(user_id)
    assert (seeker["grid_lat"], seeker["grid_lng"], seeker["level"]) == (4115, -861, 3)


def test_the_first_profile_counts_when_the_one_before_is_rolled_back(
    race: Race, scene: Scene, people: People
) -> None:
    user_id = people.auth_only()

    met = race.collide(
        complete(race, user_id, "Ana"), complete(race, user_id, "Anna", "advanced"), rolled_back=True
    )

    assert met.second["first_name"] == "Anna"
    assert scene.seeker(user_id)["level"] == 3


def test_of_two_changes_of_one_profile_the_second_replaces_the_first(race: Race, scene: Scene) -> None:
    (user_id,) = scene.people("beginner")

    met = race.collide(complete(race, user_id, "Ana", "advanced"), complete(race, user_id, "Anna"))

    assert (met.first["experience_level"], met.second["experience_level"]) == ("advanced", "beginner")
    assert (scene.profile_row(user_id)["first_name"], scene.seeker(user_id)["level"]) == ("Anna", 1)


def test_three_profiles_of_a_new_user_at_once_do_not_lock_each_other_out(
    race: Race, scene: Scene, people: People, db: Connection
) -> None:
    # the second is stopped where it has the profile and not yet the seeker; then the third comes
    user_id = people.auth_only()
    db.execute(
        """
        create function public.stop_there() returns trigger language plpgsql as $$
        begin
            if new.first_name = 'Second' then
                perform pg_advisory_xact_lock_shared(1);
            end if;
            return new;
        end
        $$;
        create trigger stop_there before update on public.user_profiles
        for each row execute function public.stop_there();
        """
    )
    first, second, third = (complete(race, user_id, name) for name in ("First", "Second", "Third"))

    with race.held("select pg_advisory_xact_lock(1)") as gate:
        with first.transaction():
            first()
            second_done = race.started(second, waits_for=first.pid)
        race.wait_until_blocked(second, by=gate)
        third_done = race.started(third, waits_for=second.pid)

    assert [second_done()["first_name"], third_done()["first_name"]] == ["Second", "Third"]
    assert scene.profile_row(user_id)["first_name"] == "Third"


def test_a_change_of_profile_locks_the_seeker_before_the_profile(race: Race, scene: Scene) -> None:
    (user_id,) = scene.people("beginner")
    lock_seeker = "select user_id from wingman.matchmaking_pool where user_id = %s for no key update"
    lock_profile = "select id from public.user_profiles where id = %s for no key update"

    with race.held(lock_seeker, user_id) as holder:
        changed = race.started(complete(race, user_id, "Anna"), waits_for=holder)
        assert race.unhindered(race.statement(lock_profile, user_id)) == [{"id": user_id}]

    assert changed()["first_name"] == "Anna"


def test_a_search_waits_for_the_only_candidate_above_who_moves_and_finds_none(
    race: Race, scene: Scene
) -> None:
    seeker, mover = scene.pair()

    met = race.collide(
        complete(race, mover, "Ana", lat=41.15, lng=-8.61), race.call(seeker, "create_automatic_match")
    )

    assert (met.second["success"], met.second["match_id"]) == (False, None)
    assert met.second_wrote == set()
    assert scene.matches() == []


def test_a_search_waits_while_the_only_candidate_below_moves(race: Race, scene: Scene) -> None:
    mover, seeker = scene.pair()

    met = race.collide(
        complete(race, mover, "Ana", lat=41.15, lng=-8.61), race.call(seeker, "create_automatic_match")
    )

    assert met.second["success"] is False
    assert scene.matches() == []


def test_a_search_finds_somebody_who_moves_near_only_once_they_are_there(race: Race, scene: Scene) -> None:
    (seeker,) = scene.people("beginner")
    (mover,) = scene.people("beginner", lat=41.15, lng=-8.61)

    met = race.overtake(complete(race, mover, "Ana"), race.call(seeker, "create_automatic_match"))

    assert met.second["success"] is False
    assert race.call(seeker, "create_automatic_match")()["buddy_user_id"] == mover


@pytest.mark.parametrize("level", ["beginner", "advanced"])
def test_a_profile_changed_while_its_owner_is_matched_keeps_the_match(
    race: Race, scene: Scene, level: str
) -> None:
    seeker, mover = scene.pair()

    met = race.collide(
        race.call(seeker, "create_automatic_match"),
        complete(race, mover, "Ana", level, lat=41.15, lng=-8.61),
    )

    match_id = met.first["match_id"]
    assert met.second["lat"] == 41.15
    assert (scene.match(match_id)["status"], scene.match(match_id)["distance_miles"]) == ("pending", 1)
    after = scene.seeker(mover)
    assert (after["pending_match_id"], after["grid_lat"]) == (match_id, 4115)
