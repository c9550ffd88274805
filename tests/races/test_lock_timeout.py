"""A record that somebody holds for too long: the caller gets "busy", never a database error."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from harness import LISBON, Connection
from psycopg.errors import Diagnostic
from psycopg.types.json import Jsonb
from races.race import Contender, Race, assert_refused
from races.scene import Scene

SEEKERS, MATCHES, SESSIONS = "wingman.matchmaking_pool", "public.wingman_matches", "public.wingman_sessions"
REPORTS, NOTIFICATIONS = "wingman.user_reports", "public.wingman_notifications"
CHANNELS, BROWSERS = "wingman.channel_settings", "wingman.push_subscriptions"
MEMBERS = "wingman.leaderboard_members"
LOCKED = (SEEKERS, MATCHES, SESSIONS, NOTIFICATIONS)
HELD = {table: f"select from {table} for update" for table in LOCKED} | {
    # what is written there locks no row that is there
    table: f"lock table {table} in exclusive mode"
    for table in (REPORTS, CHANNELS, BROWSERS, MEMBERS)
}


@pytest.mark.exhaustive
def test_every_writing_function_gives_up_with_busy_after_two_seconds(
    race: Race, scene: Scene, db: Connection
) -> None:
    # one test for all of them, since each waits for two seconds
    calls = every_writing_call(scene)
    logged: list[tuple[str, str | None, str | None]] = []
    before = {table: db.execute(f"select * from {table}").fetchall() for table in HELD}

    with ExitStack() as stack:
        holders = {table: stack.enter_context(race.held(lock)) for table, lock in HELD.items()}
        waiting = [
            race.started(
                race.call_on(heard(race.device(), logged), user_id, function, **arguments),
                waits_for=holders[table],
            )
            for table, user_id, function, arguments in calls
        ]
        for outcome in waiting:
            assert_refused(outcome(), "busy", 423, "Another request holds this record - retry")

    assert {table: db.execute(f"select * from {table}").fetchall() for table in before} == before
    # the rollback before an exception handler forgets which call it was: the handler says so again
    assert sorted(logged) == sorted(("busy", function, str(user_id)) for _, user_id, function, _ in calls)


def heard(device: Connection, lines: list[tuple[str, str | None, str | None]]) -> Connection:
    """A device that adds what the server logs of its refusals: the error, the call and the user."""

    def hear(diagnostic: Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "LOG":
            line = json.loads(diagnostic.message_primary or "")
            lines.append((line["error"], line["call"], line["user_id"]))

    device.execute("set client_min_messages = log")
    device.add_notice_handler(hear)
    return device


@pytest.mark.exhaustive
def test_nor_on_its_first_call_while_somebody_locks_whole_tables(
    race: Race, scene: Scene, db: Connection
) -> None:
    """PL/pgSQL compiles a function on its first call, which looks up the types of its variables."""
    calls: list[Contender] = [
        race.call(user_id, function, **arguments)
        for _, user_id, function, arguments in every_writing_call(scene)
    ]
    calls += [
        race.operation(
            "wingman_admin.mark_no_show", session_id=uuid4(), absent_user_id=uuid4(), reason="Never came"
        ),
        race.operation(
            "wingman_admin.decide_no_show",
            session_id=uuid4(),
            outcome="dismiss",
            absent_user_ids=None,
            reason="Both came",
        ),
        race.operation("wingman_admin.suspend_user", user_id=uuid4(), until=None, reason="Was rude"),
        race.operation("wingman_admin.lift_suspension", user_id=uuid4(), reason="Sorry"),
        race.operation("wingman_admin.cancel_session", session_id=uuid4(), reason="Flooded"),
        race.operation("wingman_admin.end_match", match_id=uuid4(), reason="They asked"),
        race.operation("wingman_admin.take_report", report_id=uuid4()),
        race.operation("wingman_admin.resolve_report", report_id=uuid4(), outcome="resolved", note="Seen"),
        race.operation("wingman_admin.change_settings", changes=Jsonb({"settle_limit": 3}), reason="Calm"),
        race.operation(
            "wingman_admin.set_notification_text",
            kind="match_offered",
            channel="email",
            language="de",
            title="Neues",
            body="Lies es",
            reason="Shorter",
        ),
        race.operation("wingman_admin.export_user", user_id=uuid4(), reason="They asked"),
        race.operation("wingman_admin.erase_user", user_id=uuid4(), reason="They asked"),
        race.operation("wingman_admin.revert_completion", session_id=uuid4(), reason="Never met"),
        race.operation("wingman_admin.reconcile_reputation", fix=True),
        race.operation("wingman_admin.reconcile_achievements", fix=True),
        race.operation(
            "wingman_admin.add_achievement",
            name="another",
            title="Another",
            description="Complete 2 sessions.",
            metric="completed_sessions",
            threshold=2,
            reason="For fun",
        ),
        race.operation("wingman_admin.remove_reader", name="nobody"),
        *(
            race.operation(f"wingman_admin.{name}_delivery", delivery_id=uuid4(), reason="They asked")
            for name in ("requeue", "drop")
        ),
        race.operation("wingman_admin.add_webhook", url="https://example.org", reason="We want it"),
        *(
            race.operation(f"wingman_admin.{name}", webhook_id=uuid4(), reason="They asked")
            for name in ("rotate_webhook_secret", "enable_webhook", "remove_webhook")
        ),
        race.operation("wingman.run_maintenance"),
        race.operation("wingman.run_readers"),
        # of servers and workers
        race.others_operation("wingman.confirm_email_address", address_id=uuid4()),
        race.others_operation("wingman.unsubscribe", user_id=uuid4(), channel="email"),
        race.others_operation("wingman.claim_deliveries", channel="email", max_rows=10),
        race.others_operation("wingman.settle_deliveries", settlements=Jsonb([])),
    ]
    guarded = db.execute(
        "select count(*) as functions from pg_proc where prosrc like '%when lock_not_available or deadlock%'"
    ).fetchone()
    # the two others make and drop the months for run_maintenance
    assert guarded == {"functions": len(calls) + 2}
    tables = db.execute(
        """select string_agg(c.oid::regclass::text, ', ') as names
           from pg_class as c
           where c.relkind in ('r', 'p') and not c.relispartition
               and c.relnamespace in ('public'::regnamespace, 'wingman'::regnamespace)"""
    ).fetchone()
    assert tables is not None
    with race.held(f"lock table {tables['names']} in access exclusive mode") as holder:
        waiting = [race.started(call, waits_for=holder) for call in calls]
        for outcome in waiting:
            assert_refused(outcome(), "busy", 423, "Another request holds this record - retry")


def every_writing_call(scene: Scene) -> list[tuple[str, UUID, str, dict[str, Any]]]:
    """What each call waits for first, who makes it, and its arguments; each has separate people."""
    answering, searching, completing = scene.pair(), scene.pair(), scene.pair()
    ending, scheduling = scene.pair(), scene.pair()
    starting, cancelling, confirming = scene.pair(), scene.pair(), scene.pair()
    pausing, resuming = scene.pair()
    blocking, unblocking, reporting = scene.pair(), scene.pair(), scene.pair()
    erasing, choosing = scene.pair()
    subscribing, leaving = scene.pair()
    showing, _ = scene.pair()
    endpoint = {"endpoint": "https://fcm.googleapis.com/fcm/send/1"}
    browser = {**endpoint, "p256dh": "B" + "a" * 86, "auth": "a" * 22}
    profile = {"first_name": "Ana", "experience_level": "beginner", **LISBON}
    answer = {"match_id": scene.pending(*answering), "action": "accept"}
    schedule = {
        "match_id": scene.accepted(*scheduling),
        "scheduled_time": datetime.now(UTC) + timedelta(days=1),
        "venue_name": "Hot Clube",
    }
    agreeing, moving = scene.pair(), scene.pair()
    marking = scene.pair()
    missing, answering_report, withdrawing = scene.pair(), scene.pair(), scene.pair()
    agreed, missed, reported = (scene.session(*people) for people in (agreeing, missing, answering_report))
    moved = {"scheduled_time": datetime.now(UTC) + timedelta(days=2)}
    return [
        (SEEKERS, completing[0], "complete_profile", profile),
        (SEEKERS, searching[0], "create_automatic_match", {}),
        (SEEKERS, answering[0], "respond_to_match", answer),
        (MATCHES, ending[0], "end_match", {"match_id": scene.accepted(*ending)}),
        (SEEKERS, scheduling[0], "create_session", schedule),
        (SEEKERS, agreeing[1], "agree_to_session", {"session_id": agreed}),
        (SEEKERS, moving[0], "reschedule_session", {**moved, "session_id": scene.session(*moving)}),
        (SESSIONS, starting[0], "start_session", {"session_id": scene.session(*starting)}),
        (SESSIONS, cancelling[0], "cancel_session", {"session_id": scene.session(*cancelling)}),
        (SESSIONS, confirming[0], "confirm_session_completion", {"session_id": scene.session(*confirming)}),
        (SEEKERS, pausing, "pause_matching", {}),
        (SEEKERS, resuming, "resume_matching", {}),
        (SEEKERS, blocking[0], "block_user", {"subject_id": blocking[1]}),
        (SEEKERS, unblocking[0], "unblock_user", {"subject_id": unblocking[1]}),
        (SEEKERS, missing[0], "report_no_show", {"session_id": missed, "reason": "did_not_come"}),
        (SEEKERS, answering_report[1], "answer_no_show", {"session_id": reported, "action": "contest"}),
        (SESSIONS, withdrawing[0], "withdraw_no_show", {"session_id": scene.session(*withdrawing)}),
        (NOTIFICATIONS, marking[0], "mark_notifications_read", {"up_to": scene.told(*marking)}),
        (CHANNELS, choosing, "set_notification_settings", {"channel": "web_push"}),
        (MEMBERS, showing, "set_leaderboard_visibility", {"visibility": "named"}),
        (BROWSERS, subscribing, "register_push_subscription", browser),
        (BROWSERS, leaving, "remove_push_subscription", endpoint),
        (REPORTS, reporting[0], "report_user", {"subject_id": reporting[1], "reason": "Never came"}),
        (SEEKERS, erasing, "erase_my_account", {"confirmation": "erase"}),
    ]
