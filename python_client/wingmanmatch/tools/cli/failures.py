"""Every failure in one plain line."""

from typing import Any

from wingmanmatch.tools.cli.printable import printable

_MISSING = frozenset({"3F000", "42P01", "42883"})
"""The SQLSTATEs of a missing schema, table and function."""
_INSTALL = "Is WingmanMatch installed in this database? Run wingman db upgrade"


class MisuseError(Exception):
    """The command line asks for something that does not exist."""

    exit_code = 2


def in_one_line(error: Exception) -> str:
    """What went wrong and, if that is known, what to do about it."""
    # SQLAlchemy wraps the driver's errors.
    cause = getattr(error, "orig", None) or error
    parts = [_message(cause), *getattr(cause, "__notes__", ())]
    return printable(" ".join(" - ".join(part for part in parts if part).split())) or type(error).__name__


def exit_status(error: Exception) -> int:
    """2 for a misuse of the command line, else 1."""
    return int(getattr(error, "exit_code", 1))


def _message(error: Any) -> str:
    if hasattr(error, "format_message"):  # a misuse, reported by the command line library
        told: str = error.format_message()
        return f"{told} (see {error.ctx.command_path} --help)" if error.ctx else told
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    if hasattr(error, "diag") and error.diag.message_primary:
        hint = _INSTALL if error.sqlstate in _MISSING else error.diag.message_hint
        return _with_hint(error.diag.message_primary, hint)
    if hasattr(error, "sqlstate") and hasattr(error, "hint"):  # a refused call
        if error.sqlstate in _MISSING:
            return _with_hint(error.message, _INSTALL)
        again = f"Call again with idempotency_key={error.idempotency_key}"
        can_repeat = error.retryable and error.idempotency_key
        return _with_hint(f"{error.name}: {error.message}", again if can_repeat else error.hint)
    return str(error)


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message}. {hint}" if hint else message
