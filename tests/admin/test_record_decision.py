"""wingman.record_decision: what an operator decides is written down once, with the reason and the login."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from answers import refused
from harness import RpcError
from psycopg.types.json import Jsonb

SOMEBODY = uuid4()


def decide(
    db, kind: str = "user_exported", *, details: Any = None, reason: str | None = "They asked"
) -> UUID:
    try:
        row = db.execute(
            "select wingman.record_decision(%s, %s, %s, %s) as id",
            [kind, SOMEBODY, details and Jsonb(details), reason],
        ).fetchone()
    except psycopg.ProgrammingError as error:
        raise RpcError(error) from error
    return row["id"]


def decisions(db) -> list[dict[str, Any]]:
    return db.execute("select * from wingman.operator_decisions order by id").fetchall()


def test_a_decision_says_who_what_whom_and_why(db):
    (login,) = db.execute("select session_user::text as login").fetchone().values()
    first = decide(db)
    second = decide(db, "user_erased", details={"events": 2})
    told = [{key: row[key] for key in row if key != "decided_at"} for row in decisions(db)]
    common = {"login": login, "subject_id": SOMEBODY, "reason": "They asked"}
    assert told == [
        {"id": first, "kind": "user_exported", "details": {}, **common},
        {"id": second, "kind": "user_erased", "details": {"events": 2}, **common},
    ]


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        ("", "must be 1 to 500 characters"),
        ("\u200b \n", "must be 1 to 500 characters"),
        ("x" * 501, "must be 1 to 500 characters"),
        ("a\u202eb", "must not contain control characters"),
    ],
)
def test_its_reason_is_a_text_that_shows(db, reason, rule):
    facts = {"argument": "reason", "rule": rule}
    with refused(db, "invalid_argument", 400, f"reason {rule}", **facts), db.transaction():
        decide(db, reason=reason)


def test_its_reason_is_required(db):
    with refused(db, "missing_argument", 400, "reason is required", argument="reason"), db.transaction():
        decide(db, reason=None)


def test_the_kinds_are_a_closed_set(db):
    kinds = [row["kind"] for row in db.execute("select kind from wingman.decision_kinds()")]
    for kind in kinds:
        decide(db, kind)
    assert [row["kind"] for row in decisions(db)] == kinds
    for kind in ("User_erased", "", "anything"):
        with pytest.raises(psycopg.errors.CheckViolation, match="kind_check"), db.transaction():
            decide(db, kind)
