"""settle_deliveries: what becomes of a message after an attempt, and what is no settlement at all."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from channels.outbox import (
    ADDRESS,
    ENDPOINT,
    LIFTED,
    add_webhook,
    claim,
    confirm_address,
    message,
    settle,
    settlement,
    states,
    subscribe,
    webhook,
)
from contract_errors import refused
from listening import tell
from psycopg import IsolationLevel
from psycopg.types.json import Jsonb
from rows import all_rows

SETTLE = "wingman.settle_deliveries"
RULE = "must be a list of objects as wingman.settlement describes them"
RETRIES = [
    timedelta(seconds=5),
    *(timedelta(minutes=minutes) for minutes in (5, 30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
]
DAY = timedelta(hours=24)


def lapse(db):
    """As long as it takes for everything that waits or rests."""
    db.execute(
        """update wingman.notification_deliveries set next_attempt_at = statement_timestamp()
           where next_attempt_at is not null"""
    )
    db.execute("update wingman.webhooks set rests_until = null")


def settle_all(db, *settlements):
    """A worker's list; the states by id."""
    rows = db.execute("select id, state from wingman.settle_deliveries(%s)", [Jsonb([*settlements])])
    return {row["id"]: row["state"] for row in rows}


def wait_of(db, message_id, since):
    """How long a message waits, give or take the time that the test took."""
    return message(db, message_id)["next_attempt_at"] - since


@pytest.fixture
def hook(db):
    """A webhook that is told of everything."""
    return add_webhook(db)


@pytest.fixture
def claimed(db, ana, hook):
    """A message that a worker is sending."""
    tell(db, ana, kind=LIFTED)
    [one] = claim(db)
    return one


class TestOutcomes:
    @pytest.mark.parametrize(
        ("outcome", "error", "state"),
        [
            ("sent", None, "sent"),
            ("retry", "http_503", "waiting"),
            ("failed", "http_400", "dead"),
            ("gone", "http_410", "dropped"),
        ],
    )
    @pytest.mark.every
    def test_what_each_means(self, db, claimed, outcome, error, state):
        assert settle_all(db, settlement(claimed, outcome, error)) == {claimed["id"]: state}
        row = message(db, claimed["id"])
        assert (row["state"], row["last_error"], row["token"], row["attempts"]) == (state, error, None, 1)
        assert (row["settled_at"] is None, row["next_attempt_at"] is None) == (
            state == "waiting",
            state != "waiting",
        )

    def test_what_went_wrong_before_is_forgotten_once_it_is_sent(self, db, claimed):
        settle(db, claimed, "retry", "http_503")
        lapse(db)
        [again] = claim(db)
        assert settle(db, again, "sent") == ["sent"]
        assert states(db) == [("sent", None)]

    @pytest.mark.parametrize("outcome", ["sent", "retry", "failed", "gone"])
    def test_twice_is_once(self, db, claimed, outcome):
        settle(db, claimed, outcome, "x")
        before = all_rows(db)
        assert settle(db, claimed, outcome, "x") == []
        assert all_rows(db) == before

    def test_only_what_is_held_comes_back(self, db, ana, hook):
        tell(db, *[ana] * 3, kind=LIFTED)
        first, second, third = claim(db)
        assert settle(db, third, "sent") == ["sent"]
        found = settle_all(
            db,
            settlement(third, "sent"),
            settlement({**second, "token": uuid4()}, "sent"),
            settlement({"id": uuid4(), "token": first["token"]}, "sent"),
            settlement({**first, "token": second["token"]}, "sent"),
            settlement(first, "retry", "timeout"),
        )
        assert found == {first["id"]: "waiting"}
        assert [state for state, _ in states(db)] == ["waiting", "claimed", "sent"]

    def test_of_nothing_is_nothing(self, db):
        assert settle_all(db) == {}
        with db.transaction():
            settle_all(db)
            settle_all(db, settlement({"id": uuid4(), "token": uuid4()}, "gone"))
            row = db.execute("select pg_current_xact_id_if_assigned() is null as is_idle").fetchone()
            assert row["is_idle"]

    def test_many_at_once(self, db, ana):
        for _ in range(2):
            add_webhook(db)
        tell(db, *[ana] * 16, kind=LIFTED)
        found = claim(db)
        outcomes = ["sent", "retry", "failed", "sent"]
        said = [settlement(one, outcomes[place % 4]) for place, one in enumerate(found)]
        assert sorted(settle_all(db, *said).values()) == ["dead"] * 8 + ["sent"] * 16 + ["waiting"] * 8

    def test_the_token_of_an_earlier_claim_has_no_say_beside_the_present_one(self, db, hook, claimed):
        """A worker that was late and has claimed the message again settles both at once."""
        lapse(db)
        [again] = claim(db)
        found = settle_all(db, settlement(claimed, "gone", "http_410"), settlement(again, "sent"))
        assert found == {claimed["id"]: "sent"}
        assert webhook(db, hook)["disabled_at"] is None

    def test_nor_about_a_browser_or_an_address(self, db, rpc, ana):
        confirm_address(rpc, db, ana)
        subscribe(rpc, ana)
        db.execute("delete from wingman.notification_deliveries")
        tell(db, ana, kind=LIFTED)
        late = [claim(db, channel=channel)[0] for channel in ("email", "web_push")]
        lapse(db)
        again = [claim(db, channel=channel)[0] for channel in ("email", "web_push")]
        said = [settlement(one, "gone") for one in late] + [settlement(one, "sent") for one in again]
        assert {*settle_all(db, *said).values()} == {"sent"}
        assert [row["is_reachable"] for row in rpc.as_user(ana).call("get_notification_settings")] == [
            True
        ] * 2


class TestRetries:
    def test_each_is_later_and_after_the_last_it_is_dead(self, db, claimed):
        one = claimed
        for attempt, wait in enumerate(RETRIES, 1):
            assert one["attempt"] == attempt
            before = datetime.now(UTC)
            assert settle(db, one, "retry", "http_503") == ["waiting"]
            waits = wait_of(db, one["id"], before)
            assert 0.9 * wait <= waits <= 1.1 * wait + timedelta(seconds=2)
            assert claim(db) == []
            lapse(db)
            [one] = claim(db)
            assert message(db, one["id"])["last_error"] == "http_503"
        assert one["attempt"] == len(RETRIES) + 1
        assert settle(db, one, "retry", "http_503") == ["dead"]
        lapse(db)
        assert claim(db) == []
        assert states(db) == [("dead", "http_503")]

    def test_what_failed_together_does_not_come_back_together(self, db, ana):
        for _ in range(3):
            add_webhook(db)
        tell(db, *[ana] * 16, kind=LIFTED)
        found = claim(db)
        db.execute("update wingman.settings set delivery_retries = '{1 hour}'")
        before = datetime.now(UTC)
        settle_all(db, *[settlement(one, "retry", "timeout") for one in found])
        waits = [wait_of(db, one["id"], before) for one in found]
        assert len({*waits}) > len(waits) / 2
        hour = timedelta(hours=1)
        assert 0.9 * hour <= min(waits) < 0.96 * hour
        assert 1.04 * hour < max(waits) <= 1.1 * hour + timedelta(seconds=2)

    @pytest.mark.parametrize(
        ("asked", "waits"),
        [
            (None, 5),
            (0, 5),
            (4.4, 5),
            (60, 60),
            (0.5e3, 500),
            (86_400, 86_400),
            (86_401, 86_400),
            (1e9, 86_400),
            (1e10, 86_400),
            (1e300, 86_400),
            ("Infinity", 86_400),
        ],
    )
    @pytest.mark.every
    def test_the_other_side_may_ask_for_more_time_but_for_a_day_at_most(self, db, claimed, asked, waits):
        before = datetime.now(UTC)
        assert settle(db, claimed, "retry", "http_429", retry_after_seconds=asked) == ["waiting"]
        found = wait_of(db, claimed["id"], before).total_seconds()
        assert (0.9 if waits == 5 else 1) * waits <= found <= (1.1 if waits == 5 else 1) * waits + 2

    @pytest.mark.parametrize("outcome", ["sent", "failed", "gone"])
    def test_it_has_nothing_to_ask_for_otherwise(self, db, claimed, outcome):
        [state] = settle(db, claimed, outcome, "x", retry_after_seconds=60)
        assert state != "waiting"
        assert message(db, claimed["id"])["next_attempt_at"] is None

    def test_settings_say_how_often(self, db, claimed):
        db.execute("update wingman.settings set delivery_retries = '{1 hour}'")
        assert settle(db, claimed, "retry", "timeout") == ["waiting"]
        lapse(db)
        [one] = claim(db)
        assert settle(db, one, "retry", "timeout") == ["dead"]

    def test_fewer_attempts_end_what_waits(self, db, claimed):
        one = claimed
        for _ in range(3):
            settle(db, one, "retry", "timeout")
            lapse(db)
            [one] = claim(db)
        settle(db, one, "retry", "timeout")
        db.execute("update wingman.settings set delivery_retries = '{1 hour,1 hour}'")
        lapse(db)
        assert claim(db) == []
        assert states(db) == [("dead", "timeout")]


class TestGone:
    def test_a_webhook_is_disabled(self, db, ana, hook, claimed):
        other = add_webhook(db)
        tell(db, ana, kind=LIFTED)
        assert settle(db, claimed, "gone", "http_410") == ["dropped"]
        assert (webhook(db, hook)["disabled_at"], webhook(db, other)["disabled_at"]) != (None, None)
        assert webhook(db, other)["disabled_at"] is None
        assert {one["target_id"] for one in claim(db)} == {other}

    def test_one_that_rests_is_disabled_too(self, db, ana, hook):
        tell(db, *[ana] * 2, kind=LIFTED)
        first, second = claim(db)
        settle(db, first, "retry", "http_503")
        assert webhook(db, hook)["rests_until"] is not None
        settle(db, second, "gone", "http_410")
        assert (webhook(db, hook)["disabled_at"] is None, webhook(db, hook)["rests_until"]) == (False, None)

    def test_it_counts_more_than_a_failure_at_the_same_time(self, db, ana, hook):
        tell(db, *[ana] * 3, kind=LIFTED)
        first, second, third = claim(db)
        said = [settlement(first, "retry"), settlement(second, "gone"), settlement(third, "retry")]
        settle_all(db, *said)
        assert (webhook(db, hook)["disabled_at"] is None, webhook(db, hook)["rests_until"]) == (False, None)

    def test_one_that_was_disabled_before_keeps_its_time(self, db, ana, hook):
        tell(db, *[ana] * 2, kind=LIFTED)
        first, second = claim(db)
        settle(db, first, "gone", "http_410")
        before = webhook(db, hook)
        settle(db, second, "gone", "http_410")
        assert webhook(db, hook) == before

    def test_a_subscription_is_removed(self, db, rpc, ana, ben):
        subscribe(rpc, ana)
        subscribe(rpc, ana, f"{ENDPOINT}2")
        subscribe(rpc, ben, f"{ENDPOINT}3")
        tell(db, ana, kind=LIFTED)
        first, second = claim(db, channel="web_push")
        assert settle(db, first, "gone", "http_410") == ["dropped"]
        left = db.execute("select endpoint from wingman.push_subscriptions order by id")
        assert [row["endpoint"] for row in left] == [f"{ENDPOINT}2", f"{ENDPOINT}3"]
        assert settle(db, second, "sent") == ["sent"]

    def test_one_that_somebody_else_has_taken_over_is_theirs(self, db, rpc, ana, ben):
        subscribe(rpc, ana)
        tell(db, ana, kind=LIFTED)
        [one] = claim(db, channel="web_push")
        subscribe(rpc, ben)
        assert settle(db, one, "gone", "http_410") == ["dropped"]
        [row] = db.execute("select user_id from wingman.push_subscriptions")
        assert row["user_id"] == ben

    def test_an_address_has_to_confirm_again(self, db, rpc, ana):
        confirm_address(rpc, db, ana)
        tell(db, ana, kind=LIFTED)
        [one] = claim(db, channel="email")
        assert settle(db, one, "gone", "smtp_550") == ["dropped"]
        settings = rpc.as_user(ana).call("get_notification_settings")[0]
        assert (settings["address"], settings["is_reachable"]) == (ADDRESS, False)

    def test_nobody_is_gone_from_realtime(self, db, ana):
        db.execute("update wingman.settings set realtime = true")
        tell(db, *[ana] * 2, kind=LIFTED)
        first, second = claim(db, channel="realtime")
        before = {
            name: rows for name, rows in all_rows(db).items() if name != "wingman.notification_deliveries"
        }
        assert settle(db, first, "gone", "x") == ["dropped"]
        after = all_rows(db)
        assert {name: after[name] for name in before} == before
        assert settle(db, second, "sent") == ["sent"]


GOOD = {"id": str(uuid4()), "token": str(uuid4()), "outcome": "sent", "error": None}
GARBAGE = [
    *(None, True, False, 0, -1.5, "", "sent", "[]", {}, GOOD, {"0": GOOD}),
    *(
        [None],
        [True],
        [0],
        ["sent"],
        [[]],
        [[GOOD]],
        [{}],
        [{"settlements": [GOOD]}],
        [GOOD, None],
        [GOOD, 5],
    ),
    *([GOOD, []], [GOOD, {}], [GOOD, GOOD]),
    *(
        [{name: value for name, value in GOOD.items() if name != left_out}]
        for left_out in ("id", "token", "outcome")
    ),
    *(
        [{**GOOD, "id": value}]
        for value in (None, "", "x", 5, True, [], {}, [str(uuid4())], f"{uuid4()}x", "0" * 33)
    ),
    *([{**GOOD, "token": value}] for value in (None, "", 0, [], {}, "null")),
    *(
        [{**GOOD, "outcome": value}]
        for value in (None, "", "SENT", "sent ", "dropped", "dead", "due", 5, True, [], ["sent"], {})
    ),
    *(
        [{**GOOD, "outcome": "retry", "error": value}]
        for value in (
            *("", "HTTP_503", "http 503", "http-503", "x" * 61, "timeout\n", "\u00e4", [], {}, ["timeout"]),
            *("'; drop table x; --", "ana@a.example", -1, 1.5),
        )
    ),
    *(
        [{**GOOD, "outcome": "retry", "retry_after_seconds": value}]
        for value in (
            -1,
            -1e-9,
            "-1",
            "NaN",
            "-Infinity",
            "",
            "soon",
            True,
            [],
            {},
            "1e400",
            "1 second",
            [60],
        )
    ),
]


class TestGarbage:
    @pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
    def test_is_refused_whole_and_changes_nothing(self, db, rpc, claimed, garbage):
        worker = rpc.as_worker()
        # the first one is in order
        for said in (
            garbage,
            [settlement(claimed, "sent"), *garbage] if isinstance(garbage, list) else garbage,
        ):
            with refused(db, "invalid_argument", argument="settlements", rule=RULE):
                worker.call(SETTLE, settlements=json.dumps(said))

    @pytest.mark.parametrize(
        "text",
        ["1e400", "[1e400]", '[{"id": 1e400}]', '[{"retry_after_seconds": 1e400}]', "[" * 1000 + "]" * 1000],
    )
    def test_nor_do_numbers_that_nobody_can_hold(self, db, rpc, claimed, text):
        with refused(db, "invalid_argument", argument="settlements", rule=RULE):
            rpc.as_worker().call(SETTLE, settlements=text)

    def test_it_cannot_be_left_out(self, db, rpc):
        with refused(db, "missing_argument", argument="settlements"):
            rpc.as_worker().call(SETTLE, settlements=None)

    @pytest.mark.parametrize("text", ["", "[", "{'id': 1}", '["\\u0000"]', "undefined", "[NaN]"])
    def test_what_is_no_json_never_gets_there(self, rpc, text):
        with pytest.raises(Exception, match=r"json|Unicode"):
            rpc.as_worker().call(SETTLE, settlements=text)

    def test_more_than_is_needed_does_no_harm(self, db, claimed):
        said = {**settlement(claimed, "sent"), "state": "dead", "user_id": 5, "attempts": []}
        assert settle_all(db, said) == {claimed["id"]: "sent"}

    def test_nor_do_codes_of_the_greatest_length(self, db, claimed):
        assert settle(db, claimed, "retry", "x" * 60) == ["waiting"]
        assert message(db, claimed["id"])["last_error"] == "x" * 60

    def test_only_read_committed_and_read_write(self, db, rpc, claimed):
        caller = rpc.as_worker()
        caller.connection.read_only = True
        with refused(db, "read_only_transaction"):
            caller.call(SETTLE, settlements=Jsonb([settlement(claimed, "sent")]))
        caller.connection.read_only = False
        caller.connection.isolation_level = IsolationLevel.SERIALIZABLE
        with refused(db, "unsupported_isolation"):
            caller.call(SETTLE, settlements=Jsonb([settlement(claimed, "sent")]))


@pytest.mark.parametrize(
    "assignments",
    [
        "state = 'claimed'",
        "state = 'waiting'",
        "state = 'sent'",
        "state = 'lost'",
        "token = gen_random_uuid()",
        "next_attempt_at = now()",
        "settled_at = now()",
        "last_error = 'Ana was not there'",
        "channel = 'sms'",
    ],
)
def test_a_message_in_no_state_cannot_be_written(db, ana, hook, assignments):
    tell(db, ana, kind=LIFTED)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(f"update wingman.notification_deliveries set {assignments}")
