"""One network round trip a call, counted on a proxy; and no SQL but the calls."""

import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from everything import call_everything
from harness import Connection, People
from proxy import Wire, proxy_to
from psycopg.conninfo import make_conninfo
from wingmanmatch import Caller, InvalidInput, MatchNotFound
from wingmanmatch._postgres import ASSUME_IDENTITY

Proxied = tuple[Wire, str]

CALL = re.compile(
    r"select to_json\(f\)(, current_setting\('response.headers', true\))?"
    r' from "public"\."(\w+)"\(((, )?"\w+" => \$\d+)*\) as f'
)

CALLS = 8
"""More than the driver lets pass before it prepares a statement."""


def each_costs_one(wire: Wire, client: Any, user_id: Any) -> None:
    caller = client.as_user(user_id)
    for number in range(CALLS):
        before = wire.round_trips
        caller.get_profile()
        assert wire.round_trips - before == 1
        assert not caller.pause_matching().replayed
        assert caller.pause_matching(idempotency_key="one").replayed == (number > 0)
        assert wire.round_trips - before == 3
    assert not wire.stalled


@pytest.mark.representatives("async-True", "sync-False")
@pytest.mark.parametrize("prepare", [True, False])
def test_call_on_own_pool(flavour: Any, proxied: Proxied, people: People, prepare: bool) -> None:
    wire, login = proxied
    with flavour.connect(login, prepare=prepare) as client:
        each_costs_one(wire, client, people.add())


@pytest.mark.representatives("async-True", "sync-False")
@pytest.mark.parametrize("autocommit", [True, False])
def test_call_on_callers_pool(flavour: Any, proxied: Proxied, people: People, autocommit: bool) -> None:
    wire, login = proxied
    with flavour.pool(login, min_size=1, kwargs={"autocommit": autocommit}, open=False) as pool:
        each_costs_one(wire, flavour.client(pool=pool), people.add())


def test_call_on_callers_idle_connection(flavour: Any, proxied: Proxied, people: People) -> None:
    wire, login = proxied
    with flavour.connection(login, autocommit=True) as connection:
        each_costs_one(wire, flavour.client(connection=connection), people.add())


def test_call_in_callers_transaction(flavour: Any, proxied: Proxied, people: People) -> None:
    wire, login = proxied
    with flavour.connection(login, autocommit=True) as connection, connection.transaction():
        each_costs_one(wire, flavour.client(connection=connection), people.add())


def test_call_without_autocommit(flavour: Any, proxied: Proxied, people: People) -> None:
    wire, login = proxied
    with flavour.connection(login) as connection:
        client, ana = flavour.client(connection=connection), people.add()
        client.as_user(ana).get_profile()
        assert wire.round_trips == 1, "BEGIN goes with it"
        each_costs_one(wire, client, ana)


def test_refused_call(flavour: Any, proxied: Proxied, people: People) -> None:
    wire, login = proxied
    with flavour.connect(login) as client:
        ana = client.as_user(people.add())
        for _ in range(CALLS):
            before = wire.round_trips
            with pytest.raises(MatchNotFound):
                ana.get_match(uuid4())
            with pytest.raises(InvalidInput):
                ana.get_match("no id")
            assert wire.round_trips - before == 2
    assert not wire.stalled


def test_no_sql_but_the_calls(flavour: Any, proxied: Proxied, db: Connection) -> None:
    wire, login = proxied
    with flavour.connect(login) as client:
        call_everything(client, db)
    called = set()
    for statement in set(wire.statements) - {ASSUME_IDENTITY.text.decode()}:
        call = CALL.fullmatch(statement)
        assert call, statement
        called.add(call[2])
    assert called == {name for name in vars(Caller) if not name.startswith("_")}


def test_argument_left_out_is_not_sent(flavour: Any, proxied: Proxied, people: People) -> None:
    wire, login = proxied
    with flavour.connect(login) as client:
        ana = client.as_user(people.add())
        ana.list_matches()
        ana.list_matches(status=None, page_size=1)
    assert [text for text in wire.statements if text != ASSUME_IDENTITY.text.decode()] == [
        'select to_json(f) from "public"."list_matches"() as f',
        'select to_json(f) from "public"."list_matches"("status" => $1, "page_size" => $2) as f',
    ]


def test_proxy_counts_an_ordinary_transaction(proxied: Proxied) -> None:
    wire, login = proxied
    with psycopg.connect(login, autocommit=True) as connection, connection.transaction():
        connection.execute("select 1")
    assert wire.round_trips == 3
    assert wire.statements == ["BEGIN", "select 1", "COMMIT"]


def test_proxy_catches_a_client_that_waits_before_it_ends_its_request(login: str, db: Connection) -> None:
    with proxy_to(db.info, patience=0.1) as (wire, parameters):
        connection = psycopg.connect(make_conninfo(login, **parameters), autocommit=True)
        with pytest.raises(psycopg.OperationalError), connection.pipeline():
            connection.execute("select 1").fetchone()
    assert wire.stalled
