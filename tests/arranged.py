"""Every call that writes, and every operators' operation, with the state in which it does something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from harness import LISBON, Connection, People
from rows import make_match, make_pair, make_session, update_session

FAR = {"lat": 40.4168, "lng": -3.7038}
SOON = timedelta(minutes=10)
ENDPOINT = "https://fcm.googleapis.com/fcm/send/1"
BROWSER = {"endpoint": ENDPOINT, "p256dh": "B" + "a" * 86, "auth": "a" * 22}
OPERATIONS = (
    "wingman.run_maintenance",
    "wingman.run_readers",
    "mark_no_show",
    "revert_completion",
    "reconcile_reputation",
    "reconcile_achievements",
    "decide_no_show",
    "suspend_user",
    "lift_suspension",
    "export_user",
    "erase_user",
)


@dataclass
class Stage:
    """A database to arrange something in."""

    db: Connection
    people: People

    def pair(self, status: str = "accepted") -> Any:
        return make_pair(self.db, self.people, status)

    def session(self, status: str = "scheduled", **more: Any) -> tuple[Any, UUID]:
        pair = self.pair()
        return pair, make_session(self.db, pair.match_id, status, **more)

    def ghost(self, *users: UUID) -> None:
        """Let one more unanswered offer pause these people."""
        self.db.execute(
            "update wingman.matchmaking_pool set unanswered_offers = 2 where user_id = any(%s)", [[*users]]
        )

    def others_lapsed(self) -> None:
        """A lapsed match of two people far away, which the next search settles."""
        self.db.execute("update wingman.settings set match_lifetime = '48 hours'")
        users = [self.people.add(**FAR) for _ in range(2)]
        make_match(self.db, *users, "lapsed")


# Who calls, and with what; None for an operator.
Act = tuple[UUID | None, dict[str, Any]]
Arranged = Callable[[Stage], Act]


def _alone(**told: Any) -> Arranged:
    return lambda stage: (stage.people.add(), told)


def _newcomer(stage: Stage) -> Act:
    return stage.people.auth_only(), {**LISBON, "first_name": "Ana", "experience_level": "beginner"}


def _resident(**told: Any) -> Arranged:
    known = {**LISBON, "first_name": "Ana", "experience_level": "beginner"}
    return lambda stage: (stage.people.add(), {**known, **told})


def _search(stage: Stage) -> Act:
    stage.people.add()
    return stage.people.add(), {}


def _search_beside_lapsed_others(stage: Stage) -> Act:
    stage.others_lapsed()
    return _search(stage)


def _search_after_own_lapsed(stage: Stage) -> Act:
    pair = stage.pair("lapsed")
    stage.people.add()
    return pair.user1, {}


def _search_after_one_too_many(stage: Stage) -> Act:
    pair = stage.pair("lapsed")
    stage.ghost(pair.user1, pair.user2)
    stage.people.add()
    return pair.user1, {}


def _search_paused_automatically(stage: Stage) -> Act:
    ana, _ = stage.people.add(), stage.people.add()
    stage.db.execute(
        "update wingman.matchmaking_pool set paused = true, paused_automatically = true where user_id = %s",
        [ana],
    )
    return ana, {}


def _search_with_pending(stage: Stage) -> Act:
    return stage.pair("pending").user1, {}


def _answer(action: str, *, others: bool = False, lapsed: bool = False) -> Arranged:
    def arrange(stage: Stage) -> Act:
        if lapsed:
            stage.others_lapsed()
        pair = stage.pair("pending")
        if others:
            stage.people.add()
        return pair.user2, {"match_id": pair.match_id, "action": action}

    return arrange


def _end(*, session: bool) -> Arranged:
    def arrange(stage: Stage) -> Act:
        pair = stage.session()[0] if session else stage.pair()
        return pair.user2, {"match_id": pair.match_id}

    return arrange


def _arrange_session(stage: Stage) -> Act:
    pair = stage.pair()
    told = {"match_id": pair.match_id, "scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
    return pair.user1, told


def _of_session(confirmed_by: tuple[int, ...] = (), **told: Any) -> Arranged:
    def arrange(stage: Stage) -> Act:
        pair, session_id = stage.session(confirmed_by=confirmed_by)
        return pair.user2, {"session_id": session_id, **told}

    return arrange


def _answer_where_it_takes_both(action: str, *, accepted_by_buddy: bool = False) -> Arranged:
    def arrange(stage: Stage) -> Act:
        pair = make_pair(stage.db, stage.people, "pending", needs_both=True)
        if accepted_by_buddy:
            stage.db.execute(
                "update public.wingman_matches set first_accepted_by = user1_id, first_accepted_at = now()"
            )
        return pair.user2, {"match_id": pair.match_id, "action": action}

    return arrange


def _of_proposal(**told: Any) -> Arranged:
    """A session to come, which user1 has proposed to user2."""

    def arrange(stage: Stage) -> Act:
        pair, session_id = stage.session(starts="20 minutes")
        update_session(stage.db, session_id, "proposed_by = user1_id")
        return pair.user2, {"session_id": session_id, **told}

    return arrange


def _of_missed(reported_by: int | None = None, **told: Any) -> Arranged:
    """A session of an hour ago that user1 proposed and to which user2, who calls, agreed."""

    def arrange(stage: Stage) -> Act:
        pair, session_id = stage.session()
        agreed = "proposed_by = user1_id, agreed_by = user2_id, agreed_at = statement_timestamp()"
        update_session(stage.db, session_id, agreed)
        if reported_by:
            stage.db.execute(
                "select public.report_no_show(%s, 'did_not_come', user_id => %s)",
                [session_id, pair.user1 if reported_by == 1 else pair.user2],
            )
        return pair.user2, {"session_id": session_id, **told}

    return arrange


def _decide(outcome: str) -> Arranged:
    def arrange(stage: Stage) -> Act:
        absent, told = _of_missed(reported_by=1)(stage)
        stage.db.execute(
            "select public.answer_no_show(%s, 'contest', user_id => %s)", [told["session_id"], absent]
        )
        absent_user_ids = [absent] if outcome == "uphold" else None
        return None, {**told, "outcome": outcome, "absent_user_ids": absent_user_ids, "reason": "Seen there"}

    return arrange


def _suspend(stage: Stage) -> Act:
    pair, _ = stage.session(starts="1 hour")
    return None, {"user_id": pair.user1, "until": None, "reason": "Rude to many"}


def _lift(stage: Stage) -> Act:
    user_id = stage.people.add()
    stage.db.execute("insert into wingman.suspensions (user_id) values (%s)", [user_id])
    return None, {"user_id": user_id, "reason": "A mistake"}


def _block(status: str | None = None, *, session: bool = False) -> Arranged:
    def arrange(stage: Stage) -> Act:
        if status is None:
            return stage.people.add(), {"subject_id": stage.people.add()}
        pair = stage.session()[0] if session else stage.pair(status)
        return pair.user1, {"subject_id": pair.user2}

    return arrange


def _block_one_too_many(stage: Stage) -> Act:
    pair = stage.pair("lapsed")
    stage.ghost(pair.user2)
    return pair.user1, {"subject_id": pair.user2}


def _unblock(stage: Stage) -> Act:
    ana, ben = stage.people.add(), stage.people.add()
    stage.db.execute("insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s)", [ana, ben])
    return ana, {"subject_id": ben}


def _resume(stage: Stage) -> Act:
    ana = stage.people.add()
    stage.db.execute("update wingman.matchmaking_pool set paused = true")
    return ana, {}


def _leave(status: str | None = None, *, session: bool = False) -> Arranged:
    def arrange(stage: Stage) -> Act:
        told = {"confirmation": "erase"}
        if status is None:
            return stage.people.add(), told
        pair = stage.session()[0] if session else stage.pair(status)
        return pair.user1, told

    return arrange


def _of_somebody(stage: Stage) -> Act:
    return None, {"user_id": stage.people.add(), "reason": "They asked by letter"}


def _maintenance(stage: Stage) -> Act:
    pair = stage.pair("lapsed")
    stage.ghost(pair.user1)
    return None, {}


def _unread(stage: Stage) -> Act:
    stage.pair()
    return None, {}


def _told(stage: Stage) -> Act:
    """Somebody whom the readers have just told of a match."""
    pair = stage.pair()
    stage.db.execute("select wingman.run_readers()")
    told = stage.db.execute(
        "select id from public.wingman_notifications where user_id = %s order by id desc", [pair.user2]
    ).fetchone()
    assert told
    return pair.user2, {"up_to": told["id"]}


def _of_another_browser(stage: Stage) -> Act:
    """Somebody in whose browser another person receives push messages."""
    _subscribe(stage)
    return stage.people.add(), BROWSER


def _subscribe(stage: Stage) -> Act:
    user_id = stage.people.add()
    told = [BROWSER["endpoint"], BROWSER["p256dh"], BROWSER["auth"], user_id]
    stage.db.execute("select public.register_push_subscription(%s, %s, %s, %s)", told)
    return user_id, {"endpoint": ENDPOINT}


def _missed(stage: Stage) -> Act:
    pair, session_id = stage.session(confirmed_by=[1])
    return None, {"session_id": session_id, "absent_user_id": pair.user2, "reason": "Not there"}


def _completed(stage: Stage) -> Act:
    return None, {"session_id": stage.session("completed")[1], "reason": "Never met"}


def _drifted(stage: Stage) -> Act:
    stage.people.add()
    stage.db.execute("update public.user_profiles set completed_sessions = 3")
    return None, {"fix": True}


def _not_awarded(stage: Stage) -> Act:
    """A completion that was read when nothing was awarded."""
    pair, session_id = stage.session(confirmed_by=[1])
    stage.db.execute("select public.confirm_session_completion(%s, user_id => %s)", [session_id, pair.user2])
    stage.db.execute("select wingman.run_readers()")
    stage.db.execute("delete from wingman.earned_achievements")
    return None, {"fix": True}


# The call, a title, who makes it with which arguments, and the events that it causes.
# The first one of each call is by somebody with a profile, and changes something.
STORIES: list[tuple[str, str, Arranged, list[str]]] = [
    ("complete_profile", "another text", _resident(bio="New"), ["profile_changed"]),
    ("complete_profile", "a new one", _newcomer, ["profile_created"]),
    ("complete_profile", "another place", _resident(lat=39), []),
    ("complete_profile", "the same", _resident(), []),
    ("create_automatic_match", "nobody there", _alone(), []),
    ("create_automatic_match", "somebody", _search, ["match_offered"]),
    ("create_automatic_match", "one at hand", _search_with_pending, []),
    (
        "create_automatic_match",
        "and others' lapsed",
        _search_beside_lapsed_others,
        ["match_expired", "match_offered"],
    ),
    ("create_automatic_match", "own lapsed", _search_after_own_lapsed, ["match_expired", "match_offered"]),
    (
        "create_automatic_match",
        "own lapsed, one too many",
        _search_after_one_too_many,
        ["match_expired", "matching_paused", "matching_paused", "matching_resumed", "match_offered"],
    ),
    (
        "create_automatic_match",
        "an automatic pause",
        _search_paused_automatically,
        ["matching_resumed", "match_offered"],
    ),
    ("respond_to_match", "accept", _answer("accept"), ["match_accepted"]),
    ("respond_to_match", "decline", _answer("decline"), ["match_declined"]),
    (
        "respond_to_match",
        "decline with a next one",
        _answer("decline", others=True),
        ["match_declined", "match_offered"],
    ),
    (
        "respond_to_match",
        "decline with a next one, and others' lapsed",
        _answer("decline", others=True, lapsed=True),
        ["match_declined", "match_expired", "match_offered"],
    ),
    (
        "respond_to_match",
        "accept, the first of both",
        _answer_where_it_takes_both("accept"),
        ["match_first_accepted"],
    ),
    (
        "respond_to_match",
        "accept, the second of both",
        _answer_where_it_takes_both("accept", accepted_by_buddy=True),
        ["match_accepted"],
    ),
    (
        "respond_to_match",
        "decline after an accept",
        _answer_where_it_takes_both("decline", accepted_by_buddy=True),
        ["match_declined"],
    ),
    ("end_match", "without a session", _end(session=False), ["match_ended"]),
    ("end_match", "with a session", _end(session=True), ["match_ended", "session_cancelled"]),
    ("create_session", "", _arrange_session, ["session_scheduled"]),
    ("agree_to_session", "", _of_proposal(), ["session_agreed"]),
    (
        "reschedule_session",
        "to another time",
        _of_proposal(scheduled_time=datetime.now(UTC) + timedelta(hours=3)),
        ["session_moved"],
    ),
    ("start_session", "", _of_session(), ["session_started"]),
    ("cancel_session", "", _of_session(reason="Rain"), ["session_cancelled"]),
    ("confirm_session_completion", "first", _of_session(), ["session_confirmed"]),
    ("confirm_session_completion", "second", _of_session(confirmed_by=(1,)), ["session_completed"]),
    (
        "cancel_session",
        "by the reporter",
        _of_missed(reported_by=2),
        ["session_cancelled", "no_show_withdrawn"],
    ),
    (
        "confirm_session_completion",
        "by the reporter",
        _of_missed(reported_by=2),
        ["session_confirmed", "no_show_withdrawn"],
    ),
    ("report_no_show", "", _of_missed(reason="did_not_come"), ["no_show_reported"]),
    (
        "report_no_show",
        "by both",
        _of_missed(reported_by=1, reason="left_early"),
        ["no_show_contested", "no_show_reported", "no_show_contested"],
    ),
    ("answer_no_show", "contest", _of_missed(reported_by=1, action="contest"), ["no_show_contested"]),
    (
        "answer_no_show",
        "admit",
        _of_missed(reported_by=1, action="admit"),
        ["no_show_admitted", "session_no_show"],
    ),
    ("withdraw_no_show", "", _of_missed(reported_by=2), ["no_show_withdrawn"]),
    ("pause_matching", "", _alone(), ["matching_paused"]),
    ("resume_matching", "", _resume, ["matching_resumed"]),
    ("resume_matching", "of no pause", _alone(), []),
    ("block_user", "a stranger", _block(), ["user_blocked"]),
    ("block_user", "of a pending match", _block("pending"), ["match_declined", "user_blocked"]),
    ("block_user", "of a lapsed match", _block("lapsed"), ["match_expired", "user_blocked"]),
    (
        "block_user",
        "of a lapsed match, one too many",
        _block_one_too_many,
        ["match_expired", "matching_paused", "user_blocked"],
    ),
    ("block_user", "of an accepted match", _block("accepted"), ["match_ended", "user_blocked"]),
    (
        "block_user",
        "with a session",
        _block("accepted", session=True),
        ["match_ended", "session_cancelled", "user_blocked"],
    ),
    ("unblock_user", "", _unblock, ["user_unblocked"]),
    ("unblock_user", "who is not blocked", _block(), []),
    (
        "report_user",
        "",
        lambda stage: (stage.people.add(), {"subject_id": stage.people.add(), "reason": "Rude"}),
        [],
    ),
    ("erase_my_account", "alone", _leave(), ["profile_deleted"]),
    ("erase_my_account", "a pending match", _leave("pending"), ["match_declined", "profile_deleted"]),
    (
        "erase_my_account",
        "an accepted match with a session",
        _leave("accepted", session=True),
        ["match_ended", "session_cancelled", "profile_deleted"],
    ),
    ("mark_notifications_read", "", _told, []),
    ("set_notification_settings", "", _alone(channel="web_push", kinds=["match_offered"]), []),
    ("register_push_subscription", "", _alone(**BROWSER), []),
    ("register_push_subscription", "that another had", _of_another_browser, []),
    ("remove_push_subscription", "", _subscribe, []),
    ("remove_push_subscription", "that is not there", _alone(endpoint=ENDPOINT), []),
    ("set_leaderboard_visibility", "", _alone(visibility="named"), []),
    ("set_leaderboard_visibility", "as it is", _alone(visibility="off"), []),
    ("wingman.run_maintenance", "", _maintenance, ["match_expired", "matching_paused"]),
    ("wingman.run_readers", "", _unread, []),
    ("wingman_admin.mark_no_show", "", _missed, ["session_no_show"]),
    ("wingman_admin.revert_completion", "", _completed, ["session_reverted"]),
    ("wingman_admin.reconcile_reputation", "", _drifted, []),
    (
        "wingman_admin.reconcile_achievements",
        "",
        _not_awarded,
        ["achievement_earned", "achievement_earned"],
    ),
    ("wingman_admin.decide_no_show", "uphold", _decide("uphold"), ["no_show_upheld", "session_no_show"]),
    ("wingman_admin.decide_no_show", "dismiss", _decide("dismiss"), ["no_show_dismissed"]),
    ("wingman_admin.suspend_user", "", _suspend, ["match_ended", "session_cancelled", "user_suspended"]),
    ("wingman_admin.lift_suspension", "", _lift, ["suspension_lifted"]),
    ("wingman_admin.export_user", "", _of_somebody, []),
    ("wingman_admin.erase_user", "", _of_somebody, ["profile_deleted"]),
]


def arranged(function: str, db: Connection, people: People) -> tuple[UUID, dict[str, Any]]:
    """Who calls, and with what, so that the call does something."""
    arrange = next(arrange for call, _, arrange, _ in STORIES if call == function)
    user_id, arguments = arrange(Stage(db, people))
    assert user_id
    return user_id, arguments
