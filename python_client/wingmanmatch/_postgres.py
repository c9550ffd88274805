"""What the client says to PostgreSQL, and how it reads its errors: the part that needs no waiting."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import LiteralString

import psycopg
from psycopg import sql

from . import errors
from ._refusals import failure_class, is_refusal, json_object, refusal
from ._rpc import Call, Reply

ASSUME_IDENTITY: LiteralString = """
select
    set_config('role', $1, true),
    set_config('request.jwt.claims', $2, true)
"""

# In a transaction that goes on after the call, what was in force before must come back. The server keeps it,
# which saves the round trip of asking for it.
SAVEPOINT: LiteralString = "savepoint wingmanmatch"
KEEP_IDENTITY: LiteralString = """
select
    set_config('wingmanmatch.role', current_setting('role'), true),
    set_config('wingmanmatch.claims', coalesce(current_setting('request.jwt.claims', true), ''), true)
"""
RESUME_IDENTITY: LiteralString = """
select
    set_config('role', current_setting('wingmanmatch.role'), true),
    set_config('request.jwt.claims', current_setting('wingmanmatch.claims'), true)
"""
RELEASE: LiteralString = "release savepoint wingmanmatch"
# Undoes set_config as well.
ROLL_BACK: LiteralString = "rollback to savepoint wingmanmatch"


def call_statement(call: Call) -> tuple[bytes, list[str | None]]:
    """The statement which makes a call, and its parameters.

    The parameters have no types of their own: each takes the type of the function's argument, which only the
    database knows.
    """
    return _statement(call.function, tuple(call.arguments), call.writes), list(call.arguments.values())


@cache
def _statement(function: str, arguments: tuple[str, ...], writes: bool) -> bytes:
    parameters = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.SQL(f"${position}"))
        for position, name in enumerate(arguments, start=1)
    )
    # A function in FROM has returned before a column of its row is computed.
    replay = sql.SQL(", current_setting('response.headers', true)" if writes else "")
    statement = sql.SQL("select to_json(f){} from {}({}) as f")
    return statement.format(replay, sql.Identifier("public", function), parameters).as_bytes()


def read_reply(call: Call, rows: Sequence[tuple[str, ...]]) -> Reply:
    """What the rows of a call's statement say."""
    # Only a function that writes sets the mark, or takes an earlier one away.
    replayed = call.writes and any(_is_replay(headers) for _, headers in rows)
    return Reply([json.loads(row[0]) for row in rows], replayed)


def _is_replay(headers: str | None) -> bool:
    # Whoever made the transaction may have set it to something else.
    try:
        told = json.loads(headers or "[]")
    except ValueError:
        return False
    return isinstance(told, list) and {"Idempotency-Replayed": "true"} in told


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns the driver's errors into WingmanError."""
    try:
        yield
    except psycopg.Error as error:
        raise _translate(error) from error
    except UnicodeEncodeError as error:
        raise errors.InvalidInput("A text has a character which the connection's encoding lacks") from error


def _translate(error: psycopg.Error) -> errors.WingmanError:
    message = error.diag.message_primary or str(error) or type(error).__name__
    sqlstate = error.sqlstate or ""
    detail, hint = error.diag.message_detail, error.diag.message_hint
    if sqlstate == "PGRST":
        # Meant for PostgREST: all of an error in the message, and the status among what is for HTTP.
        told = json_object(message)
        message, hint = str(told.get("message", message)), told.get("hint")
        detail, sqlstate = told.get("details"), str(told.get("code"))
    if is_refusal(sqlstate):
        return refusal(message, sqlstate, detail, hint)
    return _failure_class(sqlstate, error)(message, hint=hint, sqlstate=error.sqlstate)


def _failure_class(sqlstate: str, error: psycopg.Error) -> type[errors.WingmanError]:
    """The class of an error outside the catalogue."""
    # The server ends a connection with a FATAL error; failures of libpq and of the pool have no code.
    fatal = error.diag.severity_nonlocalized in ("FATAL", "PANIC")
    if fatal or (isinstance(error, psycopg.OperationalError) and not sqlstate):
        return errors.ConnectionLost
    return failure_class(sqlstate)
