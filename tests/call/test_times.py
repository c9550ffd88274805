"""Which texts mean one point in time, and that PostgreSQL reads these as the same one everywhere."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from times import DAY, FORMS, REFUSED_TEXTS, read
from wingmanmatch.call.times import EXPECTED, is_time

DATES = [
    "2026-12-01",
    "2028-02-29",
    "2026-02-29",
    "1969-12-31",
    "0099-01-02",
    "20261201",
    "2026-W49-2",
    "26-12-01",
]
SEPARATORS = ["T", "t", " ", "", "-", "+", "_", "x", " T", "T ", "\t"]
TIMES = ["18:00", "18:00:00", "23:59:59", "24:00", "23:59:60", "18", "1800", "18:0", "6pm"]
FRACTIONS = ["", ".5", ".123456", ",5", "."]
OFFSETS = [
    "",
    "Z",
    "z",
    "+01:00",
    "-09:30",
    "+0100",
    "+15:59",
    "-00:00",
    "+01",
    "+1",
    "+01:60",
    "\u221201:00",
]
OFFSETS += [" +01:00", "Z+01:00", "+01:00:30", " UTC", " EST", "Z BC", "PM"]

UNDER = [("UTC", "ISO, MDY"), ("America/New_York", "SQL, DMY"), ("Asia/Kolkata", "German, YMD")]


@pytest.mark.parametrize("form", FORMS)
def test_rfc_3339_with_an_offset_is_a_time(form):
    assert is_time(f"{DAY}{form}")


def test_anything_else_is_not():
    for value in [*REFUSED_TEXTS, None, 1796142000, 1.5, True, [], {}, b"x", datetime.now(UTC)]:
        assert not is_time(value), value


def test_the_example_in_the_refusal_is_a_time():
    assert is_time(EXPECTED.rpartition(" ")[2])


def test_postgresql_reads_a_time_as_the_same_one_under_every_setting(db):
    texts = [
        text for text in map("".join, product(DATES, SEPARATORS, TIMES, FRACTIONS, OFFSETS)) if is_time(text)
    ]
    # 4 dates, 3 separators, 2 times with 3 fractions and one without seconds, 7 offsets
    assert len(texts) == 4 * 3 * (2 * 3 + 1) * 7
    for zone, style in UNDER:
        db.execute(
            "select set_config('timezone', %s, false), set_config('datestyle', %s, false)", [zone, style]
        )
        found = db.execute(
            "select extract(epoch from t::timestamptz) as seconds"
            " from unnest(%s::text[]) with ordinality as u (t, place) order by place",
            [texts],
        )
        for text, row in zip(texts, found, strict=True):
            assert row["seconds"] == seconds(read(text)), text


def seconds(moment: datetime) -> Decimal:
    passed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return passed.days * 86400 + passed.seconds + Decimal(passed.microseconds) / 1_000_000
