"""Plain SQL and every transport give the same answers, to the last attribute, and the same refusals."""

import asyncio
import inspect
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from everything import call_everything
from flavours import Async, Sync
from harness import Caller as SqlCaller
from harness import Connect, Connection, People, Rpc, RpcError
from pydantic import BaseModel
from test_error_names import SCENARIOS, Refused, World
from ways import OFF, Way
from wingmanmatch import Caller, WingmanError, errors

ONLY_IN_A_TRANSACTION_OF_ONES_OWN = {"unsupported_isolation", "read_only_transaction"}


class Answer(dict[str, Any]):
    """A JSON object with attribute access like a model's."""

    __getattr__ = dict.__getitem__


class PlainSql:
    """The functions called in SQL, as the client's methods are called."""

    def __init__(self, rpc: Rpc, caller: SqlCaller | None = None) -> None:
        self._rpc = rpc
        self._caller = caller

    def as_user(self, user_id: UUID) -> "PlainSql":
        return PlainSql(self._rpc, self._rpc.as_user(user_id))

    def __getattr__(self, name: str) -> Any:
        signature = inspect.signature(getattr(Caller, name))

        def call(*args: Any, **kwargs: Any) -> Any:
            assert self._caller
            given = signature.bind(None, *args, **kwargs).arguments
            given.pop("self")
            answer = self._caller.call(name, **given)
            return [Answer(row) for row in answer] if isinstance(answer, list) else Answer(answer)

        return call


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def over_http(http_server: str, runner: asyncio.Runner) -> Iterator[dict[str, Any]]:
    """Clients over HTTP, kept for all tests: they have no connection to the database."""
    with (
        Way(Sync(), "http", http_server).connect(retries=OFF) as sync,
        Way(Async(runner), "http", http_server).connect(retries=OFF) as asynchronous,
    ):
        yield {"http sync": sync, "http async": asynchronous}


@pytest.fixture
def clients(
    over_http: dict[str, Any], http_url: str, login: str, runner: asyncio.Runner
) -> Iterator[dict[str, Any]]:
    """Clients over each transport, by its name; in one flavour or both."""
    with (
        Way(Sync(), "pool", login).connect(retries=OFF) as pool,
        Way(Async(runner), "connection", login).connect(retries=OFF) as connection,
    ):
        yield {"pool": pool, "connection": connection, **over_http}


def told(answers: dict[str, Any]) -> str:
    """Answers as JSON, without what differs from one story to the next: each id is known by its order."""
    ids: dict[UUID, str] = {}

    def plain(value: Any) -> Any:
        match value:
            case BaseModel():
                return plain(value.model_dump())
            case {"exported_at": _, "data": data}:
                # who is user1 of a match depends on the ids, and clients send keys of their own
                return {table: len(rows) for table, rows in data.items() if table != "idempotency_keys"}
            case dict():
                return {name: plain(item) for name, item in value.items()}
            case list():
                return [plain(item) for item in value]
            case UUID():
                return ids.setdefault(value, f"id {len(ids)}")
            case datetime():
                return "a time"
        return value

    return json.dumps(plain(answers), indent=1, sort_keys=False, ensure_ascii=False)


def test_story_is_the_same_everywhere(clients: dict[str, Any], db: Connection, rpc: Rpc) -> None:
    sql = told(call_everything(PlainSql(rpc), db))
    for transport, client in clients.items():
        db.execute("delete from auth.users")
        assert told(call_everything(client, db)) == sql, transport


def call_by(client: Any, case: Refused) -> Any:
    """Make a scenario's call with the client, as the scenario's caller."""
    claims = case.caller._claims
    api = client.as_user(claims["sub"]) if "sub" in claims else client.as_service()
    return getattr(api, case.function)(**case.arguments)


def provoke(world: World, name: str) -> Refused:
    context: dict[str, Any] = {}
    if name not in ONLY_IN_A_TRANSACTION_OF_ONES_OWN:
        case = SCENARIOS[name](world)
        if not case.function.startswith("wingman_admin."):
            return case
        # the client calls no functions of operators
        context = case.context
    world.db.execute(f"""
        create or replace function public.get_profile(user_id uuid default null) returns profile_details
        language plpgsql security definer as
        $$ begin perform wingman.raise_error('{name}', '{json.dumps(context)}'); return null; end $$
    """)
    return Refused(world.somebody(), "get_profile")


# with and without context, by a transaction of one's own, and by somebody who holds what is needed;
# test_error_names.py meets every error
@pytest.mark.representatives(
    "not_authenticated",
    "invalid_argument",
    "busy",
    "rate_limited",
    "already_confirmed",
    "read_only_transaction",
)
@pytest.mark.parametrize("name", errors.CATALOGUED)
def test_refusal_is_the_same_everywhere(
    name: str, clients: dict[str, Any], db: Connection, connect: Connect, rpc: Rpc, people: People
) -> None:
    case = provoke(World(db, connect, rpc, people), name)
    with case.meanwhile:
        with pytest.raises(RpcError) as refusal:
            case.caller.call(case.function, **case.arguments)
        sql = refusal.value
        assert sql.name == name
        context = {key: value for key, value in sql.detail.items() if key != "error"}
        for transport, client in clients.items():
            with pytest.raises(WingmanError) as failure:
                call_by(client, case)
            error = failure.value
            assert type(error) is errors.CATALOGUED[name], transport
            assert (error.name, error.status, error.message) == (name, sql.status, sql.message), transport
            assert (error.context, error.hint, error.sqlstate) == (context, sql.hint, sql.sqlstate), transport
