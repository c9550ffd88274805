"""The tolerance widens to any of the three levels after one relaxation waited."""

import pytest

MOMENT = "2025-08-17 15:00:00+00"


def tolerance(db, waited, relaxation):
    query = (
        "select wingman.level_tolerance("
        "%(moment)s::timestamptz - %(waited)s::interval, %(moment)s::timestamptz, %(relaxation)s::interval"
        ") as levels"
    )
    return db.execute(query, {"moment": MOMENT, "waited": waited, "relaxation": relaxation}).fetchone()[
        "levels"
    ]


@pytest.mark.parametrize(
    ("waited", "levels"),
    [
        ("0", 1),
        ("5 hours 59 minutes 59.999999 seconds", 1),
        ("6 hours", 2),
        ("11 hours 59 minutes 59.999999 seconds", 2),
        ("12 hours", 2),
        ("63 hours", 2),
        ("87600 hours", 2),
    ],
)
def test_one_relaxation_allows_every_level(db, waited, levels):
    assert tolerance(db, waited, "6 hours") == levels


@pytest.mark.parametrize(
    ("relaxation", "levels"),
    [
        ("1 minute", 2),
        ("24 hours", 2),
        ("24 hours 1 microsecond", 1),
        ("8760 hours", 1),
    ],
)
def test_the_schedule_is_the_given_one(db, relaxation, levels):
    assert tolerance(db, "24 hours", relaxation) == levels


@pytest.mark.parametrize("waited", ["0", "24 hours", "87600 hours", "-1 second"])
def test_without_relaxation_it_is_always_one(db, waited):
    assert tolerance(db, waited, None) == 1


@pytest.mark.parametrize("waited", ["-1 microsecond", "-2 seconds", "-60 hours"])
def test_a_wait_that_begins_later_is_none(db, waited):
    """A search that waited for a lock began before what it then finds."""
    assert tolerance(db, waited, "6 hours") == 1
