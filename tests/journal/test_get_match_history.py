"""get_match_history tells each of the two people the story of their match, and of nothing else."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from contract_errors import refused
from journal.stories import tell_everything
from matchmaking import match_row
from rows import ACTIVE_STATUSES, make_match, make_pair, make_session, session_row, update_session

BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])
OTHER = {"user1": "user2", "user2": "user1"}
SOON = timedelta(minutes=10)


def story(rpc, match_id, user_id) -> list[tuple]:
    """The events, and who did each."""
    return [
        (event["event"], event["by_me"])
        for event in rpc.as_user(user_id).call("get_match_history", match_id=match_id)
    ]


def arrange(rpc, match_id, user_id):
    return rpc.as_user(user_id).call(
        "create_session", match_id=match_id, scheduled_time=datetime.now(UTC) + SOON, venue_name="Café"
    )["id"]


@BY_EITHER
def test_a_whole_story(db, rpc, people, by):
    ana, ben = people.add(), people.add()
    match_id = rpc.as_user(ana).call("create_automatic_match")["match_id"]
    rpc.as_user(ben).call("respond_to_match", match_id=match_id, action="accept")
    first = arrange(rpc, match_id, ana)
    rpc.as_user(ben).call("cancel_session", session_id=first)
    second = arrange(rpc, match_id, ben)
    rpc.as_user(ana).call("start_session", session_id=second)
    update_session(db, second, "scheduled_time = statement_timestamp()")
    rpc.as_user(ben).call("confirm_session_completion", session_id=second)
    rpc.as_user(ana).call("confirm_session_completion", session_id=second)
    rpc.as_admin().call("wingman_admin.revert_completion", session_id=second, reason="Never met")
    third = arrange(rpc, match_id, ana)
    rpc.as_user(ana).call("end_match", match_id=match_id)

    me, buddy = (ana, ben) if by == "user1" else (ben, ana)
    match, sessions = match_row(db, match_id), [session_row(db, id_) for id_ in (first, second, third)]
    expected = [
        (match["created_at"], "match_offered", None, ana),
        (match["responded_at"], "match_accepted", None, ben),
        (sessions[0]["created_at"], "session_scheduled", first, ana),
        (sessions[0]["updated_at"], "session_cancelled", first, ben),
        (sessions[1]["created_at"], "session_scheduled", second, ben),
        (None, "session_started", second, ana),
        (None, "session_moved", second, None),
        (None, "session_confirmed", second, ben),
        (sessions[1]["completed_at"], "session_completed", second, ana),
        (sessions[1]["reverted_at"], "session_reverted", second, None),
        (sessions[2]["created_at"], "session_scheduled", third, ana),
        (match["ended_at"], "match_ended", None, ana),
        (match["ended_at"], "session_cancelled", third, ana),
    ]
    answer = rpc.as_user(me).call("get_match_history", match_id=match_id)
    assert [(told["event"], told["session_id"], told["by_me"]) for told in answer] == [
        (event, session_id, {me: True, buddy: False, None: None}[actor])
        for _, event, session_id, actor in expected
    ]
    times = [told["occurred_at"] for told in answer]
    assert times == sorted(times)
    assert [time for time, known in zip(times, expected, strict=True) if known[0]] == [
        known[0] for known in expected if known[0]
    ]


@BY_EITHER
@pytest.mark.parametrize(
    ("state", "rest"),
    [
        ("pending", []),
        ("accepted", [("match_accepted", "user1")]),
        ("declined", [("match_declined", "user2")]),
        ("lapsed", [("match_expired", None)]),
        ("expired", [("match_expired", None)]),
        ("ended", [("match_accepted", "user1"), ("match_ended", None)]),
    ],
)
def test_every_state_of_a_match_written_by_hand(db, rpc, people, by, state, rest):
    pair = make_pair(db, people, state)
    told = [(event, actor and actor == by) for event, actor in rest]
    assert story(rpc, pair.match_id, getattr(pair, by)) == [("match_offered", None), *told]


@pytest.mark.parametrize("status", ["in_progress", "cancelled", "no_show"])
def test_a_session_changed_by_hand_was_changed_by_nobody(db, rpc, people, status):
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id, status)
    event = {"in_progress": "session_started"}.get(status, f"session_{status}")
    answer = rpc.as_user(pair.user1).call("get_match_history", match_id=pair.match_id)
    assert [(told["event"], told["session_id"], told["by_me"]) for told in answer[2:]] == [
        ("session_scheduled", session_id, None),
        (event, session_id, None),
    ]


@pytest.mark.parametrize("status", ACTIVE_STATUSES)
def test_a_no_show_is_told_without_whose_it_was(db, rpc, people, status):
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id, status)
    rpc.as_admin().call(
        "wingman_admin.mark_no_show", session_id=session_id, absent_user_id=pair.user1, reason="Not there"
    )
    stories = [story(rpc, pair.match_id, user_id)[-1] for user_id in (pair.user1, pair.user2)]
    assert stories == [("session_no_show", None)] * 2


def test_expiry_is_told_of_its_own_moment_settled_or_not_and_by_whom(db, rpc, people):
    pair = make_pair(db, people, "lapsed")
    before = rpc.as_user(pair.user1).call("get_match_history", match_id=pair.match_id)
    third = people.add(lat=40, lng=3)
    rpc.as_user(third).call("create_automatic_match")
    assert match_row(db, pair.match_id)["status"] == "expired"
    after = rpc.as_user(pair.user1).call("get_match_history", match_id=pair.match_id)
    assert after == before
    assert after[-1] == {
        "occurred_at": match_row(db, pair.match_id)["expires_at"],
        "event": "match_expired",
        "session_id": None,
        "by_me": None,
    }


def test_what_an_operator_did_by_hand_is_none_of_their_business(db, rpc, people):
    pair = make_pair(db, people, "pending")
    db.execute("update public.wingman_matches set expires_at = expires_at + interval '1 hour'")
    rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="accept")
    session_id = make_session(db, pair.match_id)
    db.execute("delete from public.wingman_sessions where id = %s", [session_id])
    assert {"session_deleted", "changed_by_hand"} <= {
        row["kind"] for row in db.execute("select kind from wingman.events")
    }
    assert story(rpc, pair.match_id, pair.user1) == [
        ("match_offered", None),
        ("match_accepted", True),
        ("session_scheduled", None),
    ]


def test_every_word_of_it_is_of_the_vocabulary(db, rpc, people):
    tell_everything(db, rpc, people)
    told = set()
    matches = db.execute(
        """select m.id, m.user1_id
           from public.wingman_matches as m inner join public.user_profiles as p on p.id = m.user1_id"""
    )
    for match in matches.fetchall():
        told |= {event for event, _ in story(rpc, match["id"], match["user1_id"])}
    words = db.execute("select kind from wingman.event_kinds() where visible_to = 'participants'")
    # an expiry is told of by the match itself, of its own moment
    assert told == {row["kind"] for row in words} | {"match_expired"}


class TestPrivateActs:
    """What one of the two did alone looks to the other like what it did to the match."""

    def test_a_block_reads_as_a_decline(self, db, rpc, people):
        stories = []
        for call in ("block_user", "respond_to_match"):
            pair = make_pair(db, people, "pending")
            told = (
                {"subject_id": pair.user1}
                if call == "block_user"
                else {"match_id": pair.match_id, "action": "decline"}
            )
            rpc.as_user(pair.user2).call(call, **told)
            stories.append(story(rpc, pair.match_id, pair.user1))
        assert stories == [[("match_offered", None), ("match_declined", False)]] * 2

    def test_a_block_reads_as_an_end(self, db, rpc, people):
        stories = []
        for call in ("block_user", "end_match"):
            pair = make_pair(db, people)
            make_session(db, pair.match_id)
            told = {"subject_id": pair.user1} if call == "block_user" else {"match_id": pair.match_id}
            rpc.as_user(pair.user2).call(call, **told)
            stories.append(story(rpc, pair.match_id, pair.user1)[-2:])
        assert stories == [[("match_ended", False), ("session_cancelled", False)]] * 2

    def test_a_block_hides_nothing_of_one_s_own_story(self, db, rpc, people):
        pair = make_pair(db, people, "ended")
        before = story(rpc, pair.match_id, pair.user1)
        rpc.as_user(pair.user2).call("block_user", subject_id=pair.user1)
        assert story(rpc, pair.match_id, pair.user1) == before

    def test_pauses_reports_profiles_and_other_matches_are_no_part_of_it(self, db, rpc, people):
        pair = make_pair(db, people)
        before = story(rpc, pair.match_id, pair.user1)
        buddy = rpc.as_user(pair.user2)
        buddy.call("pause_matching")
        buddy.call("report_user", subject_id=pair.user1, reason="Rude")
        make_session(db, make_match(db, pair.user2, people.add()), "completed")
        db.execute("update public.user_profiles set first_name = 'New'")
        assert story(rpc, pair.match_id, pair.user1) == before

    def test_nothing_but_the_four_attributes(self, db, rpc, people):
        pair = make_pair(db, people)
        (*_, told) = rpc.as_user(pair.user1).call("get_match_history", match_id=pair.match_id)
        assert set(told) == {"occurred_at", "event", "session_id", "by_me"}


def test_a_partner_who_left_leaves_the_story_whole(db, rpc, people):
    pair = make_pair(db, people)
    make_session(db, pair.match_id)
    db.execute("delete from auth.users where id = %s", [pair.user2])
    assert story(rpc, pair.match_id, pair.user1)[2:] == [
        ("session_scheduled", None),
        ("match_ended", False),
        ("session_cancelled", False),
    ]


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_read_what_the_user_they_name_reads(db, rpc, people, caller):
    pair = make_pair(db, people)
    call = getattr(rpc, caller)().call
    assert call("get_match_history", match_id=pair.match_id, user_id=pair.user1) == rpc.as_user(
        pair.user1
    ).call("get_match_history", match_id=pair.match_id)
    with refused(db, "missing_argument", argument="user_id"):
        call("get_match_history", match_id=pair.match_id)


class TestDenials:
    @pytest.fixture
    def pair(self, db, people):
        return make_pair(db, people)

    def test_an_unknown_match(self, db, rpc, pair):
        with refused(db, "match_not_found"):
            rpc.as_user(pair.user1).call("get_match_history", match_id=uuid4())

    def test_no_match(self, db, rpc, pair):
        with refused(db, "missing_argument", argument="match_id"):
            rpc.as_user(pair.user1).call("get_match_history", match_id=None)

    def test_a_match_of_others(self, db, rpc, pair, people):
        stranger = people.add()
        with refused(db, "not_match_participant"):
            rpc.as_user(stranger).call("get_match_history", match_id=pair.match_id)

    def test_in_another_s_name(self, db, rpc, pair, people):
        stranger = people.add()
        with refused(db, "acting_for_another"):
            rpc.as_user(stranger).call("get_match_history", match_id=pair.match_id, user_id=pair.user1)

    def test_nobody_signed_in(self, db, rpc, pair):
        with refused(db, "not_authenticated"):
            rpc.as_user("nobody").call("get_match_history", match_id=pair.match_id)

    def test_anon(self, rpc, pair):
        with pytest.raises(Exception, match="permission denied for function get_match_history"):
            rpc.as_anon().call("get_match_history", match_id=pair.match_id)

    def test_somebody_without_a_profile(self, db, rpc, pair, people):
        with refused(db, "profile_incomplete"):
            rpc.as_user(people.auth_only()).call("get_match_history", match_id=pair.match_id)


def relations_read_whole(plan) -> set[str]:
    """The tables of the sequential scans in a plan."""
    found = set().union(*map(relations_read_whole, plan.get("Plans", [])))
    return found | ({plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set())


def test_at_any_number_of_rows_it_reads_those_of_the_match(db, people):
    pair = make_pair(db, people)
    db.execute(
        """insert into wingman.events (kind, match_id)
           select 'match_offered', gen_random_uuid() from generate_series(1, 20000)"""
    )
    db.execute("analyze wingman.events")
    (full,) = db.execute("select distinct tableoid::regclass::text as name from wingman.events").fetchall()
    for mode in ("force_custom_plan", "force_generic_plan"):
        db.execute(f"set plan_cache_mode = {mode}")
        explained = db.execute(
            """explain (format json)
               select from wingman.events as e
               inner join wingman.event_kinds() as k on k.kind = e.kind
               where e.match_id = %s and k.visible_to = 'participants'
               order by e.id""",
            [pair.match_id],
            prepare=True,
        ).fetchone()
        (plan,) = explained["QUERY PLAN"]
        # of the empty months either way is as good
        assert full["name"].removeprefix("wingman.") not in relations_read_whole(plan["Plan"])
