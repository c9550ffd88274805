"""What operators decide about sessions and people, for nobody and in nobody's name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from harness import OPERATOR
from model_matches import Matches
from model_no_shows import NoShows
from model_state import Answer
from records import Decision, Suspension
from refusals import refuse, require, require_that, utc_text

MARKED = "No-show recorded: the reputation of the absent user was updated."
COMPLETION_REVERTED = "Completion reverted: neither reputation counts this session any more."
NO_SHOW_REVERTED = "No-show reverted: it does not count any more."
CANCELLED = "Session cancelled: the two people can arrange another one."
UPHELD = "No-show upheld: the reputation of who was absent was updated."
DISMISSED = "Report dismissed: no reputation changes."
SUSPENDED = "User suspended: open matches and coming sessions have ended."
LIFTED = "Suspension lifted: the user can search and be found again."
ENDED = "Match ended: its active session, if it had one, is cancelled."


class Operators(NoShows, Matches):
    def operators_cancel_session(self, session_id: UUID, reason: str) -> Answer:
        require(session_id=session_id, reason=reason)
        self._check_reason(reason)
        session = self.sessions.get(session_id)
        if session is None:
            refuse("session_not_found")
        if not session.is_active:
            refuse("invalid_session_state", verb="cancelled", status=session.status)

        self._cancel(session, by=None, reason=None)
        self._decide("session_cancelled", session.id, reason)
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

        self._happens("session_no_show", session=session, by=None)
        self._decide("session_no_show", session.id, reason, absent_user_id=str(absent_user_id))
        self._close_no_show_reports(session, {absent_user_id})
        self._record_no_show(session, {absent_user_id})
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

        session.reverted_at = session.updated_at = self.now
        self._happens("session_reverted", session=session, by=None)
        self._decide("session_reverted", session.id, reason)
        given = [event for event in self.ledger if event.session_id == session_id]
        completed = status == "completed"
        kind = "completion_reverted" if completed else "no_show_reverted"
        self._count(session, kind, [event.user_id for event in given])
        if not completed:
            self._renew_cooldowns(self.matches[session.match_id].people)
        return {"success": True, "message": COMPLETION_REVERTED if completed else NO_SHOW_REVERTED}

    def decide_no_show(
        self, session_id: UUID, outcome: str, absent_user_ids: list[UUID] | None, reason: str
    ) -> Answer:
        require(session_id=session_id, outcome=outcome, reason=reason)
        require_that(outcome in ("uphold", "dismiss"), "outcome", "must be uphold or dismiss")
        uphold, absent = outcome == "uphold", {*(absent_user_ids or [])}
        require_that(bool(absent) or not uphold, "absent_user_ids", "must name who was absent")
        require_that(not absent or uphold, "absent_user_ids", "must be empty or null where nobody was absent")
        self._check_reason(reason)
        session = self.sessions.get(session_id)
        if session is None:
            refuse("session_not_found")
        if not absent <= {*self.matches[session.match_id].people}:
            refuse("not_session_participant")

        made = self._no_show_reports_of(session)
        if not made:
            refuse("no_show_not_found")
        undecided = [report for report in made if report.is_undecided_at(self.now)]
        if not undecided:
            refuse("no_show_already_decided", status=made[-1].status_at(self.now))
        awaited = [r.answer_by for r in undecided if r.status == "open" and r.answer_by > self.now]
        if awaited:
            refuse("no_show_answer_pending", time=utc_text(max(awaited)))
        require_that(
            not uphold or any(report.accused_id in absent for report in undecided),
            "absent_user_ids",
            "must name somebody who is reported",
        )

        self._happens("session_no_show" if uphold else "no_show_dismissed", session=session, by=None)
        if uphold:
            self._decide(
                "no_show_upheld", session_id, reason, absent_user_ids=[str(who) for who in sorted(absent)]
            )
        else:
            self._decide("no_show_dismissed", session_id, reason)
        self._close_no_show_reports(session, absent)
        if uphold:
            self._record_no_show(session, absent)
        return {"success": True, "message": UPHELD if uphold else DISMISSED}

    def suspend_user(self, user_id: UUID, until: datetime | None, reason: str) -> Answer:
        require(user_id=user_id, reason=reason)
        self._check_reason(reason)
        require_that(
            until is None or until > self.now, "until", "must be in the future, or null for without end"
        )
        if user_id not in self.profiles and not any(event.user_id == user_id for event in self.ledger):
            refuse("user_not_found")

        self._happens("user_suspended", by=user_id)
        self._decide("user_suspended", user_id, reason)
        self._leave_pending_match(user_id)
        for match in self._matches_of(user_id):
            if match.status == "accepted" and match.ended_at is None:
                session = self._active_session(match)
                # whose time has come, the two may still confirm
                self._end(
                    match, by=user_id, with_its_session=bool(session and session.scheduled_time > self.now)
                )
        goes_on = self._suspension_of(user_id)
        since = goes_on.created_at if goes_on else self.now
        self.suspensions[user_id] = Suspension(user_id=user_id, ends_at=until, created_at=since)
        self._mark_suspended(user_id, forever=until is None, until=until)
        return {"success": True, "message": SUSPENDED}

    def lift_suspension(self, user_id: UUID, reason: str) -> Answer:
        require(user_id=user_id, reason=reason)
        self._check_reason(reason)
        if self._suspension_of(user_id) is None:
            refuse("user_not_suspended")

        self._happens("suspension_lifted", by=user_id)
        self._decide("suspension_lifted", user_id, reason)
        del self.suspensions[user_id]
        self._mark_suspended(user_id, forever=False, until=None)
        return {"success": True, "message": LIFTED}

    def _mark_suspended(self, user_id: UUID, *, forever: bool, until: datetime | None) -> None:
        seeker = self.seekers.get(user_id)
        if seeker:
            seeker.suspended, seeker.suspended_until = forever, until

    def _check_reason(self, reason: str) -> None:
        require_that(bool(reason.strip()) and len(reason) <= 500, "reason", "must be 1 to 500 characters")

    def _decide(self, kind: str, subject_id: UUID, reason: str, **details: Any) -> None:
        self.decisions.append(
            Decision(
                subject_id=subject_id,
                kind=kind,
                details=details,
                reason=reason,
                decided_by=OPERATOR,
                created_at=self.now,
            )
        )
