"""An account is deleted while somebody calls: nothing of it stays open, and no history is lost."""

from uuid import UUID

import pytest
from races.race import Race, Statement, assert_refused
from races.scene import Scene

GONE = "select count(*) as found from public.user_profiles where id = %s"


def deletion(race: Race, user_id: UUID) -> Statement:
    return race.statement("delete from auth.users where id = %s", user_id)


def is_gone(race: Race, user_id: UUID) -> bool:
    return race.statement(GONE, user_id)() == [{"found": 0}]


def test_a_search_waits_for_the_only_candidate_who_leaves_and_finds_none(race: Race, scene: Scene) -> None:
    seeker, leaver = scene.pair()

    met = race.collide(deletion(race, leaver), race.call(seeker, "create_automatic_match"))

    assert (met.second["success"], met.second["match_id"]) == (False, None)
    assert met.second_wrote == set()
    assert is_gone(race, leaver)
    assert scene.matches() == []


def test_a_search_waits_while_the_only_candidate_below_leaves(race: Race, scene: Scene) -> None:
    leaver, seeker = scene.pair()

    met = race.collide(deletion(race, leaver), race.call(seeker, "create_automatic_match"))

    assert met.second["success"] is False
    assert is_gone(race, leaver)
    assert scene.matches() == []


def test_a_candidate_who_leaves_while_being_matched_declines_by_it(race: Race, scene: Scene) -> None:
    seeker, leaver = scene.pair()
    waiting_since = scene.seeker(seeker)["waiting_since"]

    met = race.collide(race.call(seeker, "create_automatic_match"), deletion(race, leaver))

    row = scene.match(met.first["match_id"])
    assert (row["status"], row["responded_by"]) == ("declined", leaver)
    assert is_gone(race, leaver)
    after = scene.seeker(seeker)
    assert (after["pending_match_id"], after["waiting_since"]) == (None, waiting_since)


def test_the_search_of_somebody_who_is_leaving_is_refused(race: Race, scene: Scene) -> None:
    leaver, _other = scene.pair()

    met = race.collide(deletion(race, leaver), race.call(leaver, "create_automatic_match"))

    message = "Profile and location are required before matching"
    assert_refused(met.second, "profile_incomplete", 400, message)
    assert met.second_wrote == set()
    assert scene.matches() == []


def test_an_acceptance_of_a_match_whose_other_person_is_leaving_is_refused(race: Race, scene: Scene) -> None:
    accepter, leaver = scene.pair()
    match_id = scene.pending(accepter, leaver)

    met = race.collide(
        deletion(race, leaver), race.call(accepter, "respond_to_match", match_id=match_id, action="accept")
    )

    message = "Match is already declined - cannot respond"
    assert_refused(met.second, "match_already_resolved", 400, message, status="declined")
    assert met.second_wrote == set()
    assert scene.match(match_id)["responded_by"] == leaver
    assert scene.seeker(accepter)["pending_match_id"] is None


@pytest.mark.parametrize("leaver_first", [True, False], ids=["smaller id leaves", "larger id leaves"])
def test_a_match_accepted_while_a_person_is_leaving_ends(
    race: Race, scene: Scene, leaver_first: bool
) -> None:
    pair = scene.pair()
    leaver, accepter = pair if leaver_first else pair[::-1]
    match_id = scene.pending(*pair)

    met = race.collide(
        race.call(accepter, "respond_to_match", match_id=match_id, action="accept"), deletion(race, leaver)
    )

    assert met.first["match_status"] == "accepted"
    row = scene.match(match_id)
    assert (row["status"], row["ended_at"] is not None) == ("accepted", True)
    assert is_gone(race, leaver)


def test_a_confirmation_of_a_session_whose_other_person_is_leaving_is_refused(
    race: Race, scene: Scene
) -> None:
    confirmer, leaver = scene.pair()
    session_id = scene.session_confirmed_by(leaver, confirmer)

    met = race.collide(
        deletion(race, leaver), race.call(confirmer, "confirm_session_completion", session_id=session_id)
    )

    message = "Session cannot be completed - current status: cancelled"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="cancelled")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["cancelled_by"] == leaver
    assert scene.profile_row(confirmer)["completed_sessions"] == 0


def test_a_completion_counts_although_the_other_person_is_waiting_to_leave(race: Race, scene: Scene) -> None:
    confirmer, leaver = scene.pair()
    session_id = scene.session_confirmed_by(leaver, confirmer)

    met = race.collide(
        race.call(confirmer, "confirm_session_completion", session_id=session_id), deletion(race, leaver)
    )

    assert met.first["both_confirmed"] is True
    session = scene.wingman_session(session_id)
    assert session["status"] == "completed"
    assert scene.match(session["match_id"])["ended_at"] is not None
    assert scene.ledger() == [confirmer, leaver]
    assert scene.profile_row(confirmer)["completed_sessions"] == 1
    assert is_gone(race, leaver)


@pytest.mark.parametrize("smaller_first", [True, False], ids=["smaller id first", "larger id first"])
def test_both_people_of_a_pending_match_may_leave_at_once(
    race: Race, scene: Scene, smaller_first: bool
) -> None:
    pair = scene.pair()
    first, second = pair if smaller_first else pair[::-1]
    match_id = scene.pending(*pair)

    race.collide(deletion(race, first), deletion(race, second))

    row = scene.match(match_id)
    assert (row["status"], row["responded_by"]) == ("declined", first)
    assert is_gone(race, first)
    assert is_gone(race, second)


def test_both_people_of_an_accepted_match_may_leave_at_once(race: Race, scene: Scene) -> None:
    pair = scene.pair()
    session_id = scene.session(*pair)

    race.collide(deletion(race, pair[0]), deletion(race, pair[1]))

    session = scene.wingman_session(session_id)
    assert (session["status"], session["cancelled_by"]) == ("cancelled", pair[0])
    assert is_gone(race, pair[0])
    assert is_gone(race, pair[1])


def test_a_profile_completed_while_the_account_is_deleted_does_not_come_back(
    race: Race, scene: Scene
) -> None:
    (leaver,) = scene.people("beginner")
    profile = {"first_name": "Ana", "experience_level": "beginner", "lat": 1.0, "lng": 1.0}

    met = race.collide(deletion(race, leaver), race.call(leaver, "complete_profile", **profile))

    assert_refused(met.second, "user_not_found", 404, "User not found")
    assert met.second_wrote == set()
    assert is_gone(race, leaver)
