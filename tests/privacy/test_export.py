"""export_my_data and export_user: all that is somebody's own, and nothing of anybody else."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contract_errors import refused
from harness import OPERATOR
from privacy.life import PLACE, inventory, kept_for_now
from rows import make_pair, make_session

EXPORT = "wingman_admin.export_user"
WHY = "They asked by letter"


def shown(data: dict[str, Any]) -> set[tuple[str, str]]:
    """The tables and columns of an export."""
    return {(table, column) for table, rows in data.items() for row in rows for column in row}


def own(db, *, to_operators: bool = False) -> set[tuple[str, str]]:
    """What the registry calls one's own, by unqualified names."""
    return {
        (table.partition(".")[2], column)
        for (table, column), row in inventory(db).items()
        if row["whose"] == "own" and not (to_operators and (row["withheld"] or "").startswith("operators:"))
    }


def test_an_export_is_what_the_registry_calls_ones_own(db, life):
    before = datetime.now(UTC)
    answer = life.caller("Ana").call("export_my_data")
    assert before < answer["exported_at"] < datetime.now(UTC)
    assert all(answer["data"].values()), "she has done everything"
    assert shown(answer["data"]) == own(db)


def test_operators_get_all_but_the_exact_place_and_the_decision_is_kept(db, rpc, life):
    told = {"user_id": life.ana, "reason": WHY}
    answer = rpc.as_admin().call(EXPORT, **told)
    assert shown(answer["data"]) == own(db, to_operators=True)
    assert not any(str(degrees) in json.dumps(answer, default=str) for degrees in PLACE.values())
    mine = life.caller("Ana").call("export_my_data")["data"]
    for rows, theirs in zip(mine.values(), answer["data"].values(), strict=True):
        assert theirs == [{key: row[key] for key in theirs[0]} for row in rows]
    (*_, decision) = db.execute("select * from wingman.operator_decisions order by id").fetchall()
    assert {key: decision[key] for key in ("kind", "subject_id", "reason", "login", "details")} == {
        "kind": "user_exported",
        "subject_id": life.ana,
        "reason": WHY,
        "login": OPERATOR,
        "details": {},
    }


@pytest.mark.parametrize("function", ["export_my_data", EXPORT])
def test_it_has_no_texts_of_others_and_names_nobody_who_reported_or_blocked(rpc, life, function):
    if function == EXPORT:
        answer = rpc.as_admin().call(EXPORT, user_id=life.ana, reason=WHY)
    else:
        answer = life.caller("Ana").call(function)
    text = json.dumps(answer, default=str, ensure_ascii=False)
    written = ("¶AnaName", "¶AnaBio", "ana-photo", "¶AnaNotes", "¶AnaReason", "¶AnaReport", "¶AnaKey")
    for mark in (*written, "ana-mail", "ana-browser"):
        assert mark in text
    for mark in (
        "¶Ben",
        "¶Cem",
        "¶Dan",
        "¶Eve",
        "ben-photo",
        "ben-mail",
        "ben-browser",
        "¶Operator",
        OPERATOR,
    ):
        assert mark not in text
    assert str(life.ids["Eve"]) not in text
    assert "¶AnaOrBen" not in text


def test_texts_are_exported_to_their_authors_alone(life):
    def texts(name: str) -> set[str]:
        rows = life.caller(name).call("export_my_data")["data"]["wingman_sessions"]
        return {row[column] for row in rows for column in ("notes", "cancellation_reason")} - {None}

    assert texts("Ana") == {"¶AnaNotes", "¶AnaReason"}
    assert texts("Ben") == {"¶BenNotes", "¶BenReason"}


def test_what_is_said_about_a_no_show_is_exported_to_its_author_alone(life):
    def texts(name: str) -> list[tuple[str | None, str | None]]:
        rows = life.caller(name).call("export_my_data")["data"]["no_show_reports"]
        return [(row["note"], row["statement"]) for row in rows]

    assert texts("Ana") == [("¶AnaNote", None), (None, "¶AnaStatement")]
    assert texts("Ben") == [(None, "¶BenStatement"), ("¶BenNote", None)]


def test_what_is_about_the_other_one_of_a_match_is_null(life):
    def of(name: str) -> dict[UUID, list[tuple[Any, ...]]]:
        matches = life.caller(name).call("export_my_data")["data"]["wingman_matches"]
        places = ("user1_reputation", "user2_reputation", "user1_level", "user2_level")
        return {row["id"]: [row[place] for place in places] for row in matches}

    ana, ben = of("Ana"), of("Ben")
    (both,) = ana.keys() & ben.keys()
    assert {(a is None, b is None) for a, b in zip(ana[both], ben[both], strict=True)} == {
        (True, False),
        (False, True),
    }


def test_decisions_about_a_match_and_its_sessions_are_those_of_both_people(db, rpc, people):
    pair, other = make_pair(db, people), make_pair(db, people)
    session_id = make_session(db, pair.match_id)
    admin = rpc.as_admin()
    admin.call("wingman_admin.cancel_session", session_id=session_id, reason="¶OperatorReason")
    admin.call("wingman_admin.end_match", match_id=pair.match_id, reason="¶OperatorReason")
    about = {}
    for user_id in (pair.user1, pair.user2, other.user1):
        rows = rpc.as_user(user_id).call("export_my_data")["data"]["operator_decisions"]
        about[user_id] = [(row["kind"], row["subject_id"]) for row in rows]
    told = [("session_cancelled", session_id), ("match_ended", pair.match_id)]
    assert about == {pair.user1: told, pair.user2: told, other.user1: []}


def test_somebody_without_a_profile_gets_what_is_kept_of_them(db, rpc, life):
    life.caller("Ana").call("erase_my_account", confirmation="erase")
    data = life.caller("Ana").call("export_my_data")["data"]
    assert {table for table, rows in data.items() if rows} == {
        "events",
        "no_show_reports",
        "operator_decisions",
        "reputation_events",
        "suspensions",
        "user_reports",
        "wingman_matches",
        "wingman_sessions",
    }
    said = inventory(db)
    kept = {
        (table.partition(".")[2], column)
        for table, column in {place for place in said if said[place]["at_erasure"] == "kept"}
        | kept_for_now(said)
    }
    nulls = {
        ("wingman_sessions", "notes"),
        ("wingman_sessions", "cancellation_reason"),
        ("no_show_reports", "note"),
        ("no_show_reports", "statement"),
    }
    assert shown(data) - nulls <= kept
    assert rpc.as_admin().call(EXPORT, user_id=life.ana, reason=WHY)["data"]["reputation_events"]


def test_a_newcomer_has_nothing(rpc, people):
    answer = rpc.as_user(people.auth_only()).call("export_my_data")
    assert answer["data"]
    assert not any(answer["data"].values())


def test_operators_must_name_somebody_and_say_why(db, rpc, people):
    admin, user_id = rpc.as_admin(), people.add()
    with refused(db, "user_not_found"):
        admin.call(EXPORT, user_id=uuid4(), reason=WHY)
    with refused(db, "missing_argument", argument="user_id"):
        admin.call(EXPORT, user_id=None, reason=WHY)
    with refused(db, "missing_argument", argument="reason"):
        admin.call(EXPORT, user_id=user_id, reason=None)
    with refused(db, "invalid_argument", argument="reason", rule="must be 1 to 500 characters"):
        admin.call(EXPORT, user_id=user_id, reason=" ")
