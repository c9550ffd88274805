"""Messages show times in UTC, whatever the session's time zone."""

import pytest


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/St_Johns"])
def test_a_moment_reads_the_same_in_every_time_zone(db, zone):
    db.execute("select set_config('TimeZone', %s, false)", [zone])
    row = db.execute("select wingman.utc_text('2025-08-17 17:00:59+02') as text").fetchone()
    assert row == {"text": "2025-08-17 15:00 UTC"}
