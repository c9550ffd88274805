"""``wingman bench --instructions``: what is counted, and that no call costs more than was published."""

import json
from dataclasses import replace

import pytest
from rich.console import Console
from tools.conftest import fails_in_one_line, wingman  # noqa: F401
from wingmanmatch.database import paths
from wingmanmatch.tools.bench import callgrind, instruction_report, instructions
from wingmanmatch.tools.bench.callgrind import Counted, CountError
from wingmanmatch.tools.bench.instruction_calls import CALLS, SETUP
from wingmanmatch.tools.bench.instruction_world import DBNAME, Group, Stage, make_cluster
from wingmanmatch.tools.bench.instructions import BUDGETS, EXECUTED, WHATS, figures

COMMITTED = json.loads((paths.BENCH / "results" / "instructions.json").read_text())
ALLOWANCE = 1.05
needs_valgrind = pytest.mark.instructions
CALL = {call.name: call for call in CALLS}

# Two calls of f, the second of which calls itself; g is called by both levels.
PROFILE = """\
version: 1
events: Ir
fl=(1) file.c
fn=(1) f
10 100
+1 1
cfn=(2) g
calls=2 50
* 40
cfn=(3) f'2
calls=1 10
* 30

fn=(3)
10 5
cfn=(2)
calls=1 50
12 25

fn=(2)
50 65
fn=(4) main
1 7
cfn=(1)
calls=2 10
1 171
cfn=(5) h.constprop.0
calls=3 60
-2 9

totals: 187
"""


@pytest.fixture
def profile(tmp_path):
    file = tmp_path / "profile"
    file.write_text(PROFILE)
    return callgrind.parse(file)


@pytest.fixture(scope="module")
def groups():
    """One group at each stage but the last, and a second one that has a session."""
    stages = [Stage.FREE, Stage.MATCHED, Stage.ACCEPTED, Stage.SCHEDULED, Stage.CONFIRMED, Stage.SCHEDULED]
    return [Group(number, stage) for number, stage in enumerate(stages)]


@pytest.fixture(scope="module")
def cluster(groups, tmp_path_factory):
    """A stopped cluster with these groups."""
    directory = tmp_path_factory.mktemp("instructions") / "data"
    make_cluster(directory, paths.INSTALL_SQL, groups)
    return directory


@pytest.fixture(scope="module")
def measured():
    """The figures of this tree."""
    return figures(instructions.measure(paths.INSTALL_SQL, CALL.keys(), lambda _: None))


def counted(total, **calls):
    return Counted(total, {}, {}, calls)


def test_a_profile_is_read(profile):
    assert profile.instructions == 187
    assert profile.own == {"f": 106, "g": 65, "main": 7}
    # what the recursive call took is in the first one's
    assert profile.inclusive == {"f": 171, "g": 65, "h": 9}
    assert profile.calls == {"f": 3, "g": 3, "h": 3}


def test_what_an_empty_profile_holds_is_no_calls(profile):
    empty = replace(profile, instructions=27, own={"g": 65}, calls={"h": 1})
    mean = profile.per_call(empty, 2)
    assert mean.instructions == 80
    assert mean.own == {"f": 53, "main": 3.5}
    assert mean.calls == {"f": 1.5, "g": 1.5, "h": 1}


def test_a_profile_without_a_sum_is_none(tmp_path):
    (tmp_path / "profile").write_text("version: 1\n")
    with pytest.raises(CountError, match="profile has no summary"):
        callgrind.parse(tmp_path / "profile")


def test_figures_are_calls_and_their_differences():
    taken = {
        "confirm_first": counted(500, standard_ExecutorStart=5, table_open=7),
        "confirm_key": counted(620, standard_ExecutorStart=7),
        "confirm_headers": counted(800),
        "identity": counted(20, standard_ExecutorStart=1),
        "identity_headers": counted(70),
    }
    told = figures(taken)
    assert told["instructions_key"] == 120
    # 50 are what setting them costs
    assert told["instructions_headers"] == 250
    assert told["instructions_confirm_first_relations"] == 7
    # without the client's own two
    assert told["instructions_confirm_first_statements"] == 3
    assert told["instructions_identity_statements"] == 0
    del taken["identity"]
    assert "instructions_headers" not in figures(taken)


def test_a_difference_takes_all_its_calls():
    assert instructions.calls_of(["instructions_key"]) == {"confirm_key", "confirm_first"}
    assert instructions.calls_of(["instructions_match", "instructions_decline"]) == {"match", "decline"}


def test_every_figure_is_committed():
    keys = {*WHATS, *(f"instructions_{name}_{what}" for name in CALL for what in EXECUTED)}
    assert keys <= COMMITTED.keys()
    assert {key: COMMITTED[f"{key}_budget"] for key in BUDGETS} == BUDGETS
    assert not [value for value in COMMITTED.values() if isinstance(value, dict | list)]


def test_an_unknown_figure_or_call_is_a_misuse(wingman, tmp_path):  # noqa: F811
    done = wingman("bench", "--instructions", "--only", "accept", "--only", "nonsense", cwd=tmp_path)
    assert fails_in_one_line(done, 2) == "There is no figure instructions_nonsense"
    done = wingman("bench", "--functions", "nonsense", cwd=tmp_path)
    assert fails_in_one_line(done, 2) == "There is no call nonsense"


def test_without_valgrind_nothing_is_made(wingman, tmp_path):  # noqa: F811
    done = wingman("bench", "--instructions", cwd=tmp_path, PATH="/nowhere")
    assert fails_in_one_line(done) == "valgrind is not installed: on Debian, apt install valgrind"
    assert list(tmp_path.iterdir()) == []


@needs_valgrind
@pytest.mark.parametrize("key", WHATS)
def test_no_call_costs_more_than_was_published(measured, key):
    executed = {what: (COMMITTED.get(f"{key}_{what}"), measured.get(f"{key}_{what}")) for what in EXECUTED}
    assert measured[key] <= ALLOWANCE * COMMITTED[key], f"published and now: {executed}"


@needs_valgrind
@pytest.mark.parametrize("key", BUDGETS)
def test_calls_keep_their_budgets(measured, key):
    assert measured[key] <= BUDGETS[key]


@needs_valgrind
def test_a_count_repeats(cluster, groups):
    lines = [CALL["identity"].transaction(group) for group in groups]
    first, again = (callgrind.count(cluster, DBNAME, SETUP, lines, lines)[0] for _ in range(2))
    assert first.instructions == pytest.approx(again.instructions, rel=0.001)
    # role and claims, and little else
    assert 10_000 < first.instructions < 100_000
    assert first.calls["standard_ExecutorStart"] == 1
    assert first.calls["set_config_by_name"] == 2


@needs_valgrind
def test_twice_the_work_counts_twice(cluster, groups):
    once = [CALL["identity"].transaction(group) for group in groups]
    counts = [
        callgrind.count(cluster, DBNAME, SETUP, lines, lines)[0].calls["set_config_by_name"]
        for lines in (once, [f"{line} {line}" for line in once])
    ]
    assert counts == [2, 4]


@needs_valgrind
def test_a_refused_call_counts_for_nothing(cluster, groups):
    confirm = CALL["confirm_first"]
    scheduled = [group for group in groups if group.stage is Stage.SCHEDULED]
    line = confirm.transaction(scheduled[0])
    with pytest.raises(CountError, match="already confirmed"):
        callgrind.count(cluster, DBNAME, [*SETUP, confirm.prepare(scheduled[0])], [line], [line])


@needs_valgrind
def test_calls_that_do_not_do_their_work_do_not_count(cluster, groups):
    scheduled = [group for group in groups if group.stage is Stage.SCHEDULED]
    wanted = replace(CALL["confirm_first"], answer=CALL["confirm_second"].answer)
    with pytest.raises(CountError, match="confirm_first: 2 calls, 0 of them did their work"):
        instructions._count(cluster, wanted, scheduled, warm_up=1)


def test_the_functions_of_a_call_are_shown(monkeypatch):
    mean = Counted(1_000.0, {"g": 400.0}, {"g": 900.0, "h": 100.0}, {"h": 1.5, "g": 2.0})
    monkeypatch.setattr(instruction_report, "measure", lambda *_: {"accept": mean})
    console = Console(record=True, width=100)
    instruction_report.run_functions(console, paths.INSTALL_SQL, "accept")
    rows = [line.split() for line in console.export_text().splitlines()]
    assert rows[-2:] == [["g", "2.0", "900", "400"], ["h", "1.5", "100", "0"]]
