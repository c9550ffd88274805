"""One run: people meet and are told of it, while whoever tells them is killed; then the judgement.

At half time the database moves to another cluster, by dump and restore, with events that nobody has read.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from fire.effects import Violation
from fire.inbox_callers import InboxCaller, Operator
from fire.inbox_faults import KILLS, KINDS, InboxFaults, Readers
from fire.inbox_listeners import Listener, Watcher
from fire.inbox_rules import ORDER, Heard, Row, judge_heard, judge_inboxes, read_books, reminders_due
from fire.killing import FireReport
from fire.machines import SETTINGS, Database, Serve, database
from harness import Connection, People, Rpc
from journal import servers
from rows import Pair, lift_rate_limits, make_match
from serving import claims_of, signed
from waiting import until
from wingmanmatch.database.embedded import BINARIES

CALLERS, PAIRS_OF_EACH, LISTENERS = 3, 8, 6
COMMIT_TIMES = {"track_commit_timestamp": "on"}
WEIGHTS = dict(zip(KINDS, (9, 4, 3, 2, 2), strict=True))
"""How often a kind of fault is chosen, of those in KINDS."""
_CALLS = "select from pg_stat_activity where usename = 'authenticator' and xact_start is not null"


@dataclass
class InboxPlan:
    """What is to happen."""

    seed: int = 1
    seconds: float = 6.0
    kills: int = 0
    """How many SIGKILLs must hit, if that takes no more than six times as long."""
    quiet: int = 6
    """How many partners arrange a session of which they are reminded a moment later."""
    moves: bool = True
    """Whether the database moves to another cluster at half time."""
    weights: dict[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    plant: Callable[[Connection], None] = lambda db: None
    """Breaks something of the database on purpose."""


@dataclass
class InboxReport(FireReport):
    """Of such a run."""

    kinds = KINDS

    done: Counter[str]
    """The calls that were answered."""


@dataclass
class Place:
    """Where everything is at the moment."""

    database: Database
    serve: Serve

    def move(self, database: Database, serve: Serve) -> None:
        self.database, self.serve = database, serve


@dataclass(frozen=True)
class World:
    """The people."""

    pairs: Sequence[Pair]
    quiet: list[Pair]
    lonely: UUID


def fire_inbox(plan: InboxPlan, directory: Path) -> InboxReport:
    """Run it on servers of its own."""
    # each lost connection would be a warning
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    with ExitStack() as stack:
        first = stack.enter_context(database(directory / "data", None, **COMMIT_TIMES))
        with servers.connections(first.running) as connect:
            db = connect()
            world = _people(db, People(db, Rpc(connect, db)), plan)
            plan.plant(db)
        run = _Run(plan, directory, first, world)
        try:
            run.half(first)
            if plan.moves:
                settings = {**SETTINGS, **COMMIT_TIMES}
                running = stack.enter_context(servers.server(directory / "elsewhere", **settings))
                run.move(Database(running, BINARIES))
                run.half(run.place.database)
            return run.judge()
        finally:
            run.stop()


def people_far_apart(db: Connection, people: People, count: int) -> list[Pair]:
    """So many pairs who live so far apart that each meets only the other one, as often as they like."""
    lift_rate_limits(db)
    db.execute(
        "update wingman.settings set acceptance = 'both', rematch_after = '0', exposure_limit = 1000,"
        " session_spacing = '0', no_show_grace = '0', cooldown_steps = '{0}', notifications_per_day = 1000"
    )
    pairs = []
    for number in range(count):
        place = {"lat": -60.0 + 5 * number, "lng": 10.0}
        one, other = sorted((people.add("Ana", **place), people.add("Ben", **place)))
        pairs.append(Pair(one, other, UUID(int=0)))
    return pairs


def add_lonely(people: People) -> UUID:
    """Somebody with whom nobody is matched."""
    return people.add("Eve", lat=80.0, lng=-120.0)


def _people(db: Connection, people: People, plan: InboxPlan) -> World:
    pairs = people_far_apart(db, people, CALLERS * PAIRS_OF_EACH)
    quiet = []
    for _ in range(plan.quiet):
        one, other = sorted((people.add("Ana"), people.add("Ben")))
        quiet.append(Pair(one, other, make_match(db, one, other)))
    return World(pairs, quiet, add_lonely(people))


class _Run:
    def __init__(self, plan: InboxPlan, directory: Path, first: Database, world: World) -> None:
        self._plan = plan
        self._directory = directory
        self._world = world
        self._chance = random.Random(f"{plan.seed} inbox")
        self.place = Place(first, Serve(first.authenticator_url))
        self.place.serve.start()
        self._tried: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._locked = self._ended_alone = 0
        self._violations: list[Violation] = []
        self._watcher = Watcher(lambda: self.place.database.url)
        users = [world.lonely, *(pair.user1 for pair in world.pairs)][: LISTENERS - 1]
        # one of them by two devices
        self._listeners = [
            Listener(
                f"listener {number}",
                user_id,
                lambda: self.place.serve.url,
                signed(claims_of(user_id, exp=int(time.time()) + 86_400)),
            )
            for number, user_id in enumerate([*users, users[-1]])
        ]
        for thread in (self._watcher, *self._listeners):
            thread.start()

    def half(self, database: Database) -> None:
        """Faults for half of the time; then nobody writes, and readers have stopped wherever they were."""
        directory = self._directory / f"readers of {database.running.directory.name}"
        directory.mkdir()
        readers = Readers(database, directory)
        parts = 2 if self._plan.moves else 1
        seconds = self._plan.seconds / parts
        # the second half makes up for what the first one had no time for
        missing = self._plan.kills - sum(self._seen[kind] for kind in KILLS)
        kills = missing if self._seen else missing / parts
        maker = InboxFaults(
            database=database,
            processes=readers,
            chance=self._chance,
            weights=self._plan.weights,
            serve=self.place.serve,
            listeners=self._listeners,
        )
        began = time.monotonic()

        def is_over() -> bool:
            if any(thread.surprises for thread in (*callers, operator)):
                return True
            passed = time.monotonic() - began
            return passed >= seconds and (maker.kills >= kills or passed >= 6 * seconds)

        seed = f"{self._plan.seed} {directory.name}"
        each = [self._world.pairs[number::CALLERS] for number in range(CALLERS)]
        callers = [
            InboxCaller(
                lambda: self.place.database.authenticator_url,
                pairs,
                self._world.quiet,
                random.Random(f"{seed} {number}"),
            )
            for number, pairs in enumerate(each)
        ]
        people = [user_id for pair in self._world.pairs for user_id in (pair.user1, pair.user2)]
        operator = Operator(
            lambda: self.place.database.url, people, self._world.lonely, random.Random(f"{seed} operator")
        )
        for thread in (*callers, operator):
            thread.start()
        try:
            maker.run(is_over)
        finally:
            # the readers first, so that something is left to be read
            readers.stop()
            for thread in (*callers, operator):
                thread.stop()
            for thread in (*callers, operator):
                thread.join()
        self._tried += maker.tried
        self._seen += maker.seen
        self._locked += operator.locked
        self._ended_alone += readers.ended_alone
        for caller in callers:
            self._done += caller.done
        for thread in (*callers, operator):
            self._violations += [Violation("a caller meets no other error", one) for one in thread.surprises]
        self._violations += [Violation("who is killed ends", one) for one in maker.puzzles]
        self._violations += [Violation("a reader meets no other error", one) for one in readers.surprises]

    def move(self, elsewhere: Database) -> None:
        """Dump the database and restore it in another cluster; who listens goes on there."""
        before = self.place
        servers.dump(before.database.running, self._directory / "dump")
        servers.restore(elsewhere.running, self._directory / "dump")
        with servers.connections(before.database.running) as connect:
            # the copy holds all rows as of one transaction
            books = read_books(connect())
            self._violations += [one for one in judge_inboxes(books) if one.rule == ORDER]
        serve = Serve(elsewhere.authenticator_url)
        serve.start()
        old = before.serve
        self.place.move(elsewhere, serve)
        old.stop()

    def judge(self) -> InboxReport:
        """Let the readers finish and the listeners hear it, then hold everything against the journal."""
        with servers.connections(self.place.database.running) as connect:
            db = connect()
            until(lambda: not db.execute(_CALLS).rowcount)
            until(lambda: _has_read_all(db))
            books = read_books(db)
        newest = {heard.name: _newest(books.notifications, heard) for heard in self._heard()}
        # if it does not come, the judgement says what is missing
        with suppress(TimeoutError):
            until(lambda: all(newest[one.name] in (None, *one.ids[-1:]) for one in self._heard()))
        violations = [*self._violations, *judge_inboxes(books)]
        for heard in self._heard():
            violations += judge_heard(books, heard)
        for listener in self._listeners:
            violations += [Violation("a stream goes on where it was", one) for one in listener.surprises]
        must, _ = reminders_due(books)
        counts = {
            "calls": sum(self._done.values()) - self._done["undone"] - self._done["stayed open"],
            "transactions undone": self._done["undone"],
            "transactions that stayed open for a while": self._done["stayed open"],
            "times that people were locked": self._locked,
            "events": len(books.events),
            "notifications": len(books.notifications),
            "reminders that had to be told": len(must),
            "heard by listeners": sum(len(one.heard.ids) for one in self._listeners),
            "streams cut": sum(one.cuts for one in self._listeners),
            "readers that ended by themselves": self._ended_alone,
        }
        return InboxReport(self._tried, self._seen, counts, violations, self._done)

    def _heard(self) -> list[Heard]:
        return [self._watcher.heard, *(one.heard for one in self._listeners)]

    def stop(self) -> None:
        for thread in (self._watcher, *self._listeners):
            thread.stop()
        for thread in (self._watcher, *self._listeners):
            thread.join()
        self.place.serve.stop()


def _has_read_all(db: Connection) -> bool:
    """Let the readers read; whether there is nothing left, and nobody is to be reminded at once."""
    while db.execute("select told from wingman.run_readers() as r").fetchone() != {"told": 0}:
        pass
    left = db.execute(
        "select from wingman.postponed_notices union all select from wingman.reminders"
        " where due_at < statement_timestamp() + interval '3 seconds'"
    )
    return not left.rowcount


def _newest(notifications: Sequence[Row], heard: Heard) -> str | None:
    ids = [row["id"] for row in notifications if heard.user_id in (None, row["user_id"])]
    return ids[-1] if ids and ids[-1] > (heard.since or "") else None
