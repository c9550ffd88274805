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
}


def exception(failed: Refusal | Fault) -> errors.WingmanError:
    """The exception for a failure. A refusal is recognised by its name only."""
    if isinstance(failed, Fault):
        error_class = _BY_NAME.get(failed.name, errors.WingmanError)
        return error_class(failed.message, hint=failed.hint, sqlstate=failed.sqlstate or None)
    return errors.CATALOGUED.get(failed.name, errors.WingmanError)(
        failed.message,
        name=failed.name,
        status=failed.status,
        context=failed.context,
        hint=failed.hint,
        sqlstate=failed.sqlstate,
    )
