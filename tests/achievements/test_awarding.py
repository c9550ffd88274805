"""Awarded exactly once, taken back when it no longer holds: whatever the pages, rollbacks and kills."""

from itertools import pairwise
from random import Random
from threading import Event

import psycopg
import pytest
from achievements.careers import (
    START,
    WEEK,
    Careers,
    add_achievement,
    earned,
    evaluate,
    evaluate_all,
    names,
    told,
)
from harness import in_thread
from inbox.inboxes import kinds
from journal.readers import open_reader
from mortal import MortalFunction
from psycopg.rows import scalar_row
from rows import all_rows, make_pair, make_session

DEADLINE = 60
STATE = """
    select
        (select jsonb_agg(e order by e.user_id, e.name) from wingman.earned_achievements as e) as earned,
        (select jsonb_agg(p) from wingman.postponed_evaluations as p) as postponed,
        (select jsonb_agg(a order by a.name) from wingman.achievements as a) as achievements,
        (select to_jsonb(r) from wingman.readers as r where r.name = 'achievements') as reader
"""


def state(db):
    return db.execute(STATE).fetchone()


def scalar(db, query, *values):
    return db.cursor(row_factory=scalar_row).execute(query, values).fetchone()


def read_from_the_start(db):
    """Forgets all awards and the reader, as if nobody had been awarded anything."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("delete from wingman.earned_achievements")
        db.execute("delete from wingman.readers where name = 'achievements'")
    open_reader(db, "achievements", "ledger", from_start=True)


def assert_each_once(db):
    """What the journal has earned and not revoked is what there is; nothing was earned twice in between."""
    there = set()
    for row in db.execute(
        """select user_id, kind, details ->> 'name' as name from wingman.events
           where kind like 'achievement%%' order by id"""
    ):
        key = (row["user_id"], row["name"])
        assert (key in there) == (row["kind"] == "achievement_revoked"), row
        there ^= {key}
    assert there == set(earned(db))


class TestACompletion:
    def test_by_calls_earns_both_their_first_session(self, db, rpc, people):
        pair = make_pair(db, people)
        session_id = make_session(db, pair.match_id)
        for user_id in (pair.user1, pair.user2):
            rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
        completed_at = scalar(db, "select completed_at from public.wingman_sessions")
        # the call itself awards nothing
        assert earned(db) == {}
        assert evaluate(db) == 2
        assert earned(db) == {
            (user_id, "first_session"): completed_at for user_id in (pair.user1, pair.user2)
        }

    def test_is_awarded_its_own_time_however_late_the_reader_comes(self, db, careers):
        ana, ben = careers.add(2)
        careers.complete_weekly(ana, ben, range(5))
        evaluate_all(db)
        assert earned(db)[ana, "first_session"] == START
        assert earned(db)[ana, "weeks_4"] == START + 3 * WEEK
        assert earned(db)[ana, "sessions_5"] == START + 4 * WEEK

    def test_that_is_rolled_back_earns_nothing(self, db, another, careers):
        ana, ben = careers.add(2)
        gone = another()
        with gone.transaction(force_rollback=True):
            # past the connection of db
            Careers(gone, None).complete(ana, ben)  # type: ignore[arg-type]
            evaluate_all(db)
        evaluate_all(db)
        assert earned(db) == {}


class TestARevert:
    def test_takes_back_what_no_longer_holds_and_it_can_be_earned_again(self, db, careers):
        ana, ben, cem = careers.add(3)
        done = careers.complete(ana, ben)
        evaluate_all(db)
        careers.revert(done)
        evaluate_all(db)
        assert earned(db) == {}
        careers.complete(ana, cem, START + WEEK)
        evaluate_all(db)
        assert told(db, ana) == [
            ("earned", "first_session"),
            ("revoked", "first_session"),
            ("earned", "first_session"),
        ]
        assert earned(db) == careers.earned()

    def test_that_leaves_enough_moves_the_time_and_tells_nothing(self, db, careers):
        ana, ben = careers.add(2)
        first, second = careers.complete_weekly(ana, ben, [0, 1])
        evaluate_all(db)
        careers.revert(first)
        evaluate_all(db)
        assert earned(db)[ana, "first_session"] == second.at
        assert told(db, ana) == [("earned", "first_session")]

    def test_that_is_read_with_its_completion_tells_nothing(self, db, careers):
        ana, ben = careers.add(2)
        careers.revert(careers.complete(ana, ben))
        evaluate_all(db)
        assert (earned(db), told(db)) == ({}, [])

    def test_by_an_operator(self, db, operator, careers):
        ana, ben = careers.add(2)
        done = careers.complete(ana, ben)
        db.execute("update public.user_profiles set completed_sessions = 1")
        evaluate_all(db)
        operator.call("wingman_admin.revert_completion", session_id=done.session_id, reason="Never met")
        evaluate_all(db)
        assert earned(db) == {}


class TestTheInbox:
    def test_tells_the_owner_alone_and_once(self, db, careers):
        ana, ben, _ = careers.add(3)
        careers.complete(ana, ben)
        evaluate_all(db)
        evaluate_all(db)
        db.execute("select wingman.run_readers()")
        [row] = db.execute(
            """select w.*, e.details from public.wingman_notifications as w
               inner join wingman.events as e on e.id = w.event_id where w.user_id = %s""",
            [ana],
        )
        assert (row["kind"], row["match_id"], row["session_id"]) == ("achievement_earned", None, None)
        assert row["details"]["name"] == "first_session"
        assert row["is_limited"] is False
        assert kinds(db, ben) == ["achievement_earned"]

    def test_a_fresh_one_is_of_use_for_a_week_and_an_old_one_no_more(self, db, rpc, careers):
        ana, ben, cem = careers.add(3)
        now = scalar(db, "select now()")
        careers.complete(ana, ben, now)
        careers.complete(cem, careers.add(1)[0], now - WEEK)
        evaluate_all(db)
        db.execute("select wingman.run_readers()")
        assert rpc.as_user(ana).call("count_unread_notifications") == {"unread": 1}
        # awarded backwards: it stands in the inbox, and is no news
        assert rpc.as_user(cem).call("count_unread_notifications") == {"unread": 0}
        assert [row["kind"] for row in rpc.as_user(cem).call("list_notifications")] == ["achievement_earned"]

    def test_tells_nobody_what_is_taken_back(self, db, careers):
        ana, ben = careers.add(2)
        done = careers.complete(ana, ben)
        evaluate_all(db)
        careers.revert(done)
        evaluate_all(db)
        db.execute("select wingman.run_readers()")
        assert kinds(db, ana) == ["achievement_earned"]


class TestPages:
    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.representatives("1")
    def test_of_any_size_award_the_same(self, db, careers, seed):
        careers.add(6)
        random = Random(seed)
        for _ in range(3):
            careers.tell(random, 25)
            # as people go on, page by page
            evaluate_all(db, random.choice([1, 3, 7, 1000]))
            assert earned(db) == careers.earned()
        assert_each_once(db)
        assert len(earned(db)) > 15
        once = earned(db)
        for max_rows in (2, 1000):
            read_from_the_start(db)
            evaluate_all(db, max_rows)
            assert earned(db) == once

    def test_touch_the_people_of_the_page_alone(self, db, careers):
        ana, ben, cem, dan = careers.add(4)
        careers.complete(ana, ben)
        careers.complete(cem, dan)
        assert evaluate(db, 2) == 2
        assert {user_id for user_id, _ in earned(db)} == {ana, ben}

    def test_a_run_with_nothing_to_do_writes_nothing(self, db, careers):
        careers.complete(*careers.add(2))
        evaluate_all(db)
        db.execute("select wingman.run_readers()")
        before = state(db)
        with db.transaction():
            assert evaluate(db) == 0
            assert scalar(db, "select pg_current_xact_id_if_assigned() is null")
        assert state(db) == before


class TestANewAchievement:
    def test_is_awarded_backwards_page_by_page(self, db, careers):
        users = careers.add(7)
        for one, other in pairwise(users):
            careers.complete_weekly(one, other, range(2))
        evaluate_all(db)
        before = earned(db)
        add_achievement(db, "three", threshold=3)
        ids = sorted(users)
        found = []
        while done := evaluate(db, 2):
            found.append(done)
            place = scalar(db, "select evaluated_to from wingman.achievements where name = 'three'")
            assert place == (ids[2 * len(found) - 1] if done == 2 else None)
        assert found == [2, 2, 2, 1]
        assert earned(db) == careers.earned()
        assert {name for _, name in earned(db).keys() - before.keys()} == {"three"}
        assert_each_once(db)

    def test_of_pages_that_come_out_even_ends_as_well(self, db, careers):
        careers.add(4)
        add_achievement(db)
        assert [evaluate(db, 2), evaluate(db, 2), evaluate(db, 2)] == [2, 2, 0]
        assert scalar(db, "select evaluated_to from wingman.achievements where name = 'three'") is None

    def test_that_comes_while_another_is_being_awarded_is_not_forgotten(self, db, careers):
        users = careers.add(6)
        for user_id in users[1:]:
            careers.complete_weekly(users[0], user_id, range(3))
        evaluate_all(db)
        add_achievement(db, "three")
        assert evaluate(db, 2) == 2
        add_achievement(db, "two_buddies", "different_buddies", 2)
        evaluate_all(db, 2)
        assert earned(db) == careers.earned()

    def test_is_awarded_to_whoever_completes_meanwhile(self, db, careers):
        users = sorted(careers.add(4))
        add_achievement(db, "three")
        assert evaluate(db, 3) == 3
        careers.complete_weekly(users[0], users[3], range(3))
        evaluate_all(db, 3)
        assert earned(db) == careers.earned()


class TestAtOnce:
    def test_while_one_evaluates_another_returns_at_once(self, db, race, careers):
        careers.complete(*careers.add(2))
        first, second = (race.operation("wingman.run_readers", max_rows=1000) for _ in range(2))
        met = race.overtake(first, second)
        assert (met.first["evaluated"], met.second["evaluated"]) == (2, 0)
        assert_each_once(db)

    def test_also_while_one_awards_a_new_one_backwards(self, db, race, careers):
        careers.complete_weekly(*careers.add(2), range(3))
        evaluate_all(db)
        add_achievement(db)
        first, second = (race.operation("wingman.run_readers", max_rows=1000) for _ in range(2))
        met = race.overtake(first, second)
        assert (met.first["evaluated"], met.second["evaluated"]) == (2, 0)
        assert_each_once(db)

    def test_what_commits_after_the_page_was_read_is_awarded_by_the_next_run(self, db, another, careers):
        ana, ben, cem = careers.add(3)
        late = another()
        with late.transaction():
            lately = Careers(late, None)  # type: ignore[arg-type]
            lately.complete(ana, ben)
            careers.complete(ana, cem, START + WEEK)
            evaluate_all(db)
            assert earned(db)[ana, "first_session"] == START + WEEK
        evaluate_all(db)
        careers.completions += lately.completions
        assert earned(db) == careers.earned()
        assert_each_once(db)

    def test_no_completion_waits_for_the_reader(self, db, race, rpc, people):
        pair = make_pair(db, people)
        sessions = [make_session(db, pair.match_id, confirmed_by=[1])]
        rpc.as_user(pair.user2).call("confirm_session_completion", session_id=sessions[0])
        session_id = make_session(db, pair.match_id, confirmed_by=[1])
        reader = race.operation("wingman.run_readers", max_rows=1000)
        confirmation = race.call(pair.user2, "confirm_session_completion", session_id=session_id)
        met = race.overtake(reader, confirmation)
        assert met.second["both_confirmed"]
        met = race.overtake(
            race.call(pair.user1, "get_reputation"), race.operation("wingman.run_readers", max_rows=1000)
        )
        assert met.second["evaluated"] == 2

    @pytest.mark.exhaustive
    def test_readers_that_are_killed_and_people_who_go_on(self, db, another, careers):
        """Two readers at once, completions and reverts at once, and kills of whoever is busy."""
        careers.add(6)
        stop = Event()
        pids: dict[int, int] = {}

        def keep_reading(number):
            while not stop.is_set():
                try:
                    with another() as reader:
                        pids[number] = reader.info.backend_pid
                        while not stop.is_set():
                            evaluate(reader, 2)
                except psycopg.OperationalError:
                    continue

        readers = [in_thread(keep_reading, number) for number in range(2)]
        random = Random(7)
        for number in range(40):
            careers.tell(random, 3)
            if number == 20:
                add_achievement(db)
            if (pid := pids.get(number % 2)) is not None:
                db.execute("select pg_terminate_backend(%s)", [pid])
        stop.set()
        for future in readers:
            future.result(DEADLINE)
        evaluate_all(db, 2)
        assert earned(db) == careers.earned()
        assert_each_once(db)


@pytest.mark.exhaustive
@pytest.mark.parametrize("function", ["evaluate_achievements", "award_achievements"])
def test_a_reader_killed_after_any_statement_leaves_nothing_undone_or_done_twice(
    db, another, careers, function
):
    users = careers.add(5)
    mortal = MortalFunction(db, f"wingman.{function}")
    killed = 0
    while mortal.has_statement(killed):
        db.execute("delete from wingman.postponed_evaluations")
        careers.tell(Random(killed), 6)
        evaluate(db, 3)
        add_achievement(db, f"new_{killed}", threshold=2 + killed)
        db.execute("insert into wingman.postponed_evaluations values (%s)", [users[killed % 5]])
        before = all_rows(db)
        with mortal.ending_after(killed), another() as victim, pytest.raises(psycopg.errors.AdminShutdown):
            evaluate(victim, 3)
        assert all_rows(db) == before
        evaluate_all(db, 3)
        assert earned(db) == careers.earned()
        assert_each_once(db)
        killed += 1
    assert killed >= {"evaluate_achievements": 6, "award_achievements": 3}[function]


class TestErasure:
    def test_takes_all_that_was_earned(self, db, rpc, careers):
        ana, ben = careers.add(2)
        careers.complete(ana, ben)
        evaluate_all(db)
        rpc.as_user(ana).call("erase_my_account", confirmation="erase")
        assert {user_id for user_id, _ in earned(db)} == {ben}
        assert told(db, ana) == [("earned", "first_session"), ("revoked", "first_session")]
        evaluate_all(db)
        assert {user_id for user_id, _ in earned(db)} == {ben}
        assert_each_once(db)

    def test_before_the_reader_has_come_leaves_nothing_to_award(self, db, careers):
        ana, ben = careers.add(2)
        careers.complete(ana, ben)
        db.execute("delete from auth.users where id = %s", [ana])
        evaluate_all(db)
        assert {user_id for user_id, _ in earned(db)} == {ben}

    def test_of_somebody_who_returns_is_undone_by_the_ledger(self, db, rpc, careers):
        ana, ben = careers.add(2)
        careers.complete_weekly(ana, ben, range(4))
        evaluate_all(db)
        before = names(db, ana)
        db.execute("delete from public.user_profiles where id = %s", [ana])
        evaluate_all(db)
        assert names(db, ana) == set()
        rpc.as_user(ana).call("complete_profile", first_name="Ana", experience_level="beginner", lat=0, lng=0)
        evaluate_all(db)
        assert names(db, ana) == before == {"first_session", "weeks_4"}
        assert earned(db) == careers.earned()

    @pytest.mark.parametrize("comes_true", [True, False], ids=["committed", "rolled back"])
    def test_under_way_does_not_stop_the_reader(self, db, another, careers, comes_true):
        ana, ben = careers.add(2)
        careers.complete(ana, ben)
        erasing = another()
        with erasing.transaction(force_rollback=not comes_true):
            erasing.execute("delete from public.user_profiles where id = %s", [ana])
            assert evaluate(db) == 2
            assert {user_id for user_id, _ in earned(db)} == {ben}
            postponed = db.execute("select user_id from wingman.postponed_evaluations").fetchall()
            assert postponed == [{"user_id": ana}]
        evaluate_all(db)
        evaluate(db)
        assert {user_id for user_id, _ in earned(db)} == ({ben} if comes_true else {ana, ben})
        assert db.execute("select from wingman.postponed_evaluations").fetchall() == []

    def test_waits_for_a_reader_that_is_awarding(self, db, race, careers):
        ana, ben = careers.add(2)
        careers.complete(ana, ben)
        met = race.collide(
            race.operation("wingman.run_readers", max_rows=1000),
            race.statement("delete from public.user_profiles where id = %s", ana),
        )
        assert met.first["evaluated"] == 2
        assert {user_id for user_id, _ in earned(db)} == {ben}
