"""claim_deliveries: what a worker gets to send, in which order, and for how long it is its own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from channels.outbox import (
    ADDRESS,
    ENDPOINT,
    KEYS,
    LIFTED,
    URL,
    add_webhook,
    add_webhook_with_secret,
    claim,
    confirm_address,
    message,
    settle,
    states,
    subscribe,
    update_message,
    webhook,
)
from contract_errors import refused
from inbox.inboxes import read_all
from listening import tell
from psycopg import IsolationLevel
from races.race import Race
from rows import make_pair, make_session, update_session

CHANNELS = ("email", "web_push", "webhook", "realtime")
TIME_LIMIT = timedelta(seconds=15)
AT_ONCE = 16
ATTEMPTS = 10
every_channel = pytest.mark.parametrize("channel", CHANNELS)


def lapse(db):
    """As long as it takes for everything that waits or is claimed to be due."""
    db.execute(
        """update wingman.notification_deliveries set next_attempt_at = statement_timestamp()
           where next_attempt_at is not null"""
    )


def rest(db, interval="0"):
    """Lets all webhooks rest for so long; without it, no longer."""
    db.execute("update wingman.webhooks set rests_until = statement_timestamp() + %s::interval", [interval])


def ids(rows) -> list[UUID]:
    return [row["id"] for row in rows]


def all_ids(db) -> list[UUID]:
    return ids(db.execute("select id from wingman.notification_deliveries order by id"))


@pytest.fixture
def race(connect, db):
    return Race(connect, db)


@pytest.fixture
def hook(db) -> UUID:
    """A webhook that is told of everything."""
    return add_webhook(db)


@pytest.fixture
def everywhere(db, rpc, ana, hook) -> UUID:
    """ana is told through every channel."""
    confirm_address(rpc, db, ana)
    subscribe(rpc, ana)
    db.execute("update wingman.settings set realtime = true")
    db.execute("delete from wingman.notification_deliveries")
    return ana


class TestWhatIsClaimed:
    def test_one_message_for_each_way_of_a_notification(self, db, everywhere):
        before = datetime.now(UTC)
        [told] = tell(db, everywhere, kind=LIFTED)
        assert [row["state"] for row in db.execute("select * from wingman.notification_deliveries")] == [
            "due"
        ] * 4
        for channel in CHANNELS:
            [one] = claim(db, channel=channel)
            assert (one["kind"], str(one["notification_id"]), one["user_id"]) == (LIFTED, told, everywhere)
            assert (one["attempt"], one["time_limit"], one["useful_until"]) == (1, TIME_LIMIT, None)
            row = message(db, one["id"])
            assert (row["channel"], row["state"], row["attempts"]) == (channel, "claimed", 1)
            assert (row["token"], row["target_id"]) == (one["token"], one["target_id"])
            assert before < one["created_at"] <= datetime.now(UTC)
            assert row["next_attempt_at"] - 2 * TIME_LIMIT > before
            assert row["next_attempt_at"] - 2 * TIME_LIMIT <= datetime.now(UTC)
            assert claim(db, channel=channel) == []

    def test_where_each_goes(self, db, rpc, ana):
        _, secret = add_webhook_with_secret(db)
        confirm_address(rpc, db, ana)
        subscribe(rpc, ana)
        db.execute("update wingman.settings set realtime = true")
        tell(db, ana, kind=LIFTED)
        found = {channel: claim(db, channel=channel)[0] for channel in CHANNELS}
        assert {channel: one["target"] for channel, one in found.items()} == {
            "email": {"address": ADDRESS},
            "web_push": {"endpoint": ENDPOINT, **KEYS},
            "webhook": {"url": URL, "secrets": [secret]},
            "realtime": {"topic": f"user:{ana}"},
        }
        assert found["realtime"]["target_id"] is None
        # ids only for machines, words for people
        for channel, one in found.items():
            words = [one[name] for name in ("language", "title", "body")]
            assert all(words) if channel in ("email", "web_push") else words == [None] * 3

    def test_what_it_is_about(self, db, rpc, people, hook):
        pair = make_pair(db, people)
        starts = datetime.now(UTC) + timedelta(hours=1)
        session = rpc.as_user(pair.user1).call(
            "create_session", match_id=pair.match_id, scheduled_time=starts, venue_name="Café"
        )
        read_all(db)
        found = {one["kind"]: one for one in claim(db)}
        about = ("user_id", "match_id", "session_id", "useful_until")
        assert [found["session_scheduled"][name] for name in about] == [
            *(pair.user2, pair.match_id, session["id"], starts)
        ]
        assert found["match_accepted"]["session_id"] is None

    def test_in_order_of_id_and_no_more_than_asked_for(self, db, ana, hook):
        for _ in range(5):
            tell(db, ana, kind=LIFTED)
        every = all_ids(db)
        assert [ids(claim(db, 2)) for _ in range(4)] == [every[:2], every[2:4], every[4:], []]

    @pytest.mark.parametrize("channel", ["email", "web_push", "realtime"])
    def test_the_same_for_the_other_channels(self, db, everywhere, channel):
        for _ in range(3):
            tell(db, everywhere, kind=LIFTED)
        every = ids(
            db.execute(
                "select id from wingman.notification_deliveries where channel = %s order by id", [channel]
            )
        )
        assert [ids(claim(db, 2, channel)) for _ in range(3)] == [every[:2], every[2:], []]

    def test_each_is_judged_once(self, db, ana, hook):
        many = 12
        tell(db, *[ana] * many, kind=LIFTED)
        db.execute("delete from public.wingman_notifications")
        db.execute("set track_functions = 'pl'")
        # in two rounds
        assert claim(db, 10) == []
        db.execute("select pg_stat_force_next_flush()")
        calls = db.execute(
            """select f.name, pg_stat_get_function_calls(to_regproc('wingman.' || f.name)) as calls
               from unnest(array['delivery_obstacle', 'quiet_until']) as f (name)"""
        )
        assert {row["name"]: row["calls"] for row in calls} == {
            "delivery_obstacle": many,
            "quiet_until": many,
        }
        assert states(db) == [("dropped", "gone")] * many

    def test_what_was_rolled_back_is_due_again(self, db, ana, hook):
        tell(db, ana, kind=LIFTED)
        with db.transaction(force_rollback=True):
            assert len(claim(db)) == 1
        [one] = claim(db)
        assert one["attempt"] == 1

    def test_an_old_secret_signs_until_its_time_is_over(self, db, ana, hook):
        tell(db, ana, kind=LIFTED)
        db.execute(
            """update wingman.webhooks set
                   previous_secret = 'whsec_old',
                   previous_until = statement_timestamp() + interval '1 hour'"""
        )
        [one] = claim(db)
        assert one["target"]["secrets"] == [webhook(db, hook)["secret"], "whsec_old"]
        lapse(db)
        db.execute("update wingman.webhooks set previous_until = statement_timestamp()")
        [one] = claim(db)
        assert one["target"]["secrets"] == [webhook(db, hook)["secret"]]


class TestWords:
    @pytest.fixture
    def pair(self, db, rpc, people):
        """Two people, of whom user2 is told in German by e-mail of a session in an hour."""
        made = make_pair(db, people)
        confirm_address(rpc, db, made.user2)
        rpc.as_user(made.user2).call(
            "set_notification_settings", channel="email", language="de", time_zone="Asia/Tokyo"
        )
        read_all(db)
        db.execute("delete from wingman.notification_deliveries")
        starts = datetime.now(UTC) + timedelta(hours=1)
        rpc.as_user(made.user1).call(
            "create_session", match_id=made.match_id, scheduled_time=starts, venue_name="Luso"
        )
        read_all(db)
        return made

    def test_names_are_those_of_the_moment_of_sending(self, db, pair):
        db.execute("update public.user_profiles set first_name = 'Zoë' where id = %s", [pair.user1])
        db.execute("update public.wingman_sessions set venue_name = 'Elsewhere'")
        db.execute(
            """update wingman.notification_texts set body = '{buddy} / {venue} / {time}'
               where kind = 'session_scheduled' and channel = 'email' and language = 'de'"""
        )
        [one] = claim(db, channel="email")
        hour = (datetime.now(UTC) + timedelta(hours=10)).strftime("%H:%M Uhr")
        assert one["language"] == "de"
        assert one["body"].startswith("Zoë / Elsewhere / ")
        assert one["body"].endswith(hour)
        assert "Zoë" not in one["title"]

    def test_whoever_is_no_partner_any_more_has_no_name(self, db, rpc, pair):
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
        read_all(db)
        db.execute(
            """update wingman.notification_texts set body = '{buddy}'
               where kind = 'session_cancelled' and channel = 'email' and language = 'de'"""
        )
        update_kind = (
            "update wingman.notification_deliveries set kind = 'session_cancelled' where kind = 'match_ended'"
        )
        db.execute(update_kind)
        assert [one["body"] for one in claim(db, channel="email")] == ["Dein Buddy"]

    def test_a_lock_screen_names_nobody(self, db, rpc, pair):
        subscribe(rpc, pair.user2)
        make_session_told = (
            "update public.wingman_sessions set scheduled_time = scheduled_time + interval '1 hour'"
        )
        db.execute(make_session_told)
        read_all(db)
        [one] = claim(db, channel="web_push")
        assert one["kind"] == "session_moved"
        for text in (one["title"], one["body"]):
            assert "Ana" not in text
            assert "Luso" not in text


class TestErrors:
    @pytest.mark.parametrize("argument", ["channel", "max_rows"])
    def test_every_argument_is_needed(self, db, rpc, argument):
        with refused(db, "missing_argument", argument=argument):
            rpc.as_worker().call(
                "wingman.claim_deliveries", **{"channel": "email", "max_rows": 1, argument: None}
            )

    @pytest.mark.parametrize("channel", ["", "Email", "sms", "email "])
    def test_of_no_channel(self, db, rpc, channel):
        rule = "must be email, web_push, webhook or realtime"
        with refused(db, "invalid_argument", argument="channel", rule=rule):
            rpc.as_worker().call("wingman.claim_deliveries", channel=channel, max_rows=1)

    @pytest.mark.parametrize("max_rows", [-1, 0, 1001])
    def test_of_how_many(self, db, rpc, max_rows):
        with refused(db, "invalid_argument", argument="max_rows", rule="must be 1 to 1000"):
            rpc.as_worker().call("wingman.claim_deliveries", channel="email", max_rows=max_rows)

    @pytest.mark.parametrize("max_rows", [1, 1000])
    @every_channel
    def test_a_worker_may(self, rpc, everywhere, channel, max_rows, db):
        tell(db, everywhere, kind=LIFTED)
        found = rpc.as_worker().call("wingman.claim_deliveries", channel=channel, max_rows=max_rows)
        assert [one["user_id"] for one in found] == [everywhere]

    def test_only_read_committed_and_read_write(self, db, rpc):
        caller = rpc.as_worker()
        caller.connection.read_only = True
        with refused(db, "read_only_transaction"):
            caller.call("wingman.claim_deliveries", channel="email", max_rows=1)
        caller.connection.read_only = False
        caller.connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with refused(db, "unsupported_isolation"):
            caller.call("wingman.claim_deliveries", channel="email", max_rows=1)


class TestNothingToDo:
    def costs_nothing(self, db, channel):
        with db.transaction():
            assert claim(db, channel=channel) == []
            row = db.execute("select pg_current_xact_id_if_assigned() is null as is_idle").fetchone()
            assert row["is_idle"]

    @every_channel
    def test_costs_no_transaction_id(self, db, everywhere, channel):
        self.costs_nothing(db, channel)
        tell(db, everywhere, kind=LIFTED)
        [one] = claim(db, channel=channel)
        # also while one is being sent, while one waits, and with what is over
        self.costs_nothing(db, channel)
        assert settle(db, one, "retry", "timeout") == ["waiting"]
        self.costs_nothing(db, channel)
        lapse(db)
        rest(db)
        [one] = claim(db, channel=channel)
        settle(db, one, "sent")
        self.costs_nothing(db, channel)

    def test_nor_does_a_webhook_that_rests_or_has_all_that_it_may_have(self, db, ana, hook):
        for _ in range(AT_ONCE + 1):
            tell(db, ana, kind=LIFTED)
        rest(db, "5 seconds")
        self.costs_nothing(db, "webhook")
        rest(db)
        assert len(claim(db)) == AT_ONCE
        self.costs_nothing(db, "webhook")


class TestTwoWorkers:
    def test_each_gets_what_the_other_one_does_not_hold(self, db, race, everywhere):
        for _ in range(4):
            tell(db, everywhere, kind=LIFTED)
        for channel in CHANNELS:
            query = "select id from wingman.claim_deliveries(%s, 2)"
            met = race.overtake(race.statement(query, channel), race.statement(query, channel))
            assert ids(met.first) == sorted(ids(met.first))
            assert (len(met.first), len(met.second)) == (2, 2)
            assert max(ids(met.first)) < min(ids(met.second))
            assert claim(db, channel=channel) == []

    def test_a_claim_that_lapses_is_taken_up_by_one(self, db, race, everywhere):
        for _ in range(4):
            tell(db, everywhere, kind=LIFTED)
        claim(db, channel="email")
        lapse(db)
        query = "select id, attempt from wingman.claim_deliveries('email', 2)"
        met = race.overtake(race.statement(query), race.statement(query))
        # the first has taken up all of them, and has two
        assert ([row["attempt"] for row in met.first], met.second) == ([2, 2], [])
        assert len(claim(db, channel="email")) == 2

    def test_a_target_that_goes_during_a_claim_has_not_gone_for_it(self, db, race, everywhere):
        """A claim is of one moment: otherwise a worker would get a message without an address."""
        tell(db, everywhere, kind=LIFTED)
        claiming = race.statement("select * from wingman.claim_deliveries('web_push', 1)")
        with race.held("lock table wingman.events in access exclusive mode") as holder:
            claimed = race.started(claiming, waits_for=holder)
            db.execute("delete from wingman.push_subscriptions")
        [one] = claimed()
        assert one["target"] == {"endpoint": ENDPOINT, **KEYS}


class TestLease:
    @pytest.fixture
    def claimed(self, db, ana, hook):
        """A message that a worker is sending."""
        tell(db, ana, kind=LIFTED)
        [one] = claim(db)
        return one

    def test_nobody_else_gets_it_before_its_end(self, db, claimed):
        update_message(db, claimed["id"], "next_attempt_at = statement_timestamp() + interval '1 second'")
        assert claim(db) == []

    def test_then_it_is_due_again_as_the_same_message(self, db, claimed):
        lapse(db)
        [again] = claim(db)
        assert (again["id"], again["attempt"]) == (claimed["id"], 2)
        assert again["token"] != claimed["token"]
        assert message(db, again["id"])["last_error"] == "worker_lost"

    @pytest.mark.parametrize("outcome", ["sent", "retry", "failed", "gone"])
    def test_who_comes_too_late_settles_nothing(self, db, hook, claimed, outcome):
        lapse(db)
        [again] = claim(db)
        before = message(db, claimed["id"])
        assert settle(db, claimed, outcome, "http_410") == []
        assert message(db, claimed["id"]) == before
        assert webhook(db, hook)["disabled_at"] is None
        assert webhook(db, hook)["rests_until"] is None
        assert settle(db, again, "sent") == ["sent"]
        assert settle(db, again, "retry") == []

    def test_nor_while_it_is_due_again_and_nobody_has_claimed_it(self, db, ana, claimed):
        lapse(db)
        rest(db, "1 hour")
        assert claim(db) == []
        assert states(db) == [("due", "worker_lost")]
        assert settle(db, claimed, "sent") == []

    def test_but_who_comes_before_anybody_has_noticed_is_in_time(self, db, claimed):
        lapse(db)
        assert settle(db, claimed, "sent") == ["sent"]
        assert claim(db) == []

    def test_a_longer_attempt_has_a_longer_lease(self, db, ana, hook):
        db.execute("update wingman.settings set delivery_time_limit = '3 minutes'")
        tell(db, ana, kind=LIFTED)
        [one] = claim(db)
        assert one["time_limit"] == timedelta(minutes=3)
        left = message(db, one["id"])["next_attempt_at"] - datetime.now(UTC)
        assert timedelta(minutes=5) < left <= timedelta(minutes=6)

    def test_what_no_worker_ever_settles_is_dead_in_the_end(self, db, claimed):
        for attempt in range(2, ATTEMPTS + 1):
            lapse(db)
            [one] = claim(db)
            assert (one["id"], one["attempt"]) == (claimed["id"], attempt)
        lapse(db)
        assert claim(db) == []
        row = message(db, claimed["id"])
        assert (row["state"], row["last_error"], row["attempts"]) == ("dead", "worker_lost", ATTEMPTS)
        assert (row["token"], row["next_attempt_at"]) == (None, None)
        assert row["settled_at"] is not None

    def test_many_that_lapse_at_once_are_taken_up_together(self, db, people, hook):
        tell(db, *[people.add() for _ in range(20)], kind=LIFTED)
        assert len(claim(db)) == AT_ONCE
        lapse(db)
        assert {one["attempt"] for one in claim(db)} == {2}


class TestOthersAreNotHeldUp:
    def test_one_that_waits_for_its_retry_holds_up_none(self, db, everywhere):
        for channel in ("email", "web_push", "realtime"):
            tell(db, everywhere, kind=LIFTED)
            first = claim(db, channel=channel)[0]
            assert settle(db, first, "retry", "timeout") == ["waiting"]
            tell(db, everywhere, kind=LIFTED)
            [second] = claim(db, channel=channel)
            assert second["id"] > first["id"]
            assert settle(db, second, "sent") == ["sent"]

    @pytest.mark.parametrize("max_rows", [1, 7])
    def test_many_that_are_dropped_hold_up_none(self, db, ana, ben, hook, max_rows):
        tell(db, *[ana] * 40, kind=LIFTED)
        db.execute("delete from public.wingman_notifications")
        tell(db, ben, kind=LIFTED)
        [one] = claim(db, max_rows)
        assert one["user_id"] == ben
        assert states(db) == [("dropped", "gone")] * 40 + [("claimed", None)]

    def test_nor_do_many_that_are_put_off(self, db, rpc, ana, ben):
        for user_id, address in ((ana, ADDRESS), (ben, "ben@b.example")):
            confirm_address(rpc, db, user_id, address)
        quiet(db, rpc, ana)
        tell(db, *[ana] * 40, kind=LIFTED)
        tell(db, ben, kind=LIFTED)
        assert [one["user_id"] for one in claim(db, 1, "email")] == [ben]

    @pytest.mark.exhaustive
    def test_a_claim_ends_although_there_is_always_more_to_drop(self, db, ana, hook):
        tell(db, *[ana] * 1100, kind=LIFTED)
        db.execute("delete from public.wingman_notifications")
        assert claim(db, 1) == []
        dropped = sum(state == "dropped" for state, _ in states(db))
        assert 1000 <= dropped < 1100
        assert claim(db, 1) == []
        assert {state for state, _ in states(db)} == {"dropped"}


def quiet(db, rpc, user_id):
    """It is within the quiet hours of somebody."""
    now = datetime.now(UTC)
    times = {
        "quiet_from": (now - timedelta(hours=2)).strftime("%H:%M"),
        "quiet_until": (now + timedelta(hours=2)).strftime("%H:%M"),
    }
    rpc.as_user(user_id).call("set_notification_settings", channel="email", **times)


class TestWebhooks:
    @pytest.fixture
    def two(self, db, ana):
        """Two webhooks with 20 messages each, the older ones for the first."""
        hooks = []
        for kinds in (["suspension_lifted"], ["match_declined"]):
            hooks.append(add_webhook(db, kinds=kinds))
            tell(db, *[ana] * 20, kind=kinds[0])
        return hooks

    def claimed_for(self, found, hook):
        return [one for one in found if one["target_id"] == hook]

    def test_one_gets_sixteen_at_once_and_the_other_one_too(self, db, two):
        found = claim(db)
        assert [len(self.claimed_for(found, hook)) for hook in two] == [AT_ONCE, AT_ONCE]
        assert claim(db) == []

    def test_one_that_hangs_does_not_hold_up_the_other_one(self, db, two):
        _, works = two
        sent = []
        while found := claim(db, 10):
            for one in self.claimed_for(found, works):
                settle(db, one, "sent")
                sent.append(one["id"])
        assert len(sent) == 20
        assert sent == sorted(sent)
        claimed = "select count(*) as found from wingman.notification_deliveries where state = 'claimed'"
        assert db.execute(claimed).fetchone() == {"found": AT_ONCE}

    def test_what_is_settled_makes_room_for_the_next(self, db, two):
        first, _ = two
        found = self.claimed_for(claim(db), first)
        for one in found[:3]:
            settle(db, one, "sent")
        assert [one["target_id"] for one in claim(db)] == [first] * 3

    def test_after_a_failure_it_rests_for_the_first_retry_and_the_other_one_does_not(self, db, two):
        first, second = two
        found = claim(db)
        before = datetime.now(UTC)
        settle(db, self.claimed_for(found, first)[0], "retry", "http_503")
        settle(db, self.claimed_for(found, second)[0], "sent")
        until = webhook(db, first)["rests_until"]
        assert before < until - timedelta(seconds=5) < datetime.now(UTC)
        assert webhook(db, second)["rests_until"] is None
        assert [one["target_id"] for one in claim(db)] == [second]
        # what was sent at the same time and fails meanwhile does not make it longer
        settle(db, self.claimed_for(found, first)[1], "retry", "http_503")
        assert webhook(db, first)["rests_until"] == until
        rest(db)
        assert {one["target_id"] for one in claim(db)} == {first}
        settle(db, self.claimed_for(found, first)[2], "retry", "http_503")
        assert webhook(db, first)["rests_until"] > until

    def test_a_message_that_is_refused_for_good_lets_it_go_on(self, db, two):
        first, _ = two
        found = self.claimed_for(claim(db), first)
        assert settle(db, found[0], "failed", "http_400") == ["dead"]
        assert webhook(db, first)["rests_until"] is None
        assert len(claim(db)) == 1

    def test_what_is_left_for_one_that_is_disabled_is_dropped(self, db, two):
        first, _ = two
        found = self.claimed_for(claim(db), first)
        assert settle(db, found[0], "gone", "http_410") == ["dropped"]
        assert (webhook(db, first)["disabled_at"] is not None, webhook(db, first)["rests_until"]) == (
            True,
            None,
        )
        assert claim(db) == []
        rows = db.execute(
            "select state, last_error from wingman.notification_deliveries where target_id = %s", [first]
        )
        assert sorted((row["state"], row["last_error"]) for row in rows) == [
            *[("claimed", None)] * (AT_ONCE - 1),
            ("dropped", "http_410"),
            *[("dropped", "unwanted")] * (20 - AT_ONCE),
        ]
        # what was on its way fails, too, and that is no reason to rest
        assert settle(db, found[1], "retry", "http_503") == ["waiting"]
        assert webhook(db, first)["rests_until"] is None
        lapse(db)
        assert self.claimed_for(claim(db), first) == []

    def test_one_that_has_been_added_since_is_not_told_of_what_was_before(self, db, ana, two):
        third = add_webhook(db)
        assert self.claimed_for(claim(db), third) == []
        tell(db, ana, kind=LIFTED)
        assert len(self.claimed_for(claim(db), third)) == 1

    def test_kinds_that_it_does_not_want_any_more_are_dropped(self, db, two):
        first, second = two
        db.execute("update wingman.webhooks set kinds = '{match_ended}' where id = %s", [first])
        assert {one["target_id"] for one in claim(db)} == {second}
        rows = db.execute(
            "select last_error from wingman.notification_deliveries where target_id = %s", [first]
        )
        assert {row["last_error"] for row in rows} == {"unwanted"}


def test_a_session_told_by_every_channel_and_read_in_the_app(db, rpc, people, hook):
    """Who has read it in the app needs neither mail nor push; systems do."""
    pair = make_pair(db, people)
    confirm_address(rpc, db, pair.user1)
    subscribe(rpc, pair.user1)
    db.execute("update wingman.settings set realtime = true")
    read_all(db)
    for channel in CHANNELS:
        claim(db, channel=channel)
    session_id = make_session(db, pair.match_id, starts="1 hour")
    update_session(db, session_id, "status = 'cancelled', cancelled_by = user2_id")
    read_all(db)
    last = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
    rpc.as_user(pair.user1).call("mark_notifications_read", up_to=last)
    found = {channel: {one["user_id"] for one in claim(db, channel=channel)} for channel in CHANNELS}
    assert found == {"email": set(), "web_push": set(), "webhook": {pair.user1}, "realtime": {pair.user1}}
    read = db.execute(
        "select count(*) as found from wingman.notification_deliveries where last_error = 'read'"
    )
    assert read.fetchone() == {"found": 4}
