"""The real supabase-js in a real Node, against the HTTP layer over a real database.

Each ``*.test.js`` here is a suite of Node's own test runner. It asks this side, in lines of JSON, for what no
client can do: new people, the scenarios of refused calls, and the rows that are in the database afterwards.
"""

import json
import os
import re
import subprocess
import sysconfig
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from over_http import ERROR_NAMES, Refusals, refusals
from serving import claims_of, signed
from test_error_names import OF_OPERATORS

HERE = Path(__file__).parent
SUITES = sorted(HERE.glob("*.test.js"))
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

    def answer(self, line: str) -> str:
        """The answer to one line."""
        request = json.loads(line)
        if request["ask"] not in ("server", "person", "rows", "error_names", "scenario", "end_scenario"):
            raise ValueError(request["ask"])
        given = getattr(self, request["ask"])(*request["with"])
        return json.dumps(given, default=str)


@pytest.fixture
def stage(db, connect, rpc, people, http_url, serve):
    stage = Stage(db, people, http_url, refusals(db, connect, rpc, http_url, serve))
    yield stage
    stage.end_scenario()


@pytest.mark.representatives("story", "at_once")
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name.removesuffix(".test.js"))
def test_with_supabase_js(stage: Stage, suite: Path, tmp_path: Path):
    if not (HERE / "node_modules").is_dir():
        pytest.fail(
            "tests/clients_js/node_modules is missing: run make tests/clients_js/node_modules/installed"
        )
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    report = tmp_path / "report"
    with subprocess.Popen(
        ["node", "--test-reporter=tap", f"--test-reporter-destination={report}", suite.name],
        cwd=HERE,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as node:
        assert node.stdin
        assert node.stdout
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


def test_the_scenarios_are_the_catalogue(stage):
    assert sorted(stage.error_names()) == sorted(ERROR_NAMES)
