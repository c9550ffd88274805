"""One call has one effect, wherever its connection breaks; and which calls are retried when."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable
from math import inf
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import wingmanmatch
from everything import call_everything
from harness import POLL_SECONDS, Connect, Connection, People, in_thread, wait_until_blocked
from hypothesis import given
from hypothesis import strategies as st
from proxy import Flow, Wire
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from rows import shorten_lock_timeout
from ways import AT_ONCE, OFF, Way
from wingmanmatch import (
    Busy,
    ConnectionLost,
    InvalidRadius,
    MatchNotFound,
    RateLimited,
    Retries,
    WingmanClient,
    WingmanError,
)

Proxied = tuple[Wire, str]
ProxiedWay = tuple[Wire, Way]

WITHOUT_END = Retries(duration=inf, base=0)

SEARCH = "create_automatic_match"


def calls(wire: Wire, function: str) -> int:
    """How often a function was called over the proxy."""
    return wire.called.count(function)


def backend(wire: Wire, number: int) -> int:
    """The process id of a connection's backend, once there is one."""
    with wire.changed:
        assert wire.changed.wait_for(lambda: len(wire.backends) > number, timeout=15)
    return wire.backends[number]


def matches(db: Connection) -> list[UUID]:
    return [row["id"] for row in db.execute("select id from wingman_matches order by id")]


def searcher(people: People) -> UUID:
    """Somebody who will find somebody."""
    people.add("Bo")
    return people.add("Ana")


Cuts = Callable[[Flow], Iterable[int]]


def around_messages(flow: Flow) -> Iterable[int]:
    """Before, at and after the end of every message."""
    ends = [sum(flow.sizes[: count + 1]) for count in range(len(flow.sizes))]
    around = {0, 1, *(end + step for end in ends for step in (-1, 0, 1))}
    return sorted(cut for cut in around if cut <= ends[-1])


def every_byte(flow: Flow) -> Iterable[int]:
    return range(sum(flow.sizes) + 1)


CUTS = pytest.mark.parametrize("cuts", [around_messages, pytest.param(every_byte, marks=pytest.mark.long)])


def search_and_cut(client: Any, flow: Flow, people: People, cuts: Cuts) -> Iterable[tuple[int, Any]]:
    """Searches of which each is cut at another point, after one that shows how much goes over the wire."""
    client.as_user(searcher(people)).create_automatic_match()
    for cut in list(cuts(flow)):
        ana = searcher(people)
        flow.cut_after = cut
        yield cut, client.as_user(ana).create_automatic_match()
        assert flow.cut_after is None


@pytest.mark.representatives("pool-async*", "http-sync*")
@CUTS
def test_request_is_cut_anywhere(proxied_way: ProxiedWay, people: People, db: Connection, cuts: Cuts) -> None:
    wire, way = proxied_way
    with way.connect(retries=AT_ONCE) as client:
        known = 1
        for cut, match in search_and_cut(client, wire.requests, people, cuts):
            known += 1
            found = matches(db)
            assert len(found) == known, cut
            assert match.match_id == found[-1], cut


@pytest.mark.representatives("pool-async*", "http-sync*")
@CUTS
def test_answer_is_cut_anywhere(proxied_way: ProxiedWay, people: People, db: Connection, cuts: Cuts) -> None:
    wire, way = proxied_way
    with way.connect(retries=AT_ONCE) as client:
        replays = []
        for cut, match in search_and_cut(client, wire.answers, people, cuts):
            replays.append(match.replayed)
            found = matches(db)
            assert len(found) == len(replays) + 1, cut
            assert match.match_id == found[-1], cut
    assert len(replays) > 5
    # after the last byte there is nothing left to lose
    assert replays == [True] * (len(replays) - 1) + [False]


class Losing:
    """A client that never gets the first answer to a call."""

    def __init__(self, target: Any, wire: Wire) -> None:
        self._target = target
        self._wire = wire

    def as_user(self, user_id: UUID) -> "Losing":
        return Losing(self._target.as_user(user_id), self._wire)

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._wire.answers.cut_after = 0
            return getattr(self._target, name)(*args, **kwargs)

        return call


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_first_answer_of_every_call_is_lost(proxied_way: ProxiedWay, db: Connection) -> None:
    wire, way = proxied_way
    with way.connect(retries=AT_ONCE) as client:
        answers = call_everything(Losing(client, wire), db)
    assert {name for name, answer in answers.items() if getattr(answer, "replayed", False)} == {
        row["name"]
        for row in db.execute("""
            select p.proname as name from pg_proc as p
            where p.pronamespace = 'public'::regnamespace and p.provolatile = 'v'
        """)
    }
    assert answers["confirm_session_completion"].both_confirmed
    assert answers["get_reputation"].score == 1
    assert len(answers["list_sessions"]) == 1
    assert len(matches(db)) == 2


def test_retry_waits_for_the_attempt_that_is_still_under_way(
    proxied: Proxied, people: People, db: Connection, connect: Connect
) -> None:
    wire, login = proxied
    ana = searcher(people)
    holder = hold(connect, db, ana)
    with WingmanClient.connect(login, max_size=1, retries=AT_ONCE) as client:
        call = in_thread(client.as_user(ana).create_automatic_match)
        first = backend(wire, 0)
        wait_until_blocked(db, first, by=holder.info.backend_pid)
        wire.cut()
        wait_until_blocked(db, backend(wire, 1), by=first)
        holder.rollback()
        match = call.result(timeout=15)
    assert match.replayed
    assert matches(db) == [match.match_id]


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_without_a_key_nothing_is_made_again(proxied_way: ProxiedWay, people: People, db: Connection) -> None:
    wire, way = proxied_way
    with way.connect(retries=AT_ONCE) as client:
        ana = client.as_user(searcher(people))
        wire.answers.cut_after = 0
        with pytest.raises(ConnectionLost) as failure:
            ana.create_automatic_match(idempotency_key=None)
        assert calls(wire, SEARCH) == 1
    assert failure.value.idempotency_key is None
    assert len(matches(db)) == 1


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_caller_makes_it_again(proxied_way: ProxiedWay, people: People, db: Connection) -> None:
    wire, way = proxied_way
    with way.connect(retries=OFF) as client:
        ana = client.as_user(searcher(people))
        wire.answers.cut_after = 0
        with pytest.raises(ConnectionLost) as failure:
            ana.create_automatic_match()
        assert calls(wire, SEARCH) == 1
        match = ana.create_automatic_match(idempotency_key=failure.value.idempotency_key)
    assert match.replayed
    assert match.idempotency_key == failure.value.idempotency_key
    assert match.message == "Wingman buddy match created successfully!"
    assert matches(db) == [match.match_id]


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_one_that_reads_is_made_again(proxied_way: ProxiedWay, people: People) -> None:
    wire, way = proxied_way
    ana = people.add()
    with way.connect(retries=AT_ONCE) as client:
        wire.answers.cut_after = 0
        profile = client.as_user(ana).get_profile()
    assert calls(wire, "get_profile") == 2
    assert (profile.user_id, profile.idempotency_key, profile.replayed) == (ana, None, False)


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_an_outage_costs_no_call(proxied_way: ProxiedWay, people: People) -> None:
    wire, way = proxied_way
    ana = people.add()
    with way.connect(retries=Retries(base=0.01, cap=0.02)) as client:
        api = client.as_user(ana)
        api.pause_matching()
        wire.is_down = True
        wire.cut()
        call = in_thread(api.resume_matching)
        # more often than a fixed number of attempts would; a pool tries for itself, twice a second
        times = 12 if way.transport == "http" else 3
        with wire.changed:
            assert wire.changed.wait_for(lambda: wire.turned_away > times, timeout=15)
        assert not call.done()
        wire.is_down = False
        up = time.monotonic()
        assert call.result(timeout=15).success
        assert time.monotonic() - up < 1


@pytest.mark.representatives("sync")
def test_retries_end_in_time(flavour: Any, people: People) -> None:
    ana = people.add()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
    begun = time.monotonic()
    with (
        flavour.over_http(f"http://{host}:{port}", retries=Retries(duration=0.3)) as client,
        pytest.raises(ConnectionLost) as failure,
    ):
        client.with_token(str(ana)).get_profile()
    assert 0.3 <= time.monotonic() - begun < 3
    assert not failure.value.may_have_taken_effect


@pytest.fixture
def slow_commits(db: Connection, connect: Connect) -> Connection:
    """Who holds up every commit of a match, for as long as the transaction is open."""
    db.execute("""
        create function public.hold_up() returns trigger language plpgsql security definer as
        $$ begin perform pg_advisory_xact_lock_shared(14); return null; end $$;
        create constraint trigger hold_up after insert on public.wingman_matches
        deferrable initially deferred for each row execute function public.hold_up()
    """)
    shorten_lock_timeout(db, "wingman.create_automatic_match")
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select pg_advisory_xact_lock(14)")
    return holder


def committing(db: Connection, holder: Connection) -> bool:
    """Whether somebody waits for the holder."""
    query = "select count(*) as n from pg_stat_activity where %s = any (pg_blocking_pids(pid))"
    return db.execute(query, [holder.info.backend_pid]).fetchone() == {"n": 1}


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_what_was_lost_once_is_never_refused(
    proxied_way: ProxiedWay, people: People, db: Connection, slow_commits: Connection
) -> None:
    """The lost attempt still commits; the next one meets its key, and is busy."""
    wire, way = proxied_way
    ana = searcher(people)
    with way.connect(retries=Retries(attempts=2, base=0)) as client:
        call = in_thread(client.as_user(ana).create_automatic_match)
        deadline = time.monotonic() + 15
        while not committing(db, slow_commits):
            assert time.monotonic() < deadline
            time.sleep(POLL_SECONDS)
        wire.cut()
        with pytest.raises(ConnectionLost) as failure:
            call.result(timeout=15)
        assert calls(wire, SEARCH) == 2
        assert isinstance(failure.value.__cause__, Busy)
        assert failure.value.may_have_taken_effect
        key = failure.value.idempotency_key
        slow_commits.rollback()
        match = client.as_user(ana).create_automatic_match(idempotency_key=key)
    assert match.replayed
    assert matches(db) == [match.match_id]


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_whatever_refuses_what_was_lost_once(proxied_way: ProxiedWay, people: People, db: Connection) -> None:
    wire, way = proxied_way
    ana = people.add()
    with way.connect(retries=AT_ONCE) as client:
        wire.requests.cut_after = 0
        with pytest.raises(ConnectionLost) as failure:
            client.as_user(ana).create_automatic_match(max_radius_miles=0)
        assert isinstance(failure.value.__cause__, InvalidRadius)
        # what only reads has no effect that could be unknown
        wire.requests.cut_after = 0
        with pytest.raises(MatchNotFound):
            client.as_user(ana).get_match(uuid4())


@pytest.mark.exhaustive
def test_every_connection_of_the_pool_is_broken(
    flavour: Any, login: str, people: People, db: Connection
) -> None:
    ana = people.add()
    named = make_conninfo(login, application_name="broken")
    with flavour.pool(named, min_size=8, kwargs={"autocommit": True}, open=False) as pool:
        pool.wait()
        broken = db.execute(
            "select count(pg_terminate_backend(pid, 15000)) as n from pg_stat_activity"
            " where application_name = 'broken' and datname = current_database()"
        ).fetchone()
        assert broken == {"n": 8}
        # it is seen before a call is sent, and so nothing is lost
        api = flavour.client(pool=pool, retries=OFF).as_user(ana)
        for _ in range(9):
            assert api.pause_matching().success


def held_and_searcher(db: Connection, people: People) -> tuple[UUID, UUID]:
    """Two people; while the first is locked, the search of the second is soon refused."""
    shorten_lock_timeout(db, "wingman.create_automatic_match")
    held, free = sorted((people.add(), people.add()))
    return held, free


def hold(connect: Connect, db: Connection, user_id: UUID) -> Connection:
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.matchmaking_pool where user_id = %s for no key update", [user_id])
    return holder


def wait_for_calls(wire: Wire, function: str, count: int) -> None:
    with wire.changed:
        assert wire.changed.wait_for(lambda: calls(wire, function) >= count, timeout=15)


@pytest.mark.parametrize("own", [True, False])
def test_busy_until_the_holder_lets_go(
    proxied: Proxied, people: People, db: Connection, connect: Connect, own: bool
) -> None:
    wire, login = proxied
    held, ana = held_and_searcher(db, people)
    holder = hold(connect, db, held)
    # statements are not prepared, so that each call shows
    with psycopg.connect(login, autocommit=True, prepare_threshold=None) as connection:
        pool = WingmanClient.connect(login, prepare=False, retries=WITHOUT_END)
        with WingmanClient(connection=connection, retries=WITHOUT_END) if own else pool as client:
            call = in_thread(client.as_user(ana).create_automatic_match)
            wait_for_calls(wire, SEARCH, 3)
            assert not call.done()
            holder.rollback()
            assert call.result(timeout=15).buddy_user_id == held
    assert len(matches(db)) == 1


@pytest.mark.representatives("*-async-1", "*-sync-4")
@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_attempts_come_to_an_end(
    proxied_way: ProxiedWay, people: People, db: Connection, connect: Connect, attempts: int
) -> None:
    wire, way = proxied_way
    held, ana = held_and_searcher(db, people)
    hold(connect, db, held)
    retries = Retries(attempts, base=0)
    with way.connect(retries=retries) as client, pytest.raises(Busy) as failure:
        client.as_user(ana).create_automatic_match(idempotency_key="one")
    assert failure.value.idempotency_key == "one"
    assert calls(wire, SEARCH) == attempts
    assert matches(db) == []


@pytest.mark.representatives("pool-async*", "http-sync*")
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_rolled_back_by_postgresql(way: Way, people: People, db: Connection, sqlstate: str) -> None:
    # a sequence counts what was rolled back as well
    db.execute("create sequence public.attempts; grant usage on sequence public.attempts to authenticated")
    db.execute(f"""
        create or replace function public.pause_matching(
            user_id uuid default null, idempotency_key text default null
        ) returns acknowledgement language plpgsql as $body$ begin
            if nextval('public.attempts') < 3 then
                raise exception using errcode = '{sqlstate}';
            end if;
            return wingman.pause_matching(pause_matching.user_id, pause_matching.idempotency_key);
        end $body$
    """)
    ana = people.add()
    with way.connect(retries=OFF) as client, pytest.raises(Busy) as failure:
        client.as_user(ana).pause_matching()
    assert failure.value.sqlstate == sqlstate
    with way.connect(retries=AT_ONCE) as client:
        assert client.as_user(ana).pause_matching().success
    assert db.execute("select last_value from public.attempts").fetchone() == {"last_value": 3}


@pytest.mark.representatives("async-True", "sync-False")
@pytest.mark.parametrize("autocommit", [True, False])
def test_callers_transaction_is_not_repeated(
    flavour: Any, proxied: Proxied, people: People, db: Connection, connect: Connect, autocommit: bool
) -> None:
    wire, login = proxied
    held, ana = held_and_searcher(db, people)
    hold(connect, db, held)
    with flavour.connection(login, autocommit=autocommit) as connection:
        client = flavour.client(connection=connection, retries=AT_ONCE)
        connection.execute("select 1" if not autocommit else "begin")
        with pytest.raises(Busy) as failure:
            client.as_user(ana).create_automatic_match()
        assert connection.info.transaction_status == TransactionStatus.INTRANS
        assert failure.value.idempotency_key
        assert calls(wire, SEARCH) == 1
        wire.answers.cut_after = 0
        with pytest.raises(ConnectionLost):
            client.as_user(ana).get_profile()
        assert calls(wire, "get_profile") == 1


def test_callers_lost_connection_is_not_replaced(
    flavour: Any, proxied: Proxied, people: People, db: Connection
) -> None:
    wire, login = proxied
    with flavour.connection(login, autocommit=True) as connection:
        ana = flavour.client(connection=connection, retries=AT_ONCE).as_user(searcher(people))
        wire.answers.cut_after = 0
        with pytest.raises(ConnectionLost) as failure:
            ana.create_automatic_match()
    assert failure.value.idempotency_key
    assert calls(wire, SEARCH) == 1
    assert len(matches(db)) == 1


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_refusal_is_not_repeated(proxied_way: ProxiedWay, people: People) -> None:
    wire, way = proxied_way
    with way.connect(retries=AT_ONCE) as client, pytest.raises(WingmanError):
        client.as_user(people.add()).create_automatic_match(max_radius_miles=0)
    assert calls(wire, SEARCH) == 1


def limit_searches(db: Connection) -> None:
    db.execute("update wingman.settings set automatic_match_limit = 1, automatic_match_period = '1 hour'")


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_rate_limit_is_not_repeated(proxied_way: ProxiedWay, people: People, db: Connection) -> None:
    wire, way = proxied_way
    limit_searches(db)
    with way.connect(retries=AT_ONCE) as client:
        ana = client.as_user(people.add())
        ana.create_automatic_match()
        with pytest.raises(RateLimited) as failure:
            ana.create_automatic_match()
    error = failure.value
    assert (error.status, error.name, error.retryable) == (429, "rate_limited", False)
    assert 3500 < error.retry_after <= 3600
    assert error.message == f"Too many requests - retry in {error.retry_after} seconds"
    assert calls(wire, SEARCH) == 2


def test_rate_limit_as_postgrest_would_get_it(
    flavour: Any, login: str, people: People, db: Connection
) -> None:
    limit_searches(db)
    with flavour.connection(login, autocommit=True) as connection, connection.transaction():
        connection.execute("set local request.method = 'POST'")
        ana = flavour.client(connection=connection).as_user(people.add())
        ana.create_automatic_match()
        with pytest.raises(RateLimited) as failure:
            ana.create_automatic_match()
    error = failure.value
    assert (error.status, error.name, error.context) == (
        429,
        "rate_limited",
        {"retry_after": error.retry_after},
    )
    assert 3500 < error.retry_after <= 3600
    assert error.message.startswith("Too many requests")
    assert error.hint


class Waiting(Retries):
    """Waits for an hour, and says when it begins."""

    begun = threading.Event()

    def wait(self, failures: int) -> float:
        self.begun.set()
        return 3600


def test_cancelled_while_it_waits(people: People, login: str, db: Connection, connect: Connect) -> None:
    held, ana = held_and_searcher(db, people)
    holder = hold(connect, db, held)
    retries = Waiting()

    async def cancel() -> None:
        async with wingmanmatch.AsyncWingmanClient.connect(login, max_size=1, retries=retries) as client:
            task = asyncio.create_task(client.as_user(ana).create_automatic_match())
            assert await asyncio.to_thread(retries.begun.wait, 15)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            holder.rollback()
            assert (await client.as_user(ana).create_automatic_match()).buddy_user_id == held

    asyncio.run(cancel())


@given(st.integers(1, 10**6), st.floats(0, 1e9), st.floats(0, 1e9))
def test_wait_is_bounded(failures: int, base: float, cap: float) -> None:
    wait = Retries(base=base, cap=cap).wait(failures)
    assert 0 <= wait <= min(cap, base * 2.0 ** min(failures - 1, 100))


def test_waits_double_up_to_the_cap() -> None:
    retries = Retries(base=0.1, cap=0.5)
    longest = [max(retries.wait(failures) for _ in range(1000)) for failures in range(1, 6)]
    for found, bound in zip(longest, [0.1, 0.2, 0.4, 0.5, 0.5], strict=True):
        assert 0.9 * bound < found <= bound
