"""add_achievement: who may add one, what is refused, and two operators at once."""

import psycopg
import pytest
from contract_errors import refused
from harness import OPERATOR, RpcError
from rows import all_rows

ADD = "wingman_admin.add_achievement"
TOLD = {
    "name": "ten_in_a_row",
    "title": "Ten weeks in a row",
    "description": "Complete a session in each of 10 weeks in a row.",
    "metric": "weeks_in_a_row",
    "threshold": 10,
    "reason": "Between four and twelve",
}
NAME = "must be 1 to 50 lower-case letters, digits and underscores, and begin with a letter"
METRIC = "must be completed_sessions, different_buddies, weeks_in_a_row or sessions_with_beginners"


def test_it_is_there_and_on_record(db, operator):
    assert operator.call(ADD, **TOLD) == {
        "success": True,
        "message": "Achievement added: the readers will award it to everybody who has reached it already.",
    }
    shown = operator.connection.execute(
        "select * from wingman_admin.achievements where name = 'ten_in_a_row'"
    ).fetchone()
    described = {name: value for name, value in TOLD.items() if name != "reason"}
    assert shown == {**described, "is_being_awarded": True}
    [decision] = db.execute("select * from wingman.operator_decisions")
    assert (decision["kind"], decision["subject_id"]) == ("achievement_added", None)
    assert (decision["login"], decision["reason"]) == (OPERATOR, TOLD["reason"])
    assert decision["details"] == described
    db.execute("select wingman.run_readers()")
    shown = db.execute("select is_being_awarded from wingman_admin.achievements").fetchall()
    assert {row["is_being_awarded"] for row in shown} == {False}


@pytest.mark.parametrize("argument", TOLD)
@pytest.mark.representatives("name", "reason")
def test_nothing_may_be_missing(db, operator, argument):
    before = all_rows(db)
    with refused(db, "missing_argument", argument=argument):
        operator.call(ADD, **{**TOLD, argument: None})
    assert all_rows(db) == before


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        *[("name", value, NAME) for value in ("", "Ten", "1st", "a b", "a" * 51, "ten\n", "zehnß")],
        ("name", "first_session", "must not be that of another achievement"),
        *[("title", value, "must be 1 to 80 characters") for value in ("", " \u200b", "a" * 81)],
        ("title", "Two\nlines", "must be one line without control characters"),
        ("title", "\u0007", "must be 1 to 80 characters"),
        *[("description", value, "must be 1 to 200 characters") for value in ("", "\u3164", "a" * 201)],
        ("description", "Two\rlines", "must be one line without control characters"),
        *[("metric", value, METRIC) for value in ("", "no_shows", "Weeks_in_a_row")],
        *[("threshold", value, "must be 1 to 1000000") for value in (0, -1, 1_000_001)],
        *[("reason", value, "must be 1 to 500 characters") for value in ("", "a" * 501)],
    ],
)
@pytest.mark.representatives("name-first*", "metric-no_shows*", "threshold-0*", "title-aa*")
def test_a_bad_argument_is_refused_and_changes_nothing(db, operator, argument, value, rule):
    before = all_rows(db)
    with refused(db, "invalid_argument", argument=argument, rule=rule):
        operator.call(ADD, **{**TOLD, argument: value})
    assert all_rows(db) == before


@pytest.mark.parametrize(
    ("argument", "value"), [("name", "a" * 50), ("title", "ß" * 80), ("threshold", 10**6)]
)
@pytest.mark.exhaustive
def test_the_greatest_are_taken(operator, argument, value):
    assert operator.call(ADD, **{**TOLD, argument: value})["success"]


@pytest.mark.parametrize("rolled_back", [False, True])
def test_of_two_operators_with_one_name_the_second_waits_and_is_refused(db, race, rolled_back):
    first, second = (race.operation(ADD, **{**TOLD, "title": title}) for title in ("One", "Other"))
    met = race.collide(first, second, rolled_back=rolled_back)
    if rolled_back:
        assert met.second["success"]
    else:
        assert isinstance(met.second, RpcError)
        assert met.second.message == "name must not be that of another achievement"
        assert met.second_wrote == set()
    titles = db.execute("select title from wingman.achievements where name = 'ten_in_a_row'").fetchall()
    assert titles == [{"title": "Other" if rolled_back else "One"}]
    decisions = db.execute("select details ->> 'title' as title from wingman.operator_decisions").fetchall()
    assert decisions == titles


@pytest.mark.parametrize("who", ["as_anon", "as_user", "as_worker"])
def test_nobody_else_may(db, rpc, people, who):
    caller = rpc.as_user(people.add()) if who == "as_user" else getattr(rpc, who)()
    with pytest.raises(RpcError) as caught:
        caller.call(ADD, **TOLD)
    assert caught.value.sqlstate == "42501"


def test_the_table_takes_no_other_metric_either(db):
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("update wingman.achievements set metric = 'no_shows' where name = 'mentor'")
