"""The stage of a suite whose database is @wingmanmatch/testing's, in the process of the suite.

What the tests' building blocks ask of a connection goes to that process and comes back, in lines of JSON.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from clients_js.suites import Stage
from harness import People, revive
from over_http import HttpCaller, HttpRpc, plain, refusals
from psycopg import sql
from serving import SECRET, claims_of, signed

URL = "http://wingman.test"
NEED_A_SERVER = {"busy", "unsupported_isolation"}
"""Refusals that take a second connection, or a setting of the login."""


class Process:
    """The process of a suite, once it runs."""

    to_suite: IO[str]
    from_suite: IO[str]

    def does(self, deed: str, *given: Any) -> Any:
        """What it does, and answers before it goes on."""
        self.to_suite.write(f"{json.dumps({'do': deed, 'with': plain(given)})}\n")
        self.to_suite.flush()
        return json.loads(self.from_suite.readline())["done"]


class Rows(list[dict[str, Any]]):
    """Stands in for a cursor that has executed a statement."""

    def fetchone(self) -> dict[str, Any] | None:
        return self[0] if self else None

    def fetchall(self) -> list[dict[str, Any]]:
        return self

    description = True


@dataclass
class InProcessDatabase:
    """Stands in for a superuser's connection."""

    process: Process

    def execute(self, query: Any, parameters: Any = (), **_: Any) -> Rows:
        text = query if isinstance(query, str) else query.as_string()
        return Rows(map(_row, self.process.does("sql", _bound(text, iter(parameters)))))


def _row(told: dict[str, Any]) -> dict[str, Any]:
    """A row as psycopg gives it: ids and times in columns, but texts within JSON."""
    return {name: value if isinstance(value, dict) else revive(value, name) for name, value in told.items()}


def _bound(query: str, parameters: Iterator[Any]) -> str:
    return re.sub("%s", lambda _: sql.Literal(next(parameters)).as_string(), query).replace("%%", "%")


@dataclass
class InProcessCaller(HttpCaller):
    """Somebody who calls in that process."""

    process: Process = None  # type: ignore[assignment]

    def call(self, function: str, **arguments: Any) -> Any:
        return self.process.does("call", self.token, function, arguments)


@dataclass
class InProcessRpc(HttpRpc):
    """Makes such callers."""

    process: Process

    def as_user(self, user_id: UUID | str) -> InProcessCaller:
        return InProcessCaller(self.url, signed(claims_of(user_id)), process=self.process)

    def as_service(self) -> InProcessCaller:
        return InProcessCaller(self.url, signed(claims_of(role="service_role")), process=self.process)


class InProcessStage(Stage):
    """A stage without a server."""

    def __init__(self) -> None:
        self._process = Process()
        db: Any = InProcessDatabase(self._process)
        rpc: Any = InProcessRpc(URL, self._process)
        nothing: Any = None
        prepared = refusals(db, nothing, rpc, URL, nothing, rpc)
        super().__init__(db, People(db, rpc), URL, prepared)

    def server(self) -> dict[str, Any]:
        return {**super().server(), "in_process": {"jwtSecret": SECRET}}

    def error_names(self) -> list[str]:
        return [name for name in super().error_names() if name not in NEED_A_SERVER]

    def opens(self, to_suite: IO[str], from_suite: IO[str]) -> None:
        self._process.to_suite, self._process.from_suite = to_suite, from_suite
