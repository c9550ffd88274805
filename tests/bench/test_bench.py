"""``wingman bench``: what it measures is what has happened in the database."""

import json
from dataclasses import replace
from time import perf_counter

import psycopg
import pytest
from rich.console import Console
from wingmanmatch.bench.figures import FIGURES
from wingmanmatch.bench.pgbench import RunFailedError
from wingmanmatch.bench.profile import profile
from wingmanmatch.bench.round_trips import count_round_trips, round_trips
from wingmanmatch.bench.run import staged, take, write
from wingmanmatch.bench.server_time import ServerTime
from wingmanmatch.bench.stage import Scale
from wingmanmatch.bench.turns import Turns
from wingmanmatch.bench.workloads import (
    ACCEPT,
    CONFIRM,
    CONFIRM_KEY,
    DECLINE,
    FLOOR,
    LEAN_SEED_DESIGN,
    MATCH,
    SEED_DESIGN,
)
from wingmanmatch.bench.worlds import Kind, WorldError, person_id, world
from wingmanmatch.cli.bench import _not_here
from wingmanmatch.database import paths

PEOPLE = Kind("spread", 2_000)
TINY = Scale(people=2_000, few=1_500, pairs=1, warm_ups=0, seconds=0.1, calls=60, clients=2, crowd=4)
ALL = [FLOOR, MATCH, ACCEPT, DECLINE, CONFIRM, CONFIRM_KEY, SEED_DESIGN, LEAN_SEED_DESIGN]
GOALS = {
    "floor_tps": "",
    "match_ratio_1m": "≥ 0.45",
    "match_growth": "≤ 1.5",
    "dense_growth": "≤ 2",
    "respond_ratio": "≥ 0.5",
    "decline_ratio": "≥ 0.35",
    "confirm_ratio": "≥ 0.6",
    "confirm_key_ratio": "≥ 0.5",
    "seed_design_ratio": "≥ 1.5",
    "python_roundtrips": "1",
    "p99_ratio_64": "≤ 2",
}
FREE = "select count(*) from wingman.matchmaking_pool where pending_match_id is null"
COMPLETED = "select count(*) from public.wingman_sessions where status = 'completed'"
EVENTS = "select count(*) from wingman.reputation_events"
SEED_DESIGN_REPUTATION = "select sum(completed_sessions) from seed_design.user_profiles"
REFUSE_ONE = """
    create sequence bench.call;
    grant usage on sequence bench.call to public;
    grant usage on schema bench to public;
    create function bench.refuse_one() returns trigger language plpgsql as $$
    begin
        if nextval('bench.call') = 7 then
            raise exception sqlstate 'PT423' using message = {message};
        end if;
        return new;
    end $$;
    create trigger refuse_one before update on public.wingman_sessions
    for each row when (current_setting('role') = 'authenticated') execute function bench.refuse_one();
"""
REFUSE_NONE = """
    drop trigger if exists refuse_one on public.wingman_sessions;
    drop function if exists bench.refuse_one;
    drop sequence if exists bench.call;
"""

named = pytest.mark.parametrize("workload", ALL, ids=lambda w: w.call + "_lean" * w.variables.get("lean", 0))


@pytest.fixture(scope="module")
def said():
    """What was said while the world was made."""
    return []


@pytest.fixture(scope="module")
def home(server, said):
    """A world of people all over the cities."""
    with world(server, PEOPLE, said.append) as made:
        yield made


@pytest.fixture
def refuse_one(home):
    """Makes the seventh confirmation from now on fail."""
    yield lambda message: home.connection.execute(REFUSE_ONE.format(message=f"'{message}'").encode())
    home.connection.execute(REFUSE_NONE)


def turns_of(home, workload, **more):
    return Turns(home, workload, seconds=0.1, clients=2, **more)


def state(home):
    """Stands for all rows of the people who can be matched, and of their matches."""
    tables = ("wingman.matchmaking_pool", "public.wingman_matches")
    return [home.number(f"select sum(hashtextextended(t::text, 0)) from {table} as t") for table in tables]


def test_the_people_of_a_world(home):
    # half as many pairs as have met have a pending match
    assert home.number(FREE) == PEOPLE.people - PEOPLE.pairs
    assert home.number("select count(distinct waiting_since) from wingman.matchmaking_pool") == PEOPLE.people
    seventh = (
        f"select count(*) from public.user_profiles where first_name = 'Person 7' and id = '{person_id(7)}'"
    )
    assert home.number(seventh) == 1


def test_the_pairs_of_a_world_are_neighbours(home):
    neighbours = """
        select count(*)
        from generate_series(0, 9) as k
        join wingman.matchmaking_pool as a on a.user_id = md5('person ' || 2 * k)::uuid
        join wingman.matchmaking_pool as b on b.user_id = md5('person ' || 2 * k + 1)::uuid
        where (a.grid_lat, a.grid_lng) = (b.grid_lat, b.grid_lng)
    """
    assert home.number(neighbours) == 10


def test_a_world_is_made_once_and_goes_when_the_sql_has_changed(server, home, said):
    assert said[0].startswith("Making")
    dense = Kind("dense", 50)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create database dense_50_outdated is_template true")
        connection.execute("create database run_dense_50_killed")
        connection.execute("create database dense_500_other")
        again = []
        for _ in range(2):
            with world(server, dense, again.append) as made:
                assert made.number("select count(*) from public.user_profiles") == 50
                assert made.number("select count(distinct city) from public.user_locations") == 1
        names = {name for (name,) in connection.execute("select datname from pg_database")}
    assert [word.split()[0] for word in again] == ["Making", "Copying", "Copying"]
    assert {name for name in names if "dense" in name} == {dense.template, "dense_500_other"}


@named
def test_a_turn_leaves_the_world_as_it_was(home, workload):
    before = state(home)
    outcome = turns_of(home, workload)()
    assert outcome.rate > 0
    assert outcome.p99 > 0
    assert state(home) == before


def test_confirmations_are_half_first_and_half_second_ones(home):
    before = home.number(COMPLETED), home.number(EVENTS)
    calls = turns_of(home, CONFIRM)().calls
    assert home.number(COMPLETED) - before[0] == calls / 2
    assert home.number(EVENTS) - before[1] == calls


@pytest.mark.parametrize(("workload", "raised_by_a_call"), [(SEED_DESIGN, 2), (LEAN_SEED_DESIGN, 1)])
def test_the_seeds_design_raises_reputations(home, workload, raised_by_a_call):
    before = home.number(SEED_DESIGN_REPUTATION)
    calls = turns_of(home, workload)().calls
    assert home.number(SEED_DESIGN_REPUTATION) - before == raised_by_a_call * calls


def test_calls_that_find_nobody_are_no_matches(home):
    outcome = turns_of(home, MATCH)()
    assert 0 < outcome.worth < 1


def test_a_turn_of_matches_takes_less_than_a_tenth_of_the_people(home):
    assert turns_of(home, MATCH, calls_each=10_000)().calls * 2 < PEOPLE.people / 10
    with pytest.raises(WorldError, match="too many"):
        Turns(home, MATCH, seconds=0.1, clients=64)()


def test_a_turn_with_a_refused_call_counts_for_nothing(home, refuse_one):
    refuse_one("No")
    with pytest.raises(RunFailedError, match="ERROR:  No"):
        turns_of(home, CONFIRM)()


def test_a_turn_in_which_somebody_was_told_to_retry_is_taken_again(home, refuse_one):
    refuse_one("Another request holds this record - retry")
    turns = turns_of(home, CONFIRM)
    before = home.number(EVENTS)
    # of the turn that was thrown away at most what was done before it ended
    assert turns().calls <= home.number(EVENTS) - before
    assert turns.retaken == 1


def test_a_session_cannot_be_confirmed_twice(home):
    turns_of(home, CONFIRM)()
    home.turns -= 1
    with pytest.raises(RunFailedError, match="already confirmed"):
        turns_of(home, replace(CONFIRM, prepare=""))()


def test_calls_that_do_nothing_do_not_count(home):
    with pytest.raises(WorldError, match="40 calls, 0 of them did their work"):
        turns_of(home, replace(FLOOR, done="select 7"))()


@pytest.mark.parametrize("turn", [lambda home: turns_of(home, MATCH)(), lambda home: ServerTime(home, 20)()])
def test_a_turn_wants_the_world_as_it_was_made(home, turn):
    home.run(paths.BENCH / "turns" / "pending.sql", turn=0, calls=1)
    with pytest.raises(WorldError, match="pending"):
        turn(home)
    home.run(paths.BENCH / "turns" / "reset.sql")


def test_the_servers_time_is_a_part_of_the_time(home):
    before = state(home)
    begun = perf_counter()
    calls = 60
    microseconds = ServerTime(home, calls)()
    assert 0 < microseconds < (perf_counter() - begun) * 1e6 / calls
    assert state(home) == before


def test_round_trips_are_those_on_the_wire(home):
    assert set(count_round_trips(home)) == {1}
    with psycopg.connect(home.url, autocommit=True) as connection:

        def transaction():
            with connection.transaction():
                connection.execute("select 1")

        assert round_trips(connection, transaction) == 3


def test_all_figures_are_written_down(server, tmp_path):
    console = Console(record=True, width=200)
    figures = [figure for figure in FIGURES if figure.key not in _not_here()]
    results, measured = take(console, server, TINY, figures)
    write(results, measured, tmp_path)

    written = json.loads((tmp_path / "latest.json").read_text())
    assert written == results
    assert not [value for value in written.values() if isinstance(value, dict | list)]
    assert {key: written[f"{key}_goal"] for key in GOALS} == GOALS
    for key in GOALS:
        assert 0 < written[f"{key}_min"] <= written[key] <= written[f"{key}_max"]
    assert {"fsync_us", "cpu", "cores", "postgresql", "python", "date", "commit"} <= written.keys()
    assert (tmp_path / "latest.png").read_bytes().startswith(b"\x89PNG")


def test_the_profile_names_the_functions(server):
    console = Console(record=True, width=120)
    with staged(console, server, TINY, turns=0) as stage:
        profile(console, stage)
    told = console.export_text()
    for function in ("create_automatic_match", "respond_to_match", "confirm_session_completion"):
        assert f"wingman.{function}" in told
