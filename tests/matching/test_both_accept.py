"""A match that takes an accept of each: the first one leaves it pending, the second one decides."""

import pytest
from answers import at_one_instant
from contract_errors import refused
from harness import RpcError
from matchmaking import (
    ACCEPTED,
    ALREADY,
    DECLINED,
    NEXT,
    WAITING,
    age,
    match_row,
    match_rows,
    pending,
    seeker_row,
    wait_since,
    waiting,
)
from rows import all_rows, business_rows, make_pair
from written import Updates, updates_of

BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])
LIFETIME = "48 hours"
FIRST = {"success": True, "message": WAITING, "match_status": "pending", "next_match": None}
SECOND = {"success": True, "message": ACCEPTED, "match_status": "accepted", "next_match": None}


@pytest.fixture
def pair(db, people):
    pair = make_pair(db, people, "pending", needs_both=True)
    for one in (pair.user1, pair.user2):
        wait_since(db, one, "5 days")
    return pair


def sides(pair, by):
    """The one who accepts first, and the buddy."""
    return (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)


def respond(rpc, user_id, match_id, action="accept", **arguments):
    return rpc.as_user(user_id).call("respond_to_match", match_id=match_id, action=action, **arguments)


def search(rpc, user_id):
    return rpc.as_user(user_id).call("create_automatic_match")


def spend_the_limit(db, user_id):
    db.execute(
        """insert into wingman.rate_limits (user_id, bucket, spent_until)
           values (%s, 'respond', statement_timestamp() + interval '1 hour')
           on conflict (user_id, bucket) do update set spent_until = excluded.spent_until""",
        [user_id],
    )


def unanswered(db, *users):
    return [(seeker_row(db, one)["unanswered_offers"], seeker_row(db, one)["paused"]) for one in users]


class TestTheSetting:
    @pytest.mark.parametrize(("acceptance", "needs_both"), [("either", False), ("both", True)])
    def test_is_that_of_the_moment_in_which_the_match_is_made(self, db, rpc, people, acceptance, needs_both):
        ana, _ = people.add(), people.add()
        db.execute("update wingman.settings set acceptance = %s", [acceptance])
        match_id = search(rpc, ana)["match_id"]
        assert match_row(db, match_id)["needs_both"] is needs_both
        assert rpc.as_user(ana).call("get_match", match_id=match_id)["needs_both"] is needs_both

    def test_is_that_of_the_next_match_after_a_decline_too(self, db, rpc, people):
        ana, _, _ = people.add(), people.add(), people.add()
        match_id = search(rpc, ana)["match_id"]
        db.execute("update wingman.settings set acceptance = 'both'")
        next_match = respond(rpc, ana, match_id, "decline")["next_match"]
        assert match_row(db, next_match["match_id"])["needs_both"] is True

    @pytest.mark.parametrize(
        ("made", "changed", "answers"),
        [("either", "both", [SECOND]), ("both", "either", [FIRST, SECOND])],
    )
    def test_a_change_leaves_the_matches_that_there_are(self, db, rpc, people, made, changed, answers):
        ana, ben = people.add(), people.add()
        db.execute("update wingman.settings set acceptance = %s", [made])
        match_id = search(rpc, ana)["match_id"]
        db.execute("update wingman.settings set acceptance = %s", [changed])
        accepters = zip((ana, ben), answers, strict=False)
        assert [respond(rpc, one, match_id) == answer for one, answer in accepters] == [True] * len(answers)
        assert match_row(db, match_id)["status"] == "accepted"


class TestTheFirstAccept:
    @BY_EITHER
    def test_leaves_the_match_pending(self, db, rpc, pair, by):
        me, _ = sides(pair, by)
        before, rows = match_row(db, pair.match_id), business_rows(db)
        assert respond(rpc, me, pair.match_id) == FIRST
        row = match_row(db, pair.match_id)
        assert row == before | {
            "first_accepted_by": me,
            "first_accepted_at": row["updated_at"],
            "updated_at": row["updated_at"],
        }
        assert row["updated_at"] > before["updated_at"]
        after = business_rows(db)
        del rows["public.wingman_matches"], after["public.wingman_matches"]
        assert after == rows

    @BY_EITHER
    def test_leaves_both_waiting_for_its_end(self, db, rpc, people, pair, by):
        people.add()
        respond(rpc, sides(pair, by)[0], pair.match_id)
        for one in (pair.user1, pair.user2):
            assert pending(db, one) == pair.match_id
            answer = search(rpc, one)
            assert (answer["message"], answer["match_id"]) == (ALREADY, pair.match_id)

    def test_writes_no_index_of_the_matches(self, rpc, pair):
        answer = {"match_id": pair.match_id, "action": "accept"}
        updated = updates_of(rpc.as_user(pair.user1), lambda me: me.call("respond_to_match", **answer))
        assert updated["wingman_matches"] == Updates(1, 1)

    @BY_EITHER
    def test_shows_to_both(self, rpc, pair, by):
        me, buddy = sides(pair, by)
        respond(rpc, me, pair.match_id)
        shown = (
            "status",
            "needs_both",
            "accepted_by_me",
            "accepted_by_buddy",
            "responded_by_me",
            "responded_at",
        )
        for one, accepted in ((me, (True, False)), (buddy, (False, True))):
            caller = rpc.as_user(one)
            told = caller.call("get_match", match_id=pair.match_id)
            assert tuple(told[name] for name in shown) == ("pending", True, *accepted, False, None)
            assert told["buddy_profile"] is not None
            assert caller.call("list_matches") == [told]

    @BY_EITHER
    def test_stands_in_the_row_that_both_may_read_and_nobody_else(self, rpc, people, pair, by):
        me, _ = sides(pair, by)
        respond(rpc, me, pair.match_id)
        query = "select first_accepted_by from public.wingman_matches"
        for reader, rows in (
            (pair.user1, [{"first_accepted_by": me}]),
            (pair.user2, [{"first_accepted_by": me}]),
            (people.add(), []),
        ):
            caller = rpc.as_user(reader)
            with caller.transaction():
                caller.assume_identity()
                assert caller.connection.execute(query).fetchall() == rows

    @BY_EITHER
    def test_takes_from_the_limit_of_answers(self, db, rpc, pair, by):
        me, buddy = sides(pair, by)
        spend_the_limit(db, me)
        before = all_rows(db)
        with pytest.raises(RpcError) as caught:
            respond(rpc, me, pair.match_id)
        assert caught.value.name == "rate_limited"
        assert all_rows(db) == before
        assert respond(rpc, buddy, pair.match_id) == FIRST

    def test_is_an_answer_of_somebody_who_is_no_ghost(self, db, rpc, pair):
        db.execute("update wingman.matchmaking_pool set unanswered_offers = 2")
        respond(rpc, pair.user2, pair.match_id)
        assert unanswered(db, pair.user1, pair.user2) == [(2, False), (0, False)]

    def test_is_not_of_somebody_suspended(self, db, rpc, pair):
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [pair.user1])
        with refused(db, "account_suspended", until=None):
            respond(rpc, pair.user1, pair.match_id)

    def test_is_not_of_a_stranger(self, db, rpc, people, pair):
        stranger = people.add()
        with refused(db, "not_match_participant"):
            respond(rpc, stranger, pair.match_id)

    @pytest.mark.parametrize(("left", "in_time"), [("1 microsecond", True), ("0", False)])
    def test_comes_before_the_match_expires(self, db, pair, left, in_time):
        call = f"public.respond_to_match('{pair.match_id}', 'accept', '{pair.user1}')"
        ends = (
            "update public.wingman_matches set created_at = statement_timestamp() - interval '48 hours',"
            f" expires_at = statement_timestamp() + interval '{left}'"
        )
        if in_time:
            assert at_one_instant(db, call, first=ends) == FIRST
            return
        with pytest.raises(RpcError) as caught:
            at_one_instant(db, call, first=ends)
        assert caught.value.name == "match_expired"
        assert match_row(db, pair.match_id)["first_accepted_by"] is None


class TestTheSamePersonAgain:
    @BY_EITHER
    def test_gets_the_same_and_is_never_the_second(self, db, rpc, pair, by):
        me, _ = sides(pair, by)
        respond(rpc, me, pair.match_id)
        before = all_rows(db)
        for device in (rpc.as_user(me), rpc.as_user(me), rpc.as_service()):
            told = {"match_id": pair.match_id, "action": "accept", "user_id": me}
            assert device.call("respond_to_match", **told) == FIRST
        assert all_rows(db) == before

    @BY_EITHER
    def test_gets_the_same_on_two_devices_with_two_keys(self, db, rpc, pair, by):
        me, _ = sides(pair, by)
        for key in ("one device", "another device", "one device"):
            assert respond(rpc, me, pair.match_id, idempotency_key=key) == FIRST
        row = match_row(db, pair.match_id)
        assert (row["status"], row["first_accepted_by"], row["responded_by"]) == ("pending", me, None)
        kinds = [row["kind"] for row in db.execute("select kind from wingman.events order by id")]
        assert kinds.count("match_first_accepted") == 1

    def test_gets_it_free(self, db, rpc, pair):
        respond(rpc, pair.user1, pair.match_id)
        spend_the_limit(db, pair.user1)
        before = all_rows(db)
        assert respond(rpc, pair.user1, pair.match_id) == FIRST
        assert all_rows(db) == before

    def test_gets_it_while_suspended(self, db, rpc, pair):
        respond(rpc, pair.user1, pair.match_id)
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [pair.user1])
        assert respond(rpc, pair.user1, pair.match_id) == FIRST

    def test_is_told_once_both_have_accepted(self, db, rpc, pair):
        respond(rpc, pair.user1, pair.match_id)
        respond(rpc, pair.user2, pair.match_id)
        before = all_rows(db)
        assert respond(rpc, pair.user1, pair.match_id) == respond(rpc, pair.user2, pair.match_id) == SECOND
        assert all_rows(db) == before

    def test_replays_the_first_answer_to_the_first_key(self, db, rpc, pair):
        respond(rpc, pair.user1, pair.match_id, idempotency_key="k")
        respond(rpc, pair.user2, pair.match_id)
        assert respond(rpc, pair.user1, pair.match_id, idempotency_key="k") == FIRST


class TestTheSecondAccept:
    @BY_EITHER
    def test_makes_them_partners(self, db, rpc, pair, by):
        me, buddy = sides(pair, by)
        respond(rpc, me, pair.match_id)
        before = match_row(db, pair.match_id)
        assert respond(rpc, buddy, pair.match_id) == SECOND
        row = match_row(db, pair.match_id)
        assert row == before | {
            "status": "accepted",
            "responded_by": buddy,
            "responded_at": row["updated_at"],
            "updated_at": row["updated_at"],
        }
        assert (pending(db, me), pending(db, buddy)) == (None, None)
        for one in (me, buddy):
            told = rpc.as_user(one).call("get_match", match_id=pair.match_id)
            assert (told["accepted_by_me"], told["accepted_by_buddy"]) == (True, True)
            assert told["responded_by_me"] is (one == buddy)

    @BY_EITHER
    def test_lets_the_waiting_of_both_begin_again(self, db, rpc, pair, by):
        me, buddy = sides(pair, by)
        respond(rpc, me, pair.match_id)
        respond(rpc, buddy, pair.match_id)
        answered = match_row(db, pair.match_id)["responded_at"]
        assert waiting(db, me) == waiting(db, buddy) == answered

    def test_takes_from_the_limit_of_who_gives_it(self, db, rpc, pair):
        respond(rpc, pair.user1, pair.match_id)
        spend_the_limit(db, pair.user2)
        with pytest.raises(RpcError) as caught:
            respond(rpc, pair.user2, pair.match_id)
        assert caught.value.name == "rate_limited"
        assert match_row(db, pair.match_id)["status"] == "pending"


class TestADecline:
    @pytest.mark.parametrize("decliner", ["accepter", "buddy"])
    @BY_EITHER
    def test_of_either_ends_it_until_both_have_accepted(self, db, rpc, pair, by, decliner):
        me, buddy = sides(pair, by)
        respond(rpc, me, pair.match_id)
        who, other = (me, buddy) if decliner == "accepter" else (buddy, me)
        since = waiting(db, other)
        answer = respond(rpc, who, pair.match_id, "decline")
        assert (answer["message"], answer["match_status"]) == (DECLINED, "declined")
        row = match_row(db, pair.match_id)
        assert (row["status"], row["responded_by"], row["first_accepted_by"]) == ("declined", who, me)
        assert (waiting(db, other), waiting(db, who)) == (since, row["responded_at"])
        assert (pending(db, me), pending(db, buddy)) == (None, None)
        with refused(db, "match_already_resolved", status="declined"):
            respond(rpc, me, pair.match_id)
        told = rpc.as_user(me).call("get_match", match_id=pair.match_id)
        assert (told["status"], told["accepted_by_me"], told["accepted_by_buddy"]) == (
            "declined",
            True,
            False,
        )

    @BY_EITHER
    def test_before_any_accept_ends_it_as_well(self, db, rpc, pair, by):
        me, buddy = sides(pair, by)
        respond(rpc, me, pair.match_id, "decline")
        with refused(db, "match_already_resolved", status="declined"):
            respond(rpc, buddy, pair.match_id)

    def test_brings_the_next_match(self, db, rpc, people, pair):
        cem = people.add("Cem")
        respond(rpc, pair.user1, pair.match_id)
        answer = respond(rpc, pair.user1, pair.match_id, "decline")
        assert (answer["message"], answer["next_match"]["buddy_user_id"]) == (NEXT, cem)

    @BY_EITHER
    def test_after_both_accepts_is_too_late(self, db, rpc, pair, by):
        respond(rpc, pair.user1, pair.match_id)
        respond(rpc, pair.user2, pair.match_id)
        with refused(db, "match_already_resolved", status="accepted"):
            respond(rpc, getattr(pair, by), pair.match_id, "decline")


class TestExpiry:
    @pytest.mark.parametrize("settled_by", ["accepter", "buddy", "somebody else"])
    @BY_EITHER
    def test_who_accepted_keeps_the_waiting_time_and_is_no_ghost(self, db, rpc, people, pair, by, settled_by):
        me, buddy = sides(pair, by)
        far_away = people.add(lat=41.1496, lng=-8.6110)
        db.execute("update wingman.matchmaking_pool set unanswered_offers = 2")
        respond(rpc, me, pair.match_id)
        since = waiting(db, me)
        age(db, pair.match_id, LIFETIME)
        search(rpc, {"accepter": me, "buddy": buddy, "somebody else": far_away}[settled_by])
        assert match_row(db, pair.match_id)["status"] == "expired"
        assert waiting(db, me) == since
        assert waiting(db, buddy) > since
        # one's own search ends an automatic pause
        assert unanswered(db, me, buddy) == [(0, False), (0, False) if settled_by == "buddy" else (3, True)]

    def test_of_a_match_that_nobody_accepted_is_as_ever(self, db, rpc, pair):
        since = waiting(db, pair.user1)
        age(db, pair.match_id, LIFETIME)
        db.execute("select wingman.settle_due_matches(2)")
        assert unanswered(db, pair.user1, pair.user2) == [(1, False), (1, False)]
        assert min(waiting(db, pair.user1), waiting(db, pair.user2)) > since

    @BY_EITHER
    def test_neither_of_the_two_can_answer_any_more(self, db, rpc, pair, by):
        respond(rpc, pair.user1, pair.match_id)
        age(db, pair.match_id, LIFETIME)
        for action in ("accept", "decline"):
            with refused(db, "match_expired"):
                respond(rpc, getattr(pair, by), pair.match_id, action)

    @BY_EITHER
    def test_it_reads_as_expired(self, db, rpc, pair, by):
        respond(rpc, pair.user1, pair.match_id)
        age(db, pair.match_id, LIFETIME)
        told = rpc.as_user(getattr(pair, by)).call("get_match", match_id=pair.match_id)
        assert (told["status"], told["accepted_by_me"]) == ("expired", by == "user1")
        assert len(match_rows(db)) == 1
