"""suspend_user and lift_suspension: what a suspension ends, refuses, and leaves."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from fairness.noshows import answer, lift, missed, report, report_in_state, statuses, suspend
from harness import LISBON, OPERATOR, RpcError
from matchmaking import CREATED, match_row, none_within, pending, seeker_row, wait_since, waiting
from rows import business_rows, make_match, make_pair, make_session, session_row, update_session

SUSPEND, LIFT = "wingman_admin.suspend_user", "wingman_admin.lift_suspension"
DONE = {"success": True, "message": "User suspended: open matches and coming sessions have ended."}
LIFTED = {"success": True, "message": "Suspension lifted: the user can search and be found again."}
TOMORROW = datetime(2100, 1, 2, 3, 4, 5, tzinfo=UTC)
NEVER = {"until": None}
TIMED = {"until": "2100-01-02 03:04 UTC"}
ENDS = pytest.mark.parametrize("until", [None, TOMORROW], ids=["without end", "for a time"])
BY_EITHER = pytest.mark.parametrize("who", ["user1", "user2"])


def context(until):
    return NEVER if until is None else TIMED


def suspensions(db):
    rows = db.execute("select user_id, ends_at from wingman.suspensions").fetchall()
    return {row["user_id"]: row["ends_at"] for row in rows}


def expire(db) -> None:
    """Let every suspension that ends have ended."""
    db.execute("update wingman.suspensions set ends_at = now() where ends_at is not null")


def search(rpc, user_id):
    return rpc.as_user(user_id).call("create_automatic_match")


def soon(hours=24):
    return datetime.now(UTC) + timedelta(hours=hours)


def sides(pair, who):
    return (pair.user1, pair.user2) if who == "user1" else (pair.user2, pair.user1)


# What is written.


@ENDS
def test_a_suspension_is_written_down_with_its_reason(db, people, operator, until):
    ana = people.add()
    before = business_rows(db)
    assert suspend(operator, ana, until) == DONE
    after = business_rows(db)
    assert {table for table in after if after[table] != before[table]} == {
        "wingman.suspensions",
        "wingman.matchmaking_pool",
        "wingman.leaderboard_reviews",
        "wingman.operator_decisions",
    }
    assert suspensions(db) == {ana: until}
    row = seeker_row(db, ana)
    assert (row["suspended"], row["suspended_until"]) == (until is None, until)
    (decision,) = db.execute("select * from wingman.operator_decisions").fetchall()
    assert (decision["kind"], decision["subject_id"]) == ("user_suspended", ana)
    assert (decision["reason"], decision["login"]) == ("Rude", OPERATOR)
    told = decision["details"]["until"]
    assert (told and datetime.fromisoformat(told)) == until


@pytest.mark.parametrize("second", [None, TOMORROW + timedelta(days=1)])
@ENDS
def test_a_second_one_gives_the_new_end(db, people, operator, until, second):
    ana = people.add()
    suspend(operator, ana, until)
    (first,) = db.execute("select created_at from wingman.suspensions").fetchall()
    suspend(operator, ana, second)
    assert suspensions(db) == {ana: second}
    row = seeker_row(db, ana)
    assert (row["suspended"], row["suspended_until"]) == (second is None, second)
    # it goes on, so it began when the first one did
    assert db.execute("select created_at from wingman.suspensions").fetchall() == [first]


def test_one_after_another_that_has_ended_begins_when_it_is_decided(db, people, operator):
    ana = people.add()
    suspend(operator, ana, TOMORROW)
    db.execute("update wingman.suspensions set ends_at = now(), created_at = now() - interval '1 day'")
    suspend(operator, ana)
    (row,) = db.execute(
        "select created_at > now() - interval '1 hour' as is_new from wingman.suspensions"
    ).fetchall()
    assert row["is_new"]


def test_the_list_of_operators_holds_those_that_go_on(db, people, operator):
    ana, ben, cem = (people.add() for _ in range(3))
    suspend(operator, ana)
    suspend(operator, ben, TOMORROW)
    suspend(operator, cem, TOMORROW)
    db.execute("update wingman.suspensions set ends_at = now() where user_id = %s", [cem])
    rows = operator.connection.execute("select * from wingman_admin.suspensions").fetchall()
    assert [(row["user_id"], row["ends_at"]) for row in rows] == [(ben, TOMORROW), (ana, None)]
    assert rows[0]["created_at"] > rows[1]["created_at"]


def test_overview_and_timeline_tell_of_it(db, people, operator):
    ana = people.add()
    suspend(operator, ana, TOMORROW)
    (row,) = operator.call("wingman_admin.user_overview", user_id=ana)
    told = (row["matching"], row["is_suspended"], datetime.fromisoformat(row["suspended_until"]))
    assert told == ("suspended", True, TOMORROW)
    lift(operator, ana)
    (row,) = operator.call("wingman_admin.user_overview", user_id=ana)
    assert (row["matching"], row["is_suspended"], row["suspended_until"]) == ("free", False, None)
    told = operator.connection.execute(
        "select kind, login from wingman_admin.user_timeline(%s)", [ana]
    ).fetchall()
    told = [
        (row["kind"], row["login"]) for row in told if row["kind"] in ("user_suspended", "suspension_lifted")
    ]
    assert told == [("suspension_lifted", OPERATOR), ("user_suspended", OPERATOR)]


# What it ends.


@BY_EITHER
def test_a_pending_match_is_declined_as_if_the_user_had_done_it(db, rpc, people, operator, who):
    pair = make_pair(db, people, "pending")
    me, other = sides(pair, who)
    wait_since(db, other, "5 days")
    since = waiting(db, other)
    suspend(operator, me)
    row = match_row(db, pair.match_id)
    assert (row["status"], row["responded_by"]) == ("declined", me)
    assert (pending(db, me), pending(db, other), waiting(db, other)) == (None, None, since)


def test_a_lapsed_one_has_expired(db, people, operator):
    pair = make_pair(db, people, "lapsed")
    suspend(operator, pair.user1)
    assert match_row(db, pair.match_id)["status"] == "expired"


@BY_EITHER
def test_accepted_matches_end_with_their_coming_sessions(db, people, operator, who):
    pair = make_pair(db, people)
    me, _ = sides(pair, who)
    other = make_match(db, me, people.add())
    coming = make_session(db, pair.match_id, starts="1 hour")
    running = make_session(db, other, "in_progress", starts="1 minute")
    suspend(operator, me)
    for match_id in (pair.match_id, other):
        row = match_row(db, match_id)
        assert (row["status"], row["ended_by"], row["ended_at"]) == ("accepted", me, row["updated_at"])
    for session_id in (coming, running):
        row = session_row(db, session_id)
        assert (row["status"], row["cancelled_by"], row["cancelled_at"]) == (
            "cancelled",
            me,
            row["updated_at"],
        )
        assert row["cancellation_reason"] is None


@pytest.mark.parametrize(("offset", "status"), [("0", "scheduled"), ("-1 microsecond", "cancelled")])
def test_a_session_whose_time_has_come_stays(db, pair, offset, status):
    session_id = missed(db, pair)
    at_one_instant(
        db,
        f"wingman_admin.suspend_user('{pair.user1}', null, 'Rude')",
        first=f"""update public.wingman_sessions
                  set scheduled_time = statement_timestamp() - interval '{offset}'
                  where id = '{session_id}'""",
    )
    assert session_row(db, session_id)["status"] == status
    assert match_row(db, pair.match_id)["ended_by"] == pair.user1


@BY_EITHER
@pytest.mark.parametrize("first", ["user1", "user2"])
def test_and_can_be_confirmed_by_both(db, rpc, pair, operator, who, first):
    session_id = missed(db, pair)
    suspend(operator, sides(pair, who)[0])
    for user_id in sides(pair, first):
        told = rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    assert (told["both_confirmed"], session_row(db, session_id)["status"]) == (True, "completed")


@BY_EITHER
@pytest.mark.parametrize("leaver", ["user1", "user2"])
def test_a_departure_cancels_what_a_suspension_has_left(db, rpc, pair, operator, who, leaver):
    session_id = missed(db, pair, by="both")
    suspend(operator, sides(pair, who)[0])
    me, other = sides(pair, leaver)
    rpc.as_user(me).call("erase_my_account", confirmation="erase")
    row = session_row(db, session_id)
    assert (row["status"], row["cancelled_by"]) == ("cancelled", me)
    lift(operator, sides(pair, who)[0])
    assert report(rpc, other, session_id)["status"] == "open"


@pytest.mark.parametrize("status", ["declined", "expired", "ended"])
def test_what_was_over_and_what_others_have_stays(db, people, operator, status):
    pair, others = make_pair(db, people, status), make_pair(db, people)
    session_id = make_session(db, others.match_id, starts="1 hour")
    before = match_row(db, pair.match_id), match_row(db, others.match_id), session_row(db, session_id)
    suspend(operator, pair.user1)
    assert (
        match_row(db, pair.match_id),
        match_row(db, others.match_id),
        session_row(db, session_id),
    ) == before


# What it refuses.


@ENDS
class TestRefused:
    def test_a_search(self, db, rpc, people, operator, until):
        ana, _ = people.add(), people.add()
        suspend(operator, ana, until)
        with refused(db, "account_suspended", **context(until)):
            search(rpc, ana)

    def test_a_search_also_while_paused(self, db, rpc, people, operator, until):
        ana = people.add()
        rpc.as_user(ana).call("pause_matching")
        suspend(operator, ana, until)
        with refused(db, "account_suspended", **context(until)):
            search(rpc, ana)

    @pytest.mark.parametrize("status", ["accepted", "expired", "ended", "lapsed"])
    def test_another_answer_to_a_match(self, db, rpc, people, operator, until, status):
        pair = make_pair(db, people, status)
        suspend(operator, pair.user1, until)
        with refused(db, "account_suspended", **context(until)):
            rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="decline")

    @pytest.mark.parametrize("status", ["pending", "declined"])
    def test_an_accept(self, db, rpc, people, operator, until, status):
        pair = make_pair(db, people, status)
        suspend(operator, pair.user1, until)
        with refused(db, "account_suspended", **context(until)):
            rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="accept")

    def test_the_same_answer_again_is_not_one(self, rpc, db, people, operator, until):
        pair = make_pair(db, people, "pending")
        suspend(operator, pair.user1, until)
        told = rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="decline")
        assert (told["match_status"], told["next_match"]) == ("declined", None)

    def test_a_session(self, db, rpc, pair, operator, until):
        suspend(operator, pair.user1, until)
        told = {"match_id": pair.match_id, "scheduled_time": soon(), "venue_name": "Café"}
        with refused(db, "account_suspended", **context(until)):
            rpc.as_user(pair.user1).call("create_session", **told)
        # of a match that was accepted after all, by hand
        told["match_id"] = make_match(db, pair.user1, pair.user2)
        make_session(db, told["match_id"], starts="1 hour")
        with refused(db, "account_suspended", **context(until)):
            rpc.as_user(pair.user1).call("create_session", **told)

    def test_an_agreement_and_another_time(self, db, rpc, pair, operator, until):
        session_id = missed(db, pair)
        suspend(operator, pair.user1, until)
        me = rpc.as_user(pair.user1)
        with refused(db, "account_suspended", **context(until)):
            me.call("agree_to_session", session_id=session_id)
        with refused(db, "account_suspended", **context(until)):
            me.call("reschedule_session", session_id=session_id, scheduled_time=soon())

    def test_the_report_of_a_no_show(self, db, rpc, pair, operator, until):
        session_id = missed(db, pair)
        suspend(operator, pair.user1, until)
        with refused(db, "account_suspended", **context(until)):
            report(rpc, pair.user1, session_id)


class TestOrderOfChecks:
    def test_participants_first(self, db, rpc, people, operator):
        pair, stranger = make_pair(db, people), people.add()
        session_id = missed(db, pair)
        suspend(operator, stranger)
        me = rpc.as_user(stranger)
        told = {"match_id": pair.match_id, "scheduled_time": soon(), "venue_name": "Café"}
        with refused(db, "not_match_participant"):
            me.call("create_session", **told)
        with refused(db, "not_match_participant"):
            me.call("respond_to_match", match_id=pair.match_id, action="accept")
        with refused(db, "not_session_participant"):
            me.call("agree_to_session", session_id=session_id)
        with refused(db, "not_session_participant"):
            me.call("reschedule_session", session_id=session_id, scheduled_time=soon())
        with refused(db, "not_session_participant"):
            me.call("report_no_show", session_id=session_id, reason="left_early")

    def test_arguments_first(self, db, rpc, pair, operator):
        suspend(operator, pair.user1)
        told = {"match_id": pair.match_id, "scheduled_time": soon(-1), "venue_name": "Café"}
        with refused(db, "invalid_schedule"):
            rpc.as_user(pair.user1).call("create_session", **told)
        with refused(db, "invalid_radius"):
            rpc.as_user(pair.user1).call("create_automatic_match", max_radius_miles=0)

    def test_what_is_so_already_is_not_refused(self, db, rpc, pair, operator):
        session_id = missed(db, pair)
        update_session(db, session_id, "agreed_by = user1_id, agreed_at = now()")
        scheduled_time = soon()
        update_session(db, session_id, f"scheduled_time = '{scheduled_time}'")
        suspend(operator, pair.user1)
        # written by hand, as no call leaves a coming session
        other = make_match(db, pair.user1, pair.user2)
        coming = make_session(db, other, starts=scheduled_time)
        update_session(db, coming, "proposed_by = user2_id, agreed_by = user1_id, agreed_at = now()")
        me = rpc.as_user(pair.user1)
        assert me.call("agree_to_session", session_id=coming)["id"] == coming
        again = me.call("reschedule_session", session_id=coming, scheduled_time=scheduled_time)
        assert again["id"] == coming

    def test_before_the_state_of_the_session(self, db, rpc, pair, operator):
        session_id = make_session(db, pair.match_id, "cancelled")
        suspend(operator, pair.user1)
        me = rpc.as_user(pair.user1)
        with refused(db, "account_suspended", until=None):
            me.call("agree_to_session", session_id=session_id)
        with refused(db, "account_suspended", until=None):
            me.call("reschedule_session", session_id=session_id, scheduled_time=soon())

    def test_the_first_of_two_accepts(self, db, rpc, people, operator):
        ana, ben = people.add(), people.add()
        suspend(operator, ana)
        match_id = make_match(db, ana, ben, "pending")
        with db.transaction():
            db.execute("set local session_replication_role = replica")
            db.execute("update public.wingman_matches set needs_both = true")
        with refused(db, "account_suspended", until=None):
            rpc.as_user(ana).call("respond_to_match", match_id=match_id, action="accept")


# What it does not refuse.


def test_everything_else_goes_on(db, rpc, pair, people, operator):
    me, ben = rpc.as_user(pair.user2), people.add()
    session_id = report_in_state(db, rpc, pair, "open")
    suspend(operator, pair.user2)
    assert answer(rpc, pair.user2, session_id, "contest")["status"] == "contested"
    me.call("block_user", subject_id=ben)
    me.call("unblock_user", subject_id=ben)
    assert me.call("report_user", subject_id=ben, reason="Rude")["success"]
    told = {"first_name": "Bea", "experience_level": "advanced", **LISBON}
    assert me.call("complete_profile", **told)["first_name"] == "Bea"
    for call in ("pause_matching", "resume_matching"):
        assert me.call(call)["success"]
    for call in ("get_profile", "list_matches", "list_sessions", "get_reputation", "export_my_data"):
        me.call(call)
    me.call("why_no_match")
    me.call("get_match_history", match_id=pair.match_id)
    me.call("cancel_session", session_id=session_id)
    assert me.call("erase_my_account", confirmation="erase")["success"]


@ENDS
def test_the_profile_and_why_no_match_say_so(rpc, people, operator, until):
    ana = people.add()
    suspend(operator, ana, until)
    profile = rpc.as_user(ana).call("get_profile")
    told = profile["suspended_until"]
    assert (profile["suspended"], told and datetime.fromisoformat(told)) == (True, until)
    told = rpc.as_user(ana).call("why_no_match")
    assert told["suggestions"] == ["Ask the operators: this account is suspended"]


# Being found.


@ENDS
def test_others_do_not_find_somebody_suspended(rpc, people, operator, until):
    ana, ben = people.add(), people.add()
    suspend(operator, ana, until)
    assert search(rpc, ben)["message"] == none_within(25)
    told = rpc.as_user(ben).call("why_no_match")
    assert "suspen" not in str(told)


def test_nor_after_a_decline(db, rpc, people, operator):
    ana, ben, cem = (people.add() for _ in range(3))
    suspend(operator, cem)
    match_id = make_match(db, ana, ben, "pending")
    told = rpc.as_user(ana).call("respond_to_match", match_id=match_id, action="decline")
    assert told["next_match"] is None


@pytest.mark.parametrize(("left", "found"), [("1 microsecond", False), ("0", True)])
def test_a_timed_one_ends_by_itself_to_the_microsecond(db, people, operator, left, found):
    ana, ben = people.add(), people.add()
    suspend(operator, ana, TOMORROW)
    first = f"update wingman.suspensions set ends_at = statement_timestamp() + interval '{left}'"
    told = at_one_instant(db, f"public.create_automatic_match(25, '{ben}')", first=first)
    assert told["success"] is found
    db.execute("update wingman.suspensions set ends_at = '2100-01-01'")


@pytest.mark.parametrize(("left", "may"), [("1 microsecond", False), ("0", True)])
def test_and_so_does_the_refusal(db, people, operator, left, may):
    ana, _ = people.add(), people.add()
    suspend(operator, ana, TOMORROW)
    first = f"update wingman.suspensions set ends_at = statement_timestamp() + interval '{left}'"
    call = f"public.create_automatic_match(25, '{ana}')"
    if may:
        assert at_one_instant(db, call, first=first)["success"]
    else:
        with pytest.raises(RpcError, match="account_suspended"):
            at_one_instant(db, call, first=first)


@pytest.mark.parametrize("what", ["respond", "report", "create"])
def test_once_it_has_ended_nothing_is_refused(db, rpc, people, operator, what):
    pair = make_pair(db, people)
    suspend(operator, pair.user1, TOMORROW)
    expire(db)
    me = rpc.as_user(pair.user1)
    match what:
        case "respond":
            match_id = make_match(db, pair.user1, people.add(), "pending")
            told = me.call("respond_to_match", match_id=match_id, action="accept")
            assert told["match_status"] == "accepted"
        case "report":
            second = make_pair(db, people)
            session_id = missed(db, second)
            assert report(rpc, second.user1, session_id)["status"] == "open"
        case "create":
            match_id = make_match(db, pair.user1, people.add())
            told = {"match_id": match_id, "scheduled_time": soon(), "venue_name": "Café"}
            assert me.call("create_session", **told)["status"] == "scheduled"


@ENDS
def test_only_without_end_somebody_leaves_the_index_of_free_people(db, people, operator, until):
    ana = people.add()
    suspend(operator, ana, until)
    row = db.execute(
        """select (pending_match_id is null and not paused and not suspended) as is_free
           from wingman.matchmaking_pool where user_id = %s""",
        [ana],
    ).fetchone()
    assert row["is_free"] is (until is not None)


# Lifting.


@ENDS
def test_a_lifted_one_is_over(db, rpc, people, operator, until):
    ana, ben = people.add(), people.add()
    suspend(operator, ana, until)
    assert lift(operator, ana) == LIFTED
    assert suspensions(db) == {}
    row = seeker_row(db, ana)
    assert (row["suspended"], row["suspended_until"]) == (False, None)
    assert search(rpc, ben)["message"] == CREATED
    kinds = [row["kind"] for row in db.execute("select kind from wingman.operator_decisions order by id")]
    assert kinds == ["user_suspended", "suspension_lifted"]


def test_what_it_has_ended_stays_ended(db, pair, operator):
    suspend(operator, pair.user1)
    before = match_row(db, pair.match_id)
    lift(operator, pair.user1)
    assert match_row(db, pair.match_id) == before


@pytest.mark.parametrize("state", ["never", "lifted", "over", "unknown"])
def test_who_is_not_suspended_cannot_be_released(db, people, operator, state):
    ana = uuid4() if state == "unknown" else people.add()
    if state in ("lifted", "over"):
        suspend(operator, ana, TOMORROW)
        if state == "lifted":
            lift(operator, ana)
        else:
            expire(db)
    with refused(db, "user_not_suspended"):
        lift(operator, ana)


# Leaving and coming back.


@ENDS
def test_it_outlives_the_account_and_is_found_again(db, rpc, people, operator, until):
    ana, ben = people.add(), people.add()
    suspend(operator, ana, until)
    rpc.as_user(ana).call("erase_my_account", confirmation="erase")
    assert suspensions(db) == {ana: until}
    told = {"first_name": "Ana", "experience_level": "beginner", **LISBON}
    rpc.as_user(ana).call("complete_profile", **told)
    with refused(db, "account_suspended", **context(until)):
        search(rpc, ana)
    assert search(rpc, ben)["message"] == none_within(25)


def test_who_has_left_can_be_suspended_and_released(db, rpc, people, operator):
    ana = people.add()
    rpc.as_user(ana).call("erase_my_account", confirmation="erase")
    assert suspend(operator, ana) == DONE
    assert lift(operator, ana) == LIFTED
    suspend(operator, ana)
    told = {"first_name": "Ana", "experience_level": "beginner", **LISBON}
    assert rpc.as_user(ana).call("complete_profile", **told)["suspended"] is True


def test_nobody_unknown_is_suspended(db, people, operator):
    newcomer = people.auth_only()
    for user_id in (uuid4(), newcomer):
        with refused(db, "user_not_found"):
            suspend(operator, user_id)


def test_somebody_without_a_place_is_and_stays_so_with_one(db, rpc, people, operator):
    ana = people.add()
    db.execute("delete from public.user_locations where user_id = %s", [ana])
    suspend(operator, ana)
    told = {"first_name": "Ana", "experience_level": "beginner", **LISBON}
    rpc.as_user(ana).call("complete_profile", **told)
    with refused(db, "account_suspended", until=None):
        search(rpc, ana)


# Arguments.


@pytest.mark.parametrize("argument", ["user_id", "reason"])
def test_user_and_reason_are_required(db, people, operator, argument):
    ana = people.add()
    suspend(operator, ana)
    told = {"user_id": ana, "reason": "Rude", argument: None}
    with refused(db, "missing_argument", argument=argument):
        operator.call(SUSPEND, until=None, **told)
    with refused(db, "missing_argument", argument=argument):
        operator.call(LIFT, **told)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
def test_the_reason_says_something(db, people, operator, reason):
    ana = people.add()
    suspend(operator, ana)
    rule = "must be 1 to 500 characters"
    with refused(db, "invalid_argument", argument="reason", rule=rule):
        operator.call(SUSPEND, user_id=ana, until=None, reason=reason)
    with refused(db, "invalid_argument", argument="reason", rule=rule):
        operator.call(LIFT, user_id=ana, reason=reason)


@pytest.mark.parametrize("until", ["2000-01-01 00:00Z", "infinity", "-infinity"])
def test_it_ends_in_the_future_if_at_all(db, people, operator, until):
    ana = people.add()
    rule = "must be in the future, or null for without end"
    with refused(db, "invalid_argument", argument="until", rule=rule):
        suspend(operator, ana, until)


@pytest.mark.parametrize(("left", "may"), [("1 microsecond", True), ("0", False)])
def test_now_is_not_the_future(db, people, left, may):
    ana = people.add()
    call = f"wingman_admin.suspend_user('{ana}', statement_timestamp() + interval '{left}', 'Rude')"
    if may:
        assert at_one_instant(db, call) == DONE
    else:
        with pytest.raises(RpcError, match="must be in the future"):
            at_one_instant(db, call)


def test_a_report_about_somebody_suspended_goes_its_way(db, rpc, pair, operator):
    report_in_state(db, rpc, pair, "open")
    suspend(operator, pair.user2)
    assert statuses(db) == ["open"]
