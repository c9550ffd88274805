"""Ids are UUIDs of version 7: they sort by the time they were made."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def made(db):
    """A thousand ids made one after the other, and the database's clock before and after."""
    return db.execute(
        "with t as materialized (select clock_timestamp() as before),"
        " i as materialized (select array_agg(wingman.new_id() order by n) as ids"
        " from t, generate_series(1, 1000) as n)"
        " select before, ids, clock_timestamp() as after from t, i"
    ).fetchone()


def test_ids_are_version_7_of_the_rfc_variant(made):
    assert {(i.version, i.variant) for i in made["ids"]} == {(7, "specified in RFC 4122")}


def test_ids_never_repeat(made):
    assert len(set(made["ids"])) == 1000


def test_ids_begin_with_the_milliseconds_of_their_making(made):
    def moment(i):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=i.int >> 80)

    millisecond = timedelta(milliseconds=1)
    assert made["before"] - millisecond < moment(made["ids"][0])
    assert moment(made["ids"][-1]) <= made["after"]


def test_later_ids_sort_later_inside_a_millisecond_too(made):
    # 48 bits of milliseconds, then 12 bits of the fraction, around the 4 bits of the version
    times = [(i.int >> 80, i.int >> 64 & 0xFFF) for i in made["ids"]]
    assert times == sorted(times)
    assert len(set(times)) > len({milliseconds for milliseconds, _ in times})


def test_the_random_bits_are_random(made):
    assert len({i.int & (1 << 62) - 1 for i in made["ids"]}) == 1000


def test_the_database_compares_ids_as_python_does(db, made):
    row = db.execute("select array_agg(i order by i) as ids from unnest(%s::uuid[]) as i", [made["ids"]])
    assert row.fetchone()["ids"] == sorted(made["ids"])
