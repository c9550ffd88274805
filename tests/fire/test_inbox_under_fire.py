"""People are told everything once, while readers, their backends, the server and serve are killed.

WINGMAN_FIRE_SECONDS is how long the long run lasts at least, and WINGMAN_FIRE_SEED its seed.
"""

import os
from pathlib import Path

import pytest
from fire.inbox_faults import KILLS, KINDS
from fire.inbox_run import InboxPlan, InboxReport, fire_inbox

TWO_MINUTES = 120.0
KILLS_OF_A_LONG_RUN = 210


@pytest.mark.exhaustive
def test_everything_is_told_and_heard_once(tmp_path: Path) -> None:
    assert_holds(fire_inbox(InboxPlan(), tmp_path))


@pytest.mark.long
def test_the_same_through_two_hundred_kills(tmp_path: Path) -> None:
    seconds = float(os.environ.get("WINGMAN_FIRE_SECONDS", TWO_MINUTES))
    seed = int(os.environ.get("WINGMAN_FIRE_SEED", 1))
    report = fire_inbox(InboxPlan(seed, seconds, KILLS_OF_A_LONG_RUN, quiet=60), tmp_path)
    assert_holds(report)
    assert sum(report.seen[kind] for kind in KILLS) >= 200


def assert_holds(report: InboxReport) -> None:
    print(report.table())
    # pytest would shorten them
    print(*report.violations[:50], sep="\n\n")
    assert len(report.violations) == 0
    # else it shows nothing
    assert {kind for kind in KINDS if not report.seen[kind]} == set(), report.tried
    assert {what for what, number in report.counts.items() if not number} <= {
        "readers that ended by themselves"
    }
