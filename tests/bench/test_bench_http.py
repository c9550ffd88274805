"""``wingman bench --http``: every call is made, by every transport, and the document gets the table."""

import pytest
from rich.console import Console
from wingmanmatch import WingmanError
from wingmanmatch.tools.bench import over_http
from wingmanmatch.tools.bench.pgbench import RunFailedError
from wingmanmatch.tools.bench.report import between_marks
from wingmanmatch.tools.bench.run import staged
from wingmanmatch.tools.bench.stage import Scale
from wingmanmatch.tools.bench.worlds import WorldError

# two servers, and two transports
pytestmark = pytest.mark.exhaustive

TINY = Scale(people=2_000, few=1_500, pairs=1, warm_ups=0, seconds=0.1, calls=60, clients=2)


@pytest.fixture(scope="module")
def turn(server):
    """Takes a turn of an operation over a transport."""
    with staged(Console(record=True), server, TINY, turns=0) as stage:
        world = stage.world("spread", TINY.people)
        with over_http.served(world, TINY.clients) as http:
            yield lambda *kind: over_http.turn(stage, world, http, kind, 20)


def already_confirmed(world, calls):
    asks = over_http._confirmations(world, calls)
    return [asks[0]] * len(asks)


@pytest.mark.parametrize("transport", over_http.TRANSPORTS, ids=lambda transport: transport.what)
def test_a_refused_call_counts_for_nothing(turn, transport):
    with pytest.raises(ExceptionGroup) as failure:
        turn(over_http.Operation("confirm_session_completion", already_confirmed), transport)
    assert failure.group_contains((RunFailedError, WingmanError), match="already confirmed")


@pytest.mark.parametrize("transport", over_http.TRANSPORTS, ids=lambda transport: transport.what)
def test_calls_that_do_nothing_do_not_count(turn, transport):
    with pytest.raises(WorldError, match="not each of 40 calls"):
        turn(over_http.Operation("get_profile", over_http._profiles, "select 7"), transport)


def test_every_call_is_measured_over_every_transport(server):
    facts, taken = over_http.take_http(Console(record=True), server, TINY)
    assert len(taken) == 6
    for (run,) in taken.values():
        assert run.calls == 40
        assert run.rate > 0
        assert run.p99 > 0
    told = between_marks("<!-- http -->\nold\n<!-- /http -->", "http", over_http.markdown(facts, taken))
    assert "old" not in told
    for what in ("get_profile", "confirm_session_completion", "over psycopg", "over HTTP", "2,000 people"):
        assert what in told
