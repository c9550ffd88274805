"""Calls of operators' functions, and reads of their views, with the rights of a login."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import scalar_row

from wingmanmatch._postgres import translated_errors
from wingmanmatch.catalog.operators import UsableFunction, usable_functions
from wingmanmatch.errors import PermissionDenied


def operators_functions(connection: Connection[Any]) -> dict[str, UsableFunction]:
    """The functions that the login may call, by name.

    Raises:
        WingmanError: the database cannot be asked.
    """
    with translated_errors():
        return usable_functions(connection)


def not_an_operator(connection: Connection[Any]) -> PermissionDenied:
    """The refusal of a login that may use nothing of schema ``wingman_admin``."""
    login = connection.info.user
    return PermissionDenied(
        f"{login} is not a member of wingman_admin: grant wingman_admin to {login}",
        sqlstate="42501",
    )


def call_function(connection: Connection[Any], function: str, arguments: Mapping[str, object]) -> list[Any]:
    """Call a function of schema ``wingman_admin`` once. Its rows are JSON.

    The types are those of the function's arguments: a text that is not of its type is refused.

    Raises:
        WingmanError: the call is refused, or fails.
    """
    query = sql.SQL("select to_json(f) from {}({}) as f").format(
        sql.Identifier("wingman_admin", function),
        sql.SQL(", ").join(sql.SQL("{} => %s").format(sql.Identifier(name)) for name in arguments),
    )
    return read_rows(connection, query, [_sent(value) for value in arguments.values()])


def read_rows(
    connection: Connection[Any],
    query: sql.SQL | sql.Composed,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> list[Any]:
    """The first column of each row.

    Raises:
        WingmanError: the read is refused, or fails.
    """
    with translated_errors():
        return connection.cursor(row_factory=scalar_row).execute(query, parameters).fetchall()


def _sent(value: object) -> object:
    """An argument as a text that PostgreSQL reads by the argument's type, a list as a list of texts."""
    match value:
        case None | str():
            return value
        case Mapping():
            return json.dumps(value)
        case [*values]:
            return [None if one is None else str(one) for one in values]
        case bool():
            return json.dumps(value)
        case _:
            return str(value)
