"""Nothing is told after an erasure, and the reader waits for none."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from harness import LISBON
from inbox.inboxes import forget, kinds, notifications, read, read_all, told
from races.race import Race
from rows import make_match, make_pair

SOON = timedelta(hours=1)


@pytest.fixture
def race(connect, db):
    return Race(connect, db)


@pytest.fixture
def erasing(connect, db):
    """Erases somebody in a transaction that stays open; the caller ends it."""
    connection = connect(user=db.info.user)

    def erase(user_id):
        connection.execute("begin")
        connection.execute(
            "select public.erase_my_account(confirmation => 'erase', user_id => %s)", [user_id]
        )
        return connection

    return erase


def postponed(db):
    return db.execute(
        "select (p.notice).user_id, (p.notice).kind from wingman.postponed_notices as p"
    ).fetchall()


def run(race, max_rows=1000):
    """A run of the readers, which must not wait for anybody."""
    return race.unhindered(race.operation("wingman.run_readers", max_rows=max_rows))


def accept(rpc, user_id, match_id):
    rpc.as_user(user_id).call("respond_to_match", match_id=match_id, action="accept")


def come_back(rpc, user_id):
    told_it = {**LISBON, "first_name": "Anew", "experience_level": "beginner"}
    rpc.as_user(user_id).call("complete_profile", **told_it)


@pytest.mark.parametrize("by", ["the user", "an operator", "direct SQL"])
def test_an_inbox_goes_with_its_account(db, rpc, pair, operator, by):
    told_it = {"scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
    rpc.as_user(pair.user2).call("create_session", match_id=pair.match_id, **told_it)
    read_all(db)
    assert told(db, pair) == (["session_scheduled"], [])
    if by == "the user":
        rpc.as_user(pair.user1).call("erase_my_account", confirmation="erase")
    elif by == "an operator":
        operator.call("wingman_admin.erase_user", user_id=pair.user1, reason="They asked")
    else:
        db.execute("delete from auth.users where id = %s", [pair.user1])
    assert notifications(db) == []
    read_all(db)
    # to the other one it is an end like any other
    assert told(db, pair) == ([], ["match_ended"])


def test_somebody_who_was_erased_is_told_nothing(db, rpc, people):
    pair = make_pair(db, people, "pending")
    forget(db)
    accept(rpc, pair.user1, pair.match_id)
    rpc.as_user(pair.user2).call("erase_my_account", confirmation="erase")
    read_all(db)
    assert told(db, pair) == (["match_ended"], [])


def test_nor_is_somebody_who_returns_with_the_same_id(db, rpc, people, operator):
    pair = make_pair(db, people, "pending")
    forget(db)
    accept(rpc, pair.user1, pair.match_id)
    operator.call("wingman_admin.suspend_user", user_id=pair.user2, until=None, reason="Rude")
    operator.call("wingman_admin.lift_suspension", user_id=pair.user2, reason="Sorry")
    rpc.as_user(pair.user2).call("erase_my_account", confirmation="erase")
    come_back(rpc, pair.user2)
    read_all(db)
    assert kinds(db, pair.user2) == []
    # what comes from then on is told again
    accept(rpc, pair.user1, make_match(db, pair.user1, pair.user2, "pending"))
    read_all(db)
    assert kinds(db, pair.user2) == ["match_offered", "match_accepted"]


class TestAtTheSameMoment:
    @pytest.fixture
    def offered(self, db, rpc, people):
        """Two pairs; in each, one of the two has just accepted."""
        pairs = [make_pair(db, people, "pending") for _ in range(2)]
        forget(db)
        for pair in pairs:
            accept(rpc, pair.user1, pair.match_id)
        return pairs

    @pytest.mark.parametrize("max_rows", [1, 1000])
    def test_the_reader_does_not_wait_and_tells_others(self, db, race, erasing, offered, max_rows):
        leaving, staying = offered
        eraser = erasing(leaving.user2)
        for _ in range(3):
            run(race, max_rows)
        assert told(db, leaving) == ([], [])
        assert told(db, staying) == ([], ["match_accepted"])
        assert postponed(db) == [{"user_id": leaving.user2, "kind": "match_accepted"}]
        eraser.execute("rollback")

    def test_after_a_rollback_it_is_told(self, db, race, erasing, offered):
        leaving, _ = offered
        eraser = erasing(leaving.user2)
        run(race)
        run(race)
        eraser.execute("rollback")
        run(race)
        assert told(db, leaving) == ([], ["match_accepted"])
        assert postponed(db) == []
        before = notifications(db)
        run(race)
        assert notifications(db) == before

    def test_after_a_commit_it_is_dropped(self, db, race, erasing, offered):
        leaving, staying = offered
        eraser = erasing(leaving.user2)
        run(race)
        eraser.execute("commit")
        read_all(db)
        assert told(db, leaving) == (["match_ended"], [])
        assert told(db, staying) == ([], ["match_accepted"])
        assert postponed(db) == []

    def test_the_same_if_they_return_before_the_next_run(self, db, rpc, race, erasing, offered):
        leaving, _ = offered
        eraser = erasing(leaving.user2)
        run(race)
        eraser.execute("commit")
        come_back(rpc, leaving.user2)
        read_all(db)
        assert told(db, leaving) == (["match_ended"], [])
        assert postponed(db) == []

    def test_the_same_if_they_return_while_the_reader_runs(self, db, rpc, race, connect, offered):
        """The reader is held up after it has found whom to tell, before it writes."""
        leaving, _ = offered
        source = db.execute("select pg_get_functiondef('wingman.tell'::regproc) as source").fetchone()
        place = "_present := array("
        held_up = source["source"].replace(place, f"perform pg_advisory_xact_lock_shared(42); {place}")
        assert held_up != source["source"]
        db.execute(held_up)
        holder = connect(user=db.info.user)
        holder.execute("select pg_advisory_lock(42)")
        done = race.started(
            race.operation("wingman.run_readers", max_rows=1000), waits_for=holder.info.backend_pid
        )
        rpc.as_user(leaving.user2).call("erase_my_account", confirmation="erase")
        come_back(rpc, leaving.user2)
        holder.execute("select pg_advisory_unlock(42)")
        assert done()["told"] == 2
        read_all(db)
        assert told(db, leaving) == (["match_ended"], [])
        assert postponed(db) == []

    def test_an_erasure_waits_for_the_reader_and_takes_what_it_told(self, db, race, offered):
        leaving, staying = offered
        erasure = race.call(leaving.user2, "erase_my_account", confirmation="erase")
        met = race.collide(race.operation("wingman.run_readers"), erasure)
        assert met.second["success"] is True
        assert told(db, leaving) == ([], [])
        assert told(db, staying) == ([], ["match_accepted"])
        read_all(db)
        assert told(db, leaving) == (["match_ended"], [])

    def test_a_reminder_is_postponed_as_well(self, db, race, erasing, people):
        pair = make_pair(db, people, "pending")
        forget(db)
        db.execute("update wingman.reminders set due_at = now()")
        eraser = erasing(pair.user2)
        run(race)
        assert told(db, pair) == (["match_expiring"], [])
        eraser.execute("rollback")
        run(race)
        assert told(db, pair) == (["match_expiring"], ["match_expiring"])

    def test_what_is_postponed_is_checked_again(self, db, rpc, race, erasing, offered, people):
        accepted, _ = offered
        reminded = make_pair(db, people, "pending")
        read_all(db)
        forget(db)
        db.execute("update wingman.reminders set due_at = now() where match_id = %s", [reminded.match_id])
        rpc.as_user(accepted.user2).call(
            "create_session",
            match_id=accepted.match_id,
            scheduled_time=datetime.now(UTC) + SOON,
            venue_name="Café",
        )
        erasers = [erasing(accepted.user1), erasing(reminded.user2)]
        run(race)
        assert {(row["user_id"], row["kind"]) for row in postponed(db)} == {
            (accepted.user1, "session_scheduled"),
            (reminded.user2, "match_expiring"),
        }
        for eraser in erasers:
            eraser.execute("rollback")
        rpc.as_user(accepted.user2).call("block_user", subject_id=accepted.user1)
        # the decline brings no next match
        rpc.as_user(reminded.user1).call("pause_matching")
        rpc.as_user(reminded.user1).call("respond_to_match", match_id=reminded.match_id, action="decline")
        read_all(db)
        assert told(db, accepted) == (["match_ended"], [])
        assert told(db, reminded) == (["match_expiring"], ["match_declined"])

    def test_what_is_postponed_still_counts_for_the_day(self, db, rpc, race, erasing, pair):
        db.execute("update wingman.settings set notifications_per_day = 2")
        forget(db)
        ana = rpc.as_user(pair.user1)
        for _ in range(4):
            told_it = {"scheduled_time": datetime.now(UTC) + SOON, "venue_name": "Café"}
            session_id = ana.call("create_session", match_id=pair.match_id, **told_it)["id"]
            ana.call("cancel_session", session_id=session_id)
        eraser = erasing(pair.user2)
        run(race)
        eraser.execute("rollback")
        read_all(db)
        assert kinds(db, pair.user2) == ["session_scheduled", "session_cancelled", "more_activity"]


def test_a_profile_that_is_being_changed_is_no_reason_to_postpone(db, rpc, people):
    pair = make_pair(db, people, "pending")
    forget(db)
    accept(rpc, pair.user1, pair.match_id)
    ben = rpc.as_user(pair.user2)
    with ben.transaction():
        ben.call("complete_profile", **LISBON, first_name="Benjamin", experience_level="beginner")
        read(db)
        assert told(db, pair) == ([], ["match_accepted"])


def test_the_reader_writes_for_nobody_without_a_profile(db, pair):
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.execute(
            """insert into public.wingman_notifications (id, user_id, kind, event_id)
               values (gen_random_uuid(), gen_random_uuid(), 'match_ended', 1)"""
        )
