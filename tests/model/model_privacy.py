"""Erasing somebody's data."""

from uuid import UUID

from model_matches import Matches
from model_state import Answer
from records import Session
from refusals import require, require_that

ERASED = "Your data has been erased."


class Privacy(Matches):
    def erase_my_account(self, me: UUID, confirmation: str) -> Answer:
        require(confirmation=confirmation)
        require_that(confirmation == "erase", "confirmation", "must be erase")
        self._erase(me)
        return {"success": True, "message": ERASED}

    def _erase(self, user_id: UUID) -> None:
        """What there is of somebody goes with its texts, except ledger, reports, suspension and blocks."""
        if user_id not in self.profiles:
            return
        for match in self._matches_of(user_id):
            self._part(match, by=user_id)
            session = self._active_session(match)
            if session:
                # a suspension has ended the match and left it
                self._cancel(session, by=user_id, reason=None)
            self.searches.pop(match.id, None)
        for session in self.sessions.values():
            if user_id in self.matches[session.match_id].people:
                self._forget_texts(session, user_id)
        for report in self.no_show_reports.values():
            if report.reporter_id == user_id:
                report.note = None
            if report.accused_id == user_id:
                report.statement = None
        self._enter(self.profiles[user_id], "departed")
        for records in (self.profiles, self.locations, self.seekers, self.report_limits):
            records.pop(user_id, None)
        self.notifications = {i: told for i, told in self.notifications.items() if told.user_id != user_id}
        self.blocks = {pair: block for pair, block in self.blocks.items() if pair[0] != user_id}
        self.earned = {key: award for key, award in self.earned.items() if award.user_id != user_id}

    def _forget_texts(self, session: Session, author: UUID) -> None:
        if session.notes is not None and session.created_by == author:
            session.notes = None
            session.updated_at = self.now
        if session.cancellation_reason is not None and session.cancelled_by == author:
            session.cancellation_reason = None
            session.updated_at = self.now
