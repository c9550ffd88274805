"""A diary: what people have committed to keeps them, and nobody else, from anything else at that time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from contract_errors import refused
from rows import make_match, make_session, update_session

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0) + timedelta(days=2)
SPACING = timedelta(hours=1)
A_MICROSECOND = timedelta(microseconds=1)
VENUE = "Café A Brasileira"

Commit = Callable[[datetime], Callable[[], Any]]
"""Brings about what a call needs to commit the caller to a time; returns the call, to be made."""

# a session with Cleo that is in the caller's diary, and what is in nobody's or in hers
MINE = {
    "proposed by me": "proposed_by = {me}",
    "agreed to by me": "proposed_by = {cleo}, agreed_by = {me}, agreed_at = now()",
    "by hand, agreed to by me": "agreed_by = {me}, agreed_at = now()",
    "started by me": "proposed_by = {cleo}, status = 'in_progress', started_by = {me}",
    "confirmed by me": "proposed_by = {cleo}, {confirmed_by_me} = true",
}
NOT_MINE = {
    "proposed to me": "proposed_by = {cleo}",
    "by hand": "notes = 'By the door'",
    "by hand, agreed to by the other": "agreed_by = {cleo}, agreed_at = now()",
    "started by the other": "proposed_by = {cleo}, status = 'in_progress', started_by = {cleo}",
    "confirmed by the other": "proposed_by = {cleo}, {confirmed_by_cleo} = true",
    "cancelled": "proposed_by = {me}, status = 'cancelled'",
    "missed": "proposed_by = {me}, status = 'no_show'",
    "completed": "proposed_by = {me}, status = 'completed', completed_at = now(),"
    " {confirmed_by_me} = true, {confirmed_by_cleo} = true",
}


@pytest.fixture
def me(sides) -> UUID:
    return sides.me


@pytest.fixture
def cleo(people) -> UUID:
    return people.add("Cleo")


def propose(rpc, user_id, match_id, time):
    return rpc.as_user(user_id).call(
        "create_session", match_id=match_id, scheduled_time=time, venue_name=VENUE
    )


@pytest.fixture(params=["create_session", "reschedule_session", "agree_to_session"])
def commit(request, db, rpc, pair, sides) -> Commit:
    caller = rpc.as_user(sides.me)

    def create(time):
        return lambda: propose(rpc, sides.me, pair.match_id, time)

    def reschedule(time):
        session_id = make_session(db, pair.match_id, starts=NOON + timedelta(days=9))
        return lambda: caller.call("reschedule_session", session_id=session_id, scheduled_time=time)

    def agree(time):
        session_id = make_session(db, pair.match_id, starts=time)
        update_session(db, session_id, f"proposed_by = '{sides.buddy}'")
        return lambda: caller.call("agree_to_session", session_id=session_id)

    by = {"create_session": create, "reschedule_session": reschedule, "agree_to_session": agree}
    return by[request.param]


def with_cleo(db, me, cleo, how=MINE["proposed by me"], time=NOON):
    """A session with Cleo, brought into this state by direct SQL."""
    session_id = make_session(db, make_match(db, me, cleo), starts=time)
    by_user1, by_user2 = "user2_completed_confirmed_by_user1", "user1_completed_confirmed_by_user2"
    confirmed = (by_user1, by_user2) if me < cleo else (by_user2, by_user1)
    names = {"me": f"'{me}'", "cleo": f"'{cleo}'"}
    names |= dict(zip(("confirmed_by_me", "confirmed_by_cleo"), confirmed, strict=True))
    update_session(db, session_id, how.format(**names))
    return session_id


def conflict(db, session_id, time=NOON):
    return refused(db, "schedule_conflict", session_id=str(session_id), time=f"{time:%Y-%m-%d %H:%M} UTC")


@pytest.mark.parametrize("how", MINE.values(), ids=MINE)
def test_what_i_have_committed_to_keeps_me_from_anything_else(db, me, cleo, commit, how):
    mine = with_cleo(db, me, cleo, how)
    call = commit(NOON)
    with conflict(db, mine):
        call()


@pytest.mark.parametrize("how", NOT_MINE.values(), ids=NOT_MINE)
def test_nothing_else_does(db, me, cleo, commit, how):
    with_cleo(db, me, cleo, how)
    assert commit(NOON)()["scheduled_time"] == NOON


def test_what_was_moved_since_i_agreed_to_it_does_not(db, rpc, me, cleo, commit):
    theirs = with_cleo(db, me, cleo, NOT_MINE["proposed to me"], NOON + timedelta(hours=5))
    rpc.as_user(me).call("agree_to_session", session_id=theirs)
    rpc.as_user(cleo).call("reschedule_session", session_id=theirs, scheduled_time=NOON)
    assert commit(NOON)()["scheduled_time"] == NOON


def test_what_i_moved_there_does(db, rpc, me, cleo, commit):
    mine = with_cleo(db, me, cleo, NOT_MINE["proposed to me"], NOON + timedelta(hours=5))
    rpc.as_user(me).call("reschedule_session", session_id=mine, scheduled_time=NOON)
    call = commit(NOON)
    with conflict(db, mine):
        call()


def test_two_of_others_do_not(db, people, cleo, commit):
    with_cleo(db, people.add("Dan"), cleo)
    assert commit(NOON)()["scheduled_time"] == NOON


def test_a_session_that_has_begun_still_counts(db, me, cleo, commit):
    now = datetime.now(UTC)
    begun = now - timedelta(minutes=30)
    mine = with_cleo(db, me, cleo, time=begun)
    call = commit(now + timedelta(minutes=20))
    with conflict(db, mine, begun):
        call()


class TestSpacing:
    @pytest.mark.parametrize("side", [1, -1], ids=["after", "before"])
    def test_exactly_an_hour_apart_is_allowed(self, db, me, cleo, commit, side):
        with_cleo(db, me, cleo)
        time = NOON + side * SPACING
        assert commit(time)()["scheduled_time"] == time

    @pytest.mark.parametrize("side", [1, -1], ids=["after", "before"])
    def test_a_microsecond_nearer_is_refused(self, db, me, cleo, commit, side):
        mine = with_cleo(db, me, cleo)
        call = commit(NOON + side * (SPACING - A_MICROSECOND))
        with conflict(db, mine):
            call()

    @pytest.mark.parametrize(("spacing", "fits"), [("2 hours", True), ("2 hours 0.000001 seconds", False)])
    def test_it_is_the_one_of_the_settings(self, db, me, cleo, commit, spacing, fits):
        mine = with_cleo(db, me, cleo)
        db.execute("update wingman.settings set session_spacing = %s", [spacing])
        time = NOON + timedelta(hours=2)
        call = commit(time)
        if fits:
            assert call()["scheduled_time"] == time
            return
        with conflict(db, mine):
            call()

    def test_without_one_two_sessions_begin_at_once(self, db, me, cleo, commit):
        db.execute("update wingman.settings set session_spacing = '0'")
        with_cleo(db, me, cleo)
        assert commit(NOON)()["scheduled_time"] == NOON

    def test_between_two_sessions_there_is_room_for_one(self, db, people, me, cleo, commit):
        with_cleo(db, me, cleo, time=NOON - SPACING)
        with_cleo(db, me, people.add("Dan"), time=NOON + SPACING)
        assert commit(NOON)()["scheduled_time"] == NOON


class TestNobodyElsesDiary:
    """What the buddy has committed to is never asked, and never shows."""

    def test_is_asked(self, db, sides, cleo, commit):
        with_cleo(db, sides.buddy, cleo)
        assert commit(NOON)()["scheduled_time"] == NOON

    def test_shows_in_the_answer(self, db, rpc, pair, sides, cleo):
        free = propose(rpc, sides.me, pair.match_id, NOON)
        db.execute("delete from public.wingman_sessions")
        with_cleo(db, sides.buddy, cleo)
        busy = propose(rpc, sides.me, pair.match_id, NOON)
        for answer in (free, busy):
            del answer["id"], answer["created_at"], answer["proposed_at"]
        assert busy == free

    def test_keeps_that_one_alone_from_agreeing(self, db, rpc, pair, sides, cleo):
        theirs = with_cleo(db, sides.buddy, cleo)
        session_id = propose(rpc, sides.me, pair.match_id, NOON)["id"]
        with conflict(db, theirs):
            rpc.as_user(sides.buddy).call("agree_to_session", session_id=session_id)


class TestOrderOfChecks:
    """After the state, and before the rate limit."""

    def test_the_state_of_the_match_first(self, db, rpc, pair, me, cleo):
        with_cleo(db, me, cleo)
        db.execute("update public.wingman_matches set ended_at = now() where id = %s", [pair.match_id])
        with refused(db, "match_not_accepted", status="ended"):
            propose(rpc, me, pair.match_id, NOON)

    def test_its_active_session_first(self, db, rpc, pair, me, cleo):
        with_cleo(db, me, cleo)
        make_session(db, pair.match_id)
        with refused(db, "active_session_exists"):
            propose(rpc, me, pair.match_id, NOON)

    @pytest.mark.parametrize("function", ["reschedule_session", "agree_to_session"])
    def test_the_state_of_the_session_first(self, db, rpc, pair, me, cleo, function):
        with_cleo(db, me, cleo)
        session_id = make_session(db, pair.match_id, "cancelled", NOON)
        told = {"scheduled_time": NOON} if function == "reschedule_session" else {}
        verb = "agreed to" if function == "agree_to_session" else "rescheduled"
        with refused(db, "invalid_session_state", verb=verb, status="cancelled"):
            rpc.as_user(me).call(function, session_id=session_id, **told)

    @pytest.mark.parametrize("function", ["reschedule_session", "agree_to_session"])
    def test_the_time_of_the_session_first(self, db, rpc, pair, me, cleo, function):
        begun = datetime(2025, 8, 17, 15, 0, tzinfo=UTC)
        with_cleo(db, me, cleo)
        session_id = make_session(db, pair.match_id, starts=begun)
        told = {"scheduled_time": NOON} if function == "reschedule_session" else {}
        verb = "agreed to" if function == "agree_to_session" else "rescheduled"
        with refused(db, "session_time_passed", verb=verb, time="2025-08-17 15:00 UTC"):
            rpc.as_user(me).call(function, session_id=session_id, **told)

    def test_the_rate_limit_last(self, db, me, cleo, commit):
        mine = with_cleo(db, me, cleo)
        db.execute(
            """insert into wingman.rate_limits (user_id, bucket, spent_until)
               values (%s, 'create_session', now() + interval '24 hours')""",
            [me],
        )
        call = commit(NOON)
        with conflict(db, mine):
            call()
