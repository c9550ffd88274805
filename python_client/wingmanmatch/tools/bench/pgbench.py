"""One run of pgbench: a number of calls by a number of clients, and how fast they were."""

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
"""A new connection's first calls fill its caches and make plans; the connections of a pool have theirs."""


class RunFailedError(Exception):
    """A run that does not count: a call was refused or failed, or pgbench failed."""


@dataclass(frozen=True)
class Run:
    """The result of a run."""

    calls: int
    rate: float
    """Calls per second while all clients were busy."""
    p99: float
    """The time within which 99 of 100 of those calls were answered, in microseconds."""
    median: float
    """The time within which half of them were."""


def run(url: str, script: Path, clients: int, calls_each: int, variables: Mapping[str, int]) -> Run:
    """Let each client make its calls, prepared, on its own connection; every call must succeed.

    Rate and time are those of the calls that ended while all clients were busy: from the moment when the last
    client has finished its lead-in until the first one has finished.

    Raises:
        RunFailedError: a call did not succeed.
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
    """The result of pgbench's logs, which have a line for each call.

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
    """The result of calls, from each call's end, in seconds, and its duration, in microseconds, by client.

    Raises:
        RunFailedError: calls are missing.
    """
    if [len(calls) for calls in ends] != [calls_each] * clients:
        raise RunFailedError(f"{clients} clients were to make {calls_each} calls each, and did not")
    lead_in = max(1, min(LEAD_IN_CALLS, calls_each // 4))
    begin = max(calls[lead_in - 1][0] for calls in ends)
    # In a very short run a client may have finished before that: then take the next one that does.
    end = min(calls[-1][0] for calls in ends if calls[-1][0] > begin)
    times = sorted(took for calls in ends for when, took in calls if begin < when <= end)
    return Run(
        clients * calls_each, len(times) / (end - begin), times[ceil(len(times) * 0.99) - 1], median(times)
    )
