"""Keeping people away from each other, and telling the operators."""

from uuid import UUID

from model_matches import Matches
from model_state import Answer
from records import Block, Report
from refusals import refuse, require, require_that

BLOCKED = "User blocked. You will not be matched with each other."
UNBLOCKED = "User unblocked."
REPORTED = "Report received. To keep this user away from you as well, block them."


class Safety(Matches):
    def block_user(self, me: UUID, subject_id: UUID) -> Answer:
        self._check_subject(me, subject_id)
        for match in sorted(self._matches_of(me), key=lambda match: match.id):
            if subject_id in match.people:
                self._part(match, by=me)
        block = Block(blocker_id=me, blocked_id=subject_id, created_at=self.now)
        self.blocks.setdefault((me, subject_id), block)
        return {"success": True, "message": BLOCKED}

    def unblock_user(self, me: UUID, subject_id: UUID) -> Answer:
        if (me, subject_id) not in self.blocks:
            self._check_subject(me, subject_id)
        self.blocks.pop((me, subject_id), None)
        return {"success": True, "message": UNBLOCKED}

    def report_user(self, me: UUID, subject_id: UUID, reason: str) -> Answer:
        require(subject_id=subject_id, reason=reason)
        require_that(bool(reason.strip()) and len(reason) <= 2000, "reason", "must be 1 to 2000 characters")
        self._check_subject(me, subject_id)
        self._take_a_report(me)
        self.reports.append(Report(reporter_id=me, subject_id=subject_id, reason=reason, created_at=self.now))
        return {"success": True, "message": REPORTED}

    def _check_subject(self, me: UUID, subject_id: UUID) -> None:
        require(subject_id=subject_id)
        require_that(subject_id != me, "subject_id", "must be somebody else")
        if subject_id not in self.profiles:
            refuse("user_not_found")
