"""Operators' calls that meet the calls of a session's people, or each other: counted once, and never lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from harness import OPERATOR, Connection
from psycopg.types.json import Jsonb
from races.race import Call, Operation, Race, assert_refused, outcome
from races.scene import Scene
from races.test_session_races import COMPLETED, FIRST
from rows import set_counters, shorten_lock_timeout

MARKED = {"success": True, "message": "No-show recorded: the reputation of the absent user was updated."}
REVERTED = {
    "success": True,
    "message": "Completion reverted: neither reputation counts this session any more.",
}
CANCELLED = {"success": True, "message": "Session cancelled: the two people can arrange another one."}
ENDED = {"success": True, "message": "Match ended: its active session, if it had one, is cancelled."}
TAKEN = {"success": True, "message": "Report taken."}
CHANGED = {"success": True, "message": "Settings changed."}
REWORDED = {"success": True, "message": "Text changed."}
LOCK = "select id from public.user_profiles where id = %s for no key update"


@pytest.fixture
def pair(scene: Scene) -> tuple[UUID, UUID]:
    return scene.pair()


def confirm(race: Race, user_id: UUID, session_id: UUID) -> Call:
    return race.call(user_id, "confirm_session_completion", session_id=session_id)


def revert(race: Race, session_id: UUID) -> Operation:
    return race.operation("wingman_admin.revert_completion", session_id=session_id, reason="Never met")


def mark(race: Race, session_id: UUID, absent_user_id: UUID) -> Operation:
    return race.operation(
        "wingman_admin.mark_no_show",
        session_id=session_id,
        absent_user_id=absent_user_id,
        reason="Did not come",
    )


def cancel(race: Race, session_id: UUID) -> Operation:
    return race.operation("wingman_admin.cancel_session", session_id=session_id, reason="The place is shut")


def end(race: Race, match_id: UUID) -> Operation:
    return race.operation("wingman_admin.end_match", match_id=match_id, reason="They asked")


def take(race: Race, report_id: UUID, *, by_another: bool = False) -> Operation:
    operation = race.others_operation if by_another else race.operation
    return operation("wingman_admin.take_report", report_id=report_id)


def resolve(race: Race, report_id: UUID, outcome: str = "resolved") -> Operation:
    return race.operation("wingman_admin.resolve_report", report_id=report_id, outcome=outcome, note="Seen")


def change(race: Race, **changes: Any) -> Operation:
    return race.operation("wingman_admin.change_settings", changes=Jsonb(changes), reason="A quiet week")


def counters(scene: Scene, user_id: UUID) -> tuple[int, int]:
    row = scene.profile_row(user_id)
    return row["completed_sessions"], row["no_shows"]


def kinds(db: Connection) -> list[str]:
    query = "select kind from wingman.reputation_events order by kind"
    return [row["kind"] for row in db.execute(query)]


def assert_not_in_state(outcome: Any, verb: str, status: str) -> None:
    message = f"Session cannot be {verb} - current status: {status}"
    assert_refused(outcome, "invalid_session_state", 409, message, verb=verb, status=status)


def test_a_revert_waits_for_the_completing_confirmation(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(confirm(race, pair[1], session_id), revert(race, session_id))

    assert (met.first, met.second) == (COMPLETED, REVERTED)
    assert kinds(db) == ["completed", "completed", "completion_reverted", "completion_reverted"]
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 0)]


def test_a_revert_is_refused_when_the_completing_confirmation_is_rolled_back(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(confirm(race, pair[1], session_id), revert(race, session_id), rolled_back=True)

    assert_not_in_state(met.second, "reverted", "scheduled")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["reverted_at"] is None


def test_of_two_reverts_the_second_is_refused(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    scene.confirm(pair[1], session_id)

    met = race.collide(revert(race, session_id), revert(race, session_id))

    assert met.first == REVERTED
    assert_not_in_state(met.second, "reverted", "reverted")
    assert met.second_wrote == set()
    assert len(kinds(db)) == 4
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 0)]


def test_a_revert_locks_the_profiles_by_id(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    smaller, larger = pair
    session_id = scene.session_confirmed_by(larger, smaller)
    scene.confirm(smaller, session_id)

    with race.held(LOCK, smaller) as holder:
        reverted = race.started(revert(race, session_id), waits_for=holder)
        assert race.unhindered(race.statement(LOCK, larger)) == [{"id": larger}]

    assert reverted() == REVERTED


@pytest.mark.parametrize("confirmed_before", [True, False], ids=["completing", "first"])
def test_a_confirmation_after_a_no_show_is_refused(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID], confirmed_before: bool
) -> None:
    session_id = scene.session_confirmed_by(*pair) if confirmed_before else scene.session(*pair)

    met = race.collide(mark(race, session_id, pair[0]), confirm(race, pair[1], session_id))

    assert met.first == MARKED
    message = "Session cannot be completed - current status: no_show"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="no_show")
    assert met.second_wrote == set()
    assert kinds(db) == ["no_show"]
    assert [counters(scene, user_id) for user_id in pair] == [(0, 1), (0, 0)]


def test_a_no_show_after_the_completing_confirmation_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(confirm(race, pair[1], session_id), mark(race, session_id, pair[0]))

    assert met.first == COMPLETED
    assert_not_in_state(met.second, "marked as a no-show", "completed")
    assert met.second_wrote == set()
    assert [counters(scene, user_id) for user_id in pair] == [(1, 0), (1, 0)]


def test_a_no_show_after_the_first_confirmation_keeps_it(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(confirm(race, pair[0], session_id), mark(race, session_id, pair[1]))

    assert (met.first, met.second) == (FIRST, MARKED)
    row = scene.wingman_session(session_id)
    assert (row["status"], row["user2_completed_confirmed_by_user1"]) == ("no_show", True)
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 1)]


def test_of_two_no_shows_the_second_is_refused(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(mark(race, session_id, pair[0]), mark(race, session_id, pair[1]))

    assert met.first == MARKED
    assert_not_in_state(met.second, "marked as a no-show", "no_show")
    assert met.second_wrote == set()
    assert kinds(db) == ["no_show"]


def test_a_no_show_after_a_cancellation_is_refused(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        race.call(pair[0], "cancel_session", session_id=session_id), mark(race, session_id, pair[1])
    )

    assert met.first["status"] == "cancelled"
    assert_not_in_state(met.second, "marked as a no-show", "cancelled")
    assert met.second_wrote == set()


def test_a_revert_waits_for_the_no_show(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(mark(race, session_id, pair[0]), revert(race, session_id))

    assert met.second["message"] == "No-show reverted: it does not count any more."
    assert kinds(db) == ["no_show", "no_show_reverted"]
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 0)]


def test_reconciling_waits_for_a_completion_and_loses_nothing_of_it(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    set_counters(db, 5, user_id=pair[0])

    met = race.collide(
        confirm(race, pair[1], session_id), race.operation("wingman_admin.reconcile_reputation", fix=True)
    )

    assert [(row["user_id"], row["ledger_completed_sessions"]) for row in met.second] == [(pair[0], 1)]
    assert [counters(scene, user_id) for user_id in pair] == [(1, 0), (1, 0)]


def test_a_completion_waits_for_reconciling_and_counts_on_top(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    set_counters(db, 5, user_id=pair[0])

    met = race.collide(
        race.operation("wingman_admin.reconcile_reputation", fix=True), confirm(race, pair[1], session_id)
    )

    assert met.second == COMPLETED
    assert [counters(scene, user_id) for user_id in pair] == [(1, 0), (1, 0)]


@pytest.mark.exhaustive
def test_operators_give_up_with_busy_after_two_seconds(race: Race, scene: Scene) -> None:
    # two sessions: the second to wait for one row waits for the first
    pairs = [scene.pair(), scene.pair()]
    reverted, marked = (scene.session(*pair) for pair in pairs)

    with race.held("select from public.wingman_sessions for update") as holder:
        waiting = [
            race.started(contender, waits_for=holder)
            for contender in (revert(race, reverted), mark(race, marked, pairs[1][0]))
        ]
        for outcome in waiting:
            assert_refused(outcome(), "busy", 423, "Another request holds this record - retry")


# Reports.


def test_of_two_who_take_one_report_the_second_takes_it_over(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    report_id = scene.report(*pair)

    met = race.collide(take(race, report_id), take(race, report_id, by_another=True))

    assert met.first == TAKEN
    assert met.second["message"] == f"Report taken over from {OPERATOR}."
    assert scene.report_row(report_id)["taken_by"] == db.info.user
    assert scene.decisions() == [
        ("report_taken", OPERATOR, {"taken_from": None}),
        ("report_taken", db.info.user, {"taken_from": OPERATOR}),
    ]


def test_a_report_whose_taking_is_rolled_back_is_taken_from_nobody(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    report_id = scene.report(*pair)

    met = race.collide(take(race, report_id), take(race, report_id, by_another=True), rolled_back=True)

    assert met.second == TAKEN
    assert scene.decisions() == [("report_taken", db.info.user, {"taken_from": None})]


def test_a_report_taken_twice_by_one_login_is_taken_once(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    report_id = scene.report(*pair)

    met = race.collide(take(race, report_id), take(race, report_id))

    assert (met.first, met.second, met.second_wrote) == (TAKEN, TAKEN, set())
    assert len(scene.decisions()) == 1


def test_a_report_that_was_taken_over_is_not_decided_by_the_one_before(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    report_id = scene.taken_report(*pair)

    met = race.collide(take(race, report_id, by_another=True), resolve(race, report_id))

    assert_refused(met.second, "report_not_taken", 409, "Report is not taken by you")
    assert met.second_wrote == set()
    assert scene.report_row(report_id)["status"] == "taken"


def test_a_report_that_is_being_decided_is_taken_over_by_nobody(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    report_id = scene.taken_report(*pair)

    met = race.collide(resolve(race, report_id), take(race, report_id, by_another=True))

    assert met.first["message"] == "Report resolved."
    message = "Report is already resolved"
    assert_refused(met.second, "report_already_decided", 409, message, status="resolved")
    assert met.second_wrote == set()
    assert scene.report_row(report_id)["taken_by"] == OPERATOR


def test_of_two_decisions_the_first_stands(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    report_id = scene.taken_report(*pair)

    met = race.collide(resolve(race, report_id, "dismissed"), resolve(race, report_id))

    assert met.first["message"] == "Report dismissed."
    message = "Report is already dismissed"
    assert_refused(met.second, "report_already_decided", 409, message, status="dismissed")
    assert met.second_wrote == set()
    assert [kind for kind, _, _ in scene.decisions()] == ["report_taken", "report_dismissed"]


# Settings.


def settings(db: Connection) -> dict[str, Any]:
    row = db.execute("select * from wingman.settings").fetchone()
    assert row
    return row


def test_of_two_changes_of_settings_neither_is_lost(race: Race, scene: Scene, db: Connection) -> None:
    before = settings(db)

    met = race.collide(change(race, settle_limit=3), change(race, exposure_limit=4))

    assert (met.first, met.second) == (CHANGED, CHANGED)
    assert settings(db) == before | {"settle_limit": 3, "exposure_limit": 4}
    assert [details["after"] for _, _, details in scene.decisions()] == [
        {"settle_limit": 3},
        {"exposure_limit": 4},
    ]


def test_of_two_changes_of_one_setting_the_second_stands_and_history_has_both(
    race: Race, scene: Scene, db: Connection
) -> None:
    before = settings(db)["settle_limit"]

    met = race.collide(change(race, settle_limit=3), change(race, settle_limit=4))

    assert (met.first, met.second) == (CHANGED, CHANGED)
    assert settings(db)["settle_limit"] == 4
    assert [details for _, _, details in scene.decisions()] == [
        {"before": {"settle_limit": before}, "after": {"settle_limit": 3}},
        {"before": {"settle_limit": 3}, "after": {"settle_limit": 4}},
    ]


def test_of_two_equal_changes_of_settings_the_second_changes_nothing(race: Race, scene: Scene) -> None:
    met = race.collide(change(race, settle_limit=3), change(race, settle_limit=3))

    assert met.second["message"] == "These are the settings already."
    assert met.second_wrote == set()
    assert len(scene.decisions()) == 1


def test_a_change_of_settings_waits_for_one_by_hand_and_keeps_it(race: Race, db: Connection) -> None:
    by_hand = race.statement("update wingman.settings set settle_limit = 3")

    race.collide(by_hand, change(race, exposure_limit=4))

    assert [settings(db)[name] for name in ("settle_limit", "exposure_limit")] == [3, 4]


def test_a_search_waits_for_no_change_of_settings_and_goes_by_the_old_ones(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    met = race.overtake(change(race, match_lifetime="24 hours"), race.call(pair[0], "create_automatic_match"))

    def lifetime(match_id: UUID) -> timedelta:
        row = scene.match(match_id)
        return row["expires_at"] - row["created_at"]

    assert lifetime(met.second["match_id"]) == timedelta(hours=48)
    for user_id in scene.people("beginner", "beginner")[:1]:
        found = race.call(user_id, "create_automatic_match")()
        assert lifetime(found["match_id"]) == timedelta(hours=24)


def spent(db: Connection) -> int:
    return len(db.execute("select from wingman.rate_limits where bucket = 'automatic_match'").fetchall())


def test_a_change_of_a_rate_limit_waits_for_a_call_that_spends_it(
    race: Race, scene: Scene, db: Connection
) -> None:
    (seeker,) = scene.people("beginner")
    search = race.call(seeker, "create_automatic_match")
    search()

    met = race.collide(search, change(race, automatic_match_limit=1))

    assert met.second == CHANGED
    assert spent(db) == 0


def test_a_call_that_waited_for_a_change_of_its_rate_limit_starts_anew(
    race: Race, scene: Scene, db: Connection
) -> None:
    (seeker,) = scene.people("beginner")
    search = race.call(seeker, "create_automatic_match")
    search()

    met = race.collide(change(race, automatic_match_limit=2), search)

    assert (met.first, met.second["success"]) == (CHANGED, False)
    assert spent(db) == 1


# Texts.


def reword(race: Race, body: str, *, language: str = "de", by_another: bool = False) -> Operation:
    operation = race.others_operation if by_another else race.operation
    return operation(
        "wingman_admin.set_notification_text",
        kind="session_reminder",
        channel="email",
        language=language,
        title="Soon",
        body=body,
        reason="Warmer",
    )


def wording(db: Connection, language: str = "de") -> Any:
    row = db.execute(
        """select t.title, t.body from wingman.notification_texts as t
           where t.kind = 'session_reminder' and t.channel = 'email' and t.language = %s""",
        [language],
    ).fetchone()
    return dict(row) if row else None


def test_of_two_changes_of_a_text_the_second_stands_and_the_record_has_both(
    race: Race, scene: Scene, db: Connection
) -> None:
    before = wording(db)

    met = race.collide(reword(race, "Eins"), reword(race, "Zwei", by_another=True))

    assert (met.first, met.second) == (REWORDED, REWORDED)
    assert wording(db) == {"title": "Soon", "body": "Zwei"}
    assert [(details["before"], details["after"]) for _, _, details in scene.decisions()] == [
        (before, {"title": "Soon", "body": "Eins"}),
        ({"title": "Soon", "body": "Eins"}, {"title": "Soon", "body": "Zwei"}),
    ]


def test_of_two_equal_changes_of_a_text_the_second_changes_nothing(race: Race, scene: Scene) -> None:
    met = race.collide(reword(race, "Eins"), reword(race, "Eins", by_another=True))

    assert met.second["message"] == "This is the text already."
    assert met.second_wrote == set()
    assert len(scene.decisions()) == 1


def test_a_change_of_a_text_that_is_rolled_back_leaves_no_trace(
    race: Race, scene: Scene, db: Connection
) -> None:
    before = wording(db)

    race.collide(reword(race, "Eins"), reword(race, "Zwei", by_another=True), rolled_back=True)

    ((_, _, details),) = scene.decisions()
    assert (details["before"], wording(db)) == (before, {"title": "Soon", "body": "Zwei"})


def test_of_two_who_write_a_text_that_is_lacking_the_second_changes_it(
    race: Race, scene: Scene, db: Connection
) -> None:
    db.execute("delete from wingman.notification_texts where kind = 'session_reminder' and language = 'de'")

    met = race.collide(reword(race, "Eins"), reword(race, "Zwei", by_another=True))

    assert (met.first, met.second) == (REWORDED, REWORDED)
    assert [(details["before"], details["after"]["body"]) for _, _, details in scene.decisions()] == [
        (None, "Eins"),
        ({"title": "Soon", "body": "Eins"}, "Zwei"),
    ]
    assert wording(db) == {"title": "Soon", "body": "Zwei"}


def test_whoever_sends_waits_for_no_change_of_a_text(race: Race, db: Connection) -> None:
    rendered = race.statement(
        """select r.body
           from wingman.rendered_text(
               'session_reminder', 'email', 'de', 'Lin', 'Blue Note', '2026-12-04 17:30Z', 'UTC'
           ) as r"""
    )

    met = race.overtake(reword(race, "Eins"), rendered)

    (before,) = met.second
    assert before["body"].startswith("Bald ist es so weit: Du und Lin trefft euch. Fr., 4. Dez., 17:30")
    assert rendered() == [{"body": "Eins"}]


def test_a_change_of_a_text_says_that_somebody_else_holds_it(race: Race, db: Connection) -> None:
    shorten_lock_timeout(db, "wingman_admin.set_notification_text")

    with race.held("select from wingman.notification_texts where kind = %s for update", "session_reminder"):
        refusal = outcome(reword(race, "Eins"))

    assert_refused(refusal, "busy", 423, "Another request holds this record - retry")


# Cancellations.


def test_a_confirmation_after_an_operators_cancellation_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(cancel(race, session_id), confirm(race, pair[1], session_id))

    assert met.first == CANCELLED
    message = "Session cannot be completed - current status: cancelled"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="cancelled")
    assert met.second_wrote == set()
    assert scene.ledger() == []


def test_an_operator_does_not_cancel_what_is_being_completed(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(confirm(race, pair[1], session_id), cancel(race, session_id))

    assert met.first == COMPLETED
    assert_not_in_state(met.second, "cancelled", "completed")
    assert met.second_wrote == set()
    assert scene.ledger() == sorted(pair)


def test_an_operators_cancellation_keeps_a_first_confirmation(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(confirm(race, pair[0], session_id), cancel(race, session_id))

    assert (met.first, met.second) == (FIRST, CANCELLED)
    row = scene.wingman_session(session_id)
    assert (row["status"], row["user2_completed_confirmed_by_user1"]) == ("cancelled", True)


def test_a_start_after_an_operators_cancellation_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(cancel(race, session_id), race.call(pair[0], "start_session", session_id=session_id))

    assert met.first == CANCELLED
    assert_not_in_state(met.second, "started", "cancelled")
    assert met.second_wrote == set()


def test_an_operator_cancels_what_is_being_started(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    session_id = scene.session(*pair)

    met = race.collide(race.call(pair[0], "start_session", session_id=session_id), cancel(race, session_id))

    assert (met.first["status"], met.second) == ("in_progress", CANCELLED)
    row = scene.wingman_session(session_id)
    assert (row["status"], row["started_by"], row["cancelled_by"]) == ("cancelled", pair[0], None)


def test_of_an_operators_and_a_users_cancellation_the_first_stands(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        cancel(race, session_id),
        race.call(pair[0], "cancel_session", session_id=session_id, reason="Rain"),
    )

    assert (met.first, met.second["status"]) == (CANCELLED, "cancelled")
    assert met.second_wrote == set()
    row = scene.wingman_session(session_id)
    assert (row["cancelled_by"], row["cancellation_reason"]) == (None, None)


def test_of_a_users_and_an_operators_cancellation_the_first_stands(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(race.call(pair[0], "cancel_session", session_id=session_id), cancel(race, session_id))

    assert_not_in_state(met.second, "cancelled", "cancelled")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["cancelled_by"] == pair[0]


def test_of_two_operators_cancellations_the_second_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(cancel(race, session_id), cancel(race, session_id))

    assert met.first == CANCELLED
    assert_not_in_state(met.second, "cancelled", "cancelled")
    assert met.second_wrote == set()
    assert [kind for kind, _, _ in scene.decisions()] == ["session_cancelled"]


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_of_an_operators_cancellation_and_a_no_show_the_first_stands(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], cancelled_first: bool
) -> None:
    session_id = scene.session(*pair)
    both = [cancel(race, session_id), mark(race, session_id, pair[0])]

    met = race.collide(*(both if cancelled_first else both[::-1]))

    if cancelled_first:
        assert_not_in_state(met.second, "marked as a no-show", "cancelled")
    else:
        assert_not_in_state(met.second, "cancelled", "no_show")
    assert met.second_wrote == set()
    assert len(scene.ledger()) == (0 if cancelled_first else 1)


# The end of a match.


def assert_not_accepted(outcome: Any, status: str) -> None:
    message = f"Match status must be 'accepted' (current: {status})"
    assert_refused(outcome, "match_not_accepted", 400, message, status=status)


def test_an_operator_ends_what_is_being_accepted(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    match_id = scene.pending(*pair)
    accept = race.call(pair[0], "respond_to_match", match_id=match_id, action="accept")

    met = race.collide(accept, end(race, match_id))

    assert (met.first["match_status"], met.second) == ("accepted", ENDED)
    row = scene.match(match_id)
    assert (row["status"], row["ended_at"] is not None, row["ended_by"]) == ("accepted", True, None)


def test_an_operator_does_not_end_what_is_being_declined(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.pending(*pair)
    decline = race.call(pair[0], "respond_to_match", match_id=match_id, action="decline")

    met = race.collide(decline, end(race, match_id))

    assert_not_accepted(met.second, "declined")
    assert met.second_wrote == set()


def test_of_two_operators_who_end_a_match_the_second_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(end(race, match_id), end(race, match_id))

    assert met.first == ENDED
    assert_not_accepted(met.second, "ended")
    assert met.second_wrote == set()
    assert [kind for kind, _, _ in scene.decisions()] == ["match_ended"]


def test_of_an_operators_and_a_users_end_of_a_match_the_first_stands(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(end(race, match_id), race.call(pair[0], "end_match", match_id=match_id))

    assert met.first == ENDED
    assert met.second_wrote == set()
    assert scene.match(match_id)["ended_by"] is None


def test_of_a_users_and_an_operators_end_of_a_match_the_first_stands(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(race.call(pair[0], "end_match", match_id=match_id), end(race, match_id))

    assert_not_accepted(met.second, "ended")
    assert met.second_wrote == set()
    assert scene.match(match_id)["ended_by"] == pair[0]


def arrange(race: Race, user_id: UUID, match_id: UUID) -> Call:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return race.call(
        user_id, "create_session", match_id=match_id, scheduled_time=tomorrow, venue_name="Hot Clube"
    )


def test_a_session_for_a_match_that_an_operator_is_ending_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(end(race, match_id), arrange(race, pair[0], match_id))

    assert_not_accepted(met.second, "ended")
    assert met.second_wrote == set()


def test_a_session_that_is_being_made_is_cancelled_by_an_operators_end_of_its_match(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(arrange(race, pair[0], match_id), end(race, match_id))

    assert met.second == ENDED
    row = scene.wingman_session(met.first["id"])
    assert (row["status"], row["cancelled_by"]) == ("cancelled", None)


@pytest.mark.parametrize("ended_first", [True, False])
def test_of_a_block_and_an_operators_end_of_a_match_the_first_ends_it(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], ended_first: bool
) -> None:
    match_id = scene.accepted(*pair)
    block = race.call(pair[0], "block_user", subject_id=pair[1])

    if ended_first:
        met = race.collide(end(race, match_id), block)
        assert met.second_wrote == {"user_blocks"}
    else:
        met = race.collide(block, end(race, match_id))
        assert_not_accepted(met.second, "ended")
        assert met.second_wrote == set()

    assert scene.match(match_id)["ended_by"] == (None if ended_first else pair[0])


@pytest.mark.parametrize("ended_first", [True, False])
def test_a_session_is_cancelled_once_by_two_operators(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], ended_first: bool
) -> None:
    session_id = scene.session(*pair)
    match_id = scene.wingman_session(session_id)["match_id"]
    both = [end(race, match_id), cancel(race, session_id)]

    met = race.collide(*(both if ended_first else both[::-1]))

    if ended_first:
        assert_not_in_state(met.second, "cancelled", "cancelled")
        assert met.second_wrote == set()
    else:
        assert (met.first, met.second) == (CANCELLED, ENDED)
        assert met.second_wrote == {"wingman_matches", "operator_decisions"}


@pytest.mark.parametrize("confirmed_before", [True, False], ids=["completing", "first"])
def test_a_confirmation_that_waited_for_an_operators_end_of_the_match_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], confirmed_before: bool
) -> None:
    session_id = scene.session_confirmed_by(*pair) if confirmed_before else scene.session(*pair)
    match_id = scene.wingman_session(session_id)["match_id"]

    met = race.collide(end(race, match_id), confirm(race, pair[1], session_id))

    message = "Session cannot be completed - current status: cancelled"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="cancelled")
    assert met.second_wrote == set()
    assert scene.ledger() == []


def test_an_operators_end_of_a_match_leaves_what_was_being_completed(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    match_id = scene.wingman_session(session_id)["match_id"]

    met = race.collide(confirm(race, pair[1], session_id), end(race, match_id))

    assert (met.first, met.second) == (COMPLETED, ENDED)
    assert scene.wingman_session(session_id)["status"] == "completed"
    assert scene.ledger() == sorted(pair)
