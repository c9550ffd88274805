"""Every state change is written down, whoever made it, nothing personal is, and nobody changes it."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from guards.headers import request
from guards.trail import assert_replay_is_the_truth, last, mark, replayed, since, trail
from harness import LISBON, OPERATOR, RpcError, in_thread, wait_until_blocked
from rows import COMPLETE, make_match, make_pair, make_session, update_session
from security.allowed import ROLES

SOON = timedelta(minutes=10)
TELLING = {
    "first_name": "§name",
    "bio": "§bio",
    "photo_url": "https://§photo.org/",
    "city": "§city",
    "confidence_archetype": "§style",
    "lat": 38.71234,
    "lng": -9.13579,
}


def month_of_now(db) -> str:
    """The partition that is written to."""
    row = db.execute(
        "select 'wingman.audit_log_' || to_char(now() at time zone 'UTC', 'YYYY_MM') as name"
    ).fetchone()
    return row["name"]


def who(row) -> tuple:
    return row["user_id"], row["role"], row["login"], row["call"], row["request_id"]


def meet(rpc, db, match_id, user1, user2):
    """A session from its arrangement to both confirmations."""
    session = rpc.as_user(user1).call(
        "create_session",
        match_id=match_id,
        scheduled_time=datetime.now(UTC) + SOON,
        venue_name="§venue",
        notes="§notes",
    )
    rpc.as_user(user2).call("start_session", session_id=session["id"])
    update_session(db, session["id"], "scheduled_time = now()")
    for user_id in (user1, user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session["id"])
    return session["id"]


def tell_a_story(db, rpc, people) -> None:
    """Every transition of matches and sessions, by calls and by direct SQL."""
    ana, _, cem = (people.add(**{**TELLING, "first_name": name}) for name in ("§Ana", "§Ben", "§Cem"))
    found = rpc.as_user(ana).call("create_automatic_match")
    rpc.as_user(ana).call("respond_to_match", match_id=found["match_id"], action="decline")
    found = rpc.as_user(ana).call("create_automatic_match")
    match_id, buddy = found["match_id"], found["buddy_user_id"]
    rpc.as_user(buddy).call("respond_to_match", match_id=match_id, action="accept")
    meet(rpc, db, match_id, ana, buddy)
    cancelled = rpc.as_user(ana).call(
        "create_session", match_id=match_id, scheduled_time=datetime.now(UTC) + SOON, venue_name="§venue"
    )
    rpc.as_user(buddy).call("cancel_session", session_id=cancelled["id"], reason="§reason")
    rpc.as_user(ana).call(
        "create_session", match_id=match_id, scheduled_time=datetime.now(UTC) + SOON, venue_name="§venue"
    )
    rpc.as_user(ana).call("end_match", match_id=match_id)
    rpc.as_user(ana).call("block_user", subject_id=cem)
    rpc.as_user(ana).call("report_user", subject_id=cem, reason="§report")

    for status in ("pending", "lapsed", "expired", "accepted", "declined", "ended"):
        make_pair(db, people, status)
    for status in ("scheduled", "in_progress", "completed", "cancelled", "no_show"):
        make_session(db, make_pair(db, people).match_id, status, confirmed_by=[2])
    leaver = make_pair(db, people)
    make_session(db, leaver.match_id)
    db.execute("delete from auth.users where id = %s", [leaver.user2])
    gone = make_pair(db, people, "pending")
    db.execute("delete from public.wingman_matches where id = %s", [gone.match_id])
    blocked = make_pair(db, people)
    make_session(db, blocked.match_id)
    rpc.as_user(blocked.user2).call("block_user", subject_id=blocked.user1)


class TestReplay:
    def test_the_audit_rows_alone_give_the_state_of_every_match_and_session(self, db, rpc, people):
        tell_a_story(db, rpc, people)
        assert_replay_is_the_truth(db)
        matches, sessions = replayed(db, "match").values(), replayed(db, "session").values()
        assert {match["status"] for match in matches} == {"pending", "accepted", "declined", "expired"}
        assert {session["status"] for session in sessions} == {
            "scheduled",
            "in_progress",
            "completed",
            "cancelled",
            "no_show",
        }

    def test_several_changes_in_one_statement_keep_their_order(self, db, people):
        pair = make_pair(db, people, "pending")
        db.execute(
            f"""do $$ begin
            update public.wingman_matches
            set status = 'accepted', responded_by = user1_id, responded_at = statement_timestamp()
            where id = '{pair.match_id}';
            update public.wingman_matches set ended_at = statement_timestamp() where id = '{pair.match_id}';
            end $$"""
        )
        assert_replay_is_the_truth(db)
        assert len({row["occurred_at"] for row in trail(db, "match")[1:]}) == 1

    def test_a_change_that_waited_for_another_comes_after_it(self, db, connect, people):
        session_id = make_session(db, make_pair(db, people).match_id)
        holder, waiter = (connect(user=db.info.user) for _ in range(2))
        with holder.transaction():
            holder.execute("select from public.wingman_sessions where id = %s for update", [session_id])
            early = in_thread(update_session, waiter, session_id, COMPLETE)
            wait_until_blocked(db, waiter.info.backend_pid, by=holder.info.backend_pid)
            update_session(holder, session_id, "status = 'in_progress'")
        early.result(timeout=15)

        later, earlier = trail(db, "session")[-2:]
        assert later["occurred_at"] > earlier["occurred_at"]
        assert earlier["after"]["status"] == "completed"
        assert_replay_is_the_truth(db)

    def test_a_refused_call_and_one_rolled_back_leave_nothing(self, db, rpc, people):
        pair = make_pair(db, people)
        before = mark(db)
        caller = rpc.as_user(pair.user1)
        with pytest.raises(RpcError):
            caller.call("respond_to_match", match_id=pair.match_id, action="decline")
        with caller.transaction():
            caller.call("end_match", match_id=pair.match_id)
            assert since(db, before) == []
            raise psycopg.Rollback
        assert since(db, before) == []


class TestWho:
    @pytest.fixture
    def pair(self, db, people):
        return make_pair(db, people)

    def test_a_user(self, db, rpc, pair):
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
        assert who(last(db)) == (pair.user1, "authenticated", "authenticator", "end_match", None)

    def test_service_role_acting_for_a_user(self, db, rpc, pair):
        rpc.as_service().call("end_match", match_id=pair.match_id, user_id=pair.user1)
        assert who(last(db)) == (pair.user1, "service_role", "authenticator", "end_match", None)

    def test_an_operator_acting_for_a_user(self, db, rpc, pair):
        rpc.as_admin().call("end_match", match_id=pair.match_id, user_id=pair.user1)
        assert who(last(db)) == (pair.user1, OPERATOR, OPERATOR, "end_match", None)

    def test_direct_sql(self, db, pair):
        db.execute("update public.wingman_matches set ended_at = statement_timestamp()")
        login = db.info.user
        assert who(last(db)) == (None, login, login, None, None)

    def test_direct_sql_with_another_role(self, db, pair):
        with db.transaction():
            db.execute("set local role wingman_owner")
            db.execute("update public.wingman_matches set ended_at = statement_timestamp()")
        assert who(last(db)) == (None, "wingman_owner", db.info.user, None, None)

    def test_direct_sql_after_a_call_of_the_same_transaction(self, db, pair):
        with db.transaction():
            db.execute("set local role service_role")
            db.execute("select public.pause_matching(user_id => %s)", [pair.user1])
            db.execute("set local role none")
            db.execute("update public.wingman_matches set ended_at = statement_timestamp()")
        called, direct = trail(db)[-2:]
        assert who(called)[0:4:3] == (pair.user1, "pause_matching")
        assert who(direct) == (None, db.info.user, db.info.user, None, None)

    def test_the_header_x_request_id(self, db, rpc, pair):
        caller = rpc.as_user(pair.user1)
        with request(caller, {"x-request-id": "3 words here", "idempotency-key": "k"}):
            caller.call("end_match", match_id=pair.match_id)
        assert who(last(db))[3:] == ("end_match", "3 words here")

    def test_the_idempotency_key_without_that_header(self, db, rpc, pair):
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id, idempotency_key="key of mine")
        assert who(last(db))[3:] == ("end_match", "key of mine")

    def test_a_replay_writes_nothing(self, db, rpc, pair):
        for _ in range(2):
            before = mark(db)
            rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id, idempotency_key="k")
        assert since(db, before) == []

    def test_who_settles_a_match_of_others_on_the_way(self, db, rpc, people):
        lapsed, ana = make_pair(db, people, "lapsed"), people.add(lat=40, lng=3)
        rpc.as_user(ana).call("create_automatic_match")
        row = last(db, "match")
        assert (row["entity_id"], row["after"]["status"]) == (lapsed.match_id, "expired")
        assert who(row)[0:4:3] == (ana, "create_automatic_match")

    def test_a_deleted_account(self, db, pair):
        make_session(db, pair.match_id)
        before = mark(db)
        db.execute("delete from auth.users where id = %s", [pair.user1])
        rows = since(db, before)
        assert sorted(row["entity"] for row in rows) == ["match", "profile", "session"]
        assert {who(row) for row in rows} == {(None, db.info.user, db.info.user, None, None)}


class TestWhat:
    """One row for each change, with what was before and after."""

    def test_a_match(self, db, rpc, people):
        ana, ben = people.add(), people.add()
        match_id = rpc.as_user(ana).call("create_automatic_match")["match_id"]
        rpc.as_user(ben).call("respond_to_match", match_id=match_id, action="accept")
        offered, accepted = trail(db, "match")
        assert (offered["entity_id"], offered["match_id"]) == (match_id, match_id)
        assert offered["before"] is None
        user1, user2 = sorted((str(ana), str(ben)))
        told = offered["after"]
        assert (told["user1_id"], told["user2_id"], told["searched_by"]) == (user1, user2, str(ana))
        assert (accepted["before"]["status"], accepted["after"]["status"]) == ("pending", "accepted")
        assert (accepted["before"]["responded_by"], accepted["after"]["responded_by"]) == (None, str(ben))

    def test_a_completion_writes_the_session_and_two_reputations_and_no_profile(self, db, rpc, people):
        pair = make_pair(db, people)
        session_id = make_session(db, pair.match_id, confirmed_by=[1])
        before = mark(db)
        rpc.as_user(pair.user2).call("confirm_session_completion", session_id=session_id)
        session, *reputations = since(db, before)
        assert (session["entity"], session["entity_id"], session["match_id"]) == (
            "session",
            session_id,
            pair.match_id,
        )
        assert [(row["entity"], row["entity_id"], row["after"]) for row in reputations] == [
            ("reputation", user_id, {"session_id": str(session_id), "kind": "completed", "delta": 1})
            for user_id in (pair.user1, pair.user2)
        ]

    def test_a_block_and_its_end(self, db, rpc, people):
        ana, ben = people.add(), people.add()
        rpc.as_user(ana).call("block_user", subject_id=ben)
        rpc.as_user(ana).call("block_user", subject_id=ben)
        rpc.as_user(ana).call("unblock_user", subject_id=ben)
        blocked = {"blocked_id": str(ben)}
        assert [(row["entity_id"], row["before"], row["after"]) for row in trail(db, "block")] == [
            (ana, None, blocked),
            (ana, blocked, None),
        ]

    def test_a_profile(self, db, people, rpc):
        ana = people.add()
        told = {**LISBON, "first_name": "Ann", "experience_level": "advanced"}
        rpc.as_user(ana).call("complete_profile", **told)
        rpc.as_user(ana).call("complete_profile", **told)
        db.execute("delete from auth.users")
        changed = ["first_name", "experience_level"]
        assert [(row["entity_id"], row["before"], row["after"]) for row in trail(db, "profile")] == [
            (ana, None, {"experience_level": "beginner"}),
            (ana, {"experience_level": "beginner"}, {"experience_level": "advanced", "changed": changed}),
            (ana, {"experience_level": "advanced"}, None),
        ]

    def test_every_text_of_a_profile_is_told_of_by_its_column(self, db, people):
        people.add()
        texts = ["first_name", "bio", "photo_url", "experience_level", "confidence_archetype"]
        db.execute(
            "update public.user_profiles set first_name = 'B', bio = 'B', photo_url = 'https://b',"
            " experience_level = 'advanced', confidence_archetype = 'B'"
        )
        assert last(db, "profile")["after"]["changed"] == texts

    def test_pauses_chosen_and_automatic(self, db, rpc, people):
        pair = make_pair(db, people, "lapsed")
        db.execute("update wingman.matchmaking_pool set unanswered_offers = 2 where user_id = %s", [pair.user2])
        db.execute("update public.wingman_matches set status = 'expired'")
        for call in ("pause_matching", "pause_matching", "resume_matching"):
            rpc.as_user(pair.user1).call(call)
        assert [
            (
                row["entity_id"],
                row["before"]["paused"],
                row["after"]["paused"],
                row["after"]["paused_automatically"],
            )
            for row in trail(db, "seeker")
        ] == [
            (pair.user2, False, True, True),
            (pair.user1, False, True, False),
            (pair.user1, True, False, False),
        ]

    def test_settings(self, db):
        db.execute("update wingman.settings set settle_limit = 7 where id")
        db.execute("update wingman.settings set settle_limit = 7 where id")
        (row,) = trail(db, "settings")
        assert (row["before"]["settle_limit"], row["after"]["settle_limit"]) == (2, 7)

    def test_what_is_no_state_is_not_written(self, db, people):
        pair = make_pair(db, people)
        session_id = make_session(db, pair.match_id)
        before = mark(db)
        update_session(db, session_id, "venue_name = 'Elsewhere', notes = 'Later', status = 'scheduled'")
        db.execute("update public.wingman_matches set distance_miles = 9")
        db.execute("update public.user_locations set lat = 39")
        db.execute("update wingman.matchmaking_pool set waiting_since = now(), paused = paused")
        assert since(db, before) == []

    def test_a_session_moved_to_another_time_is(self, db, people):
        session_id = make_session(db, make_pair(db, people).match_id)
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 day'")
        row = last(db, "session")
        assert row["before"]["scheduled_time"] < row["after"]["scheduled_time"]
        assert_replay_is_the_truth(db)

    def test_nothing_personal(self, db, rpc, people):
        tell_a_story(db, rpc, people)
        text = json.dumps(trail(db), default=str)
        assert "§" not in text
        assert "38.7223" not in text
        assert "9.1393" not in text


class TestAppendOnly:
    @pytest.fixture(params=["wingman.audit_log", "wingman.audit_log_default", "the month's"])
    def table(self, request, db, people):
        """With a row to change."""
        people.add()
        db.execute("insert into wingman.audit_log (occurred_at, entity) values ('1999-01-01', 'settings')")
        return month_of_now(db) if request.param == "the month's" else request.param

    @pytest.mark.parametrize("role", ["none", "wingman_owner"], ids=["superuser", "owner"])
    @pytest.mark.parametrize(
        "statement",
        ["update {} set login = 'nobody'", "update {} set id = id", "delete from {}", "truncate {}"],
    )
    def test_for_everybody(self, db, table, role, statement):
        before = trail(db)
        with pytest.raises(psycopg.errors.CheckViolation, match="is append-only"), db.transaction():
            db.execute(f"set local role {role}")
            db.execute(statement.format(table))
        assert trail(db) == before

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize(
        "statement",
        [
            "select from {}",
            "select count(id) from {}",
            "insert into {} (entity) values ('match')",
            "insert into {} (occurred_at, entity) values (now(), 'match')",
            "update {} set login = 'nobody'",
            "delete from {}",
            "truncate {}",
            "drop table {}",
            "alter table {} disable trigger all",
            "create trigger mine before insert on {} for each row execute function wingman.refuse_change()",
        ],
    )
    def test_no_role_may_even_read(self, db, table, role, statement):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute(f"set local role {role}")
            db.execute(statement.format(table))

    @pytest.mark.parametrize("role", ["service_role", "wingman_admin"])
    def test_operators_read_it_through_their_view(self, db, people, role):
        people.add()
        with db.transaction():
            db.execute(f"set local role {role}")
            seen = db.execute("select * from wingman_admin.audit_log order by id").fetchall()
        assert seen == trail(db)

    @pytest.mark.parametrize("role", ["anon", "authenticated", "authenticator"])
    def test_nobody_else_does(self, db, role):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute(f"set local role {role}")
            db.execute("select from wingman_admin.audit_log")

    @pytest.mark.parametrize("role", ["none", "wingman_owner", "service_role", "wingman_admin"])
    @pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}"])
    def test_not_through_the_view_either(self, db, people, role, statement):
        people.add()
        refusals = (psycopg.errors.CheckViolation, psycopg.errors.InsufficientPrivilege)
        with pytest.raises(refusals), db.transaction():
            db.execute(f"set local role {role}")
            db.execute(statement.format("wingman_admin.audit_log"))

    def test_what_a_caller_puts_into_the_setting_is_not_believed(self, db, rpc, people):
        ana, forged = people.add(), uuid4()
        caller = rpc.as_user(ana)
        with caller.transaction():
            caller.connection.execute(f"select set_config('wingman.call', 'end_match {forged} x', true)")
            caller.call("pause_matching")
        assert who(last(db, "seeker")) == (ana, "authenticated", "authenticator", "pause_matching", None)


def test_a_match_of_no_search_is_offered_by_nobody(db, people):
    make_match(db, people.add(), people.add(), "pending")
    assert last(db, "match")["after"]["searched_by"] is None
