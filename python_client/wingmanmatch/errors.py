"""What can go wrong: an exception for every name in the database's catalogue, and four for the rest."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar


class WingmanError(Exception):
    """A call was refused or failed; an error which this version does not know comes as this class itself."""

    retryable: ClassVar[bool] = False
    """Whether the same call may succeed in a moment."""

    status: int = 500
    """The HTTP status that means the same."""

    def __init__(
        self,
        message: str,
        *,
        name: str | None = None,
        status: int | None = None,
        context: Mapping[str, Any] | None = None,
        hint: str | None = None,
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        """One line for people."""
        self.name = name or error_name(type(self))
        """The stable identifier, e.g. ``match_not_found``."""
        self.status = status or type(self).status
        self.context = dict(context or {})
        """Facts about this refusal, e.g. ``{"argument": "bio"}``."""
        self.hint = hint
        """What to do about it, where that is known."""
        self.sqlstate = sqlstate
        """PostgreSQL's five-character code, where the server answered."""
        self.idempotency_key: str | None = None
        """The key of the call that failed: with it, the same call may be made again. None without one."""


def error_name(error_class: type[WingmanError]) -> str:
    """The name of a class's error: that of ``MatchNotFound`` is ``match_not_found``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", error_class.__name__).lower()


class NotAuthenticated(WingmanError):
    """Nobody is signed in."""


class ActingForAnother(WingmanError):
    """A user named somebody else as ``user_id``."""


class UserNotFound(WingmanError):
    """The person named has no profile, or no account."""


class MissingArgument(WingmanError):
    """An argument is required and was null; ``context["argument"]`` names it."""


class InvalidArgument(WingmanError):
    """An argument breaks a rule; ``context["argument"]`` names it."""


class InvalidAction(WingmanError):
    """The answer to a match is neither accept nor decline."""


class InvalidRadius(WingmanError):
    """The search radius is out of range."""


class InvalidSchedule(WingmanError):
    """The time of a session is not in the future."""


class MatchingPaused(WingmanError):
    """The user has paused matching."""


class ProfileIncomplete(WingmanError):
    """The user has no profile or no location yet."""


class MatchNotFound(WingmanError):
    """There is no such match."""


class MatchExpired(WingmanError):
    """Nobody answered the match in time."""


class NotMatchParticipant(WingmanError):
    """The user is neither of the two people of the match."""


class MatchAlreadyResolved(WingmanError):
    """The match was answered the other way before."""


class MatchNotAccepted(WingmanError):
    """The match is not accepted, or has ended."""


class SessionNotFound(WingmanError):
    """There is no such session."""


class NotSessionParticipant(WingmanError):
    """The user is neither of the two people of the session."""


class SelfConfirmation(WingmanError):
    """The user tried to confirm itself."""


class BuddyNotInSession(WingmanError):
    """The person to confirm is not the buddy in this session."""


class AlreadyConfirmed(WingmanError):
    """The user has confirmed before; ``context["state"]`` is the session's current state."""


class SessionNotConfirmable(WingmanError):
    """The session is in a state which cannot be completed."""


class SessionNotStarted(WingmanError):
    """The session's scheduled time has not come."""


class TooEarly(WingmanError):
    """The session cannot be started yet."""


class ActiveSessionExists(WingmanError):
    """The match has a session which is not over."""


class InvalidSessionState(WingmanError):
    """The session is in a state which does not allow this."""


class ReputationNotVisible(WingmanError):
    """The reputation belongs to somebody who is no current partner."""


class IdempotencyKeyReused(WingmanError):
    """The key belongs to an earlier call, of another function or with other arguments."""


class IdempotencyKeyInvalid(WingmanError):
    """The key is empty or too long."""


class RateLimited(WingmanError):
    """The user has made too many such calls."""

    @property
    def retry_after(self) -> int:
        """After how many seconds the call will be let through."""
        return int(self.context.get("retry_after", 0))


class Busy(WingmanError):
    """Another request holds a record that this one needs; nothing was changed."""

    retryable = True


class UnsupportedIsolation(WingmanError):
    """The surrounding transaction is not READ COMMITTED."""


class ReadOnlyTransaction(WingmanError):
    """The surrounding transaction is read-only, and the call writes."""


class InvalidInput(WingmanError):
    """A value is no literal of its argument's type: a malformed id, a number too large, a NUL character."""

    status = 400


class PermissionDenied(WingmanError):
    """The role, e.g. ``anon``, may not call this function at all."""

    status = 403


class StatementTimeout(WingmanError):
    """The server cancelled the call, which took longer than ``statement_timeout`` allows."""

    status = 504


class ConnectionLost(WingmanError):
    """The server could not be reached or went away; a call under way may or may not have taken effect."""

    retryable = True
    status = 503


OUTSIDE_THE_CATALOGUE = frozenset({InvalidInput, PermissionDenied, StatementTimeout, ConnectionLost})
"""The errors which no catalogue entry stands for."""

CATALOGUED: Mapping[str, type[WingmanError]] = {
    error_name(error_class): error_class
    for error_class in WingmanError.__subclasses__()
    if error_class not in OUTSIDE_THE_CATALOGUE
}
"""The class of every catalogued error, by the error's name."""
