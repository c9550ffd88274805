"""What WingmanMatch does, in plain Python, according to the contract: no SQL, no locks, no indexes.

``World.call`` answers a call as the database must answer it, ``World.operate`` a call of an operator, and
``World.rows`` is what must stand in its tables afterwards. A method named like a function is that function:
a new one is a new method, in the file of its domain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from model_explanations import Explanations
from model_inbox import Inbox
from model_operators import Operators
from model_privacy import Privacy
from model_safety import Safety
from records import Record
from refusals import refuse, require

Rows = dict[str, dict[Any, dict[str, Any]]]
"""The rows of each table, by their keys."""


_WITHOUT_A_PROFILE = (
    "count_unread_notifications",
    "erase_my_account",
    "list_matches",
    "list_no_show_reports",
    "list_notifications",
    "list_sessions",
)


@dataclass(frozen=True)
class Caller:
    """Who calls: a signed-in user, or the service."""

    user_id: UUID | None = None

    @property
    def is_service(self) -> bool:
        return self.user_id is None


class World(Inbox, Explanations, Safety, Privacy, Operators):
    """The whole business."""

    def call(
        self,
        function: str,
        caller: Caller,
        *,
        now: datetime,
        new_ids: Iterator[UUID],
        user_id: UUID | None = None,
        **arguments: Any,
    ) -> Any:
        """Call a function. ``now`` and ``new_ids`` are chance: when it began, and the ids of what it makes.

        Raises:
            Refusal: nothing has changed.
        """
        self.now, self.new_ids = now, new_ids
        me = self._identify(caller, user_id)
        if me not in self.profiles and function != "complete_profile":
            if caller.is_service:
                refuse("user_not_found")
            if function not in _WITHOUT_A_PROFILE:
                refuse("profile_incomplete")
        return getattr(self, function)(me, **arguments)

    def operate(self, function: str, *, now: datetime, **arguments: Any) -> Any:
        """Call a function of operators.

        Raises:
            Refusal: nothing has changed.
        """
        self.now = now
        # users and operators have functions of the same name
        return getattr(self, f"operators_{function}", getattr(self, function))(**arguments)

    def _identify(self, caller: Caller, user_id: UUID | None) -> UUID:
        if caller.user_id is None:
            require(user_id=user_id)
            assert user_id is not None
            return user_id
        if user_id not in (None, caller.user_id):
            refuse("acting_for_another")
        return caller.user_id

    # What happens besides calls.

    def set_acceptance(self, acceptance: str) -> None:
        self.acceptance = acceptance

    def set_notifications_per_day(self, most: int) -> None:
        self.notifications_per_day = most

    def sign_up(self, user_id: UUID) -> None:
        self.accounts.add(user_id)

    def grow_older(self, by: timedelta) -> None:
        """Let time pass: the clock cannot be moved, so everything is made older."""
        for records in self._tables().values():
            for record in records.values():
                record.grow_older(by)
        for event in self.untold:
            event.grow_older(by)
        # their keys hold times
        reminders, self.reminders = self.reminders, {}
        for reminder in reminders.values():
            self._plan(reminder)

    def remove_location(self, user_id: UUID, *, now: datetime) -> None:
        self.now = now
        self._leave_pending_match(user_id)
        del self.locations[user_id], self.seekers[user_id]

    def delete_account(self, user_id: UUID, *, now: datetime) -> None:
        self.now = now
        self.accounts.discard(user_id)
        self._erase(user_id)

    def rows(self) -> Rows:
        return {
            table: {key: record.row() for key, record in records.items()}
            for table, records in self._tables().items()
        }

    def _tables(self) -> dict[str, dict[Any, Record]]:
        return {
            "user_profiles": {**self.profiles},
            "user_locations": {**self.locations},
            "matchmaking_pool": {**self.seekers},
            "wingman_matches": {**self.matches},
            "match_searches": {**self.searches},
            "wingman_sessions": {**self.sessions},
            "reputation_events": {
                (event.session_id, event.user_id, event.kind, event.created_at): event
                for event in self.ledger
            },
            "earned_achievements": {**self.earned},
            "operator_decisions": {
                (decision.subject_id, decision.kind, decision.created_at): decision
                for decision in self.decisions
            },
            "user_blocks": {**self.blocks},
            "user_reports": {report.created_at: report for report in self.reports},
            "no_show_reports": {**self.no_show_reports},
            "suspensions": {**self.suspensions},
            "rate_limits": {**self.report_limits},
            "reminders": {**self.reminders},
            "wingman_notifications": {**self.notifications},
        }
