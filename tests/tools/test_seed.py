"""``wingman seed`` in a real database."""

import subprocess

import pytest
from wingmanmatch.demo.people import people

ROWS = """
    select u.id, first_name, bio, experience_level, confidence_archetype, lat, lng, city, privacy_mode,
        l.max_travel_miles
    from auth.users as u
    join public.user_profiles as p on p.id = u.id
    join public.user_locations as l on l.user_id = u.id
    join wingman.matchmaking_pool as s on s.user_id = u.id
    order by u.id
"""
COUNTS = """
    select (select count(*) from auth.users) as users,
        (select count(*) from public.user_profiles) as profiles,
        (select count(*) from public.user_locations) as locations,
        (
            select count(*) from wingman.matchmaking_pool where not paused and pending_match_id is null
        ) as seekers
"""


@pytest.fixture
def seed(wingman, database_url):
    def run(users: int, seed: int, url: str = database_url) -> subprocess.CompletedProcess[str]:
        return wingman("seed", "--users", str(users), "--seed", str(seed), url=url)

    return run


def rows(db):
    return [tuple(row.values()) for row in db.execute(ROWS)]


def counts(db):
    return set(db.execute(COUNTS).fetchone().values())


def test_the_rows_are_the_people_of_the_seed(db, seed):
    done = seed(300, seed=7)
    assert (done.returncode, done.stderr) == (0, "")
    assert "300 people" in done.stdout
    assert counts(db) == {300}
    assert rows(db) == [(*p[:5], p.lat, p.lng, p.city.name, *p[8:]) for p in people(300, seed=7)]


def test_the_tables_are_analyzed(db, seed):
    seed(300, seed=7)
    estimates = db.execute(
        """
        select distinct reltuples from pg_class
        where oid in ('auth.users'::regclass, 'public.user_profiles'::regclass,
            'public.user_locations'::regclass, 'wingman.matchmaking_pool'::regclass)
        """
    ).fetchall()
    assert estimates == [{"reltuples": 300}]


def test_the_same_seed_again_is_refused_and_changes_nothing(db, seed):
    seed(50, seed=7)
    before = rows(db)
    for users in (50, 80):
        again = seed(users, seed=7)
        assert (again.returncode, again.stderr) == (
            1,
            "wingman: The people of seed 7 are already there: use another --seed\n",
        )
        assert rows(db) == before


def test_another_seed_adds_people(db, seed):
    seed(50, seed=7)
    assert seed(70, seed=8).returncode == 0
    assert counts(db) == {120}


def test_seeded_people_find_each_other(db, seed, rpc):
    seed(2_000, seed=7)
    crowded = "select city from public.user_locations group by city order by count(*) desc limit 1"
    found = [
        rpc.as_user(row["user_id"]).call("create_automatic_match")
        for row in db.execute(
            f"select user_id from public.user_locations where city = ({crowded}) order by user_id"
        )
    ]
    assert any(answer["success"] for answer in found)


def test_a_login_without_the_right_is_refused_in_one_line(db, database_url, seed):
    done = seed(5, seed=7, url=f"{database_url}{'&' if '?' in database_url else '?'}user=authenticator")
    assert done.returncode == 1
    assert done.stderr.startswith("wingman: permission denied")
    assert done.stderr.count("\n") == 1
    assert counts(db) == {0}
