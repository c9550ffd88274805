"""Profiles and reputation."""

from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from model_no_shows import NoShows
from model_state import Answer
from records import Location, Profile, Seeker
from refusals import refuse, require, require_that
from search import LEVELS

Row = TypeVar("Row", Profile, Location)


def _unless_changed(old: Row | None, new: Row) -> Row:
    """The same row again is not written."""
    return old if old is not None and replace(new, updated_at=old.updated_at) == old else new


class Profiles(NoShows):
    def complete_profile(
        self,
        me: UUID,
        first_name: str,
        experience_level: str,
        lat: float,
        lng: float,
        city: str | None = None,
        bio: str | None = None,
        photo_url: str | None = None,
        confidence_archetype: str | None = None,
        max_travel_miles: int = 25,
        privacy_mode: str = "precise",
    ) -> Answer:
        require(first_name=first_name, experience_level=experience_level, lat=lat, lng=lng)
        require(max_travel_miles=max_travel_miles, privacy_mode=privacy_mode)
        require_that(1 <= len(first_name) <= 80, "first_name", "must be 1 to 80 characters")
        require_that(
            experience_level in LEVELS, "experience_level", "must be beginner, intermediate or advanced"
        )
        require_that(len(bio or "") <= 400, "bio", "must be at most 400 characters")
        require_that(
            photo_url is None or (photo_url.startswith("https://") and len(photo_url) <= 500),
            "photo_url",
            "must be an https URL of at most 500 characters",
        )
        require_that(-90 <= lat <= 90, "lat", "must be between -90 and 90 degrees")
        require_that(-180 <= lng <= 180, "lng", "must be between -180 and 180 degrees")
        require_that(len(city or "") <= 100, "city", "must be at most 100 characters")
        require_that(privacy_mode in ("precise", "city_only"), "privacy_mode", "must be precise or city_only")
        require_that(
            privacy_mode == "precise" or bool(city), "city", "is required for privacy_mode city_only"
        )
        require_that(1 <= max_travel_miles <= 100, "max_travel_miles", "must be between 1 and 100")
        if me not in self.accounts:
            refuse("user_not_found")

        old_profile, old_location = self.profiles.get(me), self.locations.get(me)
        profile = Profile(
            id=me,
            first_name=first_name,
            experience_level=experience_level,
            bio=bio,
            photo_url=photo_url,
            confidence_archetype=confidence_archetype,
            completed_sessions=old_profile.completed_sessions if old_profile else 0,
            no_shows=old_profile.no_shows if old_profile else 0,
            created_at=old_profile.created_at if old_profile else self.now,
            updated_at=self.now,
        )
        location = Location(
            user_id=me,
            lat=lat,
            lng=lng,
            city=city,
            privacy_mode=privacy_mode,
            max_travel_miles=max_travel_miles,
            created_at=old_location.created_at if old_location else self.now,
            updated_at=self.now,
        )
        self.profiles[me] = _unless_changed(old_profile, profile)
        if old_profile is None:
            self._begin_from_ledger(profile)
        self.locations[me] = _unless_changed(old_location, location)
        if me not in self.seekers:
            self._enter_the_pool(me)
        return self.get_profile(me)

    def get_profile(self, me: UUID) -> Answer:
        profile, location, seeker = self.profiles[me], self.locations.get(me), self.seekers.get(me)
        is_cooling_down = seeker is not None and seeker.is_cooling_down_at(self.now)
        is_suspended = seeker is not None and seeker.is_suspended_at(self.now)
        return {
            "user_id": me,
            "first_name": profile.first_name,
            "bio": profile.bio,
            "photo_url": profile.photo_url,
            "experience_level": profile.experience_level,
            "confidence_archetype": profile.confidence_archetype,
            "completed_sessions": profile.completed_sessions,
            "no_shows": profile.no_shows,
            "reputation_score": profile.reputation_score,
            "lat": location.lat if location else None,
            "lng": location.lng if location else None,
            "city": location.city if location else None,
            "privacy_mode": location.privacy_mode if location else None,
            "max_travel_miles": location.max_travel_miles if location else None,
            "matching_paused": bool(seeker and seeker.paused),
            "created_at": profile.created_at,
            "updated_at": max(profile.updated_at, location.updated_at) if location else profile.updated_at,
            "cooldown_until": seeker.cooldown_until if seeker and is_cooling_down else None,
            "suspended": is_suspended,
            "suspended_until": seeker.suspended_until if seeker and is_suspended else None,
        }

    def _enter_the_pool(self, user_id: UUID) -> None:
        suspension = self.suspensions.get(user_id)
        self.seekers[user_id] = Seeker(
            user_id=user_id,
            waiting_since=self.now,
            cooldown_until=self._cooldown_until(user_id),
            suspended=suspension is not None and suspension.ends_at is None,
            suspended_until=suspension.ends_at if suspension else None,
        )

    def get_reputation(self, me: UUID, subject_id: UUID | None = None) -> Answer:
        subject = self.profiles.get(subject_id or me)
        if subject is None:
            refuse("user_not_found")
        if subject.id != me and subject.id not in self._partners_of(me):
            refuse("reputation_not_visible")
        score = subject.reputation_score
        return {
            "user_id": subject.id,
            "score": score,
            "completed_sessions": subject.completed_sessions,
            "no_shows": subject.no_shows,
            "badge_color": "gold" if score >= 10 else "green" if score >= 0 else "red",
        }
