"""list_notifications, mark_notifications_read and count_unread_notifications, and who may do what."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from contract_errors import refused
from inbox.inboxes import forget, let_pass, notifications, read_all
from psycopg import IsolationLevel
from rows import make_match, make_pair, make_session, update_session

SOON = timedelta(hours=1)
FIRST = UUID("00000000-0000-0000-0000-000000000000")
LAST = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
ARGUMENTS = {
    "list_notifications": {},
    "count_unread_notifications": {},
    "mark_notifications_read": {"up_to": LAST},
}
READING = ("list_notifications", "count_unread_notifications")
every_function = pytest.mark.parametrize("function", ARGUMENTS)
every_reading_one = pytest.mark.parametrize("function", READING)


def listed(rpc, user_id, **more):
    return rpc.as_user(user_id).call("list_notifications", **more)


def mark(rpc, user_id, up_to=LAST, **more):
    return rpc.as_user(user_id).call("mark_notifications_read", up_to=up_to, **more)


def count(rpc, user_id):
    return rpc.as_user(user_id).call("count_unread_notifications")


@pytest.fixture
def told(db, rpc, pair):
    """user2 has been told five things that stay useful; user1 of the last one, an operator's."""
    ana = rpc.as_user(pair.user1)
    for _ in range(2):
        told_it = {"scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
        session_id = ana.call("create_session", match_id=pair.match_id, **told_it)["id"]
        ana.call("cancel_session", session_id=session_id)
    rpc.as_admin().call("wingman_admin.end_match", match_id=pair.match_id, reason="They asked")
    read_all(db)
    return [row["id"] for row in notifications(db, pair.user2)]


class TestList:
    def test_the_newest_comes_first(self, rpc, pair, told):
        rows = listed(rpc, pair.user2)
        assert [row["id"] for row in rows] == told[::-1]
        kinds = ["match_ended", *["session_cancelled", "session_scheduled"] * 2]
        assert [row["kind"] for row in rows] == kinds

    def test_everything_of_a_row(self, db, rpc, pair):
        told_it = {"scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
        session = rpc.as_user(pair.user1).call("create_session", match_id=pair.match_id, **told_it)
        read_all(db)
        [row] = notifications(db)
        db.execute("update public.user_profiles set first_name = 'Anna' where id = %s", [pair.user1])
        assert listed(rpc, pair.user2) == [
            {
                "id": row["id"],
                "kind": "session_scheduled",
                "message": "Anna proposed a session. Agree to it, or propose another time.",
                "match_id": pair.match_id,
                "session_id": session["id"],
                "buddy_user_id": pair.user1,
                "buddy_first_name": "Anna",
                "created_at": row["created_at"],
                "useful_until": session["scheduled_time"],
                "read_at": None,
            }
        ]

    def test_a_name_is_that_of_a_current_partner(self, rpc, pair, told):
        row = listed(rpc, pair.user2)[1]
        assert (row["buddy_user_id"], row["buddy_first_name"]) == (None, None)
        assert row["message"] == "Your session with your buddy was cancelled."

    @pytest.mark.parametrize("blocker", ["user1", "user2"])
    def test_no_name_after_a_block(self, db, rpc, pair, blocker):
        make_session(db, pair.match_id, starts="1 hour")
        read_all(db)
        assert listed(rpc, pair.user2)[0]["buddy_first_name"]
        ids = [pair.user1, pair.user2]
        db.execute(
            "insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s)",
            ids if blocker == "user1" else ids[::-1],
        )
        assert listed(rpc, pair.user2)[0]["buddy_first_name"] is None
        assert listed(rpc, pair.user2)[0]["buddy_user_id"] is None

    def test_a_name_comes_back_with_another_match_of_the_two(self, db, rpc, pair, told):
        make_match(db, pair.user1, pair.user2)
        assert {row["buddy_user_id"] for row in listed(rpc, pair.user2)} == {pair.user1}

    def test_no_name_of_who_has_left(self, db, rpc, pair, told):
        rpc.as_user(pair.user1).call("erase_my_account", confirmation="erase")
        assert {row["buddy_first_name"] for row in listed(rpc, pair.user2)} == {None}

    def test_what_is_about_oneself_has_no_match(self, db, rpc, people, operator):
        ana = people.add()
        operator.call("wingman_admin.suspend_user", user_id=ana, until=None, reason="Rude")
        read_all(db)
        [row] = listed(rpc, ana)
        assert row["message"] == "Your account is suspended."
        assert {row[name] for name in ("match_id", "session_id", "buddy_user_id", "useful_until")} == {None}

    def test_page_by_page(self, rpc, pair, told):
        found, before = [], None
        while page := listed(rpc, pair.user2, page_size=2, before=before):
            assert len(page) <= 2
            found += [row["id"] for row in page]
            before = found[-1]
        assert found == told[::-1]

    def test_a_page_begins_below_any_id_of_whoever(self, db, rpc, pair, told):
        assert [row["id"] for row in listed(rpc, pair.user2, before=told[2])] == told[1::-1]
        [others] = notifications(db, pair.user1)
        rows = listed(rpc, pair.user2, before=others["id"])
        assert [row["id"] for row in rows] == [row for row in told[::-1] if row < others["id"]]
        assert listed(rpc, pair.user2, before=FIRST) == []
        assert len(listed(rpc, pair.user2, before=LAST)) == 5

    def test_only_what_is_unread(self, rpc, pair, told):
        mark(rpc, pair.user2, told[2])
        rows = listed(rpc, pair.user2, unread_only=True)
        assert [row["id"] for row in rows] == told[:2:-1]
        assert [row["read_at"] is None for row in listed(rpc, pair.user2)] == [True] * 2 + [False] * 3
        assert [row["id"] for row in listed(rpc, pair.user2, unread_only=True, before=told[4])] == [told[3]]

    def test_also_what_is_of_no_use_any_more(self, db, rpc, pair, told):
        let_pass(db, "2 hours")
        assert len(listed(rpc, pair.user2, unread_only=True)) == 5

    @pytest.mark.parametrize("page_size", [0, 101])
    def test_a_page_has_1_to_100_rows(self, db, rpc, pair, page_size):
        rule = "must be between 1 and 100"
        with refused(db, "invalid_argument", argument="page_size", rule=rule):
            listed(rpc, pair.user2, page_size=page_size)

    @pytest.mark.parametrize("argument", ["page_size", "unread_only"])
    def test_null_is_no_value(self, db, rpc, pair, argument):
        with refused(db, "missing_argument", argument=argument):
            listed(rpc, pair.user2, **{argument: None})

    def test_every_kind_has_its_message(self, db, rpc, pair):
        kinds = db.execute("select kind, message from wingman.notification_kinds()").fetchall()
        for number, row in enumerate(kinds):
            db.execute(
                """insert into public.wingman_notifications (id, user_id, kind, event_id, match_id)
                   values (wingman.id_at(now() + %s * interval '1 second'), %s, %s, %s, %s)""",
                [number, pair.user2, row["kind"], number, pair.match_id],
            )
        name = db.execute(
            "select first_name from public.user_profiles where id = %s", [pair.user1]
        ).fetchone()
        said = {row["kind"]: row["message"] for row in listed(rpc, pair.user2, page_size=100)}
        assert said == {row["kind"]: row["message"].replace("{buddy}", name["first_name"]) for row in kinds}
        assert not any("{" in message for message in said.values())


class TestMark:
    def test_up_to_one_of_them(self, db, rpc, pair, told):
        assert mark(rpc, pair.user2, told[2]) == {"unread": 2}
        assert [row["read_at"] is not None for row in notifications(db, pair.user2)] == [True] * 3 + [
            False
        ] * 2

    def test_all_of_them_at_one_moment(self, db, rpc, pair, told):
        assert mark(rpc, pair.user2) == {"unread": 0}
        assert len({row["read_at"] for row in notifications(db, pair.user2)}) == 1

    def test_again_nothing_changes(self, db, rpc, pair, told):
        mark(rpc, pair.user2, told[2])
        before = notifications(db)
        assert mark(rpc, pair.user2, told[2]) == {"unread": 2}
        assert mark(rpc, pair.user2, told[0]) == {"unread": 2}
        assert notifications(db) == before
        mark(rpc, pair.user2)
        assert notifications(db, pair.user2)[:3] == [row for row in before if row["id"] in told[:3]]

    def test_up_to_one_that_is_gone(self, db, rpc, pair, told):
        db.execute("delete from public.wingman_notifications where id = %s", [told[2]])
        assert mark(rpc, pair.user2, told[2]) == {"unread": 2}

    def test_up_to_one_of_somebody_else_marks_only_ones_own(self, db, rpc, pair, told):
        mark(rpc, pair.user1, told[-1])
        assert {row["read_at"] for row in notifications(db, pair.user2)} == {None}
        [own] = notifications(db, pair.user1)
        assert (own["read_at"] is not None) == (own["id"] <= told[-1])

    def test_up_to_nothing_marks_nothing(self, db, rpc, pair, told):
        before = notifications(db)
        assert mark(rpc, pair.user2, FIRST) == {"unread": 5}
        assert notifications(db) == before

    def test_the_same_key_gets_the_same_answer(self, db, rpc, pair, told):
        assert mark(rpc, pair.user2, told[2], idempotency_key="once") == {"unread": 2}
        mark(rpc, pair.user2)
        assert mark(rpc, pair.user2, told[2], idempotency_key="once") == {"unread": 2}
        with refused(db, "idempotency_key_reused"):
            mark(rpc, pair.user2, told[3], idempotency_key="once")

    def test_where_it_ends_must_be_said(self, db, rpc, pair):
        with refused(db, "missing_argument", argument="up_to"):
            mark(rpc, pair.user2, None)

    def test_it_needs_a_profile(self, db, rpc, people):
        with refused(db, "profile_incomplete"):
            mark(rpc, people.auth_only())

    def test_only_read_committed_and_read_write(self, db, rpc, pair):
        caller = rpc.as_user(pair.user2)
        caller.connection.read_only = True
        with refused(db, "read_only_transaction"):
            caller.call("mark_notifications_read", up_to=LAST)
        caller.connection.read_only = False
        caller.connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with refused(db, "unsupported_isolation"):
            caller.call("mark_notifications_read", up_to=LAST)

    def test_it_tells_nobody_and_writes_no_event(self, db, rpc, pair, told):
        events = db.execute("select count(*) as rows from wingman.events").fetchone()
        mark(rpc, pair.user2)
        assert db.execute("select count(*) as rows from wingman.events").fetchone() == events


class TestCount:
    def test_what_is_unread(self, rpc, pair, told):
        assert (count(rpc, pair.user1), count(rpc, pair.user2)) == ({"unread": 1}, {"unread": 5})
        mark(rpc, pair.user2, told[0])
        assert count(rpc, pair.user2) == {"unread": 4}

    def test_not_what_is_of_no_use_any_more(self, db, rpc, pair, told):
        let_pass(db, "59 minutes")
        assert count(rpc, pair.user2) == {"unread": 5}
        let_pass(db, "1 minute")
        # two sessions that were proposed for then
        assert count(rpc, pair.user2) == {"unread": 3}
        assert mark(rpc, pair.user2, notifications(db, pair.user2)[0]["id"]) == {"unread": 3}


class TestWho:
    @every_function
    def test_nobody_signed_in_is_refused(self, db, rpc, pair, function):
        with refused(db, "not_authenticated"):
            rpc.as_user("nobody").call(function, **ARGUMENTS[function])

    @every_function
    def test_a_user_does_it_for_nobody_else(self, db, rpc, pair, told, function):
        with refused(db, "acting_for_another"):
            rpc.as_user(pair.user1).call(function, **ARGUMENTS[function], user_id=pair.user2)

    @every_function
    @pytest.mark.parametrize("caller", ["as_service", "as_admin"])
    def test_service_and_operators_name_whom_they_act_for(self, db, rpc, pair, told, function, caller):
        caller = getattr(rpc, caller)()
        assert caller.call(function, **ARGUMENTS[function], user_id=pair.user2)
        with refused(db, "missing_argument", argument="user_id"):
            caller.call(function, **ARGUMENTS[function])
        with refused(db, "user_not_found"):
            caller.call(function, **ARGUMENTS[function], user_id=uuid4())

    @every_function
    def test_not_without_a_role(self, rpc, function):
        with pytest.raises(Exception, match="permission denied"):
            rpc.as_anon().call(function, **ARGUMENTS[function])

    @every_reading_one
    def test_who_has_no_profile_has_nothing_to_read(self, rpc, people, function):
        answer = rpc.as_user(people.auth_only()).call(function)
        assert answer == ([] if function == "list_notifications" else {"unread": 0})

    @every_reading_one
    def test_reading_ones_need_no_transaction_that_writes(self, rpc, pair, told, function):
        caller = rpc.as_user(pair.user2)
        caller.connection.read_only = True
        assert caller.call(function)


class TestTable:
    """public.wingman_notifications, read past the calls, as Supabase's Realtime does."""

    QUERY = "select id, user_id from public.wingman_notifications order by id"

    def as_caller(self, caller, query=QUERY):
        with caller.transaction():
            caller.assume_identity()
            return caller.connection.execute(query).fetchall()

    def test_people_see_their_own(self, db, rpc, pair, told):
        assert [row["id"] for row in self.as_caller(rpc.as_user(pair.user2))] == told
        assert {row["user_id"] for row in self.as_caller(rpc.as_user(pair.user1))} == {pair.user1}

    def test_others_see_nothing(self, rpc, people, told):
        assert self.as_caller(rpc.as_user(people.add())) == []
        assert self.as_caller(rpc.as_user("nobody")) == []

    @pytest.mark.parametrize("caller", ["as_service", "as_admin"])
    def test_service_and_operators_see_all(self, db, rpc, told, caller):
        assert len(self.as_caller(getattr(rpc, caller)())) == 6

    def test_who_has_not_signed_in_may_not_look(self, rpc, told):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            self.as_caller(rpc.as_anon())

    @pytest.mark.parametrize("caller", ["user", "service", "admin"])
    @pytest.mark.parametrize(
        "query",
        [
            "update public.wingman_notifications set read_at = now() returning id",
            "delete from public.wingman_notifications returning id",
            """insert into public.wingman_notifications (id, user_id, kind, event_id)
               select id, id, 'match_ended', 1 from public.user_profiles returning id""",
        ],
    )
    def test_nobody_writes_to_it(self, db, rpc, pair, told, caller, query):
        before = notifications(db)
        who = rpc.as_user(pair.user2) if caller == "user" else getattr(rpc, f"as_{caller}")()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            self.as_caller(who, query)
        assert notifications(db) == before

    @pytest.mark.parametrize("table", ["inbox_clock", "reminders", "postponed_notices"])
    @pytest.mark.parametrize("caller", ["user", "service", "admin"])
    def test_nobody_reads_how_it_is_done(self, rpc, pair, table, caller):
        who = rpc.as_user(pair.user2) if caller == "user" else getattr(rpc, f"as_{caller}")()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            self.as_caller(who, f"select from wingman.{table}")

    @pytest.mark.parametrize(
        ("assignments", "constraint"),
        [
            ("kind = 'profile_changed'", "wingman_notifications_kind_check"),
            ("kind = 'Match_ended'", "wingman_notifications_kind_check"),
            ("event_id = null", "wingman_notifications_cause_check"),
            ("due_at = now()", "wingman_notifications_cause_check"),
        ],
    )
    def test_what_a_row_may_be(self, db, told, assignments, constraint):
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            db.execute(f"update public.wingman_notifications set {assignments} where id = %s", [told[0]])
        assert caught.value.diag.constraint_name == constraint


def test_of_two_inboxes_each_has_its_own(db, rpc, people):
    """Many people, many notifications: no call reads those of somebody else."""
    pairs = [make_pair(db, people) for _ in range(3)]
    for pair in pairs:
        session_id = make_session(db, pair.match_id, starts="1 hour")
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 hour'")
    forget(db)
    for pair in pairs:
        rpc.as_admin().call("wingman_admin.end_match", match_id=pair.match_id, reason="They asked")
    read_all(db)
    for pair in pairs:
        for user_id in (pair.user1, pair.user2):
            [row] = listed(rpc, user_id)
            assert (row["kind"], row["match_id"]) == ("match_ended", pair.match_id)
            assert count(rpc, user_id) == {"unread": 1}
    mark(rpc, pairs[0].user1)
    assert sum(row["read_at"] is not None for row in notifications(db)) == 1
