"""One row of settings, each inside its range."""

import psycopg
import pytest
from psycopg import sql
from rows import all_rows

BUCKETS = ("automatic_match", "respond", "confirm", "create_session", "profile", "report", "email")
OVER_A_YEAR = "8760 hours 0.000001 seconds"
OVER_A_WEEK = "168 hours 0.000001 seconds"
UP_TO_A_YEAR = ("0", "8760 hours", "-0.000001 seconds", OVER_A_YEAR)
A_MINUTE_TO_A_YEAR = ("1 minute", "8760 hours", "59.999999 seconds", OVER_A_YEAR)
UP_TO_A_DAY = ("0", "24 hours", "-0.000001 seconds", "24 hours 0.000001 seconds")
AN_HOUR_TO_TEN_YEARS = (
    "1 hour",
    "87600 hours",
    "59 minutes 59.999999 seconds",
    "87600 hours 0.000001 seconds",
)
# an answer is asked for before a report lapses, which by default is after two weeks
JUST_UNDER_TWO_WEEKS = "335 hours 59 minutes 59.999999 seconds"
# 0 fails as well, but by a division: the time for one call is made from it
LIMIT = ("1", "1000000", "-1", "1000001")
PERIOD = ("1 second", "8760 hours", "0.999999 seconds", OVER_A_YEAR)
# setting: the least and the greatest value allowed, and the values just outside
RANGES = {
    "match_lifetime": A_MINUTE_TO_A_YEAR,
    "rematch_after": UP_TO_A_YEAR,
    "session_start_lead": UP_TO_A_DAY,
    "session_horizon": ("1 hour", "8760 hours", "59 minutes 59.999999 seconds", OVER_A_YEAR),
    "settle_limit": ("0", "100", "-1", "101"),
    "level_relaxation": A_MINUTE_TO_A_YEAR,
    "exposure_limit": ("1", "1000", "0", "1001"),
    "exposure_window": A_MINUTE_TO_A_YEAR,
    "ghosting_limit": ("1", "100", "0", "101"),
    **{f"{bucket}_limit": LIMIT for bucket in BUCKETS},
    **{f"{bucket}_period": PERIOD for bucket in BUCKETS},
    "idempotency_retention": A_MINUTE_TO_A_YEAR,
    "journal_retention_months": ("1", "1200", "0", "1201"),
    "journal_drop_limit": ("1", "1200", "0", "1201"),
    "acceptance": ("either", "both", "", "Both"),
    "session_spacing": UP_TO_A_DAY,
    "no_show_grace": UP_TO_A_DAY,
    "no_show_window": A_MINUTE_TO_A_YEAR,
    "no_show_answer_within": ("1 minute", JUST_UNDER_TWO_WEEKS, "59.999999 seconds", OVER_A_YEAR),
    "no_show_decide_within": ("48 hours 0.000001 seconds", "8760 hours", "48 hours", OVER_A_YEAR),
    "no_show_memory": AN_HOUR_TO_TEN_YEARS,
    "cooldown_steps": ("{0}", f"{{{', '.join(['8760 hours'] * 20)}}}", "{}", f"{{{', '.join(['0'] * 21)}}}"),
    "match_expiring_before": UP_TO_A_YEAR,
    "session_reminder_before": UP_TO_A_YEAR,
    "session_reminder_again": UP_TO_A_YEAR,
    "agreement_reminder_before": UP_TO_A_YEAR,
    "confirmation_reminder_after": UP_TO_A_YEAR,
    "notifications_per_day": ("1", "1000", "0", "1001"),
    "notification_retention": AN_HOUR_TO_TEN_YEARS,
    "email_confirmation_lifetime": ("1 hour", "8760 hours", "59 minutes 59.999999 seconds", OVER_A_YEAR),
    "push_hosts": (
        "{}",
        f"{{*.{'a' * 60}.example, {', '.join(f'push-{n}.example' for n in range(99))}}}",
        f"{{{', '.join(f'push-{n}.example' for n in range(101))}}}",
        "{push.example, null}",
    ),
    "delivery_time_limit": ("1 second", "5 minutes", "0.999999 seconds", "5 minutes 0.000001 seconds"),
    "delivery_retries": (
        "{1 second}",
        f"{{{', '.join(['168 hours'] * 20)}}}",
        "{0.999999 seconds}",
        f"{{5 seconds, {OVER_A_WEEK}}}",
    ),
    "delivery_retention": AN_HOUR_TO_TEN_YEARS,
    "leaderboard_city_minimum": ("1", "1000", "0", "1001"),
}
SWITCHES = {"realtime"}
MAY_BE_NULL = {"level_relaxation"}
INTERVALS = [name for name, (_, most, *_) in RANGES.items() if most.endswith(("hours", "seconds"))]
# a day of an interval is not always 24 hours long
CALENDAR = ("1 day", "1 mon", "1 day 2 hours")


def change(db, name, value):
    db.execute(
        sql.SQL("update wingman.settings set {} = {}").format(sql.Identifier(name), sql.Literal(value))
    )


def test_every_setting_has_its_range(db):
    columns = db.execute(
        """select attname::text as name from pg_attribute
           where attrelid = 'wingman.settings'::regclass
               and attnum > 0 and attgenerated = '' and attname <> 'id'"""
    )
    assert {row["name"] for row in columns} == RANGES.keys() | SWITCHES


def test_the_defaults_are_those_of_the_contract(db):
    assert db.execute(
        "select match_lifetime = interval '48 hours' and rematch_after = interval '168 hours'"
        " and session_start_lead = interval '30 minutes' and session_horizon = interval '2160 hours'"
        " and settle_limit = 2 and acceptance = 'either' and session_spacing = interval '1 hour'"
        " and no_show_grace = interval '30 minutes' and no_show_window = interval '72 hours'"
        " and no_show_answer_within = interval '48 hours' and no_show_decide_within = interval '336 hours'"
        " and no_show_memory = interval '2160 hours'"
        " and report_limit = 10 and report_period = interval '24 hours'"
        " and match_expiring_before = interval '12 hours' and session_reminder_before = interval '24 hours'"
        " and session_reminder_again = interval '1 hour' and agreement_reminder_before = interval '12 hours'"
        " and confirmation_reminder_after = interval '12 hours' and notifications_per_day = 20"
        " and notification_retention = interval '2160 hours'"
        " and email_limit = 3 and email_period = interval '24 hours'"
        " and email_confirmation_lifetime = interval '72 hours' and not realtime"
        " and leaderboard_city_minimum = 5"
        " and delivery_time_limit = interval '15 seconds' and delivery_retention = interval '168 hours'"
        " and delivery_retries = '{5 seconds, 5 minutes, 30 minutes, 2 hours, 5 hours, 10 hours, 14 hours,"
        " 20 hours, 24 hours}'"
        " and cooldown_steps = '{0, 24 hours, 72 hours, 168 hours}' as good from wingman.settings"
    ).fetchall() == [{"good": True}]


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_a_range_are_accepted(db, name):
    kept = sql.SQL("select {} = {} as kept from wingman.settings")
    for value in RANGES[name][:2]:
        change(db, name, value)
        found = db.execute(kept.format(sql.Identifier(name), sql.Literal(value))).fetchall()
        assert found == [{"kept": True}], value


@pytest.mark.parametrize("name", RANGES)
def test_values_outside_a_range_are_refused(db, name):
    before = all_rows(db)
    for value in RANGES[name][2:] + (CALENDAR if name in INTERVALS else ()):
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            change(db, name, value)
        assert caught.value.diag.constraint_name == f"settings_{name}", value
    assert all_rows(db) == before


@pytest.mark.parametrize(
    ("name", "values"),
    [
        *(
            ("cooldown_steps", steps)
            for steps in ("{null}", "{0, null}", "{{0}, {0}}", "{-1 second}", "{0, 1 day}", "{8761 hours}")
        ),
        *(
            ("delivery_retries", times)
            for times in ("{}", "{null}", "{{1 minute}, {1 minute}}", "{0}", "{1 minute, 1 day}")
        ),
        ("delivery_retries", f"{{{', '.join(['1 minute'] * 21)}}}"),
    ],
)
def test_each_length_of_a_list_is_within_its_range_in_hours(db, name, values):
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        change(db, name, values)
    assert caught.value.diag.constraint_name == f"settings_{name}"


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "push",
            "push.example.",
            ".example",
            "push..example",
            "-push.example",
            "push-.example",
        ),
        *("Push.example", "pösh.example", "push_.example", "push .example", "*", "*.example", "a.*.example"),
        *("push*.example", "**.push.example", "127.0.0.1", "push.example.1", "[::1]", "push.example:443"),
        *("https://push.example", "push.example/", "user@push.example"),
    ],
)
def test_a_push_service_is_named_by_its_host(db, host):
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        change(db, "push_hosts", ["push.example.org", host])
    assert caught.value.diag.constraint_name == "settings_push_hosts"


def test_no_report_lapses_before_its_answer_is_due(db):
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        change(db, "no_show_answer_within", "336 hours")
    assert caught.value.diag.constraint_name == "settings_no_show_decide_within"


@pytest.mark.parametrize("name", sorted(RANGES.keys() - MAY_BE_NULL | SWITCHES))
def test_no_setting_is_null(db, name):
    with pytest.raises(psycopg.errors.NotNullViolation):
        change(db, name, None)


@pytest.mark.parametrize(
    ("id_", "violation"),
    [(True, psycopg.errors.UniqueViolation), (False, psycopg.errors.CheckViolation)],
)
def test_there_is_no_second_row(db, id_, violation):
    before = all_rows(db)
    with pytest.raises(violation):
        db.execute("insert into wingman.settings (id) values (%s)", [id_])
    assert all_rows(db) == before
