"""What happens to matches and sessions, by calls and by direct SQL, picked at random."""

from collections.abc import Callable
from random import Random
from uuid import UUID

import psycopg
from harness import Connection, People, Rpc, RpcError
from rows import COMPLETE, make_match, make_session, update_session

MATCHES = ("pending", "lapsed", "expired", "accepted", "accepted", "accepted", "declined", "ended")
SESSIONS = ("scheduled", "scheduled", "in_progress", "completed", "cancelled", "no_show")
TIMES = ("-1 second", "-5 minutes", "-1 day", "-2 days", "-40 days", "1 second", "3 hours", "5 days")
_OPEN_MATCHES = "select id from public.wingman_matches where status = 'accepted' and ended_at is null"
_REFUSED = (
    RpcError,
    psycopg.errors.IntegrityError,
    psycopg.errors.RaiseException,
    # of two who write by hand at once
    psycopg.errors.DeadlockDetected,
)


class Deeds:
    """Does one thing after another to whatever exists; refusals are ignored."""

    def __init__(self, db: Connection, rpc: Rpc, people: People, random: Random) -> None:
        self._db, self._rpc, self._people, self._random = db, rpc, people, random
        self._users: list[UUID] = []
        self._matches: list[UUID] = []
        self._sessions: list[UUID] = []
        self._admin = rpc.as_admin()

    def do(self) -> str:
        """One of them; its name."""
        deed: Callable[[], None] = self._random.choice(
            [
                self.somebody_comes,
                self.match,
                self.match,
                self.match,
                self.meet,
                self.meet,
                self.meet,
                self.confirm,
                self.confirm,
                self.change_session,
                self.change_session,
                self.change_session,
                self.mark,
                self.revert,
                self.delete_session,
                self.change_match,
                self.delete_match,
                self.somebody_goes,
            ]
        )
        try:
            deed()
        except _REFUSED:
            return f"{deed.__name__}, refused"
        return deed.__name__

    def somebody_comes(self) -> None:
        self._users.append(self._people.add())

    def somebody_goes(self) -> None:
        if self._random.random() < 0.3 and self._users:
            self._db.execute("delete from auth.users where id = %s", [self._users.pop()])

    def match(self) -> None:
        while len(self._users) < 4:
            self.somebody_comes()
        one, other = self._random.sample(self._users, 2)
        self._matches.append(make_match(self._db, one, other, self._random.choice(MATCHES)))

    def meet(self) -> None:
        # no other match can have one
        open_ones = {row["id"] for row in self._db.execute(_OPEN_MATCHES)}
        match_id = self._random.choice([one for one in self._matches if one in open_ones] or [None])
        if match_id:
            status, starts = self._random.choice(SESSIONS), self._random.choice(TIMES)
            # whatever becomes of it then
            self._sessions.append(make_session(self._db, match_id, starts=starts))
            if status != "scheduled":
                change = COMPLETE if status == "completed" else f"status = '{status}'"
                update_session(self._db, self._sessions[-1], change)

    def confirm(self) -> None:
        for session_id in self._random.sample(self._sessions, min(3, len(self._sessions))):
            row = self._db.execute(
                "select * from public.wingman_sessions where id = %s", [session_id]
            ).fetchone()
            if row and row["status"] in ("scheduled", "in_progress"):
                for user in ("user1_id", "user2_id"):
                    self._rpc.as_user(row[user]).call("confirm_session_completion", session_id=session_id)

    def change_session(self) -> None:
        change = self._random.choice(
            [
                "scheduled_time = statement_timestamp() - interval '3 hours'",
                "scheduled_time = scheduled_time + interval '1 day'",
                "status = 'in_progress'",
                "status = 'cancelled', cancelled_by = user1_id",
                "status = 'cancelled'",
                "status = 'no_show'",
                "status = 'cancelled', scheduled_time = scheduled_time - interval '1 day'",
                "status = 'no_show', scheduled_time = scheduled_time - interval '1 day'",
                f"{COMPLETE}, scheduled_time = statement_timestamp() - interval '2 days'",
                COMPLETE.replace("statement_timestamp()", "statement_timestamp() - interval '25 hours'"),
                "reverted_at = statement_timestamp()",
                "user1_completed_confirmed_by_user2 = true",
            ]
        )
        if self._sessions:
            update_session(self._db, self._random.choice(self._sessions), change)

    def mark(self) -> None:
        row = self._db.execute(
            "select id, user1_id from public.wingman_sessions where status = 'scheduled' limit 1"
        ).fetchone()
        if row:
            self._admin.call(
                "wingman_admin.mark_no_show",
                session_id=row["id"],
                absent_user_id=row["user1_id"],
                reason="Was not there",
            )

    def revert(self) -> None:
        row = self._db.execute(
            """select id from public.wingman_sessions
               where status in ('completed', 'no_show') and reverted_at is null limit 1"""
        ).fetchone()
        if row:
            self._admin.call("wingman_admin.revert_completion", session_id=row["id"], reason="Never met")

    def delete_session(self) -> None:
        if self._sessions:
            session_id = self._random.choice(self._sessions)
            self._db.execute("delete from public.wingman_sessions where id = %s", [session_id])
            self._sessions.remove(session_id)

    def change_match(self) -> None:
        change = self._random.choice(
            [
                "created_at = created_at - interval '1 day'",
                "created_at = created_at - interval '40 days'",
                "created_at = created_at - interval '2 days', expires_at = expires_at - interval '2 days'",
                "ended_at = statement_timestamp()",
                "ended_at = statement_timestamp(), created_at = created_at - interval '1 day'",
                "status = 'accepted', responded_by = user2_id, responded_at = statement_timestamp()",
                """status = 'accepted', responded_by = user1_id, responded_at = statement_timestamp(),
                   expires_at = expires_at + interval '1 hour'""",
                """status = 'accepted', responded_by = user1_id, responded_at = statement_timestamp(),
                   created_at = created_at - interval '3 days'""",
            ]
        )
        if self._matches:
            match_id = self._random.choice(self._matches)
            self._db.execute(f"update public.wingman_matches set {change} where id = %s", [match_id])

    def delete_match(self) -> None:
        if self._matches:
            match_id = self._random.choice(self._matches)
            self._db.execute("delete from public.wingman_matches where id = %s", [match_id])
            self._matches.remove(match_id)
