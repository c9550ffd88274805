"""How a call answers when it refuses, and what it answers at one exact instant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from harness import Connection, RpcError, revive
from rows import all_rows


@contextmanager
def refused(db: Connection, name: str, status: int, message: str, /, **context: Any) -> Iterator[None]:
    """The call inside is refused with exactly this error, and not one row changes.

    Args:
        context: what DETAIL carries besides the name of the error.
    """
    before = all_rows(db)
    with pytest.raises(RpcError) as caught:
        yield
    error = caught.value
    assert (error.name, error.status, error.sqlstate) == (name, status, f"PT{status}"), error
    assert error.message == message
    assert error.detail == {"error": name, **context}
    listed = db.execute("select hint from wingman.error_catalogue() where name = %s", [name]).fetchone()
    assert listed is not None
    assert error.hint == listed["hint"]
    assert all_rows(db) == before


def at_one_instant(db: Connection, call: str, *, first: str = "null") -> Any:
    """The answer of a call by service_role, made in the same instant as the statement ``first``.

    ``statement_timestamp()`` is the same in both, to the microsecond. A refusal undoes both.

    Args:
        call: an SQL expression, such as ``public.get_match(…)``.
        first: an SQL statement, run as the superuser.

    Raises:
        RpcError: the call was refused.
    """
    try:
        db.execute(
            f"""do $do$
            begin
                {first};
                perform set_config('role', 'service_role', true);
                perform set_config('test.answer', to_json({call})::text, false);
            end
            $do$"""
        )
    except psycopg.Error as error:
        raise RpcError(error) from error
    answer = db.execute("select current_setting('test.answer') as answer").fetchone()
    assert answer is not None
    return revive(json.loads(answer["answer"]))


def call_at(db: Connection, function: str, session_id: UUID, user_id: UUID, offset: str) -> Any:
    """The answer of a call on a session, made exactly ``offset`` after its scheduled time.

    Raises:
        RpcError: the call was refused, and the session has its old time.
    """
    return at_one_instant(
        db,
        f"public.{function}(session_id => '{session_id}', user_id => '{user_id}')",
        first=f"""update public.wingman_sessions as s
                  set scheduled_time = statement_timestamp() - interval '{offset}'
                  where s.id = '{session_id}'""",
    )
