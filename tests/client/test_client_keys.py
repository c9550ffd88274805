"""Idempotency keys: what is sent, what the answer says, and one effect of any number of calls."""

import pickle
from typing import Any
from uuid import UUID

import pytest
from harness import Connection, People, in_thread
from rows import make_pair, make_session
from ways import Way
from wingmanmatch import (
    AlreadyConfirmed,
    AutomaticMatch,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidInput,
    MatchNotFound,
    WingmanClient,
)

TIMES, CONNECTIONS = 50, 10


def keys(db: Connection) -> set[str]:
    return {row["key"] for row in db.execute("select idempotency_key as key from wingman.idempotency_keys")}


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_client_makes_a_key_for_every_call(way: Way, people: People, db: Connection) -> None:
    with way.connect() as client:
        ana = client.as_user(people.add())
        answers = [ana.create_automatic_match(), ana.pause_matching(), ana.resume_matching()]
    sent = {answer.idempotency_key for answer in answers}
    assert sent == keys(db)
    assert [UUID(key).version for key in sent] == [4] * 3
    assert not any(answer.replayed for answer in answers)


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_no_key(way: Way, people: People, db: Connection) -> None:
    with way.connect() as client:
        answer = client.as_user(people.add()).create_automatic_match(idempotency_key=None)
    assert keys(db) == set()
    assert (answer.idempotency_key, answer.replayed) == (None, False)


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_given_key(way: Way, people: People, db: Connection) -> None:
    key = 'a "key", \\ and more: Žofie'
    with way.connect() as client:
        ana = client.as_user(people.add())
        people.add()
        first = ana.create_automatic_match(idempotency_key=key)
        assert keys(db) == {key}
        again = ana.create_automatic_match(idempotency_key=key)
        other = ana.create_automatic_match()
    assert [answer.replayed for answer in (first, again, other)] == [False, True, False]
    assert [answer.idempotency_key for answer in (first, again)] == [key, key]
    assert again == first
    assert other != first, "a pending match is told with other words"


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_key_is_no_part_of_the_answer(way: Way, people: People) -> None:
    with way.connect() as client:
        ana = client.as_user(people.add())
        ana.create_automatic_match(idempotency_key="one")
        replay = ana.create_automatic_match(idempotency_key="one")
    assert replay == AutomaticMatch.model_validate(replay.model_dump())
    assert replay.model_dump().keys() == AutomaticMatch.model_fields.keys()
    copy = pickle.loads(pickle.dumps(replay))
    assert (copy, copy.idempotency_key, copy.replayed) == (replay, "one", True)


def test_replay_is_told_of_the_call_that_is_one(flavour: Any, login: str, people: People) -> None:
    ana_id, bo_id = people.add(), people.add()
    with flavour.connection(login, autocommit=True) as connection, connection.transaction():
        client = flavour.client(connection=connection)
        ana, bo = client.as_user(ana_id), client.as_user(bo_id)
        ana.pause_matching(idempotency_key="one")
        assert ana.pause_matching(idempotency_key="one").replayed
        assert not ana.get_profile().replayed
        assert not ana.pause_matching().replayed
        assert ana.pause_matching(idempotency_key="one").replayed
        assert not ana.pause_matching(idempotency_key=None).replayed
        assert ana.pause_matching(idempotency_key="one").replayed
        assert not bo.pause_matching(idempotency_key="one").replayed, "a key is its user's alone"


def test_headers_of_somebody_else(flavour: Any, login: str, people: People) -> None:
    ana_id = people.add()
    for headers in ("", "no JSON", "{}", "7", '[{"Idempotency-Replayed": "false"}]'):
        with flavour.connection(login, autocommit=True) as connection, connection.transaction():
            connection.execute(f"set local response.headers = '{headers}'")
            ana = flavour.client(connection=connection).as_user(ana_id)
            assert not ana.pause_matching().replayed


@pytest.mark.representatives("pool-async*", "http-sync*")
def test_refusals_tell_their_key(way: Way, people: People) -> None:
    with way.connect() as client:
        ana = client.as_user(people.add())
        ana.pause_matching(idempotency_key="one")
        with pytest.raises(IdempotencyKeyReused) as reused:
            ana.resume_matching(idempotency_key="one")
        assert (reused.value.status, reused.value.idempotency_key) == (422, "one")
        for key in ("", "k" * 256):
            with pytest.raises(IdempotencyKeyInvalid) as invalid:
                ana.resume_matching(idempotency_key=key)
            assert (invalid.value.status, invalid.value.idempotency_key) == (400, key)
        with pytest.raises(InvalidInput) as malformed:
            ana.respond_to_match("no id", "\0")
        assert UUID(malformed.value.idempotency_key)
        with pytest.raises(InvalidInput):
            ana.pause_matching(idempotency_key="\0")
        with pytest.raises(MatchNotFound) as reading:
            ana.get_match(UUID(int=0))
        assert reading.value.idempotency_key is None
    copy = pickle.loads(pickle.dumps(reused.value))
    assert vars(copy) == vars(reused.value)


@pytest.mark.parametrize("key", ["one", None])
def test_fifty_confirmations_at_once(people: People, db: Connection, login: str, key: str | None) -> None:
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id, "scheduled", "-1 hour")
    with WingmanClient.connect(login, min_size=CONNECTIONS, max_size=CONNECTIONS) as client:
        client.as_user(pair.user2).confirm_session_completion(session_id)
        confirm = client.as_user(pair.user1).confirm_session_completion
        outcomes = [in_thread(confirm, session_id, idempotency_key=key) for _ in range(TIMES)]
        refusals = [outcome.exception(timeout=30) for outcome in outcomes]
    answers = [outcome.result() for outcome in outcomes if not outcome.exception()]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0].both_confirmed
    assert answers[0].user_reputation_delta == 1
    if key:
        assert refusals == [None] * TIMES
        assert [answer.replayed for answer in answers].count(False) == 1
    else:
        assert [type(refusal) for refusal in refusals].count(AlreadyConfirmed) == TIMES - 1
    both = [pair.user1, pair.user2]
    events = db.execute("select user_id, delta from wingman.reputation_events order by user_id")
    assert events.fetchall() == [{"user_id": user, "delta": 1} for user in both]
    counters = db.execute("select completed_sessions from user_profiles where id = any(%s)", [both])
    assert [row["completed_sessions"] for row in counters] == [1, 1]
