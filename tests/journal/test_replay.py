"""The journal alone gives the state of every match and every session, whoever changed it."""

import psycopg
import pytest
from harness import RpcError, in_thread, wait_until_blocked
from journal.stories import RandomStory, tell_everything
from journal.trail import (
    assert_replay_is_the_truth,
    mark,
    replayed_matches,
    replayed_sessions,
    since,
    trail,
)
from rows import COMPLETE, SESSION_STATUSES, make_pair, make_session, update_session


def test_after_a_story_of_every_kind(db, rpc, people):
    tell_everything(db, rpc, people)
    assert_replay_is_the_truth(db)
    matches, sessions = replayed_matches(db).values(), replayed_sessions(db).values()
    assert {match["status"] for match in matches} == {"pending", "accepted", "declined", "expired"}
    assert {session["status"] for session in sessions} == {*SESSION_STATUSES}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.exhaustive
def test_after_a_story_that_nobody_has_thought_out(db, rpc, people, seed):
    story = RandomStory(db, rpc, people, seed)
    for _ in range(2):
        story.tell(steps=200)
        assert_replay_is_the_truth(db)
    told = {row["kind"] for row in trail(db)}
    # it went somewhere, and much of it was refused
    assert told >= {"match_offered", "match_accepted", "session_scheduled", "changed_by_hand"}
    assert len(replayed_matches(db)) > 8
    assert len(replayed_sessions(db)) > 4
    assert story.refused > 20


def test_several_changes_in_one_statement_keep_their_order(db, people):
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
    offered, *rest = trail(db)[2:]
    assert [row["kind"] for row in (offered, *rest)] == ["match_offered", "match_accepted", "match_ended"]
    assert len({row["occurred_at"] for row in rest}) == 1


def test_a_change_that_waited_for_another_comes_after_it(db, connect, people):
    session_id = make_session(db, make_pair(db, people).match_id)
    holder, waiter = (connect(user=db.info.user) for _ in range(2))
    with holder.transaction():
        holder.execute("select from public.wingman_sessions where id = %s for update", [session_id])
        early = in_thread(update_session, waiter, session_id, COMPLETE)
        wait_until_blocked(db, waiter.info.backend_pid, by=holder.info.backend_pid)
        update_session(holder, session_id, "status = 'in_progress'")
    early.result(timeout=15)

    later, earlier = trail(db)[-2:]
    assert (later["kind"], earlier["kind"]) == ("session_started", "session_completed")
    assert later["occurred_at"] > earlier["occurred_at"]
    assert_replay_is_the_truth(db)


def test_a_refused_call_and_one_rolled_back_leave_nothing(db, rpc, people):
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


class TestByHand:
    """Direct SQL, of one row and of many, is written down as calls are."""

    def test_copy(self, db, people):
        users = sorted(people.add() for _ in range(4))
        with db.cursor().copy(
            """copy public.wingman_matches
                   (user1_id, user2_id, searched_by, user1_reputation, user2_reputation, user1_level,
                    user2_level, distance_miles, expires_at)
               from stdin"""
        ) as copy:
            for pair in (users[:2], users[2:]):
                copy.write_row((*pair, pair[1], 0, 0, 1, 1, 1, "2100-01-01Z"))
        offers = trail(db, "match_offered")
        assert [row["user_id"] for row in offers] == [users[1], users[3]]
        assert [(row["details"]["user1_id"], row["details"]["user2_id"]) for row in offers] == [
            tuple(users[:2]),
            tuple(users[2:]),
        ]

        db.execute(
            """update public.wingman_matches
               set status = 'accepted', responded_by = user1_id, responded_at = now()"""
        )
        matches = [row["match_id"] for row in offers]
        with db.cursor().copy(
            "copy public.wingman_sessions (match_id, venue_name, scheduled_time) from stdin"
        ) as copy:
            for match_id in matches:
                copy.write_row((match_id, "Café", "2100-01-01Z"))
        with db.cursor().copy("copy public.user_blocks (blocker_id, blocked_id) from stdin") as copy:
            copy.write_row(users[:2])
        assert [row["kind"] for row in trail(db)][-5:] == [
            "match_accepted",
            "match_accepted",
            "session_scheduled",
            "session_scheduled",
            "user_blocked",
        ]
        assert_replay_is_the_truth(db)

    def test_many_rows_in_one_statement(self, db, people):
        for _ in range(3):
            make_session(db, make_pair(db, people).match_id)
        before = mark(db)
        db.execute("update public.wingman_sessions set status = 'in_progress'")
        assert [row["kind"] for row in since(db, before)] == ["session_started"] * 3
        assert_replay_is_the_truth(db)

    def test_a_data_modifying_query(self, db, people):
        pair, other = make_pair(db, people, "pending"), make_pair(db, people, "pending")
        db.execute(
            """with declined as (
                   update public.wingman_matches
                   set status = 'declined', responded_by = user1_id, responded_at = now()
                   where id = %s
               )
               update public.wingman_matches set expires_at = expires_at + interval '1 day' where id = %s""",
            [pair.match_id, other.match_id],
        )
        assert {row["kind"] for row in trail(db)[-2:]} == {"match_declined", "changed_by_hand"}
        assert_replay_is_the_truth(db)

    @pytest.mark.parametrize("timestamp", ["statement_timestamp()", "'2020-01-01Z'", "'infinity'"])
    def test_a_match_ended_at_any_time(self, db, people, timestamp):
        pair = make_pair(db, people)
        db.execute(f"update public.wingman_matches set ended_at = {timestamp}")
        (row,) = trail(db, "match_ended")
        assert row["match_id"] == pair.match_id
        assert bool(row["details"]) == (timestamp != "statement_timestamp()")
        if timestamp != "'infinity'":
            assert_replay_is_the_truth(db)

    @pytest.mark.parametrize("timestamp", ["statement_timestamp()", "'2020-01-01Z'"])
    def test_a_session_reverted_at_any_time(self, db, people, timestamp):
        make_session(db, make_pair(db, people).match_id, "completed")
        db.execute(f"update public.wingman_sessions set reverted_at = {timestamp}")
        (row,) = trail(db, "session_reverted")
        assert bool(row["details"]) == (timestamp != "statement_timestamp()")
        assert_replay_is_the_truth(db)
