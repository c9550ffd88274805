"""Operators read and change the settings; who did so, when and why is on record."""

import json

import psycopg
import pytest
from answers import refused
from harness import OPERATOR
from psycopg.types.json import Jsonb

CLOCK = "must be within its range, in hours, minutes and seconds"
TYPE = "must be a number, a word, true or false, a duration or a list, as it is now"
CHANGE = "wingman_admin.change_settings"


def change(operator, changes, reason="A quiet week"):
    return operator.call(CHANGE, changes=Jsonb(changes), reason=reason)["message"]


def settings(connection):
    return {
        row["name"]: row["value"]
        for row in connection.execute("select name, value from wingman_admin.settings")
    }


def test_an_operator_reads_them_all_with_what_they_mean(db, operator):
    rows = operator.connection.execute("select * from wingman_admin.settings").fetchall()
    columns = db.execute(
        """select a.attname::text as name from pg_attribute as a
           where a.attrelid = 'wingman.settings'::regclass and a.attnum > 0 and a.attgenerated = ''
               and a.attname <> 'id' and not a.attisdropped"""
    ).fetchall()
    assert {row["name"] for row in rows} == {row["name"] for row in columns}
    assert all(row["meaning"] for row in rows)


def test_a_change_is_recorded_with_its_reason(db, operator):
    changes = {"match_lifetime": "24 hours", "respond_limit": 5, "level_relaxation": "48:00"}
    assert change(operator, changes) == "Settings changed."
    assert {**settings(db), "x": None} == {
        **settings(db),
        "match_lifetime": "24:00:00",
        "respond_limit": "5",
        "level_relaxation": "48:00:00",
        "x": None,
    }
    history = db.execute(
        "select login, name, value_before, value_after, reason from wingman_admin.settings_history"
    ).fetchall()
    common = {"login": OPERATOR, "reason": "A quiet week"}
    assert history == [
        {"name": "level_relaxation", "value_before": None, "value_after": "48:00:00", **common},
        {"name": "match_lifetime", "value_before": "48:00:00", "value_after": "24:00:00", **common},
        {"name": "respond_limit", "value_before": "60", "value_after": "5", **common},
    ]
    (event,) = db.execute(
        """select details, call, login, decision_id
           from wingman_admin.audit_log where kind = 'settings_changed'"""
    ).fetchall()
    (decision,) = db.execute("select id from wingman_admin.decisions").fetchall()
    assert (event["call"], event["login"], event["decision_id"]) == (
        "change_settings",
        OPERATOR,
        decision["id"],
    )
    assert event["details"]["after"]["match_lifetime"] == "24:00:00"


def test_every_setting_can_be_changed(db, operator):
    columns = db.execute(
        """select a.attname::text as name, a.atttypid::regtype::text as type
           from pg_attribute as a
           where a.attrelid = 'wingman.settings'::regclass and a.attnum > 0 and a.attgenerated = ''
               and a.attname <> 'id' and not a.attisdropped"""
    ).fetchall()
    before = settings(db)
    new = {column["name"]: "25:00:00" if column["type"] == "interval" else "7" for column in columns}
    new |= {
        "session_start_lead": "01:00:00",
        "session_spacing": "02:00:00",
        "no_show_grace": "02:00:00",
        "no_show_decide_within": "26:00:00",
        "acceptance": "both",
        "cooldown_steps": ["01:00:00", "02:00:00"],
        "push_hosts": ["push.example.com", "*.example.org"],
        "delivery_time_limit": "00:01:00",
        "delivery_retries": ["00:00:01"],
        "realtime": "true",
    }
    assert len(new) > 20
    assert change(operator, new) == "Settings changed."
    lists = {name: json.dumps(value) for name, value in new.items() if isinstance(value, list)}
    assert settings(db) == new | lists
    assert [name for name in new if new[name] == before[name]] == []


def test_null_switches_off_what_may_be_null(db, operator):
    change(operator, {"level_relaxation": "24 hours"})
    change(operator, {"level_relaxation": None})
    assert settings(db)["level_relaxation"] is None
    argument, rule = "match_lifetime", "must be within its range"
    with refused(db, "invalid_argument", 400, f"{argument} {rule}", argument=argument, rule=rule):
        change(operator, {"match_lifetime": None})


def test_what_is_so_already_is_no_decision(db, operator):
    assert change(operator, {"match_lifetime": "48 hours"}) == "These are the settings already."
    assert change(operator, {"settle_limit": 2}) == "These are the settings already."
    assert db.execute("select from wingman.operator_decisions").fetchall() == []


@pytest.mark.parametrize(
    ("changes", "argument", "rule"),
    [
        ({"settle_limit": 101}, "settle_limit", "must be within its range"),
        ({"match_lifetime": "30 seconds"}, "match_lifetime", CLOCK),
        ({"match_lifetime": "2 days"}, "match_lifetime", CLOCK),
        ({"respond_limit": 0}, "respond_limit", "must be within its range"),
        ({"settle_limit": 3, "respond_limit": -1}, "respond_limit", "must be within its range"),
        ({"match_lifetime": "soon"}, "match_lifetime", TYPE),
        ({"settle_limit": "many"}, "settle_limit", TYPE),
        ({"settle_limit": 1.5}, "settle_limit", TYPE),
        ({"settle_limit": 99999999999}, "settle_limit", TYPE),
        ({"settle_limit": {"a": 1}}, "settle_limit", TYPE),
        ({"acceptance": "neither"}, "acceptance", "must be either or both"),
        ({"cooldown_steps": "24 hours"}, "cooldown_steps", TYPE),
        ({"cooldown_steps": "{}"}, "cooldown_steps", CLOCK),
        ({"cooldown_steps": []}, "cooldown_steps", "must be within its range"),
        ({"cooldown_steps": ["1 day"]}, "cooldown_steps", "must be within its range"),
        (
            {"no_show_answer_within": "336 hours"},
            "no_show_decide_within",
            "must be within its range, and longer than no_show_answer_within",
        ),
        ({"respond_cost": "1 minute"}, "changes", "has no setting respond_cost"),
        ({"id": False}, "changes", "has no setting id"),
        ({"match_lifetime": "24 hours", 'x" or 1': 2}, "changes", 'has no setting x" or 1'),
        ({}, "changes", "must be an object with the settings to change"),
        ([], "changes", "must be an object with the settings to change"),
        ("match_lifetime", "changes", "must be an object with the settings to change"),
    ],
)
def test_a_value_that_breaks_a_rule_changes_nothing(db, operator, changes, argument, rule):
    with refused(db, "invalid_argument", 400, f"{argument} {rule}", argument=argument, rule=rule):
        change(operator, changes)


@pytest.mark.parametrize("argument", ["changes", "reason"])
def test_every_argument_is_needed(db, operator, argument):
    given = {"changes": Jsonb({"settle_limit": 3}), "reason": "x", argument: None}
    with refused(db, "missing_argument", 400, f"{argument} is required", argument=argument):
        operator.call(CHANGE, **given)


def test_users_and_plain_logins_change_nothing(db, rpc, people):
    caller = rpc.as_user(people.add())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        caller.connection.execute("set role authenticated")
        caller.connection.execute("select from wingman_admin.change_settings('{}', 'x')")
