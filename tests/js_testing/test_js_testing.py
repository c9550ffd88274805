"""``@wingmanmatch/testing``: the suites of the JavaScript client without a server, and its examples."""

import subprocess
from pathlib import Path

import pytest
from clients_js.suites import HERE as CLIENTS
from clients_js.suites import SUITES, environment, needs, play
from js_testing.in_process import InProcessStage
from wingmanmatch.database import paths

PACKAGE = paths.ROOT / "js" / "testing"
DEADLINE_SECONDS = 120


@pytest.mark.representatives("story")
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name.removesuffix(".test.js"))
def test_a_suite_without_a_server(suite: Path, tmp_path: Path) -> None:
    needs(PACKAGE)
    stage = InProcessStage()
    play(stage, suite, tmp_path / "report")
    stage.end_scenario()


@pytest.mark.exhaustive
def test_worlds() -> None:
    succeeds("node", "--test", str(Path(__file__).with_name("world.test.js")))


@pytest.mark.exhaustive
@pytest.mark.parametrize("script", ["test", "vitest"])
def test_an_example(script: str) -> None:
    succeeds("npm", "run", script)


@pytest.mark.exhaustive
def test_the_first_lines_of_the_readme() -> None:
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    first = text.partition("```js\n")[2].partition("```")[0]
    checked = first.replace(" // 'Ben'", " === 'Ben' || process.exit(1)")
    assert checked != first
    succeeds("node", "--input-type=module", "--eval", checked)


@pytest.mark.exhaustive
def test_the_examples_have_the_right_types() -> None:
    needs(CLIENTS)
    succeeds(str(CLIENTS / "node_modules" / ".bin" / "tsc"), "--project", "examples")


def succeeds(*command: str) -> None:
    """Run a command in the package's folder."""
    needs(PACKAGE)
    done = subprocess.run(
        command,
        cwd=PACKAGE,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
