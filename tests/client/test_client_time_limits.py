"""A server that says nothing more does not keep the client for ever."""

import socket
import time
from typing import Any

import pytest
from harness import People
from proxy import Gate, Wire
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from ways import OFF, Way
from wingmanmatch import ConnectionLost, Retries

Proxied = tuple[Wire, str]
ENOUGH_SECONDS = 5.0


def silent_call(wire: Wire, api: Any) -> ConnectionLost:
    """How a call ends whose answer does not come."""
    gate = wire.answers.gate = Gate(0)
    begun = time.monotonic()
    with pytest.raises(ConnectionLost) as failure:
        api.pause_matching()
    assert time.monotonic() - begun < ENOUGH_SECONDS
    assert gate.reached.is_set()
    wire.answers.gate = None
    return failure.value


@pytest.mark.representatives("async-pool", "sync-connection")
@pytest.mark.parametrize("transport", ["pool", "connection"])
def test_an_answer_that_does_not_come(flavour: Any, proxied: Proxied, people: People, transport: str) -> None:
    wire, login = proxied
    with Way(flavour, transport, login).connect(retries=OFF, call_timeout=0.2) as client:
        api = client.as_user(people.add())
        api.get_profile()
        lost = silent_call(wire, api)
        assert lost.message == "The server has not answered within 0.2 seconds"
        assert lost.may_have_taken_effect
        if transport == "pool":
            assert api.pause_matching(idempotency_key=lost.idempotency_key).replayed


def test_an_answer_that_does_not_come_in_the_callers_transaction(
    flavour: Any, proxied: Proxied, people: People
) -> None:
    wire, login = proxied
    with flavour.connection(login, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("begin")
        api = flavour.client(connection=connection, call_timeout=0.2).as_user(people.add())
        silent_call(wire, api)
        assert connection.closed


def test_an_answer_that_does_not_come_over_http(
    flavour: Any,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        with flavour.over_http(f"http://{host}:{port}", timeout=0.2, retries=OFF) as client:
            begun = time.monotonic()
            with pytest.raises(ConnectionLost) as failure:
                client.with_token("a.b.c").get_profile()
            assert time.monotonic() - begun < ENOUGH_SECONDS
    assert failure.value.__cause__


def test_it_is_made_again_in_time(flavour: Any, proxied: Proxied, people: People) -> None:
    wire, login = proxied
    retries = Retries(attempts=2, base=0)
    with Way(flavour, "pool", login).connect(retries=retries, call_timeout=0.2) as client:
        api = client.as_user(people.add())
        api.get_profile()
        wire.answers.gate = gate = Gate(0, holds_one=True)
        assert api.pause_matching().replayed
        assert gate.reached.is_set()


LIMITS = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


@pytest.mark.parametrize("given", [{}, {"connect_timeout": "3", "tcp_user_timeout": "7000"}])
def test_connections_have_limits(flavour: Any, proxied: Proxied, given: dict[str, str]) -> None:
    _, login = proxied
    with flavour.connect(make_conninfo(login, **given)) as client:
        pool = getattr(client, "target", client)._own_pool
        kept = {**LIMITS, **given}
        assert {name: str(_parameters(pool)[name]) for name in kept} == kept


def _parameters(pool: Any) -> dict[str, Any]:
    return conninfo_to_dict(pool.conninfo, **pool.kwargs)
