"""The scenarios of every error name, played over HTTP, for clients that know nothing of SQL."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
from contract_errors import ERRORS
from harness import Connect, Connection, People, Rpc
from psycopg import IsolationLevel, sql
from serving import Serve, bearer, claims_of, signed
from test_error_names import OF_OPERATORS, SCENARIOS, World

ERROR_NAMES = tuple(name for name in SCENARIOS if name not in OF_OPERATORS)


@dataclass
class HttpCaller:
    """Somebody who calls over HTTP; stands in for ``harness.Caller`` in a scenario."""

    url: str
    token: str
    connection: SimpleNamespace = field(default_factory=SimpleNamespace)
    """What the scenario wants of a connection, of which HTTP has none."""

    def call(self, function: str, **arguments: Any) -> Any:
        """What the function returns. Raises httpx.HTTPStatusError: it refuses."""
        path = f"{self.url}/rest/v1/rpc/{function}"
        answer = httpx.post(path, json=plain(arguments), headers=bearer(self.token))
        return answer.raise_for_status().json()


@dataclass
class HttpRpc:
    """Makes callers over HTTP; stands in for ``harness.Rpc`` in a scenario."""

    url: str

    def as_user(self, user_id: UUID | str) -> HttpCaller:
        return HttpCaller(self.url, signed(claims_of(user_id)))

    def as_service(self) -> HttpCaller:
        return HttpCaller(self.url, signed(claims_of(role="service_role")))


@dataclass
class Refusal:
    """A call over HTTP that must be refused, and how."""

    url: str
    token: str
    function: str
    arguments: dict[str, Any]
    get: bool
    """By GET, which reads only."""
    status: int
    message: str
    details: dict[str, Any]


class Townspeople(People):
    """People of a separate town, far from those of other scenarios."""

    def __init__(self, db: Connection, rpc: Rpc, lat: float) -> None:
        super().__init__(db, rpc)
        self._lat = lat

    def add(self, first_name: str = "Ana", experience_level: str = "beginner", **arguments: Any) -> UUID:
        return super().add(first_name, experience_level, **{"lat": self._lat, **arguments})


Refusals = Callable[[str], Any]
"""Prepares the scenario of an error name: a context, in which the call is refused."""


def refusals(
    db: Connection, connect: Connect, rpc: Rpc, url: str, serve: Serve, callers: HttpRpc | None = None
) -> Refusals:
    """The same as ``Refusals``, over this database and its server, by these callers or by HTTP."""

    towns = count(-80, 2)

    @contextmanager
    def prepared(name: str) -> Iterator[Refusal]:
        people = Townspeople(db, rpc, next(towns))
        case = SCENARIOS[name](World(db, connect, callers or HttpRpc(url), people))  # type: ignore[arg-type]
        caller: Any = case.caller
        wanted = vars(caller.connection)
        status, message = ERRORS[name]
        with case.meanwhile, ExitStack() as stack:
            where = url
            if wanted.get("isolation_level") == IsolationLevel.SERIALIZABLE:
                # nothing in HTTP asks for it, only a setting of the login
                stack.enter_context(serializable_login(db))
                where = serve(pool_size=1)
            yield Refusal(
                where,
                caller.token,
                case.function,
                plain(case.arguments),
                wanted.get("read_only", False),
                status,
                message.format(**case.context),
                plain({"error": name, **case.context}),
            )

    return prepared


@contextmanager
def serializable_login(db: Connection) -> Iterator[None]:
    """Meanwhile authenticator's new connections to this database begin at SERIALIZABLE."""
    database = sql.Identifier(db.info.dbname)
    change = sql.SQL("alter role authenticator in database {} {} default_transaction_isolation {}")
    db.execute(change.format(database, sql.SQL("set"), sql.SQL("to serializable")))
    try:
        yield
    finally:
        db.execute(change.format(database, sql.SQL("reset"), sql.SQL("")))


def plain(value: Any) -> Any:
    """As it arrives through JSON: ids become texts."""
    return json.loads(json.dumps(value, default=str))
