"""Somebody who tries things: every attempt is undone, and its result is kept."""

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from harness import OPERATOR, WORKER, Connect, Connection
from psycopg import sql
from psycopg.abc import Query

REFUSED_BY_POSTGRESQL = "42501"

# The login that holds a role, and the role that it takes for a call.
LOGINS = {
    "anon": ("authenticator", "anon"),
    "authenticated": ("authenticator", "authenticated"),
    "service_role": ("authenticator", "service_role"),
    "wingman_admin": (OPERATOR, "none"),
    "wingman_worker": (WORKER, "none"),
    "authenticator": ("authenticator", "none"),
}


@dataclass(frozen=True)
class Outcome:
    """The result of an attempt: rows, or an error."""

    rows: tuple[Any, ...] = ()
    error: psycopg.Error | None = None

    @property
    def sqlstate(self) -> str:
        return (self.error and self.error.sqlstate) or ""

    @property
    def name(self) -> str:
        """The name of a catalogued refusal; else the SQLSTATE, or ``answered``."""
        if self.error is None:
            return "answered"
        if not self.sqlstate.startswith("PT"):
            return self.sqlstate
        return json.loads(self.error.diag.message_detail or "{}").get("error", "")

    @property
    def is_forbidden(self) -> bool:
        return self.sqlstate == REFUSED_BY_POSTGRESQL

    @property
    def text(self) -> str:
        """All that the caller hears."""
        if self.error is None:
            return "\n".join(str(value) for row in self.rows for value in row.values())
        diag = self.error.diag
        heard = (diag.message_primary, diag.message_detail, diag.message_hint, diag.context)
        return "\n".join(text for text in heard if text)

    def __str__(self) -> str:
        if self.error is None:
            return f"answered: {self.text[:300]}"
        return f"{self.name}: {self.error.diag.message_primary}"


def claims_of(user_id: UUID | str, **more: Any) -> str:
    return json.dumps({"sub": str(user_id), "role": "authenticated", **more})


class Intruder:
    """Acts on a connection with a role and claims, each attempt in a transaction that is rolled back."""

    def __init__(self, connection: Connection, role: str = "authenticated", claims: str | None = None):
        self.connection = connection
        self.role = role
        self.claims = claims

    @classmethod
    def logged_in(cls, connect: Connect, role: str, claims: str | None = None) -> "Intruder":
        """With the login that the role is for."""
        login, role_to_set = LOGINS[role]
        return cls(connect(user=login), role_to_set, claims)

    def attempt(
        self,
        statement: str,
        parameters: Any = None,
        and_then: Callable[[], None] | None = None,
        first: Query | None = None,
    ) -> Outcome:
        """Run a statement; ``and_then`` looks at what it did before it is undone.

        Args:
            first: a statement that begins the transaction.
        """
        with self.connection.transaction(force_rollback=True):
            if first:
                self.connection.execute(first)
            self.assume_identity()
            outcome = run(self.connection, statement, parameters)
            if and_then and outcome.error is None:
                self.connection.execute("set local role none")
                and_then()
        return outcome

    def call(
        self,
        function: str,
        arguments: dict[str, Any],
        and_then: Callable[[], None] | None = None,
        first: Query | None = None,
    ) -> Outcome:
        """Call ``schema.function`` with literals of no type, as HTTP sends them."""
        literals = {name: None if value is None else str(value) for name, value in arguments.items()}
        return self.attempt(call_statement(function, tuple(literals)), literals, and_then, first)

    def assume_identity(self) -> None:
        if self.claims is None:
            self.connection.execute("select pg_catalog.set_config('role', %s, true)", [self.role])
        else:
            self.connection.execute(
                "select pg_catalog.set_config('role', %s, true),"
                " pg_catalog.set_config('request.jwt.claims', %s, true)",
                [self.role, self.claims],
            )


@cache
def call_statement(function: str, arguments: Iterable[str]) -> str:
    """A call with named parameters, which answers as text what HTTP would answer."""
    named = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments
    )
    return (
        sql.SQL("select pg_catalog.to_json(f)::pg_catalog.text as answer from {}({}) as f")
        .format(sql.Identifier(*function.split(".")), named)
        .as_string()
    )


def run(connection: Connection, statement: str, parameters: Any = None) -> Outcome:
    try:
        with closing(connection.cursor()) as cursor:
            if statement.startswith("copy "):
                with cursor.copy(statement) as copy:
                    return Outcome(tuple({"line": bytes(line)} for line in copy))
            cursor.execute(statement, parameters)
            return Outcome(tuple(cursor.fetchall()) if cursor.description else ())
    except psycopg.Error as error:
        if error.sqlstate is None:
            # not an answer: the client would not send it, or the connection is lost
            raise
        return Outcome(error=error)
