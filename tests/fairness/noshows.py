"""Missed meetings, and what is done about them."""

from typing import Any
from uuid import UUID

from harness import Caller, Connection, Rpc
from rows import Pair, make_session, update_session

DECIDED = ("admitted", "withdrawn", "upheld", "dismissed")
UPHELD = {"success": True, "message": "No-show upheld: the reputation of who was absent was updated."}
DISMISSED = {"success": True, "message": "Report dismissed: no reputation changes."}


def missed(db: Connection, pair: Pair, *, by: str = "user2", starts: str = "-1 hour", **more: Any) -> UUID:
    """A session some time ago, to which one of the two had committed by proposing it; by: or ``both``."""
    session_id = make_session(db, pair.match_id, starts=starts, **more)
    if by == "both":
        committed = "proposed_by = user1_id, agreed_by = user2_id, agreed_at = now()"
        update_session(db, session_id, committed)
    else:
        update_session(db, session_id, f"proposed_by = {by}_id")
    return session_id


def report(
    rpc: Rpc, user_id: UUID, session_id: UUID | None, reason: str | None = "did_not_come", **more: Any
):
    return rpc.as_user(user_id).call("report_no_show", session_id=session_id, reason=reason, **more)


def answer(rpc: Rpc, user_id: UUID, session_id: UUID | None, action: str | None, **more: Any) -> Any:
    return rpc.as_user(user_id).call("answer_no_show", session_id=session_id, action=action, **more)


def withdraw(rpc: Rpc, user_id: UUID, session_id: UUID | None) -> Any:
    return rpc.as_user(user_id).call("withdraw_no_show", session_id=session_id)


def listed(rpc: Rpc, user_id: UUID, **more: Any) -> list[dict[str, Any]]:
    return rpc.as_user(user_id).call("list_no_show_reports", **more)


def decide(operator: Caller, session_id: UUID, *absent: UUID, reason: str = "Seen") -> Any:
    """Uphold it about these people, or dismiss it if there are none."""
    return operator.call(
        "wingman_admin.decide_no_show",
        session_id=session_id,
        outcome="uphold" if absent else "dismiss",
        absent_user_ids=[*absent] or None,
        reason=reason,
    )


def mark(operator: Caller, session_id: UUID, absent: UUID) -> Any:
    told = {"absent_user_id": absent, "reason": "Was not there"}
    return operator.call("wingman_admin.mark_no_show", session_id=session_id, **told)


def revert(operator: Caller, session_id: UUID) -> Any:
    return operator.call("wingman_admin.revert_completion", session_id=session_id, reason="They were ill")


def suspend(operator: Caller, user_id: UUID, until: Any = None) -> Any:
    told = {"until": until, "reason": "Rude"}
    return operator.call("wingman_admin.suspend_user", user_id=user_id, **told)


def lift(operator: Caller, user_id: UUID) -> Any:
    return operator.call("wingman_admin.lift_suspension", user_id=user_id, reason="They are sorry")


def reports(db: Connection) -> list[dict[str, Any]]:
    """Every report there is, oldest first."""
    return db.execute("select * from wingman.no_show_reports order by id").fetchall()


def statuses(db: Connection) -> list[str]:
    return [row["status"] for row in reports(db)]


def let_pass(db: Connection, interval: str) -> None:
    """Let every report have been made earlier, which no rule allows."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute(
            """update wingman.no_show_reports set
                   created_at = created_at - %(i)s::interval,
                   answer_by = answer_by - %(i)s::interval,
                   decide_by = decide_by - %(i)s::interval""",
            {"i": interval},
        )


def report_in_state(db: Connection, rpc: Rpc, pair: Pair, state: str) -> UUID:
    """A session about which user1 has a report in a state; also ``none``, ``unanswered`` or ``lapsed``."""
    session_id = missed(db, pair)
    if state == "none":
        return session_id
    report(rpc, pair.user1, session_id)
    match state:
        case "unanswered":
            let_pass(db, "48 hours")
        case "lapsed":
            let_pass(db, "14 days")
        case "contested" | "upheld" | "dismissed":
            answer(rpc, pair.user2, session_id, "contest")
            if state != "contested":
                decide(rpc.as_admin(), session_id, *([pair.user2] if state == "upheld" else []))
        case "admitted":
            answer(rpc, pair.user2, session_id, "admit")
        case "withdrawn":
            withdraw(rpc, pair.user1, session_id)
    return session_id
