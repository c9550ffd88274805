"""No test is lost: each is run by one of the commands, and whatever is exhaustive has its representatives."""

import re
import tomllib
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression
from selecting import COLLECTED

ROOT = Path(__file__).parents[1]


def selections(file: str) -> list[Expression]:
    """What the calls of pytest in a file select, in their order."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return [Expression.compile(found.strip("'")) for found in re.findall(r"pytest -m ('.+'|\w+)", text)]


def default_selection() -> Expression:
    """What pytest selects when nothing else is asked for, as in ``make test``."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    return Expression.compile(re.search(r"-m '(.+?)'", options["ini_options"]["addopts"])[1])


def selected(items: list[pytest.Item], expression: Expression) -> set[str]:
    return {
        item.nodeid
        for item in items
        if expression.evaluate({marker.name for marker in item.iter_markers()}.__contains__)
    }


@pytest.fixture(scope="module")
def items(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """Every test that there is."""
    found = request.config.stash[COLLECTED]
    files = {path for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts}
    if {item.path for item in found} != files:
        pytest.skip("Only some files were asked for: pytest -k selections tests asks for all")
    return found


@pytest.fixture(scope="module")
def parametrized(items: list[pytest.Item]) -> dict[str, list[pytest.Function]]:
    """Those of each test that has representatives."""
    found = defaultdict(list)
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("representatives"):
            found[item.nodeid.partition("[")[0]].append(item)
    return found


def test_ci_runs_every_test_but_the_long_ones(items):
    on_the_embedded_server, on_debians = selections(".ci/run")[:-1], selections(".ci/run")[-1]
    ran = selected(items, default_selection()) | selected(items, on_debians)
    for expression in on_the_embedded_server:
        ran |= selected(items, expression)
    long = selected(items, Expression.compile("long"))
    assert {item.nodeid for item in items} - ran == long - ran
    assert ran & long == set()


def test_ci_runs_what_make_test_all_runs_and_nothing_twice(items):
    (everything,) = selections("Makefile")
    rest, instructions = selections(".ci/run")[:-1]
    quick = selected(items, default_selection())
    assert quick | selected(items, rest) == selected(items, everything)
    assert quick & selected(items, rest) == set()
    assert (quick | selected(items, rest)) & selected(items, instructions) == set()


def test_debians_server_gets_all_of_make_test_that_asks_a_server_for_more_than_calls(items):
    on_debians = selected(items, selections(".ci/run")[-1])
    uses = {item.nodeid for item in items if "postgresql_noproc" in getattr(item, "fixturenames", ())}
    left_out = selected(
        items,
        Expression.compile("long or ((exhaustive or any_server) and not plpgsql_check and not browser)"),
    )
    assert uses - on_debians == uses & left_out


def test_each_pattern_names_a_representative(parametrized):
    for test, items in parametrized.items():
        patterns = items[0].get_closest_marker("representatives").args
        ids = [item.callspec.id for item in items if hasattr(item, "callspec")]
        for pattern in patterns:
            assert any(fnmatchcase(id_, pattern) for id_ in ids), f"{test} has no {pattern}"


def test_make_test_has_representatives_of_each_and_test_all_has_more(items, parametrized):
    quick = selected(items, default_selection())
    for test, those in parametrized.items():
        of_it = {item.nodeid for item in those}
        assert of_it & quick, test
        assert of_it - quick, test
