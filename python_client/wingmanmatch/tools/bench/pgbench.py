"""One run of pgbench: so many calls by so many clients, and how fast they went."""

import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median

from wingmanmatch.database.embedded import BINARIES
from wingmanmatch.tools.bench.server import USABLE_CORES

LEAD_IN_CALLS = 10
"""A new connection's first calls make its caches and plans; the connections of a pool have theirs."""


class RunFailedError(Exception):
    """A run that counts for nothing: a call was refused or failed, or pgbench did."""


@dataclass(frozen=True)
class Run:
    """What a run came to."""

    calls: int
    rate: float
    """Calls a second while all clients were busy."""
    p99: float
    """The time within which 99 of 100 of those calls were answered, in microseconds."""
    median: float
    """The time within which half of them were."""


def run(url: str, script: Path, clients: int, calls_each: int, variables: Mapping[str, int]) -> Run:
    """Let each client make its calls, prepared, on a connection of its own; every call must succeed.

    Rate and time are those of the calls that ended while all clients were busy: from when the last one has
    its lead-in behind it until the first one has finished.

    Raises:
        RunFailedError: a single call did not succeed.
    """
    given = {**variables, "call": 0, "each": calls_each}
    with tempfile.TemporaryDirectory(prefix="wingman-bench-") as directory:
        command = [
            str(BINARIES / "pgbench"),
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={clients}",
            f"--jobs={min(clients, USABLE_CORES)}",
            f"--transactions={calls_each}",
            f"--file={script}",
            "--log",
            f"--log-prefix={directory}/log",
            *(f"--define={name}={value}" for name, value in given.items()),
            url,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RunFailedError(done.stderr.strip())
        return summary(Path(directory).glob("log.*"), clients, calls_each)


def summary(logs: Iterable[Path], clients: int, calls_each: int) -> Run:
    """What pgbench's logs, a line for each call, come to.

    Raises:
        RunFailedError: calls are missing.
    """
    ends: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for log in logs:
        for line in log.read_text().splitlines():
            client, _number, took, _script, second, microsecond = line.split()[:6]
            ends[client].append((int(second) + int(microsecond) / 1e6, float(took)))
    return summary_of(ends.values(), clients, calls_each)


def summary_of(ends: Collection[Sequence[tuple[float, float]]], clients: int, calls_each: int) -> Run:
    """What calls come to, by when each of a client's ended, in seconds, and what it took, in microseconds.

    Raises:
        RunFailedError: calls are missing.
    """
    if [len(calls) for calls in ends] != [calls_each] * clients:
        raise RunFailedError(f"{clients} clients were to make {calls_each} calls each, and did not")
    lead_in = max(1, min(LEAD_IN_CALLS, calls_each // 4))
    begin = max(calls[lead_in - 1][0] for calls in ends)
    # In a very short run somebody may have finished before: then the next one who does.
    end = min(calls[-1][0] for calls in ends if calls[-1][0] > begin)
    times = sorted(took for calls in ends for when, took in calls if begin < when <= end)
    return Run(
        clients * calls_each, len(times) / (end - begin), times[ceil(len(times) * 0.99) - 1], median(times)
    )
