"""An operator of the demo: calls functions of schema ``wingman_admin``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection, sql

from wingmanmatch import Acknowledgement
from wingmanmatch.database.connection import connect
from wingmanmatch.operating import call_function, read_rows


class Operator:
    """What an operator of the demo does. Refusals are raised as the client raises them."""

    name = "Ada"

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def connected(cls, database_url: str) -> Iterator["Operator"]:
        """An operator who acts with the role of operators, whatever else the login may do."""
        with connect(database_url, options="-c role=wingman_admin") as connection:
            yield cls(connection)

    def change_settings(self, *, changes: Mapping[str, object], reason: str) -> Acknowledgement:
        """Change settings; calls that begin later go by them."""
        return self.call("change_settings", {"changes": changes, "reason": reason})

    def decide_no_show(
        self,
        *,
        session_id: UUID,
        outcome: Literal["uphold", "dismiss"],
        absent_user_ids: Sequence[UUID] | None,
        reason: str,
    ) -> Acknowledgement:
        """Decide what the two people of a session report about each other."""
        arguments = {
            "session_id": session_id,
            "outcome": outcome,
            "absent_user_ids": absent_user_ids,
            "reason": reason,
        }
        return self.call("decide_no_show", arguments)

    def settings(self, names: Sequence[str]) -> dict[str, Any]:
        """The values of these settings, as ``change_settings`` takes them."""
        query = sql.SQL("select to_json(s) from wingman_admin.settings as s where s.name = any(%s)")
        # a list is JSON, anything else a text
        return {
            row["name"]: json.loads(row["value"]) if row["value"].startswith("[") else row["value"]
            for row in read_rows(self._connection, query, [list(names)])
        }

    def no_show_queue(self) -> list[dict[str, Any]]:
        """What waits for a decision, the most urgent first, as JSON."""
        return read_rows(self._connection, sql.SQL("select to_json(q) from wingman_admin.no_show_queue as q"))

    def run_readers(self) -> None:
        """Run the readers of the journal until nothing is unread, which fills the inboxes."""
        query = sql.SQL("select to_json(r) from wingman.run_readers(100000) as r")
        # each of the seeded people is an event that has to be read before the story
        while any(read_rows(self._connection, query)[0].values()):
            pass

    def call(self, function: str, arguments: Mapping[str, object]) -> Acknowledgement:
        """Call a function that changes something."""
        (answer,) = call_function(self._connection, function, arguments)
        return Acknowledgement.model_validate(answer)
