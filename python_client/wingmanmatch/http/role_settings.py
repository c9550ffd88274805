"""What operators set for the roles that callers have: ``alter role … set``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from psycopg import Connection
from psycopg.rows import tuple_row

from wingmanmatch.call.one_trip import Execution, Statement

_READ: Final[LiteralString] = """
select r.rolname, g.name, substr(s.setting, strpos(s.setting, '=') + 1)
from pg_catalog.pg_roles as r
cross join lateral unnest(r.rolconfig) as s (setting)
join pg_catalog.pg_settings as g on split_part(s.setting, '=', 1) = g.name
where
    r.rolname = any(%s)
    and (
        g.context = 'user'
        or pg_catalog.has_parameter_privilege(current_user, g.name, 'set')
    )
order by r.rolname, g.name
"""
_TIMEOUT: Final = "statement_timeout"
# the connections of this server are in UTF-8
_KEPT: Final = frozenset({_TIMEOUT, "client_encoding"})


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """The settings of a role, which PostgreSQL itself applies only to the logins of that role."""

    execution: Execution | None
    """What sets them for a transaction."""
    statement_timeout: int
    """How many milliseconds a statement may take; 0: no limit."""


def read_role_settings(connection: Connection[Any], roles: frozenset[str]) -> Mapping[str, RoleSettings]:
    """The settings of those roles that have any, as far as the login may set them.

    As in PostgREST, these are not those of a role in a particular database.
    """
    settings: dict[str, dict[str, str]] = {}
    rows = connection.cursor(row_factory=tuple_row).execute(_READ, [sorted(roles)])
    for role, name, value in rows:
        settings.setdefault(role, {})[name] = value
    return {
        role: RoleSettings(_setting(given), _milliseconds(connection, given.get(_TIMEOUT, "0")))
        for role, given in settings.items()
    }


def _setting(given: Mapping[str, str]) -> Execution | None:
    parameters = [part.encode() for pair in given.items() if pair[0] not in _KEPT for part in pair]
    if not parameters:
        return None
    calls = [f"set_config(${place}, ${place + 1}, true)" for place in range(1, len(parameters), 2)]
    return Statement.of(f"select {', '.join(calls)}".encode()), parameters


def _milliseconds(connection: Connection[Any], duration: str) -> int:
    """A duration as settings have it, such as ``8s``."""
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config(%s, %s, true)", [_TIMEOUT, duration])
        row = (
            connection.cursor(row_factory=tuple_row)
            .execute("select setting::integer from pg_catalog.pg_settings where name = %s", [_TIMEOUT])
            .fetchone()
        )
    assert row
    milliseconds: int = row[0]
    return milliseconds


def read_timezones(connection: Connection[Any]) -> frozenset[str]:
    """The names of the time zones that PostgreSQL knows."""
    rows = connection.cursor(row_factory=tuple_row).execute("select name from pg_catalog.pg_timezone_names")
    return frozenset(name for (name,) in rows)
