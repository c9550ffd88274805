"""Stories for the journal: one with every kind of event, and long random ones."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from harness import Connection, People, Rpc, RpcError
from rows import COMPLETE, SESSION_STATUSES, lift_rate_limits, make_pair, make_session, update_session

SOON = timedelta(minutes=10)
# each says § or a place, so that a search finds whatever of it the journal keeps
TELLING = {
    "first_name": "§name",
    "bio": "§bio",
    "photo_url": "https://§photo.org/",
    "city": "§city",
    "confidence_archetype": "§style",
    "lat": 38.71234,
    "lng": -9.13579,
}
ALL_STATES = ("pending", "lapsed", "expired", "accepted", "declined", "ended")


def arrange(rpc: Rpc, match_id: UUID, user_id: UUID) -> UUID:
    """A session in ten minutes, by a call."""
    return rpc.as_user(user_id).call(
        "create_session",
        match_id=match_id,
        scheduled_time=datetime.now(UTC) + SOON,
        venue_name="§venue",
        notes="§notes",
    )["id"]


def meet(db: Connection, rpc: Rpc, match_id: UUID, user1: UUID, user2: UUID) -> UUID:
    """A session from its arrangement to both confirmations."""
    session_id = arrange(rpc, match_id, user1)
    rpc.as_user(user2).call("start_session", session_id=session_id)
    update_session(db, session_id, "scheduled_time = now()")
    for user_id in (user1, user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    return session_id


def tell_everything(db: Connection, rpc: Rpc, people: People) -> None:
    """Every kind of event, by calls wherever there is one, and else by direct SQL."""
    ana, _, cem = (people.add(**{**TELLING, "first_name": name}) for name in ("§Ana", "§Ben", "§Cem"))
    me, admin = rpc.as_user(ana), rpc.as_admin()
    me.call("respond_to_match", match_id=me.call("create_automatic_match")["match_id"], action="decline")
    found = me.call("create_automatic_match")
    match_id, buddy = found["match_id"], found["buddy_user_id"]
    rpc.as_user(buddy).call("respond_to_match", match_id=match_id, action="accept")
    moved = arrange(rpc, match_id, ana)
    later = {"scheduled_time": datetime.now(UTC) + 2 * SOON, "venue_name": "§elsewhere"}
    rpc.as_user(buddy).call("reschedule_session", session_id=moved, **later)
    me.call("agree_to_session", session_id=moved)
    me.call("cancel_session", session_id=moved)
    met = meet(db, rpc, match_id, ana, buddy)
    evaluate = "select wingman.evaluate_achievements(1000)"
    db.execute(evaluate)
    admin.call("wingman_admin.revert_completion", session_id=met, reason="§reason")
    db.execute(evaluate)
    missed = arrange(rpc, match_id, ana)
    update_session(db, missed, "scheduled_time = now()")
    admin.call("wingman_admin.mark_no_show", session_id=missed, absent_user_id=buddy, reason="§reason")
    _report_each_other(db, rpc, match_id, ana, buddy)
    cancelled = arrange(rpc, match_id, ana)
    rpc.as_user(buddy).call("cancel_session", session_id=cancelled, reason="§reason")
    arrange(rpc, match_id, ana)
    me.call("end_match", match_id=match_id)
    for until in (datetime.now(UTC) + SOON, None):
        admin.call("wingman_admin.suspend_user", user_id=cem, until=until, reason="§reason")
    admin.call("wingman_admin.lift_suspension", user_id=cem, reason="§reason")
    me.call("block_user", subject_id=cem)
    me.call("report_user", subject_id=cem, reason="§report")
    me.call("unblock_user", subject_id=cem)
    me.call("pause_matching")
    me.call("resume_matching")
    me.call("complete_profile", **{**TELLING, "first_name": "§Anna"}, experience_level="advanced")
    db.execute("update wingman.settings set exposure_limit = 11")

    # what takes both accepts
    db.execute("update wingman.settings set acceptance = 'both'")
    pair = [people.add(lat=40, lng=3) for _ in range(2)]
    both = rpc.as_user(pair[0]).call("create_automatic_match")["match_id"]
    for user_id in pair:
        rpc.as_user(user_id).call("respond_to_match", match_id=both, action="accept")
    db.execute("update wingman.settings set acceptance = 'either'")

    # what nobody answered, to the pause that follows
    ghost = make_pair(db, people, "lapsed")
    db.execute("update wingman.matchmaking_pool set unanswered_offers = 2 where user_id = %s", [ghost.user1])
    admin.call("wingman.run_maintenance")

    for status in ALL_STATES:
        make_pair(db, people, status)
    for status in SESSION_STATUSES:
        make_session(db, make_pair(db, people).match_id, status, confirmed_by=[2])
    by_hand = make_session(db, make_pair(db, people).match_id)
    update_session(db, by_hand, f"{COMPLETE}, scheduled_time = scheduled_time - interval '1 hour'")
    db.execute("delete from public.wingman_sessions where id = %s", [by_hand])
    gone = make_pair(db, people, "pending")
    db.execute("delete from public.wingman_matches where id = %s", [gone.match_id])

    leaver = make_pair(db, people)
    make_session(db, leaver.match_id)
    db.execute("delete from auth.users where id = %s", [leaver.user2])
    blocked = make_pair(db, people)
    make_session(db, blocked.match_id)
    rpc.as_user(blocked.user2).call("block_user", subject_id=blocked.user1)
    db.execute("delete from auth.users where id = %s", [blocked.user1])


def _report_each_other(db: Connection, rpc: Rpc, match_id: UUID, user1: UUID, user2: UUID) -> None:
    """What can become of the report of a no-show."""
    me, buddy, admin = rpc.as_user(user1), rpc.as_user(user2), rpc.as_admin()
    for end in ("withdraw", "admit", "uphold", "dismiss"):
        session_id = arrange(rpc, match_id, user2)
        update_session(db, session_id, "scheduled_time = now() - interval '1 hour'")
        if end == "uphold":
            buddy.call("cancel_session", session_id=session_id)
        me.call("report_no_show", session_id=session_id, reason="did_not_come", note="§note")
        if end == "withdraw":
            me.call("withdraw_no_show", session_id=session_id)
        else:
            action = "admit" if end == "admit" else "contest"
            answer = {"session_id": session_id, "action": action, "statement": "§statement"}
            buddy.call("answer_no_show", **answer)
        if end in ("uphold", "dismiss"):
            told = {"outcome": end, "absent_user_ids": [user2] if end == "uphold" else None}
            admin.call("wingman_admin.decide_no_show", session_id=session_id, **told, reason="§reason")
        if end in ("withdraw", "dismiss"):
            me.call("cancel_session", session_id=session_id)


class RandomStory:
    """Random calls, refused ones too, and direct SQL; most of them have an effect."""

    def __init__(self, db: Connection, rpc: Rpc, people: People, seed: int) -> None:
        self._db = db
        self._random = Random(seed)
        self._people = people
        self._service = rpc.as_service()
        self._admin = rpc.as_admin()
        self.refused = 0
        lift_rate_limits(db)
        # so that pairs meet again
        db.execute(
            """update wingman.settings set
                   rematch_after = '0', ghosting_limit = 2, exposure_limit = 1000, session_spacing = '0',
                   no_show_grace = '0', cooldown_steps = '{0}'"""
        )
        self._users = [people.add(f"§{number}") for number in range(6)]

    def tell(self, steps: int) -> None:
        """Go on with the story."""
        acts = {
            self._call: 40,
            self._operate: 3,
            self._change_match: 4,
            self._change_session: 6,
            self._block: 1,
            self._pause: 1,
            self._change_person: 1,
            self._delete: 1,
            self._at_once: 2,
            self._rolled_back: 1,
        }
        for act in self._random.choices([*acts], [*acts.values()], k=steps):
            self._attempt(act)

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (RpcError, psycopg.errors.IntegrityError):
            self.refused += 1

    def _call(self) -> None:
        likely = {
            "create_automatic_match": 8,
            "respond_to_match": 7,
            "end_match": 1,
            "create_session": 7,
            "start_session": 1,
            "cancel_session": 1,
            "agree_to_session": 1,
            "reschedule_session": 1,
            "report_no_show": 3,
            "answer_no_show": 3,
            "withdraw_no_show": 1,
            "confirm_session_completion": 8,
            "pause_matching": 1,
            "resume_matching": 2,
            "block_user": 1,
            "unblock_user": 1,
        }
        (call,) = self._random.choices([*likely], [*likely.values()])
        arguments: dict[str, Any] = {}
        user_id = self._user()
        if call in ("respond_to_match", "end_match", "create_session"):
            status = "pending" if call == "respond_to_match" else "accepted"
            arguments["match_id"], user_id = self._one_of("wingman_matches", status)
        elif call.endswith(("_session", "_completion", "_no_show")):
            statuses = ("scheduled", "in_progress", *(["cancelled"] if call.endswith("_no_show") else []))
            arguments["session_id"], user_id = self._one_of("wingman_sessions", *statuses)
        elif call.endswith("_user"):
            arguments["subject_id"] = self._user()
        if call == "respond_to_match":
            arguments["action"] = self._random.choice(["accept", "accept", "accept", "decline"])
        elif call == "answer_no_show":
            arguments["action"] = self._random.choice(["admit", "contest"])
        elif call == "report_no_show":
            arguments["reason"] = self._random.choice(["did_not_come", "came_too_late", "left_early"])
        elif call == "reschedule_session":
            arguments["scheduled_time"] = datetime.now(UTC) + timedelta(minutes=2)
        elif call == "create_session":
            arguments |= {"venue_name": "§", "scheduled_time": datetime.now(UTC) + timedelta(minutes=1)}
        self._service.call(call, **arguments, user_id=user_id)

    def _operate(self) -> None:
        if self._random.random() < 0.4:
            self._admin.call("wingman.run_maintenance")
        elif self._random.random() < 0.15:
            self._suspend()
        elif self._random.random() < 0.4:
            session_id, user_id = self._one_of("wingman_sessions", "scheduled", "in_progress", "cancelled")
            outcome = self._random.choice(["uphold", "uphold", "dismiss"])
            self._admin.call(
                "wingman_admin.decide_no_show",
                session_id=session_id,
                outcome=outcome,
                absent_user_ids=[user_id] if outcome == "uphold" else None,
                reason="§",
            )
        elif self._random.random() < 0.5:
            session_id, _ = self._one_of("wingman_sessions", "completed", "no_show")
            self._admin.call("wingman_admin.revert_completion", session_id=session_id, reason="§")
        else:
            session_id, user_id = self._one_of("wingman_sessions", "scheduled", "in_progress")
            self._admin.call(
                "wingman_admin.mark_no_show", session_id=session_id, absent_user_id=user_id, reason="§"
            )

    def _change_match(self) -> None:
        by = self._random.choice(["user1_id", "user2_id"])
        answered = f"responded_by = {by}, responded_at = now()"
        status, changes = self._random.choice(
            [
                ("pending", f"status = 'accepted', {answered}"),
                ("pending", f"status = 'declined', {answered}, expires_at = expires_at + interval '1 hour'"),
                ("pending", "status = 'expired'"),
                ("pending", "expires_at = expires_at + interval '1 hour'"),
                ("pending", "created_at = created_at - interval '9 days', expires_at = created_at"),
                ("pending", f"responded_by = {by}"),
                ("accepted", f"ended_at = now(), ended_by = {by}"),
                ("accepted", "ended_at = created_at + interval '1 minute'"),
                (
                    "accepted",
                    "ended_at = statement_timestamp(), expires_at = expires_at + interval '1 minute'",
                ),
                ("accepted", "distance_miles = distance_miles + 1"),
                ("accepted", "status = 'pending'"),
                ("declined", "expires_at = expires_at + interval '1 hour'"),
            ]
        )
        match_id, _ = self._one_of("wingman_matches", status)
        where = self._random.choice(
            ["id = %s"] * 5 + ["status = (select status from public.wingman_matches where id = %s)"]
        )
        self._db.execute(f"update public.wingman_matches set {changes} where {where}", [match_id])

    def _change_session(self) -> None:
        by = self._random.choice(["user1_id", "user2_id", "null"])
        active, over = ("scheduled", "in_progress"), ("completed", "no_show", "cancelled")
        earlier = "scheduled_time = scheduled_time - interval '5 minutes'"
        statuses, changes = self._random.choice(
            [
                *[(active, earlier)] * 4,
                (active, f"status = 'in_progress', started_by = {by}"),
                (active, f"status = 'in_progress', {earlier}"),
                (active, f"status = 'cancelled', cancelled_by = {by}"),
                (active, f"status = 'cancelled', cancelled_by = {by}, cancelled_at = now()"),
                (over, "status = 'no_show'"),
                (active, f"agreed_by = {by}, agreed_at = now()"),
                (active, f"proposed_by = {by}, proposed_at = now(), agreed_by = null, agreed_at = null"),
                (active, "status = 'no_show'"),
                (active, COMPLETE),
                (active, f"{COMPLETE}, {earlier}"),
                (active, "user1_completed_confirmed_by_user2 = true"),
                (active, "user2_completed_confirmed_by_user1 = true, status = 'in_progress'"),
                (active, "venue_name = '§§', notes = '§§'"),
                (over, "reverted_at = now()"),
                (over, "reverted_at = created_at + interval '1 hour'"),
                (over, f"reverted_at = now(), {earlier}"),
                (over, f"cancelled_by = {by}"),
                (over, "status = 'scheduled'"),
            ]
        )
        session_id, _ = self._one_of("wingman_sessions", *statuses)
        where = self._random.choice(
            ["id = %s"] * 5 + ["status = (select status from public.wingman_sessions where id = %s)"]
        )
        self._db.execute(f"update public.wingman_sessions set {changes} where {where}", [session_id])

    def _delete(self) -> None:
        table = self._random.choice(["wingman_matches", "wingman_sessions"])
        self._db.execute(f"delete from public.{table} where id = %s", [self._one_of(table)[0]])

    def _block(self) -> None:
        pair = [self._user(), self._user()]
        if self._random.random() < 0.3:
            self._db.execute("insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s)", pair)
        else:
            self._db.execute("delete from public.user_blocks where blocker_id in (%s, %s)", pair)

    def _pause(self) -> None:
        paused, automatically = self._random.choice([(True, True), (True, False), (False, False)])
        self._db.execute(
            "update wingman.matchmaking_pool set paused = %s, paused_automatically = %s where user_id = %s",
            [paused, automatically, self._user()],
        )

    def _suspend(self) -> None:
        user_id = self._user()
        if self._random.random() < 0.5:
            until = self._random.choice([None, datetime.now(UTC) + SOON])
            self._admin.call("wingman_admin.suspend_user", user_id=user_id, until=until, reason="§")
        if self._random.random() < 0.2:
            return
        for suspended in self._db.execute("select user_id from wingman.suspensions").fetchall():
            self._admin.call("wingman_admin.lift_suspension", user_id=suspended["user_id"], reason="§")

    def _change_person(self) -> None:
        if self._random.random() < 0.3:
            leaver = self._user()
            self._db.execute("delete from auth.users where id = %s", [leaver])
            self._users[self._users.index(leaver)] = self._people.add("§")
        else:
            self._db.execute(
                "update public.user_profiles set bio = coalesce(bio, '') || 'b' where id = %s", [self._user()]
            )

    def _at_once(self) -> None:
        """Several changes in one transaction, each of which may fail alone."""
        acts = [self._change_match, self._change_session, self._block, self._pause, self._delete]
        with self._db.transaction():
            for act in self._random.choices(acts, k=3):
                try:
                    with self._db.transaction():
                        act()
                except psycopg.errors.IntegrityError:
                    self.refused += 1

    def _rolled_back(self) -> None:
        with self._db.transaction(force_rollback=True):
            self._change_match()
            self._change_session()

    def _user(self) -> UUID:
        return self._random.choice(self._users)

    def _one_of(self, table: str, *statuses: str) -> tuple[UUID | None, UUID]:
        """A match or session, as a rule with such a status, and one of its two people; else anybody."""
        where = "status = any(%s)" if self._random.random() < 0.85 else "%s::text[] is not null"
        is_over = "ended_at is not null" if table == "wingman_matches" else "id is null"
        found = self._db.execute(
            f"""select id, user1_id, user2_id from public.{table} where {where}
                order by {is_over}, id desc limit 5""",
            [[*statuses]],
        ).fetchall()
        if not found:
            return None, self._user()
        row = self._random.choice(found)
        return row["id"], self._random.choice([row["user1_id"], row["user2_id"]])
