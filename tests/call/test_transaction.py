"""A call's statements are a separate transaction, or part of the caller's."""

import psycopg
import pytest
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus
from wingmanmatch.call.identity import IDENTITY, local_settings
from wingmanmatch.call.one_trip import Statement
from wingmanmatch.call.transaction import as_the_connection_is, own_transaction

ASSUME = local_settings(*IDENTITY)
SEE = Statement.of(b"select current_user, current_setting('request.jwt.claims', true)")
WRITE = Statement.of(b"insert into public.a select $1::integer")
FAIL = Statement.of(b"select 1 / 0")
MANNERS = (own_transaction, as_the_connection_is)


@pytest.fixture
def connection(connect, db):
    db.execute("create table public.a (id integer); grant insert on public.a to authenticated, service_role")
    return connect(prepare_threshold=5)


def run(connection, *executions, manner=as_the_connection_is):
    assumed = ASSUME, [b"authenticated", b'{"sub": "x"}']
    result = connection.wait(manner(connection, [assumed, *executions]))
    return [result.get_value(0, column) for column in range(result.nfields)] if result.ntuples else []


def seen(connection):
    return tuple(
        connection.execute("select current_user, current_setting('request.jwt.claims', true)")
        .fetchone()
        .values()
    )


def written(db):
    return [row["id"] for row in db.execute("select id from public.a order by id")]


@pytest.mark.parametrize("manner", MANNERS)
def test_a_transaction_of_its_own(connection, db, manner):
    assert run(connection, (SEE, ()), manner=manner) == [b"authenticated", b'{"sub": "x"}']
    run(connection, (WRITE, [b"1"]), manner=manner)
    with pytest.raises(psycopg.errors.DivisionByZero):
        run(connection, (WRITE, [b"2"]), (FAIL, ()), manner=manner)
    assert connection.pgconn.transaction_status == TransactionStatus.IDLE
    assert written(db) == [1]
    assert seen(connection)[0] == "authenticator"


def test_a_transaction_of_its_own_whatever_the_driver_would_begin(connect, db, connection):
    other = connect(autocommit=False)
    run(other, (WRITE, [b"1"]), manner=own_transaction)
    assert other.pgconn.transaction_status == TransactionStatus.IDLE
    assert written(db) == [1]


def test_a_part_of_a_transaction(connection, db):
    with connection.transaction():
        connection.execute("set local role service_role")
        connection.execute("set local request.jwt.claims = 'mine'")
        assert run(connection, (SEE, ())) == [b"authenticated", b'{"sub": "x"}']
        with pytest.raises(psycopg.errors.DivisionByZero):
            run(connection, (WRITE, [b"1"]), (FAIL, ()))
        run(connection, (WRITE, [b"2"]))
        assert seen(connection) == ("service_role", "mine")
        assert written(db) == []
    assert written(db) == [2]


def test_a_transaction_is_begun_as_the_driver_would(connect, connection):
    other = connect(autocommit=False)
    other.isolation_level, other.read_only, other.deferrable = IsolationLevel.SERIALIZABLE, True, True
    characteristics = Statement.of(
        b"select current_setting('transaction_isolation'), current_setting('transaction_read_only'),"
        b" current_setting('transaction_deferrable')"
    )
    assert run(other, (characteristics, ())) == [b"serializable", b"on", b"on"]
    assert other.pgconn.transaction_status == TransactionStatus.INTRANS
    other.rollback()
    other.isolation_level, other.read_only, other.deferrable = None, False, False
    assert run(other, (characteristics, ())) == [b"read committed", b"off", b"off"]


def test_a_failed_transaction_stays_failed(connection):
    connection.execute("begin")
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("select 1 / 0")
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        run(connection, (SEE, ()))
    assert connection.pgconn.transaction_status == TransactionStatus.INERROR


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("loss", ["deallocate all", f"deallocate {SEE.name.decode()}"])
def test_prepared_statements_that_were_lost(connection, manner, loss):
    run(connection, (SEE, ()), manner=manner)
    connection.execute(loss)
    for _ in range(2):
        assert run(connection, (SEE, ()), manner=manner)[0] == b"authenticated"
    # from then on it does without
    assert connection.prepare_threshold is None


def test_a_statement_that_somebody_else_has_prepared(connection):
    connection.execute(f"prepare {SEE.name.decode()} as {SEE.text.decode()}")
    with connection.transaction():
        for _ in range(2):
            assert run(connection, (SEE, ()))[0] == b"authenticated"


def test_nothing_is_prepared_where_the_driver_prepares_nothing(connection):
    connection.prepare_threshold = None
    run(connection, (SEE, ()))
    assert connection.execute("select from pg_prepared_statements").rowcount == 0
