"""The two endpoints of the design documents, to the letter."""

from uuid import uuid4

import httpx
import pytest
from matchmaking import ACCEPTED, DECLINED, NEXT
from refusing import is_failure, is_refused
from rows import all_rows, counters, lift_rate_limits, make_match, make_pair, make_session, session_row
from serving import bearer
from wingmanmatch.http.seeds import MatchResponseResponse, SessionConfirmCompletionResponse

RESPOND = "/api/buddy/respond"
CONFIRM = "/api/session/confirm-completion"
COMPLETED = "Session completed! Both participants have confirmed completion and reputation was updated."


@pytest.fixture
def respond(http, token):
    """Answers a match as somebody; ``user_id`` is who asks unless told otherwise."""

    def post(caller, match_id, action="accept", **others):
        body = {"user_id": str(caller), "match_id": str(match_id), "action": action, **others}
        return http.post(RESPOND, json=body, headers=bearer(token(caller)))

    return post


@pytest.fixture
def confirm(http, token):
    """Confirms a session as somebody."""

    def post(caller, session_id, **headers):
        body = {"session_id": str(session_id)}
        return http.post(CONFIRM, json=body, headers={**bearer(token(caller)), **headers})

    return post


def test_accept(db, people, respond):
    pair = make_pair(db, people, "pending")
    answer = respond(pair.user2, pair.match_id)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": ACCEPTED,
        "match_status": "accepted",
        "next_match": None,
    }
    MatchResponseResponse.model_validate(answer.json())
    assert db.execute("select status from wingman_matches").fetchall() == [{"status": "accepted"}]


def test_decline_brings_the_next_match(db, people, respond):
    ana, ben, cleo = people.add("Ana"), people.add("Ben"), people.add("Cleo")
    first = make_match(db, ana, ben, "pending")
    answer = respond(ana, first, "decline")
    assert answer.status_code == 200
    next_id = db.execute("select id from wingman_matches where status = 'pending'").fetchone()["id"]
    assert answer.json() == {
        "success": True,
        "message": NEXT,
        "match_status": "declined",
        "next_match": {
            "match_id": str(next_id),
            "buddy_user_id": str(cleo),
            "buddy_profile": {
                "id": str(cleo),
                "first_name": "Cleo",
                "experience_level": "beginner",
                "confidence_archetype": None,
                "reputation_score": 0,
            },
        },
    }
    MatchResponseResponse.model_validate(answer.json())


def test_decline_with_nobody_else(db, people, respond):
    pair = make_pair(db, people, "pending")
    answer = respond(pair.user1, pair.match_id, "decline")
    assert (answer.status_code, answer.json()["message"]) == (200, DECLINED)
    assert answer.json()["next_match"] is None


def test_respond_refuses_what_its_document_refuses(db, people, respond):
    pair = make_pair(db, people, "pending")
    stranger = people.add()
    lapsed = make_pair(db, people, "lapsed")
    accepted = make_pair(db, people, "accepted")
    before = all_rows(db)

    action = "Invalid action: must be 'accept' or 'decline'"
    is_refused(db, respond(pair.user1, pair.match_id, "maybe"), "invalid_action", 400, action)
    outsider = "Not authorized - user is not a participant in this match"
    is_refused(db, respond(stranger, pair.match_id), "not_match_participant", 403, outsider)
    another = "Not authorized to act for another user"
    answer = respond(stranger, pair.match_id, user_id=str(pair.user1))
    is_refused(db, answer, "acting_for_another", 403, another)
    is_refused(db, respond(pair.user1, uuid4()), "match_not_found", 404, "Match not found")
    is_refused(db, respond(lapsed.user1, lapsed.match_id), "match_expired", 404, "Match has expired")
    resolved = "Match is already accepted - cannot respond"
    answer = respond(accepted.user1, accepted.match_id, "decline")
    is_refused(db, answer, "match_already_resolved", 400, resolved, status="accepted")
    assert all_rows(db) == before


def test_respond_needs_each_field(db, people, http, token):
    pair = make_pair(db, people, "pending")
    whole = {"user_id": str(pair.user1), "match_id": str(pair.match_id), "action": "accept"}
    for field in whole:
        missing = {name: value for name, value in whole.items() if name != field}
        for body in (missing, {**whole, field: None}):
            answer = http.post(RESPOND, json=body, headers=bearer(token(pair.user1)))
            is_refused(db, answer, "missing_argument", 400, f"{field} is required", argument=field)


def test_respond_answers_400_to_a_malformed_id(db, people, http, token):
    for field in ["user_id", "match_id"]:
        for value in ["x", "", 7, [], {"a": 1}, True]:
            ana = people.add()
            body = {"user_id": str(ana), "match_id": str(uuid4()), "action": "accept", field: value}
            is_failure(http.post(RESPOND, json=body, headers=bearer(token(ana))), "invalid_input", 400)


def test_what_a_model_does_not_know_is_passed_over(db, people, respond):
    pair = make_pair(db, people, "pending")
    assert respond(pair.user1, pair.match_id, locale="pt").status_code == 200


def test_the_service_may_name_anyone(db, people, http, token):
    pair = make_pair(db, people, "pending")
    body = {"user_id": str(pair.user1), "match_id": str(pair.match_id), "action": "accept"}
    answer = http.post(RESPOND, json=body, headers=bearer(token(role="service_role")))
    assert answer.json()["match_status"] == "accepted"


def test_a_token_is_needed_before_anything_else(db, http):
    for path in [RESPOND, CONFIRM]:
        for headers in ({}, {"Authorization": "Bearer x"}, {"apikey": "x"}):
            answer = http.post(path, content="no json", headers=headers)
            is_refused(db, answer, "not_authenticated", 401, "Authentication required")
            assert answer.headers["www-authenticate"] == "Bearer"


def test_both_confirm(db, people, confirm):
    pair = make_pair(db, people)
    session = make_session(db, pair.match_id)
    first, second = confirm(pair.user1, session), confirm(pair.user2, session)
    assert first.status_code == second.status_code == 200
    assert first.json() == {
        "success": True,
        "message": "Completion confirmation recorded. Waiting for your buddy to confirm.",
        "session_status": "scheduled",
        "both_confirmed": False,
        "reputation_updated": False,
        "user_reputation_delta": 0,
    }
    assert second.json() == {
        "success": True,
        "message": COMPLETED,
        "session_status": "completed",
        "both_confirmed": True,
        "reputation_updated": True,
        "user_reputation_delta": 1,
    }
    for answer in (first, second):
        SessionConfirmCompletionResponse.model_validate(answer.json(), strict=True)
    assert session_row(db, session)["status"] == "completed"
    assert counters(db, pair.user1) == counters(db, pair.user2) == (1, 0, 1)


def test_confirm_refuses_what_its_document_refuses(db, people, confirm):
    pair = make_pair(db, people)
    stranger = people.add()
    early = make_session(db, pair.match_id, starts="1 hour")
    cancelled = make_session(db, make_pair(db, people).match_id, "cancelled")
    of_cancelled = db.execute(
        "select user1_id from public.wingman_sessions where id = %s",
        [cancelled],
    ).fetchone()["user1_id"]
    before = all_rows(db)

    is_refused(db, confirm(pair.user1, uuid4()), "session_not_found", 404, "Session not found")
    outsider = "Access denied - user is not a participant in this session"
    is_refused(db, confirm(stranger, early), "not_session_participant", 403, outsider)
    time = session_row(db, early)["scheduled_time"].strftime("%Y-%m-%d %H:%M UTC")
    not_yet = f"Cannot confirm completion before scheduled time ({time})"
    is_refused(db, confirm(pair.user1, early), "session_not_started", 400, not_yet, time=time)
    over = "Session cannot be completed - current status: cancelled"
    answer = confirm(of_cancelled, cancelled)
    is_refused(db, answer, "session_not_confirmable", 400, over, status="cancelled")
    assert all_rows(db) == before


def test_confirm_answers_422_to_a_malformed_id(people, http, token):
    for value in ["x", "", 7, [], "00000000-0000-0000-0000-00000000000g"]:
        answer = http.post(CONFIRM, json={"session_id": value}, headers=bearer(token(people.add())))
        is_failure(answer, "invalid_input", 422)


def test_confirm_needs_its_field(db, people, http, token):
    for body in ({}, {"session_id": None}):
        answer = http.post(CONFIRM, json=body, headers=bearer(token(people.add())))
        message = "session_id is required"
        is_refused(db, answer, "missing_argument", 400, message, argument="session_id")


def test_a_double_submit(db, people, confirm):
    pair = make_pair(db, people)
    session = make_session(db, pair.match_id)
    first = confirm(pair.user1, session, **{"Idempotency-Key": "once"})
    before = all_rows(db)
    again = confirm(pair.user1, session, **{"Idempotency-Key": "once"})
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers

    without = confirm(pair.user1, session)
    assert without.status_code == 409
    assert without.json()["detail"] == "You have already confirmed completion for this session"
    assert without.json()["error"] == "already_confirmed"
    assert without.json()["state"]["status"] == "scheduled"

    other = make_session(db, make_match(db, pair.user1, people.add()))
    assert all_rows(db)["wingman.idempotency_keys"] == before["wingman.idempotency_keys"]
    reused = "Idempotency-Key was already used with different parameters"
    answer = confirm(pair.user1, other, **{"Idempotency-Key": "once"})
    is_refused(db, answer, "idempotency_key_reused", 422, reused)
    invalid = "Idempotency-Key must be one value of 1 to 255 characters"
    answer = confirm(pair.user1, session, **{"Idempotency-Key": "a, b"})
    is_refused(db, answer, "idempotency_key_invalid", 400, invalid)


def test_too_many_requests_say_when_to_come_back(db, people, respond):
    lift_rate_limits(db)
    db.execute("update wingman.settings set respond_limit = 1")
    ana = people.add()
    assert respond(ana, make_match(db, ana, people.add(), "pending")).status_code == 200
    answer = respond(ana, make_match(db, ana, people.add(), "pending"))
    assert answer.status_code == 429
    seconds = answer.json()["retry_after"]
    assert answer.headers["retry-after"] == str(seconds)
    assert 3590 <= seconds <= 3600
    message = f"Too many requests - retry in {seconds} seconds"
    is_refused(db, answer, "rate_limited", 429, message, retry_after=seconds)


FAILED = {
    RESPOND: "Database or system error",
    CONFIRM: "Failed to update session completion status",
}

# the sequence counts: what it has given is not taken back with the transaction
FAILING = """
    create sequence public.failures;
    create function public.fail() returns trigger language plpgsql security definer as $$
    begin
        perform nextval('public.failures');
        raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '{code}';
    end $$;
    create constraint trigger fail after insert or update on {table} {when} for each row
    execute function public.fail();
"""


@pytest.mark.parametrize(
    ("path", "table", "code", "when"),
    [
        (RESPOND, "public.wingman_matches", "53100", "not deferrable"),
        (RESPOND, "public.wingman_matches", "58030", "initially deferred"),
        (RESPOND, "wingman.idempotency_keys", "P0001", "not deferrable"),
        (CONFIRM, "public.wingman_sessions", "53100", "not deferrable"),
        (CONFIRM, "public.wingman_sessions", "23514", "initially deferred"),
        (CONFIRM, "public.wingman_sessions", "XX001", "not deferrable"),
        # the reputation belongs to the same transaction
        (CONFIRM, "wingman.reputation_events", "53100", "not deferrable"),
        (CONFIRM, "public.user_profiles", "53100", "not deferrable"),
    ],
)
def test_a_write_that_fails(db, people, respond, confirm, http, token, path, table, code, when):
    pair = make_pair(db, people, "pending" if path == RESPOND else "accepted")
    if path == CONFIRM:
        session = make_session(db, pair.match_id)
        assert confirm(pair.user2, session).status_code == 200
    before = all_rows(db)
    db.execute(FAILING.format(table=table, code=code, when=when))

    def ask(where):
        ids = {"user_id": str(pair.user1), "match_id": str(pair.match_id), "action": "accept"}
        body = ids if path == RESPOND else {"session_id": str(session)}
        headers = {**bearer(token(pair.user1)), "Idempotency-Key": "once"}
        return http.post(where, json=body, headers=headers)

    answer = ask(path)
    assert (answer.status_code, answer.json()) == (
        500,
        {"detail": FAILED[path], "error": "internal_error"},
    )
    assert db.execute("select last_value, is_called from public.failures").fetchone() == {
        "last_value": 1,
        "is_called": True,
    }
    assert all_rows(db) == before
    # only the documents have words for it
    name = "respond-to-match" if path == RESPOND else "confirm-session-completion"
    other = ask(f"/api/{name}")
    assert other.json() == {"detail": "The request failed", "error": "internal_error"}

    db.execute("drop function public.fail() cascade")
    assert ask(path).status_code == 200


def test_an_unforeseen_error_has_the_words_of_its_document(serve, token):
    where = serve(max_body_bytes=None)
    for path, message in FAILED.items():
        answer = httpx.post(where + path, json={}, headers=bearer(token(uuid4())))
        assert (answer.status_code, answer.json()["detail"]) == (500, message)
