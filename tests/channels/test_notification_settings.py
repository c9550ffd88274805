"""get_notification_settings and set_notification_settings: what is answered, and what is refused."""

from uuid import uuid4

import pytest
from contract_errors import refused
from psycopg import IsolationLevel

GET, SET = "get_notification_settings", "set_notification_settings"
DEFAULTS = {
    "kinds": None,
    "language": "en",
    "quiet_from": None,
    "quiet_until": None,
    "time_zone": "UTC",
    "address": None,
    "is_reachable": False,
}
QUIET = {"quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Europe/Berlin"}
EVERYTHING = {"kinds": ["session_moved", "match_offered"], "language": "de", **QUIET}


def get(rpc, user_id):
    return rpc.as_user(user_id).call(GET)


def put(rpc, user_id, channel="email", **more):
    return rpc.as_user(user_id).call(SET, channel=channel, **more)


class TestGet:
    def test_what_stands_without_settings(self, rpc, ana):
        channels = [{"channel": channel, **DEFAULTS} for channel in ("email", "web_push")]
        assert get(rpc, ana) == channels

    def test_each_channel_has_its_own(self, rpc, ana, ben):
        told = put(rpc, ana, "web_push", **EVERYTHING)
        assert told == {"channel": "web_push", **DEFAULTS, **EVERYTHING}
        assert get(rpc, ana) == [{"channel": "email", **DEFAULTS}, told]
        told = put(rpc, ana, "email", kinds=[])
        assert told == {"channel": "email", **DEFAULTS, "kinds": []}
        assert [row["kinds"] for row in get(rpc, ana)] == [[], EVERYTHING["kinds"]]
        assert get(rpc, ben) == [{"channel": channel, **DEFAULTS} for channel in ("email", "web_push")]

    def test_what_is_left_out_takes_its_default(self, rpc, ana):
        put(rpc, ana, "web_push", **EVERYTHING)
        assert put(rpc, ana, "web_push") == {"channel": "web_push", **DEFAULTS}
        assert get(rpc, ana)[1] == {"channel": "web_push", **DEFAULTS}

    def test_the_settings_of_an_erased_user_go(self, db, rpc, ana):
        put(rpc, ana, "web_push", **EVERYTHING)
        rpc.as_user(ana).call("erase_my_account", confirmation="erase")
        assert db.execute("select from wingman.channel_settings").fetchall() == []

    def test_reading_needs_no_transaction_that_writes(self, rpc, ana):
        caller = rpc.as_user(ana)
        caller.connection.read_only = True
        assert len(caller.call(GET)) == 2


KINDS = "must be a list of kinds of notifications"
ZONE = "must be the name of a time zone such as Europe/Berlin"
FROM, UNTIL = "must be a time of day such as 22:00", "must be a time of day such as 07:00"


class TestRules:
    @pytest.mark.parametrize("channel", ["", "Email", "email ", "webhook", "realtime", "sms", "e" * 100_000])
    def test_of_the_channel(self, db, rpc, ana, channel):
        rule = "must be email or web_push"
        with refused(db, "invalid_argument", argument="channel", rule=rule):
            put(rpc, ana, channel)

    @pytest.mark.parametrize(
        "kinds",
        [
            ["email_confirmation"],
            ["session_moved", None],
            ["session_moved", ""],
            ["SESSION_MOVED"],
            ["match_created"],
            [["session_moved"]],
            [["session_moved", "match_offered"], ["match_ended", "match_declined"]],
            ["session_moved"] * 101,
        ],
        ids=range(8),
    )
    def test_of_the_kinds(self, db, rpc, ana, kinds):
        with refused(db, "invalid_argument", argument="kinds", rule=KINDS):
            put(rpc, ana, kinds=kinds)

    def test_every_kind_is_one(self, db, rpc, ana):
        kinds = [row["kind"] for row in db.execute("select kind from wingman.notification_kinds()")]
        assert put(rpc, ana, kinds=kinds)["kinds"] == kinds
        assert put(rpc, ana, kinds=["session_moved"] * 100)["kinds"] == ["session_moved"] * 100
        assert put(rpc, ana, kinds=[])["kinds"] == []
        assert put(rpc, ana, kinds=None)["kinds"] is None

    @pytest.mark.parametrize("language", ["", "EN", "de ", "fr", "en-GB"])
    def test_of_the_language(self, db, rpc, ana, language):
        with refused(db, "invalid_argument", argument="language", rule="must be en or de"):
            put(rpc, ana, language=language)

    @pytest.mark.parametrize(
        "time",
        [
            "",
            "7:00",
            "24:00",
            "23:60",
            "07:00:00",
            "07:00 ",
            "07.00",
            "\u0660\u0667:\u0660\u0660",
            "07:00\n",
            "-1:00",
            "now",
            "x" * 99,
        ],
    )
    @pytest.mark.parametrize(("argument", "rule"), [("quiet_from", FROM), ("quiet_until", UNTIL)])
    def test_of_a_time(self, db, rpc, ana, time, argument, rule):
        with refused(db, "invalid_argument", argument=argument, rule=rule):
            put(rpc, ana, **{**QUIET, argument: time})

    @pytest.mark.parametrize(("one", "other"), [("00:00", "23:59"), ("23:59", "00:00"), ("12:00", "12:01")])
    def test_any_two_times_of_a_day_are_quiet_hours(self, rpc, ana, one, other):
        told = put(rpc, ana, quiet_from=one, quiet_until=other)
        assert (told["quiet_from"], told["quiet_until"]) == (one, other)

    @pytest.mark.parametrize(
        ("given", "missing"), [("quiet_from", "quiet_until"), ("quiet_until", "quiet_from")]
    )
    def test_of_half_of_the_quiet_hours(self, db, rpc, ana, given, missing):
        with refused(db, "invalid_argument", argument=missing, rule=f"must be given with {given}"):
            put(rpc, ana, **{given: "07:00"})

    def test_of_quiet_hours_without_length(self, db, rpc, ana):
        rule = "must differ from quiet_from"
        with refused(db, "invalid_argument", argument="quiet_until", rule=rule):
            put(rpc, ana, quiet_from="07:00", quiet_until="07:00")

    @pytest.mark.parametrize(
        "time_zone",
        [
            "",
            "Mars/Olympus",
            "UTC ",
            "ABC-3",
            "<x>-5",
            "+02",
            "+02:00",
            "2",
            "../../etc/passwd",
            "Europe//Berlin",
            "Europe/Berlin\n",
            "Europe/Berl'in",
            "Europa/Köln",
            "infinity",
            "now",
            f"Europe/{'x' * 60}",
        ],
    )
    def test_of_the_time_zone(self, db, rpc, ana, time_zone):
        with refused(db, "invalid_argument", argument="time_zone", rule=ZONE):
            put(rpc, ana, time_zone=time_zone)

    @pytest.mark.parametrize(
        "time_zone",
        [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "America/Port-au-Prince",
            "Etc/GMT+12",
            "Asia/Kathmandu",
        ],
    )
    def test_a_time_zone(self, rpc, ana, time_zone):
        assert put(rpc, ana, time_zone=time_zone)["time_zone"] == time_zone

    @pytest.mark.parametrize(
        "assignment",
        [
            "channel = 'webhook'",
            "kinds = '{email_confirmation}'",
            "kinds = '{{session_moved}}'",
            "language = 'fr'",
            "quiet_from = null",
            "quiet_until = null",
            "quiet_until = quiet_from",
        ],
    )
    def test_they_hold_for_sql_by_hand_as_well(self, db, rpc, ana, assignment):
        put(rpc, ana, **QUIET)
        with pytest.raises(Exception, match=r"channel_settings_\w+_check"):
            db.execute(f"update wingman.channel_settings set {assignment}")


class TestErrors:
    @pytest.mark.parametrize("argument", ["channel", "language", "time_zone"])
    def test_what_is_needed(self, db, rpc, ana, argument):
        with refused(db, "missing_argument", argument=argument):
            put(rpc, ana, **{"channel": "email", argument: None})

    @pytest.mark.parametrize(("function", "arguments"), [(GET, {}), (SET, {"channel": "email"})])
    def test_who_may_call(self, db, rpc, people, ana, ben, function, arguments):
        with refused(db, "not_authenticated"):
            rpc.as_user("nobody").call(function, **arguments)
        with refused(db, "acting_for_another"):
            rpc.as_user(ana).call(function, **arguments, user_id=ben)
        with refused(db, "profile_incomplete"):
            rpc.as_user(people.auth_only()).call(function, **arguments)
        with pytest.raises(Exception, match="permission denied"):
            rpc.as_anon().call(function, **arguments)

    @pytest.mark.parametrize(("function", "arguments"), [(GET, {}), (SET, {"channel": "email"})])
    @pytest.mark.parametrize("caller", ["as_service", "as_admin"])
    def test_service_and_operators_name_the_user(self, db, rpc, ana, function, arguments, caller):
        caller = getattr(rpc, caller)()
        assert caller.call(function, **arguments, user_id=ana)
        with refused(db, "missing_argument", argument="user_id"):
            caller.call(function, **arguments)
        with refused(db, "user_not_found"):
            caller.call(function, **arguments, user_id=uuid4())

    def test_only_read_committed_and_read_write(self, db, rpc, ana):
        caller = rpc.as_user(ana)
        caller.connection.read_only = True
        with refused(db, "read_only_transaction"):
            caller.call(SET, channel="email")
        caller.connection.read_only = False
        caller.connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with refused(db, "unsupported_isolation"):
            caller.call(SET, channel="email")


class TestKeys:
    def test_the_same_call_with_the_same_key_changes_nothing(self, db, rpc, ana):
        first = put(rpc, ana, **EVERYTHING, idempotency_key="k")
        put(rpc, ana, language="en")
        assert put(rpc, ana, **EVERYTHING, idempotency_key="k") == first
        assert get(rpc, ana)[0]["language"] == "en"

    @pytest.mark.parametrize(
        "change",
        [
            {"channel": "web_push"},
            {"kinds": ["session_moved"]},
            {"kinds": None},
            {"language": "en"},
            {"quiet_from": "22:01"},
            {"quiet_until": "07:01"},
            {"time_zone": "UTC"},
        ],
    )
    def test_every_argument_belongs_to_the_call(self, db, rpc, ana, change):
        put(rpc, ana, **EVERYTHING, idempotency_key="k")
        with refused(db, "idempotency_key_reused"):
            put(rpc, ana, **{**EVERYTHING, **change}, idempotency_key="k")

    @pytest.mark.parametrize("key", ["", "k" * 256])
    def test_a_key_has_rules(self, db, rpc, ana, key):
        with refused(db, "idempotency_key_invalid"):
            put(rpc, ana, idempotency_key=key)

    def test_a_replay_takes_no_other_address(self, db, rpc, ana):
        first = rpc.as_user(ana, email="ana@a.example").call(SET, channel="email", idempotency_key="k")
        again = rpc.as_user(ana, email="ben@b.example").call(SET, channel="email", idempotency_key="k")
        assert again == first
        assert [row["address"] for row in db.execute("select * from wingman.email_addresses")] == [
            "ana@a.example"
        ]
