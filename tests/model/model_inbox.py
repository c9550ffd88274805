"""The inbox: what people are told, of what, and when."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from choices import UNKNOWN
from model_achievements import Achievements
from model_state import Answer
from records import Event, Match, Notification, Reminder
from refusals import require

DAY = timedelta(hours=24)
MATCH_EXPIRING_BEFORE = timedelta(hours=12)
SESSION_REMINDERS_BEFORE = (timedelta(hours=24), timedelta(hours=1))
AGREEMENT_REMINDER_BEFORE = timedelta(hours=12)
CONFIRMATION_REMINDER_AFTER = timedelta(hours=12)

SOMEBODY = "your buddy"
"""How messages name those who are no longer partners."""


class Inbox(Achievements):
    def run_readers(self, *, now: datetime, new_ids: Mapping[Any, Iterator[UUID]]) -> None:
        """Tell what has happened, and remind of what is due. ``new_ids``: by ``Notification.place``."""
        self.now, self.told_ids = now, new_ids
        events, self.untold = self.untold, []
        for event in events:
            self._plan_reminders(event)
        for event in events:
            self._tell_event(event)
        due = {key: reminder for key, reminder in self.reminders.items() if reminder.due_at <= now}
        for key in due:
            del self.reminders[key]
        latest: dict[Any, Reminder] = {}
        for reminder in sorted(due.values(), key=lambda reminder: reminder.due_at):
            latest[reminder.kind, reminder.session_id or reminder.match_id, reminder.about] = reminder
        for reminder in latest.values():
            self._remind(reminder)
        self._evaluate()

    def list_notifications(
        self, me: UUID, before: UUID | None = None, page_size: int = 20, unread_only: bool | None = False
    ) -> list[Answer]:
        self._check_page(page_size)
        require(unread_only=unread_only)
        ids = [told.id for told in self._inbox_of(me) if not (unread_only and told.read_at)]
        return [self._notification(me, told_id) for told_id in self._page(me, ids, before, page_size)]

    def count_unread_notifications(self, me: UUID) -> Answer:
        useful = [
            told
            for told in self._inbox_of(me)
            if told.read_at is None and (told.useful_until is None or told.useful_until > self.now)
        ]
        return {"unread": len(useful)}

    def mark_notifications_read(self, me: UUID, up_to: UUID | None) -> Answer:
        require(up_to=up_to)
        assert up_to
        for told in self._inbox_of(me):
            if told.id <= up_to and told.read_at is None:
                told.read_at = self.now
        return self.count_unread_notifications(me)

    def _inbox_of(self, user_id: UUID) -> list[Notification]:
        return [told for told in self.notifications.values() if told.user_id == user_id]

    def _notification(self, me: UUID, told_id: UUID) -> Answer:
        told = self.notifications[told_id]
        match = self.matches.get(told.match_id) if told.match_id else None
        buddy_id = match.buddy_of(me) if match else None
        buddy = self.profiles[buddy_id] if buddy_id and buddy_id in self._partners_of(me) else None
        message = self.messages[told.kind].replace("{buddy}", buddy.first_name if buddy else SOMEBODY)
        return {
            "id": told.id,
            "kind": told.kind,
            "message": message[0].upper() + message[1:],
            "match_id": told.match_id,
            "session_id": told.session_id,
            "buddy_user_id": buddy.id if buddy else None,
            "buddy_first_name": buddy.first_name if buddy else None,
            "created_at": told.created_at,
            "useful_until": told.useful_until,
            "read_at": told.read_at,
        }

    def _plan_reminders(self, event: Event) -> None:
        """What would have been due before it was arranged is not planned."""
        if event.about is None or event.match_id is None:
            return
        if event.session_id:
            plan = [
                *(("session_reminder", event.about - before) for before in SESSION_REMINDERS_BEFORE),
                ("agreement_reminder", event.about - AGREEMENT_REMINDER_BEFORE),
                ("confirmation_reminder", event.about + CONFIRMATION_REMINDER_AFTER),
            ]
        else:
            plan = [("match_expiring", event.about - MATCH_EXPIRING_BEFORE)]
        for kind, due_at in plan:
            if due_at > event.occurred_at:
                reminder = Reminder(
                    due_at=due_at,
                    kind=kind,
                    match_id=event.match_id,
                    session_id=event.session_id,
                    about=event.about,
                )
                self._plan(reminder)

    def _tell_event(self, event: Event) -> None:
        if event.match_id is None:
            assert event.user_id
            if self._was_there(event.user_id, event):
                self._tell(event.user_id, event.kind, useful_until=event.about)
            return
        match = self.matches[event.match_id]
        for user_id in match.people:
            by_buddy = event.user_id == match.buddy_of(user_id)
            if event.user_id == user_id or not self._was_there(user_id, event):
                continue
            if by_buddy and self._is_silenced(match, event):
                continue
            if not by_buddy or self._told_of_the_day(user_id, match) < self.notifications_per_day:
                self._tell(
                    user_id,
                    event.kind,
                    match_id=event.match_id,
                    session_id=event.session_id,
                    useful_until=match.expires_at if event.kind == "match_first_accepted" else event.about,
                    is_limited=by_buddy,
                )
            elif not self._is_summed_up(user_id, match):
                self._tell(user_id, "more_activity", match_id=event.match_id)

    def _was_there(self, user_id: UUID, event: Event) -> bool:
        """Whoever has come back since is somebody new."""
        profile = self.profiles.get(user_id)
        return profile is not None and profile.created_at <= event.occurred_at

    def _is_silenced(self, match: Match, event: Event) -> bool:
        """What the block itself did is told all the same."""
        one, other = match.people
        blocks = [self.blocks[pair] for pair in ((one, other), (other, one)) if pair in self.blocks]
        return any(block.created_at != event.occurred_at for block in blocks)

    def _recently_told(self, user_id: UUID, match: Match) -> list[Notification]:
        return [
            told
            for told in self._inbox_of(user_id)
            if told.match_id
            and self.matches[told.match_id].people == match.people
            and told.created_at > self.now - DAY
        ]

    def _told_of_the_day(self, user_id: UUID, match: Match) -> int:
        return sum(told.is_limited for told in self._recently_told(user_id, match))

    def _is_summed_up(self, user_id: UUID, match: Match) -> bool:
        return any(told.kind == "more_activity" for told in self._recently_told(user_id, match))

    def _remind(self, reminder: Reminder) -> None:
        """Of what is still true, as long as there is a point in it."""
        match = self.matches[reminder.match_id]
        session = self.sessions[reminder.session_id] if reminder.session_id else None
        useful_until = None if reminder.kind == "confirmation_reminder" else reminder.about
        if useful_until and useful_until <= self.now:
            return
        if session is None:
            if (match.status, match.expires_at) != ("pending", reminder.about):
                return
            people = [user_id for user_id in match.people if user_id != match.first_accepted_by]
        elif not session.is_active or session.scheduled_time != reminder.about:
            return
        elif reminder.kind == "session_reminder":
            people = [user_id for user_id in match.people if session.is_committed(user_id)]
        elif reminder.kind == "agreement_reminder":
            people = [user_id for user_id in match.people if not session.is_committed(user_id)]
        elif session.no_show_reported:
            return
        else:
            people = [user_id for user_id in match.people if not session.is_confirmed_by(user_id)]
        for user_id in people:
            again = (user_id, reminder.kind, reminder.session_id or reminder.match_id, reminder.due_at)
            reminded = {
                (told.user_id, told.kind, told.session_id or told.match_id, told.due_at)
                for told in self._inbox_of(user_id)
            }
            if user_id in self.profiles and again not in reminded:
                self._tell(
                    user_id,
                    reminder.kind,
                    match_id=reminder.match_id,
                    session_id=reminder.session_id,
                    due_at=reminder.due_at,
                    useful_until=useful_until,
                )

    def _tell(self, user_id: UUID, kind: str, **facts: Any) -> None:
        told = Notification(id=UNKNOWN, user_id=user_id, kind=kind, created_at=self.now, **facts)
        told.id = next(self.told_ids.get(told.place, iter([])), UNKNOWN)
        self.notifications[told.id] = told
