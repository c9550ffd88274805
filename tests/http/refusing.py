"""Assertions about refused requests."""

from typing import Any

import httpx
from harness import Connection


def told(db: Connection, name: str, status: int, message: str, /, **context: Any) -> dict[str, Any]:
    """The body under /api of a catalogued error; its hint is the catalogue's."""
    row = db.execute("select * from wingman.error_catalogue() where name = %s", [name]).fetchone()
    assert row is not None
    assert row["status"] == status
    return {"detail": message, "error": name, "hint": row["hint"], **context}


def is_refused(
    db: Connection, answer: httpx.Response, name: str, status: int, message: str, /, **context: Any
) -> None:
    """An answer under /api is this catalogued error and nothing else."""
    assert answer.status_code == status, answer.text
    assert answer.json() == told(db, name, status, message, **context)
    assert answer.headers["content-type"].startswith("application/json")


def is_failure(answer: httpx.Response, name: str, status: int) -> None:
    """An answer under /api is this error of those outside the catalogue."""
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == name
    assert answer.json()["detail"]


def is_rest_failure(answer: httpx.Response, code: str, status: int, message: str | None = None) -> None:
    """An answer under /rest/v1 is this error, in PostgREST's form."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"code", "details", "hint", "message"}
    assert all(value is None or isinstance(value, str) for value in body.values())
    assert body["code"] == code
    assert message in (None, body["message"])
    assert answer.headers["proxy-status"] == f"PostgREST; error={code}"
