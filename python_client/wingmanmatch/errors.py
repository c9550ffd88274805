# Generated from the database's catalog by `make regenerate`: change the SQL instead.
"""What can go wrong: an exception for each name in the catalogue, and four more."""

from collections.abc import Mapping
from typing import Final

from ._errors import (
    ConnectionLost,
    InvalidInput,
    LimitError,
    PassingError,
    PermissionDenied,
    StatementTimeout,
    WingmanError,
)

__all__ = [
    "AccountSuspended",
    "ActingForAnother",
    "ActiveSessionExists",
    "AlreadyConfirmed",
    "BuddyNotCommitted",
    "BuddyNotInSession",
    "Busy",
    "ConnectionLost",
    "DeliveryNotDead",
    "DeliveryNotFound",
    "IdempotencyKeyInvalid",
    "IdempotencyKeyReused",
    "InvalidAction",
    "InvalidArgument",
    "InvalidInput",
    "InvalidRadius",
    "InvalidSchedule",
    "InvalidSessionState",
    "MatchAlreadyResolved",
    "MatchExpired",
    "MatchNotAccepted",
    "MatchNotFound",
    "MatchingCooldown",
    "MatchingPaused",
    "MissingArgument",
    "NoShowAlreadyAnswered",
    "NoShowAlreadyDecided",
    "NoShowAnswerPending",
    "NoShowNotFound",
    "NoShowTooEarly",
    "NoShowWindowClosed",
    "NotAuthenticated",
    "NotMatchParticipant",
    "NotSessionParticipant",
    "PermissionDenied",
    "ProfileIncomplete",
    "ProposalChanged",
    "RateLimited",
    "ReadOnlyTransaction",
    "ReportAlreadyDecided",
    "ReportNotFound",
    "ReportNotTaken",
    "ReputationNotVisible",
    "ScheduleConflict",
    "SelfAgreement",
    "SelfConfirmation",
    "SessionNotConfirmable",
    "SessionNotFound",
    "SessionNotStarted",
    "SessionTimePassed",
    "StatementTimeout",
    "TooEarly",
    "TooManyWebhooks",
    "UnsupportedIsolation",
    "UserNotFound",
    "UserNotSuspended",
    "WebhookNotDisabled",
    "WebhookNotFound",
    "WingmanError",
]


class NotAuthenticated(WingmanError):
    """Authentication required.

    Sign in and send the access token.
    """

    status = 401


class ActingForAnother(WingmanError):
    """Not authorized to act for another user.

    Leave user_id out or name yourself.
    """

    status = 403


class UserNotFound(WingmanError):
    """User not found.

    Check the id; a user is known once it has a profile.
    """

    status = 404


class MissingArgument(WingmanError):
    """<argument> is required.

    Send the argument with a value that is not null.

    ``context`` has ``argument``.
    """

    status = 400


class InvalidArgument(WingmanError):
    """<argument> <rule>.

    Correct the argument and call again.

    ``context`` has ``argument``, ``rule``.
    """

    status = 400


class InvalidAction(WingmanError):
    """Invalid action: must be 'accept' or 'decline'.

    Send action as accept or decline.
    """

    status = 400


class InvalidRadius(WingmanError):
    """Radius must be between 1 and 100 miles.

    Send whole miles, or leave the radius out.
    """

    status = 400


class InvalidSchedule(WingmanError):
    """Scheduled_time must be in the future.

    Choose a later time.
    """

    status = 400


class MatchingPaused(WingmanError):
    """Matching is paused - resume it first.

    Resume matching, then search again.
    """

    status = 409


class ProfileIncomplete(WingmanError):
    """Profile and location are required before matching.

    Call complete_profile first.
    """

    status = 400


class MatchNotFound(WingmanError):
    """Match not found.

    Check the id against list_matches.
    """

    status = 404


class MatchExpired(WingmanError):
    """Match has expired.

    Call create_automatic_match for a new one.
    """

    status = 404


class NotMatchParticipant(WingmanError):
    """Not authorized - user is not a participant in this match.

    Only the two people of a match may use it.
    """

    status = 403


class MatchAlreadyResolved(WingmanError):
    """Match is already <status> - cannot respond.

    The first answer stands.

    ``context`` has ``status``.
    """

    status = 400


class MatchNotAccepted(WingmanError):
    """Match status must be 'accepted' (current: <status>).

    Sessions need an accepted match that has not ended.

    ``context`` has ``status``.
    """

    status = 400


class SessionNotFound(WingmanError):
    """Session not found.

    Check the id against list_sessions.
    """

    status = 404


class NotSessionParticipant(WingmanError):
    """Access denied - user is not a participant in this session.

    Only the two people of a session may use it.
    """

    status = 403


class SelfConfirmation(WingmanError):
    """Cannot confirm your own completion - only your buddy can confirm you.

    Leave buddy_user_id out or name your buddy.
    """

    status = 400


class BuddyNotInSession(WingmanError):
    """The user to confirm is not your buddy in this session.

    Leave buddy_user_id out or name your buddy.
    """

    status = 400


class AlreadyConfirmed(WingmanError):
    """You have already confirmed completion for this session.

    Nothing more to do; the detail holds the current state.
    """

    status = 409


class SessionNotConfirmable(WingmanError):
    """Session cannot be completed - current status: <status>.

    Only a scheduled or running session can be confirmed.

    ``context`` has ``status``.
    """

    status = 400


class SessionNotStarted(WingmanError):
    """Cannot confirm completion before scheduled time (<time>).

    Confirm once the session has begun.

    ``context`` has ``time``.
    """

    status = 400


class TooEarly(WingmanError):
    """Session cannot be started before <time>.

    Start it closer to the scheduled time.

    ``context`` has ``time``.
    """

    status = 400


class ActiveSessionExists(WingmanError):
    """Match already has an active session.

    Finish or cancel that session first.
    """

    status = 409


class InvalidSessionState(WingmanError):
    """Session cannot be <verb> - current status: <status>.

    Read the session again; its state has moved on.

    ``context`` has ``verb``, ``status``.
    """

    status = 409


class ScheduleConflict(WingmanError):
    """You have another session at <time>.

    Choose another time, or cancel that session first.

    ``context`` has ``time``.
    """

    status = 409


class SelfAgreement(WingmanError):
    """Cannot agree to your own proposal - only your buddy can agree to it.

    Wait for your buddy, or propose something else with reschedule_session.
    """

    status = 400


class ProposalChanged(WingmanError):
    """Your buddy has proposed something else meanwhile.

    Read the session again and agree to what it says now; the detail holds it.
    """

    status = 409


class SessionTimePassed(WingmanError):
    """Session cannot be <verb> - its time was <time>.

    Confirm it, report a no-show, or cancel it and arrange another one.

    ``context`` has ``verb``, ``time``.
    """

    status = 409


class NoShowNotFound(WingmanError):
    """No no-show is reported in this session.

    Check the id against list_no_show_reports.
    """

    status = 404


class BuddyNotCommitted(WingmanError):
    """Your buddy had neither arranged this session nor agreed to it.

    Cancel the session; nobody can miss what they never agreed to.
    """

    status = 409


class NoShowTooEarly(WingmanError):
    """A no-show can be reported from <time> on.

    Wait for your buddy a little longer.

    ``context`` has ``time``.
    """

    status = 400


class NoShowWindowClosed(WingmanError):
    """A no-show could be reported until <time>.

    Use report_user to tell the operators anything else.

    ``context`` has ``time``.
    """

    status = 400


class NoShowAlreadyAnswered(WingmanError):
    """Report has already been answered.

    The first answer stands.
    """

    status = 409


class NoShowAlreadyDecided(WingmanError):
    """Report is already <status>.

    Nothing more can be done about this report.

    ``context`` has ``status``.
    """

    status = 409


class NoShowAnswerPending(WingmanError):
    """Report can be decided from <time> on.

    Wait for the answer of the person reported.

    ``context`` has ``time``.
    """

    status = 409


class MatchingCooldown(WingmanError):
    """Matching is on a cooldown until <until>.

    Search again from then on.

    ``context`` has ``until``.
    """

    status = 409


class AccountSuspended(WingmanError):
    """This account is suspended.

    The detail says until when; ask the operators.
    """

    status = 403


class UserNotSuspended(WingmanError):
    """User is not suspended.

    Check the id against wingman_admin.suspensions.
    """

    status = 409


class ReputationNotVisible(WingmanError):
    """Reputation is visible to the user and to current partners only.

    Ask for yourself or for a current partner.
    """

    status = 403


class ReportNotFound(WingmanError):
    """Report not found.

    Check the id against wingman_admin.report_queue.
    """

    status = 404


class ReportAlreadyDecided(WingmanError):
    """Report is already <status>.

    The first decision stands.

    ``context`` has ``status``.
    """

    status = 409


class ReportNotTaken(WingmanError):
    """Report is not taken by you.

    Take it with take_report first.
    """

    status = 409


class DeliveryNotFound(WingmanError):
    """Message not found.

    Check the id against wingman_admin.dead_deliveries.
    """

    status = 404


class DeliveryNotDead(WingmanError):
    """Message is <status>.

    Only a message that was given up can be sent again or dropped.

    ``context`` has ``status``.
    """

    status = 409


class WebhookNotFound(WingmanError):
    """Webhook not found.

    Check the id against wingman_admin.webhooks.
    """

    status = 404


class WebhookNotDisabled(WingmanError):
    """Webhook is not disabled.

    Nothing to do; notifications are sent to it.
    """

    status = 409


class TooManyWebhooks(WingmanError):
    """At most <limit> webhooks can be enabled.

    Remove one that is not needed, then try again.

    ``context`` has ``limit``.
    """

    status = 409


class IdempotencyKeyReused(WingmanError):
    """Idempotency-Key was already used with different parameters.

    Make a new key for another request.
    """

    status = 422


class IdempotencyKeyInvalid(WingmanError):
    """Idempotency-Key must be one value of 1 to 255 characters.

    Send one key, as the argument or in the header.
    """

    status = 400


class RateLimited(LimitError):
    """Too many requests - retry in <retry_after> seconds.

    Wait that long, then call again.

    ``context`` has ``retry_after``.
    """

    status = 429


class Busy(PassingError):
    """Another request holds this record - retry.

    Nothing was changed; call again in a moment.
    """

    status = 423


class UnsupportedIsolation(WingmanError):
    """Call this function at READ COMMITTED.

    Begin the transaction with isolation level read committed.
    """

    status = 400


class ReadOnlyTransaction(WingmanError):
    """Call this function in a read-write transaction.

    Under PostgREST use POST; in SQL begin a read write transaction on the primary.
    """

    status = 400


CATALOGUED: Final[Mapping[str, type[WingmanError]]] = {
    "not_authenticated": NotAuthenticated,
    "acting_for_another": ActingForAnother,
    "user_not_found": UserNotFound,
    "missing_argument": MissingArgument,
    "invalid_argument": InvalidArgument,
    "invalid_action": InvalidAction,
    "invalid_radius": InvalidRadius,
    "invalid_schedule": InvalidSchedule,
    "matching_paused": MatchingPaused,
    "profile_incomplete": ProfileIncomplete,
    "match_not_found": MatchNotFound,
    "match_expired": MatchExpired,
    "not_match_participant": NotMatchParticipant,
    "match_already_resolved": MatchAlreadyResolved,
    "match_not_accepted": MatchNotAccepted,
    "session_not_found": SessionNotFound,
    "not_session_participant": NotSessionParticipant,
    "self_confirmation": SelfConfirmation,
    "buddy_not_in_session": BuddyNotInSession,
    "already_confirmed": AlreadyConfirmed,
    "session_not_confirmable": SessionNotConfirmable,
    "session_not_started": SessionNotStarted,
    "too_early": TooEarly,
    "active_session_exists": ActiveSessionExists,
    "invalid_session_state": InvalidSessionState,
    "schedule_conflict": ScheduleConflict,
    "self_agreement": SelfAgreement,
    "proposal_changed": ProposalChanged,
    "session_time_passed": SessionTimePassed,
    "no_show_not_found": NoShowNotFound,
    "buddy_not_committed": BuddyNotCommitted,
    "no_show_too_early": NoShowTooEarly,
    "no_show_window_closed": NoShowWindowClosed,
    "no_show_already_answered": NoShowAlreadyAnswered,
    "no_show_already_decided": NoShowAlreadyDecided,
    "no_show_answer_pending": NoShowAnswerPending,
    "matching_cooldown": MatchingCooldown,
    "account_suspended": AccountSuspended,
    "user_not_suspended": UserNotSuspended,
    "reputation_not_visible": ReputationNotVisible,
    "report_not_found": ReportNotFound,
    "report_already_decided": ReportAlreadyDecided,
    "report_not_taken": ReportNotTaken,
    "delivery_not_found": DeliveryNotFound,
    "delivery_not_dead": DeliveryNotDead,
    "webhook_not_found": WebhookNotFound,
    "webhook_not_disabled": WebhookNotDisabled,
    "too_many_webhooks": TooManyWebhooks,
    "idempotency_key_reused": IdempotencyKeyReused,
    "idempotency_key_invalid": IdempotencyKeyInvalid,
    "rate_limited": RateLimited,
    "busy": Busy,
    "unsupported_isolation": UnsupportedIsolation,
    "read_only_transaction": ReadOnlyTransaction,
}
"""The class of every catalogued error, by the error's name."""
