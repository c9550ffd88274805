"""A suspension that meets what it refuses or ends: no open match and no coming session is left."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from harness import LISBON, Connection, RpcError
from races.race import Call, Contender, Operation, Race
from races.scene import Scene
from races.test_no_show_races import missed_by, no_deadlock, report  # noqa: F401
from rows import session_row, update_session

SUSPENDED = {"success": True, "message": "User suspended: open matches and coming sessions have ended."}
LIFTED = {"success": True, "message": "Suspension lifted: the user can search and be found again."}
TOMORROW = datetime.now(UTC) + timedelta(days=1)
either_order = pytest.mark.parametrize(
    "suspension_first", [True, False], ids=["suspension first", "other first"]
)
by_either = pytest.mark.parametrize("suspended", [0, 1], ids=["of user1", "of user2"])


@pytest.fixture
def pair(scene: Scene) -> tuple[UUID, UUID]:
    return scene.pair()


def suspend(
    race: Race, user_id: UUID, until: datetime | None = None, *, by_another: bool = False
) -> Operation:
    operation = race.others_operation if by_another else race.operation
    return operation("wingman_admin.suspend_user", user_id=user_id, until=until, reason="Rude")


def lift(race: Race, user_id: UUID, *, by_another: bool = False) -> Operation:
    operation = race.others_operation if by_another else race.operation
    return operation("wingman_admin.lift_suspension", user_id=user_id, reason="Sorry")


def search(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "create_automatic_match")


def respond(race: Race, user_id: UUID, match_id: UUID, action: str = "accept") -> Call:
    return race.call(user_id, "respond_to_match", match_id=match_id, action=action)


def create(race: Race, user_id: UUID, match_id: UUID) -> Call:
    told = {"match_id": match_id, "scheduled_time": TOMORROW, "venue_name": "Café"}
    return race.call(user_id, "create_session", **told)


def meet(race: Race, first: Contender, second: Contender, *, in_order: bool) -> tuple[Any, Any]:
    """The outcomes of the two, of whom the second one waits; the other way round unless in order."""
    met = race.collide(*((first, second) if in_order else (second, first)))
    return (met.first, met.second) if in_order else (met.second, met.first)


def assert_refused(outcome: Any, name: str, **context: Any) -> None:
    assert isinstance(outcome, RpcError), outcome
    assert outcome.detail == {"error": name, **context}


def open_matches(db: Connection) -> list[str]:
    rows = db.execute(
        """select status from public.wingman_matches
           where status in ('pending', 'accepted') and ended_at is null"""
    )
    return [row["status"] for row in rows]


# Searches.


@pytest.mark.representatives("of user1*")
@either_order
@by_either
def test_a_search_by_the_suspended(race, db, pair, suspension_first, suspended) -> None:
    me = pair[suspended]

    told, found = meet(race, suspend(race, me), search(race, me), in_order=suspension_first)

    assert told == SUSPENDED
    if suspension_first:
        assert_refused(found, "account_suspended", until=None)
    else:
        assert found["buddy_user_id"] == pair[1 - suspended]
    assert open_matches(db) == []


@pytest.mark.representatives("without end-of user1*", "for a time-of user2-suspension first")
@either_order
@by_either
@pytest.mark.parametrize("until", [None, TOMORROW], ids=["without end", "for a time"])
def test_a_search_that_finds_the_suspended(race, db, pair, suspension_first, suspended, until) -> None:
    told, found = meet(
        race,
        suspend(race, pair[suspended], until),
        search(race, pair[1 - suspended]),
        in_order=suspension_first,
    )

    assert told == SUSPENDED
    assert found["success"] is not suspension_first
    assert open_matches(db) == []


@either_order
def test_a_decline_that_brings_the_suspended_as_the_next_match(race, db, scene, suspension_first) -> None:
    ana, ben, cem = scene.people("beginner", "beginner", "beginner")
    match_id = scene.pending(ana, ben)
    decline = respond(race, ana, match_id, "decline")

    if suspension_first:
        # whoever is locked is passed over
        met = race.overtake(suspend(race, cem), decline)
        assert (met.first, met.second["next_match"]) == (SUSPENDED, None)
    else:
        met = race.collide(decline, suspend(race, cem))
        assert (met.first["next_match"]["buddy_user_id"], met.second) == (cem, SUSPENDED)
    assert open_matches(db) == []


# Answers.


@pytest.mark.representatives("user1 answers-of user1*", "user1 answers-of user2*")
@either_order
@by_either
@pytest.mark.parametrize("answering", [0, 1], ids=["user1 answers", "user2 answers"])
def test_an_accept(race, db, scene, pair, suspension_first, suspended, answering) -> None:
    match_id = scene.pending(*pair)

    told, answered = meet(
        race,
        suspend(race, pair[suspended]),
        respond(race, pair[answering], match_id),
        in_order=suspension_first,
    )

    assert told == SUSPENDED
    row = scene.match(match_id)
    if suspension_first:
        assert (row["status"], row["responded_by"]) == ("declined", pair[suspended])
        if answering == suspended:
            assert_refused(answered, "account_suspended", until=None)
        else:
            assert_refused(answered, "match_already_resolved", status="declined")
    else:
        assert (row["status"], row["ended_by"]) == ("accepted", pair[suspended])
    assert open_matches(db) == []


@pytest.mark.representatives("of user1*")
@either_order
@by_either
def test_the_first_of_two_accepts(race, db, scene, pair, suspension_first, suspended) -> None:
    db.execute("update wingman.settings set acceptance = 'both'")
    match_id = search(race, pair[0])()["match_id"]

    told, answered = meet(
        race, suspend(race, pair[suspended]), respond(race, pair[0], match_id), in_order=suspension_first
    )

    assert told == SUSPENDED
    if suspension_first and suspended == 0:
        assert_refused(answered, "account_suspended", until=None)
    elif suspension_first:
        assert_refused(answered, "match_already_resolved", status="declined")
    else:
        assert answered["match_status"] == "pending"
    assert scene.match(match_id)["status"] == "declined"


def test_both_of_a_pending_match_are_suspended(race, db, scene, pair) -> None:
    match_id = scene.pending(*pair)

    met = race.collide(suspend(race, pair[0]), suspend(race, pair[1], by_another=True))

    assert (met.first, met.second) == (SUSPENDED, SUSPENDED)
    assert scene.match(match_id)["responded_by"] == pair[0]


@pytest.mark.representatives("of user1*")
@by_either
def test_both_of_an_accepted_match_are_suspended(race, db, scene, pair, suspended) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(suspend(race, pair[suspended]), suspend(race, pair[1 - suspended], by_another=True))

    assert (met.first, met.second) == (SUSPENDED, SUSPENDED)
    assert scene.match(match_id)["ended_by"] == pair[suspended]


# Sessions.


@pytest.mark.representatives("user1 arranges-of user1*", "user1 arranges-of user2*")
@either_order
@by_either
@pytest.mark.parametrize("arranging", [0, 1], ids=["user1 arranges", "user2 arranges"])
def test_a_new_session(race, db, scene, pair, suspension_first, suspended, arranging) -> None:
    match_id = scene.accepted(*pair)

    told, made = meet(
        race,
        suspend(race, pair[suspended]),
        create(race, pair[arranging], match_id),
        in_order=suspension_first,
    )

    assert told == SUSPENDED
    sessions = db.execute("select status, cancelled_by from public.wingman_sessions").fetchall()
    if suspension_first:
        if arranging == suspended:
            assert_refused(made, "account_suspended", until=None)
        else:
            assert_refused(made, "match_not_accepted", status="ended")
        assert sessions == []
    else:
        assert sessions == [{"status": "cancelled", "cancelled_by": pair[suspended]}]


@either_order
@pytest.mark.parametrize("function", ["agree_to_session", "reschedule_session"])
def test_an_agreement_or_another_time(race, db, scene, pair, suspension_first, function) -> None:
    session_id = create(race, pair[0], scene.accepted(*pair))()["id"]
    told = {"scheduled_time": TOMORROW + timedelta(hours=1)} if function == "reschedule_session" else {}
    call = race.call(pair[1], function, session_id=session_id, **told)

    done, changed = meet(race, suspend(race, pair[1]), call, in_order=suspension_first)

    assert done == SUSPENDED
    if suspension_first:
        assert_refused(changed, "account_suspended", until=None)
    else:
        assert changed["id"] == session_id
    assert session_row(db, session_id)["status"] == "cancelled"


@pytest.mark.representatives("user1 confirms-of user1*", "user1 confirms-of user2*")
@either_order
@by_either
@pytest.mark.parametrize("confirming", [0, 1], ids=["user1 confirms", "user2 confirms"])
def test_a_confirmation_and_a_suspension_need_not_wait(
    race, db, scene, pair, suspension_first, suspended, confirming
) -> None:
    session_id = scene.session_confirmed_by(pair[1 - confirming], pair[confirming])
    confirm = race.call(pair[confirming], "confirm_session_completion", session_id=session_id)
    both: tuple[Contender, Contender] = (suspend(race, pair[suspended]), confirm)

    met = race.overtake(*(both if suspension_first else both[::-1]))

    assert {met.first["success"], met.second["success"]} == {True}
    assert session_row(db, session_id)["status"] == "completed"


@either_order
def test_the_report_of_a_no_show(race, db, scene, pair, suspension_first) -> None:
    session_id = missed_by(db, scene, pair)

    told, reported = meet(
        race, suspend(race, pair[0]), report(race, pair[0], session_id), in_order=suspension_first
    )

    assert told == SUSPENDED
    if suspension_first:
        assert_refused(reported, "account_suspended", until=None)
    else:
        assert reported["status"] == "open"
    rows = db.execute("select status from wingman.no_show_reports").fetchall()
    assert rows == ([] if suspension_first else [{"status": "open"}])


def test_a_session_whose_time_comes_while_the_suspension_waits_stays(race, db, scene, pair) -> None:
    session_id = create(race, pair[0], scene.accepted(*pair))()["id"]
    row = scene.wingman_session(session_id)
    with race.held("select from public.wingman_matches where id = %s for update", row["match_id"]) as holder:
        told = race.started(suspend(race, pair[0]), waits_for=holder)
        update_session(db, session_id, "scheduled_time = now() - interval '1 second'")
    assert told() == SUSPENDED
    assert session_row(db, session_id)["status"] == "scheduled"


@pytest.mark.representatives("of user1*")
@either_order
@by_either
def test_the_end_of_a_match(race, db, scene, pair, suspension_first, suspended) -> None:
    match_id = scene.accepted(*pair)
    end = race.call(pair[1 - suspended], "end_match", match_id=match_id)

    told, ended = meet(race, suspend(race, pair[suspended]), end, in_order=suspension_first)

    assert (told, ended["id"]) == (SUSPENDED, match_id)
    assert scene.match(match_id)["ended_by"] == pair[suspended if suspension_first else 1 - suspended]


# Coming and going.


@either_order
def test_somebody_returns(race, db, pair, suspension_first) -> None:
    race.call(pair[0], "erase_my_account", confirmation="erase")()
    told = {"first_name": "Ana", "experience_level": "beginner", **LISBON}
    back = race.call(pair[0], "complete_profile", **told)

    done, profile = meet(race, suspend(race, pair[0]), back, in_order=suspension_first)

    assert done == SUSPENDED
    assert profile["suspended"] is suspension_first
    query = "select suspended from wingman.matchmaking_pool where user_id = %s"
    assert db.execute(query, [pair[0]]).fetchone() == {"suspended": True}


@either_order
def test_somebody_new_is_suspended_once_they_are_there(race, db, scene, people, suspension_first) -> None:
    user_id = people.auth_only()
    told = {"first_name": "Ana", "experience_level": "beginner", **LISBON}
    join = race.call(user_id, "complete_profile", **told)
    if suspension_first:
        assert_refused(race.unhindered(suspend(race, user_id)), "user_not_found")
        assert join()["suspended"] is False
    else:
        met = race.collide(join, suspend(race, user_id))
        assert met.second == SUSPENDED


@either_order
def test_somebody_leaves(race, db, scene, pair, suspension_first) -> None:
    match_id = scene.accepted(*pair)
    erase = race.call(pair[0], "erase_my_account", confirmation="erase")

    done, erased = meet(race, suspend(race, pair[0]), erase, in_order=suspension_first)

    assert (done, erased["success"]) == (SUSPENDED, True)
    assert db.execute("select user_id from wingman.suspensions").fetchall() == [{"user_id": pair[0]}]
    assert scene.match(match_id)["ended_by"] == pair[0]


@either_order
def test_the_buddy_leaves(race, db, scene, pair, suspension_first) -> None:
    match_id = scene.pending(*pair)
    erase = race.call(pair[1], "erase_my_account", confirmation="erase")

    done, erased = meet(race, suspend(race, pair[0]), erase, in_order=suspension_first)

    assert (done, erased["success"]) == (SUSPENDED, True)
    assert scene.match(match_id)["responded_by"] == pair[0 if suspension_first else 1]


# Operators.


@pytest.mark.parametrize("rolled_back", [False, True])
def test_of_two_suspensions_the_later_end_is_that_of_the_second(race, db, pair, rolled_back) -> None:
    met = race.collide(
        suspend(race, pair[0]), suspend(race, pair[0], TOMORROW, by_another=True), rolled_back=rolled_back
    )

    assert met.second == SUSPENDED
    assert db.execute("select user_id, ends_at from wingman.suspensions").fetchall() == [
        {"user_id": pair[0], "ends_at": TOMORROW}
    ]


@either_order
def test_a_suspension_and_its_lifting(race, db, pair, suspension_first) -> None:
    suspend(race, pair[0], TOMORROW)()

    done, lifted = meet(
        race, suspend(race, pair[0]), lift(race, pair[0], by_another=True), in_order=suspension_first
    )

    assert (done, lifted) == (SUSPENDED, LIFTED)
    rows = db.execute("select ends_at from wingman.suspensions").fetchall()
    assert rows == ([] if suspension_first else [{"ends_at": None}])


def test_of_two_liftings_the_second_is_refused(race, db, pair) -> None:
    suspend(race, pair[0])()

    met = race.collide(lift(race, pair[0]), lift(race, pair[0], by_another=True))

    assert met.first == LIFTED
    assert_refused(met.second, "user_not_suspended")
    assert met.second_wrote == set()


@either_order
def test_a_block_between_the_two(race, db, scene, pair, suspension_first) -> None:
    scene.pending(*pair)
    block = race.call(pair[1], "block_user", subject_id=pair[0])

    done, blocked = meet(race, suspend(race, pair[0]), block, in_order=suspension_first)

    assert (done, blocked["success"]) == (SUSPENDED, True)
    assert open_matches(db) == []


@pytest.mark.parametrize("leaves", ["is suspended", "is erased"])
def test_a_person_who_was_matched_anew_meanwhile_leaves_in_the_lock_order(
    race: Race, scene: Scene, db: Connection, leaves: str
) -> None:
    met = False
    while not met:
        lowest, leaver, old_buddy = scene.people("beginner", "beginner", "beginner")
        leaving = (
            suspend(race, leaver)
            if leaves == "is suspended"
            else race.call(leaver, "erase_my_account", confirmation="erase")
        )
        met = held_by_nobody_while_waiting(race, scene, leaving, lowest, leaver, old_buddy)
        assert open_matches(db) == []


def held_by_nobody_while_waiting(
    race: Race, scene: Scene, leaving: Contender, lowest: UUID, leaver: UUID, old_buddy: UUID
) -> bool:
    """Whether it came to wait for the new buddy, who has the smallest id; it must not hold a greater one."""
    row = "select user_id from wingman.matchmaking_pool where user_id = %s for no key update"
    holder, other = race.statement(row, leaver), race.statement(row, lowest)
    anew = race.statement(
        "update public.wingman_matches set status = 'declined', responded_by = %s, responded_at = now()"
        " where id = %s",
        old_buddy,
        scene.pending(leaver, old_buddy),
    )
    with ExitStack() as after_it:
        with holder.transaction():
            with anew.transaction():
                anew()
                anew.execute(
                    """insert into public.wingman_matches
                           (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level,
                            distance_miles, expires_at)
                       values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours')""",
                    *(lowest, leaver),
                )
                held = race.started(holder, waits_for=anew.pid)
                left = race.started(leaving, waits_for=holder.pid)
            # of two who wait for a row that has changed, the second may come first
            met = held() == [{"user_id": leaver}] and race.is_blocked(leaving, by=holder.pid)
            if met:
                after_it.enter_context(other.transaction())
                assert other() == [{"user_id": lowest}]
        if met:
            race.wait_until_blocked(leaving, by=other.pid)
            race.statement(f"{row} nowait", leaver)()
    assert not isinstance(left(), RpcError)
    return met
