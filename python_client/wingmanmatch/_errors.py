"""The base of all exceptions, and the exceptions that are not in the database's catalogue."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar


class WingmanError(Exception):
    """A call was refused or failed; an error that this version does not know is raised as this class."""

    retryable: ClassVar[bool] = False
    """Whether the same call may succeed a moment later."""

    status: int = 500
    """The equivalent HTTP status."""

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
        """What to do about it, if that is known."""
        self.sqlstate = sqlstate
        """PostgreSQL's five-character code, if the server answered."""
        self.idempotency_key: str | None = None
        """The key of the failed call; you can safely repeat the call with it. None without a key."""


def error_name(error_class: type[WingmanError]) -> str:
    """The error name of a class: ``match_not_found`` for ``MatchNotFound``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", error_class.__name__).lower()


class PassingError(WingmanError):
    """A temporary failure: the same call may succeed a moment later."""

    retryable = True


class LimitError(WingmanError):
    """A refusal that tells how long to wait."""

    @property
    def retry_after(self) -> int:
        """After how many seconds to call again."""
        return int(self.context.get("retry_after", 0))


class InvalidInput(WingmanError):
    """A value does not fit its argument's type: a malformed id, a number too large, a NUL character."""

    status = 400


class PermissionDenied(WingmanError):
    """The role, e.g. ``anon``, is not allowed to call this function."""

    status = 403


class StatementTimeout(WingmanError):
    """The server cancelled the call, which took longer than ``statement_timeout`` allows."""

    status = 504


class ConnectionLost(PassingError):
    """The server cannot be reached or went away; a call in progress may or may not have taken effect."""

    status = 503
    may_have_taken_effect: bool = True
    """Whether it may: false where the call only reads, or cannot have reached the database."""
