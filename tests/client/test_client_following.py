"""A user's notifications, one by one: from the stream of a server, and by polling the inbox."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from contextlib import aclosing, closing
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import wingmanmatch
from harness import Connection, People, Rpc, in_thread
from listening import last_told, listening, tell
from relay import Relay, relay_to
from scripted import said, scripted_server
from serving import Serve, claims_of, signed
from ways import AT_ONCE, OFF, Way
from wingmanmatch import (
    ConnectionLost,
    InvalidInput,
    NotAuthenticated,
    Notification,
    PermissionDenied,
    ProfileIncomplete,
    RateLimited,
    Retries,
    WingmanClient,
)

NOBODY = str(UUID(int=0))
SOON = 0.01


@pytest.fixture
def relayed(http_url: str) -> Iterator[Relay]:
    """A relay to the server."""
    with relay_to(http_url) as relay:
        yield relay


def ids_of(following: Any, number: int) -> list[str]:
    """The ids of the next notifications."""
    return [str(told.id) for told in islice(following, number)]


def streams_of(url: str) -> float:
    """How many streams are open."""
    found = re.search(r"^wingman_http_streams (\S+)", httpx.get(f"{url}/metrics").text, re.MULTILINE)
    assert found
    return float(found[1])


def until_streams_are(url: str, number: int) -> None:
    deadline = time.monotonic() + 15
    while streams_of(url) != number:
        assert time.monotonic() < deadline, streams_of(url)


@pytest.fixture(params=["pool", "connection", "http"])
def any_way(request: pytest.FixtureRequest, flavour: Any, login: str) -> Way:
    """Every transport, in both flavours."""
    is_http = request.param == "http"
    return Way(flavour, request.param, request.getfixturevalue("http_url") if is_http else login)


def test_what_comes_is_the_inbox_oldest_first(db: Connection, people: People, rpc: Rpc, any_way: Way) -> None:
    ana, ben = people.add("Ana"), people.add("Ben")
    rpc.as_user(ben).call("create_automatic_match")
    db.execute("select wingman.run_readers()")
    tell(db, *[ana] * 3)
    with any_way.connect() as client:
        caller = client.as_user(ana)
        with closing(caller.follow_notifications(after=NOBODY, every=SOON)) as following:
            told = [*islice(following, 4)]
        assert told == caller.list_notifications()[::-1]
        assert isinstance(told[0], Notification)
        assert (told[0].kind, told[0].buddy_first_name) == ("match_offered", "Ben")


@pytest.mark.parametrize("size", [1, 4, 5, 6, 104, 105, 250])
def test_nothing_is_left_out_or_comes_twice(db: Connection, people: People, any_way: Way, size: int) -> None:
    ana, ben = people.add(), people.add()
    seen = tell(db, *[ana] * 7)[3]
    rest = db.execute(
        "select id::text from public.wingman_notifications where id > %s order by id", [seen]
    ).fetchall()
    with (
        any_way.connect() as client,
        closing(client.as_user(ana).follow_notifications(UUID(seen), every=SOON)) as following,
    ):
        assert ids_of(following, 3) == [row["id"] for row in rest]
        for _ in range(2):
            tell(db, ben)
            told = tell(db, *[ana] * size)
            assert ids_of(following, size) == told


def test_from_now_on(db: Connection, people: People, any_way: Way) -> None:
    ana = people.add()
    old = tell(db, ana, ana)
    with any_way.connect() as client:
        following = client.as_user(ana).follow_notifications(every=SOON)
        first = in_thread(next, following)
        told = []
        while not first.done():
            told += tell(db, ana)
        begun = str(first.result().id)
        assert begun not in old
        more = ids_of(following, len(told) - told.index(begun) - 1)
        assert [begun, *more] == told[told.index(begun) :]
        following.close()


def test_from_now_on_where_nothing_has_been_told(db: Connection, people: People, any_way: Way) -> None:
    ana = people.add()
    with any_way.connect() as client:
        following = client.as_user(ana).follow_notifications(every=SOON)
        first = in_thread(next, following)
        told = []
        while not first.done():
            told += tell(db, ana)
        assert str(first.result().id) in told
        following.close()


@pytest.mark.parametrize("after", ["7", "", 7])
def test_a_malformed_id(any_way: Way, people: People, after: Any) -> None:
    with any_way.connect() as client, pytest.raises(InvalidInput, match="after must be a UUID"):
        next(client.as_user(people.add()).follow_notifications(after))


@pytest.mark.representatives("async")
def test_a_connection_that_is_cut_is_made_again(
    db: Connection, people: People, flavour: Any, relayed: Relay
) -> None:
    ana = people.add()
    position = last_told(db)
    heard, told = [], []
    with flavour.over_http(relayed.url, retries=AT_ONCE) as client:
        caller = client.with_token(signed(claims_of(ana)))
        with closing(caller.follow_notifications(position)) as following:
            for number in range(5):
                told += tell(db, *[ana] * 3)
                heard += ids_of(following, 3)
                relayed.cut()
                assert (relayed.cuts, relayed.connections) == (number + 1, number + 1)
                # while it is not connected
                told += tell(db, ana)
                heard += ids_of(following, 1)
    assert heard == told


@pytest.mark.representatives("async")
def test_wherever_it_is_cut(db: Connection, people: People, flavour: Any, relayed: Relay) -> None:
    """At every tenth byte of a long answer, and in its head."""
    ana = people.add()
    told = tell(db, *[ana] * 8)
    for cut_after in range(1, 2500, 73):
        cuts = relayed.cuts
        relayed.cut_after = cut_after
        with flavour.over_http(relayed.url, retries=Retries(base=0)) as client:
            caller = client.with_token(signed(claims_of(ana)))
            with closing(caller.follow_notifications(NOBODY)) as following:
                first = in_thread(next, following)
                with relayed.changed:
                    assert relayed.changed.wait_for(lambda: relayed.cuts > cuts, 15)  # noqa: B023
                relayed.cut_after = None
                assert [str(first.result(15).id), *ids_of(following, 7)] == told
        assert relayed.cuts > cuts


@pytest.mark.representatives("async")
def test_a_server_that_stays_away(people: People, flavour: Any, relayed: Relay) -> None:
    ana = people.add()
    relayed.is_down = True
    with flavour.over_http(relayed.url, retries=AT_ONCE) as client, pytest.raises(ConnectionLost) as lost:
        next(client.with_token(signed(claims_of(ana))).follow_notifications())
    assert relayed.turned_away == AT_ONCE.attempts
    assert not lost.value.may_have_taken_effect


def test_no_second_attempt_where_none_is_wanted(
    db: Connection, people: People, flavour: Any, relayed: Relay
) -> None:
    ana = people.add()
    tell(db, ana)
    with flavour.over_http(relayed.url, retries=OFF) as client:
        following = client.with_token(signed(claims_of(ana))).follow_notifications(NOBODY)
        next(following)
        relayed.cut()
        with pytest.raises(ConnectionLost):
            next(following)
    assert relayed.connections == 1


@pytest.mark.exhaustive
def test_it_ends_with_the_token(db: Connection, people: People, flavour: Any, http_url: str) -> None:
    ana = people.add()
    token = signed(claims_of(ana, exp=int(time.time()) - 28))
    tell(db, ana)
    with flavour.over_http(http_url) as client:
        following = client.with_token(token).follow_notifications(NOBODY)
        next(following)
        with pytest.raises(NotAuthenticated):
            next(following)


@pytest.mark.representatives("async")
def test_a_new_token_in_time(db: Connection, people: People, flavour: Any, http_url: str) -> None:
    ana = people.add()
    times = iter([int(time.time()) + 1, int(time.time()) + 3600])
    given = []

    def fetch() -> str:
        given.append(next(times))
        return signed(claims_of(ana, exp=given[-1]))

    async def fetch_in_time() -> str:
        return fetch()

    told = tell(db, ana)
    is_sync = flavour.over_http is WingmanClient.over_http
    with flavour.over_http(http_url) as client:
        caller = client.with_token(fetch if is_sync else fetch_in_time)
        with closing(caller.follow_notifications(NOBODY)) as following:
            heard = ids_of(following, 1)
            last = in_thread(next, following)
            while len(given) < 2:
                time.sleep(0.01)
            told += tell(db, ana)
            heard.append(str(last.result(15).id))
    assert heard == told


@pytest.mark.representatives("async")
def test_who_may_not_follow(people: People, flavour: Any, http_url: str) -> None:
    refused = {
        signed(claims_of()): NotAuthenticated,
        "nonsense": NotAuthenticated,
        "": NotAuthenticated,
        signed(claims_of(role="service_role")): PermissionDenied,
        signed(claims_of(people.auth_only())): ProfileIncomplete,
    }
    with flavour.over_http(http_url) as client:
        for token, error in refused.items():
            with pytest.raises(error):
                next(client.with_token(token).follow_notifications())


@pytest.mark.representatives("async")
def test_too_many_of_one_user(db: Connection, people: People, flavour: Any, serve: Serve) -> None:
    ana = people.add()
    tell(db, ana)
    url = serve(max_streams_of_one=1)
    with flavour.over_http(url) as client:
        caller = client.with_token(signed(claims_of(ana)))
        first = caller.follow_notifications(NOBODY)
        next(first)
        with pytest.raises(RateLimited) as refused:
            next(caller.follow_notifications(NOBODY))
        assert refused.value.retry_after == 5
        first.close()
        until_streams_are(url, 0)
        with closing(caller.follow_notifications(NOBODY)) as again:
            next(again)


@pytest.mark.representatives("async")
def test_a_place_that_is_taken_when_it_connects_again(
    db: Connection, people: People, flavour: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits as long as the server asks, and goes on."""
    monkeypatch.setattr("wingmanmatch.http.failures._STREAM_SECONDS", 1)
    ana = people.add()
    token = signed(claims_of(ana))
    url = serve(max_streams_of_one=1)
    told = tell(db, ana)
    with relay_to(url) as relay, flavour.over_http(relay.url) as client:
        following = client.with_token(token).follow_notifications(NOBODY)
        heard = ids_of(following, 1)
        relay.is_down = True
        relay.cut()
        until_streams_are(url, 0)
        with listening(url, token):
            relay.is_down = False
            more = in_thread(next, following)
            with relay.changed:
                assert relay.changed.wait_for(lambda: relay.connections >= 2, 15)
            while not refusals_in(url):
                assert not more.done()
        told += tell(db, ana)
        heard.append(str(more.result(15).id))
        following.close()
    assert heard == told


def refusals_in(url: str) -> bool:
    """Whether a stream has been refused because there were too many."""
    counted = 'function="notifications_stream",outcome="rate_limited"'
    return counted in httpx.get(f"{url}/metrics").text


@pytest.mark.representatives("async")
def test_it_ends_when_it_is_closed(db: Connection, people: People, flavour: Any, http_url: str) -> None:
    ana = people.add()
    tell(db, ana)
    with flavour.over_http(http_url, max_connections=1) as client:
        caller = client.with_token(signed(claims_of(ana)))
        # streams take no connection from calls
        following = [caller.follow_notifications(NOBODY) for _ in range(3)]
        for one in following:
            next(one)
        until_streams_are(http_url, 3)
        assert caller.get_profile().user_id == ana
        for one in following:
            one.close()
        until_streams_are(http_url, 0)


def test_a_cancelled_task(db: Connection, people: People, http_url: str) -> None:
    ana = people.add()

    async def follow() -> None:
        async with wingmanmatch.AsyncWingmanClient.over_http(http_url) as client:
            caller = client.with_token(signed(claims_of(ana)))
            async with aclosing(caller.follow_notifications()) as following:
                task = asyncio.ensure_future(anext(following))
                await asyncio.to_thread(until_streams_are, http_url, 1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.to_thread(until_streams_are, http_url, 0)

    asyncio.run(follow())


@pytest.mark.representatives("async")
def test_a_server_without_a_stream(db: Connection, people: People, flavour: Any, http_url: str) -> None:
    """Such as a Supabase project: the client polls the inbox."""
    with scripted_server() as script, flavour.over_http(script.url, retries=OFF) as client:
        row = {
            "id": str(uuid4()),
            "kind": "a_new_kind",
            "message": "",
            "match_id": None,
            "session_id": None,
            "buddy_user_id": None,
            "buddy_first_name": None,
            "created_at": "2026-12-01T18:00:00+01:00",
            "useful_until": None,
            "read_at": None,
        }
        script.answers = [
            said("404 Not Found", '{"error": "requested path is invalid"}'),
            said("200 OK", "[]"),
            said("200 OK", json.dumps([row])),
            said("200 OK", "[]"),
        ]
        following = client.with_token("x").follow_notifications(every=SOON)
        assert next(following).kind == "a_new_kind"
        following.close()
    assert [path for path, _, _ in script.requests] == [
        "/api/notifications/stream",
        *["/rest/v1/rpc/list_notifications"] * 3,
    ]


def test_a_database_connection_that_is_lost(db: Connection, people: People, flavour: Any, login: str) -> None:
    ana = people.add()
    told = tell(db, ana)
    with (
        flavour.connect(login, max_size=1) as client,
        closing(client.as_user(ana).follow_notifications(NOBODY, every=SOON)) as following,
    ):
        heard = ids_of(following, 1)
        for _ in range(3):
            ended = db.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and application_name = 'wingmanmatch'"
            ).fetchall()
            assert ended
            told += tell(db, ana)
            heard += ids_of(following, 1)
    assert heard == told
