"""Which exception an error of the database becomes, whether it came by PostgreSQL's protocol or HTTP."""

from collections.abc import Mapping
from typing import Final

from . import errors
from .call import failure
from .call.failure import Fault, Refusal

_BY_NAME: Final[Mapping[str | None, type[errors.WingmanError]]] = {
    failure.INVALID_INPUT: errors.InvalidInput,
    failure.PERMISSION_DENIED: errors.PermissionDenied,
    failure.STATEMENT_TIMEOUT: errors.StatementTimeout,
    failure.CONNECTION_LOST: errors.ConnectionLost,
    failure.BUSY: errors.Busy,
    failure.READ_ONLY: errors.ReadOnlyTransaction,
}

_BEFORE_ANY_CALL: Final = ("08001", "08004", "53300")
"""SQLSTATEs of a connection that was not made."""


def exception(failed: Refusal | Fault) -> errors.WingmanError:
    """The exception for a failure. A refusal is recognised by its name only."""
    if isinstance(failed, Fault):
        error_class = _BY_NAME.get(failed.name, errors.WingmanError)
        failure = error_class(failed.message, hint=failed.hint, sqlstate=failed.sqlstate or None)
        if isinstance(failure, errors.ConnectionLost) and failed.sqlstate in _BEFORE_ANY_CALL:
            failure.may_have_taken_effect = False
        return failure
    return errors.CATALOGUED.get(failed.name, errors.WingmanError)(
        failed.message,
        name=failed.name,
        status=failed.status,
        context=failed.context,
        hint=failed.hint,
        sqlstate=failed.sqlstate,
    )


def unknown_outcome(error: errors.WingmanError) -> errors.ConnectionLost:
    """What a call ends with that was lost once, where another attempt failed otherwise.

    The lost attempt may still be under way, so nothing that the other one met says what becomes of it.
    """
    return errors.ConnectionLost(
        f"An attempt was lost, and may have taken effect; another one failed: {error.message}",
        hint="Make the call again with its idempotency key: the answer tells what it did.",
    )
