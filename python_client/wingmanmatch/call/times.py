"""Points in time as callers write them."""

from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError

EXPECTED: Final = "must be a time with an offset, such as 2026-12-01T18:00:00+01:00"
"""What a refusal says of an argument whose value is anything else."""

_READER: Final = TypeAdapter[object](AwareDatetime)
_BETWEEN_DATE_AND_TIME: Final = ("T", "t", " ")


def is_time(value: object) -> bool:
    """Whether a value is a text that means one point in time, whatever the session's time zone: RFC 3339."""
    # Pydantic also reads numbers, and signs that PostgreSQL does not know or takes for others.
    if not isinstance(value, str) or not value.isascii() or "," in value:
        return False
    if value[10:11] not in _BETWEEN_DATE_AND_TIME:
        return False
    try:
        _READER.validate_python(value)
    except ValidationError:
        return False
    return True
