"""Both start at the same instant, round after round: whoever is first, there is exactly one winner."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from harness import Connection, People, RpcError
from races.race import Race, at_once
from races.scene import Scene
from rows import lift_rate_limits

ROUNDS = 10
CREATED = "Wingman buddy match created successfully!"
ALREADY = "You already have a pending wingman match"


def towns() -> Iterator[dict[str, float]]:
    """A place for each round, out of reach of all the others."""
    for number in range(ROUNDS):
        yield {"lat": -60.0 + 4 * number, "lng": 10.0}


@pytest.fixture
def devices(race: Race) -> list[Connection]:
    return [race.device() for _ in range(6)]


def refusals(outcomes: list[Any]) -> list[str | None]:
    return [outcome.name for outcome in outcomes if isinstance(outcome, RpcError)]


def answers(outcomes: list[Any]) -> list[dict[str, Any]]:
    return [outcome for outcome in outcomes if not isinstance(outcome, RpcError)]


def test_accept_and_decline(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        pair = scene.pair(**town)
        match_id = scene.pending(*pair)

        outcomes = at_once(
            *(
                race.call_on(device, user_id, "respond_to_match", match_id=match_id, action=action)
                for device, user_id, action in zip(devices, pair, ("accept", "decline"), strict=False)
            )
        )

        (winner,) = answers(outcomes)
        assert refusals(outcomes) == ["match_already_resolved"]
        row = scene.match(match_id)
        assert (row["status"], row["responded_by"]) == (winner["match_status"], pair[outcomes.index(winner)])


def test_accept_and_accept(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        pair = scene.pair(**town)
        match_id = scene.pending(*pair)

        outcomes = at_once(
            *(
                race.call_on(device, user_id, "respond_to_match", match_id=match_id, action="accept")
                for device, user_id in zip(devices, pair, strict=False)
            )
        )

        assert [answer["match_status"] for answer in answers(outcomes)] == ["accepted", "accepted"]
        row = scene.match(match_id)
        assert (row["status"], row["updated_at"]) == ("accepted", row["responded_at"])


def test_decline_and_decline(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        *pair, free = scene.people(*["beginner"] * 3, **town)
        match_id = scene.pending(*pair)

        outcomes = at_once(
            *(
                race.call_on(device, user_id, "respond_to_match", match_id=match_id, action="decline")
                for device, user_id in zip(devices, pair, strict=False)
            )
        )

        assert [answer["match_status"] for answer in answers(outcomes)] == ["declined", "declined"]
        decliner = scene.match(match_id)["responded_by"]
        next_matches = dict(zip(pair, (outcome["next_match"] for outcome in outcomes), strict=True))
        assert next_matches.pop(decliner)["buddy_user_id"] == free
        assert [*next_matches.values()] == [None]


def test_both_confirm(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for _ in range(ROUNDS):
        pair = scene.pair()
        session_id = scene.session(*pair)

        outcomes = at_once(
            *(
                race.call_on(device, user_id, "confirm_session_completion", session_id=session_id)
                for device, user_id in zip(devices, pair, strict=False)
            )
        )

        assert sorted(answer["user_reputation_delta"] for answer in answers(outcomes)) == [0, 1]
        assert scene.wingman_session(session_id)["status"] == "completed"
        assert [scene.profile_row(user_id)["completed_sessions"] for user_id in pair] == [1, 1]


@pytest.mark.parametrize("completing", [False, True], ids=["first confirmation", "completing"])
def test_one_confirms_twice(race: Race, scene: Scene, devices: list[Connection], completing: bool) -> None:
    for _ in range(ROUNDS):
        user_id, buddy_id = scene.pair()
        if completing:
            session_id = scene.session_confirmed_by(buddy_id, user_id)
        else:
            session_id = scene.session(user_id, buddy_id)

        outcomes = at_once(
            *(
                race.call_on(device, user_id, "confirm_session_completion", session_id=session_id)
                for device in devices[:2]
            )
        )

        assert [answer["both_confirmed"] for answer in answers(outcomes)] == [completing]
        assert refusals(outcomes) == ["already_confirmed"]
        assert scene.profile_row(user_id)["completed_sessions"] == int(completing)


def test_the_completing_confirmation_and_a_cancellation(
    race: Race, scene: Scene, devices: list[Connection]
) -> None:
    for _ in range(ROUNDS):
        user_id, buddy_id = scene.pair()
        session_id = scene.session_confirmed_by(buddy_id, user_id)

        confirmed, cancelled = at_once(
            race.call_on(devices[0], user_id, "confirm_session_completion", session_id=session_id),
            race.call_on(devices[1], buddy_id, "cancel_session", session_id=session_id),
        )

        (winner,) = answers([confirmed, cancelled])
        assert refusals([confirmed, cancelled]) == [
            "invalid_session_state" if winner is confirmed else "session_not_confirmable"
        ]
        status = scene.wingman_session(session_id)["status"]
        assert status == ("completed" if winner is confirmed else "cancelled")
        assert scene.profile_row(user_id)["completed_sessions"] == int(winner is confirmed)


def test_a_start_and_a_cancellation(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for _ in range(ROUNDS):
        pair = scene.pair()
        session_id = scene.session(*pair)

        started, cancelled = at_once(
            race.call_on(devices[0], pair[0], "start_session", session_id=session_id),
            race.call_on(devices[1], pair[1], "cancel_session", session_id=session_id),
        )

        assert cancelled["status"] == "cancelled"
        assert refusals([started]) in ([], ["invalid_session_state"])
        assert scene.wingman_session(session_id)["cancelled_by"] == pair[1]


def test_two_searches_of_one_user(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        seeker, *_ = scene.people(*["beginner"] * 3, **town)

        outcomes = at_once(
            *(race.call_on(device, seeker, "create_automatic_match") for device in devices[:2])
        )

        assert sorted(answer["message"] for answer in outcomes) == [CREATED, ALREADY]
        assert outcomes[0]["match_id"] == outcomes[1]["match_id"] == scene.seeker(seeker)["pending_match_id"]


@pytest.mark.parametrize(
    ("levels", "candidate", "allowed"),
    [
        (("beginner", "advanced", "intermediate"), 2, {"none"}),
        (("intermediate", "beginner", "advanced"), 0, {"none", "busy"}),
    ],
    ids=["candidate above", "candidate below"],
)
def test_two_searchers_after_one_candidate(
    race: Race,
    scene: Scene,
    devices: list[Connection],
    levels: tuple[str, ...],
    candidate: int,
    allowed: set[str],
) -> None:
    for town in towns():
        everybody = scene.people(*levels, **town)
        wanted = everybody.pop(candidate)

        outcomes = at_once(
            *(
                race.call_on(device, seeker, "create_automatic_match")
                for device, seeker in zip(devices, everybody, strict=False)
            )
        )

        (winner,) = [answer for answer in answers(outcomes) if answer["success"]]
        assert winner["buddy_user_id"] == wanted
        (loser,) = [outcome for outcome in outcomes if outcome is not winner]
        assert (loser.name if isinstance(loser, RpcError) else "none") in allowed


def test_two_seekers_who_choose_each_other(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        pair = scene.pair(**town)

        outcomes = at_once(
            *(
                race.call_on(device, seeker, "create_automatic_match")
                for device, seeker in zip(devices, pair, strict=False)
            )
        )

        # the larger may find the smaller locked, waiting for the larger's own row
        smaller, larger = outcomes
        assert smaller["buddy_user_id"] == pair[1]
        assert refusals([larger]) in ([], ["busy"])
        assert {answer["match_id"] for answer in answers(outcomes)} == {
            scene.seeker(user_id)["pending_match_id"] for user_id in pair
        }
        assert [answer["message"] for answer in answers(outcomes)].count(CREATED) == 1


def test_six_seekers_in_one_town(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        everybody = scene.people(*["beginner"] * 6, **town)

        outcomes = at_once(
            *(
                race.call_on(device, seeker, "create_automatic_match")
                for device, seeker in zip(devices, everybody, strict=True)
            )
        )

        assert set(refusals(outcomes)) <= {"busy"}
        pending = {user_id: scene.seeker(user_id)["pending_match_id"] for user_id in everybody}
        created = [answer["match_id"] for answer in answers(outcomes) if answer["message"] == CREATED]
        assert len(set(created)) == len(created) >= 1
        assert set(created) == {match_id for match_id in pending.values() if match_id}
        for user_id, answer in zip(everybody, outcomes, strict=True):
            assert isinstance(answer, RpcError) or answer["match_id"] == pending[user_id]


def test_a_decline_and_the_other_s_search(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        decliner, declined, free = scene.people(*["beginner"] * 3, **town)
        match_id = scene.pending(decliner, declined)

        decline, search = at_once(
            race.call_on(devices[0], decliner, "respond_to_match", match_id=match_id, action="decline"),
            race.call_on(devices[1], declined, "create_automatic_match"),
        )

        assert decline["next_match"]["buddy_user_id"] == free
        assert search["match_id"] in (None, match_id)
        assert scene.match(match_id)["responded_by"] == decliner
        assert scene.seeker(declined)["pending_match_id"] is None


def test_two_sessions_for_one_match(race: Race, scene: Scene, devices: list[Connection]) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for _ in range(ROUNDS):
        pair = scene.pair()
        match_id = scene.accepted(*pair)

        outcomes = at_once(
            *(
                race.call_on(
                    device,
                    user_id,
                    "create_session",
                    match_id=match_id,
                    scheduled_time=tomorrow,
                    venue_name="Hot Clube",
                )
                for device, user_id in zip(devices, pair, strict=False)
            )
        )

        (winner,) = answers(outcomes)
        assert refusals(outcomes) == ["active_session_exists"]
        assert scene.wingman_session(winner["id"])["status"] == "scheduled"


def test_ending_a_match_and_a_session_for_it(race: Race, scene: Scene, devices: list[Connection]) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for _ in range(ROUNDS):
        pair = scene.pair()
        match_id = scene.accepted(*pair)

        ended, created = at_once(
            race.call_on(devices[0], pair[0], "end_match", match_id=match_id),
            race.call_on(
                devices[1],
                pair[1],
                "create_session",
                match_id=match_id,
                scheduled_time=tomorrow,
                venue_name="Hot Clube",
            ),
        )

        assert ended["ended_at"] is not None
        if isinstance(created, RpcError):
            assert created.name == "match_not_accepted"
        else:
            assert scene.wingman_session(created["id"])["status"] == "cancelled"


def test_two_first_profiles_of_one_user(
    race: Race, scene: Scene, people: People, devices: list[Connection]
) -> None:
    for town in towns():
        user_id: UUID = people.auth_only()

        outcomes = at_once(
            *(
                race.call_on(
                    device,
                    user_id,
                    "complete_profile",
                    first_name=name,
                    experience_level="beginner",
                    **town,
                )
                for device, name in zip(devices, ("Ana", "Anna"), strict=False)
            )
        )

        assert [answer["first_name"] for answer in outcomes] == ["Ana", "Anna"]
        assert outcomes[0]["created_at"] == outcomes[1]["created_at"]
        assert scene.profile_row(user_id)["first_name"] in ("Ana", "Anna")


@pytest.mark.parametrize("by_blocker", [True, False], ids=["blocker searches", "blocked searches"])
def test_a_block_and_a_search(race: Race, scene: Scene, devices: list[Connection], by_blocker: bool) -> None:
    for town in towns():
        blocker, blocked = scene.pair(**town)

        block, search = at_once(
            race.call_on(devices[0], blocker, "block_user", subject_id=blocked),
            race.call_on(devices[1], blocker if by_blocker else blocked, "create_automatic_match"),
        )

        assert refusals([block]) == []
        assert refusals([search]) in ([], ["busy"])
        for match_id in (answer["match_id"] for answer in answers([search]) if answer["success"]):
            assert scene.match(match_id)["responded_by"] == blocker
        assert [scene.seeker(one)["pending_match_id"] for one in (blocker, blocked)] == [None, None]


def test_a_block_and_an_acceptance(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        blocker, accepter = scene.pair(**town)
        match_id = scene.pending(blocker, accepter)

        block, accept = at_once(
            race.call_on(devices[0], blocker, "block_user", subject_id=accepter),
            race.call_on(devices[1], accepter, "respond_to_match", match_id=match_id, action="accept"),
        )

        assert refusals([block, accept]) in ([], ["match_already_resolved"])
        row = scene.match(match_id)
        accepted = not refusals([accept])
        assert (row["status"], row["ended_at"] is not None) == (
            ("accepted", True) if accepted else ("declined", False)
        )


def test_two_who_block_each_other(race: Race, scene: Scene, devices: list[Connection]) -> None:
    for town in towns():
        pair = scene.pair(**town)
        match_id = scene.pending(*pair)

        outcomes = at_once(
            race.call_on(devices[0], pair[0], "block_user", subject_id=pair[1]),
            race.call_on(devices[1], pair[1], "block_user", subject_id=pair[0]),
        )

        assert refusals(outcomes) == []
        assert scene.match(match_id)["status"] == "declined"


def test_six_people_going_around_three_cells(
    race: Race, scene: Scene, devices: list[Connection], db: Connection
) -> None:
    everybody = scene.people(*["beginner"] * 6)
    lift_rate_limits(db)
    cells = [{"lat": 38.7 + number / 100, "lng": -9.1} for number in range(3)]
    for step in range(ROUNDS):
        outcomes = at_once(
            *(
                race.call_on(
                    device,
                    user_id,
                    "complete_profile",
                    first_name="Ana",
                    experience_level="beginner",
                    **cells[(step + number) % 3],
                )
                for number, (device, user_id) in enumerate(zip(devices, everybody, strict=True))
            )
        )

        assert refusals(outcomes) == []


def test_who_began_earlier_and_waited_gets_no_call_more_than_there_are(
    race: Race, db: Connection, people: People
) -> None:
    ana, ben = people.add(), people.add()
    others = race.statement(
        "insert into wingman.rate_limits (user_id, bucket, spent_until) values (%s, 'report', now())", ana
    )
    with others.transaction():
        others()
        call = race.call(ana, "report_user", subject_id=ben, reason="Rude")
        late = race.started(call, waits_for=others.pid)
        others.execute(
            "update wingman.rate_limits set spent_until = clock_timestamp() + t.report_period"
            " from wingman.settings as t where user_id = %s",
            ana,
        )
    refused = late()
    assert isinstance(refused, RpcError)
    assert refused.name == "rate_limited"
