"""An operator of the demo: calls functions of schema ``wingman_admin``, as a login of its own."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import dict_row

from wingmanmatch import Acknowledgement
from wingmanmatch._postgres import translated_errors

LOGIN = "ada"


class Operator:
    """What an operator of the story does. Refusals are raised as the client raises them."""

    name = LOGIN.capitalize()

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def change_settings(self, *, changes: Mapping[str, object], reason: str) -> Acknowledgement:
        """Change settings; calls that begin later go by them."""
        return self._call("change_settings", changes=json.dumps(changes), reason=reason)

    def decide_no_show(
        self,
        *,
        session_id: UUID | str,
        outcome: Literal["uphold", "dismiss"],
        absent_user_ids: Sequence[UUID | str] | None,
        reason: str,
    ) -> Acknowledgement:
        """Decide what the two people of a session report about each other."""
        return self._call(
            "decide_no_show",
            session_id=session_id,
            outcome=outcome,
            absent_user_ids=None if absent_user_ids is None else [str(one) for one in absent_user_ids],
            reason=reason,
        )

    def settings(self, names: Sequence[str]) -> dict[str, Any]:
        """The values of these settings, as ``change_settings`` takes them."""
        rows = self._rows("select name, value from wingman_admin.settings where name = any(%s)", list(names))
        # a list is JSON, the rest are texts
        return {
            row["name"]: json.loads(row["value"]) if str(row["value"]).startswith("[") else row["value"]
            for row in rows
        }

    def no_show_queue(self) -> list[dict[str, Any]]:
        """What waits for a decision, the most urgent first."""
        return self._rows("select * from wingman_admin.no_show_queue")

    def _call(self, function: str, **arguments: object) -> Acknowledgement:
        query = sql.SQL("select f.* from {}({}) as f").format(
            sql.Identifier("wingman_admin", function),
            sql.SQL(", ").join(sql.SQL("{} => %s").format(sql.Identifier(name)) for name in arguments),
        )
        (row,) = self._rows(query, *arguments.values())
        return Acknowledgement.model_validate(row)

    def _rows(self, query: Any, *parameters: object) -> list[dict[str, Any]]:
        with translated_errors(), self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()


def create_login(connection: Connection[Any]) -> str:
    """Give the operator a login on a server of the demo, if it has none, and return its name."""
    if connection.execute("select from pg_roles where rolname = %s", [LOGIN]).fetchone() is None:
        connection.execute(
            sql.SQL("create role {} login in role wingman_admin").format(sql.Identifier(LOGIN))
        )
    return LOGIN
