"""Every rule of matching, its name, and whether its limit is inclusive."""

import re

import pytest
from matching_rules import RULES
from plain_search import LEVELS
from rows import make_match

# two records at the instant of the statement: what is not named is as it stands in the tables
OBSTACLE = """
    select wingman.match_obstacle(
        jsonb_populate_record(s, jsonb_build_object({seeker})),
        jsonb_populate_record(c, jsonb_build_object({candidate})),
        {miles},
        {radius},
        jsonb_populate_record(t, jsonb_build_object({settings}))
    ) as obstacle
    from wingman.matchmaking_pool as s
    cross join wingman.matchmaking_pool as c
    cross join wingman.settings as t
    where s.user_id = %s and c.user_id = %s
"""

DISTANCE = "wingman.distance_miles(s.grid_lat, s.grid_lng, c.grid_lat, c.grid_lng)"


@pytest.fixture
def pair(people):
    return people.add(), people.add()


def obstacle(db, pair, miles=0, radius=25, **records):
    """The obstacle; ``records``: for ``seeker``, ``candidate``, ``settings`` columns as SQL expressions."""
    changed = {
        record: ", ".join(f"'{name}', {value}" for name, value in records.get(record, {}).items())
        for record in ("seeker", "candidate", "settings")
    }
    return db.execute(OBSTACLE.format(miles=miles, radius=radius, **changed), pair).fetchone()["obstacle"]


def ago(length):
    """The moment so long ago, to the microsecond."""
    return f"statement_timestamp() - interval '{length}'"


def exposures(*lengths):
    return {"exposures": f"array[{', '.join(map(ago, lengths))}]::timestamptz[]"}


def levels(seeker, candidate):
    return {"seeker": {"level": seeker}, "candidate": {"level": candidate}}


@pytest.mark.parametrize(
    ("somebody", "name"),
    [
        pytest.param(somebody, rule.obstacle, id=somebody.__name__)
        for rule in RULES
        for somebody in rule.arranged
    ],
)
def test_each_rule_keeps_somebody_from_being_offered(db, rpc, people, somebody, name):
    ana = people.add()
    pair = ana, somebody(db, rpc, people, ana)
    assert obstacle(db, pair, DISTANCE) == name


def test_two_free_people_at_one_place_fit(db, pair):
    assert obstacle(db, pair) is None


@pytest.mark.parametrize("automatically", ["true", "false"])
def test_somebody_paused_is_not_offered(db, pair, automatically):
    paused = {"paused": "true", "paused_automatically": automatically}
    assert obstacle(db, pair, candidate=paused) == "paused"


def test_somebody_with_a_pending_match_is_not_offered(db, pair):
    assert obstacle(db, pair, candidate={"pending_match_id": "gen_random_uuid()"}) == "has_pending_match"


@pytest.mark.parametrize(("miles", "rule"), [(6.999999, None), (7, None), (7.000001, "too_far")])
def test_a_distance_equal_to_the_radius_fits(db, pair, miles, rule):
    assert obstacle(db, pair, miles, 7) == rule


@pytest.mark.parametrize(("miles", "rule"), [(6.999999, None), (7, None), (7.000001, "too_far_for_them")])
def test_a_distance_equal_to_what_the_other_travels_fits(db, pair, miles, rule):
    assert obstacle(db, pair, miles, candidate={"max_travel_miles": 7}) == rule


def test_what_the_seeker_travels_is_not_asked(db, pair):
    assert obstacle(db, pair, 7, seeker={"max_travel_miles": 1}) is None


@pytest.mark.parametrize("theirs", [1, 2, 3])
@pytest.mark.parametrize("mine", [1, 2, 3])
def test_levels_more_than_one_apart_do_not_fit(db, pair, mine, theirs):
    assert len(LEVELS) == 3
    expected = "level" if {mine, theirs} == {1, 3} else None
    assert obstacle(db, pair, **levels(mine, theirs)) == expected


@pytest.mark.parametrize("waiting", ["seeker", "candidate"])
@pytest.mark.parametrize(
    ("waited", "rule"),
    [("0", "level"), ("05:59:59.999999", "level"), ("06:00:00", None)],
)
def test_levels_two_apart_fit_once_one_of_the_two_has_waited_long_enough(db, pair, waiting, waited, rule):
    records = levels(1, 3)
    records["seeker"]["waiting_since"] = records["candidate"]["waiting_since"] = ago("1 minute")
    records[waiting]["waiting_since"] = ago(waited)
    assert obstacle(db, pair, settings={"level_relaxation": "'6 hours'"}, **records) == rule


def test_without_relaxation_no_wait_is_long_enough(db, pair):
    records = levels(1, 3)
    records["seeker"]["waiting_since"] = ago("9000 hours")
    assert obstacle(db, pair, **records) == "level"


@pytest.mark.parametrize(("times", "rule"), [(0, None), (9, None), (10, "found_often"), (11, "found_often")])
def test_somebody_found_ten_times_in_24_hours_is_not_offered(db, pair, times, rule):
    found = exposures(*["5 hours"] * times)
    assert obstacle(db, pair, candidate=found) == rule
    assert obstacle(db, pair, seeker=found) is None


@pytest.mark.parametrize(("limit", "rule"), [(2, "found_often"), (3, None)])
def test_the_cap_is_the_one_of_the_settings(db, pair, limit, rule):
    found = exposures("5 hours", "4 hours")
    assert obstacle(db, pair, candidate=found, settings={"exposure_limit": limit}) == rule


@pytest.mark.parametrize(
    ("oldest", "rule"),
    [
        ("24:00:00.000001", None),
        ("24:00:00", None),
        ("23:59:59.999999", "found_often"),
    ],
)
def test_being_found_exactly_24_hours_ago_does_not_count(db, pair, oldest, rule):
    found = exposures(oldest, "1 hour")
    assert obstacle(db, pair, candidate=found, settings={"exposure_limit": 2}) == rule


@pytest.mark.parametrize(("window", "rule"), [("3 hours", None), ("6 hours", "found_often")])
def test_the_window_is_the_one_of_the_settings(db, pair, window, rule):
    settings = {"exposure_limit": 1, "exposure_window": f"'{window}'"}
    assert obstacle(db, pair, candidate=exposures("5 hours"), settings=settings) == rule


@pytest.mark.parametrize("blocker", [0, 1])
def test_a_block_binds_in_both_directions(db, people, pair, blocker):
    query = "insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s)"
    db.execute(query, [pair[blocker], pair[1 - blocker]])
    assert obstacle(db, pair) == obstacle(db, pair[::-1]) == "blocked"
    cem = people.add()
    assert [obstacle(db, (user_id, cem)) for user_id in pair] == [None, None]


@pytest.mark.parametrize(
    ("state", "rule"),
    [
        ("accepted", "partners"),
        ("ended", "met_recently"),
        ("declined", "met_recently"),
        ("expired", "met_recently"),
    ],
)
def test_people_who_met_are_kept_apart(db, pair, state, rule):
    make_match(db, *pair, state)
    assert obstacle(db, pair) == obstacle(db, pair[::-1]) == rule


@pytest.mark.parametrize("state", ["accepted", "ended", "declined", "expired"])
def test_after_a_year_only_an_accepted_match_that_has_not_ended_keeps_them_apart(db, pair, state):
    make_match(db, *pair, state)
    db.execute("update public.wingman_matches set created_at = created_at - interval '400 days'")
    assert obstacle(db, pair) == ("partners" if state == "accepted" else None)


def test_the_vocabulary_knows_every_rule_and_no_other(db):
    bodies = db.execute(
        """select pg_get_functiondef(oid) as text from pg_proc
           where proname in ('candidate_obstacle', 'pair_obstacle')
               and pronamespace = 'wingman'::regnamespace"""
    )
    names = {name for body in bodies for name in re.findall(r"(?:THEN|ELSE) '(\w+)'::text", body["text"])}
    rows = db.execute("select * from wingman.matching_rules()").fetchall()
    assert names == {row["obstacle"] for row in rows}
    assert [
        (row["obstacle"], row["rule"], row["counted_as"], row["searcher_detail"] is not None) for row in rows
    ] == [(rule.obstacle, rule.rule, rule.counted_as, rule.told is not None) for rule in RULES]
    # each rule occurs once
    told = [rule.rule for rule in RULES if rule.told]
    assert sorted(told) == sorted({rule.rule for rule in RULES})
