"""A call leaves nothing behind on a connection but its work."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import wingmanmatch
from harness import Connect, Connection, People, wait_until_blocked
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg.types.string import StrDumper
from wingmanmatch import InvalidInput, MatchNotFound, WingmanClient, WingmanError

IDENTITY = "select current_setting('role'), coalesce(current_setting('request.jwt.claims', true), '')"


def identity(connection: Any) -> tuple[str, str]:
    """Role and claims in force; asking does not leave a transaction open."""
    before = connection.info.transaction_status
    found: tuple[str, str] = connection.execute(IDENTITY).fetchone()
    if before == TransactionStatus.IDLE:
        connection.rollback()
    return found


def succeed(client: Any, user: Any) -> None:
    client.as_user(user).create_automatic_match()


def be_refused(client: Any, user: Any) -> None:
    with pytest.raises(MatchNotFound):
        client.as_user(user).respond_to_match(uuid4(), "accept")


def send_nonsense(client: Any, user: Any) -> None:
    with pytest.raises(InvalidInput):
        client.as_user(user).respond_to_match("no id", "accept")


EVERY_OUTCOME = (succeed, be_refused, send_nonsense)


@pytest.mark.representatives("async-True", "sync-False")
@pytest.mark.parametrize("autocommit", [True, False])
def test_pool(flavour: Any, login: str, people: People, autocommit: bool) -> None:
    with flavour.pool(login, min_size=1, max_size=1, kwargs={"autocommit": autocommit}, open=False) as pool:
        for call in EVERY_OUTCOME:
            call(flavour.client(pool=pool), people.add())
            with pool.connection() as connection:
                assert connection.info.transaction_status == TransactionStatus.IDLE
                assert connection.autocommit == autocommit
                assert identity(connection) == ("none", "")


def test_idle_connection(flavour: Any, login: str, people: People) -> None:
    with flavour.connection(login, autocommit=True) as connection:
        for call in EVERY_OUTCOME:
            call(flavour.client(connection=connection), people.add())
            assert connection.info.transaction_status == TransactionStatus.IDLE
            assert identity(connection) == ("none", "")


def test_open_transaction(flavour: Any, login: str, people: People) -> None:
    with flavour.connection(login, autocommit=True) as connection:
        client = flavour.client(connection=connection)
        with connection.transaction():
            connection.execute("create temporary table mine on commit drop as select 1 as one")
            for call in EVERY_OUTCOME:
                call(client, people.add())
                assert connection.info.transaction_status == TransactionStatus.INTRANS
                assert identity(connection) == ("none", "")
            assert connection.execute("select one from mine").fetchone() == (1,)
        assert connection.info.transaction_status == TransactionStatus.IDLE
        assert identity(connection) == ("none", "")


def test_transaction_with_an_identity_of_its_own(flavour: Any, login: str, people: People) -> None:
    with flavour.connection(login, autocommit=True) as connection:
        client = flavour.client(connection=connection)
        with connection.transaction():
            connection.execute("set local role service_role")
            connection.execute("""set local request.jwt.claims = '{"role": "service_role"}'""")
            for call in EVERY_OUTCOME:
                call(client, people.add())
                assert identity(connection) == ("service_role", '{"role": "service_role"}')
        assert identity(connection) == ("none", "")


def test_connection_without_autocommit(flavour: Any, login: str, people: People) -> None:
    with flavour.connection(login) as connection:
        for call in EVERY_OUTCOME:
            call(flavour.client(connection=connection), people.add())
            assert connection.info.transaction_status == TransactionStatus.INTRANS
            assert identity(connection) == ("none", "")


@pytest.mark.representatives("async-True", "sync-False")
@pytest.mark.parametrize("autocommit", [True, False])
def test_call_is_part_of_the_callers_transaction(
    flavour: Any, login: str, people: People, db: Connection, autocommit: bool
) -> None:
    ana, _bo = people.add(), people.add()
    matches = "select count(*) as n from wingman_matches"
    with flavour.connection(login, autocommit=autocommit) as connection:
        client = flavour.client(connection=connection)
        with pytest.raises(ZeroDivisionError), connection.transaction():
            client.as_user(ana).create_automatic_match()
            raise ZeroDivisionError
        assert db.execute(matches).fetchone() == {"n": 0}
        with connection.transaction():
            client.as_user(ana).create_automatic_match()
            be_refused(client, ana)
            assert db.execute(matches).fetchone() == {"n": 0}
        assert db.execute(matches).fetchone() == {"n": 1}


def test_refused_call_leaves_no_trace_in_the_transaction(
    flavour: Any, login: str, people: People, db: Connection
) -> None:
    ana = people.add()
    db.execute("""
        create function public.fail() returns trigger language plpgsql as
        $$ begin raise exception using errcode = 'PT418', detail = '{"error": "teapot"}'; end $$;
        create constraint trigger fail after update on public.user_profiles initially immediate
        for each row execute function public.fail()
    """)
    with flavour.connection(login, autocommit=True) as connection, connection.transaction():
        api = flavour.client(connection=connection).as_user(ana)
        with pytest.raises(WingmanError):
            api.complete_profile("Changed", "beginner", 0, 0)
        assert api.get_profile().first_name == "Ana"


def test_refused_calls_log_nothing(
    flavour: Any, login: str, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    with flavour.connection(login) as connection:
        client, ana = flavour.client(connection=connection), people.add()
        for _ in range(100):
            be_refused(client, ana)
    assert caplog.records == []


def test_failed_transaction_stays_failed(flavour: Any, login: str, people: People) -> None:
    with flavour.connection(login, autocommit=True) as connection:
        connection.execute("begin")
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("select 1 / 0")
        with pytest.raises(WingmanError) as failure:
            flavour.client(connection=connection).as_user(people.add()).get_profile()
        assert failure.value.sqlstate == "25P02"
        assert connection.info.transaction_status == TransactionStatus.INERROR
        connection.rollback()


def test_statement_that_failed_to_be_prepared(
    flavour: Any, login: str, people: People, db: Connection
) -> None:
    with flavour.connection(login, autocommit=True, prepare_threshold=1) as connection:
        api = flavour.client(connection=connection).as_user(people.add())
        api.get_profile()
        db.execute("alter function public.get_profile rename to hidden")
        with pytest.raises(WingmanError) as failure:
            api.get_profile()
        assert failure.value.sqlstate == "42883"
        db.execute("alter function public.hidden rename to get_profile")
        for _ in range(2):
            assert api.get_profile().first_name == "Ana"


def test_prepared_statements_vanish(flavour: Any, login: str, people: People) -> None:
    with flavour.connection(login, autocommit=True, prepare_threshold=1) as connection:
        api = flavour.client(connection=connection).as_user(people.add())
        for _ in range(2):
            api.get_profile()
        with connection.transaction():
            connection.execute("do $$ begin execute 'deallocate all'; end $$")
            for _ in range(2):
                assert api.get_profile().first_name == "Ana"
            assert identity(connection) == ("none", "")


def test_inside_the_callers_pipeline(people: People, login: str) -> None:
    ana = people.add()
    with psycopg.connect(login, autocommit=True) as connection:
        client = WingmanClient(connection=connection)
        with connection.pipeline():
            cursor = connection.execute("select 1")
            assert client.as_user(ana).get_profile().user_id == ana
            be_refused(client, ana)
            assert cursor.fetchone() == (1,)
        assert identity(connection) == ("none", "")


def test_connection_set_up_to_the_callers_taste(people: People, login: str) -> None:
    ana = people.add("Žofie")
    with psycopg.connect(
        login,
        autocommit=True,
        client_encoding="latin2",
        options="-c timezone=Asia/Kathmandu -c datestyle=german",
        row_factory=dict_row,
        cursor_factory=psycopg.ClientCursor,
    ) as connection:
        connection.adapters.register_dumper(str, StrDumper)
        api = WingmanClient(connection=connection).as_user(ana)
        assert api.get_profile().first_name == "Žofie"
        assert api.create_automatic_match(max_radius_miles=1).success is False
        with pytest.raises(InvalidInput):
            api.complete_profile("🛩", "beginner", 0, 0)
        assert connection.info.transaction_status == TransactionStatus.IDLE
        with connection.transaction():
            with pytest.raises(InvalidInput):
                api.complete_profile("🛩", "beginner", 0, 0)
            assert api.get_profile().first_name == "Žofie"


@pytest.mark.parametrize("in_transaction", [True, False])
def test_cancelled_task(
    people: People, login: str, db: Connection, connect: Connect, in_transaction: bool
) -> None:
    ana = people.add()
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ana])

    async def cancel_while_it_waits() -> None:
        async with await psycopg.AsyncConnection.connect(login, autocommit=True) as connection:
            if in_transaction:
                await connection.execute("begin")
            api = wingmanmatch.AsyncWingmanClient(connection=connection).as_user(ana)
            task = asyncio.create_task(api.create_automatic_match())
            await asyncio.to_thread(wait_until_blocked, db, connection.info.backend_pid)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            expected = TransactionStatus.INTRANS if in_transaction else TransactionStatus.IDLE
            assert connection.info.transaction_status == expected
            assert await (await connection.execute(IDENTITY)).fetchone() == ("none", "")
            assert (await api.get_profile()).user_id == ana

    asyncio.run(cancel_while_it_waits())


def test_cancelled_task_gives_its_connection_back(
    people: People, login: str, db: Connection, connect: Connect
) -> None:
    ana = people.add()
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ana])

    async def cancel_while_it_waits() -> None:
        async with wingmanmatch.AsyncWingmanClient.connect(login, max_size=1) as client:
            api = client.as_user(ana)
            await api.get_profile()
            backend = db.execute(
                "select pid from pg_stat_activity"
                " where datname = current_database() and application_name = 'wingmanmatch'"
            ).fetchone()
            task = asyncio.create_task(api.create_automatic_match())
            await asyncio.to_thread(wait_until_blocked, db, backend["pid"])
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await api.get_profile()).user_id == ana

    asyncio.run(cancel_while_it_waits())
