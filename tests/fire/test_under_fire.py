"""Eighteen callers by every door, while servers are killed, connections cut and calls cancelled.

WINGMAN_FIRE_SECONDS is how long the long run lasts, WINGMAN_FIRE_SEED its seed, WINGMAN_FIRE_BINARIES the
folder of another server's programs, and WINGMAN_FIRE_FOLDER a folder for the history of a run and the rows at
its end, which fire.saved judges again.
"""

import os
from pathlib import Path

import pytest
from fire.faults import Pace
from fire.run import KINDS, Plan, Report, fire

TEN_MINUTES = 600.0


@pytest.mark.exhaustive
def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    pace = Pace(
        backend_killed=3,
        server_killed=3,
        server_stopped=4,
        call_cancelled=0.1,
        rows_locked=0.5,
        serve_killed=3,
    )
    # on a busy machine a short run may not meet each kind of fault
    for seconds in (5, 10, 20):
        folder = tmp_path / str(seconds)
        folder.mkdir()
        report = fire(Plan(seconds=seconds, calls=300, pace=pace, cut=0.04), folder)
        if all(report.seen[kind] for kind in KINDS):
            break
    assert_holds(report)


@pytest.mark.long
def test_the_same_for_long(tmp_path: Path) -> None:
    seconds = float(os.environ.get("WINGMAN_FIRE_SECONDS", TEN_MINUTES))
    seed = int(os.environ.get("WINGMAN_FIRE_SEED", 1))
    folder = os.environ.get("WINGMAN_FIRE_BINARIES")
    plan = Plan(seed=seed, seconds=seconds, cut=0.01, binaries=Path(folder) if folder else None)
    report = fire(plan, tmp_path)
    print(report.table())
    assert_holds(report)


def assert_holds(report: Report) -> None:
    # pytest would shorten them
    print(*report.violations, sep="\n\n")
    assert len(report.violations) == 0
    assert report.judgement.undecided == []
    # else it shows nothing
    assert {kind for kind in KINDS if not report.seen[kind]} == set(), report.tried
    assert min(report.history.counts().values()) > 0
    assert len(report.history.counts()) == 3
