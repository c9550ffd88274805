"""Who is reminded of what, when, and how often: once each, and only of what is still true."""

from datetime import UTC, datetime, timedelta

import pytest
from answers import at_one_instant
from inbox.inboxes import (
    forget,
    kinds,
    let_pass,
    let_pass_until_due,
    notifications,
    planned,
    read,
    read_all,
    reminders,
    told,
)
from rows import COMPLETE, make_pair, make_session, update_session

IN_TWO_DAYS = timedelta(hours=48)
OF_A_SESSION = ["session_reminder", "agreement_reminder", "session_reminder", "confirmation_reminder"]


def arrange(rpc, pair, user_id, ahead=IN_TWO_DAYS):
    told_it = {"scheduled_time": datetime.now(UTC) + ahead, "venue_name": "Café"}
    return rpc.as_user(user_id).call("create_session", match_id=pair.match_id, **told_it)["id"]


def agree(rpc, user_id, session_id):
    rpc.as_user(user_id).call("agree_to_session", session_id=session_id)


@pytest.fixture
def session_id(db, rpc, pair):
    """A session in two days, proposed by user1; nobody has been told anything yet."""
    made = arrange(rpc, pair, pair.user1)
    forget(db)
    return made


@pytest.fixture
def offered(db, people):
    """A pending match that expires in two days."""
    made = make_pair(db, people, "pending")
    forget(db)
    return made


def due(db, kind):
    """Lets the reminder become due, and runs the readers."""
    let_pass_until_due(db, kind)
    read_all(db)


class TestWhatIsPlanned:
    def test_for_a_session(self, db, session_id, pair):
        about = db.execute("select scheduled_time from public.wingman_sessions").fetchone()["scheduled_time"]
        hours = [-24, -12, -1, 12]
        assert [(row["kind"], row["due_at"]) for row in reminders(db)] == [
            (kind, about + timedelta(hours=hour)) for kind, hour in zip(OF_A_SESSION, hours, strict=True)
        ]
        for row in reminders(db):
            assert (row["match_id"], row["session_id"], row["about"]) == (pair.match_id, session_id, about)

    def test_for_a_match(self, db, offered):
        expires_at = db.execute("select expires_at from public.wingman_matches").fetchone()["expires_at"]
        [row] = reminders(db)
        assert (row["kind"], row["due_at"]) == ("match_expiring", expires_at - timedelta(hours=12))
        assert (row["match_id"], row["session_id"], row["about"]) == (offered.match_id, None, expires_at)

    def test_nothing_that_would_have_been_due_before(self, db, rpc, pair):
        arrange(rpc, pair, pair.user1, timedelta(hours=2))
        read_all(db)
        # the proposal itself has just been told
        assert planned(db) == ["session_reminder", "confirmation_reminder"]

    @pytest.mark.parametrize(
        ("setting", "user1", "user2"),
        [
            ("session_reminder_before", ["session_reminder"], ["agreement_reminder"]),
            ("session_reminder_again", ["session_reminder"], ["agreement_reminder"]),
            ("agreement_reminder_before", ["session_reminder"] * 2, []),
        ],
    )
    def test_a_setting_of_zero_means_never(self, db, rpc, pair, setting, user1, user2):
        db.execute(f"update wingman.settings set {setting} = '0'")
        arrange(rpc, pair, pair.user1)
        forget(db)
        while planned(db)[0] != "confirmation_reminder":
            due(db, planned(db)[0])
        assert told(db, pair) == (user1, user2)

    def test_also_for_a_match(self, db, people):
        db.execute("update wingman.settings set match_expiring_before = '0'")
        make_pair(db, people, "pending")
        forget(db)
        let_pass(db, "48 hours")
        read_all(db)
        assert notifications(db) == []

    def test_a_confirmation_may_be_asked_for_at_once(self, db, rpc, pair):
        db.execute("update wingman.settings set confirmation_reminder_after = '0'")
        arrange(rpc, pair, pair.user1)
        forget(db)
        let_pass(db, "48 hours")
        read_all(db)
        assert told(db, pair) == (["confirmation_reminder"],) * 2

    @pytest.mark.parametrize(
        ("setting", "kind", "hours"),
        [
            ("session_reminder_before", "session_reminder", -30),
            ("session_reminder_again", "session_reminder", -2),
            ("agreement_reminder_before", "agreement_reminder", -6),
            ("confirmation_reminder_after", "confirmation_reminder", 3),
        ],
    )
    def test_settings_say_when(self, db, rpc, pair, setting, kind, hours):
        db.execute(f"update wingman.settings set {setting} = %s", [f"{abs(hours)} hours"])
        arrange(rpc, pair, pair.user1)
        read_all(db)
        when = [row["due_at"] - row["about"] for row in reminders(db) if row["kind"] == kind]
        assert timedelta(hours=hours) in when

    def test_the_two_reminders_of_one_session_at_one_time_are_one(self, db, rpc, pair):
        db.execute("update wingman.settings set session_reminder_again = session_reminder_before")
        arrange(rpc, pair, pair.user1)
        read_all(db)
        assert planned(db).count("session_reminder") == 1

    def test_a_time_by_hand(self, db, pair):
        session_id = make_session(db, pair.match_id, starts="48 hours")
        read_all(db)
        assert planned(db) == OF_A_SESSION
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 hour'")
        read_all(db)
        assert len(reminders(db)) == 8

    def test_the_end_of_a_match_by_hand(self, db, offered):
        db.execute("update public.wingman_matches set expires_at = expires_at + interval '1 hour'")
        read_all(db)
        assert planned(db) == ["match_expiring"] * 2
        for _ in range(2):
            due(db, "match_expiring")
        assert told(db, offered) == (["match_expiring"], ["match_expiring"])


class TestWhom:
    def test_of_a_session_that_nobody_has_agreed_to(self, db, pair, session_id):
        due(db, "session_reminder")
        assert told(db, pair) == (["session_reminder"], [])
        due(db, "agreement_reminder")
        assert told(db, pair) == (["session_reminder"], ["agreement_reminder"])
        due(db, "session_reminder")
        assert told(db, pair) == (["session_reminder"] * 2, ["agreement_reminder"])
        due(db, "confirmation_reminder")
        last = "confirmation_reminder"
        assert told(db, pair) == (["session_reminder"] * 2 + [last], ["agreement_reminder", last])
        assert reminders(db) == []

    def test_of_a_session_that_both_agreed_to(self, db, rpc, pair, session_id):
        agree(rpc, pair.user2, session_id)
        forget(db)
        for kind in ("session_reminder", "session_reminder", "confirmation_reminder"):
            due(db, kind)
        expected = ["session_reminder"] * 2 + ["confirmation_reminder"]
        assert told(db, pair) == (expected, expected)

    def test_who_has_confirmed_is_not_asked_to(self, db, rpc, pair, session_id):
        agree(rpc, pair.user2, session_id)
        let_pass(db, "48 hours")
        rpc.as_user(pair.user1).call("confirm_session_completion", session_id=session_id)
        forget(db)
        due(db, "confirmation_reminder")
        assert told(db, pair) == ([], ["confirmation_reminder"])

    def test_nor_is_anybody_where_a_no_show_is_reported(self, db, rpc, pair, session_id):
        agree(rpc, pair.user2, session_id)
        let_pass(db, "49 hours")
        rpc.as_user(pair.user1).call("report_no_show", session_id=session_id, reason="did_not_come")
        forget(db)
        due(db, "confirmation_reminder")
        assert told(db, pair) == ([], [])

    def test_of_a_session_by_hand_that_nobody_proposed(self, db, pair):
        make_session(db, pair.match_id, starts="48 hours")
        forget(db)
        for kind in ("agreement_reminder", "session_reminder"):
            due(db, kind)
        assert told(db, pair) == ([], [])
        due(db, "confirmation_reminder")
        assert told(db, pair) == (["confirmation_reminder"],) * 2

    def test_of_a_match_that_nobody_has_answered(self, db, offered):
        due(db, "match_expiring")
        assert told(db, offered) == (["match_expiring"], ["match_expiring"])

    @pytest.mark.parametrize("first", ["user1", "user2"])
    def test_of_a_match_that_takes_both_accepts_the_one_who_has_not_answered(self, db, rpc, people, first):
        pair = make_pair(db, people, "pending", needs_both=True)
        accepting, other = (pair.user1, pair.user2) if first == "user1" else (pair.user2, pair.user1)
        rpc.as_user(accepting).call("respond_to_match", match_id=pair.match_id, action="accept")
        forget(db)
        due(db, "match_expiring")
        assert (kinds(db, accepting), kinds(db, other)) == ([], ["match_expiring"])

    @pytest.mark.parametrize("kind", ["session_reminder", "confirmation_reminder"])
    def test_a_row_says_what_it_is_about_and_until_when(self, db, rpc, pair, session_id, kind):
        agree(rpc, pair.user2, session_id)
        forget(db)
        let_pass_until_due(db, kind)
        expected = next(row for row in reminders(db) if row["kind"] == kind)
        db.execute("delete from wingman.reminders where kind <> %s", [kind])
        read_all(db)
        session = db.execute("select scheduled_time from public.wingman_sessions").fetchone()
        for row in notifications(db):
            assert (row["kind"], row["event_id"], row["read_at"]) == (kind, None, None)
            assert (row["match_id"], row["session_id"]) == (pair.match_id, session_id)
            assert row["due_at"] == expected["due_at"]
            useful_until = session["scheduled_time"] if kind == "session_reminder" else None
            assert row["useful_until"] == useful_until
        assert len(notifications(db)) == 2

    def test_of_a_match_until_it_expires(self, db, offered):
        due(db, "match_expiring")
        match = db.execute("select expires_at from public.wingman_matches").fetchone()
        for row in notifications(db):
            assert (row["match_id"], row["session_id"]) == (offered.match_id, None)
            assert row["useful_until"] == match["expires_at"]


class TestWhen:
    """To the microsecond: the readers run at the instant at which the time is set."""

    AT = "update wingman.reminders set due_at = statement_timestamp() {} where kind = '{}'"

    @pytest.mark.parametrize("kind", ["session_reminder", "agreement_reminder", "confirmation_reminder"])
    def test_not_a_moment_before_it_is_due(self, db, session_id, kind):
        db.execute("delete from wingman.reminders where kind <> %s", [kind])
        if kind == "session_reminder":
            db.execute(
                "delete from wingman.reminders where due_at = (select max(due_at) from wingman.reminders)"
            )
        early = self.AT.format("+ interval '1 microsecond'", kind)
        at_one_instant(db, "wingman.run_readers()", first=early)
        assert notifications(db) == []
        assert planned(db) == [kind]
        at_one_instant(db, "wingman.run_readers()", first=self.AT.format("", kind))
        assert {row["kind"] for row in notifications(db)} == {kind}
        assert planned(db) == []

    def test_the_same_for_a_match(self, db, offered):
        early = self.AT.format("+ interval '1 microsecond'", "match_expiring")
        at_one_instant(db, "wingman.run_readers()", first=early)
        assert notifications(db) == []
        at_one_instant(db, "wingman.run_readers()", first=self.AT.format("", "match_expiring"))
        assert len(notifications(db)) == 2

    @pytest.mark.parametrize("kind", ["session_reminder", "agreement_reminder"])
    @pytest.mark.parametrize(("left", "amount"), [("+ interval '1 microsecond'", 1), ("", 0)])
    def test_until_the_session_begins(self, db, session_id, kind, left, amount):
        db.execute("delete from wingman.reminders where kind <> %s", [kind])
        begins = f"""
            set local session_replication_role = replica;
            update public.wingman_sessions set scheduled_time = statement_timestamp() {left};
            update wingman.reminders
            set about = statement_timestamp() {left}, due_at = due_at - interval '48 hours'
        """
        at_one_instant(db, "wingman.run_readers()", first=begins)
        assert [row["kind"] for row in notifications(db)] == [kind] * amount
        assert planned(db) == []

    @pytest.mark.parametrize(("left", "amount"), [("+ interval '1 microsecond'", 2), ("", 0)])
    def test_until_the_match_expires(self, db, offered, left, amount):
        expires = f"""
            set local session_replication_role = replica;
            update public.wingman_matches
            set created_at = created_at - interval '48 hours', expires_at = statement_timestamp() {left};
            update wingman.reminders
            set about = statement_timestamp() {left}, due_at = due_at - interval '48 hours'
        """
        at_one_instant(db, "wingman.run_readers()", first=expires)
        assert len(notifications(db)) == amount


class TestOnceEach:
    def test_another_run_tells_nothing_twice(self, db, pair, session_id):
        due(db, "session_reminder")
        for _ in range(3):
            read(db)
        assert told(db, pair) == (["session_reminder"], [])

    def test_also_if_it_were_planned_again(self, db, pair, session_id):
        """The unique index is the last guard."""
        let_pass_until_due(db, "session_reminder")
        [row, *_] = reminders(db)
        read_all(db)
        db.execute(
            "insert into wingman.reminders (due_at, kind, match_id, session_id, about)"
            " values (%(due_at)s, %(kind)s, %(match_id)s, %(session_id)s, %(about)s)",
            row,
        )
        read_all(db)
        assert told(db, pair) == (["session_reminder"], [])

    def move(self, rpc, user_id, session_id, **told_it):
        rpc.as_user(user_id).call("reschedule_session", session_id=session_id, **told_it)

    def test_a_session_that_is_moved_reminds_of_its_new_time_and_not_of_the_old_one(
        self, db, rpc, pair, session_id
    ):
        due(db, "session_reminder")
        self.move(rpc, pair.user1, session_id, scheduled_time=datetime.now(UTC) + timedelta(hours=72))
        read_all(db)
        assert told(db, pair) == (["session_reminder"], ["session_moved"])
        old = [row for row in reminders(db) if row["about"] < datetime.now(UTC) + timedelta(hours=70)]
        assert [row["kind"] for row in old] == OF_A_SESSION[1:]
        let_pass(db, "47 hours 59 minutes")
        read_all(db)
        # all of the old ones are over, and none was told but the one before
        assert planned(db) == OF_A_SESSION
        assert told(db, pair) == (["session_reminder"], ["session_moved"])
        due(db, "session_reminder")
        due(db, "agreement_reminder")
        assert told(db, pair) == (["session_reminder"] * 2, ["session_moved", "agreement_reminder"])

    def test_one_that_is_only_somewhere_else_does_not_remind_again(self, db, rpc, pair, session_id):
        due(db, "session_reminder")
        before = reminders(db)
        same_time = before[0]["about"]
        self.move(rpc, pair.user2, session_id, scheduled_time=same_time, venue_name="Elsewhere")
        read_all(db)
        assert reminders(db) == before
        # now it is user2's proposal
        due(db, "agreement_reminder")
        due(db, "session_reminder")
        assert told(db, pair) == (
            ["session_reminder", "session_moved", "agreement_reminder"],
            ["session_reminder"],
        )

    def test_one_that_is_moved_and_moved_back_reminds_once(self, db, rpc, pair, session_id):
        first = db.execute("select scheduled_time from public.wingman_sessions").fetchone()
        self.move(rpc, pair.user1, session_id, scheduled_time=datetime.now(UTC) + timedelta(hours=72))
        read_all(db)
        self.move(rpc, pair.user1, session_id, scheduled_time=first["scheduled_time"])
        forget(db)
        due(db, "session_reminder")
        due(db, "session_reminder")
        read_all(db)
        assert told(db, pair)[0] == ["session_reminder"] * 2
        assert [row["kind"] for row in notifications(db, pair.user2)] == ["agreement_reminder"]


OVER = {
    "cancelled": lambda db, rpc, pair, session_id: rpc.as_user(pair.user1).call(
        "cancel_session", session_id=session_id
    ),
    "ended": lambda db, rpc, pair, session_id: rpc.as_user(pair.user1).call(
        "end_match", match_id=pair.match_id
    ),
    "completed": lambda db, rpc, pair, session_id: update_session(db, session_id, COMPLETE),
    "a no-show": lambda db, rpc, pair, session_id: update_session(db, session_id, "status = 'no_show'"),
    "deleted": lambda db, rpc, pair, session_id: db.execute("delete from public.wingman_sessions"),
    "erased": lambda db, rpc, pair, session_id: rpc.as_user(pair.user1).call(
        "erase_my_account", confirmation="erase"
    ),
}


class TestNoMore:
    @pytest.mark.parametrize("how", OVER)
    @pytest.mark.parametrize("kind", sorted({*OF_A_SESSION}))
    def test_what_is_over_reminds_nobody(self, db, rpc, pair, session_id, how, kind):
        if how in ("completed", "a no-show"):
            # after its time alone
            db.execute("delete from wingman.reminders where kind <> 'confirmation_reminder'")
            let_pass(db, "49 hours")
            kind = "confirmation_reminder"
        OVER[how](db, rpc, pair, session_id)
        forget(db)
        due(db, kind)
        assert notifications(db) == []

    @pytest.mark.parametrize("action", ["accept", "decline"])
    def test_nor_does_a_match_that_is_answered(self, db, rpc, offered, action):
        rpc.as_user(offered.user1).call("respond_to_match", match_id=offered.match_id, action=action)
        forget(db)
        due(db, "match_expiring")
        assert notifications(db) == []
        assert planned(db) == []

    def test_nor_one_that_has_expired(self, db, offered):
        let_pass(db, "48 hours")
        read_all(db)
        assert notifications(db) == []
        assert planned(db) == []


class TestLate:
    """The readers were off."""

    @pytest.mark.parametrize("max_rows", [1, 2, 1000])
    def test_of_two_that_are_late_the_later_one_says_it_all(self, db, rpc, pair, session_id, max_rows):
        agree(rpc, pair.user2, session_id)
        forget(db)
        let_pass(db, "47 hours 30 minutes")
        read_all(db, max_rows)
        assert told(db, pair) == (["session_reminder"], ["session_reminder"])
        due_at = {row["due_at"] for row in notifications(db)}
        session = db.execute("select scheduled_time from public.wingman_sessions").fetchone()
        assert due_at == {session["scheduled_time"] - timedelta(hours=1)}
        assert planned(db) == ["confirmation_reminder"]

    @pytest.mark.parametrize("max_rows", [1, 2, 1000])
    def test_the_same_if_not_even_the_session_was_read(self, db, rpc, pair, max_rows):
        session_id = arrange(rpc, pair, pair.user1)
        agree(rpc, pair.user2, session_id)
        let_pass(db, "47 hours 30 minutes")
        read_all(db, max_rows)
        assert sorted(kinds(db, pair.user1)) == ["session_agreed", "session_reminder"]
        assert sorted(kinds(db, pair.user2)) == ["session_reminder", "session_scheduled"]

    @pytest.mark.parametrize("max_rows", [1, 1000])
    def test_what_is_of_no_use_any_more_is_not_told(self, db, pair, session_id, max_rows):
        let_pass(db, "49 hours")
        read_all(db, max_rows)
        assert notifications(db) == []
        assert planned(db) == ["confirmation_reminder"]

    @pytest.mark.parametrize("max_rows", [1, 1000])
    def test_but_a_confirmation_can_still_be_given(self, db, pair, session_id, max_rows):
        let_pass(db, "240 hours")
        read_all(db, max_rows)
        assert told(db, pair) == (["confirmation_reminder"], ["confirmation_reminder"])
        assert planned(db) == []
