"""Matches: who is offered to whom, and what becomes of it."""

from datetime import timedelta
from uuid import UUID

from model_sessions import Sessions
from model_state import Answer
from records import Match
from refusals import refuse, require, require_that
from search import levels_fit, miles_between, shown_miles

MATCH_LIFETIME = timedelta(hours=48)
REMATCH_AFTER = timedelta(days=7)
SETTLE_LIMIT = 2

PENDING_ALREADY = "You already have a pending wingman match"
CREATED = "Wingman buddy match created successfully!"
ACCEPTED = "Match accepted! You can now schedule a session with your wingman buddy."
DECLINED = "Match declined."
DECLINED_AND_NEXT = "Match declined. Here's your next potential wingman buddy!"


class Matches(Sessions):
    def create_automatic_match(self, me: UUID, max_radius_miles: int | None = None) -> Answer:
        if max_radius_miles is not None and not 1 <= max_radius_miles <= 100:
            refuse("invalid_radius")
        if me not in self.locations:
            refuse("profile_incomplete")
        pending = self._pending_match(me)
        if pending and pending.status_at(self.now) == "pending":
            return self._automatic_match(me, pending, PENDING_ALREADY)
        if self.seekers[me].paused:
            refuse("matching_paused")

        if pending:
            self._expire(pending)
        self._settle_due_matches()
        radius = max_radius_miles or self.locations[me].max_travel_miles
        found = self._match_nearest(me, radius)
        if found:
            return self._automatic_match(me, found, CREATED)
        return {
            "success": False,
            "message": f"No compatible wingman buddies found within {radius} miles. "
            "Try expanding your search radius.",
            "match_id": None,
            "buddy_user_id": None,
            "buddy_profile": None,
            "distance_miles": None,
        }

    def respond_to_match(self, me: UUID, match_id: UUID, action: str) -> Answer:
        require(match_id=match_id, action=action)
        if action not in ("accept", "decline"):
            refuse("invalid_action")
        answer = {"accept": "accepted", "decline": "declined"}[action]
        match = self._own_match(me, match_id)
        status = match.status_at(self.now)
        if status == "expired":
            refuse("match_expired")
        if status not in ("pending", answer):
            refuse("match_already_resolved", status=status)

        if status == "pending":
            self._answer(match, answer, by=me)
            if answer == "declined" and me in self.seekers and not self.seekers[me].paused:
                self._settle_due_matches()
                self._match_nearest(me, self.locations[me].max_travel_miles)

        upcoming = self._next_match(me) if answer == "declined" else None
        return {
            "success": True,
            "message": ACCEPTED if answer == "accepted" else DECLINED_AND_NEXT if upcoming else DECLINED,
            "match_status": answer,
            "next_match": upcoming,
        }

    def end_match(self, me: UUID, match_id: UUID) -> Answer:
        require(match_id=match_id)
        match = self._own_match(me, match_id)
        if match.status != "accepted":
            refuse("match_not_accepted", status=match.status_at(self.now))
        if match.ended_at is None:
            self._end(match, by=me)
        return self.get_match(me, match_id)

    def get_match(self, me: UUID, match_id: UUID) -> Answer:
        require(match_id=match_id)
        match = self._own_match(me, match_id)
        buddy_id = match.buddy_of(me)
        return {
            "id": match.id,
            "status": match.status_at(self.now),
            "buddy_user_id": buddy_id,
            "buddy_profile": self._buddy_profile(buddy_id) if buddy_id in self._partners_of(me) else None,
            "distance_miles": match.distance_miles,
            "responded_by_me": match.responded_by == me,
            "responded_at": match.responded_at,
            "expires_at": match.expires_at,
            "ended_at": match.ended_at,
            "created_at": match.created_at,
        }

    def list_matches(
        self, me: UUID, status: str | None = None, before: UUID | None = None, page_size: int = 20
    ) -> list[Answer]:
        self._check_page(page_size)
        require_that(
            status in (None, "pending", "accepted", "declined", "expired"),
            "status",
            "must be pending, accepted, declined or expired",
        )
        ids = [m.id for m in self._matches_of(me) if status in (None, m.status_at(self.now))]
        return [self.get_match(me, match_id) for match_id in self._page(me, ids, before, page_size)]

    def _buddy_profile(self, user_id: UUID) -> Answer:
        profile = self.profiles[user_id]
        return {
            "id": user_id,
            "first_name": profile.first_name,
            "experience_level": profile.experience_level,
            "confidence_archetype": profile.confidence_archetype,
            "reputation_score": profile.reputation_score,
        }

    def _next_match(self, me: UUID) -> Answer | None:
        match = self._pending_match(me)
        if match is None or match.status_at(self.now) == "expired":
            return None
        buddy_id = match.buddy_of(me)
        return {
            "match_id": match.id,
            "buddy_user_id": buddy_id,
            "buddy_profile": self._buddy_profile(buddy_id),
        }

    def _automatic_match(self, me: UUID, match: Match, message: str) -> Answer:
        details = self._next_match(me) or {}
        return {"success": True, "message": message, **details, "distance_miles": match.distance_miles}

    def _pending_match(self, user_id: UUID) -> Match | None:
        """The one pending match, which may have lapsed."""
        seeker = self.seekers.get(user_id)
        return self.matches[seeker.pending_match_id] if seeker and seeker.pending_match_id else None

    def _match_nearest(self, me: UUID, radius: int) -> Match | None:
        found = min(
            (
                (miles_between(self.locations[me], self.locations[other]), seeker.waiting_since, other)
                for other, seeker in self.seekers.items()
                if self._may_meet(me, other, radius)
            ),
            default=None,
        )
        if found is None:
            return None

        miles, _, buddy_id = found
        user1, user2 = sorted((me, buddy_id))
        match = Match(
            id=next(self.new_ids),
            user1_id=user1,
            user2_id=user2,
            user1_reputation=self.profiles[user1].reputation_score,
            user2_reputation=self.profiles[user2].reputation_score,
            distance_miles=shown_miles(miles),
            expires_at=self.now + MATCH_LIFETIME,
            created_at=self.now,
            updated_at=self.now,
        )
        self.matches[match.id] = match
        for user_id in match.people:
            self.seekers[user_id].pending_match_id = match.id
        return match

    def _may_meet(self, me: UUID, other: UUID, radius: int) -> bool:
        here, there = self.locations[me], self.locations[other]
        return (
            other != me
            and not self.seekers[other].paused
            and self.seekers[other].pending_match_id is None
            and levels_fit(self.profiles[me].experience_level, self.profiles[other].experience_level)
            and miles_between(here, there) <= min(radius, there.max_travel_miles)
            and not any(self._keeps_apart(match) for match in self._matches_of(me) if other in match.people)
        )

    def _keeps_apart(self, match: Match) -> bool:
        recent = match.created_at > self.now - REMATCH_AFTER
        return recent or (match.status == "accepted" and match.ended_at is None)

    def _answer(self, match: Match, status: str, *, by: UUID) -> None:
        match.status = status
        match.responded_by = by
        match.responded_at = match.updated_at = self.now
        for user_id in match.people:
            self._free(user_id, waits_anew=status == "accepted" or user_id == by)

    def _expire(self, match: Match) -> None:
        match.status = "expired"
        match.updated_at = self.now
        for user_id in match.people:
            self._free(user_id, waits_anew=True)

    def _free(self, user_id: UUID, *, waits_anew: bool) -> None:
        self.seekers[user_id].pending_match_id = None
        if waits_anew:
            self.seekers[user_id].waiting_since = self.now

    def _settle_due_matches(self) -> None:
        """Searches settle a few of other people's lapsed matches, those first that lapsed first."""
        due = [m for m in self.matches.values() if m.status == "pending" and m.expires_at <= self.now]
        for match in sorted(due, key=lambda match: match.expires_at)[:SETTLE_LIMIT]:
            self._expire(match)

    def _leave_pending_match(self, user_id: UUID) -> None:
        match = self._pending_match(user_id)
        if match is None:
            return
        if match.status_at(self.now) == "expired":
            self._expire(match)
        else:
            self._answer(match, "declined", by=user_id)

    def _end(self, match: Match, *, by: UUID) -> None:
        match.ended_at = match.updated_at = self.now
        session = self._active_session(match)
        if session:
            self._cancel(session, by=by, reason=None)
