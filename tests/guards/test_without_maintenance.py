"""No call depends on maintenance: the answers are the same with and without it."""

import pytest
from harness import RpcError
from matchmaking import CREATED
from rows import counters as counters_of
from rows import make_match, make_pair, make_session

FAR = {"lat": 41.1496, "lng": -8.6110}
# of settings.idempotency_retention
WITHIN, PAST = "71 hours 59 minutes", "72 hours 1 second"


@pytest.fixture(params=[True, False], ids=["with maintenance", "without"])
def time_goes_by(request, rpc):
    """Called once what is to lapse has lapsed: maintenance runs, or it does not."""
    service = rpc.as_service()

    def run(expected: dict[str, int] | None = None) -> None:
        if request.param:
            done = service.call("wingman.run_maintenance")
            assert done.items() >= (expected or {}).items()

    return run


def refused(name):
    return pytest.raises(RpcError, match=f'"error": "{name}"')


def search(rpc, user_id):
    return rpc.as_user(user_id).call("create_automatic_match")


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_a_lapsed_match_cannot_be_answered(db, rpc, people, time_goes_by, action):
    pair = make_pair(db, people, "lapsed")
    time_goes_by({"expired_matches": 1})
    with refused("match_expired"):
        rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action=action)


def test_a_lapsed_match_reads_as_expired(db, rpc, people, time_goes_by):
    pair = make_pair(db, people, "lapsed")
    time_goes_by({"expired_matches": 1})
    caller = rpc.as_user(pair.user2)
    assert caller.call("get_match", match_id=pair.match_id)["status"] == "expired"
    assert [match["status"] for match in caller.call("list_matches")] == ["expired"]
    assert caller.call("list_matches", status="pending") == []
    assert caller.call("get_match", match_id=pair.match_id)["buddy_profile"] is None


def test_a_lapsed_match_makes_nobody_a_partner(db, rpc, people, time_goes_by):
    pair = make_pair(db, people, "lapsed")
    time_goes_by({"expired_matches": 1})
    with refused("reputation_not_visible"):
        rpc.as_user(pair.user1).call("get_reputation", subject_id=pair.user2)


def test_who_had_a_lapsed_match_may_search(db, rpc, people, time_goes_by):
    pair = make_pair(db, people, "lapsed")
    other = people.add("Cleo")
    time_goes_by({"expired_matches": 1})
    answer = search(rpc, pair.user1)
    assert (answer["message"], answer["buddy_user_id"]) == (CREATED, other)


def test_who_had_a_lapsed_match_may_be_found(db, rpc, people, time_goes_by):
    searcher = people.add("Cleo")
    pair = make_pair(db, people, "lapsed")
    time_goes_by({"expired_matches": 1})
    answer = search(rpc, searcher)
    assert (answer["message"], answer["buddy_user_id"]) == (CREATED, min(pair.user1, pair.user2))


def test_a_decline_finds_who_had_a_lapsed_match(db, rpc, people, time_goes_by):
    lapsed = make_pair(db, people, "lapsed")
    pair = make_pair(db, people, "pending")
    time_goes_by({"expired_matches": 1})
    answer = rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="decline")
    assert answer["next_match"]["buddy_user_id"] in (lapsed.user1, lapsed.user2)


def test_a_ghost_is_not_found(db, rpc, people, time_goes_by):
    ghost = people.add("Gil")
    for n in range(3):
        make_match(db, ghost, people.add(**FAR), "lapsed" if n == 2 else "expired")
    searcher = people.add("Cleo")
    time_goes_by({"expired_matches": 1})
    assert search(rpc, searcher)["success"] is False


def test_the_search_of_a_ghost_ends_the_pause(db, rpc, people, time_goes_by):
    ghost = people.add("Gil")
    for n in range(3):
        make_match(db, ghost, people.add(**FAR), "lapsed" if n == 2 else "expired")
    other = people.add("Cleo")
    time_goes_by({"expired_matches": 1})
    assert search(rpc, ghost)["buddy_user_id"] == other
    assert rpc.as_user(ghost).call("get_profile")["matching_paused"] is False


def confirm_with_key(rpc, user_id, session_id):
    return rpc.as_user(user_id).call(
        "confirm_session_completion", session_id=session_id, idempotency_key="once"
    )


def age_keys(db, age):
    db.execute("update wingman.idempotency_keys set created_at = statement_timestamp() - %s::interval", [age])


def test_a_key_is_kept_for_its_time(db, rpc, people, time_goes_by):
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id)
    first = confirm_with_key(rpc, pair.user1, session_id)
    age_keys(db, WITHIN)
    time_goes_by({"purged_keys": 0})
    assert confirm_with_key(rpc, pair.user1, session_id) == first


def test_a_key_past_its_time_is_forgotten(db, rpc, people, time_goes_by):
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id)
    confirm_with_key(rpc, pair.user1, session_id)
    age_keys(db, PAST)
    time_goes_by({"purged_keys": 1})
    with refused("already_confirmed"):
        confirm_with_key(rpc, pair.user1, session_id)
    # and serves another call
    other = make_session(db, make_match(db, pair.user1, people.add("Cleo")))
    assert confirm_with_key(rpc, pair.user1, other)["both_confirmed"] is False
    assert counters_of(db, pair.user1) == (0, 0, 0)


@pytest.mark.parametrize(("spent", "is_refused"), [("-1 second", False), ("59 minutes", True)])
def test_a_limit_counts_for_its_time(db, rpc, people, time_goes_by, spent, is_refused):
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id)
    db.execute("delete from wingman.rate_limits")
    db.execute(
        """insert into wingman.rate_limits (user_id, bucket, spent_until)
           values (%s, 'confirm', statement_timestamp() + %s::interval)""",
        [pair.user1, spent],
    )
    time_goes_by({"purged_limits": 0 if is_refused else 1})
    call = rpc.as_user(pair.user1)
    if is_refused:
        with refused("rate_limited"):
            call.call("confirm_session_completion", session_id=session_id)
    else:
        assert call.call("confirm_session_completion", session_id=session_id)["success"]


def test_state_changes_are_recorded_though_no_month_was_made_for_them(db, rpc, people, time_goes_by):
    pair = make_pair(db, people, "pending")
    months = db.execute(
        """select c.relname from pg_inherits as i inner join pg_class as c on c.oid = i.inhrelid
           where i.inhparent = 'wingman.events'::regclass and c.relname <> 'events_default'"""
    ).fetchall()
    for month in months:
        db.execute(f"drop table wingman.{month['relname']}")
    time_goes_by({"made_partitions": 4})
    rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="accept")
    rows = db.execute("select e.kind from wingman.events as e where e.match_id is not null").fetchall()
    assert rows == [{"kind": "match_accepted"}]
