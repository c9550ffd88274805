"""Which exception an error of the database is, whatever brought it: PostgreSQL's own protocol, or HTTP."""

import json
import re
from collections.abc import Mapping
from typing import Any

from . import errors

_BY_SQLSTATE: Mapping[str, type[errors.WingmanError]] = {
    **dict.fromkeys(
        ["22P02", "22003", "22007", "22008", "22009", "22023", "22P05", "22021"], errors.InvalidInput
    ),
    "42501": errors.PermissionDenied,
    "57014": errors.StatementTimeout,
    "53300": errors.ConnectionLost,
    # Nothing was changed, as the database's own busy says.
    **dict.fromkeys(["40001", "40P01"], errors.Busy),
}


def is_refusal(sqlstate: str) -> bool:
    """Whether an error is raised by the functions: PT and an HTTP status."""
    return re.fullmatch("PT[1-5][0-9][0-9]", sqlstate) is not None


def refusal(message: str, sqlstate: str, detail: str | None, hint: str | None) -> errors.WingmanError:
    """A catalogued error, known by its name alone, which its detail has."""
    context = json_object(detail)
    name = str(context.pop("error", ""))
    return errors.CATALOGUED.get(name, errors.WingmanError)(
        message, name=name, status=int(sqlstate[2:]), context=context, hint=hint, sqlstate=sqlstate
    )


def failure_class(sqlstate: str) -> type[errors.WingmanError]:
    """The class of an error outside the catalogue."""
    # 57P: the server ends the connection
    if sqlstate.startswith(("08", "57P")):
        return errors.ConnectionLost
    return _BY_SQLSTATE.get(sqlstate, errors.WingmanError)


def json_object(text: str | None) -> dict[str, Any]:
    """A JSON object; an empty one where there is none."""
    # A trigger of somebody else's may refuse with a SQLSTATE like ours and a DETAIL which is no JSON.
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = {}
    return value if isinstance(value, dict) else {}
