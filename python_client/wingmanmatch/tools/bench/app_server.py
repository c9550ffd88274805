"""A confirmation as an application server makes it, and as one call; both from Python, over psycopg.

The application server gives the same guarantees and has the rules in its own code: an explicit transaction,
row locks, and a separate statement for each step, as you would write it by hand or with an ORM.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Confirm = Callable[[Connection, str, str, str], dict[str, Any]]
"""Makes a confirmation: over a connection, by a caller, of a session, with an idempotency key."""

CONFIRM_LIMIT = 1_000_000
"""Calls in an hour, as many as the world's settings allow."""


class ConfirmationError(Exception):
    """The application server refuses a confirmation."""


def by_app_server(connection: Connection, caller: str, session_id: str, key: str) -> dict[str, Any]:
    """Confirm by statements.

    Raises:
        ConfirmationError: with the reason.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "insert into app_server.idempotency_keys (user_id, idempotency_key, fingerprint)"
            " values (%s, %s, %s) on conflict do nothing",
            [caller, key, f"confirm {session_id}"],
        )
        if not cursor.rowcount:
            return _first_response(cursor, caller, session_id, key)

        cursor.execute(
            "select s.status, s.scheduled_time, s.confirmed_by_user1, s.confirmed_by_user2,"
            " m.user1_id::text, m.user2_id::text"
            " from app_server.sessions s join app_server.matches m on m.id = s.match_id"
            " where s.id = %s for update of s",
            [session_id],
        )
        found = cursor.fetchone()
        if found is None:
            raise ConfirmationError("session_not_found")
        status, scheduled_time, by_user1, by_user2, user1, user2 = found
        if caller not in (user1, user2):
            raise ConfirmationError("not_session_participant")
        if by_user1 if caller == user1 else by_user2:
            raise ConfirmationError("already_confirmed")
        if status not in ("scheduled", "in_progress"):
            raise ConfirmationError("session_not_confirmable")
        if scheduled_time > datetime.now(UTC):
            raise ConfirmationError("session_not_started")

        cursor.execute(
            "insert into app_server.rate_limits as r (user_id, bucket, window_start, calls)"
            " values (%s, 'confirm', date_trunc('hour', now()), 1)"
            " on conflict (user_id, bucket) do update set"
            " calls = case when r.window_start = excluded.window_start then r.calls + 1 else 1 end,"
            " window_start = excluded.window_start returning calls",
            [caller],
        )
        row = cursor.fetchone()
        if row is None or row[0] > CONFIRM_LIMIT:
            raise ConfirmationError("rate_limited")

        by_user1, by_user2 = by_user1 or caller == user1, by_user2 or caller == user2
        both = by_user1 and by_user2
        status = "completed" if both else status
        cursor.execute(
            "update app_server.sessions set confirmed_by_user1 = %s, confirmed_by_user2 = %s, status = %s,"
            " completed_at = case when %s then now() end, updated_at = now() where id = %s",
            [by_user1, by_user2, status, both, session_id],
        )
        state = {"status": status, "confirmed_by_user1": by_user1, "confirmed_by_user2": by_user2}
        cursor.execute(
            "insert into app_server.audit_log (user_id, action, session_id, state) values (%s, %s, %s, %s)",
            [caller, "confirm", session_id, json.dumps(state)],
        )
        if both:
            # by id, so that two sessions of the same people cannot deadlock
            for user in sorted((user1, user2)):
                cursor.execute(
                    "insert into app_server.reputation_events (session_id, user_id, kind, delta)"
                    " values (%s, %s, 'completed', 1)",
                    [session_id, user],
                )
                cursor.execute(
                    "update app_server.users set completed_sessions = completed_sessions + 1,"
                    " updated_at = now() where id = %s",
                    [user],
                )

        response = {"success": True, "session_status": status, "both_confirmed": both}
        cursor.execute(
            "update app_server.idempotency_keys set response = %s"
            " where user_id = %s and idempotency_key = %s",
            [json.dumps(response), caller, key],
        )
        return response


def _first_response(cursor: psycopg.Cursor[Any], caller: str, session_id: str, key: str) -> dict[str, Any]:
    cursor.execute(
        "select fingerprint, response from app_server.idempotency_keys"
        " where user_id = %s and idempotency_key = %s",
        [caller, key],
    )
    row = cursor.fetchone()
    if row is None or row[0] != f"confirm {session_id}":
        raise ConfirmationError("idempotency_key_reused")
    response: dict[str, Any] = row[1]
    return response


def by_call(connection: Connection, caller: str, session_id: str, key: str) -> dict[str, Any]:
    """Confirm by one call, sent as the Python client sends it.

    Raises:
        psycopg.Error: the call is refused.
    """
    claims = json.dumps({"sub": caller, "role": "authenticated"})
    with connection.pipeline():
        connection.execute(
            "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true)",
            [claims],
        )
        answer = connection.execute(
            "select to_json(f) from public.confirm_session_completion("
            "session_id => %s, idempotency_key => %s) as f",
            [session_id, key],
        )
    row = answer.fetchone()
    assert row
    response: dict[str, Any] = row[0]
    return response


WAYS: dict[str, Confirm] = {"app_server": by_app_server, "call": by_call}
