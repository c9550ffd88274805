"""Matches: who is offered to whom, and the outcome."""

from datetime import datetime, timedelta
from uuid import UUID

from matching_rules import Pair, obstacle
from model_sessions import Sessions
from model_state import Answer
from records import Match, Search, Seeker
from refusals import refuse, require, require_that, utc_text
from search import LEVELS, miles_between, shown_miles

MATCH_LIFETIME = timedelta(hours=48)
REMATCH_AFTER = timedelta(days=7)
SETTLE_LIMIT = 2
EXPOSURE_LIMIT = 3
"""As set for these tests: few enough to be met."""
EXPOSURE_WINDOW = timedelta(hours=24)
GHOSTING_LIMIT = 3

PENDING_ALREADY = "You already have a pending wingman match"
CREATED = "Wingman buddy match created successfully!"
ACCEPTED_FIRST = "Accepted. Waiting for your buddy's answer."
ACCEPTED = "Match accepted! You can now schedule a session with your wingman buddy."
PAUSED = "Matching paused. Nobody will be matched with you until you resume it."
RESUMED = "Matching resumed."
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
        self._require_not_suspended(me)
        seeker = self.seekers[me]
        if seeker.is_cooling_down_at(self.now):
            assert seeker.cooldown_until
            refuse("matching_cooldown", until=utc_text(seeker.cooldown_until))
        if seeker.paused and not seeker.paused_automatically:
            refuse("matching_paused")

        if pending:
            self._expire(pending)
        if seeker.paused_automatically:
            self._resume(seeker)
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
        if status == "pending" and answer == "accepted" and match.needs_both:
            if match.first_accepted_by in (None, me):
                self._accept_first(match, by=me)
                return {
                    "success": True,
                    "message": ACCEPTED_FIRST,
                    "match_status": "pending",
                    "next_match": None,
                }
        elif status != answer:
            self._require_not_suspended(me)
        if status == "expired":
            refuse("match_expired")
        if status not in ("pending", answer):
            refuse("match_already_resolved", status=status)

        if status == "pending":
            self._answer(match, answer, by=me)
            seeker = self.seekers[me]
            if answer == "declined" and not seeker.paused and not seeker.is_cooling_down_at(self.now):
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
            "needs_both": match.needs_both,
            "accepted_by_me": match.is_accepted_by(me),
            "accepted_by_buddy": match.is_accepted_by(buddy_id),
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

    def pause_matching(self, me: UUID) -> Answer:
        seeker = self._own_seeker(me)
        seeker.paused, seeker.paused_automatically = True, False
        return {"success": True, "message": PAUSED}

    def resume_matching(self, me: UUID) -> Answer:
        self._resume(self._own_seeker(me))
        return {"success": True, "message": RESUMED}

    def _own_seeker(self, me: UUID) -> Seeker:
        if me not in self.seekers:
            refuse("profile_incomplete")
        return self.seekers[me]

    def _resume(self, seeker: Seeker) -> None:
        seeker.paused, seeker.paused_automatically, seeker.unanswered_offers = False, False, 0

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
        found = self._nearest(me, radius)
        if found is None:
            return None

        miles, buddy_id = found
        user1, user2 = sorted((me, buddy_id))
        match = Match(
            id=next(self.new_ids),
            user1_id=user1,
            user2_id=user2,
            user1_reputation=self.profiles[user1].reputation_score,
            user2_reputation=self.profiles[user2].reputation_score,
            user1_level=LEVELS.index(self.profiles[user1].experience_level) + 1,
            user2_level=LEVELS.index(self.profiles[user2].experience_level) + 1,
            distance_miles=shown_miles(miles),
            searched_by=me,
            needs_both=self.acceptance == "both",
            expires_at=self.now + MATCH_LIFETIME,
            created_at=self.now,
            updated_at=self.now,
        )
        buddy = self.seekers[buddy_id]
        exposures = self._recent_exposures(buddy)
        self.matches[match.id] = match
        self._happens("match_offered", match.id, by=me, about=match.expires_at)
        self.searches[match.id] = Search(
            match_id=match.id,
            radius_miles=radius,
            candidate_travel_miles=self.locations[buddy_id].max_travel_miles,
            candidate_waiting_since=buddy.waiting_since,
            candidate_exposures=len(exposures),
            exposure_limit=EXPOSURE_LIMIT,
            level_difference=self._levels_between(me, buddy_id),
            rematch_after=REMATCH_AFTER,
        )
        # those that count no more are forgotten when there are many
        kept = exposures if len(buddy.exposures) >= 20 else buddy.exposures
        buddy.exposures = [*kept, self.now]
        for user_id in match.people:
            seeker = self.seekers[user_id]
            seeker.pending_match_id = match.id
            seeker.pending_buddy_id = match.buddy_of(user_id)
            seeker.pending_until = match.expires_at
        return match

    def _nearest(self, me: UUID, radius: int) -> tuple[float, UUID] | None:
        """The person whom a search finds, and the miles to them."""
        found = min(
            (
                (miles_between(self.locations[me], self.locations[other]), seeker.waiting_since, other)
                for other, seeker in self.seekers.items()
                if other != me and self._obstacle(me, other, radius) is None
            ),
            default=None,
        )
        return (found[0], found[2]) if found else None

    def _obstacle(self, me: UUID, other: UUID, radius: int) -> str | None:
        """The first rule that keeps somebody from being offered to me."""
        seeker, there = self.seekers[other], self.locations[other]
        matches = [match for match in self._matches_of(me) if other in match.people]
        return obstacle(
            Pair(
                paused=seeker.paused,
                has_pending_match=seeker.pending_match_id is not None,
                suspended=seeker.is_suspended_at(self.now),
                miles=miles_between(self.locations[me], there),
                radius=radius,
                travel=there.max_travel_miles,
                levels_apart=self._levels_between(me, other),
                level_tolerance=1,
                exposures=len(self._recent_exposures(seeker)),
                exposure_limit=EXPOSURE_LIMIT,
                are_blocked=self._is_blocked(me, other),
                are_partners=any(match.status == "accepted" and match.ended_at is None for match in matches),
                met_recently=any(match.created_at > self.now - REMATCH_AFTER for match in matches),
            )
        )

    def _recent_exposures(self, seeker: Seeker) -> list[datetime]:
        return [moment for moment in seeker.exposures if moment > self.now - EXPOSURE_WINDOW]

    def _levels_between(self, one: UUID, other: UUID) -> int:
        first, second = (LEVELS.index(self.profiles[user_id].experience_level) for user_id in (one, other))
        return abs(first - second)

    def _answer(self, match: Match, status: str, *, by: UUID) -> None:
        self._happens(f"match_{status}", match.id, by=by)
        match.status = status
        match.responded_by = by
        match.responded_at = match.updated_at = self.now
        for user_id in match.people:
            self._free(user_id, waits_anew=status == "accepted" or user_id == by)
        self.seekers[by].unanswered_offers = 0

    def _accept_first(self, match: Match, *, by: UUID) -> None:
        """Again, it changes nothing."""
        if match.first_accepted_by is None:
            self._happens("match_first_accepted", match.id, by=by)
            match.first_accepted_by = by
            match.first_accepted_at = match.updated_at = self.now
            self.seekers[by].unanswered_offers = 0

    def _expire(self, match: Match) -> None:
        match.status = "expired"
        match.updated_at = self.now
        for user_id in match.people:
            has_accepted = user_id == match.first_accepted_by
            self._free(user_id, waits_anew=not has_accepted)
            seeker = self.seekers[user_id]
            seeker.unanswered_offers = 0 if has_accepted else seeker.unanswered_offers + 1
            if seeker.unanswered_offers >= GHOSTING_LIMIT and not seeker.paused:
                seeker.paused = seeker.paused_automatically = True
                self._happens("matching_paused", by=user_id)

    def _free(self, user_id: UUID, *, waits_anew: bool) -> None:
        seeker = self.seekers[user_id]
        seeker.pending_match_id = seeker.pending_buddy_id = seeker.pending_until = None
        if waits_anew:
            seeker.waiting_since = self.now

    def _settle_due_matches(self) -> None:
        """Searches settle a few of other people's lapsed matches, those first that lapsed first."""
        due = [m for m in self.matches.values() if m.status == "pending" and m.expires_at <= self.now]
        for match in sorted(due, key=lambda match: match.expires_at)[:SETTLE_LIMIT]:
            self._expire(match)

    def _leave_pending_match(self, user_id: UUID) -> None:
        match = self._pending_match(user_id)
        if match:
            self._part(match, by=user_id)

    def _part(self, match: Match, *, by: UUID) -> None:
        """Close whatever is open of a match."""
        if match.status == "accepted" and match.ended_at is None:
            self._end(match, by=by)
        elif match.status_at(self.now) == "pending":
            self._answer(match, "declined", by=by)
        elif match.status == "pending":
            self._expire(match)

    def _end(self, match: Match, *, by: UUID | None, with_its_session: bool = True) -> None:
        self._happens("match_ended", match.id, by=by)
        match.ended_at = match.updated_at = self.now
        match.ended_by = by
        session = self._active_session(match)
        if session and with_its_session:
            self._cancel(session, by=by, reason=None, with_its_match=True)
