"""``wingman serve`` compared with an earlier version, and with its server without a call."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from zipfile import ZipFile

from wingmanmatch.database import paths
from wingmanmatch.database.embedded import LOOPBACK, free_port
from wingmanmatch.tools.bench import bare_app, over_http
from wingmanmatch.tools.bench.over_http import PROFILE, READY_REQUESTS, Served, listening, served
from wingmanmatch.tools.bench.stage import Measured, Stage
from wingmanmatch.tools.bench.turns import FEWEST_CALLS_EACH
from wingmanmatch.tools.bench.worlds import World, WorldError, person_id

BEFORE: Final = "889203eeaae2fc0e7b9096f1150f5d0828b970b2"
"""The commit with whose HTTP layer the present one is compared."""
NEEDS: Final = f"commit {BEFORE[:12]} here: the HTTP layer as it was needs a clone with the whole history"


def against_before(stage: Stage) -> Measured:
    """The throughput of ``wingman serve``, compared with that of ``BEFORE``.

    Raises:
        WorldError: that commit is not here.
    """
    world = stage.world("spread", stage.scale.people)
    with (
        package_before() as package,
        served(world, stage.scale.clients) as now,
        served(world, stage.scale.clients, package) as before,
    ):
        return stage.compare(_turns(stage, world, now), _turns(stage, world, before))


def against_bare(stage: Stage) -> Measured:
    """The throughput of ``wingman serve``, compared with an application that makes no call."""
    world = stage.world("spread", stage.scale.people)
    with served(world, stage.scale.clients) as now, _bare(_answer(now)) as bare:
        return stage.compare(_turns(stage, world, now), _turns(stage, world, bare))


@contextmanager
def _bare(answer: str) -> Iterator[Served]:
    bare = Served(f"http://{LOOPBACK}:{free_port()}", token_urlsafe(48))
    arguments = ["-m", bare_app.__name__, str(urlsplit(bare.url).port)]
    with listening(bare, arguments, {bare_app.ANSWER: answer}):
        yield bare


def _answer(http: Served) -> str:
    headers = {"Authorization": f"Bearer {http.token(person_id(0))}", "Content-Type": "application/json"}
    request = Request(f"{http.url}/rest/v1/rpc/{PROFILE.function}", b"{}", headers)
    with urlopen(request) as answer:
        return str(answer.read().decode())


def _turns(stage: Stage, world: World, http: Served) -> Callable[[], float]:
    calls_each = FEWEST_CALLS_EACH

    def take() -> float:
        nonlocal calls_each
        made = over_http.turn(stage, world, http, (PROFILE, READY_REQUESTS), calls_each)
        calls_each = max(FEWEST_CALLS_EACH, round(made.rate * stage.scale.seconds / stage.scale.clients))
        return made.rate

    return take


def is_there() -> bool:
    """Whether this is a clone that has ``BEFORE``."""
    return _git("cat-file", "-e", f"{BEFORE}^{{commit}}")


@contextmanager
def package_before() -> Iterator[Path]:
    """The directory with the package of ``BEFORE``, while the context lasts.

    Raises:
        WorldError: this is not a clone with that commit.
    """
    with tempfile.TemporaryDirectory(prefix="wingman-before-") as directory:
        archive = Path(directory, "before.zip")
        if not _git("archive", f"--output={archive}", BEFORE, "python_client"):
            raise WorldError(f"There is no {NEEDS}")
        with ZipFile(archive) as packed:
            packed.extractall(directory)
        yield Path(directory, "python_client")


def _git(*arguments: str) -> bool:
    with suppress(OSError):
        command = ["git", "-C", str(paths.ROOT), *arguments]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False
