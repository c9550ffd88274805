"""The database against the model of the truth."""

from collections import Counter

import pytest
from harness import Connect, Connection
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from machine import LONG, QUICK, WingmanMachine
from reality import Reality


@pytest.mark.parametrize("effort", [QUICK, pytest.param(LONG, marks=pytest.mark.long)], ids=["quick", "long"])
def test_any_sequence_of_calls_is_answered_and_leaves_rows_as_the_model_says(
    effort: settings, db: Connection, connect: Connect
) -> None:
    reality = Reality(db, connect())
    seen: Counter[tuple[str, str]] = Counter()

    run_state_machine_as_test(lambda: WingmanMachine(reality, seen), settings=effort)
    for k, v in sorted(seen.items()):
        print(v, *k)
