"""Several statements at once: one transaction, and what is prepared is known whatever goes wrong."""

import asyncio

import psycopg
import pytest
from client.proxy import proxy_to
from harness import in_thread, wait_until_blocked
from psycopg import AsyncConnection
from psycopg.pq import PipelineStatus, TransactionStatus
from wingmanmatch.call import one_trip as module
from wingmanmatch.call.one_trip import Statement, one_trip


def statement(text, name="it"):
    return Statement(name.encode(), text.encode())


SET = statement("select set_config('a.b', $1, true)", "set")
GET = statement("select current_setting('a.b', true), $1::integer", "get")
WRONG = statement("select 1 / $1::integer", "wrong")


@pytest.fixture
def connection(connect, db):
    db.execute("create table public.a (id integer primary key deferrable initially deferred)")
    return connect(user=db.info.user)


@pytest.fixture
def run(connection):
    """Executes statements, and gives the last one's columns."""
    prepared = {}

    def go(*executions, prepared=prepared):
        *_, result = connection.wait(one_trip(connection.pgconn, executions, prepared))
        return [result.get_value(0, column) for column in range(result.nfields)] if result.ntuples else []

    go.prepared = prepared
    return go


def is_at_rest(connection):
    status = connection.pgconn.pipeline_status, connection.pgconn.transaction_status
    return status == (PipelineStatus.OFF, TransactionStatus.IDLE)


def test_they_are_one_transaction_whose_settings_go_with_it(connection, run):
    for _ in range(3):
        assert run((SET, [b"x"]), (GET, [b"7"])) == [b"x", b"7"]
        assert is_at_rest(connection)
    assert run((GET, [None])) == [b"", None]  # as PostgreSQL leaves a setting that was made in a transaction
    assert list(run.prepared) == [b"set", b"get"]


def test_all_of_them_are_one_round_trip(db):
    with proxy_to(db.info) as (wire, parameters):
        with psycopg.connect(
            dbname=db.info.dbname, user=db.info.user, autocommit=True, **parameters
        ) as connection:
            prepared = {}
            for trips in range(1, 4):
                connection.wait(one_trip(connection.pgconn, [(SET, [b"x"]), (GET, [b"7"])], prepared))
                assert wire.round_trips == trips
        assert not wire.stalled


def test_each_execution_has_its_result(connection):
    prepared = {}
    for _ in range(2):
        set_it, got_it = connection.wait(
            one_trip(connection.pgconn, [(SET, [b"x"]), (GET, [b"7"])], prepared)
        )
        assert (set_it.get_value(0, 0), got_it.get_value(0, 1)) == (b"x", b"7")


def test_a_statement_without_a_name_is_not_prepared(connection, run):
    assert run((statement("select $1::text", ""), [b"x"])) == [b"x"]
    assert run.prepared == {}


def test_a_name_stands_for_one_text():
    assert Statement.of(b"select 1") == Statement.of(b"select 1")
    assert Statement.of(b"select 1").name != Statement.of(b"select 2").name


def test_in_the_callers_pipeline(connection, run):
    with connection.pipeline():
        assert run((SET, [b"x"]), (GET, [b"7"])) == [b"x", b"7"]
        assert connection.pgconn.pipeline_status == PipelineStatus.ON
        assert connection.execute("select 1 as one").fetchone() == {"one": 1}
    assert is_at_rest(connection)


def test_unprepared(connection, run):
    assert run((SET, [b"x"]), (GET, [b"7"]), prepared=None) == [b"x", b"7"]
    assert connection.execute("select from pg_prepared_statements").rowcount == 0


def test_an_error_undoes_all(connection, run):
    write = statement("insert into public.a values ($1)", "write")
    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            run((write, [b"1"]), (WRONG, [b"0"]))
        assert is_at_rest(connection)
    assert connection.execute("select * from public.a").fetchall() == []
    # also one that the commit meets
    with pytest.raises(psycopg.errors.UniqueViolation):
        run((write, [b"1"]), (statement("insert into public.a values ($1)", "again"), [b"1"]), (GET, [b"1"]))
    assert is_at_rest(connection)
    assert connection.execute("select * from public.a").fetchall() == []


def test_what_an_error_kept_from_being_prepared_is_prepared_later(run):
    with pytest.raises(psycopg.errors.DivisionByZero):
        run((WRONG, [b"0"]), (GET, [b"7"]))
    assert list(run.prepared) == [b"wrong"]
    with pytest.raises(psycopg.errors.SyntaxError):
        run((statement("selec"), []))
    assert list(run.prepared) == [b"wrong"]
    assert run((statement("select 'now'"), [])) == [b"now"]
    assert run((WRONG, [b"1"]), (GET, [b"7"])) == [None, b"7"]
    assert list(run.prepared) == [b"wrong", b"it", b"get"]


def test_few_statements_stay_prepared(connection, run, monkeypatch):
    monkeypatch.setattr(module, "MOST_PREPARED", 5)
    for number in range(20):
        assert run((SET, [b"x"]), (statement(f"select {number}", f"s{number}"), [])) == [b"%d" % number]
        there = connection.execute("select name from pg_prepared_statements", prepare=False).fetchall()
        assert {row["name"].encode() for row in there} == set(run.prepared)
        assert len(there) <= 6
    # even though an error keeps the statement that takes its place from being prepared
    for _ in range(20):
        with pytest.raises(psycopg.errors.DivisionByZero):
            run((WRONG, [b"0"]), (GET, [b"7"]))
    assert run((GET, [b"7"])) == [b"", b"7"]


def test_more_than_a_socket_holds(run):
    much = b"x" * 10_000_000
    assert run((statement("select $1::text, length($1)"), [much])) == [much, b"10000000"]


def test_a_connection_that_is_lost(connection, run, db):
    with db.transaction():
        db.execute("lock table public.a")
        call = in_thread(run, (SET, [b"x"]), (statement("select count(*) from public.a"), []))
        wait_until_blocked(db, connection.info.backend_pid)
        db.execute("select pg_terminate_backend(%s)", [connection.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        call.result(15)
    assert connection.closed
    with pytest.raises(psycopg.OperationalError):
        run((GET, [b"7"]))


def test_a_connection_on_which_it_broke_off_is_closed(connection):
    trip = one_trip(connection.pgconn, [(SET, [b"x"])], {})
    next(trip)
    trip.close()
    assert connection.closed


def test_over_an_async_connection(database_url):
    async def go():
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            trip = one_trip(connection.pgconn, [(SET, [b"x"]), (GET, [b"7"])], {})
            return (await connection.wait(trip))[-1].get_value(0, 0)

    assert asyncio.run(go()) == b"x"
