"""The log of a server or a worker: lines of JSON."""

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from math import inf
from time import monotonic
from typing import Any, Final


def log_as_json(fields: Sequence[str]) -> None:
    """Write what is logged from now on as lines of JSON to stderr, each with these fields if it has them."""
    logging.disable(logging.NOTSET)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(fields))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("wingmanmatch").setLevel(logging.INFO)
    logging.getLogger("psycopg.pool").addFilter(Seldom(10))


class Seldom(logging.Filter):
    """Lets a message pass once in so many seconds: a pool tells of every attempt to connect."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._told_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the message may pass."""
        now = monotonic()
        if now - self._told_at.get(record.msg, -inf) < self._seconds:
            return False
        self._told_at[record.msg] = now
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object per line.

    Args:
        fields: what a line may say besides its event, each an attribute of the record.
    """

    _ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__()
        self._fields = fields

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        told |= {name: value for name in self._fields if (value := getattr(record, name, None)) is not None}
        if record.exc_info and record.exc_info[0]:
            # only where it happened: a message may contain what a person wrote
            told["error"] = record.exc_info[0].__name__
            told["trace"] = _trace(record.exc_info[2])
        return self._ENCODE(told)


def _trace(traceback: Any) -> list[str]:
    places = []
    while traceback:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places
