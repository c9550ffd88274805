"""People who meet while readers are killed: what is told in the inboxes is what they do."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from rows import Pair

_STATE = """
    select m.id as match_id, m.status, m.ended_at is not null as has_ended, s.id as session_id, s.proposed_by,
        s.scheduled_time <= clock_timestamp() as has_begun, s.no_show_reported
    from public.wingman_matches as m
    left join public.wingman_sessions as s on s.match_id = m.id and s.is_active
    where m.user1_id = %s and m.user2_id = %s
    order by m.id desc limit 1
"""
Call = tuple[str, dict[str, Any]]
"""A function of schema public, and its arguments."""


class InboxCaller(threading.Thread):
    """Acts for its pairs until it is told to stop: each act a call, some together, some undone."""

    pause_seconds = 0.01
    """After each act: the machine is there for others as well."""

    def __init__(
        self,
        url: Callable[[], str],
        pairs: Sequence[Pair],
        quiet: list[Pair],
        chance: random.Random,
    ) -> None:
        """
        Args:
            url: where the database is now, for the authenticator.
            pairs: who meet.
            quiet: partners who each arrange one session, of which they will be reminded, and do nothing more.
        """
        super().__init__(daemon=True)
        self.done: Counter[str] = Counter()
        """Calls that were answered, and how often transactions were undone or stayed open."""
        self.surprises: list[str] = []
        self._url = url
        self._pairs = pairs
        self._quiet = quiet
        self._random = chance
        self._stop_event = threading.Event()

    def stop(self) -> None:
        self._stop_event.set()

    def run(self) -> None:
        while not self._stop_event.is_set():
            try:
                with psycopg.connect(self._url(), autocommit=True, row_factory=dict_row) as connection:
                    while not self._stop_event.is_set():
                        self._turn(connection)
                        self._stop_event.wait(self.pause_seconds)
            except psycopg.OperationalError:
                self._stop_event.wait(0.05)
            except Exception as error:
                self.surprises.append(repr(error))
                return

    def _turn(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        pair = self._random.choice(self._pairs)
        chance = self._random.random()
        if chance < 0.08:
            with connection.transaction(force_rollback=True):
                for _ in range(self._random.randint(1, 3)):
                    self._act(connection, pair)
            self.done["undone"] += 1
        elif chance < 0.12:
            with connection.transaction():
                for _ in range(self._random.randint(1, 3)):
                    self._act(connection, pair)
                self._stop_event.wait(self._random.uniform(0.1, 1.5))
            self.done["stayed open"] += 1
        elif chance < 0.15 and self._quiet:
            self._arrange_for_tomorrow(connection, self._quiet.pop())
        else:
            self._act(connection, pair)

    def _act(self, connection: psycopg.Connection[dict[str, Any]], pair: Pair) -> None:
        who, other = self._random.sample((pair.user1, pair.user2), 2)
        with _as(connection, who):
            state = connection.execute(_STATE, [pair.user1, pair.user2]).fetchone()
        function, arguments = self._next(state)
        if function == "confirm_session_completion":
            # of the second one something else is told
            self._call(connection, other, function, arguments)
        if function == "agree_to_session" and state and state["proposed_by"] == who:
            who = other
        self._call(connection, who, function, arguments)

    def _next(self, state: dict[str, Any] | None) -> Call:
        """Something that can come next between two people."""
        chance = self._random.random()
        if state is None or state["has_ended"] or state["status"] in ("declined", "expired"):
            return "create_automatic_match", {}
        match_id, session_id = state["match_id"], state["session_id"]
        if state["status"] == "pending":
            action = "decline" if chance < 0.15 else "accept"
            return "respond_to_match", {"match_id": match_id, "action": action}
        if session_id is None:
            if chance < 0.15:
                return "end_match", {"match_id": match_id}
            place = {"match_id": match_id, "venue_name": "Café A Brasileira"}
            return "create_session", {**place, "scheduled_time": self._a_time()}
        session = {"session_id": session_id}
        if state["no_show_reported"]:
            # also once it is withdrawn or dismissed
            if chance < 0.25:
                return "withdraw_no_show", session
            if chance < 0.6:
                return "answer_no_show", {**session, "action": self._random.choice(["admit", "contest"])}
            return ("cancel_session", session) if chance < 0.8 else ("end_match", {"match_id": match_id})
        if state["has_begun"]:
            if chance < 0.15:
                return "report_no_show", {**session, "reason": "did_not_come"}
            if chance < 0.3:
                return "start_session", session
            return ("confirm_session_completion", session) if chance < 0.9 else ("cancel_session", session)
        if chance < 0.45:
            return "reschedule_session", {**session, "scheduled_time": self._a_time()}
        if chance < 0.85:
            return "agree_to_session", session
        return ("cancel_session", session) if chance < 0.95 else ("end_match", {"match_id": match_id})

    def _a_time(self) -> datetime:
        """Soon, so that it can be confirmed, or one of which reminders will come after the run."""
        soon = timedelta(milliseconds=self._random.randint(20, 200))
        later = timedelta(minutes=self._random.randint(2000, 9000))
        return datetime.now(UTC) + self._random.choice([soon, soon, later])

    def _arrange_for_tomorrow(self, connection: psycopg.Connection[dict[str, Any]], pair: Pair) -> None:
        """A session of which the two are reminded a moment later."""
        at = datetime.now(UTC) + timedelta(hours=24, seconds=self._random.uniform(0.5, 2))
        place = {"match_id": pair.match_id, "venue_name": "Café A Brasileira", "scheduled_time": at}
        if made := self._call(connection, pair.user1, "create_session", place):
            self._call(connection, pair.user2, "agree_to_session", {"session_id": made["id"]})

    def _call(
        self,
        connection: psycopg.Connection[dict[str, Any]],
        who: UUID,
        function: str,
        arguments: dict[str, Any],
    ) -> Any:
        """The answer to a call of a user; None if it is refused."""
        names = [
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments
        ]
        query = sql.SQL("select to_json(f) as answer from {}({}) as f").format(
            sql.Identifier("public", function), sql.SQL(", ").join(names)
        )
        try:
            with _as(connection, who):
                row = connection.execute(query, arguments).fetchone()
        except psycopg.Error as error:
            if not _is_refusal(error):
                raise
            return None
        self.done[function] += 1
        return row and row["answer"]


def _is_refusal(error: psycopg.Error) -> bool:
    return (error.sqlstate or "").startswith("PT")


@contextmanager
def _as(connection: psycopg.Connection[Any], who: UUID) -> Iterator[None]:
    """A transaction of a user, or a part of the one that is open."""
    claims = json.dumps({"sub": str(who), "role": "authenticated"})
    with connection.transaction():
        connection.execute(
            "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true)",
            [claims],
        )
        yield


class Operator(threading.Thread):
    """Decides reports, suspends somebody, and locks people as an erasure does that comes to nothing.

    What is for them is put aside meanwhile.
    """

    def __init__(
        self, url: Callable[[], str], people: Sequence[UUID], lonely: UUID, chance: random.Random
    ) -> None:
        """
        Args:
            url: where the database is now, for a superuser.
            people: who are locked.
            lonely: somebody with whom nobody is matched, who is suspended.
        """
        super().__init__(daemon=True)
        self.locked = 0
        self.surprises: list[str] = []
        self._url = url
        self._people = people
        self._lonely = lonely
        self._random = chance
        self._stop_event = threading.Event()

    def stop(self) -> None:
        self._stop_event.set()

    def run(self) -> None:
        while not self._stop_event.wait(0.2):
            try:
                with psycopg.connect(self._url(), autocommit=True) as connection:
                    while not self._stop_event.wait(0.2):
                        self._lock_some(connection)
                        self._suspend(connection)
                        self._decide(connection)
            except psycopg.OperationalError:
                continue
            except psycopg.Error as error:
                if not _is_refusal(error):
                    self.surprises.append(repr(error))
                    return

    def _lock_some(self, connection: psycopg.Connection[Any]) -> None:
        some = self._random.sample(self._people, 4)
        with connection.transaction():
            connection.execute(
                "select from public.user_profiles where id = any(%s) order by id for update", [some]
            )
            self._stop_event.wait(self._random.uniform(0.05, 0.3))
        self.locked += 1

    def _suspend(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("select wingman_admin.suspend_user(%s, null, 'A test')", [self._lonely])
        connection.execute("select wingman_admin.lift_suspension(%s, 'A test')", [self._lonely])

    def _decide(self, connection: psycopg.Connection[Any]) -> None:
        contested = "select session_id, accused_id from wingman.no_show_reports where status = 'contested'"
        for session_id, accused_id in connection.execute(contested).fetchall():
            is_upheld = self._random.random() < 0.5
            outcome, absent = ("uphold", [accused_id]) if is_upheld else ("dismiss", [])
            connection.execute(
                "select wingman_admin.decide_no_show(%s, %s, %s::uuid[], 'A test')",
                [session_id, outcome, absent],
            )
