"""What the methods answer, for users and for the service, over every transport, in both flavours."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import psycopg
import pytest
import wingmanmatch
from everything import call_everything
from harness import LISBON, Connect, Connection, People, in_thread
from ways import Way
from wingmanmatch import (
    ActingForAnother,
    AutomaticMatch,
    Caller,
    MissingArgument,
    NotAuthenticated,
    WingmanClient,
    models,
)


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_every_method_answers_its_model(way: Way, db: Connection) -> None:
    with way.connect() as client:
        answers = call_everything(client, db)
    methods = {name for name in vars(Caller) if not name.startswith("_")}
    assert answers.keys() == methods
    for name, answer in answers.items():
        promised = get_type_hints(getattr(Caller, name))["return"]
        if get_origin(promised) is list:
            assert answer
            assert {type(row) for row in answer} == {*get_args(promised)}, name
        else:
            assert type(answer) is promised, name
    assert answers["get_match_history"][0].event == "match_offered"
    assert answers["confirm_session_completion"].both_confirmed
    assert answers["get_reputation"].score == 1
    assert {type(rule) for rule in answers["explain_match"].rules} == {models.MatchRule}
    assert {type(count) for count in answers["why_no_match"].removed} == {models.PeopleCount}


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_answer_is_what_the_tables_say(way: Way, people: People, db: Connection) -> None:
    ana, bo = people.add("Ana"), people.add("Bo", "intermediate", confidence_archetype="Analyzer")
    with way.connect() as client:
        match = client.as_user(ana).create_automatic_match(max_radius_miles=10)
    row = db.execute("select id, distance_miles from wingman_matches").fetchone()
    assert row is not None
    assert match == AutomaticMatch(
        success=True,
        message="Wingman buddy match created successfully!",
        match_id=row["id"],
        buddy_user_id=bo,
        buddy_profile=models.BuddyProfile(
            id=bo,
            first_name="Bo",
            experience_level="intermediate",
            confidence_archetype="Analyzer",
            reputation_score=0,
        ),
        distance_miles=row["distance_miles"],
    )


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_values_go_both_ways(way: Way, people: People) -> None:
    ana, bo = people.add(), people.add()
    told = {
        "first_name": "Žofie 🛩",
        "experience_level": "advanced",
        "lat": -33.44888970000001,
        "lng": 1e-07,
        "city": 'Sant\'Ana "do" \\Livramento\n$1 %s',
        "max_travel_miles": 40,
    }
    at = datetime.now(UTC) + timedelta(days=1, microseconds=1)
    with way.connect() as client:
        match = client.as_user(ana).create_automatic_match()
        client.as_user(bo).respond_to_match(str(match.match_id), "accept")
        session = client.as_user(ana).create_session(match.match_id, at, "Café")
        profile = client.as_user(str(ana)).complete_profile(**told)
    assert {name: getattr(profile, name) for name in told} == told
    assert profile.bio is None
    assert session.scheduled_time == at
    assert session.scheduled_time.utcoffset() is not None


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_left_out_argument_takes_the_databases_default(way: Way, people: People, db: Connection) -> None:
    with way.connect() as client:
        ana = client.as_user(people.auth_only())
        profile = ana.complete_profile("Ana", "beginner", **LISBON)
        with pytest.raises(MissingArgument) as refusal:
            ana.complete_profile("Ana", "beginner", **LISBON, max_travel_miles=None)
    assert (profile.max_travel_miles, profile.privacy_mode) == (25, "precise")
    assert refusal.value.context == {"argument": "max_travel_miles"}


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_service_acts_for_anybody_and_must_name_them(way: Way, people: People) -> None:
    ana = people.add("Ana")
    with way.connect() as client:
        service = client.as_service()
        assert service.get_profile(user_id=ana).first_name == "Ana"
        with pytest.raises(MissingArgument):
            service.get_profile()


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_user_acts_for_nobody_else(way: Way, people: People) -> None:
    ana, bo = people.add(), people.add()
    with way.connect() as client:
        assert client.as_user(ana).get_profile(user_id=ana).user_id == ana
        with pytest.raises(ActingForAnother):
            client.as_user(ana).get_profile(user_id=bo)
        with pytest.raises(NotAuthenticated):
            client.as_user("nobody").get_profile()


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_newer_database_answers_more(way: Way, people: People, db: Connection) -> None:
    ana = people.add()
    db.execute("alter type public.reputation add attribute stars integer")
    with way.connect() as client:
        assert client.as_user(ana).get_reputation().score == 0


def test_answers_cannot_be_changed(people: People, login: str) -> None:
    with WingmanClient.connect(login) as client:
        profile = client.as_user(people.add()).get_profile()
    with pytest.raises(ValueError, match="frozen"):
        profile.first_name = "Bo"  # type: ignore[misc]


@pytest.mark.parametrize("given", ["nothing", "both"])
def test_client_needs_a_pool_or_a_connection(connect: Connect, given: str) -> None:
    both = {"pool": object(), "connection": connect()}
    with pytest.raises(TypeError, match="either a pool or a connection"):
        WingmanClient(**(both if given == "both" else {}))


def test_threads_share_one_connection(people: People, connect: Connect) -> None:
    users = [people.add() for _ in range(4)]
    client = WingmanClient(connection=connect())

    def ask(user: UUID) -> bool:
        return all(client.as_user(user).get_profile().user_id == user for _ in range(25))

    answers = [in_thread(ask, user) for user in users]
    assert all(answer.result(timeout=30) for answer in answers)


def test_tasks_share_one_connection(people: People, login: str) -> None:
    users = [people.add() for _ in range(4)] * 10

    async def ask() -> list[Any]:
        async with await psycopg.AsyncConnection.connect(login, autocommit=True) as connection:
            client = wingmanmatch.AsyncWingmanClient(connection=connection)
            return await asyncio.gather(*(client.as_user(user).get_profile() for user in users))

    assert [profile.user_id for profile in asyncio.run(ask())] == users


def test_tasks_share_one_pool(people: People, login: str) -> None:
    users = [people.add() for _ in range(4)] * 10

    async def ask() -> list[Any]:
        async with wingmanmatch.AsyncWingmanClient.connect(login, max_size=3) as client:
            return await asyncio.gather(*(client.as_user(user).get_profile() for user in users))

    assert [profile.user_id for profile in asyncio.run(ask())] == users
