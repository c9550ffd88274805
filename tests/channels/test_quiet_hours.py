"""Quiet hours put off all but two kinds, until the clock of the user says that they are over."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from channels.outbox import LIFTED, claim, confirm_address, message, settle, states, subscribe
from inbox.inboxes import forget, let_pass_until_due, read_all
from listening import tell
from rows import make_pair, update_session

SET = "set_notification_settings"
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
# clocks go forward at 02:00 and back at 03:00, in New York at 02:00
FORWARD = {BERLIN: "2026-03-29", NEW_YORK: "2026-03-08"}
BACK = {BERLIN: "2026-10-25", NEW_YORK: "2026-11-01"}


def end(db, moment, quiet_from, quiet_until, time_zone="UTC"):
    """When the quiet hours end in which a moment lies, or None."""
    [row] = db.execute(
        "select wingman.quiet_hours_end(%s, %s, %s, %s) as until",
        [moment, quiet_from, quiet_until, time_zone],
    )
    return row["until"]


def local(text, time_zone="UTC", *, fold=0):
    """A moment by a user's clock; fold: 1 for the second one of a time that the clock shows twice."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone), fold=fold).astimezone(UTC)


class TestTheirEnd:
    @pytest.mark.parametrize(
        ("time", "until"),
        [
            ("12:59:59.999999", None),
            ("13:00:00", "2026-05-04T15:30"),
            ("13:00:00.000001", "2026-05-04T15:30"),
            ("15:29:59.999999", "2026-05-04T15:30"),
            ("15:30:00", None),
            ("15:30:00.000001", None),
            ("00:00:00", None),
            ("23:59:59.999999", None),
        ],
    )
    @pytest.mark.every
    def test_within_a_day(self, db, time, until):
        found = end(db, local(f"2026-05-04T{time}"), "13:00", "15:30")
        assert found == (until and local(until))

    @pytest.mark.parametrize(
        ("time", "until"),
        [
            ("21:59:59.999999", None),
            ("22:00:00", "2026-05-05T07:00"),
            ("23:59:59.999999", "2026-05-05T07:00"),
            ("00:00:00", "2026-05-04T07:00"),
            ("06:59:59.999999", "2026-05-04T07:00"),
            ("07:00:00", None),
            ("12:00:00", None),
        ],
    )
    @pytest.mark.every
    def test_over_midnight(self, db, time, until):
        found = end(db, local(f"2026-05-04T{time}"), "22:00", "07:00")
        assert found == (until and local(until))

    @pytest.mark.parametrize(
        ("quiet_from", "quiet_until", "time", "until"),
        [
            ("00:00", "08:00", "00:00", "2026-05-04T08:00"),
            ("00:00", "08:00", "08:00", None),
            ("00:00", "08:00", "23:59:59", None),
            ("22:00", "00:00", "23:59:59", "2026-05-05T00:00"),
            ("22:00", "00:00", "00:00", None),
            ("00:01", "00:00", "00:00:30", None),
            ("00:01", "00:00", "00:01", "2026-05-05T00:00"),
            ("00:00", "23:59", "23:58:59", "2026-05-04T23:59"),
            ("00:00", "23:59", "23:59:30", None),
        ],
    )
    @pytest.mark.every
    def test_that_touch_midnight(self, db, quiet_from, quiet_until, time, until):
        found = end(db, local(f"2026-05-04T{time}"), quiet_from, quiet_until)
        assert found == (until and local(until))

    def test_by_the_clock_of_the_user(self, db):
        moment = datetime(2026, 7, 1, 20, 30, tzinfo=UTC)
        assert end(db, moment, "22:00", "07:00", BERLIN) == datetime(2026, 7, 2, 5, 0, tzinfo=UTC)
        assert end(db, moment, "22:00", "07:00", NEW_YORK) is None
        assert end(db, moment, "22:00", "07:00", "Asia/Kathmandu") == datetime(2026, 7, 2, 1, 15, tzinfo=UTC)

    def test_whatever_the_clock_of_the_server(self, db):
        moment = datetime(2026, 7, 1, 20, 30, tzinfo=UTC)
        before = end(db, moment, "22:00", "07:00", BERLIN)
        with db.transaction(force_rollback=True):
            db.execute("set local timezone = 'Pacific/Kiritimati'")
            assert end(db, moment, "22:00", "07:00", BERLIN) == before


class TestWhenClocksChange:
    @pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
    def test_forward_the_night_is_an_hour_shorter(self, db, zone):
        day = FORWARD[zone]
        evening = local(f"{day}T22:00", zone) - timedelta(days=1) + timedelta(hours=1)
        assert evening == local(f"{day}T00:00", zone) - timedelta(hours=2)
        until = end(db, evening, "22:00", "07:00", zone)
        assert until == local(f"{day}T07:00", zone)
        assert until - evening == timedelta(hours=8)
        assert end(db, evening - timedelta(microseconds=1), "22:00", "07:00", zone) is None
        assert end(db, until - timedelta(microseconds=1), "22:00", "07:00", zone) == until
        assert end(db, until, "22:00", "07:00", zone) is None

    @pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
    def test_back_it_is_an_hour_longer(self, db, zone):
        day = BACK[zone]
        evening = local(f"{day}T00:00", zone) - timedelta(hours=2)
        until = end(db, evening, "22:00", "07:00", zone)
        assert until == local(f"{day}T07:00", zone)
        assert until - evening == timedelta(hours=10)
        assert end(db, evening - timedelta(microseconds=1), "22:00", "07:00", zone) is None
        assert end(db, until - timedelta(microseconds=1), "22:00", "07:00", zone) == until
        assert end(db, until, "22:00", "07:00", zone) is None

    @pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
    def test_an_end_that_the_clock_skips(self, db, zone):
        """Until 02:30, which there is not: what waits goes at 03:30, and what comes after 03:00 at once."""
        day = FORWARD[zone]
        until = local(f"{day}T03:30", zone)
        for before in ("00:30", "01:59:59"):
            assert end(db, local(f"{day}T{before}", zone), "22:00", "02:30", zone) == until
        assert end(db, local(f"{day}T03:00", zone), "22:00", "02:30", zone) is None
        assert end(db, until, "22:00", "02:30", zone) is None

    @pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
    def test_a_beginning_that_the_clock_skips(self, db, zone):
        day = FORWARD[zone]
        assert end(db, local(f"{day}T01:59:59", zone), "02:30", "07:00", zone) is None
        assert end(db, local(f"{day}T03:00", zone), "02:30", "07:00", zone) == local(f"{day}T07:00", zone)

    @pytest.mark.parametrize(("zone", "hour"), [(BERLIN, 2), (NEW_YORK, 1)])
    def test_an_end_that_the_clock_shows_twice(self, db, zone, hour):
        """What waits goes when it is shown for the second time."""
        day = BACK[zone]
        first, second = (local(f"{day}T0{hour}:30", zone, fold=fold) for fold in (0, 1))
        assert second - first == timedelta(hours=1)
        quiet = ("22:00", f"0{hour}:30", zone)
        for before in (first - timedelta(hours=1), first - timedelta(microseconds=1)):
            assert end(db, before, *quiet) == second
        # by the clock they are over, then they are not, then they are
        assert end(db, first, *quiet) is None
        assert end(db, second - timedelta(minutes=30), *quiet) == second
        assert end(db, second - timedelta(microseconds=1), *quiet) == second
        assert end(db, second, *quiet) is None

    @pytest.mark.parametrize(("zone", "hour"), [(BERLIN, 2), (NEW_YORK, 1)])
    def test_a_beginning_that_it_shows_twice(self, db, zone, hour):
        day = BACK[zone]
        first, second = (local(f"{day}T0{hour}:30", zone, fold=fold) for fold in (0, 1))
        until = local(f"{day}T07:00", zone)
        quiet = (f"0{hour}:30", "07:00", zone)
        found = [end(db, moment, *quiet) for moment in (first, second - timedelta(microseconds=1), second)]
        assert found == [until, None, until]
        assert end(db, first - timedelta(microseconds=1), *quiet) is None

    @pytest.mark.parametrize(
        "zone",
        [BERLIN, NEW_YORK, "Europe/Dublin", "Australia/Lord_Howe", "America/St_Johns", "Asia/Gaza", "UTC"],
    )
    @pytest.mark.exhaustive
    def test_what_has_waited_is_sent_or_waits_for_another_day(self, db, zone):
        """Around every change of a year the end is later, and it is one: claims do not go in circles.

        Only where all the time between two nights is skipped, there is no end on that day.
        """
        pairs = [(one, other) for one, other in product(FROM, UNTIL) if one != other]
        wrong = db.execute(
            """
            with moments as (
                select m, q.quiet_from, q.quiet_until
                from generate_series('2026-01-01'::timestamptz, '2026-12-31', interval '15 minutes') as m
                cross join unnest(%(from)s::time[], %(until)s::time[]) as q (quiet_from, quiet_until)
                -- the days of a change, and others for comparison
                where (m + interval '24 hours') at time zone %(zone)s
                        <> m at time zone %(zone)s + interval '24 hours'
                    or extract(day from m) = 15
            ),

            ends as (
                select m.*, wingman.quiet_hours_end(m.m, m.quiet_from, m.quiet_until, %(zone)s) as until
                from moments as m
            )

            select e.*, n.again
            from ends as e
            cross join lateral (
                select wingman.quiet_hours_end(e.until, e.quiet_from, e.quiet_until, %(zone)s)
            ) as n (again)
            where e.until <= e.m
                or e.until > e.m + interval '25 hours'
                or n.again < e.until + interval '22 hours'
            """,
            {"from": [one for one, _ in pairs], "until": [other for _, other in pairs], "zone": zone},
        ).fetchall()
        assert wrong == []


FROM = ("22:00", "00:00", "01:30", "02:15", "02:45")
UNTIL = ("07:00", "00:00", "01:15", "02:00", "02:30", "03:00")


class TestAZoneThatIsGone:
    """The list of time zones changes with the system."""

    def test_then_it_is_that_of_utc(self, db):
        moment = datetime(2026, 7, 1, 23, 0, tzinfo=UTC)
        assert end(db, moment, "22:00", "07:00", "Mars/Olympus") == datetime(2026, 7, 2, 7, 0, tzinfo=UTC)

    def test_and_nobody_elses_messages_are_kept_from_being_sent(self, db, rpc, ana, ben):
        for user_id, address in ((ana, "ana@a.example"), (ben, "ben@b.example")):
            confirm_address(rpc, db, user_id, address)
        quiet(rpc, ana, hours=-8, until=-4)
        db.execute("update wingman.channel_settings set time_zone = 'Mars/Olympus'")
        tell(db, ana, ben, kind=LIFTED)
        assert {one["user_id"] for one in claim(db, channel="email")} == {ana, ben}


def quiet(rpc, user_id, *, hours=-2, until=2, channel="email", **more):
    """Quiet hours that began and end so many hours from now."""
    now = datetime.now(UTC)
    times = [(now + timedelta(hours=offset)).strftime("%H:%M") for offset in (hours, until)]
    rpc.as_user(user_id).call(SET, channel=channel, quiet_from=times[0], quiet_until=times[1], **more)


def wake(db):
    """The quiet hours are over."""
    db.execute("update wingman.notification_deliveries set next_attempt_at = now() where state = 'waiting'")
    db.execute("update wingman.channel_settings set quiet_from = null, quiet_until = null")


class TestMessages:
    @pytest.fixture
    def reachable(self, db, rpc, ana):
        confirm_address(rpc, db, ana)
        subscribe(rpc, ana)
        db.execute("delete from wingman.notification_deliveries")
        return ana

    @pytest.mark.parametrize("channel", ["email", "web_push"])
    def test_they_wait_for_the_end_and_that_is_no_attempt(self, db, rpc, reachable, channel):
        quiet(rpc, reachable, channel=channel)
        tell(db, reachable, kind=LIFTED)
        assert claim(db, channel=channel) == []
        [row] = db.execute(
            "select * from wingman.notification_deliveries where channel = %s", [channel]
        ).fetchall()
        assert (row["state"], row["attempts"], row["last_error"], row["token"]) == ("waiting", 0, None, None)
        wanted = rpc.as_user(reachable).call("get_notification_settings")
        until = {one["channel"]: one["quiet_until"] for one in wanted}[channel]
        assert row["next_attempt_at"].astimezone(UTC).strftime("%H:%M:%S.%f") == f"{until}:00.000000"
        assert row["next_attempt_at"] > datetime.now(UTC)
        assert claim(db, channel=channel) == []
        wake(db)
        [one] = claim(db, channel=channel)
        assert (one["id"], one["attempt"]) == (row["id"], 1)

    def test_of_one_channel_they_are_not_of_another(self, db, rpc, reachable):
        quiet(rpc, reachable, channel="email")
        tell(db, reachable, kind=LIFTED)
        assert [len(claim(db, channel=channel)) for channel in ("email", "web_push")] == [0, 1]

    @pytest.mark.parametrize(("hours", "until"), [(1, 3), (-4, -1), (2, -2)])
    def test_at_another_hour_none_waits(self, db, rpc, reachable, hours, until):
        quiet(rpc, reachable, hours=hours, until=until)
        tell(db, reachable, kind=LIFTED)
        assert len(claim(db, channel="email")) == 1

    def test_a_retry_waits_for_them_as_well_and_keeps_its_attempts(self, db, rpc, reachable):
        tell(db, reachable, kind=LIFTED)
        [one] = claim(db, channel="email")
        settle(db, one, "retry", "smtp_451")
        quiet(rpc, reachable)
        db.execute(
            "update wingman.notification_deliveries set next_attempt_at = now() where state = 'waiting'"
        )
        assert claim(db, channel="email") == []
        row = message(db, one["id"])
        assert (row["state"], row["attempts"], row["last_error"]) == ("waiting", 1, "smtp_451")
        wake(db)
        assert [one["attempt"] for one in claim(db, channel="email")] == [2]

    def test_many_nights_are_no_failures(self, db, rpc, reachable):
        quiet(rpc, reachable)
        tell(db, reachable, kind=LIFTED)
        for _ in range(15):
            assert claim(db, channel="email") == []
            db.execute(
                "update wingman.notification_deliveries set next_attempt_at = now() where state = 'waiting'"
            )
        wake(db)
        assert [one["attempt"] for one in claim(db, channel="email")] == [1]

    def test_who_has_read_it_by_then_is_not_woken(self, db, rpc, reachable):
        quiet(rpc, reachable)
        tell(db, reachable, kind=LIFTED)
        assert claim(db, channel="email") == []
        db.execute("update public.wingman_notifications set read_at = now()")
        wake(db)
        assert claim(db, channel="email") == []
        assert ("dropped", "read") in states(db)

    def test_the_link_of_confirmation_does_not_wait(self, db, rpc, ana):
        quiet(rpc, ana)
        rpc.as_user(ana, email="ana@a.example").call(
            SET, channel="email", quiet_from="00:00", quiet_until="23:59"
        )
        assert [one["kind"] for one in claim(db, channel="email")] == ["email_confirmation"]


class TestWhatDoesNotWait:
    @pytest.fixture
    def pair(self, db, rpc, people):
        """user2, whose hours are quiet, and user1 have a session in two days, arranged by user2."""
        made = make_pair(db, people)
        confirm_address(rpc, db, made.user2)
        quiet(rpc, made.user2, hours=-11, until=11)
        forget(db)
        return made

    @pytest.fixture
    def session_id(self, db, rpc, pair):
        session = rpc.as_user(pair.user2).call(
            "create_session",
            match_id=pair.match_id,
            scheduled_time=datetime.now(UTC) + timedelta(hours=48),
            venue_name="Café",
        )
        forget(db)
        db.execute("delete from wingman.notification_deliveries")
        return session["id"]

    def sent(self, db):
        return [one["kind"] for one in claim(db, channel="email")]

    def test_that_a_session_was_cancelled(self, db, rpc, pair, session_id):
        rpc.as_user(pair.user1).call("cancel_session", session_id=session_id)
        read_all(db)
        assert self.sent(db) == ["session_cancelled"]

    def test_the_last_reminder(self, db, pair, session_id):
        let_pass_until_due(db, "session_reminder")
        read_all(db)
        assert self.sent(db) == []
        let_pass_until_due(db, "session_reminder")
        read_all(db)
        assert self.sent(db) == ["session_reminder"]

    @pytest.mark.parametrize(("again", "waits"), [("24 hours", False), ("0", True)])
    def test_which_that_is_the_settings_say(self, db, rpc, pair, again, waits):
        db.execute("update wingman.settings set session_reminder_again = %s", [again])
        rpc.as_user(pair.user2).call(
            "create_session",
            match_id=pair.match_id,
            scheduled_time=datetime.now(UTC) + timedelta(hours=48),
            venue_name="Café",
        )
        forget(db)
        let_pass_until_due(db, "session_reminder")
        read_all(db)
        assert self.sent(db) == ([] if waits else ["session_reminder"])

    @pytest.mark.parametrize("kind", ["agreement_reminder", "confirmation_reminder"])
    def test_but_other_reminders_do(self, db, pair, session_id, kind):
        update_session(db, session_id, "proposed_by = user1_id")
        let_pass_until_due(db, kind)
        read_all(db)
        db.execute("delete from wingman.notification_deliveries where kind <> %s", [kind])
        assert self.sent(db) == []
        assert states(db) == [("waiting", None)]

    def test_every_other_kind_does(self, db, pair):
        kinds = [row["kind"] for row in db.execute("select kind from wingman.notification_kinds()")]
        found = {}
        for kind in kinds:
            db.execute("delete from wingman.notification_deliveries")
            tell(db, pair.user2, kind=kind)
            [row] = db.execute(
                "select wingman.quiet_until(d) as until from wingman.notification_deliveries as d"
            ).fetchall()
            found[kind] = row["until"]
        assert {kind for kind, until in found.items() if until is None} == {"session_cancelled"}

    def test_what_is_of_no_use_when_they_end_is_not_sent(self, db, rpc, pair):
        """A session that was proposed for this very night."""
        rpc.as_user(pair.user1).call(
            "create_session",
            match_id=pair.match_id,
            scheduled_time=datetime.now(UTC) + timedelta(hours=1),
            venue_name="Café",
        )
        read_all(db)
        db.execute("delete from wingman.notification_deliveries where kind <> 'session_scheduled'")
        assert self.sent(db) == []
        [(state, _)] = states(db)
        assert state == "waiting"
        with db.transaction():
            db.execute("set local session_replication_role = replica")
            db.execute(
                "update public.wingman_notifications set useful_until = useful_until - interval '1 hour'"
            )
        wake(db)
        assert self.sent(db) == []
        assert states(db) == [("dropped", "late")]
