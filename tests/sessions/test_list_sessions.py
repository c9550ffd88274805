from uuid import uuid4

import pytest
from contract_errors import refused
from rows import SESSION_STATUSES, make_match, make_pair, make_session


def ids(answer):
    return [session["id"] for session in answer]


def test_lists_each_session_as_get_session_answers(db, rpc, pair, sides):
    make_session(db, pair.match_id, "completed")
    make_session(db, pair.match_id, "cancelled", confirmed_by=[1])
    make_session(db, pair.match_id, starts="1 day", confirmed_by=[2])
    caller = rpc.as_user(sides.me)
    answer = caller.call("list_sessions")
    assert [session["status"] for session in answer] == ["scheduled", "cancelled", "completed"]
    assert answer == [caller.call("get_session", session_id=session_id) for session_id in ids(answer)]


def test_the_newest_come_first_from_all_matches(db, rpc, pair, people):
    other_match = make_match(db, pair.user1, people.add("Cleo"))
    made = [
        make_session(db, pair.match_id, "cancelled", "3 days"),
        make_session(db, other_match, "scheduled", "1 day"),
        make_session(db, pair.match_id, "scheduled", "2 days"),
    ]
    assert ids(rpc.as_user(pair.user1).call("list_sessions")) == made[::-1]


def test_sessions_of_an_ended_match_stay_listed(db, rpc, pair):
    session_id = make_session(db, pair.match_id)
    caller = rpc.as_user(pair.user1)
    caller.call("end_match", match_id=pair.match_id)
    answer = caller.call("list_sessions")
    assert [(session["id"], session["status"]) for session in answer] == [(session_id, "cancelled")]


def test_sessions_of_others_are_not_listed(db, rpc, pair, people):
    make_session(db, pair.match_id)
    own = make_pair(db, people)
    session_id = make_session(db, own.match_id)
    assert ids(rpc.as_user(own.user1).call("list_sessions")) == [session_id]
    assert rpc.as_user(people.add("Cleo")).call("list_sessions") == []


@pytest.mark.parametrize("status", SESSION_STATUSES)
def test_a_status_leaves_out_all_others(db, rpc, pair, people, status):
    made = {}
    for each in SESSION_STATUSES:
        match_id = pair.match_id if each != "in_progress" else make_match(db, pair.user1, people.add("Cleo"))
        made[each] = make_session(db, match_id, each) if each != "scheduled" else None
    made["scheduled"] = make_session(db, pair.match_id)
    assert ids(rpc.as_user(pair.user1).call("list_sessions", status=status)) == [made[status]]


@pytest.mark.parametrize("status", ["pending", "", "Scheduled"])
def test_an_unknown_status_is_refused(db, rpc, pair, status):
    rule = "must be scheduled, in_progress, completed, cancelled or no_show"
    with refused(db, "invalid_argument", argument="status", rule=rule):
        rpc.as_user(pair.user1).call("list_sessions", status=status)


class TestPages:
    @pytest.fixture
    def newest_first(self, db, pair):
        """102 sessions of one match, all but the newest cancelled: their ids."""
        db.execute(
            """do $$
            begin
                for _ in 1..102 loop
                    update public.wingman_sessions as s set status = 'cancelled' where s.status = 'scheduled';
                    insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
                    select m.id, 'Café', statement_timestamp() from public.wingman_matches as m;
                end loop;
            end
            $$"""
        )
        found = db.execute("select id from public.wingman_sessions order by id desc").fetchall()
        return [row["id"] for row in found]

    def test_a_page_has_20_unless_told_otherwise(self, rpc, pair, newest_first):
        assert ids(rpc.as_user(pair.user1).call("list_sessions")) == newest_first[:20]

    @pytest.mark.parametrize("page_size", [1, 100])
    def test_a_page_has_as_many_as_asked_for(self, rpc, pair, newest_first, page_size):
        answer = rpc.as_user(pair.user1).call("list_sessions", page_size=page_size)
        assert ids(answer) == newest_first[:page_size]

    def test_pages_follow_one_another_without_gap_or_overlap(self, rpc, pair, newest_first):
        caller = rpc.as_user(pair.user2)
        seen = []
        for length in (40, 40, 22, 0):
            page = caller.call("list_sessions", page_size=40, before=seen[-1] if seen else None)
            assert len(page) == length
            seen += ids(page)
        assert seen == newest_first

    def test_a_page_of_one_status_is_full(self, rpc, pair, newest_first):
        answer = rpc.as_user(pair.user1).call("list_sessions", status="cancelled", page_size=5)
        assert ids(answer) == newest_first[1:6]

    def test_before_needs_no_session_of_that_id(self, rpc, pair, newest_first):
        caller = rpc.as_user(pair.user1)
        assert (
            ids(caller.call("list_sessions", before="ffffffff-ffff-ffff-ffff-ffffffffffff"))
            == (newest_first[:20])
        )
        assert caller.call("list_sessions", before="00000000-0000-0000-0000-000000000000") == []


def test_a_user_without_a_profile_has_none(rpc, people):
    assert rpc.as_user(people.auth_only()).call("list_sessions") == []


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_list_those_of_the_user_they_name(db, rpc, pair, people, caller):
    make_session(db, make_pair(db, people).match_id)
    session_id = make_session(db, pair.match_id)
    answer = getattr(rpc, caller)().call("list_sessions", user_id=pair.user2)
    assert [(found["id"], found["buddy_user_id"]) for found in answer] == [(session_id, pair.user1)]


def test_naming_nobody_known_is_refused(db, rpc):
    with refused(db, "user_not_found"):
        rpc.as_service().call("list_sessions", user_id=uuid4())
