"""The tables hold the same limits against direct SQL."""

import psycopg
import pytest
from rows import all_rows

BEYOND = [
    ("user_profiles", "first_name = ''"),
    ("user_profiles", "first_name = repeat('A', 81)"),
    ("user_profiles", "experience_level = 'expert'"),
    ("user_profiles", "bio = repeat('b', 401)"),
    ("user_profiles", "photo_url = 'http://example.org/'"),
    ("user_profiles", "confidence_archetype = repeat('c', 101)"),
    ("user_profiles", "first_name = ' '"),
    ("user_profiles", "photo_url = 'https://example.org/' || repeat('u', 481)"),
    ("user_locations", "lat = 'NaN'"),
    ("user_locations", "lat = 90.5"),
    ("user_locations", "lng = 'Infinity'"),
    ("user_locations", "lng = -180.5"),
    ("user_locations", "city = repeat('c', 101)"),
    ("user_locations", "privacy_mode = 'secret'"),
    ("user_locations", "privacy_mode = 'city_only', city = null"),
    ("user_locations", "max_travel_miles = 101"),
]


@pytest.mark.parametrize(("table", "assignment"), BEYOND)
def test_direct_sql_cannot_write_beyond_the_limits(db, people, table, assignment):
    people.add()
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(f"update public.{table} set {assignment}")
    assert all_rows(db) == before


def test_a_profile_needs_an_account(db):
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.execute(
            "insert into public.user_profiles (id, first_name, experience_level)"
            " values (gen_random_uuid(), 'Ana', 'beginner')"
        )
