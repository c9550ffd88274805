"""A call to an API function as every transport of the client takes it: which function, with which values."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from .call.times import EXPECTED, is_time
from .errors import InvalidInput


class Default(Enum):
    """The type of ``DEFAULT``."""

    DEFAULT = "DEFAULT"

    def __repr__(self) -> str:
        return self.value


DEFAULT: Final = Default.DEFAULT
"""Stands for an argument left out: the database then uses its own default."""

Id: TypeAlias = UUID | str


@dataclass(frozen=True, slots=True)
class Time:
    """The value of an argument that is a point in time."""

    value: object
    """What the caller gives, which may be anything where nobody checks types."""

    @classmethod
    def of(cls, value: datetime | Default | None) -> "Time | Default | None":
        """The value as such a one."""
        return value if value is None or isinstance(value, Default) else cls(value)


@dataclass(frozen=True, slots=True)
class Array:
    """The value of an argument that is a list."""

    value: object
    """What the caller gives: a sequence, or a text that PostgreSQL reads as one, such as ``{a,b}``."""

    @classmethod
    def of(cls, value: Sequence[str] | Default | None) -> "Array | Default | None":
        """The value as such a one."""
        return value if value is None or isinstance(value, Default) else cls(value)


Value: TypeAlias = str | int | float | date | UUID | Time | Array | None
Token: TypeAlias = str | Callable[[], str]
"""An access token, or a function that returns one."""
AsyncToken: TypeAlias = str | Callable[[], Awaitable[str]]
"""An access token, or a function, async or not, that returns one."""

Item = TypeVar("Item")
Iterated: TypeAlias = Generator[Item, None, None]
"""Items, one by one; ``close`` ends it."""
AsyncIterated: TypeAlias = AsyncGenerator[Item, None]
"""Items, one by one; ``aclose`` ends it."""

_MAX_BITS: Final = 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function in schema ``public``."""

    function: str
    arguments: Mapping[str, str | None]
    """The given arguments by name, each as the text that PostgreSQL reads its type from."""
    writes: bool = False
    """Whether the function writes."""

    @classmethod
    def of(
        cls,
        function: str,
        arguments: Mapping[str, Value | Default],
        *,
        writes: bool = False,
    ) -> "Call":
        """Make a call; raises InvalidInput for a value that has no text PostgreSQL could read."""
        given = {
            name: _as_text(name, value) for name, value in arguments.items() if not isinstance(value, Default)
        }
        return cls(function, given, writes)

    @property
    def is_repeatable(self) -> bool:
        """Whether calling twice has one effect: it reads, or its key makes the second call a replay."""
        return not self.writes or "idempotency_key" in self.arguments


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a call."""

    rows: list[Any]
    """One JSON value for each row of the result."""
    replayed: bool = False
    """Whether it is the answer of an earlier call with the same key."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What accompanies the answer of a writing call without being part of it: all receipts are equal."""

    idempotency_key: str | None = field(default=None, compare=False)
    replayed: bool = field(default=False, compare=False)


def position(argument: str, value: Id | None) -> str | None:
    """An id as the database writes it, so that later ids are greater. Raises InvalidInput."""
    try:
        return None if value is None else str(UUID(str(value)))
    except ValueError:
        raise _invalid(argument, "must be a UUID") from None


def _as_text(argument: str, value: Value) -> str | None:
    match value:
        case None:
            return None
        case str():
            text = str.__str__(value)
        case Time(datetime() as moment) if moment.utcoffset() is not None:
            text = moment.isoformat()
        case Time(str() as moment) if is_time(moment):
            text = str.__str__(moment)
        case Time():
            # PostgreSQL would read it in the connection's time zone, which the caller does not know.
            raise _invalid(argument, EXPECTED)
        case int() if value.bit_length() > _MAX_BITS:
            # Python refuses to write out a number with thousands of digits, which no type here could hold.
            raise _invalid(argument, "is out of range")
        case date() if not isinstance(value, datetime):
            text = value.isoformat()
        case int() | float() | UUID():
            text = str(value)
        case Array(str() as literal):
            text = str.__str__(literal)
        case Array(list() | tuple() as elements):
            text = f"{{{','.join(_as_element(argument, element) for element in elements)}}}"
        case Array():
            raise _invalid(argument, "must be a list")
        case _:
            raise _invalid(argument, f"cannot be a {type(value).__name__}")
    if "\0" in text:
        raise _invalid(argument, "must not contain NUL")
    return text


def _invalid(argument: str, rule: str) -> InvalidInput:
    return InvalidInput(f"{argument} {rule}", context={"argument": argument})


def _as_element(argument: str, value: Value) -> str:
    """An element of an array as PostgreSQL writes it."""
    text = _as_text(argument, value)
    return "NULL" if text is None else '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'
