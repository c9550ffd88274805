"""The real supabase-py against the HTTP layer: the demo's story, every error name, a button pressed twice."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from over_http import ERROR_NAMES, refusals
from postgrest.exceptions import APIError
from rows import ledger, make_pair, make_session, session_row, update_session
from serving import claims_of, signed
from supabase import AsyncClient, Client, ClientOptions, acreate_client, create_client

KEY = signed(claims_of())

# supabase-py warns of its own use of postgrest-py
pytestmark = pytest.mark.filterwarnings("ignore:The '(timeout|verify)' parameter:DeprecationWarning")


class Somebody:
    """A client that acts as a user; without one, as nobody."""

    def __init__(self, url: str, token: str | None, **headers: str) -> None:
        self.client: Client = create_client(url, KEY, ClientOptions(headers=headers))
        if token:
            self.client.postgrest.auth(token)

    def __call__(self, function: str, get: bool = False, **arguments: Any) -> Any:
        return self.client.rpc(function, arguments, get=get).execute().data

    def refused(self, function: str, **arguments: Any) -> tuple[APIError, dict[str, Any]]:
        """The error of a call that must fail, and its details."""
        with pytest.raises(APIError) as caught:
            self(function, **arguments)
        error = caught.value
        assert set(error.json()) == {"code", "details", "hint", "message"}
        assert isinstance(error.details, str)
        return error, json.loads(error.details)


@pytest.fixture
def act_as(http_url) -> Callable[..., Somebody]:
    return lambda user_id, **headers: Somebody(http_url, signed(claims_of(user_id)), **headers)


def from_now(**interval: float) -> str:
    return (datetime.now(UTC) + timedelta(**interval)).isoformat()


def test_the_story(act_as, people, db):
    names = {people.auth_only(): name for name in ("Ana", "Bo", "Cleo")}
    somebody = {user_id: act_as(user_id) for user_id in names}
    for number, (user_id, name) in enumerate(names.items()):
        place = {"lat": 38.72 + number / 20, "lng": -9.14, "city": "Lisbon"}
        profile = somebody[user_id]("complete_profile", first_name=name, experience_level="beginner", **place)
        assert (profile["first_name"], profile["max_travel_miles"], profile["bio"]) == (name, 25, None)
    ana_id, bo_id, cleo_id = names
    ana, bo, cleo = somebody.values()

    first = ana("create_automatic_match", max_radius_miles=25)
    assert first["success"] is True
    assert first["buddy_profile"] == {
        "id": str(bo_id),
        "first_name": "Bo",
        "experience_level": "beginner",
        "confidence_archetype": None,
        "reputation_score": 0,
    }
    declined = ana("respond_to_match", match_id=first["match_id"], action="decline")
    match_id = declined["next_match"]["match_id"]
    assert declined["next_match"]["buddy_user_id"] == str(cleo_id)
    assert cleo("respond_to_match", match_id=match_id, action="accept")["match_status"] == "accepted"

    session = ana(
        "create_session", match_id=match_id, scheduled_time=from_now(minutes=10), venue_name="Café Central"
    )
    session_id = session["id"]
    assert (
        ana.refused("confirm_session_completion", session_id=session_id)[1]["error"] == "session_not_started"
    )
    assert bo.refused("get_session", session_id=session_id)[1]["error"] == "not_session_participant"
    assert cleo("start_session", session_id=session_id)["status"] == "in_progress"
    update_session(db, UUID(session_id), "scheduled_time = statement_timestamp()")
    once = ana("confirm_session_completion", session_id=session_id)
    assert (once["both_confirmed"], once["user_reputation_delta"]) == (False, 0)
    error, details = ana.refused("confirm_session_completion", session_id=session_id)
    assert (error.code, details["error"]) == ("PT409", "already_confirmed")
    assert details["state"]["i_confirmed_buddy"] is True
    twice = cleo("confirm_session_completion", session_id=session_id, buddy_user_id=str(ana_id))
    assert (twice["both_confirmed"], twice["user_reputation_delta"]) == (True, 1)

    assert [who("get_reputation", get=True)["score"] for who in (ana, bo, cleo)] == [1, 0, 1]
    assert [match["status"] for match in ana("list_matches")] == ["accepted", "declined"]
    assert bo("list_sessions", status="completed") == []
    assert session_row(db, UUID(session_id))["status"] == "completed"
    assert {event["user_id"] for event in ledger(db)} == {ana_id, cleo_id}


@pytest.mark.exhaustive
def test_every_error_name(db, connect, rpc, http_url, serve):
    prepared = refusals(db, connect, rpc, http_url, serve)
    for name in ERROR_NAMES:
        with prepared(name) as case:
            who = Somebody(case.url, case.token)
            error, details = who.refused(case.function, get=case.get, **case.arguments)
            assert (error.code, error.message) == (f"PT{case.status}", case.message), name
            assert details == case.details
            assert error.hint


def test_errors_outside_the_catalogue(act_as, people, http_url):
    ana = act_as(people.add())
    for who, function, arguments, code in (
        (ana, "get_profil", {}, "PGRST202"),
        (ana, "get_match", {"id": str(uuid4())}, "PGRST202"),
        (ana, "get_match", {"match_id": "seven"}, "22P02"),
        (ana, "create_automatic_match", {"max_radius_miles": 2**40}, "22003"),
        (Somebody(http_url, None), "get_profile", {}, "42501"),
        (Somebody(http_url, "no.token.atall"), "get_profile", {}, "PGRST301"),
    ):
        with pytest.raises(APIError) as caught:
            who(function, **arguments)
        assert caught.value.code == code
    with pytest.raises(APIError, match="PostgREST"):
        ana.client.table("user_profiles").select("*").execute()


def test_a_button_pressed_twice(act_as, people, db):
    pair = make_pair(db, people)
    session_id = str(make_session(db, pair.match_id))
    key = str(uuid4())
    one, other = act_as(pair.user1), act_as(pair.user2, **{"Idempotency-Key": key})

    one("confirm_session_completion", session_id=session_id)
    assert one.refused("confirm_session_completion", session_id=session_id)[1]["error"] == "already_confirmed"

    first = other("confirm_session_completion", session_id=session_id)
    assert first["user_reputation_delta"] == 1
    assert other("confirm_session_completion", session_id=session_id) == first
    # the same key, as an argument and on another device
    again = act_as(pair.user2)("confirm_session_completion", session_id=session_id, idempotency_key=key)
    assert again == first
    reused = other.refused("cancel_session", session_id=session_id)[1]
    assert reused["error"] == "idempotency_key_reused"
    assert [event["delta"] for event in ledger(db)] == [1, 1]


def test_two_at_once(http_url, people, db):
    async def answered(client: AsyncClient, match_id: UUID, action: str) -> str:
        try:
            answer = await client.rpc(
                "respond_to_match", {"match_id": str(match_id), "action": action}
            ).execute()
        except APIError as error:
            return str(json.loads(error.details or "")["error"])
        return str(answer.data["match_status"])

    async def collide() -> None:
        for _ in range(5):
            pair = make_pair(db, people, "pending")
            clients = [await acreate_client(http_url, KEY) for _ in (1, 2)]
            for client, user_id in zip(clients, (pair.user1, pair.user2), strict=True):
                client.postgrest.auth(signed(claims_of(user_id)))
            told = await asyncio.gather(
                answered(clients[0], pair.match_id, "accept"), answered(clients[1], pair.match_id, "decline")
            )
            rows = db.execute("select status from public.wingman_matches where id = %s", [pair.match_id])
            (match,) = rows.fetchall()
            assert sorted(told) == sorted([match["status"], "match_already_resolved"])

    asyncio.run(collide())
