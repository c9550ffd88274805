"""Where calls wait for a connection, users take turns: one who floods the server starves nobody."""

import asyncio
import random
from concurrent.futures import wait
from contextlib import contextmanager

import httpx
import pytest
from harness import in_thread
from refusing import is_failure, is_rest_failure
from serving import bearer
from waiting import blocked_backends, until
from wingmanmatch.http.turns import TooManyWaitingError, Turns, WaitedTooLongError

DOORS = {"api": "/api/{}", "rest": "/rest/v1/rpc/{}"}
SEARCH = "create_automatic_match"


def path(door, function):
    return DOORS[door].format(function if door == "rest" else function.replace("_", "-"))


def waiting(url):
    """How many calls wait for a connection, as the server's metrics have it."""
    text = httpx.get(f"{url}/metrics").text
    (line,) = [line for line in text.splitlines() if line.startswith("wingman_http_pool_waiting ")]
    return float(line.split()[1])


@contextmanager
def held(db, connect, user):
    """Somebody's seeker row is locked: their searches wait in the database, as long as it lasts."""
    db.execute("alter function wingman.create_automatic_match set lock_timeout = '1min'")
    with connect(user=db.info.user, autocommit=False) as holder:
        holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [user])
        yield


@pytest.fixture
def patient(serve):
    """Starts servers that give calls a minute."""
    return lambda **others: serve(request_timeout_seconds=60, pool_timeout_seconds=60, **others)


@pytest.mark.representatives("api-rest")
@pytest.mark.parametrize(("of_flood", "door"), [("api", "rest"), ("rest", "api")])
def test_one_who_floods_the_server_starves_nobody(db, people, connect, patient, token, of_flood, door):
    ana, ben = people.add(), people.add()
    url = patient(pool_size=4, max_waiting_of_one=10)
    anas = httpx.Client(base_url=url, headers=bearer(token(ana)), timeout=60)
    bens = httpx.Client(base_url=url, headers=bearer(token(ben)), timeout=60)
    with anas, bens:
        with held(db, connect, ana):
            flood = [in_thread(anas.post, path(of_flood, SEARCH)) for _ in range(30)]
            # half of the connections and her own places in the queue; the others are refused at once
            until(lambda: len(blocked_backends(db)) == 2)
            until(lambda: sum(call.done() for call in flood) == 18)
            assert waiting(url) == 10
            for answer in [call.result() for call in flood if call.done()]:
                assert answer.headers["retry-after"] == "1"
                if of_flood == "api":
                    is_failure(answer, "overloaded", 503)
                else:
                    is_rest_failure(answer, "PGRST003", 503)
            # all of his are answered while all of hers still wait
            for _ in range(29):
                assert bens.post(path(door, "list_matches")).status_code == 200
            at_once = [in_thread(bens.post, path(door, "get_profile")) for _ in range(12)]
            assert [call.result(60).status_code for call in at_once] == [200] * 12
            assert sum(call.done() for call in flood) == 18
            assert len(blocked_backends(db)) == 2
        wait(flood, 60)
        assert sorted(call.result().status_code for call in flood) == [200] * 12 + [503] * 18


def test_users_take_turns(db, people, connect, patient, token):
    ana, ben, cleo, zoe = (people.add(name) for name in ("Ana", "Ben", "Cleo", "Zoe"))
    url = patient(pool_size=1)

    def call(user, function, request_id):
        headers = {**bearer(token(user)), "X-Request-Id": request_id}
        return httpx.post(f"{url}/rest/v1/rpc/{function}", headers=headers, timeout=15)

    with held(db, connect, zoe):
        calls = [in_thread(call, zoe, SEARCH, "zoe")]
        until(lambda: blocked_backends(db))
        asked = [(ana, "ana1"), (ana, "ana2"), (ana, "ana3"), (ben, "ben1"), (cleo, "cleo1"), (ben, "ben2")]
        for number, (user, request_id) in enumerate(asked, start=1):
            is_second = request_id.endswith("2")
            function = "resume_matching" if is_second else "pause_matching"
            calls.append(in_thread(call, user, function, request_id))
            until(lambda number=number: waiting(url) == number)
    assert [done.result(15).status_code for done in calls] == [200] * 7
    rows = db.execute(
        "select request_id from wingman_admin.audit_log"
        " where kind in ('matching_paused', 'matching_resumed') order by id"
    )
    in_order = ["ana1", "ben1", "cleo1", "ana2", "ben2", "ana3"]
    assert [row["request_id"] for row in rows] == in_order


def test_in_a_full_queue_whoever_has_the_most_gives_way(db, people, connect, patient, token):
    ana, ben, cleo = people.add(), people.add(), people.add()
    url = patient(pool_size=1, max_waiting=3, max_waiting_of_one=3)

    def call(user):
        return in_thread(httpx.post, f"{url}/api/get-profile", headers=bearer(token(user)), timeout=15)

    with held(db, connect, ana):
        first = in_thread(httpx.post, url + path("api", SEARCH), headers=bearer(token(ana)), timeout=15)
        until(lambda: blocked_backends(db))
        anas = []
        for number in (1, 2, 3):
            anas.append(call(ana))
            until(lambda number=number: waiting(url) == number)
        bens = call(ben)
        # her last one, and none of his
        is_failure(anas[2].result(15), "overloaded", 503)
        cleos = call(cleo)
        is_failure(anas[1].result(15), "overloaded", 503)
        # now everybody has one
        is_failure(call(ben).result(15), "overloaded", 503)
        is_failure(call(people.add()).result(15), "overloaded", 503)
        assert waiting(url) == 3
    assert [done.result(15).status_code for done in (first, anas[0], bens, cleos)] == [200] * 4


def test_the_service_takes_the_turns_of_those_it_acts_for(db, people, connect, patient, token):
    ana, ben = people.add(), people.add()
    url = patient(pool_size=2, max_waiting_of_one=1)
    service = bearer(token(role="service_role"))

    def call(user, function, door="rest"):
        body = {"user_id": str(user)}
        return httpx.post(url + path(door, function), json=body, headers=service, timeout=15)

    with held(db, connect, ana):
        anas = [in_thread(call, ana, SEARCH) for _ in range(4)]
        until(lambda: blocked_backends(db))
        until(lambda: sum(call.done() for call in anas) == 2)
        for door in DOORS:
            assert call(ben, "get_profile", door).status_code == 200
    assert sorted(call.result(15).status_code for call in anas) == [200, 200, 503, 503]


def test_every_place_is_given_back():
    """Whatever becomes of those who wait: cancelled, too late or refused."""
    rng = random.Random(14)
    held_now = {}
    most = dict.fromkeys(("all", "one"), 0)

    async def one(turns, user):
        try:
            async with turns.place(user, rng.choice([0.001, 0.01, 1])):
                held_now[user] = held_now.get(user, 0) + 1
                most["all"] = max(most["all"], sum(held_now.values()))
                most["one"] = max(most["one"], held_now[user])
                try:
                    await asyncio.sleep(rng.random() / 200)
                finally:
                    held_now[user] -= 1
        except (TooManyWaitingError, WaitedTooLongError) as refusal:
            return type(refusal)
        return None

    async def all_of_them():
        turns = Turns(5, 30, 12)
        tasks = []
        for _ in range(1500):
            tasks.append(asyncio.create_task(one(turns, rng.choice("aaaaabcd"))))
            if rng.random() < 0.3:
                rng.choice(tasks).cancel()
            if rng.random() < 0.2:
                await asyncio.sleep(rng.random() / 300)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert turns.waiting == 0
        # all of them are free again
        for user in "abcde":
            await turns.place(user, 0.01).__aenter__()
        assert turns.are_all_taken
        return {
            outcome if outcome is None or isinstance(outcome, type) else type(outcome) for outcome in outcomes
        }

    outcomes = asyncio.run(all_of_them())
    assert outcomes == {None, TooManyWaitingError, WaitedTooLongError, asyncio.CancelledError}
    assert most == {"all": 5, "one": 3}
