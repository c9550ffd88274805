"""Whether an answer is one that the contract allows."""

import json
import re

from contract_errors import ERRORS
from security.intruder import Outcome
from security.inventory import Function

# Literals that cannot be read as the argument's type. The last four are of a time zone beyond +15:59, of one
# of no known name, of an array with impossible bounds, and of an interval that is too long.
MALFORMED = {"22P02", "22003", "22007", "22008", "22P05", "22021", "22009", "22023", "2202E", "22015"}


def breach(outcome: Outcome, function: Function) -> str | None:
    """What is wrong with an answer: an error that is not in the catalogue, or differs from its entry."""
    if outcome.error is None:
        return None
    diag = outcome.error.diag
    if outcome.sqlstate in MALFORMED:
        inside = "PL/pgSQL" in (diag.context or "")
        return f"read inside the function: {outcome}" if inside else None
    if outcome.name not in ERRORS:
        return f"not in the catalogue: {outcome.sqlstate} {outcome}"
    status, message = ERRORS[outcome.name]
    detail = json.loads(diag.message_detail or "{}")
    if (outcome.sqlstate, diag.message_primary) != (f"PT{status}", message.format(**detail)):
        return f"not as the catalogue says: {outcome}"
    is_documented = re.search(rf"\bErrors:[^.]*\b{outcome.name}\b", function.comment, re.DOTALL)
    if function.schema in ("public", "wingman_admin") and not is_documented:
        return f"not named in the comment of {function.qualified}: {outcome}"
    return None
