"""One run: people are told outside, while whoever sends it is killed; then the judgement."""

import logging
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from channels.outbox import add_address, add_subscription
from cryptography.hazmat.primitives.asymmetric import ec
from deliver.browsers import text_of
from deliver.supabase_realtime import install_realtime
from deliver.targets import add_webhook
from fire.delivery_callers import DeliveryCaller, DeliveryOperator, Reader
from fire.delivery_faults import KINDS, DeliveryFaults, Workers
from fire.delivery_process import Part
from fire.delivery_receivers import BROKEN_PUSH, GOT, KILLED, PUSH, Receivers, receivers
from fire.delivery_rules import DeliveryBooks, judge_deliveries, keep_changes, read_delivery_books
from fire.effects import Violation
from fire.inbox_run import COMMIT_TIMES, add_lonely, people_far_apart
from fire.killing import FireReport
from fire.machines import Database, database
from harness import Connection, People, Rpc, login_url
from journal import servers
from rows import Pair

CALLERS, PAIRS_OF_EACH = 2, 10
LOGIN = "wingman_fire_worker"
WEIGHTS = dict(zip(KINDS, (10, 6, 3, 3, 2, 1, 2, 1), strict=True))
"""How often a kind of fault is chosen, of those in KINDS."""
PATIENCE = 90.0
"""Seconds in which everything is settled once nobody is killed any more."""
_OPEN = """
    select from wingman.notification_deliveries where state in ('due', 'waiting', 'claimed')
    union all select from wingman.postponed_notices
"""


@dataclass
class DeliveryPlan:
    """What is to happen."""

    seed: int = 1
    seconds: float = 8.0
    kills: int = 0
    """How many kills must hit, if that takes no more than six times as long."""
    weights: dict[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    plant: Callable[[Connection], None] = lambda db: None
    """Breaks something of the database on purpose."""
    bug: str = ""
    """What is wrong with the workers."""


class DeliveryReport(FireReport):
    """Of such a run."""

    kinds = KINDS


@dataclass(frozen=True)
class _World:
    """The people, and their browsers."""

    pairs: list[Pair]
    lonely: UUID
    browsers: dict[UUID, dict[str, str]]


def fire_deliveries(plan: DeliveryPlan, directory: Path) -> DeliveryReport:
    """Run it on a server of its own."""
    # each lost connection would be a warning
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        outside = stack.enter_context(receivers(random.Random(f"{plan.seed} receivers")))
        running = stack.enter_context(database(directory / "data", None, **COMMIT_TIMES))
        with servers.connections(running.running) as connect:
            db = connect()
            world = _prepare(db, People(db, Rpc(connect, db)), outside)
            plan.plant(db)
        part = Part(
            "",
            login_url(running.url, LOGIN),
            outside.mail.port,
            outside.push.port,
            outside.authority.pem,
            _vapid_key(),
            plan.bug,
        )
        workers = Workers(part, directory)
        stack.callback(workers.stop)
        return _run(plan, running, world, outside, workers)


def _vapid_key() -> str:
    return text_of(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32))


def _prepare(db: Connection, people: People, outside: Receivers) -> _World:
    """Pairs who live so far apart that each meets only the other one, and where they are told."""
    pairs = people_far_apart(db, people, CALLERS * PAIRS_OF_EACH)
    install_realtime(db)
    db.execute(f"create role {LOGIN} login in role wingman_worker")
    db.execute(
        "update wingman.settings set delivery_time_limit = '2 seconds',"
        " delivery_retries = array_fill(interval '1 second', array[8])"
    )
    keep_changes(db)
    for path in ("/one", "/two"):
        outside.secrets[path] = add_webhook(db, outside.hooks.url + path)
    browsers = {
        pair.user1: outside.add_browser(PUSH if number else BROKEN_PUSH) for number, pair in enumerate(pairs)
    }
    for pair in pairs:
        for user in (pair.user1, pair.user2):
            add_address(db, user, f"{user}@example.com")
    for user, browser in browsers.items():
        add_subscription(db, user, **browser)
    return _World(pairs, add_lonely(people), browsers)


def _run(
    plan: DeliveryPlan, running: Database, world: _World, outside: Receivers, workers: Workers
) -> DeliveryReport:
    maker = DeliveryFaults(
        database=running,
        processes=workers,
        chance=random.Random(f"{plan.seed} faults"),
        weights=plan.weights,
        receivers=outside,
    )
    callers = [
        DeliveryCaller(
            lambda: running.authenticator_url,
            world.pairs[number::CALLERS],
            world.browsers,
            random.Random(f"{plan.seed} {number}"),
        )
        for number in range(CALLERS)
    ]
    people = [user_id for pair in world.pairs for user_id in (pair.user1, pair.user2)]
    operator = DeliveryOperator(
        lambda: running.url, people, world.lonely, random.Random(f"{plan.seed} operator")
    )
    reader = Reader(running.url)
    began = time.monotonic()

    def is_over() -> bool:
        if any(thread.surprises for thread in (*callers, operator)):
            return True
        passed = time.monotonic() - began
        return passed >= plan.seconds and (maker.kills >= plan.kills or passed >= 6 * plan.seconds)

    for thread in (*callers, operator, reader):
        thread.start()
    try:
        maker.run(is_over)
    finally:
        for thread in (*callers, operator):
            thread.stop()
        for thread in (*callers, operator):
            thread.join()
        reader.stop()
        reader.join()
    violations = [
        Violation("a caller meets no other error", one)
        for thread in (*callers, operator)
        for one in thread.surprises
    ]
    outside.is_calm = True
    with servers.connections(running.running) as connect:
        db = connect()
        deadline = time.monotonic() + PATIENCE
        # what is not settled then is told by the judgement
        while db.execute(_READ).fetchone() != {"told": 0} or db.execute(_OPEN).rowcount:
            workers.ensure()
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        for name in workers.names:
            # one that has just been started does not know the signal yet
            if (status := workers.end(name)) not in (0, -signal.SIGTERM):
                maker.puzzles.append(f"{name} ended with {status}")
        books = read_delivery_books(db, outside.receipts, maker.made)
    violations += [Violation("a worker ends as it should", one) for one in maker.puzzles]
    violations += [Violation("a worker meets no other error", one) for one in workers.surprises]
    violations += [Violation("a receiver understands what it gets", one) for one in outside.puzzles]
    violations += judge_deliveries(books)
    calls = sum((caller.done for caller in callers), Counter[str]())
    return DeliveryReport(maker.tried, maker.seen, _counts(books, calls, workers), violations)


_READ = "select told from wingman.run_readers() as r"


def _counts(books: DeliveryBooks, calls: Counter[str], workers: Workers) -> dict[str, int]:
    messages = books.messages.values()
    states = Counter("erased" if one.is_erased else one.row["state"] for one in messages)
    reasons = Counter(
        one.row["last_error"] for one in messages if one.row["state"] == "dropped" and not one.is_erased
    )
    got = [[one for one in message.receipts if one.answer in GOT] for message in messages]
    return {
        "calls": sum(calls.values()) - calls["undone"] - calls["stayed open"],
        "blocks": len(books.blocks),
        "erasures": len(books.erasures),
        "notifications": len(books.notifications),
        "messages": len(messages),
        **{f"messages {state}": states[state] for state in ("sent", "dropped", "dead", "erased")},
        **{f"dropped as {reason}": number for reason, number in sorted(reasons.items())},
        "attempts": sum(len(one.claims) for one in messages),
        "attempts whose claim lapsed": sum(
            claim.error == "worker_lost" for one in messages for claim in one.claims
        ),
        "received": sum(len(one) for one in got),
        "received again": sum(max(0, len(one) - 1) for one in got),
        "received as the worker was killed": sum(r.answer == KILLED for one in got for r in one),
        "workers that ended by themselves": workers.ended_alone,
    }
