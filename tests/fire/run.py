"""One run: callers and faults for some time, then the judgement."""

import asyncio
import logging
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fire import faults
from fire.books import audit
from fire.callers import Caller, Habits, World
from fire.checker import Judgement, judge
from fire.effects import Violation
from fire.faults import Faults, Pace
from fire.history import History
from fire.machines import Database, Serve, database
from fire.network import ANSWERS, REQUESTS, WAITS, Network, network
from fire.rows_at_the_end import read_rows
from fire.saved import save_history, save_rows
from harness import Connection, People, Rpc
from journal import servers
from psycopg.conninfo import make_conninfo
from races.chaos import SENSIBLE
from rows import lift_rate_limits
from serving import claims_of, signed
from wingmanmatch import AsyncCaller, AsyncWingmanClient, AsyncWingmanHttpClient, Retries

TASK_CANCELLED = "task cancelled"
KINDS = (
    faults.SERVER_KILLED,
    faults.SERVER_STOPPED,
    faults.BACKEND_KILLED,
    faults.SERVE_KILLED,
    REQUESTS,
    ANSWERS,
    WAITS,
    TASK_CANCELLED,
    faults.CALL_CANCELLED,
    faults.CALL_TIMED_OUT,
)
DOORS = {"direct": 5, "proxied": 5, "http": 5, "impatient": 3}
"""How many callers use each door. The impatient have a short statement timeout."""
POSSIBLE = {"statement_timeout", "connection_lost"}
"""Refusals of any call under fire."""


@dataclass
class Plan:
    """What is to happen."""

    seed: int = 1
    seconds: float = 5.0
    calls: int = 0
    """How many calls there must be at least, if that takes no more than six times as long."""
    pace: Pace = field(default_factory=Pace)
    habits: Habits = field(default_factory=Habits)
    cut: float = 0.004
    """How likely a connection is cut when something goes over it, in each direction."""
    people: int = 40
    recent: int = 24
    """How many of the newest matches, and of the newest sessions, are called upon."""
    impatience: str = "100ms"
    """The statement timeout of the impatient."""
    impatient: Retries = field(default_factory=partial(Retries, attempts=1))
    """What the impatient retry: nothing."""
    settings: dict[str, str] = field(default_factory=dict)
    """Of the server, besides those that it always has."""
    binaries: Path | None = None
    """The server's programs; the embedded ones unless given."""
    plant: Callable[[Connection], None] = lambda db: None
    """Breaks something of the database on purpose."""


@dataclass
class Report:
    """What happened, and what is wrong with it."""

    history: History
    seen: Counter[str]
    """The faults that were seen to hit."""
    tried: Counter[str]
    judgement: Judgement
    violations: list[Violation]
    """All of them: of the history, of the answers and of the database."""

    def table(self) -> str:
        """The counts, as lines of a table."""
        counts = self.history.counts()
        replayed = sum(operation.replayed for operation in self.history.operations)
        lines = [
            ("calls", len(self.history.operations)),
            *((outcome, counts[outcome]) for outcome in ("answered", "refused", "unknown")),
            ("answers that were replays", replayed),
            *((kind, self.seen[kind]) for kind in KINDS),
            ("pairs and people whose calls were put into an order", self.judgement.objects),
            ("calls in these orders", self.judgement.steps),
            ("orders given up", len(self.judgement.undecided)),
            ("violations", len(self.violations)),
        ]
        return "\n".join(f"| {name} | {count:,} |" for name, count in lines)


def fire(plan: Plan, directory: Path) -> Report:
    """Run it on a server of its own."""
    random.seed(plan.seed)
    # each lost connection would be a warning
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    with database(directory / "data", plan.binaries, **plan.settings) as server:
        with servers.connections(server.running) as connect:
            db = connect()
            lift_rate_limits(db)
            # the same people meet again and again, one meeting soon after the other
            db.execute(
                "update wingman.settings set rematch_after = '0', exposure_limit = 1000,"
                " session_spacing = '1 second'"
            )
            people = People(db, Rpc(connect, db))
            names = [str(people.add()) for _ in range(plan.people)]
            world = World(names, plan.recent)
            plan.plant(db)
        history = History()
        seen, tried, surprises = asyncio.run(_under_fire(plan, server, world, history))
        folder = os.environ.get("WINGMAN_FIRE_FOLDER")
        if folder:
            save_history(Path(folder), history)
        with servers.connections(server.running) as connect:
            db = connect()
            _wait_for_the_last(db)
            rows = read_rows(db)
            if folder:
                save_rows(Path(folder), rows)
            judgement = judge(history.operations, rows)
            violations = [
                *judgement.violations,
                *(Violation("a caller meets no other exception", text) for text in surprises),
                *_odd_refusals(history),
                *audit(db, server),
            ]
    return Report(history, seen, tried, judgement, violations)


async def _under_fire(
    plan: Plan, server: Database, world: World, history: History
) -> tuple[Counter[str], Counter[str], list[str]]:
    async with AsyncExitStack() as stack:
        serve = Serve(server.authenticator_url)
        await asyncio.to_thread(serve.start)
        stack.callback(serve.stop)
        to_database = await stack.enter_async_context(
            network(lambda: asyncio.open_unix_connection(server.socket), plan.cut, f"{plan.seed} database")
        )
        to_serve = await stack.enter_async_context(network(serve.reach, plan.cut, f"{plan.seed} serve"))
        doors = await stack.enter_async_context(_doors(server, to_database, to_serve, plan))
        callers = [
            Caller(f"{door}-{number}", door, doors[door], world, history, plan.habits, str(plan.seed))
            for door, amount in DOORS.items()
            for number in range(amount)
        ]
        maker = Faults(server, serve, history, str(plan.seed), plan.pace)
        began = time.monotonic()

        def is_over() -> bool:
            seconds = time.monotonic() - began
            is_enough = len(history.operations) >= plan.calls or seconds >= 6 * plan.seconds
            return seconds >= plan.seconds and is_enough

        async with asyncio.TaskGroup() as group:
            group.create_task(maker.run(is_over))
            for caller in callers:
                group.create_task(caller.run(is_over))
    maker.read_log()
    seen = maker.seen + to_database.cuts + to_serve.cuts
    seen[TASK_CANCELLED] = sum(caller.given_up for caller in callers)
    return seen, maker.tried, [text for caller in callers for text in caller.surprises]


@asynccontextmanager
async def _doors(
    server: Database, to_database: Network, to_serve: Network, plan: Plan
) -> AsyncIterator[dict[str, Callable[[str], AsyncCaller]]]:
    """Makes a caller for a user, by each door."""
    proxied = make_conninfo(
        dbname=servers.DATABASE,
        user="authenticator",
        host="127.0.0.1",
        port=to_database.port,
        sslmode="disable",
        gssencmode="disable",
    )
    impatient = make_conninfo(proxied, options=f"-c statement_timeout={plan.impatience}")
    async with (
        AsyncWingmanClient.connect(server.authenticator_url, max_size=5) as direct,
        AsyncWingmanClient.connect(proxied, max_size=5) as by_proxy,
        AsyncWingmanClient.connect(impatient, max_size=3, retries=plan.impatient) as by_impatient,
        AsyncWingmanHttpClient(f"http://127.0.0.1:{to_serve.port}", max_connections=5) as http,
    ):
        tokens: dict[str, str] = {}

        def with_token(person: str) -> AsyncCaller:
            if person not in tokens:
                tokens[person] = signed(claims_of(person, exp=int(time.time()) + 86_400))
            return http.with_token(tokens[person])

        yield {
            "direct": direct.as_user,
            "proxied": by_proxy.as_user,
            "impatient": by_impatient.as_user,
            "http": with_token,
        }


def _wait_for_the_last(db: Connection) -> None:
    """Return once no call is under way any more; the callers have gone."""
    deadline = time.monotonic() + 30
    while db.execute("select from pg_stat_activity where usename = 'authenticator'").rowcount:
        assert time.monotonic() < deadline, "a caller's backend does not end"
        time.sleep(0.01)


def _odd_refusals(history: History) -> list[Violation]:
    odd = Counter(
        (operation.call, operation.error)
        for operation in history.operations
        if operation.outcome == "refused" and operation.error not in SENSIBLE[operation.call] | POSSIBLE
    )
    return [
        Violation("a refusal makes sense", f"{call}: {error}, {n} times") for (call, error), n in odd.items()
    ]
