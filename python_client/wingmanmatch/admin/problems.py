"""What can go wrong, and how the process answers then."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from wingmanmatch.errors import ConnectionLost, PermissionDenied, WingmanError

_UNSURE: Final = "It may have been done: look at the decisions before you do it again."


@dataclass(eq=False)
class Problem(Exception):
    """A request that is refused."""

    status: int
    """The HTTP status."""
    code: str
    message: str
    hint: str | None = None
    grant: str | None = None
    """The SQL that gives the right that is missing."""

    def response(self) -> Response:
        """The answer."""
        told: dict[str, Any] = {"code": self.code, "message": self.message, "hint": self.hint}
        return JSONResponse({**told, "grant": self.grant} if self.grant else told, self.status)


def invalid(message: str) -> Problem:
    """A request that does not say what it should."""
    return Problem(400, "invalid_input", message)


def problem_of(error: WingmanError, grant: str, *, may_have_written: bool = False) -> Problem:
    """The answer to an error of the database.

    Args:
        error: the error.
        grant: what makes the login an operator.
        may_have_written: whether it interrupted a call that writes.
    """
    match error:
        case ConnectionLost():
            # libpq's message says where the database is
            return Problem(
                503,
                "database_unavailable",
                "The database cannot be reached",
                _UNSURE if may_have_written and error.may_have_taken_effect else None,
            )
        case PermissionDenied():
            return Problem(403, "insufficient_privilege", error.message, error.hint, grant)
        case _:
            return Problem(error.status, error.name, error.message, error.hint)
