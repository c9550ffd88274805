"""What a race begins with: people, a match, a session."""

from datetime import datetime
from typing import Any
from uuid import UUID

from harness import LISBON, Connection, People, Rpc


class Scene:
    """Puts people, matches and sessions where a race needs them, by the shortest way that keeps the rules."""

    def __init__(self, db: Connection, people: People, rpc: Rpc) -> None:
        self._db = db
        self._people = people
        self._service = rpc.as_service()
        self._admin = rpc.as_admin()

    def people(self, *levels: str, **arguments: Any) -> list[UUID]:
        """As many people as levels, all in one place, ids ascending."""
        ids = sorted(self._people.auth_only() for _ in levels)
        for user_id, level in zip(ids, levels, strict=True):
            self.profile(user_id, experience_level=level, **arguments)
        return ids

    def pair(self, **arguments: Any) -> tuple[UUID, UUID]:
        """Two people who can be matched; the first has the smaller id."""
        user1_id, user2_id = self.people("beginner", "beginner", **arguments)
        return user1_id, user2_id

    def profile(self, user_id: UUID, **arguments: Any) -> None:
        """A profile for somebody who has signed up."""
        profile = {"first_name": "Ana", "experience_level": "beginner", **LISBON, **arguments}
        self._service.call("complete_profile", user_id=user_id, **profile)

    def pending(self, *pair: UUID, needs_both: bool = False) -> UUID:
        """A pending match, which takes one accept or an accept of each."""
        return self._inserted(
            """
            insert into public.wingman_matches
                (user1_id, user2_id, user1_reputation, user2_reputation,
                 user1_level, user2_level, distance_miles, expires_at, needs_both)
            values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours', %s)
            returning id
            """,
            *sorted(pair),
            needs_both,
        )

    def accepted(self, *pair: UUID) -> UUID:
        """An accepted match."""
        return self._inserted(
            """
            update public.wingman_matches
            set status = 'accepted', responded_by = user1_id, responded_at = statement_timestamp()
            where id = %s
            returning id
            """,
            self.pending(*pair),
        )

    def session(self, *pair: UUID) -> UUID:
        """A scheduled session of a new accepted match, whose time has come."""
        return self._inserted(
            """
            insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
            values (%s, 'Blue Note', statement_timestamp() - interval '1 minute')
            returning id
            """,
            self.accepted(*pair),
        )

    def proposal(self, proposer: UUID, buddy_id: UUID, scheduled_time: datetime) -> UUID:
        """A session that one of the two has arranged, in a new accepted match."""
        created = self._service.call(
            "create_session",
            match_id=self.accepted(proposer, buddy_id),
            scheduled_time=scheduled_time,
            venue_name="Blue Note",
            user_id=proposer,
        )
        session_id: UUID = created["id"]
        return session_id

    def session_confirmed_by(self, user_id: UUID, buddy_id: UUID) -> UUID:
        """A scheduled session that the first of the two has confirmed."""
        session_id = self.session(user_id, buddy_id)
        self.confirm(user_id, session_id)
        return session_id

    def confirm(self, user_id: UUID, session_id: UUID) -> None:
        """A confirmation by one of a session's people."""
        self._service.call("confirm_session_completion", session_id=session_id, user_id=user_id)

    def report(self, reporter_id: UUID, subject_id: UUID, reason: str = "Was rude") -> UUID:
        """A report that nobody has taken."""
        self._service.call("report_user", user_id=reporter_id, subject_id=subject_id, reason=reason)
        return self._inserted("select id from wingman.user_reports order by id desc limit 1")

    def taken_report(self, reporter_id: UUID, subject_id: UUID, reason: str = "Was rude") -> UUID:
        """A report that an operator has taken."""
        report_id = self.report(reporter_id, subject_id, reason)
        self._admin.call("wingman_admin.take_report", report_id=report_id)
        return report_id

    def told(self, *pair: UUID) -> UUID:
        """The newest notification of the first of two people, who have been told of a new match."""
        self.pending(*pair)
        self._admin.call("wingman.run_readers")
        return self._inserted(
            "select id from public.wingman_notifications where user_id = %s order by id desc limit 1", pair[0]
        )

    def lapse(self, match_id: UUID) -> None:
        """48 hours go by for a pending match."""
        self._db.execute(
            """
            update public.wingman_matches
            set created_at = created_at - interval '48 hours', expires_at = expires_at - interval '48 hours'
            where id = %s
            """,
            [match_id],
        )

    def row(self, table: str, row_id: UUID) -> dict[str, Any]:
        """One row of a table, by its primary key."""
        key = "user_id" if table in ("wingman.matchmaking_pool", "public.user_locations") else "id"
        row = self._db.execute(f"select * from {table} where {key} = %s", [row_id]).fetchone()
        assert row, f"{table} has no row {row_id}"
        return row

    def match(self, match_id: UUID) -> dict[str, Any]:
        return self.row("public.wingman_matches", match_id)

    def wingman_session(self, session_id: UUID) -> dict[str, Any]:
        return self.row("public.wingman_sessions", session_id)

    def seeker(self, user_id: UUID) -> dict[str, Any]:
        return self.row("wingman.matchmaking_pool", user_id)

    def profile_row(self, user_id: UUID) -> dict[str, Any]:
        return self.row("public.user_profiles", user_id)

    def report_row(self, report_id: UUID) -> dict[str, Any]:
        return self.row("wingman.user_reports", report_id)

    def decisions(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What operators decided: (kind, login, details), oldest first."""
        query = "select kind, login, details from wingman.operator_decisions order by id"
        return [(r["kind"], r["login"], r["details"]) for r in self._db.execute(query)]

    def matches(self) -> list[tuple[UUID, UUID, str]]:
        """Every match: (user1_id, user2_id, status), oldest first."""
        query = "select user1_id, user2_id, status from public.wingman_matches order by id"
        return [(r["user1_id"], r["user2_id"], r["status"]) for r in self._db.execute(query)]

    def ledger(self) -> list[UUID]:
        """Whose entries the ledger holds, but for departures, in id order."""
        query = "select user_id from wingman.reputation_events where kind <> 'departed' order by user_id"
        return [r["user_id"] for r in self._db.execute(query)]

    def blocks(self) -> list[tuple[UUID, UUID]]:
        """Every block there is: (who, whom), in id order."""
        query = "select blocker_id, blocked_id from public.user_blocks order by 1, 2"
        return [(r["blocker_id"], r["blocked_id"]) for r in self._db.execute(query)]

    def _inserted(self, query: str, *parameters: Any) -> UUID:
        row = self._db.execute(query, parameters).fetchone()
        assert row
        return row["id"]
