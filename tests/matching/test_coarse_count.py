"""Numbers of people as users see them."""

import pytest


@pytest.mark.parametrize(
    ("people", "shown"), [(0, 0), (1, 3), (2, 3), (3, 3), (4, 6), (6, 6), (7, 9), (999, 999), (1000, 1002)]
)
def test_a_number_of_people_is_rounded_up_to_a_multiple_of_three(db, people, shown):
    assert db.execute("select wingman.coarse_count(%s) as shown", [people]).fetchone() == {"shown": shown}
