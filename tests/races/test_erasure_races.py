"""Somebody's data is erased while somebody calls: nothing personal comes back, nothing deadlocks."""

import json
from typing import Any
from uuid import UUID

import pytest
from harness import Connection
from races.race import Call, Operation, Race, assert_refused
from races.scene import Scene

ERASED = {"success": True, "message": "Your data has been erased."}


def erasure(race: Race, user_id: UUID, **key: str) -> Call:
    return race.call(user_id, "erase_my_account", confirmation="erase", **key)


def by_an_operator(race: Race, user_id: UUID) -> Operation:
    return race.operation("wingman_admin.erase_user", user_id=user_id, reason="They asked")


@pytest.fixture
def left(db: Connection):
    """The tables and kept answers in which something of somebody's is left: id is not enough."""

    def look(user_id: UUID) -> dict[str, Any]:
        counts = {}
        for table, owner in (
            ("public.user_profiles", "id"),
            ("public.user_locations", "user_id"),
            ("wingman.matchmaking_pool", "user_id"),
            ("wingman.rate_limits", "user_id"),
            ("wingman.idempotency_keys", "user_id"),
        ):
            row = db.execute(
                f"select count(*) as found from {table} where {owner} = %s", [user_id]
            ).fetchone()
            assert row
            counts[table] = row["found"]
        answers = db.execute("select response from wingman.idempotency_keys").fetchall()
        counts["answers"] = sum("¶" in json.dumps(row, ensure_ascii=False) for row in answers)
        return {table: count for table, count in counts.items() if count}

    return look


def marked(scene: Scene, *levels: str) -> list[UUID]:
    """People with a name that a search finds."""
    return scene.people(*levels, first_name="¶Name")


def test_a_search_waits_for_the_candidate_who_is_erased_and_finds_none(
    race: Race, scene: Scene, left: Any
) -> None:
    seeker, leaver = marked(scene, "beginner", "beginner")
    met = race.collide(erasure(race, leaver), race.call(seeker, "create_automatic_match"))
    assert met.first == ERASED
    assert (met.second["success"], met.second["match_id"]) == (False, None)
    assert left(leaver) == {}


@pytest.mark.parametrize("leaver_is_smaller", [True, False])
def test_an_erasure_takes_itself_out_of_the_answer_of_a_search_that_was_first(
    race: Race, scene: Scene, db: Connection, left: Any, leaver_is_smaller: bool
) -> None:
    pair = marked(scene, "beginner", "beginner")
    leaver, seeker = pair if leaver_is_smaller else pair[::-1]
    met = race.collide(
        race.call(seeker, "create_automatic_match", idempotency_key="k"), erasure(race, leaver)
    )
    assert met.first["buddy_profile"]["first_name"] == "¶Name"
    assert met.second == ERASED
    assert left(leaver) == {}
    assert scene.match(met.first["match_id"])["status"] == "declined"


def test_the_own_search_of_who_is_erased_leaves_no_answer(race: Race, scene: Scene, left: Any) -> None:
    leaver, _other = marked(scene, "beginner", "beginner")
    search = race.call(leaver, "create_automatic_match", idempotency_key="k")
    met = race.collide(search, erasure(race, leaver))
    assert met.first["success"]
    assert left(leaver) == {}


def test_an_acceptance_that_waited_for_an_erasure_is_refused(race: Race, scene: Scene, left: Any) -> None:
    accepter, leaver = marked(scene, "beginner", "beginner")
    match_id = scene.pending(accepter, leaver)
    met = race.collide(
        erasure(race, leaver), race.call(accepter, "respond_to_match", match_id=match_id, action="accept")
    )
    message = "Match is already declined - cannot respond"
    assert_refused(met.second, "match_already_resolved", 400, message, status="declined")
    assert left(leaver) == {}


@pytest.mark.parametrize("leaver_is_smaller", [True, False])
def test_a_match_accepted_before_the_erasure_ends(
    race: Race, scene: Scene, left: Any, leaver_is_smaller: bool
) -> None:
    pair = marked(scene, "beginner", "beginner")
    leaver, accepter = pair if leaver_is_smaller else pair[::-1]
    match_id = scene.pending(*pair)
    met = race.collide(
        race.call(accepter, "respond_to_match", match_id=match_id, action="accept"), erasure(race, leaver)
    )
    assert (met.first["match_status"], met.second) == ("accepted", ERASED)
    assert scene.match(match_id)["ended_by"] == leaver
    assert left(leaver) == {}


def test_a_confirmation_that_waited_for_an_erasure_is_refused(race: Race, scene: Scene, left: Any) -> None:
    confirmer, leaver = marked(scene, "beginner", "beginner")
    session_id = scene.session_confirmed_by(leaver, confirmer)
    met = race.collide(
        erasure(race, leaver), race.call(confirmer, "confirm_session_completion", session_id=session_id)
    )
    message = "Session cannot be completed - current status: cancelled"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="cancelled")
    assert left(leaver) == {}


@pytest.mark.parametrize("erase", [erasure, by_an_operator])
def test_a_completion_before_the_erasure_counts_and_nobody_deadlocks(
    race: Race, scene: Scene, db: Connection, left: Any, erase: Any
) -> None:
    # the confirmation holds the session and wants the profile of the one who leaves
    confirmer, leaver = marked(scene, "beginner", "beginner")
    session_id = scene.session_confirmed_by(leaver, confirmer)
    with race.held("select from public.user_profiles where id = %s for no key update", leaver) as holder:
        confirming = race.call(confirmer, "confirm_session_completion", session_id=session_id)
        confirmed = race.started(confirming, waits_for=holder)
        leaving = erase(race, leaver)
        erased = race.started(leaving, waits_for=confirming.pid)
    assert confirmed()["both_confirmed"] is True
    assert erased()["success"] is True
    assert scene.ledger() == [confirmer, leaver]
    assert scene.profile_row(confirmer)["completed_sessions"] == 1
    assert left(leaver) == {}


def test_the_notes_of_who_is_erased_are_in_no_answer_that_was_waiting(
    race: Race, scene: Scene, db: Connection, left: Any
) -> None:
    buddy, leaver = marked(scene, "beginner", "beginner")
    session_id = scene.session(leaver, buddy)
    texts = "update public.wingman_sessions set notes = '¶Notes', created_by = %s where id = %s"
    db.execute(texts, [leaver, session_id])
    met = race.collide(
        race.call(buddy, "start_session", session_id=session_id, idempotency_key="k"), erasure(race, leaver)
    )
    assert (met.first["notes"], met.second) == ("¶Notes", ERASED)
    assert left(leaver) == {}
    assert scene.wingman_session(session_id)["notes"] is None


@pytest.mark.parametrize("leaver_is_smaller", [True, False])
@pytest.mark.parametrize("erase", [erasure, by_an_operator])
def test_a_block_and_an_erasure_take_turns(
    race: Race, scene: Scene, left: Any, leaver_is_smaller: bool, erase: Any
) -> None:
    pair = marked(scene, "beginner", "beginner")
    leaver, blocker = pair if leaver_is_smaller else pair[::-1]
    # the block has both profiles, and waits for the pool, of which the erasure wants a row before the profile
    with race.held("select from wingman.matchmaking_pool where user_id = %s for update", leaver) as holder:
        blocking = race.call(blocker, "block_user", subject_id=leaver)
        blocked = race.started(blocking, waits_for=holder)
        leaving = erase(race, leaver)
        erased = race.started(leaving, waits_for=blocking.pid)
    assert blocked()["success"] is True
    assert erased()["success"] is True
    assert left(leaver) == {}
    assert scene.blocks() == [(blocker, leaver)]


@pytest.mark.parametrize("erase", [erasure, by_an_operator])
def test_who_blocked_and_is_erased_blocks_nobody(race: Race, scene: Scene, erase: Any) -> None:
    leaver, other = scene.pair()
    met = race.collide(race.call(leaver, "block_user", subject_id=other), erase(race, leaver))
    assert (met.first["success"], met.second["success"]) == (True, True)
    assert scene.blocks() == []


@pytest.mark.parametrize("erase", [erasure, by_an_operator])
def test_a_block_and_an_erasure_never_wait_for_each_other(race: Race, scene: Scene, erase: Any) -> None:
    blocker, leaver = scene.pair()
    # the erasure has the pool and wants the profile; the block would have the profile and want the pool
    with race.held("select from wingman.rate_limits where user_id = %s for update", leaver) as holder:
        leaving = erase(race, leaver)
        erased = race.started(leaving, waits_for=holder)
        blocked = race.started(race.call(blocker, "block_user", subject_id=leaver), waits_for=leaving.pid)
    assert erased()["success"] is True
    assert_refused(blocked(), "user_not_found", 404, "User not found")
    assert scene.blocks() == []


def test_a_block_that_waited_for_an_erasure_finds_nobody(race: Race, scene: Scene) -> None:
    blocker, leaver = scene.pair()
    met = race.collide(erasure(race, leaver), race.call(blocker, "block_user", subject_id=leaver))
    assert_refused(met.second, "user_not_found", 404, "User not found")
    assert met.second_wrote == set()
    assert scene.blocks() == []


def test_an_unblock_that_waited_for_an_erasure_lifts_the_block(race: Race, scene: Scene) -> None:
    blocker, leaver = scene.pair()
    race.call(blocker, "block_user", subject_id=leaver)()
    met = race.collide(erasure(race, leaver), race.call(blocker, "unblock_user", subject_id=leaver))
    assert (met.first, met.second["success"]) == (ERASED, True)
    assert scene.blocks() == []


def test_an_export_during_an_erasure_is_whole_and_one_after_it_has_what_is_kept(
    race: Race, scene: Scene
) -> None:
    leaver, _other = marked(scene, "beginner", "beginner")
    before = race.call(leaver, "export_my_data")()["data"]
    export = race.call(leaver, "export_my_data")
    met = race.overtake(erasure(race, leaver), export)
    assert met.first == ERASED
    assert met.second["data"] == before
    assert before["user_profiles"]
    after = export()["data"]
    assert {table for table, rows in after.items() if rows} == {"reputation_events", "events"}
    assert [event["kind"] for event in after["events"]] == ["profile_created", "profile_deleted"]


def test_an_export_by_an_operator_has_all_of_it_or_nothing(race: Race, scene: Scene) -> None:
    leaver, _other = marked(scene, "beginner", "beginner")
    told = {"user_id": leaver, "reason": "They asked"}
    met = race.overtake(erasure(race, leaver), race.operation("wingman_admin.export_user", **told))
    data = met.second["data"]
    assert len(data["user_profiles"]) == len(data["user_locations"]) == len(data["matchmaking_pool"]) == 1


def test_the_own_call_about_a_session_that_is_over_leaves_no_answer(
    race: Race, scene: Scene, left: Any
) -> None:
    buddy, leaver = marked(scene, "beginner", "beginner")
    session_id = scene.session(leaver, buddy)
    race.call(buddy, "cancel_session", session_id=session_id)()
    again = race.call(leaver, "cancel_session", session_id=session_id, idempotency_key="k")
    met = race.collide(again, erasure(race, leaver))
    assert (met.first["status"], met.second) == ("cancelled", ERASED)
    assert left(leaver) == {}


def test_the_own_report_leaves_no_answer(race: Race, scene: Scene, left: Any) -> None:
    subject, leaver = marked(scene, "beginner", "beginner")
    report = race.call(leaver, "report_user", subject_id=subject, reason="Rude", idempotency_key="k")
    met = race.collide(report, erasure(race, leaver))
    assert met.second == ERASED
    assert left(leaver) == {}


def test_a_report_that_waited_for_the_own_erasure_is_refused(race: Race, scene: Scene) -> None:
    subject, leaver = marked(scene, "beginner", "beginner")
    report = race.call(leaver, "report_user", subject_id=subject, reason="Rude", idempotency_key="k")
    met = race.collide(erasure(race, leaver), report)
    message = "Profile and location are required before matching"
    assert_refused(met.second, "profile_incomplete", 400, message)
    assert met.second_wrote == set()


def resolution(race: Race, report_id: UUID) -> Operation:
    told = {"report_id": report_id, "outcome": "resolved", "note": "Seen"}
    return race.operation("wingman_admin.resolve_report", **told)


BY_WHOM = pytest.mark.parametrize("leaver_reported", [True, False], ids=["reporter", "subject"])


@BY_WHOM
@pytest.mark.parametrize("erase", [erasure, by_an_operator])
def test_a_decision_before_the_erasure_loses_its_text_with_it(
    race: Race, scene: Scene, leaver_reported: bool, erase: Any
) -> None:
    pair = scene.pair()
    report_id = scene.taken_report(*pair)
    met = race.collide(resolution(race, report_id), erase(race, pair[0 if leaver_reported else 1]))
    assert (met.first["message"], met.second["success"]) == ("Report resolved.", True)
    row = scene.report_row(report_id)
    assert (row["status"], row["reason"]) == ("resolved", None)


@BY_WHOM
@pytest.mark.parametrize("erase", [erasure, by_an_operator])
def test_a_decision_that_waited_for_the_erasure_removes_the_text_itself(
    race: Race, scene: Scene, leaver_reported: bool, erase: Any
) -> None:
    pair = scene.pair()
    report_id = scene.taken_report(*pair)
    met = race.collide(erase(race, pair[0 if leaver_reported else 1]), resolution(race, report_id))
    assert (met.first["success"], met.second["message"]) == (True, "Report resolved.")
    row = scene.report_row(report_id)
    assert (row["status"], row["reason"]) == ("resolved", None)


@BY_WHOM
def test_a_decision_that_waited_for_an_erasure_that_is_rolled_back_keeps_the_text(
    race: Race, scene: Scene, leaver_reported: bool
) -> None:
    pair = scene.pair()
    report_id = scene.taken_report(*pair)
    leaving = erasure(race, pair[0 if leaver_reported else 1])
    race.collide(leaving, resolution(race, report_id), rolled_back=True)
    row = scene.report_row(report_id)
    assert (row["status"], row["reason"]) == ("resolved", "Was rude")


def test_a_report_about_somebody_who_is_erased_meanwhile_is_taken_with_its_text(
    race: Race, scene: Scene
) -> None:
    subject, reporter = scene.pair()
    report_id = scene.report(reporter, subject)
    told = {"report_id": report_id}
    met = race.collide(erasure(race, subject), race.operation("wingman_admin.take_report", **told))
    assert (met.first, met.second["message"]) == (ERASED, "Report taken.")
    assert scene.report_row(report_id)["reason"] == "Was rude"


def test_a_change_of_the_profile_that_waited_begins_a_new_one(race: Race, scene: Scene, left: Any) -> None:
    (leaver,) = marked(scene, "beginner")
    profile = {"first_name": "Back", "experience_level": "beginner", "lat": 1.0, "lng": 1.0}
    met = race.collide(erasure(race, leaver), race.call(leaver, "complete_profile", **profile))
    assert (met.first, met.second["first_name"]) == (ERASED, "Back")
    assert met.second["bio"] is None


def test_a_change_of_the_profile_before_the_erasure_goes_with_it(race: Race, scene: Scene, left: Any) -> None:
    (leaver,) = marked(scene, "beginner")
    profile = {"first_name": "¶Other", "experience_level": "beginner", "lat": 1.0, "lng": 1.0}
    change = race.call(leaver, "complete_profile", **profile, idempotency_key="k")
    met = race.collide(change, erasure(race, leaver))
    assert met.second == ERASED
    assert left(leaver) == {}


def test_the_second_of_two_erasures_has_nothing_left_to_do(race: Race, scene: Scene, left: Any) -> None:
    (leaver,) = marked(scene, "beginner")
    met = race.collide(erasure(race, leaver, idempotency_key="a"), erasure(race, leaver, idempotency_key="b"))
    assert met.first == met.second == ERASED
    assert left(leaver) == {"wingman.idempotency_keys": 2}


def test_of_one_erasure_sent_twice_the_second_waits_and_is_a_replay(
    race: Race, scene: Scene, left: Any
) -> None:
    (leaver,) = marked(scene, "beginner")
    met = race.collide(erasure(race, leaver, idempotency_key="a"), erasure(race, leaver, idempotency_key="a"))
    assert met.first == met.second == ERASED
    assert met.second_wrote == set()


@pytest.mark.parametrize("status", ["pending", "accepted"])
def test_two_people_of_a_match_who_leave_at_once_take_turns(
    race: Race, scene: Scene, left: Any, status: str
) -> None:
    pair = marked(scene, "beginner", "beginner")
    scene.pending(*pair) if status == "pending" else scene.accepted(*pair)
    met = race.collide(erasure(race, pair[1]), erasure(race, pair[0]))
    assert met.first == met.second == ERASED
    assert left(pair[0]) == left(pair[1]) == {}


def test_two_people_who_were_matched_once_redact_each_other_in_one_order(
    race: Race, scene: Scene, db: Connection, left: Any
) -> None:
    first, second = marked(scene, "beginner", "beginner")
    match_id = race.call(first, "create_automatic_match", idempotency_key="a")()["match_id"]
    decline = {"match_id": match_id, "action": "decline"}
    race.call(second, "respond_to_match", **decline, idempotency_key="b")()
    # nothing but their kept answers is common to them now
    met = race.collide(erasure(race, second), erasure(race, first))
    assert met.first == met.second == ERASED
    assert left(first) == left(second) == {}


def test_an_erasure_and_the_end_of_a_match_that_has_ended_take_turns(
    race: Race, scene: Scene, db: Connection, left: Any
) -> None:
    stayer, leaver = marked(scene, "beginner", "beginner")
    match_id = scene.accepted(stayer, leaver)
    db.execute("update public.wingman_matches set created_at = created_at - interval '30 days'")
    again = scene.accepted(stayer, leaver)
    race.call(stayer, "end_match", match_id=match_id)()
    # the two are still partners by the other match, so this answer has the profile
    met = race.collide(
        race.call(stayer, "end_match", match_id=match_id, idempotency_key="k"), erasure(race, leaver)
    )
    assert met.first["buddy_profile"]["first_name"] == "¶Name"
    assert scene.match(again)["ended_by"] == leaver
    assert left(leaver) == {}
