"""What all exceptions have in common, and those that no entry of the database's catalogue stands for."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar


class WingmanError(Exception):
    """A call was refused or failed; an error that this version does not know comes as this class itself."""

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


class PassingError(WingmanError):
    """A failure that passes: the same call may succeed in a moment."""

    retryable = True


class LimitError(WingmanError):
    """A refusal that tells how long to wait."""

    @property
    def retry_after(self) -> int:
        """After how many seconds the call will be let through."""
        return int(self.context.get("retry_after", 0))


class InvalidInput(WingmanError):
    """A value is no literal of its argument's type: a malformed id, a number too large, a NUL character."""

    status = 400


class PermissionDenied(WingmanError):
    """The role, e.g. ``anon``, may not call this function at all."""

    status = 403


class StatementTimeout(WingmanError):
    """The server cancelled the call, which took longer than ``statement_timeout`` allows."""

    status = 504


class ConnectionLost(PassingError):
    """The server could not be reached or went away; a call under way may or may not have taken effect."""

    status = 503
