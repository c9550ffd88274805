"""The HTTP layer compared with its earlier version, and with its server alone."""

import subprocess
import sys

import pytest
from rich.console import Console
from wingmanmatch.tools.bench import serve
from wingmanmatch.tools.bench.figures import SERVE_FIGURES
from wingmanmatch.tools.bench.run import staged
from wingmanmatch.tools.bench.stage import Scale
from wingmanmatch.tools.bench.worlds import WorldError
from wingmanmatch.tools.cli.bench import _not_here

TINY = Scale(people=2_000, few=1_500, pairs=2, warm_ups=1, seconds=0.1, calls=60, clients=2)
needs_history = pytest.mark.skipif(not serve.is_there(), reason=f"There is no {serve.NEEDS}")


@needs_history
def test_the_package_is_the_one_of_then():
    with serve.package_before() as package:
        then = (package / "wingmanmatch" / "http" / "app.py").read_text(encoding="utf-8")
    assert "FastAPI" in then
    assert not package.exists()


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "figure",
    [pytest.param(SERVE_FIGURES[0], marks=needs_history), SERVE_FIGURES[1]],
    ids=lambda figure: figure.key,
)
def test_both_sides_answer(server, figure):
    with staged(Console(record=True), server, TINY, figure.turns(TINY)) as stage:
        measured = figure.measure(stage)
    assert len(measured.values) == TINY.pairs
    assert min(measured.things + measured.references) > 0


def test_without_the_history_it_is_said(monkeypatch):
    monkeypatch.setattr(serve, "BEFORE", "0" * 40)
    assert not serve.is_there()
    with pytest.raises(WorldError, match="needs a clone with the whole history"), serve.package_before():
        pass


def test_a_whole_run_leaves_out_what_cannot_be_taken(monkeypatch):
    assert _not_here().keys() == ({SERVE_FIGURES[0].key} if not serve.is_there() else set())
    monkeypatch.setattr(serve, "BEFORE", "0" * 40)
    assert "whole history" in _not_here()["serve_before_ratio"]
    without_the_extra = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from wingmanmatch.tools.cli.bench import _not_here; print(_not_here())"
    )
    told = subprocess.run(
        [sys.executable, "-c", without_the_extra], capture_output=True, text=True, check=True
    )
    assert all(figure.key in told.stdout for figure in SERVE_FIGURES)
    assert "pip install 'wingmanmatch[http]'" in told.stdout
