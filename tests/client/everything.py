"""Calls every method of the client as its people would, in the story that the examples come from."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from harness import Connection
from pydantic import BaseModel
from wingmanmatch.tools.generate.story import PEOPLE, tell_story


def call_everything(client: Any, db: Connection) -> dict[str, Any]:
    """The story told by calls of a client; the last answer of each method by name.

    Args:
        client: what has ``as_user``.
        db: a superuser's connection, for what no caller can do.
    """
    teller = _Teller(client, db)
    tell_story(teller)
    return teller.answers


class _Teller:
    """Runs the story with new people, so that it can run again in the same database."""

    def __init__(self, client: Any, db: Connection) -> None:
        self.answers: dict[str, Any] = {}
        self._client = client
        self._db = db
        self._people = {person: str(uuid4()) for person in PEOPLE}

    def write(self, statement: str, *values: Any) -> None:
        self._db.execute(statement.encode(), list(map(self._of_its_own, values)))

    def later(self, moment: datetime, after: timedelta) -> str:
        return (datetime.now(UTC) + after).isoformat()

    def arrive_at(self, session_id: str, moment: datetime, late: timedelta = timedelta()) -> None:
        self.write("update wingman_sessions set scheduled_time = now() - %s where id = %s", late, session_id)

    def call(self, who: str | None, function: str, title: str | None = None, /, **arguments: Any) -> Any:
        caller = self._client.as_user(self._of_its_own(who))
        given = {name: self._of_its_own(value) for name, value in arguments.items()}
        answer = self.answers[function] = getattr(caller, function)(**given)
        return _as_json(answer)

    def refused(
        self,
        name: str,
        who: str | None,
        function: str,
        first: Callable[[], object] | None = None,
        /,
        **arguments: Any,
    ) -> None:
        # what comes first must not stay, and other tests have a scenario for each refusal
        pass

    def _of_its_own(self, value: Any) -> Any:
        return self._people.get(value, value) if isinstance(value, str) else value


def _as_json(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_as_json(row) for row in answer]
    return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer
