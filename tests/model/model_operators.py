"""What operators decide about sessions, for nobody and in nobody's name."""

from uuid import UUID

from harness import OPERATOR
from model_sessions import Sessions
from model_state import Answer
from records import Decision, Session
from refusals import refuse, require, require_that, utc_text

MARKED = "No-show recorded: the reputation of the absent user was updated."
COMPLETION_REVERTED = "Completion reverted: neither reputation counts this session any more."
NO_SHOW_REVERTED = "No-show reverted: it does not count any more."
CANCELLED = "Session cancelled: the two people can arrange another one."
ENDED = "Match ended: its active session, if it had one, is cancelled."


class Operators(Sessions):
    def operators_cancel_session(self, session_id: UUID, reason: str) -> Answer:
        require(session_id=session_id, reason=reason)
        self._check_reason(reason)
        session = self.sessions.get(session_id)
        if session is None:
            refuse("session_not_found")
        if not session.is_active:
            refuse("invalid_session_state", verb="cancelled", status=session.status)

        self._cancel(session, by=None, reason=None)
        self._decide(session, "cancelled", reason)
        return {"success": True, "message": CANCELLED}

    def operators_end_match(self, match_id: UUID, reason: str) -> Answer:
        require(match_id=match_id, reason=reason)
        self._check_reason(reason)
        match = self.matches.get(match_id)
        if match is None:
            refuse("match_not_found")
        if match.status != "accepted" or match.ended_at:
            refuse("match_not_accepted", status="ended" if match.ended_at else match.status_at(self.now))

        self._end(match, by=None)
        return {"success": True, "message": ENDED}

    def mark_no_show(self, session_id: UUID, absent_user_id: UUID, reason: str) -> Answer:
        require(session_id=session_id, absent_user_id=absent_user_id, reason=reason)
        self._check_reason(reason)
        session = self._own_session(absent_user_id, session_id)
        if not session.is_active:
            refuse("invalid_session_state", verb="marked as a no-show", status=session.status)
        if self.now < session.scheduled_time:
            refuse("session_not_started", time=utc_text(session.scheduled_time))

        session.status = "no_show"
        self._decide(session, "no_show", reason)
        self._count(session, "no_show", [absent_user_id])
        return {"success": True, "message": MARKED}

    def revert_completion(self, session_id: UUID, reason: str) -> Answer:
        require(session_id=session_id, reason=reason)
        self._check_reason(reason)
        session = self.sessions.get(session_id)
        if session is None:
            refuse("session_not_found")
        status = "reverted" if session.reverted_at else session.status
        if status not in ("completed", "no_show"):
            refuse("invalid_session_state", verb="reverted", status=status)

        session.reverted_at = self.now
        self._decide(session, "reverted", reason)
        given = [event for event in self.ledger if event.session_id == session_id]
        completed = status == "completed"
        kind = "completion_reverted" if completed else "no_show_reverted"
        self._count(session, kind, [event.user_id for event in given])
        return {"success": True, "message": COMPLETION_REVERTED if completed else NO_SHOW_REVERTED}

    def _check_reason(self, reason: str) -> None:
        require_that(bool(reason.strip()) and len(reason) <= 500, "reason", "must be 1 to 500 characters")

    def _decide(self, session: Session, decision: str, reason: str) -> None:
        session.updated_at = self.now
        self.decisions[session.id, decision] = Decision(
            session_id=session.id,
            decision=decision,
            reason=reason,
            decided_by=OPERATOR,
            created_at=self.now,
        )
