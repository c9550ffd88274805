"""After a block nothing passes between the two, except what the block itself did."""

from datetime import UTC, datetime, timedelta

import pytest
from inbox.inboxes import forget, kinds, read_all, told
from rows import make_match, make_pair, make_session, update_session

SOON = timedelta(hours=1)


def block(rpc, blocker, blocked):
    rpc.as_user(blocker).call("block_user", subject_id=blocked)


def unblock(rpc, blocker, blocked):
    rpc.as_user(blocker).call("unblock_user", subject_id=blocked)


def arrange(rpc, pair, user_id):
    told_it = {"scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
    return rpc.as_user(user_id).call("create_session", match_id=pair.match_id, **told_it)["id"]


def missed_and_cancelled(db, pair):
    """A session that both agreed to, an hour ago, and cancelled since."""
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, "proposed_by = user1_id, agreed_by = user2_id, agreed_at = now()")
    update_session(db, session_id, "status = 'cancelled', cancelled_by = user1_id, cancelled_at = now()")
    return session_id


@pytest.mark.parametrize("blocker", ["user1", "user2"])
def test_what_was_done_before_and_is_read_afterwards_is_told_to_nobody(db, rpc, pair, blocker):
    """In either direction."""
    arrange(rpc, pair, pair.user1)
    one, other = (pair.user1, pair.user2) if blocker == "user1" else (pair.user2, pair.user1)
    block(rpc, one, other)
    read_all(db)
    # only what the block did
    assert kinds(db, one) == []
    assert kinds(db, other) == ["match_ended"]


@pytest.mark.parametrize("max_rows", [1, 1000])
@pytest.mark.parametrize(("status", "kind"), [("pending", "match_declined"), ("accepted", "match_ended")])
def test_what_the_block_did_is_told_like_any_other_decline_or_end(db, rpc, people, status, kind, max_rows):
    pair = make_pair(db, people, status)
    if status == "accepted":
        make_session(db, pair.match_id, starts="1 hour")
    forget(db)
    block(rpc, pair.user1, pair.user2)
    read_all(db, max_rows)
    assert told(db, pair) == ([], [kind])
    rows = db.execute("select match_id, session_id from public.wingman_notifications").fetchall()
    assert rows == [{"match_id": pair.match_id, "session_id": None}]


def test_the_same_for_blocks_in_one_transaction_with_other_calls(db, rpc, pair):
    ana = rpc.as_user(pair.user1)
    with ana.transaction():
        arrange_it = {"scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
        ana.call("create_session", match_id=pair.match_id, **arrange_it)
        ana.call("block_user", subject_id=pair.user2)
    read_all(db)
    assert told(db, pair) == ([], ["match_ended"])


def test_a_report_by_the_blocker_of_a_session_cancelled_since_its_time(db, rpc, pair):
    session_id = missed_and_cancelled(db, pair)
    block(rpc, pair.user1, pair.user2)
    forget(db)
    rpc.as_user(pair.user1).call("report_no_show", session_id=session_id, reason="did_not_come")
    rpc.as_user(pair.user2).call("answer_no_show", session_id=session_id, action="contest")
    read_all(db)
    assert told(db, pair) == ([], [])


def test_what_an_operator_decides_is_told_also_after_a_block(db, rpc, pair, operator):
    session_id = missed_and_cancelled(db, pair)
    rpc.as_user(pair.user1).call("report_no_show", session_id=session_id, reason="did_not_come")
    rpc.as_user(pair.user2).call("answer_no_show", session_id=session_id, action="contest")
    block(rpc, pair.user1, pair.user2)
    forget(db)
    decision = {"outcome": "uphold", "absent_user_ids": [pair.user2], "reason": "Seen"}
    operator.call("wingman_admin.decide_no_show", session_id=session_id, **decision)
    read_all(db)
    assert told(db, pair) == (["session_no_show"], ["session_no_show"])
    operator.call("wingman_admin.revert_completion", session_id=session_id, reason="They were ill")
    read_all(db)
    assert told(db, pair) == (["session_no_show", "session_reverted"],) * 2


def test_after_an_unblock_things_pass_again(db, rpc, pair):
    block(rpc, pair.user1, pair.user2)
    read_all(db)
    unblock(rpc, pair.user1, pair.user2)
    forget(db)
    again = make_match(db, pair.user1, pair.user2)
    forget(db)
    rpc.as_user(pair.user1).call("end_match", match_id=again)
    read_all(db)
    assert told(db, pair) == ([], ["match_ended"])


def test_while_one_of_two_blocks_stays_nothing_passes(db, rpc, pair):
    session_id = missed_and_cancelled(db, pair)
    block(rpc, pair.user1, pair.user2)
    block(rpc, pair.user2, pair.user1)
    unblock(rpc, pair.user1, pair.user2)
    forget(db)
    rpc.as_user(pair.user1).call("report_no_show", session_id=session_id, reason="did_not_come")
    read_all(db)
    assert told(db, pair) == ([], [])


def test_a_second_block_from_the_other_side_mutes_what_the_first_one_did(db, rpc, pair):
    """Both block each other before the reader runs."""
    block(rpc, pair.user1, pair.user2)
    block(rpc, pair.user2, pair.user1)
    read_all(db)
    assert told(db, pair) == ([], [])


def test_others_are_told_as_ever(db, rpc, people, pair):
    other = make_match(db, pair.user1, people.add("Cem"))
    cem = db.execute(
        "select user1_id, user2_id from public.wingman_matches where id = %s", [other]
    ).fetchone()
    [cem_id] = {*cem.values()} - {pair.user1}
    block(rpc, pair.user1, pair.user2)
    forget(db)
    rpc.as_user(pair.user1).call("end_match", match_id=other)
    read_all(db)
    assert kinds(db, cem_id) == ["match_ended"]


def test_no_reminder_between_the_two(db, rpc, pair):
    arrange(rpc, pair, pair.user1)
    read_all(db)
    block(rpc, pair.user1, pair.user2)
    forget(db)
    db.execute("update wingman.reminders set due_at = now()")
    read_all(db)
    assert told(db, pair) == ([], [])
    assert db.execute("select from wingman.reminders").fetchall() == []
