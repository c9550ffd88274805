"""answer_no_show and withdraw_no_show: what each of the two says to a report, and what silence means."""

from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from fairness.noshows import (
    answer,
    decide,
    let_pass,
    listed,
    mark,
    missed,
    report,
    report_in_state,
    reports,
    statuses,
    suspend,
    withdraw,
)
from harness import RpcError
from matchmaking import match_row, seeker_row, wait_since, waiting
from rows import business_rows, counters, ledger, make_pair, session_row


def to_the_instant(db, call, column, offset):
    """The answer of a call made exactly that long after a time of the only report."""
    return at_one_instant(
        db,
        call,
        first=f"""perform set_config('session_replication_role', 'replica', true);
            update wingman.no_show_reports as r set
                created_at = r.created_at - d.gap,
                answer_by = r.answer_by - d.gap,
                decide_by = r.decide_by - d.gap
            from (
                select n.id, n.{column} - statement_timestamp() + interval '{offset}' as gap
                from wingman.no_show_reports as n
            ) as d
            where d.id = r.id;
            perform set_config('session_replication_role', 'origin', true)""",
    )


# Admitting and contesting.


def test_admitting_is_what_an_operator_s_mark_is(db, rpc, people, operator):
    def outcome(pair, session_id):
        session = session_row(db, session_id)
        return (
            {name: session[name] for name in ("status", "is_active", "completed_at", "cancelled_at")},
            [
                (row["user_id"] == pair.user2, row["kind"], row["delta"])
                for row in ledger(db)
                if row["session_id"] == session_id
            ],
            counters(db, pair.user1),
            counters(db, pair.user2),
            waiting(db, pair.user1) == match_row(db, pair.match_id)["created_at"],
            seeker_row(db, pair.user2)["cooldown_until"] is not None,
        )

    db.execute("update wingman.settings set cooldown_steps = '{1 hour}'")
    outcomes = []
    for way in ("admit", "mark"):
        pair = make_pair(db, people)
        session_id = missed(db, pair)
        if way == "admit":
            report(rpc, pair.user1, session_id)
            told = answer(rpc, pair.user2, session_id, "admit", statement="I forgot")
            (row,) = reports(db)
            assert (told["status"], told["statement"], told["reported_by_me"]) == (
                "admitted",
                "I forgot",
                False,
            )
            assert row["answered_at"] == row["closed_at"] == told["closed_at"]
        else:
            mark(operator, session_id, pair.user2)
        outcomes.append(outcome(pair, session_id))
    assert outcomes[0] == outcomes[1]
    session, entries, *_ = outcomes[0]
    assert (session["status"], entries) == ("no_show", [(True, "no_show", -1)])
    assert outcomes[0][2:] == ((0, 0, 0), (0, 1, -1), True, True)


def test_contesting_changes_the_report_and_nothing_else(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "open")
    before = business_rows(db)
    told = answer(rpc, pair.user2, session_id, "contest", statement="I was there\n\tÀ §")
    after = business_rows(db)
    assert {table for table in after if after[table] != before[table]} == {"wingman.no_show_reports"}
    (row,) = reports(db)
    assert (row["status"], row["statement"], row["closed_at"]) == ("contested", "I was there\n\tÀ §", None)
    assert row["answered_at"] == told["answered_at"]


@pytest.mark.parametrize("offset", ["-1 microsecond", "0", "7 days"])
@pytest.mark.parametrize(("action", "status"), [("admit", "admitted"), ("contest", "contested")])
def test_a_late_answer_counts(db, rpc, pair, offset, action, status):
    session_id = report_in_state(db, rpc, pair, "open")
    call = f"public.answer_no_show('{session_id}', '{action}', null, '{pair.user2}')"
    assert to_the_instant(db, call, "answer_by", offset)["status"] == status


@pytest.mark.parametrize(("offset", "lapsed"), [("-1 microsecond", False), ("0", True)])
@pytest.mark.parametrize("state", ["open", "contested"])
@pytest.mark.parametrize("call", ["answer_no_show", "withdraw_no_show", "decide_no_show"])
def test_from_decide_by_on_it_has_lapsed(db, rpc, pair, offset, lapsed, state, call):
    session_id = report_in_state(db, rpc, pair, state)
    calls = {
        "answer_no_show": f"public.answer_no_show('{session_id}', 'contest', null, '{pair.user2}')",
        "withdraw_no_show": f"public.withdraw_no_show('{session_id}', '{pair.user1}')",
        "decide_no_show": f"wingman_admin.decide_no_show('{session_id}', 'uphold', '{{{pair.user2}}}', 'Seen')",
    }
    if lapsed:
        with pytest.raises(RpcError) as caught:
            to_the_instant(db, calls[call], "decide_by", offset)
        assert caught.value.detail == {"error": "no_show_already_decided", "status": "lapsed"}
        assert statuses(db) == [state]
    else:
        to_the_instant(db, calls[call], "decide_by", offset)


@pytest.mark.parametrize(("offset", "may"), [("-1 microsecond", False), ("0", True)])
@pytest.mark.parametrize("outcome", ["uphold", "dismiss"])
def test_silence_is_waited_for_until_answer_by(db, rpc, pair, offset, may, outcome):
    session_id = report_in_state(db, rpc, pair, "open")
    absent = f"array['{pair.user2}'::uuid]" if outcome == "uphold" else "null"
    call = f"wingman_admin.decide_no_show('{session_id}', '{outcome}', {absent}, 'Seen')"
    if may:
        assert to_the_instant(db, call, "answer_by", offset)["success"]
    else:
        with pytest.raises(RpcError, match="no_show_answer_pending"):
            to_the_instant(db, call, "answer_by", offset)


@pytest.mark.parametrize("passes", ["47 hours", "49 hours", "13 days", "15 days", "300 days"])
def test_silence_costs_nobody_anything(db, rpc, pair, passes):
    report_in_state(db, rpc, pair, "open")
    before = business_rows(db)
    let_pass(db, passes)
    rpc.as_admin().call("wingman.run_maintenance")
    after = business_rows(db)
    same = ("public.user_profiles", "public.wingman_sessions", "wingman.reputation_events")
    assert {table: after[table] for table in same} == {table: before[table] for table in same}
    assert statuses(db) == ["open"]
    assert seeker_row(db, pair.user2)["cooldown_until"] is None


def test_admitted_after_it_was_cancelled_it_is_a_no_show(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "open")
    rpc.as_user(pair.user2).call("cancel_session", session_id=session_id, reason="Late")
    answer(rpc, pair.user2, session_id, "admit")
    row = session_row(db, session_id)
    assert (row["status"], row["cancelled_by"], row["cancellation_reason"]) == ("no_show", pair.user2, "Late")
    assert counters(db, pair.user2) == (0, 1, -1)


@pytest.mark.parametrize("ago", ["5 days", "0"])
def test_who_came_waits_as_if_there_had_been_no_match_and_never_less(db, rpc, pair, ago):
    db.execute("update public.wingman_matches set created_at = created_at - interval '2 days'")
    wait_since(db, pair.user1, ago)
    before = waiting(db, pair.user1), waiting(db, pair.user2)
    session_id = report_in_state(db, rpc, pair, "open")
    answer(rpc, pair.user2, session_id, "admit")
    made = match_row(db, pair.match_id)["created_at"]
    assert waiting(db, pair.user1) == (made if ago == "0" else before[0])
    assert waiting(db, pair.user2) == before[1]


# Who, and with what.


def test_only_the_one_reported_answers_and_only_the_reporter_withdraws(db, rpc, people, pair):
    session_id = report_in_state(db, rpc, pair, "open")
    stranger = people.add()
    with refused(db, "no_show_not_found"):
        answer(rpc, pair.user1, session_id, "admit")
    with refused(db, "no_show_not_found"):
        withdraw(rpc, pair.user2, session_id)
    with refused(db, "not_session_participant"):
        answer(rpc, stranger, session_id, "admit")
    with refused(db, "not_session_participant"):
        withdraw(rpc, stranger, session_id)


def test_a_session_that_is_not_there(db, rpc, pair):
    with refused(db, "session_not_found"):
        answer(rpc, pair.user1, uuid4(), "admit")
    with refused(db, "session_not_found"):
        withdraw(rpc, pair.user1, uuid4())


@pytest.mark.parametrize("action", ["", "accept", "ADMIT", "deny"])
def test_the_answer_is_one_of_two(db, rpc, pair, action):
    session_id = report_in_state(db, rpc, pair, "open")
    with refused(db, "invalid_argument", argument="action", rule="must be admit or contest"):
        answer(rpc, pair.user2, session_id, action)


@pytest.mark.parametrize("argument", ["session_id", "action"])
def test_session_and_action_are_required(db, rpc, pair, argument):
    arguments = {"session_id": report_in_state(db, rpc, pair, "open"), "action": "admit", argument: None}
    with refused(db, "missing_argument", argument=argument):
        answer(rpc, pair.user2, **arguments)
    with refused(db, "missing_argument", argument="session_id"):
        withdraw(rpc, pair.user1, None)


@pytest.mark.parametrize("statement", ["", " \n", "x" * 2001])
def test_a_statement_says_something(db, rpc, pair, statement):
    session_id = report_in_state(db, rpc, pair, "open")
    rule = "must be 1 to 2000 characters"
    with refused(db, "invalid_argument", argument="statement", rule=rule):
        answer(rpc, pair.user2, session_id, "contest", statement=statement)


def test_a_statement_of_2000_characters_is_kept(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "open")
    answer(rpc, pair.user2, session_id, "contest", statement="ö" * 2000)
    assert reports(db)[0]["statement"] == "ö" * 2000


def test_the_same_answer_again_keeps_the_first_statement(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "open")
    first = answer(rpc, pair.user2, session_id, "contest", statement="First")
    assert answer(rpc, pair.user2, session_id, "contest", statement="Second") == first


def test_who_is_suspended_may_still_answer_and_withdraw(db, rpc, pair, operator):
    session_id = report_in_state(db, rpc, pair, "open")
    for user_id in (pair.user1, pair.user2):
        suspend(operator, user_id)
    assert answer(rpc, pair.user2, session_id, "contest")["status"] == "contested"
    assert withdraw(rpc, pair.user1, session_id)["status"] == "withdrawn"


def test_a_withdrawal_changes_nothing_else(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "contested")
    before = business_rows(db)
    told = withdraw(rpc, pair.user1, session_id)
    after = business_rows(db)
    assert {table for table in after if after[table] != before[table]} == {"wingman.no_show_reports"}
    assert (told["status"], told["closed_at"]) == ("withdrawn", reports(db)[0]["closed_at"])


# What each of the two sees.


def test_each_sees_their_own_words_and_operators_see_both(db, rpc, pair, operator):
    session_id = missed(db, pair)
    report(rpc, pair.user1, session_id, note="§note")
    answer(rpc, pair.user2, session_id, "contest", statement="§statement")
    ((mine,), (theirs,)) = (listed(rpc, user_id) for user_id in (pair.user1, pair.user2))
    assert (mine["reported_by_me"], mine["note"], mine["statement"]) == (True, "§note", None)
    assert (theirs["reported_by_me"], theirs["note"], theirs["statement"]) == (False, None, "§statement")
    different = {"reported_by_me", "note", "statement"}
    assert {k: v for k, v in mine.items() if k not in different} == {
        k: v for k, v in theirs.items() if k not in different
    }
    (row,) = operator.connection.execute("select * from wingman_admin.no_show_queue").fetchall()
    assert (row["note"], row["statement"], row["reason"]) == ("§note", "§statement", "did_not_come")

    def read(user_id):
        caller = rpc.as_user(user_id)
        told = [
            caller.call("get_session", session_id=session_id),
            caller.call("get_match", match_id=pair.match_id),
            caller.call("get_match_history", match_id=pair.match_id),
            caller.call("list_sessions"),
            caller.call("export_my_data")["data"],
        ]
        with caller.transaction():
            caller.assume_identity()
            for table in ("wingman_sessions", "wingman_matches", "user_profiles"):
                told.append(caller.connection.execute(f"select * from public.{table}").fetchall())
        return str(told)

    assert "§statement" not in read(pair.user1)
    assert "§note" not in read(pair.user2)


class TestTheList:
    @pytest.fixture
    def several(self, db, rpc, pair):
        """Sessions, each with a report, alternating between the two; oldest first."""
        db.execute("update wingman.settings set no_show_grace = '0'")
        made = []
        for number in range(5):
            me, other = (pair.user1, "user2") if number % 2 == 0 else (pair.user2, "user1")
            session_id = missed(db, pair, by=other)
            report(rpc, me, session_id)
            rpc.as_user(me).call("cancel_session", session_id=session_id)
            made.append(session_id)
        return made

    def test_newest_first_by_and_about_oneself(self, rpc, pair, several):
        for user_id, mine in (
            (pair.user1, [True, False, True, False, True]),
            (pair.user2, [False, True] * 2 + [False]),
        ):
            rows = listed(rpc, user_id)
            assert [row["session_id"] for row in rows] == several[::-1]
            assert [row["reported_by_me"] for row in rows] == mine

    @pytest.mark.parametrize("page_size", [1, 2, 5, 100])
    def test_page_by_page(self, rpc, pair, several, page_size):
        seen, before = [], None
        while page := listed(rpc, pair.user1, before=before, page_size=page_size):
            assert len(page) <= page_size
            seen += page
            before = page[-1]["id"]
        assert seen == listed(rpc, pair.user1)

    def test_of_one_session(self, rpc, pair, several):
        assert [row["session_id"] for row in listed(rpc, pair.user2, session_id=several[2])] == [several[2]]
        assert listed(rpc, pair.user2, session_id=uuid4()) == []

    def test_not_of_others(self, db, rpc, people, several):
        other = make_pair(db, people)
        assert [listed(rpc, one) for one in (other.user1, people.auth_only())] == [[], []]
        assert listed(rpc, other.user1, session_id=several[0]) == []

    @pytest.mark.parametrize("page_size", [0, 101, None])
    def test_a_page_has_1_to_100(self, db, rpc, pair, page_size):
        with pytest.raises(RpcError, match="page_size"):
            listed(rpc, pair.user1, page_size=page_size)

    def test_twenty_unless_told_otherwise(self, db, rpc, pair):
        for _ in range(21):
            session_id = missed(db, pair)
            db.execute(
                """insert into wingman.no_show_reports
                       (session_id, reporter_id, accused_id, reason, answer_by, decide_by)
                   values (%s, %s, %s, 'left_early', now() + interval '1 day', now() + interval '2 days')""",
                [session_id, pair.user1, pair.user2],
            )
            db.execute("update public.wingman_sessions set status = 'cancelled' where is_active")
        assert len(listed(rpc, pair.user1)) == 20


def test_operators_decide_after_the_accused_has_left_and_the_answer_of_who_left_is_not_needed(
    db, rpc, pair, operator
):
    session_id = report_in_state(db, rpc, pair, "unanswered")
    rpc.as_user(pair.user2).call("erase_my_account", confirmation="erase")
    decide(operator, session_id, pair.user2)
    assert (statuses(db), session_row(db, session_id)["status"]) == (["upheld"], "no_show")
