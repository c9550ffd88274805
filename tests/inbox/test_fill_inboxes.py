"""Who is told of everything that happens between two people, each act once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from arranged import STORIES, Act, Arranged, Stage
from harness import Connection, Rpc
from inbox.inboxes import forget, kinds, notifications, read, read_all, told
from journal.stories import tell_everything
from rows import lift_rate_limits, make_pair, make_session, update_session

SOON = timedelta(hours=1)


def play(db: Connection, rpc: Rpc, call: str, act: Act) -> None:
    """Make the call of a story of ``arranged``."""
    user_id, arguments = act
    caller = rpc.as_user(user_id) if user_id else rpc.as_admin()
    caller.call(call, **arguments)


def other_of(db: Connection, user_id: UUID | None, arguments: dict[str, Any]) -> list[UUID]:
    """The people of the match or session, or of a person's newest match, without that person."""
    row = db.execute(
        """select array_remove(array[m.user1_id, m.user2_id], %(me)s) as others
           from public.wingman_matches as m
           left join public.wingman_sessions as s on s.match_id = m.id
           where m.id = %(match)s or s.id = %(session)s or %(subject)s in (m.user1_id, m.user2_id)
               or (%(match)s is null and %(session)s is null and %(me)s in (m.user1_id, m.user2_id))
           order by m.id desc limit 1""",
        {
            "me": user_id,
            "match": arguments.get("match_id"),
            "session": arguments.get("session_id"),
            "subject": arguments.get("user_id"),
        },
    ).fetchone()
    return row["others"] if row else []


# What the call of a story of ``arranged`` tells the other one of the two; operators' calls tell both.
# Those that are not here tell nobody.
TELLING: dict[tuple[str, str], list[str]] = {
    ("create_automatic_match", "somebody"): ["match_offered"],
    ("create_automatic_match", "and others' lapsed"): ["match_offered"],
    ("create_automatic_match", "own lapsed"): ["match_offered"],
    ("create_automatic_match", "an automatic pause"): ["match_offered"],
    ("respond_to_match", "accept"): ["match_accepted"],
    ("respond_to_match", "decline"): ["match_declined"],
    ("respond_to_match", "decline with a next one"): ["match_declined"],
    ("respond_to_match", "decline with a next one, and others' lapsed"): ["match_declined"],
    ("respond_to_match", "accept, the first of both"): ["match_first_accepted"],
    ("respond_to_match", "accept, the second of both"): ["match_accepted"],
    ("respond_to_match", "decline after an accept"): ["match_declined"],
    ("end_match", "without a session"): ["match_ended"],
    ("end_match", "with a session"): ["match_ended"],
    ("create_session", ""): ["session_scheduled"],
    ("agree_to_session", ""): ["session_agreed"],
    ("reschedule_session", "to another time"): ["session_moved"],
    ("start_session", ""): ["session_started"],
    ("cancel_session", ""): ["session_cancelled"],
    ("confirm_session_completion", "first"): ["session_confirmed"],
    ("confirm_session_completion", "second"): ["session_completed"],
    ("cancel_session", "by the reporter"): ["session_cancelled"],
    ("confirm_session_completion", "by the reporter"): ["session_confirmed"],
    ("report_no_show", ""): ["no_show_reported"],
    ("report_no_show", "by both"): ["no_show_reported"],
    ("answer_no_show", "contest"): ["no_show_contested"],
    ("answer_no_show", "admit"): ["no_show_admitted"],
    ("withdraw_no_show", ""): ["no_show_withdrawn"],
    ("block_user", "of a pending match"): ["match_declined"],
    ("block_user", "of an accepted match"): ["match_ended"],
    ("block_user", "with a session"): ["match_ended"],
    ("erase_my_account", "a pending match"): ["match_declined"],
    ("erase_my_account", "an accepted match with a session"): ["match_ended"],
    ("wingman_admin.mark_no_show", ""): ["session_no_show"],
    ("wingman_admin.revert_completion", ""): ["session_reverted"],
    ("wingman_admin.decide_no_show", "uphold"): ["session_no_show"],
    ("wingman_admin.decide_no_show", "dismiss"): ["no_show_dismissed"],
    ("wingman_admin.suspend_user", ""): ["match_ended"],
}
# What it tells one person about themselves, besides.
ALONE = {
    ("create_automatic_match", "own lapsed, one too many"): ["match_offered"],
    ("wingman_admin.suspend_user", ""): ["user_suspended"],
    ("wingman_admin.lift_suspension", ""): ["suspension_lifted"],
    ("wingman.run_maintenance", ""): ["matching_paused"],
    ("wingman_admin.reconcile_achievements", ""): ["achievement_earned"],
    ("block_user", "of a lapsed match, one too many"): ["matching_paused"],
}
COMMON = [(call, title) for call, title, _, _ in STORIES if (call, title) not in ALONE]


def arrangement(call: str, title: str) -> Arranged:
    return next(arrange for name, of, arrange, _ in STORIES if (name, of) == (call, title))


@pytest.mark.parametrize(("call", "title"), COMMON)
def test_the_other_one_is_told_and_never_who_did_it(db, rpc, people, call, title):
    act = arrangement(call, title)(Stage(db, people))
    forget(db)
    play(db, rpc, call, act)
    others = other_of(db, *act)
    read_all(db)
    # what the two have earned is told to each of them, see tests/achievements
    db.execute("delete from public.wingman_notifications where kind = 'achievement_earned'")
    assert {user_id: kinds(db, user_id) for user_id in others} == {
        user_id: TELLING.get((call, title), []) for user_id in others
    }
    # nobody else: not the actor, and no third person but the one of the next match
    told_besides = [row for row in notifications(db) if row["user_id"] not in others]
    assert [row["kind"] for row in told_besides] == ["match_offered"] * ("with a next one" in title)
    assert act[0] not in {row["user_id"] for row in told_besides}
    assert bool(others) >= ((call, title) in TELLING)


def test_every_call_listed_here_has_a_story():
    assert TELLING.keys() | ALONE.keys() <= {(call, title) for call, title, _, _ in STORIES}


def test_a_notification_points_to_its_event_match_and_session(db, rpc, pair):
    rpc.as_user(pair.user1).call(
        "create_session", match_id=pair.match_id, scheduled_time=datetime.now(UTC) + SOON, venue_name="Café"
    )
    read(db)
    event = db.execute("select * from wingman.events order by id desc limit 1").fetchone()
    session = db.execute("select * from public.wingman_sessions").fetchone()
    [row] = notifications(db)
    assert (row["user_id"], row["kind"], row["event_id"]) == (pair.user2, "session_scheduled", event["id"])
    assert (row["match_id"], row["session_id"]) == (pair.match_id, session["id"])
    assert (row["useful_until"], row["due_at"], row["read_at"]) == (session["scheduled_time"], None, None)
    assert row["created_at"] >= event["occurred_at"]


@pytest.mark.parametrize("needs_both", [False, True])
def test_an_offer_is_of_use_until_it_expires(db, rpc, people, needs_both):
    if needs_both:
        db.execute("update wingman.settings set acceptance = 'both'")
    ana, ben = people.add("Ana"), people.add("Ben")
    found = rpc.as_user(ana).call("create_automatic_match")
    if needs_both:
        rpc.as_user(ben).call("respond_to_match", match_id=found["match_id"], action="accept")
    read(db)
    expires_at = db.execute("select expires_at from public.wingman_matches").fetchone()["expires_at"]
    useful = {row["kind"]: row["useful_until"] for row in notifications(db)}
    assert useful == dict.fromkeys(["match_offered", *(["match_first_accepted"] * needs_both)], expires_at)


class TestNobodyOfTheTwoDidIt:
    """By an operator, or direct SQL: both are told."""

    @pytest.mark.parametrize(
        ("call", "arguments", "kind"),
        [
            ("cancel_session", {"reason": "Flooded"}, "session_cancelled"),
            ("end_match", {"reason": "They asked"}, "match_ended"),
        ],
    )
    def test_an_operator_ends_or_cancels_it(self, db, pair, operator, call, arguments, kind):
        session_id = make_session(db, pair.match_id, starts="1 hour")
        forget(db)
        subject = {"session_id": session_id} if call == "cancel_session" else {"match_id": pair.match_id}
        operator.call(f"wingman_admin.{call}", **subject, **arguments)
        read_all(db)
        assert told(db, pair) == ([kind], [kind])

    def test_direct_sql(self, db, pair):
        make_session(db, pair.match_id, starts="1 hour")
        read(db)
        assert told(db, pair) == (["session_scheduled"], ["session_scheduled"])


class TestOneself:
    def test_an_automatic_pause(self, db, rpc, people, operator):
        ghost = make_pair(db, people, "lapsed")
        db.execute(
            "update wingman.matchmaking_pool set unanswered_offers = 2 where user_id = %s", [ghost.user1]
        )
        forget(db)
        operator.call("wingman.run_maintenance")
        read_all(db)
        # that the match expired is told to nobody
        assert told(db, ghost) == (["matching_paused"], [])
        [row] = notifications(db)
        assert (row["match_id"], row["session_id"], row["useful_until"]) == (None, None, None)

    def test_a_pause_that_one_chose_is_not_told(self, db, rpc, people):
        ana = people.add()
        rpc.as_user(ana).call("pause_matching")
        rpc.as_user(ana).call("resume_matching")
        read(db)
        assert notifications(db) == []

    def test_a_suspension_its_new_end_and_its_lifting(self, db, people, operator):
        ana, _ = people.add(), people.add()
        for until in ("2100-01-01 00:00Z", None):
            operator.call("wingman_admin.suspend_user", user_id=ana, until=until, reason="Rude")
        operator.call("wingman_admin.lift_suspension", user_id=ana, reason="Sorry")
        read_all(db)
        assert kinds(db, ana) == ["user_suspended", "user_suspended", "suspension_lifted"]
        assert len(notifications(db)) == 3

    def test_of_a_match_that_ends_with_it_the_other_one_alone_is_told(self, db, pair, operator):
        make_session(db, pair.match_id, starts="1 hour")
        forget(db)
        operator.call("wingman_admin.suspend_user", user_id=pair.user1, until=None, reason="Rude")
        read_all(db)
        assert told(db, pair) == (["user_suspended"], ["match_ended"])

    def test_a_block_of_a_lapsed_match_pauses_and_is_not_told_itself(self, db, rpc, people):
        pair = make_pair(db, people, "lapsed")
        db.execute(
            "update wingman.matchmaking_pool set unanswered_offers = 2 where user_id = %s", [pair.user2]
        )
        forget(db)
        rpc.as_user(pair.user1).call("block_user", subject_id=pair.user2)
        read_all(db)
        assert told(db, pair) == ([], ["matching_paused"])


class TestOneActOneNotification:
    def test_a_search_that_settles_one_match_too_many(self, db, rpc, people):
        stage = Stage(db, people)
        act = arrangement("create_automatic_match", "own lapsed, one too many")(stage)
        forget(db)
        play(db, rpc, "create_automatic_match", act)
        read_all(db)
        offered = db.execute(
            "select user1_id, user2_id from public.wingman_matches order by id desc limit 1"
        ).fetchone()
        [other] = {*offered.values()} - {act[0]}
        assert kinds(db, other) == ["match_offered"]
        lapsed = {row["user_id"] for row in notifications(db)} - {other}
        assert {kind for user_id in lapsed for kind in kinds(db, user_id)} == {"matching_paused"}

    def test_a_decline_and_the_next_match_tell_two_people_one_thing_each(self, db, rpc, people):
        pair = make_pair(db, people, "pending")
        third = people.add("Cem")
        forget(db)
        rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="decline")
        read_all(db)
        assert told(db, pair) == ([], ["match_declined"])
        assert kinds(db, third) == ["match_offered"]

    @pytest.mark.parametrize("absent", ["one", "both"])
    def test_two_reports_upheld(self, db, rpc, pair, operator, absent):
        session_id = self.reported_by_both(db, rpc, pair)
        absent_ids = [pair.user1, pair.user2] if absent == "both" else [pair.user2]
        told_it = {"outcome": "uphold", "absent_user_ids": absent_ids, "reason": "Seen"}
        operator.call("wingman_admin.decide_no_show", session_id=session_id, **told_it)
        read_all(db)
        assert told(db, pair) == (["session_no_show"], ["session_no_show"])

    def test_two_reports_dismissed(self, db, rpc, pair, operator):
        session_id = self.reported_by_both(db, rpc, pair)
        told_it = {"outcome": "dismiss", "absent_user_ids": None, "reason": "Both there"}
        operator.call("wingman_admin.decide_no_show", session_id=session_id, **told_it)
        read_all(db)
        assert told(db, pair) == (["no_show_dismissed"], ["no_show_dismissed"])

    def test_a_report_is_open_when_an_operator_marks_the_session(self, db, rpc, pair, operator):
        session_id = self.reported_by_both(db, rpc, pair)
        told_it = {"absent_user_id": pair.user2, "reason": "Seen"}
        operator.call("wingman_admin.mark_no_show", session_id=session_id, **told_it)
        read_all(db)
        assert told(db, pair) == (["session_no_show"], ["session_no_show"])

    @pytest.mark.parametrize("max_rows", [1, 1000])
    def test_also_where_it_is_read_page_by_page(self, db, rpc, pair, max_rows):
        make_session(db, pair.match_id, starts="1 hour")
        forget(db)
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
        read_all(db, max_rows)
        assert told(db, pair) == ([], ["match_ended"])

    def test_two_acts_of_one_transaction_are_two(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, starts="1 hour")
        forget(db)
        ana = rpc.as_user(pair.user1)
        with ana.transaction():
            ana.call("cancel_session", session_id=session_id)
            ana.call("end_match", match_id=pair.match_id)
        read_all(db)
        assert told(db, pair) == ([], ["session_cancelled", "match_ended"])

    def reported_by_both(self, db, rpc, pair) -> UUID:
        session_id = make_session(db, pair.match_id)
        agreed = "proposed_by = user1_id, agreed_by = user2_id, agreed_at = statement_timestamp()"
        update_session(db, session_id, agreed)
        forget(db)
        for user_id, other in ((pair.user1, pair.user2), (pair.user2, pair.user1)):
            rpc.as_user(user_id).call("report_no_show", session_id=session_id, reason="did_not_come")
            read_all(db)
            assert kinds(db, other) == ["no_show_reported"]
        forget(db)
        return session_id


def test_everything_that_happens_tells_exactly_the_kinds_of_the_vocabulary(db, rpc, people):
    lift_rate_limits(db)
    db.execute("update wingman.settings set notifications_per_day = 1000")
    tell_everything(db, rpc, people)
    read_all(db)
    found = {row["kind"] for row in notifications(db) if row["event_id"]}
    vocabulary = db.execute("select kind from wingman.event_kinds() where told_to is not null").fetchall()
    assert found == {row["kind"] for row in vocabulary}
    actors = db.execute(
        """select from public.wingman_notifications as n inner join wingman.events as e on e.id = n.event_id
           where e.user_id = n.user_id
               and n.kind not in
                   ('matching_paused', 'user_suspended', 'suspension_lifted', 'achievement_earned')"""
    ).fetchall()
    assert actors == []


class TestStrangers:
    def test_who_is_no_participant_is_never_told(self, db, rpc, people, pair):
        third = people.add("Cem")
        forget(db)
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
        read_all(db)
        assert kinds(db, third) == []
