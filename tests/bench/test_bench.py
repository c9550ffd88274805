"""``wingman bench`` measures what really happened in the database."""

import json
from dataclasses import replace
from time import perf_counter, sleep

import psycopg
import pytest
from rich.console import Console
from wingmanmatch.database import paths
from wingmanmatch.database.connection import connect
from wingmanmatch.tools.bench import instructions
from wingmanmatch.tools.bench.app_server import ConfirmationError, by_app_server, by_call
from wingmanmatch.tools.bench.callgrind import Counted
from wingmanmatch.tools.bench.figures import FIGURES, INSTRUCTION_FIGURES
from wingmanmatch.tools.bench.network import delayed
from wingmanmatch.tools.bench.pgbench import RunFailedError
from wingmanmatch.tools.bench.profile import profile
from wingmanmatch.tools.bench.python_turns import PythonTurns, callers
from wingmanmatch.tools.bench.round_trips import count_round_trips, round_trips
from wingmanmatch.tools.bench.run import staged, take, write
from wingmanmatch.tools.bench.server_time import ServerTime
from wingmanmatch.tools.bench.stage import Scale
from wingmanmatch.tools.bench.turns import Turns
from wingmanmatch.tools.bench.workloads import (
    ACCEPT,
    APP_SERVER,
    BARE_ACCEPT,
    BARE_CONFIRM,
    BARE_MATCH,
    CONFIRM,
    DECLINE,
    FLOOR,
    LEAN_SEED_DESIGN,
    MATCH,
    SEED_DESIGN,
)
from wingmanmatch.tools.bench.worlds import Kind, WorldError, person_id, world
from wingmanmatch.tools.cli.bench import _not_here

PEOPLE = Kind("spread", 2_000)
TINY = Scale(people=2_000, few=1_500, pairs=1, warm_ups=0, seconds=0.1, calls=60, clients=2, crowd=4)
ALL = [
    FLOOR,
    MATCH,
    ACCEPT,
    DECLINE,
    CONFIRM,
    SEED_DESIGN,
    LEAN_SEED_DESIGN,
    BARE_CONFIRM,
    BARE_ACCEPT,
    BARE_MATCH,
]
GOALS = {
    "bare_confirm_ratio": "≥ 0.6",
    "bare_accept_ratio": "≥ 0.5",
    "bare_match_ratio": "≥ 0.45",
    "seed_design_ratio": "≥ 1.1",
    "seed_design_lean_ratio": "",
    "app_server_ratio": "≥ 3",
    "app_server_latency_ratio": "≥ 6",
    "before_confirm_ratio": "",
    "before_accept_ratio": "",
    "before_match_ratio": "",
    "serve_before_ratio": "≥ 1.8",
    "serve_bare_ratio": "",
    "match_growth": "≤ 1.5",
    "dense_growth": "≤ 2",
    "python_roundtrips": "1",
    "p99_ratio_64": "≤ 2",
    "floor_tps": "",
}
INSTRUCTION_GOALS = {
    "instructions_confirm_first": "≤ 720,000",
    "instructions_confirm_second": "≤ 960,000",
    "instructions_accept": "≤ 970,000",
    "instructions_match": "≤ 1,450,000",
    "instructions_decline": "≤ 2,060,000",
    "instructions_key": "≤ 200,000",
    "instructions_headers": "≤ 100,000",
    "instructions_create_session": "≤ 1,035,000",
    "instructions_start_session": "≤ 634,000",
    "instructions_cancel_session": "≤ 695,000",
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
    """The announcements while the world was made."""
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
    """Stands for all rows of the people who can be matched, and of their matches; also of the bare ones."""
    tables = (
        "wingman.matchmaking_pool",
        "public.wingman_matches",
        "bare.matchmaking_pool",
        "bare.wingman_matches",
        "bare.match_searches",
    )
    return [
        home.number(f"select coalesce(sum(hashtextextended(t::text, 0)), 0) from {table} as t")
        for table in tables
    ]


@pytest.mark.exhaustive
def test_the_people_of_a_world(home):
    # half as many pairs as have met have a pending match
    assert home.number(FREE) == PEOPLE.people - PEOPLE.pairs
    assert home.number("select count(distinct waiting_since) from wingman.matchmaking_pool") == PEOPLE.people
    seventh = (
        f"select count(*) from public.user_profiles where first_name = 'Person 7' and id = '{person_id(7)}'"
    )
    assert home.number(seventh) == 1


@pytest.mark.exhaustive
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


@pytest.mark.representatives("match", "confirm", "bare_match")
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


WRITTEN = """
    select c.relname, sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del)
    from pg_stat_all_tables as s
    join pg_class as c on c.oid = coalesce(pg_partition_root(s.relid), s.relid)
    where c.relnamespace = any(%s::regnamespace[])
    group by c.relname
"""


def rows_written(home, workload, schemas):
    """How many rows of each table a turn's calls have written, without what comes before and after them."""

    class Counting(Turns):
        def _make_calls(self, calls_each):
            before = counts()
            made = super()._make_calls(calls_each)
            written.update((name, count - before.get(name, 0)) for name, count in counts().items())
            return made

    def counts():
        # each backend tells what it has counted before it ends
        while home.number(
            "select count(*) from pg_stat_activity where application_name in ('pgbench', 'psql')"
        ):
            sleep(0.01)
        return dict(home.connection.execute(WRITTEN, [schemas]).fetchall())

    written = {}
    Counting(home, workload, seconds=0.1, clients=2)()
    return {name: count for name, count in written.items() if count}


@pytest.mark.parametrize(
    ("workload", "bare"), [(CONFIRM, BARE_CONFIRM), (ACCEPT, BARE_ACCEPT)], ids=["confirm", "accept"]
)
def test_bare_calls_write_the_same_rows(home, workload, bare):
    ours = rows_written(home, workload, ["public", "wingman"])
    assert len(ours) >= 4
    assert rows_written(home, bare, ["bare"]) == ours


def test_bare_matches_write_the_same_rows(home):
    ours, bare = rows_written(home, MATCH, ["public", "wingman"]), rows_written(home, BARE_MATCH, ["bare"])
    # not each of our calls finds somebody, and whoever has been found spends nothing
    matches = ours["wingman_matches"]
    assert 0 < matches < ours.pop("rate_limits") <= bare.pop("rate_limits") == 40
    assert {name: count / 40 for name, count in bare.items()} == {
        name: count / matches for name, count in ours.items()
    }


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
        turns_of(home, replace(CONFIRM, prepare=()))()


def test_calls_that_do_nothing_do_not_count(home):
    with pytest.raises(WorldError, match="40 calls, 0 of them did their work"):
        turns_of(home, replace(FLOOR, done="select 7"))()


@pytest.mark.parametrize("turn", [lambda home: turns_of(home, MATCH)(), lambda home: ServerTime(home, 20)()])
def test_a_turn_wants_the_world_as_it_was_made(home, turn):
    home.run("pending", turn=0, calls=1)
    with pytest.raises(WorldError, match="pending"):
        turn(home)
    home.run("reset")


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


APP_SERVER_WRITES = {
    # half of 20 calls complete a session
    "select count(*) from app_server.reputation_events where kind = 'completed'": 20,
    "select sum(completed_sessions) from app_server.users": 20,
    "select count(*) from app_server.sessions where status = 'completed' and completed_at is not null": 10,
    "select count(*) from app_server.audit_log": 20,
    "select coalesce(sum(calls), 0) from app_server.rate_limits": 20,
    "select count(*) from app_server.idempotency_keys where response ->> 'success' = 'true'": 20,
}


@pytest.fixture
def app_server(home):
    """A connection as an application server has one, and sessions for 20 calls, in its tables and in ours."""
    home.turns += 1
    for name in ("sessions", "app_server_sessions"):
        home.run(name, turn=home.turns, calls=20)
    with connect(home.tcp_url, prepare_threshold=0) as connection:
        yield connection


def asks_of(home):
    """The arguments of 20 calls: caller, session and key."""
    turns = PythonTurns(home, CONFIRM, 0.1, 1, way="call", pipes=[], port=home.server.port)
    return [turns._ask(number) for number in range(20)]


def test_the_application_server_does_what_a_call_does(home, app_server):
    before = {query: home.number(query) for query in APP_SERVER_WRITES}
    for ask in asks_of(home):
        ours, theirs = by_call(app_server, *ask), by_app_server(app_server, *ask)
        assert theirs == {name: ours[name] for name in ("success", "session_status", "both_confirmed")}
        # the key gives the first answer again, and nothing is done twice
        assert by_app_server(app_server, *ask) == theirs
        assert by_call(app_server, *ask) == ours
    assert {query: home.number(query) - was for query, was in before.items()} == APP_SERVER_WRITES


def test_the_application_server_refuses_what_a_call_refuses(home, app_server):
    (caller, session, key), (_, other, _) = asks_of(home)[:2]
    by_app_server(app_server, caller, session, key)

    def refused(*ask):
        with pytest.raises(ConfirmationError) as failure:
            by_app_server(app_server, *ask)
        return str(failure.value)

    assert refused(caller, session, "another key") == "already_confirmed"
    assert refused(caller, other, key) == "idempotency_key_reused"
    assert refused(caller, other, "another key") == "not_session_participant"
    assert refused(caller, caller, "another key") == "session_not_found"
    change = "update app_server.sessions set {} where id = %s"
    buddy = person_id(1)
    home.connection.execute(change.format("scheduled_time = now() + interval '1 hour'"), [session])
    assert refused(str(buddy), session, key) == "session_not_started"
    home.connection.execute(change.format("status = 'cancelled'"), [session])
    assert refused(str(buddy), session, key) == "session_not_confirmable"
    limited, again, _ = asks_of(home)[2]
    spend = "update app_server.rate_limits set calls = {} where user_id = %s"
    by_app_server(app_server, limited, again, key)
    home.connection.execute(change.format("confirmed_by_user1 = false, confirmed_by_user2 = false"), [again])
    home.connection.execute(spend.format(1_000_000), [limited])
    assert refused(limited, again, "another key") == "rate_limited"
    home.connection.execute(spend.format(1), [limited])
    # a refusal leaves no key behind
    assert (
        home.number("select count(*) from app_server.idempotency_keys where idempotency_key = 'another key'")
        == 0
    )


@pytest.fixture(scope="module")
def processes():
    """Two processes that make calls."""
    with callers(2) as pipes:
        yield pipes


def python_turns(home, workload, way, pipes, **more):
    given = {"clients": 2, "port": home.server.port, **more}
    return PythonTurns(home, workload, 0.1, way=way, pipes=pipes, **given)


@pytest.mark.parametrize(
    ("workload", "way", "ledger"),
    [
        (CONFIRM, "call", EVENTS),
        (APP_SERVER, "app_server", "select count(*) from app_server.reputation_events"),
    ],
)
def test_turns_by_python(home, processes, workload, way, ledger):
    before, events = state(home), home.number(ledger)
    outcome = python_turns(home, workload, way, processes)()
    # half of the calls complete a session of two
    assert home.number(ledger) - events == outcome.calls == 40
    assert 0 < outcome.median <= outcome.p99
    assert outcome.rate > 0
    assert state(home) == before


@pytest.mark.parametrize(("workload", "way"), [(CONFIRM, "call"), (APP_SERVER, "app_server")])
def test_a_call_that_python_is_refused_counts_for_nothing(home, processes, workload, way):
    python_turns(home, workload, way, processes)()
    home.turns -= 1
    turns = python_turns(home, replace(workload, prepare=()), way, processes)
    turns._ask = lambda number: (*PythonTurns._ask(turns, number)[:2], "another key")
    with pytest.raises(RunFailedError, match=r"already.confirmed"):
        turns()


@pytest.mark.exhaustive
def test_a_network_adds_its_time_to_each_round_trip(home, processes):
    far, near = [], []
    with delayed(home.server.port, 0.01) as port:
        for way, workload in (("call", CONFIRM), ("app_server", APP_SERVER)):
            near.append(python_turns(home, workload, way, processes, clients=1)().median)
            far.append(python_turns(home, workload, way, processes, clients=1, port=port)().median)
    one, many = ((away - here) / 20_000 for away, here in zip(far, near, strict=True))
    assert 0.9 < one < 2
    # BEGIN, six or ten statements, COMMIT
    assert 7 < many < 16


@pytest.mark.exhaustive
def test_before_the_journal(server):
    people = Kind("spread", 1_000, before=True)
    assert people.template.startswith("before_spread_1000_")
    with world(server, people, lambda _: None) as home:
        assert home.number("select count(*) from pg_namespace where nspname in ('bare', 'seed_design')") == 0
        assert home.number("select count(*) from wingman.audit_log where entity = 'match'") > 0
        for workload in (CONFIRM, ACCEPT, MATCH):
            outcome = turns_of(home, workload)()
            assert outcome.calls == 40
            assert outcome.rate > 0


TIMED = [figure for figure in FIGURES if figure not in INSTRUCTION_FIGURES]
# of each kind of measure one that is quickly taken
SOME = [figure for figure in TIMED if figure.key in ("bare_confirm_ratio", "python_roundtrips", "floor_tps")]


def test_every_figure_has_its_goal():
    goals = {figure.key: figure.goal for figure in FIGURES}
    assert goals == GOALS | INSTRUCTION_GOALS


@pytest.mark.exhaustive
@pytest.mark.parametrize("figures", [SOME, TIMED], ids=["some", "all"])
def test_figures_are_written_down(server, tmp_path, figures):
    figures = [figure for figure in figures if figure.key not in _not_here()]
    results, measured = take(Console(record=True, width=200), server, TINY, figures)
    write(results, measured, tmp_path)

    written = json.loads((tmp_path / "latest.json").read_text())
    assert written == results
    assert not [value for value in written.values() if isinstance(value, dict | list)]
    for key in (figure.key for figure in figures):
        assert written[f"{key}_goal"] == GOALS[key]
        assert 0 < written[f"{key}_min"] <= written[key] <= written[f"{key}_max"]
    assert {"fsync_us", "cpu", "cores", "postgresql", "python", "date", "commit"} <= written.keys()
    assert (tmp_path / "latest.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.exhaustive
def test_instructions_are_figures_with_what_they_were_before(server, monkeypatch):
    counts = {paths.BENCH / "before.sql": 2_000_000, paths.INSTALL_SQL: 700_000}

    def measure(tree, names, say):
        return {name: Counted(counts[tree], {}, {}, {}) for name in names}

    monkeypatch.setattr(instructions, "measure", measure)
    results, _ = take(Console(record=True), server, TINY, INSTRUCTION_FIGURES)
    assert {figure.key: results[f"{figure.key}_goal"] for figure in INSTRUCTION_FIGURES} == INSTRUCTION_GOALS
    first = "instructions_confirm_first"
    assert [results[f"{first}{name}"] for name in ("", "_against", "_met")] == [700_000, 2_000_000, True]
    assert results["instructions_key"] == 0


@pytest.mark.exhaustive
def test_the_profile_names_the_functions(server):
    console = Console(record=True, width=120)
    with staged(console, server, TINY, turns=0) as stage:
        profile(console, stage)
    told = console.export_text()
    for function in ("create_automatic_match", "respond_to_match", "confirm_session_completion"):
        assert f"wingman.{function}" in told
