"""What a call costs the server in CPU instructions, the only measure that a busy machine does not distort."""

import re
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from wingmanmatch.database import paths
from wingmanmatch.database.embedded import termination_as_exit
from wingmanmatch.tools.bench import callgrind
from wingmanmatch.tools.bench.callgrind import Counted, CountError
from wingmanmatch.tools.bench.instruction_calls import CALLS, SETUP, Call
from wingmanmatch.tools.bench.instruction_world import DBNAME, Group, Stage, make_cluster
from wingmanmatch.tools.bench.server import USABLE_CORES
from wingmanmatch.tools.bench.worlds import BEFORE_SQL

WARM_UP = 10
"""Calls before those that count: plans are generic from the sixth execution on."""
COUNTED_CALLS = 20
OTHER_GROUPS = {
    Stage.FREE: 100,
    Stage.MATCHED: 100,
    Stage.ACCEPTED: 100,
    Stage.SCHEDULED: 100,
    Stage.COMPLETED: 500,
}
"""Groups that are not measured: with them the planner chooses as in a large database."""

PREFIX = "instructions_"
BUDGETS = {
    "instructions_confirm_first": 720_000,
    "instructions_confirm_second": 960_000,
    "instructions_accept": 970_000,
    "instructions_match": 1_450_000,
    "instructions_decline": 2_060_000,
    "instructions_key": 200_000,
    "instructions_headers": 100_000,
    "instructions_create_session": 1_035_000,
    "instructions_start_session": 634_000,
    "instructions_cancel_session": 695_000,
}
"""The most that each figure may be.

Starting a session takes 60 % of the value before the journal. Arranging one also locks the caller's seeker
and looks into the caller's diary, and looks up a foreign key, by which PostgREST embeds matches and sessions
in each other. Cancelling one also says when that was, and takes back the report of a no-show. A decline asks
whether a cooldown or a suspension stands against the next match.
"""
DIFFERENCES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "instructions_key": ("what an idempotency key adds", {"confirm_key": 1, "confirm_first": -1}),
    "instructions_headers": (
        "what PostgREST's headers add, apart from setting them",
        {"confirm_headers": 1, "identity_headers": -1, "confirm_first": -1, "identity": 1},
    ),
}
"""Figures that combine several calls: what each is, and how often a call's instructions are added."""
WHATS = {f"{PREFIX}{call.name}": call.what for call in CALLS} | {
    key: what for key, (what, _) in DIFFERENCES.items()
}
"""What each figure is."""

EXECUTED = {
    "statements": "standard_ExecutorStart",
    "triggers": "ExecCallTriggerFunc",
    "relations": "table_open",
    "indexes": "index_open",
    "expressions": "exec_eval_expr",
}
"""What a call executes, and the function of PostgreSQL that is called once for each: statements, trigger
functions, the tables and indexes that the statements open (a warm backend opens no catalog), and PL/pgSQL
expressions."""

Say = Callable[[str], None]
Results = dict[str, Any]


def calls_of(keys: Collection[str]) -> set[str]:
    """The names of the calls that figures need."""
    return {
        name
        for key in keys
        for name in (DIFFERENCES[key][1] if key in DIFFERENCES else [key.removeprefix(PREFIX)])
    }


def measure(install_sql: Path, names: Collection[str], say: Say) -> dict[str, Counted]:
    """Count the instructions of calls in what a tree's ``install.sql`` builds.

    The world is the same whichever calls are wanted.

    Raises:
        CountError: valgrind is missing, or a call did not do its work.
        WorldError, psycopg.Error: the world could not be made.
    """
    callgrind.version()
    each = WARM_UP + COUNTED_CALLS
    stages = [call.stage for call in CALLS for _ in range(each)]
    stages += [stage for stage, count in OTHER_GROUPS.items() for _ in range(count)]
    groups = [Group(number, stage) for number, stage in enumerate(stages)]
    with (
        termination_as_exit(),
        tempfile.TemporaryDirectory(prefix="wingman-world-", dir=callgrind.fast_place()) as directory,
    ):
        cluster = Path(directory, "data")
        say("Making a small world")
        make_cluster(cluster, install_sql, groups)
        say("Counting")
        # a busy machine changes no count
        pool = ThreadPoolExecutor(USABLE_CORES)
        try:
            running = {
                call.name: pool.submit(_count, cluster, call, groups[number * each : (number + 1) * each])
                for number, call in enumerate(CALLS)
                if call.name in names
            }
            return {name: future.result() for name, future in running.items()}
        finally:
            pool.shutdown(cancel_futures=True)


def _count(cluster: Path, call: Call, groups: Sequence[Group], warm_up: int = WARM_UP) -> Counted:
    lines = [call.transaction(group) for group in groups]
    setup = [*SETUP, call.prepare(groups[0])]
    counted, printed = callgrind.count(cluster, DBNAME, setup, lines[:warm_up], lines[warm_up:])
    done = len(re.findall(call.answer, printed))
    if done != len(lines):
        raise CountError(f"{call.name}: {len(lines)} calls, {done} of them did their work")
    return counted


def figures(counted: Mapping[str, Counted]) -> Results:
    """The figures of calls that were counted, flat, and what each call executes."""
    told: Results = {}
    for call in CALLS:
        if call.name in counted:
            key, times = f"{PREFIX}{call.name}", counted[call.name].calls
            told[key] = round(counted[call.name].instructions)
            for what, function in EXECUTED.items():
                sent = call.statements if what == "statements" else 0
                mean = round(float(times.get(function, 0) - sent), 1)
                told[f"{key}_{what}"] = int(mean) if mean.is_integer() else mean
    for key, (_, parts) in DIFFERENCES.items():
        if parts.keys() <= counted.keys():
            told[key] = sum(sign * told[f"{PREFIX}{name}"] for name, sign in parts.items())
    return told


def published_trees() -> list[Path]:
    """The trees that a published run measures: the state before, as long as it is kept, and this tree."""
    return [tree for tree in (BEFORE_SQL, paths.INSTALL_SQL) if tree.exists()]
