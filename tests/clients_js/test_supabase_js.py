"""The real supabase-js in a real Node, against the HTTP layer over a real database."""

from pathlib import Path

import pytest
from clients_js.suites import SUITES, Stage, play
from over_http import ERROR_NAMES, refusals


@pytest.fixture
def stage(db, connect, rpc, people, http_url, serve):
    stage = Stage(db, people, http_url, refusals(db, connect, rpc, http_url, serve))
    yield stage
    stage.end_scenario()


@pytest.mark.representatives("story", "at_once")
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name.removesuffix(".test.js"))
def test_with_supabase_js(stage: Stage, suite: Path, tmp_path: Path):
    play(stage, suite, tmp_path / "report")


def test_the_scenarios_are_the_catalogue(stage):
    assert sorted(stage.error_names()) == sorted(ERROR_NAMES)
