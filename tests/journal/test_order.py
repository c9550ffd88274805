"""Within a transaction, events are in the order of cause and effect, for every call."""

import pytest
from arranged import OPERATIONS, STORIES, Stage
from harness import Connection, People, Rpc
from journal.trail import assert_replay_is_the_truth, mark, since
from kernel.calls import CALLS, READING, WRITING
from rows import make_pair, make_session, update_session


def test_every_writing_call_and_operation_has_its_story() -> None:
    told = {call.rpartition(".")[2] for call, *_ in STORIES}
    assert told == {*WRITING, *(name.rpartition(".")[2] for name in OPERATIONS)}


@pytest.mark.parametrize(
    ("call", "what", "arranged", "kinds"),
    STORIES,
    ids=[f"{call} {what}".strip() for call, what, *_ in STORIES],
)
def test_a_call(db: Connection, rpc: Rpc, people: People, call, what, arranged, kinds) -> None:
    user_id, arguments = arranged(Stage(db, people))
    before = mark(db)
    caller = rpc.as_admin() if user_id is None else rpc.as_user(user_id)
    caller.call(call, **arguments)

    rows = since(db, before)
    assert [row["kind"] for row in rows] == kinds
    # one transaction, one call, and ids in the order of writing
    assert len({row["xid"] for row in rows}) <= 1
    assert len({row["source"] for row in rows}) <= 1
    if what != "one at hand" and rows:
        assert rows[0]["call"] == call.rpartition(".")[2]
    assert_replay_is_the_truth(db)


def test_an_offer_of_one_s_own_is_about_the_next_match(db, rpc, people) -> None:
    pair = make_pair(db, people, "pending")
    people.add()
    before = mark(db)
    answer = rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="decline")
    declined, offered = since(db, before)
    assert (declined["match_id"], declined["user_id"]) == (pair.match_id, pair.user1)
    assert (offered["match_id"], offered["user_id"]) == (answer["next_match"]["match_id"], pair.user1)


@pytest.mark.parametrize("function", READING)
def test_reading_writes_nothing(db, rpc, people, function) -> None:
    pair = make_pair(db, people)
    ids = {"match_id": pair.match_id, "session_id": make_session(db, pair.match_id)}
    before = mark(db)
    arguments = {name: ids.get(name, value) for name, value in CALLS[function].items()}
    rpc.as_user(pair.user1).call(function, **arguments)
    assert since(db, before) == []


class TestADeletedAccount:
    """By a cascade, from the account down."""

    @pytest.mark.parametrize(
        ("status", "kinds"),
        [
            (None, ["profile_deleted"]),
            ("pending", ["match_declined", "profile_deleted"]),
            ("lapsed", ["match_expired", "profile_deleted"]),
            ("accepted", ["match_ended", "session_cancelled", "profile_deleted"]),
        ],
    )
    def test_what_there_was_is_settled_first(self, db, people, status, kinds):
        if status is None:
            leaver = people.add()
        else:
            pair = make_pair(db, people, status)
            leaver = pair.user2
            if status == "accepted":
                make_session(db, pair.match_id)
        before = mark(db)
        db.execute("delete from auth.users where id = %s", [leaver])
        rows = since(db, before)
        assert [row["kind"] for row in rows] == kinds
        who = {row["kind"]: row["user_id"] for row in rows}
        assert who.pop("match_expired", None) is None
        assert set(who.values()) == {leaver}
        assert_replay_is_the_truth(db)

    def test_their_own_blocks_go_with_it_and_those_by_others_stay(self, db, people):
        ana, ben, cem = people.add(), people.add(), people.add()
        db.execute(
            "insert into public.user_blocks (blocker_id, blocked_id) values (%s, %s), (%s, %s)",
            [ana, ben, cem, ana],
        )
        before = mark(db)
        db.execute("delete from auth.users where id = %s", [ana])
        told = [(row["kind"], row["user_id"]) for row in since(db, before)]
        assert sorted(told) == sorted([("user_unblocked", ana), ("profile_deleted", ana)])
        assert_replay_is_the_truth(db)

    def test_everybody_at_once(self, db, people):
        for status in ("pending", "accepted", "lapsed"):
            pair = make_pair(db, people, status)
            if status == "accepted":
                update_session(db, make_session(db, pair.match_id), "status = 'in_progress'")
        before = mark(db)
        db.execute("delete from auth.users")
        kinds = [row["kind"] for row in since(db, before)]
        for first, then in [("match_declined", "profile_deleted"), ("match_ended", "session_cancelled")]:
            assert kinds.index(first) < kinds.index(then)
        assert kinds.count("profile_deleted") == 6
        assert_replay_is_the_truth(db)
