"""People are told outside, while workers and the server are killed and receivers do not answer.

WINGMAN_FIRE_SECONDS is how long the long run lasts at least, and WINGMAN_FIRE_SEED its seed.
"""

import os
from pathlib import Path

import pytest
from fire.delivery_faults import KILLS, KINDS
from fire.delivery_run import DeliveryPlan, DeliveryReport, fire_deliveries

TWO_MINUTES = 120.0
KILLS_OF_A_LONG_RUN = 210


@pytest.mark.long
def test_everything_is_told_outside(tmp_path: Path) -> None:
    assert_holds(fire_deliveries(DeliveryPlan(), tmp_path))


@pytest.mark.long
def test_everything_is_told_outside_through_two_hundred_kills(tmp_path: Path) -> None:
    seconds = float(os.environ.get("WINGMAN_FIRE_SECONDS", TWO_MINUTES))
    seed = int(os.environ.get("WINGMAN_FIRE_SEED", 1))
    report = fire_deliveries(DeliveryPlan(seed, seconds, KILLS_OF_A_LONG_RUN), tmp_path)
    assert_holds(report)
    assert sum(report.seen[kind] for kind in KILLS) >= 200
    # else it shows nothing
    assert [
        what for what in ("erasures", "received again", "dropped as blocked") if not report.counts[what]
    ] == []


def assert_holds(report: DeliveryReport) -> None:
    print(report.table())
    # pytest would shorten them
    print(*report.violations[:50], sep="\n\n")
    assert len(report.violations) == 0
    # else it shows nothing
    assert {kind for kind in KINDS if not report.seen[kind]} == set(), report.tried
