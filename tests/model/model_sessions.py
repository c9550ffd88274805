"""Sessions, from the appointment to the reputation."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from model_state import Answer, State
from records import Match, Profile, ReputationEvent, Session
from refusals import refuse, require, require_that, utc_text

SESSION_START_LEAD = timedelta(minutes=30)
SESSION_HORIZON = timedelta(days=90)
SESSION_SPACING = timedelta(hours=1)

RECORDED = "Completion confirmation recorded. Waiting for your buddy to confirm."
DELTAS = {
    "completed": 1,
    "completion_reverted": -1,
    "no_show": -1,
    "no_show_reverted": 1,
    "departed": 0,
    "returned": 0,
}
"""What each kind of event in the ledger adds to a reputation."""
REVERSALS = {"completed": "completion_reverted", "no_show": "no_show_reverted"}

COMPLETED = "Session completed! Both participants have confirmed completion and reputation was updated."


class Sessions(State):
    def create_session(
        self, me: UUID, match_id: UUID, scheduled_time: datetime, venue_name: str, notes: str | None = None
    ) -> Answer:
        require(match_id=match_id, scheduled_time=scheduled_time, venue_name=venue_name)
        require_that(1 <= len(venue_name) <= 200, "venue_name", "must be 1 to 200 characters")
        require_that(len(notes or "") <= 2000, "notes", "must be at most 2000 characters")
        self._check_schedule(scheduled_time)
        match = self._own_match(me, match_id)
        self._require_not_suspended(me)
        if match.status != "accepted" or match.ended_at:
            refuse("match_not_accepted", status="ended" if match.ended_at else match.status_at(self.now))
        if self._active_session(match):
            refuse("active_session_exists")
        self._refuse_conflict(me, scheduled_time)

        session = Session(
            id=next(self.new_ids),
            match_id=match_id,
            user1_id=match.user1_id,
            user2_id=match.user2_id,
            created_by=me,
            proposed_by=me,
            proposed_at=self.now,
            venue_name=venue_name,
            scheduled_time=scheduled_time,
            notes=notes,
            created_at=self.now,
            updated_at=self.now,
        )
        self.sessions[session.id] = session
        self._happens("session_scheduled", session=session, by=me, about=scheduled_time)
        return self.get_session(me, session.id)

    def agree_to_session(self, me: UUID, session_id: UUID, proposed_at: datetime | None = None) -> Answer:
        require(session_id=session_id)
        session = self._own_session(me, session_id)
        if session.proposed_by == me:
            refuse("self_agreement")
        as_seen = proposed_at in (None, session.proposed_at)
        if session.agreed_at is None or not as_seen:
            self._require_not_suspended(me)
            if not as_seen:
                refuse("proposal_changed", state=self.get_session(me, session_id))
            self._refuse_late_change(session, "agreed to")
            self._refuse_conflict(me, session.scheduled_time, session)
            self._happens("session_agreed", session=session, by=me)
            session.agreed_by = me
            session.agreed_at = session.updated_at = self.now
        return self.get_session(me, session_id)

    def reschedule_session(
        self, me: UUID, session_id: UUID, scheduled_time: datetime, venue_name: str | None = None
    ) -> Answer:
        require(session_id=session_id, scheduled_time=scheduled_time)
        self._check_schedule(scheduled_time)
        require_that(
            venue_name is None or 1 <= len(venue_name) <= 200, "venue_name", "must be 1 to 200 characters"
        )
        session = self._own_session(me, session_id)
        venue_name = venue_name or session.venue_name
        as_it_is = (session.scheduled_time, session.venue_name) == (scheduled_time, venue_name)
        if session.status != "scheduled" or not as_it_is:
            self._require_not_suspended(me)
            if session.status != "scheduled":
                refuse("invalid_session_state", verb="rescheduled", status=session.status)
            self._refuse_late_change(session, "rescheduled")
            self._refuse_conflict(me, scheduled_time, session)
            self._happens("session_moved", session=session, by=me, about=scheduled_time)
            session.scheduled_time, session.venue_name = scheduled_time, venue_name
            session.proposed_by = me
            session.proposed_at = session.updated_at = self.now
            session.agreed_by = session.agreed_at = None
        return self.get_session(me, session_id)

    def start_session(self, me: UUID, session_id: UUID) -> Answer:
        require(session_id=session_id)
        session = self._own_session(me, session_id)
        if session.status == "scheduled":
            start = session.scheduled_time - SESSION_START_LEAD
            if self.now < start:
                refuse("too_early", time=utc_text(start))
            self._happens("session_started", session=session, by=me)
            session.status = "in_progress"
            session.started_by = me
            session.updated_at = self.now
        elif session.status != "in_progress":
            refuse("invalid_session_state", verb="started", status=session.status)
        return self.get_session(me, session_id)

    def cancel_session(self, me: UUID, session_id: UUID, reason: str | None = None) -> Answer:
        require(session_id=session_id)
        require_that(len(reason or "") <= 500, "reason", "must be at most 500 characters")
        session = self._own_session(me, session_id)
        if session.is_active:
            self._cancel(session, by=me, reason=reason)
            self._drop_no_show_report(session, me)
        elif session.status != "cancelled":
            refuse("invalid_session_state", verb="cancelled", status=session.status)
        return self.get_session(me, session_id)

    def confirm_session_completion(
        self, me: UUID, session_id: UUID, buddy_user_id: UUID | None = None
    ) -> Answer:
        require(session_id=session_id)
        session = self._own_session(me, session_id)
        match = self.matches[session.match_id]
        if buddy_user_id == me:
            refuse("self_confirmation")
        if buddy_user_id not in (None, match.buddy_of(me)):
            refuse("buddy_not_in_session")
        details = self.get_session(me, session_id)
        if details["i_confirmed_buddy"]:
            refuse("already_confirmed", state=details)
        if not session.is_active:
            refuse("session_not_confirmable", status=session.status)
        if self.now < session.scheduled_time:
            refuse("session_not_started", time=utc_text(session.scheduled_time))

        if me == match.user1_id:
            session.user2_completed_confirmed_by_user1 = True
        else:
            session.user1_completed_confirmed_by_user2 = True
        session.updated_at = self.now
        both = details["buddy_confirmed_me"]
        self._happens("session_completed" if both else "session_confirmed", session=session, by=me)
        self._drop_no_show_report(session, me)
        if both:
            self._complete(session, match)
        return {
            "success": True,
            "message": COMPLETED if both else RECORDED,
            "session_status": session.status,
            "both_confirmed": both,
            "reputation_updated": both,
            "user_reputation_delta": 1 if both else 0,
        }

    def get_session(self, me: UUID, session_id: UUID) -> Answer:
        require(session_id=session_id)
        session = self._own_session(me, session_id)
        match = self.matches[session.match_id]
        i_did, buddy_did = session.is_confirmed_by(me), session.is_confirmed_by(match.buddy_of(me))
        return {
            "id": session.id,
            "match_id": match.id,
            "buddy_user_id": match.buddy_of(me),
            "venue_name": session.venue_name,
            "scheduled_time": session.scheduled_time,
            "notes": session.notes,
            "status": session.status,
            "i_confirmed_buddy": i_did,
            "buddy_confirmed_me": buddy_did,
            "both_confirmed": i_did and buddy_did,
            "completed_at": session.completed_at,
            "created_at": session.created_at,
            "proposed_by_me": session.proposed_by == me,
            "proposed_at": session.proposed_at,
            "agreed_at": session.agreed_at,
            "cancelled_at": session.cancelled_at,
            "no_show_reported": session.no_show_reported,
        }

    def list_sessions(
        self, me: UUID, status: str | None = None, before: UUID | None = None, page_size: int = 20
    ) -> list[Answer]:
        self._check_page(page_size)
        require_that(
            status in (None, "scheduled", "in_progress", "completed", "cancelled", "no_show"),
            "status",
            "must be scheduled, in_progress, completed, cancelled or no_show",
        )
        ids = [
            session.id
            for session in self.sessions.values()
            if me in self.matches[session.match_id].people and status in (None, session.status)
        ]
        return [self.get_session(me, session_id) for session_id in self._page(me, ids, before, page_size)]

    def _check_schedule(self, moment: datetime) -> None:
        if moment <= self.now:
            refuse("invalid_schedule")
        require_that(
            moment <= self.now + SESSION_HORIZON,
            "scheduled_time",
            f"must be at most {SESSION_HORIZON.days} days ahead",
        )

    def _refuse_conflict(self, me: UUID, moment: datetime, moved: Session | None = None) -> None:
        """Only the own diary counts, and in it only what one has said yes to."""
        near = [
            session
            for session in self.sessions.values()
            if session.is_active
            and session is not moved
            and me in (session.user1_id, session.user2_id)
            and session.is_committed(me)
            and abs(session.scheduled_time - moment) < SESSION_SPACING
        ]
        if near:
            refuse("schedule_conflict", any_time=[utc_text(session.scheduled_time) for session in near])

    def _refuse_late_change(self, session: Session, verb: str) -> None:
        if not session.is_active:
            refuse("invalid_session_state", verb=verb, status=session.status)
        if session.scheduled_time <= self.now:
            refuse("session_time_passed", verb=verb, time=utc_text(session.scheduled_time))

    def _drop_no_show_report(self, session: Session, reporter: UUID) -> None:
        """Who confirms or cancels a session takes back what they have reported about it."""
        for report in self.no_show_reports.values():
            mine = (report.session_id, report.reporter_id) == (session.id, reporter)
            if mine and report.is_undecided_at(self.now):
                report.status, report.closed_at = "withdrawn", self.now

    def _cancel(
        self, session: Session, *, by: UUID | None, reason: str | None, with_its_match: bool = False
    ) -> None:
        if not with_its_match:
            self._happens("session_cancelled", session=session, by=by)
        session.status = "cancelled"
        session.cancelled_by = by
        session.cancellation_reason = reason
        session.cancelled_at = session.updated_at = self.now

    def _complete(self, session: Session, match: Match) -> None:
        session.status = "completed"
        session.completed_at = self.now
        self._count(session, "completed", match.people)

    def _count(self, session: Session, kind: str, people: Iterable[UUID]) -> None:
        """Count it for each of them who is still there, and enter it into the ledger."""
        for user_id in people:
            profile = self.profiles.get(user_id)
            if profile is None:
                continue
            if kind in ("completed", "completion_reverted"):
                profile.completed_sessions += DELTAS[kind]
            else:
                profile.no_shows -= DELTAS[kind]
            profile.updated_at = self.now
            self._enter(profile, kind, session)

    def _begin_from_ledger(self, profile: Profile) -> None:
        """Who comes back begins from the sums; what operators decided meanwhile is counted now."""
        own = [event for event in self.ledger if event.user_id == profile.id]
        of_completions = ("completed", "completion_reverted")
        profile.completed_sessions = sum(event.delta for event in own if event.kind in of_completions)
        profile.no_shows = -sum(event.delta for event in own if event.kind not in of_completions)
        if (profile.completed_sessions, profile.no_shows) != (0, 0):
            self._enter(profile, "returned")
        counted = {event.session_id for event in own if event.kind == "no_show"}
        for decision in self.decisions:
            missed = str(profile.id) in decision.details.get("absent_user_ids", [])
            if missed and decision.subject_id not in counted:
                self._count(self.sessions[decision.subject_id], "no_show", [profile.id])
        own = [event for event in self.ledger if event.user_id == profile.id]
        taken_back = {event.session_id for event in own if event.kind in REVERSALS.values()}
        for event in own:
            if event.kind in REVERSALS and event.session_id not in taken_back:
                assert event.session_id
                session = self.sessions[event.session_id]
                if session.reverted_at:
                    self._count(session, REVERSALS[event.kind], [profile.id])

    def _enter(self, profile: Profile, kind: str, session: Session | None = None) -> None:
        """Write to the ledger what has just been counted."""
        buddy_id = self.matches[session.match_id].buddy_of(profile.id) if session else None
        self.ledger.append(
            ReputationEvent(
                session_id=session.id if session else None,
                user_id=profile.id,
                buddy_id=buddy_id,
                kind=kind,
                delta=DELTAS[kind],
                completed_sessions=profile.completed_sessions,
                no_shows=profile.no_shows,
                created_at=self.now,
            )
        )
