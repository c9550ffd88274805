"""What the functions answer. Values are as the database gives them; times carry their offset from UTC.

Attributes that a newer database adds are ignored, so that a client need not be as new as its database.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PrivateAttr

from ._rpc import Receipt


class _Response(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)


class _Answer(_Response):
    """What a function answers that writes, and perhaps one that reads."""

    _receipt: Receipt = PrivateAttr(default_factory=Receipt)

    def model_post_init(self, context: Any, /) -> None:
        """Take the receipt, which the client gives as the context of the validation."""
        if isinstance(context, Receipt):
            self._receipt = context

    @property
    def idempotency_key(self) -> str | None:
        """The key that the call was made with; null where it had none, as with one that only reads."""
        return self._receipt.idempotency_key

    @property
    def replayed(self) -> bool:
        """Whether this is the answer of an earlier call with the same key, given once more."""
        return self._receipt.replayed


class BuddyProfile(_Response):
    """What a call tells about a buddy."""

    id: UUID
    """The buddy's user id."""
    first_name: str
    """First name."""
    experience_level: str
    """``beginner``, ``intermediate`` or ``advanced``."""
    confidence_archetype: str | None
    """Style of courage."""
    reputation_score: int
    """Reputation now."""


class AutomaticMatch(_Answer):
    """The answer of ``create_automatic_match``."""

    success: bool
    """Whether there is a match; false where nobody compatible was found."""
    message: str
    """What happened, for people."""
    match_id: UUID | None
    """The match."""
    buddy_user_id: UUID | None
    """The other person."""
    buddy_profile: BuddyProfile | None
    """The other person's profile."""
    distance_miles: int | None
    """Whole miles between the two, rounded up, at least 1."""


class NextMatch(_Response):
    """The match that a decline brought."""

    match_id: UUID
    """The match."""
    buddy_user_id: UUID
    """The other person."""
    buddy_profile: BuddyProfile
    """The other person's profile."""


class MatchResponse(_Answer):
    """The answer of ``respond_to_match``."""

    success: bool
    """Always true: a refusal is an error."""
    message: str
    """What happened, for people."""
    match_status: str
    """``accepted`` or ``declined``."""
    next_match: NextMatch | None
    """After a decline: the caller's next match, where somebody was found."""


class SessionConfirmation(_Answer):
    """The answer of ``confirm_session_completion``."""

    success: bool
    """Always true: a refusal is an error."""
    message: str
    """What happened, for people."""
    session_status: str
    """Status of the session after the call."""
    both_confirmed: bool
    """Whether both people have confirmed each other."""
    reputation_updated: bool
    """Whether this call raised both reputations."""
    user_reputation_delta: int
    """By how much the caller's reputation changed."""


class ProfileDetails(_Answer):
    """A user's own profile with location and settings."""

    user_id: UUID
    """The user."""
    first_name: str
    """First name."""
    bio: str | None
    """A few words about the person."""
    photo_url: str | None
    """An https URL."""
    experience_level: str
    """``beginner``, ``intermediate`` or ``advanced``."""
    confidence_archetype: str | None
    """Style of courage."""
    completed_sessions: int
    """Sessions that both people confirmed."""
    no_shows: int
    """Sessions missed."""
    reputation_score: int
    """Reputation now."""
    lat: float | None
    """Latitude in degrees; null, as the three below, where an operator removed the location."""
    lng: float | None
    """Longitude in degrees."""
    city: str | None
    """Name of the city."""
    privacy_mode: str | None
    """``precise`` or ``city_only``."""
    max_travel_miles: int | None
    """The furthest buddy that the person will meet, in miles."""
    matching_paused: bool
    """Whether the person is left out of matching for now."""
    created_at: datetime
    """When the profile was first completed."""
    updated_at: datetime
    """When the profile or the location last changed."""


class MatchDetails(_Answer):
    """A match as one of its two people sees it."""

    id: UUID
    """The match."""
    status: str
    """``pending``, ``accepted``, ``declined`` or ``expired``, as of now."""
    buddy_user_id: UUID
    """The other person."""
    buddy_profile: BuddyProfile | None
    """The other person's profile, while the two are partners."""
    distance_miles: int
    """Whole miles between the two when the match was made, rounded up, at least 1."""
    responded_by_me: bool
    """Whether the caller was the one who answered."""
    responded_at: datetime | None
    """When the match was answered."""
    expires_at: datetime
    """Until when a pending match can be answered; at this instant it is expired."""
    ended_at: datetime | None
    """When an accepted match was ended."""
    created_at: datetime
    """When the match was made."""


class MatchEvent(_Response):
    """Something that happened to a match or to one of its sessions."""

    occurred_at: datetime
    """When."""
    event: str
    """``match_offered``, ``match_accepted``, ``match_declined``, ``match_expired`` or ``match_ended``; of a
    session ``session_scheduled``, ``session_moved``, ``session_started``, ``session_confirmed``,
    ``session_completed``, ``session_cancelled``, ``session_no_show`` or ``session_reverted``."""
    session_id: UUID | None
    """The session."""
    by_me: bool | None
    """Whether the caller did it, or the buddy; null where neither did."""


class Acknowledgement(_Answer):
    """The answer of a call that has nothing else to tell."""

    success: bool
    """Always true: a refusal is an error."""
    message: str
    """What was done, for people."""


class MatchRule(_Response):
    """One rule of matching, and how a match came out of it."""

    rule: str
    """``available``, ``distance``, ``level``, ``exposure``, ``met_recently``, ``partners`` or ``blocked``."""
    passed: bool
    """Whether the two people met the rule when the match was made."""
    detail: str
    """The same with its numbers, for people."""


class MatchExplanation(_Response):
    """Why two people were matched, as it was when the match was made."""

    match_id: UUID
    """The match."""
    created_at: datetime
    """When it was made."""
    searched_by_me: bool | None
    """Whether the caller searched and the buddy was found, or the other way round."""
    distance_miles: int
    """Whole miles between the two, rounded up, at least 1."""
    level_difference: int | None
    """Experience levels between the two."""
    rules: list[MatchRule]
    """Every rule with its outcome; empty for a match that no search made."""
    came_first_because: str | None
    """Why this person and nobody else, for people."""


class PeopleCount(_Response):
    """How many people a rule of matching removed."""

    rule: str
    """``unavailable``, ``too_far_for_them``, ``level``, ``met_recently`` or ``partners``."""
    people: int
    """How many, rounded up so that no single person shows."""


class NoMatchExplanation(_Response):
    """Why a search finds nobody, in numbers too coarse to point at anybody."""

    radius_miles: int
    """The radius looked at, in miles."""
    people_near: int
    """How many people are within it, rounded up; of very many only the nearest are counted."""
    removed: list[PeopleCount]
    """How many of them each rule removed."""
    suggestions: list[str]
    """What would help, for people; empty when nothing would."""


class SessionDetails(_Answer):
    """A session as one of its two people sees it."""

    id: UUID
    """The session."""
    match_id: UUID
    """The match it belongs to."""
    buddy_user_id: UUID
    """The other person."""
    venue_name: str
    """Where to meet."""
    scheduled_time: datetime
    """When to meet."""
    notes: str | None
    """Anything else worth knowing."""
    status: str
    """``scheduled``, ``in_progress``, ``completed``, ``cancelled`` or ``no_show``."""
    i_confirmed_buddy: bool
    """Whether the caller has confirmed the buddy."""
    buddy_confirmed_me: bool
    """Whether the buddy has confirmed the caller."""
    both_confirmed: bool
    """Whether both have."""
    completed_at: datetime | None
    """When the second confirmation came."""
    created_at: datetime
    """When the session was made."""


class Reputation(_Response):
    """How reliable somebody is."""

    user_id: UUID
    """The person."""
    score: int
    """Completed sessions less missed ones, within fixed bounds."""
    completed_sessions: int
    """Sessions that both people confirmed."""
    no_shows: int
    """Sessions missed."""
    badge_color: str
    """``gold``, ``green`` or ``red``."""
