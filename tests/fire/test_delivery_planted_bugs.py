"""The run of the messages can fail: whichever of these is broken on purpose, a short run finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from fire.delivery_faults import ENDED, KINDS, PAUSED, SENDING_KILLED, TERMINATED, WORKER_KILLED
from fire.delivery_process import FORGETS, FRESH_IDS, SETTLED_APART, SETTLED_FIRST
from fire.delivery_rules import (
    BLOCKED,
    EARLY,
    FINAL,
    FOREIGN,
    IDENTITY,
    LEASE,
    LOST,
    ONCE,
    REPEATED,
)
from fire.delivery_run import WEIGHTS, DeliveryPlan, fire_deliveries
from fire.effects import Violation
from fire.planted import Planted, assert_found, not_listed, not_plantable
from harness import Connection

ATTEMPTS = 5
"""How many seeds are tried until one finds it."""
_TOKEN = (
    "inner join unnest(_given) as g on g.id = d.id and g.token = d.token\n        where d.state = 'claimed'"
)


@dataclass(frozen=True)
class Bug(Planted):
    """A bug of the database or of the workers."""

    worker: str = ""
    """Or what is wrong with the workers."""
    kinds: Sequence[str] = KINDS
    """The faults that can show it."""
    kills: int = 0
    """How many of them it may take."""


BUGS = {
    "a message is settled without its token": Bug(
        {FOREIGN},
        [
            (
                "wingman.settle_deliveries",
                _TOKEN,
                "inner join unnest(_given) as g on g.id = d.id\n        where d.state = 'claimed'",
            ),
        ],
        kinds=[PAUSED],
    ),
    "a worker that settles late overwrites the result": Bug(
        {FINAL},
        [
            (
                "wingman.settle_deliveries",
                _TOKEN,
                "inner join unnest(_given) as g on g.id = d.id\n        where true",
            ),
        ],
        kinds=[PAUSED],
    ),
    "a claim ignores the lease": Bug(
        {LEASE},
        [
            (
                "wingman.claim_deliveries",
                "o.next_attempt_at <= statement_timestamp()\n",
                "(o.next_attempt_at <= statement_timestamp() or o.state = 'claimed')\n",
            )
        ],
        kinds=[WORKER_KILLED],
    ),
    "the lease is as long as an attempt": Bug(
        {LEASE},
        [("wingman.claim_deliveries", "2 * t.delivery_time_limit", "t.delivery_time_limit")],
        kinds=[ENDED],
    ),
    "a claim does not look at blocks": Bug(
        {BLOCKED},
        [("wingman.delivery_obstacle", "and wingman.is_muted(", "and false and wingman.is_muted(")],
        kinds=[TERMINATED],
    ),
    SETTLED_FIRST: Bug({LOST, EARLY}, worker=SETTLED_FIRST, kinds=[WORKER_KILLED, SENDING_KILLED]),
    FRESH_IDS: Bug({IDENTITY}, worker=FRESH_IDS, kinds=[SENDING_KILLED]),
    FORGETS: Bug(
        {"a worker ends as it should", REPEATED},
        worker=FORGETS,
        kinds=[ENDED],
    ),
    SETTLED_APART: Bug({ONCE}, worker=SETTLED_APART, kinds=[WORKER_KILLED], kills=12),
}


@pytest.mark.long
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(tmp_path: Path, name: str) -> None:
    bug = BUGS[name]
    weights = {kind: WEIGHTS[kind] for kind in bug.kinds}

    def run(seed: int) -> list[Violation]:
        plan = DeliveryPlan(seed, 6, bug.kills, weights=weights, plant=bug.plant, bug=bug.worker)
        report = fire_deliveries(plan, tmp_path / str(seed))
        print(report.table())
        return report.violations

    assert_found(name, bug, ATTEMPTS, run)


def test_every_bug_can_be_planted(db: Connection) -> None:
    assert not_plantable(db, BUGS) == {}


def test_the_document_lists_every_bug() -> None:
    assert not_listed(BUGS) == []
