"""What the client sends to PostgreSQL, and how it reads the answers: the part without waiting."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import psycopg
from psycopg import sql
from psycopg.pq.abc import PGresult
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from . import errors
from ._refusals import exception
from ._rpc import Call, Reply
from .call.failure import read_error
from .call.identity import IDENTITY, READ_ONLY, Identity, local_settings
from .call.one_trip import Execution, Statement

ASSUME_IDENTITY: Final = local_settings(*IDENTITY)
_ASSUME_READING: Final = local_settings(*IDENTITY, READ_ONLY)


def executions(call: Call, who: Identity, encoding: str) -> list[Execution]:
    """The statements that make a call with an identity, over a connection of this encoding.

    The parameters are untyped: each takes the type of the function's argument, which only the database knows.
    """
    texts = call.arguments.values()
    assumed = [who.role.encode(), who.claims.encode()]
    return [
        (_ASSUME_READING, [*assumed, b"on"]) if who.reads_only else (ASSUME_IDENTITY, assumed),
        (
            _statement(call.function, tuple(call.arguments), call.writes),
            [None if text is None else text.encode(encoding) for text in texts],
        ),
    ]


@cache
def _statement(function: str, arguments: tuple[str, ...], writes: bool) -> Statement:
    parameters = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.SQL(f"${position}"))
        for position, name in enumerate(arguments, start=1)
    )
    # A function in FROM has returned before a column of its row is computed.
    replay = sql.SQL(", current_setting('response.headers', true)" if writes else "")
    text = sql.SQL("select to_json(f){} from {}({}) as f")
    return Statement.of(text.format(replay, sql.Identifier("public", function), parameters).as_bytes())


def read_reply(call: Call, result: PGresult, encoding: str) -> Reply:
    """Read the rows of a call's statement."""
    values = [json.loads(_text(result, row, 0, encoding)) for row in range(result.ntuples)]
    # Only a function that writes sets the mark, or removes an earlier one.
    replayed = call.writes and any(
        _is_replay(_text(result, row, 1, encoding)) for row in range(result.ntuples)
    )
    return Reply(values, replayed)


def _text(result: PGresult, row: int, column: int, encoding: str) -> str:
    return (result.get_value(row, column) or b"").decode(encoding)


def _is_replay(headers: str) -> bool:
    # The caller, whose transaction it is, may have set it to something else.
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
    except (PoolTimeout, PoolClosed, TooManyRequests) as error:
        lost = errors.ConnectionLost(str(error))
        lost.may_have_taken_effect = False
        raise lost from error
    except psycopg.Error as error:
        raise exception(read_error(error)) from error
    except UnicodeEncodeError as error:
        raise errors.InvalidInput("A text has a character that the connection's encoding lacks") from error
