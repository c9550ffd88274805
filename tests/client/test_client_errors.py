"""Which exception a failure becomes."""

import pickle
import socket
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg_pool
import pytest
from harness import Connect, Connection, People, in_thread, wait_until_blocked
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from ways import OFF, Way
from wingmanmatch import (
    ActingForAnother,
    Busy,
    ConnectionLost,
    InvalidArgument,
    InvalidInput,
    MatchNotFound,
    PermissionDenied,
    Retries,
    StatementTimeout,
    WingmanClient,
    WingmanError,
)
from wingmanmatch._sync.caller import Caller
from wingmanmatch._sync.transport import ConnectionTransport
from wingmanmatch.call.identity import Identity


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_refusal_tells_all_it_knows(way: Way, people: People) -> None:
    with way.connect() as client, pytest.raises(InvalidArgument) as refusal:
        client.as_user(people.add()).complete_profile("", "beginner", 0, 0)
    error = refusal.value
    assert (error.name, error.status, error.sqlstate) == ("invalid_argument", 400, "PT400")
    assert error.context["argument"] == "first_name"
    assert error.message.startswith("first_name ")
    assert str(error) == error.message
    assert error.hint
    assert not error.retryable


def replace_get_profile(db: Connection, body: str) -> None:
    db.execute(f"""
        create or replace function public.get_profile(user_id uuid default null) returns profile_details
        language plpgsql as $body$ begin {body}; end $body$
    """)


def failure_of_get_profile(way: Way, people: People) -> WingmanError:
    with way.connect(retries=OFF) as client, pytest.raises(WingmanError) as failure:
        client.as_user(people.add()).get_profile()
    return failure.value


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_name_decides_whatever_the_message_says(way: Way, people: People, db: Connection) -> None:
    replace_get_profile(
        db,
        """raise exception using errcode = 'PT499', message = 'Match not found',
        detail = '{"error": "busy", "place": 7}'""",
    )
    error = failure_of_get_profile(way, people)
    assert type(error) is Busy
    assert error.retryable
    assert (error.status, error.context) == (499, {"place": 7})


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_unknown_name(way: Way, people: People, db: Connection) -> None:
    replace_get_profile(
        db, """raise exception using errcode = 'PT418', message = 'New', detail = '{"error": "new"}'"""
    )
    error = failure_of_get_profile(way, people)
    assert type(error) is WingmanError
    assert (error.name, error.status, error.message) == ("new", 418, "New")


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_refusal_by_somebody_else(way: Way, people: People, db: Connection) -> None:
    for detail in ("", "no JSON", "[1]", '"text"', '{"error": ["busy"]}'):
        replace_get_profile(
            db, f"raise exception using errcode = 'PT418', message = 'Tea', detail = '{detail}'"
        )
        error = failure_of_get_profile(way, people)
        assert type(error) is WingmanError
        assert (error.status, error.message) == (418, "Tea")


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_failure_outside_the_catalogue(way: Way, people: People, db: Connection) -> None:
    replace_get_profile(db, "raise exception 'Oh'")
    error = failure_of_get_profile(way, people)
    assert type(error) is WingmanError
    assert (error.status, error.message, error.sqlstate) == (500, "Oh", "P0001")


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_answer_that_is_not_understood(way: Way, people: People, db: Connection) -> None:
    replace_get_profile(db, "return null")
    assert "get_profile" in failure_of_get_profile(way, people).message


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("get_match", {"match_id": "no id"}),
    ("get_match", {"match_id": ""}),
    ("get_match", {"match_id": 7}),
    ("get_match", {"match_id": uuid4().bytes}),
    ("respond_to_match", {"match_id": uuid4(), "action": "acc\0ept"}),
    ("respond_to_match", {"match_id": uuid4(), "action": "\ud800"}),
    ("respond_to_match", {"match_id": uuid4(), "action": ["accept"]}),
    ("set_notification_settings", {"channel": "email", "kinds": "match_offered"}),
    ("set_notification_settings", {"channel": "email", "kinds": "{match_offered"}),
    ("set_notification_settings", {"channel": "email", "kinds": {"match_offered": True}}),
    ("set_notification_settings", {"channel": "email", "kinds": [["match_offered"]]}),
    ("set_notification_settings", {"channel": "email", "kinds": ["match\0offered"]}),
    ("set_notification_settings", {"channel": "email", "kinds": 7}),
    ("create_automatic_match", {"max_radius_miles": 2**31}),
    ("create_automatic_match", {"max_radius_miles": 10**400}),
    ("create_automatic_match", {"max_radius_miles": 10**5000}),
    ("create_automatic_match", {"max_radius_miles": 2.5}),
    ("create_automatic_match", {"max_radius_miles": "far"}),
    ("create_automatic_match", {"max_radius_miles": object()}),
    ("list_matches", {"before": "no id"}),
    ("create_session", {"match_id": uuid4(), "venue_name": "Café", "scheduled_time": datetime.max}),
    ("create_session", {"match_id": uuid4(), "venue_name": "Café", "scheduled_time": "tomorrow-ish"}),
    ("create_session", {"match_id": uuid4(), "venue_name": "Café", "scheduled_time": "99999999-01-01"}),
    ("complete_profile", {"first_name": "Ana", "experience_level": "beginner", "lat": "x", "lng": 0}),
    ("complete_profile", {"first_name": "Ana", "experience_level": "beginner", "lat": "1e999", "lng": 0}),
]


@pytest.mark.parametrize("in_transaction", [True, False])
def test_malformed_value(people: People, connect: Connect, in_transaction: bool) -> None:
    ana, connection = people.add(), connect()
    if in_transaction:
        connection.execute("begin")
    before = connection.info.transaction_status
    api = WingmanClient(connection=connection).as_user(ana)
    for method, arguments in MALFORMED:
        with pytest.raises(InvalidInput) as failure:
            getattr(api, method)(**arguments)
        assert failure.value.status == 400
        assert connection.info.transaction_status == before


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_malformed_value_over_any_transport(way: Way, people: People) -> None:
    with way.connect() as client:
        api = client.as_user(people.add())
        for method, arguments in MALFORMED:
            with pytest.raises(InvalidInput) as failure:
                getattr(api, method)(**arguments)
            assert (failure.value.status, failure.value.name) == (400, "invalid_input")


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_odd_number_is_the_databases_to_judge(way: Way, people: People) -> None:
    with way.connect() as client:
        ana = client.as_user(people.add())
        for lat in (float("nan"), float("inf"), 1e308, -91):
            with pytest.raises(InvalidArgument) as refusal:
                ana.complete_profile("Ana", "beginner", lat, 0)
            assert refusal.value.context["argument"] == "lat"


def test_anonymous_caller(connect: Connect, people: People) -> None:
    people.add()
    anonymous = Caller(ConnectionTransport(connect(), Retries(), None), Identity("anon", '{"role": "anon"}'))
    with pytest.raises(PermissionDenied) as failure:
        anonymous.list_matches()
    assert failure.value.sqlstate == "42501"


def test_login_without_the_role(db: Connection, people: People, connect: Connect) -> None:
    connection = connect(user="wingman_test_operator")
    with pytest.raises(PermissionDenied):
        WingmanClient(connection=connection).as_user(people.add()).get_profile()
    assert connection.info.transaction_status == TransactionStatus.IDLE


def test_statement_timeout(
    flavour: Any, login: str, people: People, connect: Connect, db: Connection
) -> None:
    ana, other = people.add(), connect(user=db.info.user, autocommit=False)
    other.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ana])
    hurried = make_conninfo(login, options="-c statement_timeout=50")
    with flavour.connect(hurried, max_size=1) as client:
        with pytest.raises(StatementTimeout) as failure:
            client.as_user(ana).create_automatic_match()
        assert client.as_user(ana).get_profile().user_id == ana
    assert failure.value.sqlstate == "57014"
    assert not failure.value.retryable


def test_server_ends_the_connection_during_a_call(people: People, connect: Connect, db: Connection) -> None:
    ana, connection, other = people.add(), connect(), connect(user=db.info.user, autocommit=False)
    other.execute("select from wingman.matchmaking_pool where user_id = %s for update", [ana])
    call = in_thread(WingmanClient(connection=connection).as_user(ana).create_automatic_match)
    wait_until_blocked(db, connection.info.backend_pid)
    db.execute("select pg_terminate_backend(%s)", [connection.info.backend_pid])
    failure = call.exception(timeout=15)
    assert type(failure) is ConnectionLost
    assert failure.retryable


def test_server_ends_the_connection_between_calls(
    flavour: Any, login: str, people: People, db: Connection
) -> None:
    ana = people.add()
    with flavour.connect(login, max_size=1, retries=Retries(attempts=1)) as client:
        client.as_user(ana).get_profile()
        ended = db.execute(
            "select count(pg_terminate_backend(pid, 15000)) as n from pg_stat_activity"
            " where application_name = 'wingmanmatch' and datname = current_database()"
        ).fetchone()
        assert ended == {"n": 1}
        # which is seen before the call is sent
        assert client.as_user(ana).get_profile().user_id == ana


def test_what_a_server_says_over_an_idle_connection_is_kept(
    login: str, people: People, db: Connection
) -> None:
    ana = people.add()
    with psycopg_pool.ConnectionPool(login, kwargs={"autocommit": True}, min_size=1, max_size=1) as pool:
        with pool.connection() as connection:
            connection.execute("listen news")
            backend = connection.info.backend_pid
        db.execute("notify news, 'one'")
        assert WingmanClient(pool=pool).as_user(ana).get_profile().user_id == ana
        with pool.connection() as connection:
            assert connection.info.backend_pid == backend
            assert [told.payload for told in connection.notifies(timeout=0)] == ["one"]


@pytest.mark.representatives("async-True", "sync-False")
@pytest.mark.parametrize("in_transaction", [True, False])
def test_connection_breaks(flavour: Any, proxied: Any, people: People, in_transaction: bool) -> None:
    wire, login = proxied
    ana = people.add()
    with flavour.connection(login, autocommit=True) as connection:
        api = flavour.client(connection=connection).as_user(ana)
        if in_transaction:
            connection.execute("begin")
        api.get_profile()
        wire.cut()
        for _ in range(2):
            with pytest.raises(ConnectionLost):
                api.get_profile()


@pytest.mark.representatives("async")
def test_nobody_listens(flavour: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host, port = closed.getsockname()
        nowhere = make_conninfo(host=host, port=port, user="authenticator", dbname="wingman")
        with flavour.connect(nowhere, timeout=0.1) as client, pytest.raises(ConnectionLost) as failure:
            client.as_user(uuid4()).get_profile()
    assert failure.value.status == 503


def test_errors_can_be_pickled() -> None:
    error = MatchNotFound("Match not found", name="match_not_found", status=404, context={"a": 1})
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is MatchNotFound
    assert vars(copy) == vars(error)


def test_errors_have_one_root() -> None:
    assert issubclass(ActingForAnother, WingmanError)
    assert ActingForAnother("No").name == "acting_for_another"
