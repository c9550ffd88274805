"""Random worlds: people who meet, opt in and out, block, move, are suspended, leave and return."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from harness import Connection
from leaderboard.boards import PERIODS, Board, assert_exact, complete, count, revert, show

CITIES = ("Lisbon", "lisbon ", " LISBON", "São  Paulo", "Sa\u0303o Paulo", "Porto", None)
# some weeks in which a month, a year, and an ISO year end
_DAYS = tuple(
    date(2026, 1, 1) + timedelta(days=day) for day in (*range(-8, 8), *range(24, 40), *range(55, 62))
)


class World:
    """A database in which things happen at random; everything can be repeated from the seed."""

    def __init__(self, db: Connection, seed: int, people: int = 9) -> None:
        self.db = db
        self.random = Random(seed)
        self.users: list[UUID] = []
        self._sessions: list[UUID] = []
        db.execute("update wingman.settings set profile_limit = 1000000, leaderboard_city_minimum = 3")
        for number in range(people):
            user_id = UUID(int=self.random.getrandbits(128), version=4)
            db.execute("insert into auth.users (id) values (%s)", [user_id])
            self.users.append(user_id)
            self._join(user_id, f"P{number}")

    def step(self) -> None:
        """Let something happen."""
        deeds: list[Callable[[], object]] = [
            *[self._complete] * 12,
            *[self._complete_again] * 3,
            *[self._revert] * 3,
            *[self._show] * 5,
            self._suspend,
            self._lift,
            self._end_suspensions,
            self._block,
            self._unblock,
            self._move,
            self._erase,
            *[self._return] * 2,
            *[self.read] * 4,
        ]
        self.random.choice(deeds)()

    def day(self) -> date:
        """One on which somebody may have met."""
        return self.random.choice(_DAYS)

    def look(self) -> int:
        """Compare a board with what it must be; returns how many people are on it."""
        board = Board(
            me=self.random.choice(self.present()),
            period=(period := self.random.choice(PERIODS)),
            starting=None if period == "all_time" else self.random.choice(_DAYS),
            city=self.random.choice((None, None, "lisbon", "são PAULO", "Porto")),
        )
        whole = assert_exact(self.db, board, self.random.choice((1, 2, 3, 5, 100)), city_minimum=3)
        return int(whole["total"])

    def read(self) -> None:
        """Run the reader, which is often stopped in the middle."""
        count(self.db, self.random.choice((1, 2, 5, 1000)))

    def present(self) -> list[UUID]:
        """Those who have a profile."""
        here = {row["id"] for row in self.db.execute("select id from public.user_profiles")}
        return [user for user in self.users if user in here]

    def _join(self, user_id: UUID, first_name: str) -> None:
        self.db.execute(
            "insert into public.user_profiles (id, first_name, experience_level) values (%s, %s, 'beginner')",
            [user_id, first_name],
        )
        self.db.execute(
            """insert into public.user_locations (user_id, lat, lng, city, privacy_mode, max_travel_miles)
               values (%s, 0, 0, %s, 'precise', 25)""",
            [user_id, self.random.choice(CITIES)],
        )

    def _complete(self) -> None:
        one, other = self.random.sample(self.present(), 2)
        at = datetime.combine(self.random.choice(_DAYS), datetime.min.time(), UTC)
        # from the first moment of a day to the last
        at += self.random.choice((timedelta(0), timedelta(hours=9), timedelta(microseconds=86_399_999_999)))
        self._sessions.append(complete(self.db, one, other, at))

    def _complete_again(self) -> None:
        """The same two, in the same week or another."""
        row = self.db.execute(
            """select * from wingman.reputation_events
               where kind = 'completed' order by md5(id::text || %s) limit 1""",
            [str(self.random.random())],
        ).fetchone()
        if row and {row["user_id"], row["buddy_id"]} <= set(self.present()):
            at = row["created_at"] + timedelta(days=self.random.choice((0, 1, 2, 7)))
            self._sessions.append(complete(self.db, row["user_id"], row["buddy_id"], at))

    def _revert(self) -> None:
        if self._sessions:
            revert(self.db, self._sessions.pop(self.random.randrange(len(self._sessions))))

    def _show(self) -> None:
        visibility = self.random.choice(("off", "nameless", "named", "named"))
        show(self.db, self.random.choice(self.present()), visibility)

    def _suspend(self) -> None:
        self.db.execute(
            """insert into wingman.suspensions as b (user_id, ends_at)
               values (%s, statement_timestamp() + %s::interval)
               on conflict (user_id) do update set ends_at = excluded.ends_at""",
            [self.random.choice(self.users), self.random.choice((None, "1 day", "2 days", "-1 day"))],
        )

    def _lift(self) -> None:
        lifted = self.random.choice(self.users)
        self.db.execute("delete from wingman.suspensions where user_id = %s", [lifted])

    def _end_suspensions(self) -> None:
        """A day and a half passes for those who are suspended: nothing is written when it does."""
        with self.db.transaction():
            self.db.execute("set local session_replication_role = replica")
            self.db.execute("update wingman.suspensions set ends_at = ends_at - interval '36 hours'")
            self.db.execute("update wingman.leaderboard_reviews set due_at = due_at - interval '36 hours'")

    def _block(self) -> None:
        one, other = self.random.sample(self.present(), 2)
        self.db.execute(
            "insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s) on conflict do nothing",
            [one, other],
        )

    def _unblock(self) -> None:
        blocker = self.random.choice(self.users)
        self.db.execute("delete from public.user_blocks where blocker_id = %s", [blocker])

    def _move(self) -> None:
        self.db.execute(
            "update public.user_locations set city = %s where user_id = %s",
            [self.random.choice(CITIES), self.random.choice(self.users)],
        )

    def _erase(self) -> None:
        present = self.present()
        if len(present) > 4:
            self.db.execute("select wingman.erase_person(%s)", [self.random.choice(present)])

    def _return(self) -> None:
        gone = sorted({*self.users} - {*self.present()})
        if gone:
            self._join(self.random.choice(gone), f"R{uuid4().hex[:3]}")
