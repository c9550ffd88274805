"""Calls every method of the client once, as its people would."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from harness import LISBON, Connection, People


def call_everything(client: Any, people: People, db: Connection) -> dict[str, Any]:
    """Two people from profile to the end of their match; returns the last answer of each method by name."""
    ana_id, bo_id = people.auth_only(), people.add("Bo")
    ana, bo = client.as_user(ana_id), client.as_user(bo_id)
    answers: dict[str, Any] = {
        "complete_profile": ana.complete_profile("Ana", "beginner", **LISBON),
        "get_profile": ana.get_profile(),
        "create_automatic_match": ana.create_automatic_match(),
    }
    match_id: UUID = answers["create_automatic_match"].match_id
    answers["respond_to_match"] = bo.respond_to_match(match_id, "accept")
    answers["get_match"] = ana.get_match(match_id)
    answers["list_matches"] = ana.list_matches()
    answers["explain_match"] = ana.explain_match(match_id)

    soon = datetime.now(UTC) + timedelta(minutes=10)
    first = ana.create_session(match_id, soon, "Café")
    answers["cancel_session"] = bo.cancel_session(first.id)
    answers["create_session"] = session = ana.create_session(match_id, soon, "Café")
    answers["start_session"] = bo.start_session(session.id)
    db.execute("update wingman_sessions set scheduled_time = now() where id = %s", [session.id])
    bo.confirm_session_completion(session.id)
    answers["confirm_session_completion"] = ana.confirm_session_completion(session.id)
    answers["get_session"] = ana.get_session(session.id)
    answers["list_sessions"] = bo.list_sessions()
    answers["get_match_history"] = ana.get_match_history(match_id)
    answers["get_reputation"] = ana.get_reputation(subject_id=bo_id)
    answers["end_match"] = ana.end_match(match_id)
    answers["pause_matching"] = ana.pause_matching()
    answers["resume_matching"] = ana.resume_matching()
    answers["report_user"] = ana.report_user(bo_id, "Never came")
    answers["block_user"] = ana.block_user(bo_id)
    answers["why_no_match"] = ana.why_no_match()
    answers["unblock_user"] = ana.unblock_user(bo_id)
    return answers
