"""How long Retry-After asks to wait: seconds, or a time."""

from datetime import UTC, datetime

import pytest
from wingmanmatch.deliver.posting import seconds_of

NOW = datetime(2030, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sat, 04 May 2030 12:02:00 GMT", 120),
        ("Saturday, 04-May-30 12:02:00 GMT", 120),
        ("Sat, 04 May 2030 14:02:00 +0200", 120),
        ("Sat, 04 May 2030 11:59:00 GMT", 0),
        ("Sat, 04 May 2030 12:02:00", 120),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("9" * 400, None),
        ("Sat, 99 May 2030 12:02:00 GMT", None),
    ],
)
def test_it_has_seconds_or_a_time(text, seconds):
    assert seconds_of(text, NOW) == seconds
