"""What the leaderboard must say, straight from the ledger and the tables, and what it says."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unicodedata import normalize
from uuid import UUID

from harness import Connection

PERIODS = ("all_time", "month", "week")

# nothing of what the leaderboard keeps: only the ledger, and what people and operators have set
_BOARD = """
    with completions as (
        select c.user_id, c.buddy_id, c.created_at at time zone 'UTC' as completed_at
        from wingman.reputation_events as c
        where c.kind = 'completed'
            and not exists (
                select
                from wingman.reputation_events as r
                where r.user_id = c.user_id and r.session_id = c.session_id and r.kind = 'completion_reverted'
            )
    ),

    scores as (
        select c.user_id, count(distinct (c.buddy_id, to_char(c.completed_at, 'IYYY IW')))::integer as count
        from completions as c
        where %(first)s::date is null or c.completed_at >= %(first)s and c.completed_at < %(end)s
        group by c.user_id
    ),

    board as (
        select
            s.user_id, s.count, o.seniority, o.visibility, p.first_name, l.city,
            exists (
                select
                from public.user_blocks as b
                where (b.blocker_id, b.blocked_id) in ((%(me)s, s.user_id), (s.user_id, %(me)s))
            ) as is_blocked
        from scores as s
        inner join wingman.leaderboard_members as o on o.user_id = s.user_id and o.visibility <> 'off'
        inner join public.user_profiles as p on p.id = s.user_id
        left join public.user_locations as l on l.user_id = s.user_id
        where not exists (
            select
            from wingman.suspensions as b
            where b.user_id = s.user_id and (b.ends_at is null or b.ends_at > statement_timestamp())
        )
    )

    select b.*, coalesce((select s.count from scores as s where s.user_id = %(me)s), 0) as my_count
    from (values (0)) as one (row)
    left join board as b on true
    order by b.count desc, b.seniority desc
"""


@dataclass(frozen=True)
class Board:
    """Which board, and who asks."""

    me: UUID
    period: str = "all_time"
    starting: date | None = None
    city: str | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        return {"period": self.period, "starting": self.starting, "city": self.city, "user_id": self.me}

    @property
    def first_day(self) -> date | None:
        """The first day of the period, if it has one."""
        if self.period == "all_time":
            return None
        assert self.starting
        if self.period == "month":
            return self.starting.replace(day=1)
        return self.starting - timedelta(days=self.starting.weekday())

    @property
    def end(self) -> date | None:
        """The first day after it."""
        first = self.first_day
        if first is None or self.period == "week":
            return first and first + timedelta(days=7)
        return (first + timedelta(days=31)).replace(day=1)


def expected(db: Connection, board: Board, city_minimum: int = 5) -> dict[str, Any]:
    """The whole board: its people, total, and the caller's rank and count."""
    rows = db.execute(
        _BOARD, {"me": board.me, "first": board.first_day, "end": board.end}, prepare=True
    ).fetchall()
    my_count = rows[0]["my_count"]
    people = [row for row in rows if row["user_id"] and (board.city is None or same(row["city"], board.city))]
    if board.city is not None and len(people) < city_minimum:
        people = []
    ranked = [
        {
            "rank": 1 + sum(other["count"] > row["count"] for other in people),
            "first_name": row["first_name"]
            if row["visibility"] == "named" and not row["is_blocked"]
            else None,
            "count": row["count"],
            "is_me": row["user_id"] == board.me,
        }
        for row in people
    ]
    return {
        "people": ranked,
        "total": len(ranked),
        "my_rank": next((row["rank"] for row in ranked if row["is_me"]), None),
        "my_count": my_count,
    }


def same(city: str | None, asked: str) -> bool:
    """Whether somebody in a city is found by what was asked for."""
    return city is not None and plain(city) == plain(asked)


def plain(city: str) -> str:
    return normalize("NFC", " ".join(city.split())).lower()


def page(db: Connection, board: Board, **more: Any) -> dict[str, Any]:
    """One page, as an operator's login gets it."""
    arguments = {name: value for name, value in {**board.arguments, **more}.items() if value is not None}
    names = ", ".join(f"{name} => %({name})s" for name in arguments)
    query = f"select to_json(f) as answer from public.get_leaderboard({names}) as f"
    row = db.execute(query, arguments, prepare=True).fetchone()  # type: ignore[call-overload]
    assert row is not None
    answer: dict[str, Any] = row["answer"]
    return answer


def all_pages(db: Connection, board: Board, page_size: int) -> dict[str, Any]:
    """The whole board, by its pages; each must say the same of total and caller."""
    people: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        answer = page(db, board, page_size=page_size, after=after)
        people += answer["people"]
        after = answer["next_after"]
        whole = {"people": people, **{name: answer[name] for name in ("total", "my_rank", "my_count")}}
        if after is None:
            return whole
        assert len(answer["people"]) == page_size


def around(whole: dict[str, Any], page_size: int) -> list[dict[str, Any]]:
    """The page of a board that begins half a page before the caller."""
    people: list[dict[str, Any]] = whole["people"]
    mine = next((place for place, row in enumerate(people) if row["is_me"]), None)
    if mine is None:
        return []
    first = max(mine - page_size // 2, 0)
    return people[first : first + page_size]


def assert_exact(db: Connection, board: Board, page_size: int = 3, city_minimum: int = 5) -> dict[str, Any]:
    """Compare a board with what it must be, by all its pages and around the caller; returns it."""
    whole = expected(db, board, city_minimum)
    assert all_pages(db, board, page_size) == whole, board
    answer = page(db, board, page_size=page_size, around_me=True)
    assert answer["people"] == around(whole, page_size), board
    assert {name: answer[name] for name in ("total", "my_rank", "my_count")} == {
        name: whole[name] for name in ("total", "my_rank", "my_count")
    }
    return whole


def complete(db: Connection, one: UUID, other: UUID, at: str | Any = "now") -> UUID:
    """Entries of the ledger for a session that both completed; returns the session."""
    row = db.execute(
        """with session as (select wingman.new_id() as id)
           insert into wingman.reputation_events
               (created_at, session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
           select %(at)s::timestamptz, s.id, v.user_id, v.buddy_id, 'completed', 1, 1, 0
           from session as s
           cross join (values (%(one)s, %(other)s), (%(other)s, %(one)s)) as v (user_id, buddy_id)
           where exists (select from public.user_profiles as p where p.id = v.user_id)
           returning session_id""",
        {"at": at, "one": one, "other": other},
        prepare=True,
    ).fetchone()
    assert row is not None
    session_id: UUID = row["session_id"]
    return session_id


def revert(db: Connection, session_id: UUID) -> None:
    """Take it back from both, and write so much later than it was."""
    db.execute(
        """insert into wingman.reputation_events
               (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
           select c.session_id, c.user_id, c.buddy_id, 'completion_reverted', -1, 0, 0
           from wingman.reputation_events as c
           where c.session_id = %s and c.kind = 'completed'""",
        [session_id],
        prepare=True,
    )


def show(db: Connection, user_id: UUID, visibility: str = "named") -> None:
    db.execute("select public.set_leaderboard_visibility(%s, %s)", [visibility, user_id], prepare=True)


def count(db: Connection, max_rows: int = 1000) -> int:
    """Run the reader; returns how much it did."""
    row = db.execute("select wingman.count_leaderboard(%s) as done", [max_rows], prepare=True).fetchone()
    assert row is not None
    done: int = row["done"]
    return done


def stored(db: Connection) -> dict[str, list[dict[str, Any]]]:
    """All that the reader keeps, but for what is left of a week in which everything was reverted."""
    queries = {
        "tallies": "select to_jsonb(t) as row from wingman.leaderboard_tallies as t",
        "counts": """select to_jsonb(t) - 'newest_week' as row
                     from wingman.leaderboard_counts as t where t.count > 0""",
        "histogram": "select to_jsonb(t) as row from wingman.leaderboard_histogram as t",
    }
    return {
        name: db.execute(f"select o.row from ({query}) as o order by o.row::text").fetchall()  # type: ignore[arg-type]
        for name, query in queries.items()
    }


def count_anew(db: Connection) -> None:
    """Forget all that was counted and count it again, as docs/leaderboard.md says."""
    db.execute(
        """delete from wingman.leaderboard_tallies;
           delete from wingman.leaderboard_counts;
           delete from wingman.leaderboard_histogram;
           delete from wingman.readers where name = 'leaderboard';
           select wingman.open_reader('leaderboard', 'ledger');"""
    )
    while count(db):
        pass


def differences(db: Connection) -> list[dict[str, Any]]:
    """Where what was counted is not what the ledger says."""
    return db.execute("select * from wingman.leaderboard_differences()").fetchall()
