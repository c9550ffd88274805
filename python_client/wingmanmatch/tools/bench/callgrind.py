"""Instructions that a warm PostgreSQL backend executes, counted by callgrind in single-user mode."""

import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wingmanmatch.database.embedded import BINARIES

MARK = "pg_conf_load_time"
"""A function of PostgreSQL that is called for nothing else: callgrind writes its counts when it begins."""
COUNTED = "exec_simple_query"
"""Only instructions within this function count: reading commands from standard input is no part of a call."""
SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "on",
    # whether a page is written whole depends on when the last checkpoint was
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "jit": "off",
}
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 << 30
_SUMMARY = re.compile(r"^(?:summary|totals): (\d+)", re.MULTILINE)
_CLONE = re.compile(r"\.(constprop|isra)\.\d+")
"""What the compiler appends to the name of a function that it has cloned."""
_POSITION = tuple("0123456789+-*")
"""What a line with costs begins with."""
_NAME = re.compile(r"\((\d+)\)(?: (.*))?")


class CountError(Exception):
    """Nothing could be counted: valgrind is missing, the server failed, or a call was refused."""


@dataclass(frozen=True)
class Profile:
    """Instructions, and the C functions that executed them."""

    instructions: int
    own: Mapping[str, int]
    """Instructions of each function itself."""
    inclusive: Mapping[str, int]
    """Instructions of each function and everything that it calls, except in recursive calls."""
    calls: Mapping[str, int]

    def per_call(self, empty: "Profile", calls: int) -> "Counted":
        """The cost of one of this many calls, without the cost of an empty profile."""
        return Counted(
            (self.instructions - empty.instructions) / calls,
            *(
                {
                    name: (count - without.get(name, 0)) / calls
                    for name, count in counts.items()
                    if count != without.get(name, 0)
                }
                for counts, without in (
                    (self.own, empty.own),
                    (self.inclusive, empty.inclusive),
                    (self.calls, empty.calls),
                )
            ),
        )


@dataclass(frozen=True)
class Counted:
    """The mean of some calls."""

    instructions: float
    own: Mapping[str, float]
    inclusive: Mapping[str, float]
    calls: Mapping[str, float]
    """How often each C function was called."""


def count(
    cluster: Path, dbname: str, setup: Sequence[str], warm_up: Sequence[str], calls: Sequence[str]
) -> tuple[Counted, str]:
    """Make calls in single-user mode on a copy of a stopped cluster.

    Each text is one line of SQL and, unless it says otherwise, one transaction. Returns the mean call, and
    what the server printed.

    Raises:
        CountError: valgrind is missing, or the server reported an error.
    """
    mark = f"select {MARK}();"
    # the last two enclose nothing
    lines = [*filter(None, setup), *warm_up, mark, *calls, mark, mark]
    with tempfile.TemporaryDirectory(prefix="wingman-callgrind-", dir=fast_place()) as name:
        directory = Path(name)
        shutil.copytree(cluster, directory / "data")
        _hand_over(directory, cluster)
        printed = _run(directory, dbname, lines, cluster)
        _before, made, empty = (parse(directory / f"profile.{number}") for number in (1, 2, 3))
    return made.per_call(empty, len(calls)), printed


def is_installed() -> bool:
    """Whether instructions can be counted here."""
    return shutil.which("valgrind") is not None


def version() -> str:
    """The version of valgrind.

    Raises:
        CountError: it is not installed.
    """
    if not is_installed():
        raise CountError("valgrind is not installed: on Debian, apt install valgrind")
    told = subprocess.run(["valgrind", "--version"], check=True, capture_output=True, text=True)
    return told.stdout.strip().removeprefix("valgrind-")


def fast_place() -> Path | None:
    """Memory, if there is enough: a cluster has a thousand files, and each call gets a copy."""
    is_roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY
    return MEMORY if is_roomy and "TMPDIR" not in os.environ else None


def _run(directory: Path, dbname: str, lines: Sequence[str], cluster: Path) -> str:
    settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    command = [
        "valgrind",
        "--tool=callgrind",
        f"--toggle-collect={COUNTED}",
        f"--dump-before={MARK}",
        f"--callgrind-out-file={directory}/profile",
        str(BINARIES / "postgres"),
        "--single",
        *settings,
        "-D",
        str(directory / "data"),
        dbname,
    ]
    is_root = os.geteuid() == 0
    done = subprocess.run(
        command,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=directory,
        # valgrind writes there, perhaps as another user than this process
        env={**os.environ, "TMPDIR": str(directory)},
        user=cluster.owner() if is_root else None,
        group=cluster.group() if is_root else None,
        extra_groups=[] if is_root else None,
    )
    failed = [line for line in done.stderr.splitlines() if re.search(r"\b(ERROR|FATAL|PANIC):", line)]
    if failed or done.returncode:
        raise CountError(failed[0] if failed else done.stderr.strip())
    return done.stdout


def _hand_over(directory: Path, cluster: Path) -> None:
    """Give the copy to the owner of the cluster: PostgreSQL does not run as root."""
    owner = cluster.stat()
    if os.geteuid() == 0:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)


def parse(file: Path) -> Profile:
    """Read a profile in callgrind's format.

    Raises:
        CountError: it is not a profile.
    """
    text = file.read_text()
    summary = _SUMMARY.search(text)
    if not summary:
        raise CountError(f"{file.name} has no summary")
    names: dict[str, str] = {}
    own: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    function = called = ""
    is_call = False
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key in ("fn", "cfn"):
            number, name = _NAME.fullmatch(value).groups()  # type: ignore[union-attr]
            if name:
                names[number] = _CLONE.sub("", name)
            if key == "fn":
                function = _plain(names[number])
            else:
                called = names[number]
        elif key == "calls":
            calls[_plain(called)] += int(value.split()[0])
            is_call = True
        elif line[:1] in _POSITION:
            cost = int(line.split()[1])
            if not is_call:
                own[function] += cost
            elif called == _plain(called) != function:
                inclusive[called] += cost
            is_call = False
    return Profile(int(summary[1]), own, inclusive, calls)


def _plain(name: str) -> str:
    """A function's name without the level of recursion that callgrind appends to it."""
    return name.partition("'")[0]
