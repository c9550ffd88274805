# Generated from the database's catalog by `make regenerate`: change the SQL instead.
"""The answers of the functions. Times carry their offset from UTC.

A client may be older than its database: attributes and values that a newer one adds do no harm.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from ._answers import OPEN, Answer, Response

__all__ = [
    "Achievement",
    "AchievementMetric",
    "Acknowledgement",
    "AutomaticMatch",
    "BadgeColor",
    "BuddyProfile",
    "DataExport",
    "ExperienceLevel",
    "Leaderboard",
    "LeaderboardPeriod",
    "LeaderboardPerson",
    "LeaderboardVisibility",
    "MatchAnswer",
    "MatchDetails",
    "MatchEvent",
    "MatchEventKind",
    "MatchExplanation",
    "MatchResponse",
    "MatchRule",
    "MatchStatus",
    "MatchingRule",
    "NextMatch",
    "NoMatchExplanation",
    "NoShowAnswer",
    "NoShowReason",
    "NoShowReport",
    "NoShowStatus",
    "Notification",
    "NotificationChannel",
    "NotificationCount",
    "NotificationKind",
    "NotificationSettings",
    "PeopleCount",
    "PrivacyMode",
    "ProfileDetails",
    "RemovalRule",
    "Reputation",
    "SessionConfirmation",
    "SessionDetails",
    "SessionStatus",
    "TextLanguage",
]

AchievementMetric: TypeAlias = Annotated[
    Literal["completed_sessions", "different_buddies", "weeks_in_a_row", "sessions_with_beginners"], OPEN
]

BadgeColor: TypeAlias = Annotated[Literal["gold", "green", "red"], OPEN]

ExperienceLevel: TypeAlias = Annotated[Literal["beginner", "intermediate", "advanced"], OPEN]

LeaderboardPeriod: TypeAlias = Annotated[Literal["all_time", "month", "week"], OPEN]

LeaderboardVisibility: TypeAlias = Annotated[Literal["off", "nameless", "named"], OPEN]

MatchAnswer: TypeAlias = Annotated[Literal["accept", "decline"], OPEN]

MatchEventKind: TypeAlias = Annotated[
    Literal[
        "match_offered",
        "match_accepted",
        "match_first_accepted",
        "match_declined",
        "match_expired",
        "match_ended",
        "session_scheduled",
        "session_moved",
        "session_agreed",
        "session_started",
        "session_confirmed",
        "session_completed",
        "session_cancelled",
        "session_no_show",
        "session_reverted",
        "no_show_reported",
        "no_show_admitted",
        "no_show_contested",
        "no_show_withdrawn",
        "no_show_upheld",
        "no_show_dismissed",
    ],
    OPEN,
]

MatchStatus: TypeAlias = Annotated[Literal["pending", "accepted", "declined", "expired"], OPEN]

MatchingRule: TypeAlias = Annotated[
    Literal["distance", "level", "exposure", "met_recently", "partners", "blocked", "available"], OPEN
]

NoShowAnswer: TypeAlias = Annotated[Literal["admit", "contest"], OPEN]

NoShowReason: TypeAlias = Annotated[Literal["did_not_come", "came_too_late", "left_early"], OPEN]

NoShowStatus: TypeAlias = Annotated[
    Literal["open", "admitted", "contested", "withdrawn", "upheld", "dismissed", "lapsed"], OPEN
]

NotificationChannel: TypeAlias = Annotated[Literal["email", "web_push"], OPEN]

NotificationKind: TypeAlias = Annotated[
    Literal[
        "match_offered",
        "match_first_accepted",
        "match_accepted",
        "match_declined",
        "match_ended",
        "session_scheduled",
        "session_moved",
        "session_agreed",
        "session_started",
        "session_confirmed",
        "session_completed",
        "session_cancelled",
        "session_no_show",
        "session_reverted",
        "no_show_reported",
        "no_show_admitted",
        "no_show_contested",
        "no_show_withdrawn",
        "no_show_dismissed",
        "matching_paused",
        "user_suspended",
        "suspension_lifted",
        "achievement_earned",
        "match_expiring",
        "session_reminder",
        "agreement_reminder",
        "confirmation_reminder",
        "more_activity",
    ],
    OPEN,
]

PrivacyMode: TypeAlias = Annotated[Literal["precise", "city_only"], OPEN]

RemovalRule: TypeAlias = Annotated[
    Literal["unavailable", "too_far_for_them", "level", "met_recently", "partners"], OPEN
]

SessionStatus: TypeAlias = Annotated[
    Literal["scheduled", "in_progress", "completed", "cancelled", "no_show"], OPEN
]

TextLanguage: TypeAlias = Annotated[Literal["en", "de"], OPEN]


class Achievement(Response):
    """Something that people can earn by completing sessions, and how far somebody has come."""

    name: str
    """What it is called; it never changes."""
    title: str
    """What people read."""
    description: str
    """What one has to do for it."""
    metric: AchievementMetric
    """One of completed_sessions, different_buddies, weeks_in_a_row or sessions_with_beginners. What it
    counts: completed sessions; people with whom one completed a session; the longest run of weeks, Monday
    to Sunday in UTC, with a completed session in each; completed sessions with a beginner while more
    experienced, by the levels when the two were matched.
    """
    threshold: int
    """It is earned when the metric has reached this number."""
    progress: int | None
    """The current number of the caller, which can be greater than threshold; null for a partner."""
    earned_at: datetime | None
    """When the caller earned it: the time of the completion that reached the threshold; null while it is
    in progress, and for a partner, all of whose achievements in the list are earned.
    """


class Acknowledgement(Answer):
    """The answer of a call that has nothing else to report."""

    success: bool
    """Always true: a refusal is an error."""
    message: str
    """What was done, for people."""


class BuddyProfile(Response):
    """What a call reveals about a buddy."""

    id: UUID
    """The buddy's user id."""
    first_name: str
    """First name."""
    experience_level: ExperienceLevel
    """One of beginner, intermediate or advanced."""
    confidence_archetype: str | None
    """Style of courage, a free text such as Analyzer or Sprinter."""
    reputation_score: int
    """Reputation now, -5 to 20."""


class DataExport(Response):
    """What WingmanMatch holds about a person."""

    exported_at: datetime
    """When it was read, all of it at once."""
    data: dict[str, Any]
    """An object with an array for each table of which people have rows; the objects in it are the rows,
    by the names of their columns. docs/privacy.md lists them.
    """


class LeaderboardPerson(Response):
    """A row of the leaderboard."""

    rank: int
    """1 plus how many people have a greater count: people with the same count have the same rank."""
    first_name: str | None
    """The current first name; null for people who want to be shown without it, and where one of the two
    has blocked the other.
    """
    count: int
    """With how many buddies the person has completed a session, each counted once a week."""
    is_me: bool
    """Whether this is the caller."""


class MatchEvent(Response):
    """Something that happened to a match or to one of its sessions."""

    occurred_at: datetime
    """When it happened."""
    event: MatchEventKind
    """One of match_offered, match_accepted, match_first_accepted, match_declined, match_expired,
    match_ended, session_scheduled, session_moved, session_agreed, session_started, session_confirmed,
    session_completed, session_cancelled, session_no_show, session_reverted, no_show_reported,
    no_show_admitted, no_show_contested, no_show_withdrawn, no_show_upheld or no_show_dismissed.
    """
    session_id: UUID | None
    """The session, if it happened to one."""
    by_me: bool | None
    """True if the caller did it, false if the buddy did, null if neither did."""


class MatchRule(Response):
    """One rule of matching and its outcome for a match."""

    rule: MatchingRule
    """One of distance, level, exposure, met_recently, partners, blocked or available."""
    passed: bool
    """Whether the two people met the rule when the match was made."""
    detail: str
    """The rule and its numbers, as a sentence for people."""


class PeopleCount(Response):
    """How many people a rule of matching removed."""

    rule: RemovalRule
    """One of unavailable, too_far_for_them, level, met_recently or partners. People who are busy, paused
    or otherwise out of reach count as unavailable.
    """
    people: int
    """How many, rounded up to a multiple of three."""


class NoShowReport(Answer):
    """A report that somebody did not come to a session, as one of its two people sees it."""

    id: UUID
    """The report; newer ones sort later."""
    session_id: UUID
    """The session."""
    reported_by_me: bool
    """True if the caller reported the buddy, false if the buddy reported the caller."""
    reason: NoShowReason
    """One of did_not_come, came_too_late or left_early."""
    note: str | None
    """What the caller wrote to the operators when reporting."""
    status: NoShowStatus
    """One of open, admitted, contested, withdrawn, upheld, dismissed or lapsed. A report that nobody has
    decided by decide_by has lapsed.
    """
    statement: str | None
    """What the caller wrote to the operators when answering."""
    created_at: datetime
    """When it was reported."""
    answer_by: datetime
    """Until then nothing is decided without an answer; a later one counts until it is decided."""
    decide_by: datetime
    """When it lapses, if nobody decides it before."""
    answered_at: datetime | None
    """When it was admitted or contested."""
    closed_at: datetime | None
    """When it was admitted, withdrawn, upheld or dismissed."""


class Notification(Response):
    """A notification in the caller's inbox."""

    id: UUID
    """The id: newer ones are greater."""
    kind: NotificationKind
    """What it tells: one of match_offered, match_first_accepted, match_accepted, match_declined,
    match_ended, session_scheduled, session_moved, session_agreed, session_started, session_confirmed,
    session_completed, session_cancelled, session_no_show, session_reverted, no_show_reported,
    no_show_admitted, no_show_contested, no_show_withdrawn, no_show_dismissed, matching_paused,
    user_suspended, suspension_lifted, achievement_earned, match_expiring, session_reminder,
    agreement_reminder, confirmation_reminder or more_activity.
    """
    message: str
    """A sentence for the user to read."""
    match_id: UUID | None
    """The match that it is about; null if it is about the caller alone."""
    session_id: UUID | None
    """The session that it is about, if it is about one."""
    buddy_user_id: UUID | None
    """The buddy, while the two are matched."""
    buddy_first_name: str | None
    """The buddy's current first name, while the two are matched."""
    created_at: datetime
    """When it was written."""
    useful_until: datetime | None
    """Until when it is useful; null for always."""
    read_at: datetime | None
    """When the caller marked it as read; null until then."""


class NotificationCount(Answer):
    """How many notifications are unread."""

    unread: int
    """How many notifications are unread and still useful."""


class NotificationSettings(Answer):
    """Which notifications the caller gets through one channel outside the app, and when."""

    channel: NotificationChannel
    """One of email or web_push."""
    kinds: list[NotificationKind] | None
    """The kinds of notifications that are sent, each one of match_offered, match_first_accepted,
    match_accepted, match_declined, match_ended, session_scheduled, session_moved, session_agreed,
    session_started, session_confirmed, session_completed, session_cancelled, session_no_show,
    session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn,
    no_show_dismissed, matching_paused, user_suspended, suspension_lifted, achievement_earned,
    match_expiring, session_reminder, agreement_reminder, confirmation_reminder or more_activity; null for
    all, empty for none.
    """
    language: TextLanguage
    """The language of the texts: one of en or de."""
    quiet_from: str | None
    """When the quiet hours begin, such as 22:00; null for no quiet hours."""
    quiet_until: str | None
    """When they end."""
    time_zone: str
    """The time zone of the quiet hours, and of the times in texts."""
    address: str | None
    """The e-mail address; null for web push, and if there is none."""
    is_reachable: bool
    """Whether there is a confirmed address, or at least one push subscription."""


class ProfileDetails(Answer):
    """A user's own profile with location and settings."""

    user_id: UUID
    """The user."""
    first_name: str
    """First name."""
    bio: str | None
    """A few words about the person."""
    photo_url: str | None
    """An https URL."""
    experience_level: ExperienceLevel
    """One of beginner, intermediate or advanced."""
    confidence_archetype: str | None
    """Style of courage, a free text such as Analyzer or Sprinter."""
    completed_sessions: int
    """Sessions that both people confirmed."""
    no_shows: int
    """Sessions missed."""
    reputation_score: int
    """Completed_sessions - no_shows, held between -5 and 20."""
    lat: float | None
    """Latitude in degrees; null if an operator has removed the location."""
    lng: float | None
    """Longitude in degrees."""
    city: str | None
    """Name of the city."""
    privacy_mode: PrivacyMode | None
    """One of precise or city_only."""
    max_travel_miles: int | None
    """The furthest buddy this person will meet, in miles."""
    matching_paused: bool
    """Whether this person is left out of matching for now."""
    created_at: datetime
    """When the profile was first completed."""
    updated_at: datetime
    """When the profile or the location last changed."""
    cooldown_until: datetime | None
    """Until when this person cannot search after a no-show."""
    suspended: bool
    """Whether operators have suspended this person."""
    suspended_until: datetime | None
    """Until when, if the suspension ends by itself."""


class Reputation(Response):
    """How reliable a person is."""

    user_id: UUID
    """Whose reputation."""
    score: int
    """Completed_sessions - no_shows, held between -5 and 20."""
    completed_sessions: int
    """Sessions that both people confirmed."""
    no_shows: int
    """Sessions missed."""
    badge_color: BadgeColor
    """One of gold, green or red. Gold from a score of 10 on, green from 0 on, red below."""


class SessionConfirmation(Answer):
    """The answer of confirm_session_completion."""

    success: bool
    """Always true: a refusal is an error."""
    message: str
    """What happened, for a person to read."""
    session_status: SessionStatus
    """Status of the session after the call: one of scheduled, in_progress, completed, cancelled or
    no_show.
    """
    both_confirmed: bool
    """Whether both people have confirmed."""
    reputation_updated: bool
    """Whether this call raised both reputations."""
    user_reputation_delta: int
    """What the caller gained by this call: 1 or 0 completed sessions."""


class SessionDetails(Answer):
    """A session as one of its two people sees it."""

    id: UUID
    """The session."""
    match_id: UUID
    """The match that it belongs to."""
    buddy_user_id: UUID
    """The other person."""
    venue_name: str
    """Where they meet."""
    scheduled_time: datetime
    """When they meet."""
    notes: str | None
    """Anything else worth knowing."""
    status: SessionStatus
    """One of scheduled, in_progress, completed, cancelled or no_show."""
    i_confirmed_buddy: bool
    """Whether the caller confirmed the buddy's completion."""
    buddy_confirmed_me: bool
    """Whether the buddy confirmed the caller's completion."""
    both_confirmed: bool
    """Whether both people have confirmed."""
    completed_at: datetime | None
    """When the second confirmation came."""
    created_at: datetime
    """When it was scheduled."""
    proposed_by_me: bool
    """Whether the caller proposed its present time and venue, to which the buddy may agree."""
    proposed_at: datetime
    """When they were proposed; agree_to_session takes it."""
    agreed_at: datetime | None
    """When the other one of the two agreed to them."""
    cancelled_at: datetime | None
    """When it was cancelled."""
    no_show_reported: bool
    """Whether one of the two has reported a no-show: list_no_show_reports tells the rest."""


class AutomaticMatch(Answer):
    """The answer of create_automatic_match."""

    success: bool
    """Whether the caller now has a pending match; false if nobody compatible was found."""
    message: str
    """What happened, for a person to read."""
    match_id: UUID | None
    """The pending match."""
    buddy_user_id: UUID | None
    """The other person."""
    buddy_profile: BuddyProfile | None
    """What the caller can see of that person."""
    distance_miles: int | None
    """Whole miles between the two when the match was made, rounded up, at least 1."""


class MatchDetails(Answer):
    """A match as one of its two people sees it."""

    id: UUID
    """The match."""
    status: MatchStatus
    """One of pending, accepted, declined or expired, as of now."""
    buddy_user_id: UUID
    """The other person."""
    buddy_profile: BuddyProfile | None
    """The other person's profile, while the two are partners."""
    distance_miles: int
    """Whole miles between the two when the match was made, rounded up, at least 1."""
    responded_by_me: bool
    """Whether it was the caller who accepted or declined."""
    responded_at: datetime | None
    """When the match was answered."""
    expires_at: datetime
    """When a pending match expires; until then it can be answered."""
    ended_at: datetime | None
    """When an accepted match was ended."""
    created_at: datetime
    """When the match was made."""
    needs_both: bool
    """Whether it takes an accept of each of the two; otherwise one accept is enough."""
    accepted_by_me: bool
    """Whether the caller has accepted."""
    accepted_by_buddy: bool
    """Whether the buddy has accepted."""


class NextMatch(Response):
    """The next match, found after a decline."""

    match_id: UUID
    """The new pending match."""
    buddy_user_id: UUID
    """The other person."""
    buddy_profile: BuddyProfile
    """What the caller can see of that person."""


class Leaderboard(Response):
    """A page of the leaderboard, and where the caller stands."""

    period: LeaderboardPeriod
    """One of all_time, month or week. Weeks and months are in UTC."""
    starting: date | None
    """The first day of the week or month; null for all_time."""
    total: int
    """How many people are on this board; 0 for a city where fewer are than
    settings.leaderboard_city_minimum.
    """
    my_rank: int | None
    """The caller's rank on this board; null for a caller who is not on it."""
    my_count: int
    """The caller's count in this period, on the board or not."""
    my_visibility: LeaderboardVisibility
    """How the caller is shown: one of off, nameless or named."""
    people: list[LeaderboardPerson]
    """The page: the greatest count first; of the same count, whoever opted in first comes first."""
    next_after: str | None
    """Pass it as after to get the next page of the same board; null if nobody comes after."""


class MatchExplanation(Response):
    """Why two people were matched, as it was when the match was made."""

    match_id: UUID
    """The match."""
    created_at: datetime
    """When it was made."""
    searched_by_me: bool | None
    """True if the caller searched and found the buddy, false the other way round."""
    distance_miles: int
    """Whole miles between the two, rounded up, at least 1."""
    level_difference: int | None
    """How many experience levels the two were apart."""
    rules: list[MatchRule]
    """Every rule with its outcome; empty for a match that no search made."""
    came_first_because: str | None
    """Why this person came first, as a sentence for people."""


class NoMatchExplanation(Response):
    """Why a search finds nobody, in numbers too coarse to identify anybody."""

    radius_miles: int
    """The radius searched, in miles."""
    people_near: int
    """How many people are within it, rounded up to a multiple of three; only the nearest 1000 are
    counted.
    """
    removed: list[PeopleCount]
    """How many of them each rule removed."""
    suggestions: list[str]
    """What would help, as sentences for people; empty if nothing would."""


class MatchResponse(Answer):
    """The answer of respond_to_match."""

    success: bool
    """Always true: a refusal is an error."""
    message: str
    """What happened, for a person to read."""
    match_status: MatchStatus
    """Status of the match after the call: one of pending, accepted, declined or expired."""
    next_match: NextMatch | None
    """After a decline, the caller's next match, if somebody was found."""
