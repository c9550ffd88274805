"""The database against the model of the truth."""

from datetime import UTC, datetime
from itertools import combinations, pairwise

import pytest
from choices import PLACES, UNKNOWN
from harness import OPERATOR, Connect, Connection
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from machine import BRIEF, LONG, THOROUGH, WingmanMachine
from reality import Reality
from records import Location
from refusals import CATALOGUE, OPERATORS_REFUSALS
from search import miles_between


@pytest.mark.parametrize(
    ("effort", "rarities"),
    [
        pytest.param(BRIEF, 24, id="brief"),
        pytest.param(THOROUGH, 0, id="thorough", marks=pytest.mark.exhaustive),
        pytest.param(LONG, 0, id="long", marks=pytest.mark.long),
    ],
)
def test_any_sequence_of_calls_is_answered_and_leaves_rows_as_the_model_says(
    effort: settings, rarities: int, db: Connection, connect: Connect
) -> None:
    reality = Reality(db, connect(), connect(user=OPERATOR))
    refusals: set[str] = set()
    told: set[str] = set()

    run_state_machine_as_test(lambda: WingmanMachine(reality, refusals, told), settings=effort)

    # A run which met too little would prove too little.
    operators = {f"{function} {name}" for function, names in OPERATORS_REFUSALS.items() for name in names}
    assert refusals <= CATALOGUE.keys() | operators
    not_met = (CATALOGUE.keys() | operators | reality.messages.keys()) - refusals - told
    assert len(not_met) <= rarities, not_met


def test_no_distance_between_the_places_depends_on_rounding() -> None:
    now = datetime.now(UTC)
    points = [
        Location(
            user_id=UNKNOWN,
            **place,
            city=None,
            privacy_mode=mode,
            max_travel_miles=25,
            created_at=now,
            updated_at=now,
        )
        for place in PLACES
        for mode in ("precise", "city_only")
    ]
    miles = sorted({miles_between(one, other) for one, other in combinations(points, 2)})

    assert min(greater - less for less, greater in pairwise(miles)) > 1e-5
    assert all(abs(distance - round(distance)) > 1e-5 for distance in miles if distance > 0)
