"""The table of calls has all API functions, so that none escapes the tests that loop over it."""

import pytest
from calls import CALLS, NOBODY, OPTIONAL, READING, REQUIRED, TIMES, WRITING
from harness import Connection


def api_functions(db: Connection) -> list[dict]:
    return db.execute(
        "select proname, provolatile, proargnames[:pronargs] as arguments from pg_proc"
        " where pronamespace = 'public'::regnamespace"
        " and proowner = 'wingman_owner'::regrole"
    ).fetchall()


def test_every_api_function_is_in_the_table(db):
    assert sorted(function["proname"] for function in api_functions(db)) == sorted(CALLS)


def test_the_calls_are_read_whole():
    assert len(CALLS) > 20
    assert WRITING["respond_to_match"] == {"match_id": NOBODY, "action": "accept"}
    assert READING["list_matches"] == {}
    assert REQUIRED["list_matches"] == ["page_size"]
    assert OPTIONAL["complete_profile"] == ["city", "bio", "photo_url", "confidence_archetype"]


def test_every_time_is_in_the_table_and_has_an_offset(db):
    # category D: dates and times of every kind
    found = db.execute(
        """select p.proname, p.proargnames[a.place] as argument, t.typname
        from pg_proc as p, unnest(p.proargtypes) with ordinality as a (type, place), pg_type as t
        where p.pronamespace = 'public'::regnamespace and p.proowner = 'wingman_owner'::regrole
            and t.oid = a.type and t.typcategory = 'D'"""
    ).fetchall()
    dates = [(row["proname"], row["argument"]) for row in found if row["typname"] == "date"]
    # a day has no offset
    assert dates == [("get_leaderboard", "starting")]
    assert sorted((row["proname"], row["argument"]) for row in found) == sorted([*TIMES, *dates])
    assert {row["typname"] for row in found} == {"date", "timestamptz"}
    assert ("create_session", "scheduled_time") in TIMES


def test_every_argument_is_required_or_optional(db):
    for function in api_functions(db):
        name = function["proname"]
        guard = {"user_id", "idempotency_key"} if name in WRITING else {"user_id"}
        known = {*REQUIRED.get(name, []), *OPTIONAL.get(name, []), *guard}
        assert set(function["arguments"]) == known, name


@pytest.mark.parametrize(("volatility", "functions"), [("v", WRITING), ("s", READING)])
def test_writing_functions_are_volatile_and_reading_ones_stable(db, volatility, functions):
    found = {f["proname"] for f in api_functions(db) if f["provolatile"] == volatility}
    assert found == set(functions)
