"""Callers really meet every name of the catalogue: a scenario for each of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.outbox import URL, add_webhook, make_message
from contract_errors import refused
from harness import Caller, Connect, Connection, People, Rpc
from psycopg import IsolationLevel
from rows import Pair, make_match, make_pair, make_session, shorten_lock_timeout, update_session

PROFILE = {"first_name": "Ana", "experience_level": "beginner", "lat": 38.7, "lng": -9.1}
ONE_DAY = datetime(2099, 8, 17, 15, 0, tzinfo=UTC)


@dataclass
class World:
    """The building blocks of scenarios."""

    db: Connection
    connect: Connect
    rpc: Rpc
    people: People

    def somebody(self) -> Caller:
        return self.rpc.as_user(self.people.add())

    def pair(self, status: str = "accepted") -> tuple[Caller, Pair]:
        """The caller is user1."""
        pair = make_pair(self.db, self.people, status)
        return self.rpc.as_user(pair.user1), pair

    def session(
        self, status: str = "scheduled", starts: datetime | str = "-1 hour"
    ) -> tuple[Caller, Pair, UUID]:
        caller, pair = self.pair()
        return caller, pair, make_session(self.db, pair.match_id, status, starts)

    def proposal(self, starts: datetime | str = ONE_DAY) -> tuple[Caller, Caller, UUID]:
        """Who proposed a session, who has not agreed to it, and the session."""
        caller, pair, session_id = self.session(starts=starts)
        update_session(self.db, session_id, "proposed_by = user1_id")
        return caller, self.rpc.as_user(pair.user2), session_id

    def missed(self, *answers: str) -> tuple[Caller, Caller, UUID]:
        """Who reported a no-show, who answered so, and the session."""
        buddy, caller, session_id = self.proposal("-1 hour")
        caller.call("report_no_show", session_id=session_id, reason="did_not_come")
        for action in answers:
            buddy.call("answer_no_show", session_id=session_id, action=action)
        return caller, buddy, session_id


@dataclass
class Refused:
    """The call that must be refused, its DETAIL besides the name, and what happens meanwhile."""

    caller: Caller
    function: str
    arguments: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    meanwhile: AbstractContextManager[Any] = field(default_factory=nullcontext)


SCENARIOS: dict[str, Callable[[World], Refused]] = {}
OF_OPERATORS = {
    "report_not_found",
    "report_already_decided",
    "report_not_taken",
    "no_show_answer_pending",
    "user_not_suspended",
    "delivery_not_found",
    "delivery_not_dead",
    "webhook_not_found",
    "webhook_not_disabled",
    "too_many_webhooks",
}
"""What only operators meet, in SQL."""


def scenario(provoke: Callable[[World], Refused]) -> Callable[[World], Refused]:
    """Registers a scenario under its own name, which is the error's."""
    SCENARIOS[provoke.__name__] = provoke
    return provoke


@scenario
def not_authenticated(world: World) -> Refused:
    return Refused(world.rpc.as_user("not an id"), "get_profile")


@scenario
def acting_for_another(world: World) -> Refused:
    return Refused(world.somebody(), "get_profile", {"user_id": world.people.add()})


@scenario
def user_not_found(world: World) -> Refused:
    return Refused(world.rpc.as_service(), "get_profile", {"user_id": uuid4()})


@scenario
def missing_argument(world: World) -> Refused:
    return Refused(world.somebody(), "get_match", {"match_id": None}, {"argument": "match_id"})


@scenario
def invalid_argument(world: World) -> Refused:
    context = {"argument": "bio", "rule": "must be at most 400 characters"}
    return Refused(world.somebody(), "complete_profile", {**PROFILE, "bio": "b" * 401}, context)


@scenario
def invalid_action(world: World) -> Refused:
    caller, pair = world.pair("pending")
    return Refused(caller, "respond_to_match", {"match_id": pair.match_id, "action": "maybe"})


@scenario
def invalid_radius(world: World) -> Refused:
    return Refused(world.somebody(), "create_automatic_match", {"max_radius_miles": 101})


@scenario
def invalid_schedule(world: World) -> Refused:
    caller, pair = world.pair()
    arguments = {"match_id": pair.match_id, "scheduled_time": "2020-01-01T18:00:00Z", "venue_name": "Café"}
    return Refused(caller, "create_session", arguments)


@scenario
def matching_paused(world: World) -> Refused:
    caller = world.somebody()
    caller.call("pause_matching")
    return Refused(caller, "create_automatic_match")


@scenario
def profile_incomplete(world: World) -> Refused:
    return Refused(world.rpc.as_user(world.people.auth_only()), "create_automatic_match")


@scenario
def match_not_found(world: World) -> Refused:
    return Refused(world.somebody(), "respond_to_match", {"match_id": uuid4(), "action": "accept"})


@scenario
def match_expired(world: World) -> Refused:
    caller, pair = world.pair("lapsed")
    return Refused(caller, "respond_to_match", {"match_id": pair.match_id, "action": "accept"})


@scenario
def not_match_participant(world: World) -> Refused:
    _, pair = world.pair("pending")
    return Refused(world.somebody(), "get_match", {"match_id": pair.match_id})


@scenario
def match_already_resolved(world: World) -> Refused:
    caller, pair = world.pair("declined")
    arguments = {"match_id": pair.match_id, "action": "accept"}
    return Refused(caller, "respond_to_match", arguments, {"status": "declined"})


@scenario
def match_not_accepted(world: World) -> Refused:
    caller, pair = world.pair("pending")
    return Refused(caller, "end_match", {"match_id": pair.match_id}, {"status": "pending"})


@scenario
def session_not_found(world: World) -> Refused:
    return Refused(world.somebody(), "get_session", {"session_id": uuid4()})


@scenario
def not_session_participant(world: World) -> Refused:
    _, _, session_id = world.session()
    return Refused(world.somebody(), "confirm_session_completion", {"session_id": session_id})


@scenario
def self_confirmation(world: World) -> Refused:
    caller, pair, session_id = world.session()
    arguments = {"session_id": session_id, "buddy_user_id": pair.user1}
    return Refused(caller, "confirm_session_completion", arguments)


@scenario
def buddy_not_in_session(world: World) -> Refused:
    caller, _, session_id = world.session()
    arguments = {"session_id": session_id, "buddy_user_id": world.people.add()}
    return Refused(caller, "confirm_session_completion", arguments)


@scenario
def already_confirmed(world: World) -> Refused:
    caller, pair, session_id = world.session()
    caller.call("confirm_session_completion", session_id=session_id)
    row = world.db.execute(
        "select to_jsonb(public.get_session(%s, %s)) as state", [session_id, pair.user1]
    ).fetchone()
    return Refused(caller, "confirm_session_completion", {"session_id": session_id}, row)


@scenario
def session_not_confirmable(world: World) -> Refused:
    caller, _, session_id = world.session("cancelled")
    return Refused(caller, "confirm_session_completion", {"session_id": session_id}, {"status": "cancelled"})


@scenario
def session_not_started(world: World) -> Refused:
    caller, _, session_id = world.session(starts=ONE_DAY)
    arguments, context = {"session_id": session_id}, {"time": "2099-08-17 15:00 UTC"}
    return Refused(caller, "confirm_session_completion", arguments, context)


@scenario
def too_early(world: World) -> Refused:
    caller, _, session_id = world.session(starts=ONE_DAY)
    return Refused(caller, "start_session", {"session_id": session_id}, {"time": "2099-08-17 14:30 UTC"})


@scenario
def active_session_exists(world: World) -> Refused:
    caller, pair, _ = world.session()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    arguments = {"match_id": pair.match_id, "scheduled_time": tomorrow, "venue_name": "Café"}
    return Refused(caller, "create_session", arguments)


@scenario
def invalid_session_state(world: World) -> Refused:
    caller, _, session_id = world.session("completed")
    context = {"verb": "cancelled", "status": "completed"}
    return Refused(caller, "cancel_session", {"session_id": session_id}, context)


@scenario
def schedule_conflict(world: World) -> Refused:
    caller, pair = world.pair()
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    cleo = world.people.add()
    other = make_session(world.db, make_match(world.db, pair.user1, cleo), starts=at)
    update_session(world.db, other, f"proposed_by = '{pair.user1}'")
    arguments = {"match_id": pair.match_id, "scheduled_time": at.isoformat(), "venue_name": "Café"}
    context = {"session_id": str(other), "time": f"{at:%Y-%m-%d %H:%M} UTC"}
    return Refused(caller, "create_session", arguments, context)


@scenario
def self_agreement(world: World) -> Refused:
    caller, _, session_id = world.proposal()
    return Refused(caller, "agree_to_session", {"session_id": session_id})


@scenario
def proposal_changed(world: World) -> Refused:
    _, caller, session_id = world.proposal()
    row = world.db.execute(
        "select to_jsonb(public.get_session(s.id, s.user2_id)) as state"
        " from public.wingman_sessions as s where s.id = %s",
        [session_id],
    ).fetchone()
    arguments = {"session_id": session_id, "proposed_at": "2020-01-01T18:00:00Z"}
    return Refused(caller, "agree_to_session", arguments, row)


@scenario
def session_time_passed(world: World) -> Refused:
    _, caller, session_id = world.proposal(datetime(2025, 8, 17, 15, 0, tzinfo=UTC))
    context = {"verb": "agreed to", "time": "2025-08-17 15:00 UTC"}
    return Refused(caller, "agree_to_session", {"session_id": session_id}, context)


@scenario
def no_show_not_found(world: World) -> Refused:
    caller, _, session_id = world.proposal("-1 hour")
    return Refused(caller, "withdraw_no_show", {"session_id": session_id})


@scenario
def buddy_not_committed(world: World) -> Refused:
    caller, _, session_id = world.proposal("-1 hour")
    return Refused(caller, "report_no_show", {"session_id": session_id, "reason": "did_not_come"})


@scenario
def no_show_too_early(world: World) -> Refused:
    _, caller, session_id = world.proposal()
    arguments = {"session_id": session_id, "reason": "did_not_come"}
    return Refused(caller, "report_no_show", arguments, {"time": "2099-08-17 15:30 UTC"})


@scenario
def no_show_window_closed(world: World) -> Refused:
    _, caller, session_id = world.proposal(datetime(2025, 8, 17, 15, 0, tzinfo=UTC))
    arguments = {"session_id": session_id, "reason": "did_not_come"}
    return Refused(caller, "report_no_show", arguments, {"time": "2025-08-20 15:30 UTC"})


@scenario
def no_show_already_answered(world: World) -> Refused:
    _, buddy, session_id = world.missed("contest")
    return Refused(buddy, "answer_no_show", {"session_id": session_id, "action": "admit"})


@scenario
def no_show_already_decided(world: World) -> Refused:
    caller, _, session_id = world.missed("admit")
    return Refused(caller, "withdraw_no_show", {"session_id": session_id}, {"status": "admitted"})


@scenario
def no_show_answer_pending(world: World) -> Refused:
    _, _, session_id = world.missed()
    row = world.db.execute(
        "select to_char(answer_by at time zone 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"') as time"
        " from wingman.no_show_reports"
    ).fetchone()
    arguments = {"session_id": session_id, "outcome": "dismiss", "absent_user_ids": None, "reason": "Seen"}
    return Refused(world.rpc.as_admin(), "wingman_admin.decide_no_show", arguments, row)


@scenario
def matching_cooldown(world: World) -> Refused:
    user_id = world.people.add()
    world.db.execute("update wingman.matchmaking_pool set cooldown_until = %s", [ONE_DAY])
    context = {"until": "2099-08-17 15:00 UTC"}
    return Refused(world.rpc.as_user(user_id), "create_automatic_match", context=context)


@scenario
def account_suspended(world: World) -> Refused:
    user_id = world.people.add()
    world.db.execute("insert into wingman.suspensions (user_id) values (%s)", [user_id])
    return Refused(world.rpc.as_user(user_id), "create_automatic_match", context={"until": None})


@scenario
def user_not_suspended(world: World) -> Refused:
    arguments = {"user_id": world.people.add(), "reason": "A mistake"}
    return Refused(world.rpc.as_admin(), "wingman_admin.lift_suspension", arguments)


@scenario
def reputation_not_visible(world: World) -> Refused:
    return Refused(world.somebody(), "get_reputation", {"subject_id": world.people.add()})


@scenario
def idempotency_key_reused(world: World) -> Refused:
    caller = world.somebody()
    caller.call("pause_matching", idempotency_key="k")
    return Refused(caller, "resume_matching", {"idempotency_key": "k"})


@scenario
def idempotency_key_invalid(world: World) -> Refused:
    return Refused(world.somebody(), "pause_matching", {"idempotency_key": ""})


@scenario
def rate_limited(world: World) -> Refused:
    user_id = world.people.add()
    world.db.execute(
        """insert into wingman.rate_limits (user_id, bucket, spent_until)
           values (%s, 'automatic_match', statement_timestamp() + interval '1 hour')""",
        [user_id],
    )
    # 20 an hour
    return Refused(world.rpc.as_user(user_id), "create_automatic_match", context={"retry_after": 180})


def reported(world: World, status: str | None = None) -> tuple[Caller, UUID]:
    """An operator, and a report that another one has taken or decided."""
    subject = world.people.add()
    world.somebody().call("report_user", subject_id=subject, reason="Was rude")
    row = world.db.execute("select id from wingman.user_reports where subject_id = %s", [subject]).fetchone()
    assert row
    if status:
        world.db.execute("select from wingman_admin.take_report(%s)", [row["id"]])
        world.db.execute("select from wingman_admin.resolve_report(%s, %s, 'Seen')", [row["id"], status])
    return world.rpc.as_admin(), row["id"]


@scenario
def report_not_found(world: World) -> Refused:
    return Refused(world.rpc.as_admin(), "wingman_admin.take_report", {"report_id": uuid4()})


@scenario
def report_already_decided(world: World) -> Refused:
    operator, report_id = reported(world, "dismissed")
    return Refused(
        operator, "wingman_admin.take_report", {"report_id": report_id}, context={"status": "dismissed"}
    )


@scenario
def report_not_taken(world: World) -> Refused:
    operator, report_id = reported(world)
    arguments = {"report_id": report_id, "outcome": "resolved", "note": "Spoke to them"}
    return Refused(operator, "wingman_admin.resolve_report", arguments)


@scenario
def delivery_not_found(world: World) -> Refused:
    arguments = {"delivery_id": uuid4(), "reason": "Nobody needs it"}
    return Refused(world.rpc.as_admin(), "wingman_admin.drop_delivery", arguments)


@scenario
def delivery_not_dead(world: World) -> Refused:
    arguments = {"delivery_id": make_message(world.db, world.people), "reason": "Nobody needs it"}
    return Refused(world.rpc.as_admin(), "wingman_admin.drop_delivery", arguments, {"status": "due"})


@scenario
def webhook_not_found(world: World) -> Refused:
    arguments = {"webhook_id": uuid4(), "reason": "They moved away"}
    return Refused(world.rpc.as_admin(), "wingman_admin.remove_webhook", arguments)


@scenario
def webhook_not_disabled(world: World) -> Refused:
    arguments = {"webhook_id": add_webhook(world.db), "reason": "They are back"}
    return Refused(world.rpc.as_admin(), "wingman_admin.enable_webhook", arguments)


@scenario
def too_many_webhooks(world: World) -> Refused:
    for _ in range(8):
        add_webhook(world.db)
    arguments = {"url": URL, "reason": "One more"}
    return Refused(world.rpc.as_admin(), "wingman_admin.add_webhook", arguments, {"limit": 8})


@scenario
def busy(world: World) -> Refused:
    # somebody held by another call is waited for, but not for ever
    shorten_lock_timeout(world.db, "wingman.create_automatic_match")
    held, searcher = sorted((world.people.add(), world.people.add()))
    other = world.connect(user=world.db.info.user, autocommit=False)
    other.execute("select from wingman.matchmaking_pool where user_id = %s for no key update", [held])
    return Refused(world.rpc.as_user(searcher), "create_automatic_match", meanwhile=other)


@scenario
def unsupported_isolation(world: World) -> Refused:
    caller = world.somebody()
    caller.connection.isolation_level = IsolationLevel.SERIALIZABLE
    return Refused(caller, "create_automatic_match")


@scenario
def read_only_transaction(world: World) -> Refused:
    caller = world.somebody()
    caller.connection.read_only = True
    return Refused(caller, "create_automatic_match")


@pytest.fixture
def world(db: Connection, connect: Connect, rpc: Rpc, people: People) -> World:
    return World(db, connect, rpc, people)


def test_the_scenarios_are_the_catalogue(db):
    names = [row["name"] for row in db.execute("select name from wingman.error_catalogue()")]
    assert sorted(names) == sorted(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_caller_meets(world, name):
    case = SCENARIOS[name](world)
    with case.meanwhile, refused(world.db, name, **case.context):
        case.caller.call(case.function, **case.arguments)
