"""The run can fail: whichever of these is broken on purpose, a short run finds it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fire.callers import Habits
from fire.faults import Pace
from fire.planted import Planted, assert_found, not_listed, not_plantable
from fire.run import Plan, fire
from harness import Connection
from wingmanmatch import Retries
from wingmanmatch._async import http_transport, transport
from wingmanmatch._rpc import Call, Reply

SECONDS, CALLS = 10.0, 2_500
ATTEMPTS = 10
"""How many seeds are tried until one finds it."""
NO_RETRIES = Retries(attempts=1)
QUIET = Pace(*[1e6] * 6)
"""No faults: for bugs that calls find among themselves, if there are many."""
PACE = Pace(backend_killed=4, server_killed=4, server_stopped=60, call_cancelled=1, serve_killed=60)


def slow_commits(milliseconds: int) -> dict[str, str]:
    """Settings with which so much time passes between a call's last statement and the end of its commit."""
    return {"fsync": "on", "commit_delay": str(milliseconds * 1000), "commit_siblings": "0"}


@dataclass(frozen=True)
class Bug(Planted):
    """A bug of the database, its settings or the client, and what the run needs to show it."""

    settings: dict[str, str] = field(default_factory=dict)
    """Of the server."""
    client: Callable[[pytest.MonkeyPatch], None] = lambda patch: None
    """Breaks the client."""
    pace: Pace = PACE
    impatience: str = "100ms"
    impatient: Retries = NO_RETRIES
    """As a plan has them."""


def fresh_key_for_each_retry(patch: pytest.MonkeyPatch) -> None:
    for module, name in ((transport, "AsyncPoolTransport"), (http_transport, "AsyncHttpTransport")):
        kind = getattr(module, name)
        patch.setattr(kind, "_attempt", _with_fresh_keys(kind._attempt))


def _with_fresh_keys(attempt: Callable[..., Any]) -> Callable[..., Any]:
    used: set[str | None] = set()

    async def attempt_with_fresh_key(self: Any, call: Call, who: Any) -> Reply:
        key = call.arguments.get("idempotency_key")
        if key in used:
            call = replace(call, arguments={**call.arguments, "idempotency_key": str(uuid4())})
        elif key:
            used.add(key)
        return await attempt(self, call, who)

    return attempt_with_fresh_key


def refusal_after_a_lost_attempt(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transport, "unknown_outcome", lambda error: error)


def nothing_sent_that_is_lost(patch: pytest.MonkeyPatch) -> None:
    """The client says of a lost call that it cannot have taken effect."""
    patch.setattr(
        transport.ConnectionLost, "may_have_taken_effect", property(lambda self: False, lambda *_: None)
    )


ORDER = "the calls of two people have an order"
THERE = "an acknowledged effect is there"
NOTHING = "a refusal changes nothing"
KEPT = "an answer is kept under its key"
ONE_EFFECT = "a key has one effect"
BUGS = {
    "the client makes a fresh key for each retry": Bug(
        {KEPT, ONE_EFFECT, "a call has at most one effect", "the kept answer is the one given"},
        client=fresh_key_for_each_retry,
    ),
    # the first attempt is cut in its commit, and the second one times out before that ends
    "a lost call ends with the refusal of its next attempt": Bug(
        {NOTHING},
        settings=slow_commits(100),
        client=refusal_after_a_lost_attempt,
        pace=replace(PACE, server_killed=60, call_cancelled=60),
        impatience="50ms",
        impatient=Retries(attempts=2, base=0.001),
    ),
    "a lost call is said to have changed nothing": Bug({NOTHING}, client=nothing_sent_that_is_lost),
    "an answer comes before its commit is durable": Bug(
        {THERE, KEPT}, settings={"synchronous_commit": "off"}
    ),
    "no answer is kept": Bug({KEPT}, [("wingman.end_call", "(end_call.call).key is not null", "false")]),
    "two calls with one key do not wait for each other": Bug(
        {ONE_EFFECT, "a call has at most one effect"},
        [
            (
                "wingman.begin_call",
                "pg_advisory_xact_lock(hashtextextended(_call.user_id || ' ' || _call.key, 0)) is null",
                "false",
            )
        ],
    ),
    "any key of a user counts": Bug(
        {KEPT, ONE_EFFECT},
        [
            (
                "wingman.begin_call",
                "k.user_id = _call.user_id and k.idempotency_key = _call.key",
                "k.user_id = _call.user_id",
            )
        ],
    ),
    "a session does not lock its match": Bug(
        {ORDER, "a match has one active session, and none once it has ended"},
        [("wingman.tg_wingman_sessions__guard_insert", "for no key update", "")],
        settings=slow_commits(20),
        pace=QUIET,
    ),
    "a block does not lock the two people": Bug(
        {ORDER, "no open match is between people of whom one has blocked the other"},
        [("wingman.block_user", "perform wingman.lock_seekers(_me, _subject_id)", "null")],
        settings=slow_commits(20),
        pace=QUIET,
    ),
    "a search does not lock its seeker, and nothing is behind it": Bug(
        {"nobody has two pending matches", "pending_match_id says what the matches say"},
        [
            ("wingman.create_automatic_match", "for no key update of s", ""),
            ("wingman.tg_wingman_matches__track_insert", "and s.pending_match_id is null", ""),
        ],
        pace=QUIET,
    ),
    "a report is acknowledged and not written": Bug(
        {THERE},
        [
            (
                "wingman.report_user",
                "values (_me, _subject_id, report_user.reason)",
                "select _me, _subject_id, report_user.reason where false",
            )
        ],
    ),
    "an unblock is acknowledged and not done": Bug(
        {ORDER},
        [("wingman.unblock_user", "b.blocked_id = _subject_id", "b.blocked_id = _subject_id and false")],
    ),
    "the end of a match leaves its session": Bug(
        {ORDER},
        [
            (
                "wingman.end_accepted_match",
                "perform wingman.cancel_active_session(\n        end_accepted_match.match_id, "
                "end_accepted_match.ended_by, keep_begun => end_accepted_match.keep_begun\n    )",
                "null",
            )
        ],
    ),
    "one confirmation is enough once a session has begun": Bug(
        {ORDER},
        [
            (
                "wingman.confirm_session_completion",
                "s.user1_completed_confirmed_by_user2 or s.user2_id = _call.user_id",
                "s.user1_completed_confirmed_by_user2 or s.user2_id = _call.user_id"
                " or s.status = 'in_progress'",
            )
        ],
    ),
    "a completed session counts for one of the two": Bug(
        {"completed, both confirmed and two ledger rows are one and the same"},
        [("wingman.confirm_session_completion", "both_people => true", "both_people => false")],
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    bug = BUGS[name]
    bug.client(monkeypatch)
    plan = Plan(
        seconds=SECONDS,
        calls=CALLS,
        pace=bug.pace,
        habits=Habits(asks_twice=0.08),
        cut=0.0 if bug.pace == QUIET else 0.02,
        people=12,
        recent=4,
        impatience=bug.impatience,
        impatient=bug.impatient,
        settings=bug.settings,
        plant=bug.plant,
    )
    assert_found(
        name,
        bug,
        ATTEMPTS,
        lambda seed: fire(replace(plan, seed=seed), tmp_path / str(seed)).violations,
    )


def test_every_bug_can_be_planted(db: Connection) -> None:
    assert not_plantable(db, BUGS) == {}


def test_the_document_lists_every_bug() -> None:
    assert not_listed(BUGS) == []
