"""The ledger: append-only, each event once with what it left behind, and the counters are its sums."""

from itertools import accumulate
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import tuple_row
from rows import all_rows, counters, ledger, make_match, make_session, set_counters, tables
from written import Updates, updates_of

TRUNCATED = {
    "truncate wingman.reputation_events": "reputation_events_append_only",
    "truncate public.wingman_sessions cascade": "wingman_sessions_not_truncated",
    "truncate public.wingman_matches cascade": "wingman_matches_not_truncated",
}


def complete(rpc, pair, session_id) -> None:
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)


@pytest.fixture
def completed(db, rpc, pair):
    """A completed session, its two events in the ledger."""
    session_id = make_session(db, pair.match_id)
    complete(rpc, pair, session_id)
    return session_id


def record(db, pair, session_id: UUID, kind: str | None = "completed", user_id: UUID | None = None) -> None:
    """What calls do to the ledger, for both people unless one is named."""
    buddy_id = pair.user1 if user_id == pair.user2 else pair.user2
    db.execute(
        "select wingman.record_reputation(%s, %s, %s, %s, %s)",
        [session_id, kind, user_id or pair.user1, buddy_id, user_id is None],
    )


def write_event(db, session_id: UUID, user_id: UUID, kind: str = "completed", delta: int = 1) -> None:
    """An entry by direct SQL, past what calls do."""
    db.execute(
        """insert into wingman.reputation_events
               (session_id, user_id, kind, delta, completed_sessions, no_shows)
           values (%s, %s, %s, %s, 1, 0)""",
        [session_id, user_id, kind, delta],
    )


def values(db, user_id: UUID) -> list[tuple[str, int, int, int]]:
    """The entries of a user in the order of writing: kind, delta and the counters after it."""
    cursor = db.cursor(row_factory=tuple_row)
    return cursor.execute(
        """select kind, delta, completed_sessions, no_shows from wingman.reputation_events
           where user_id = %s order by xid, id""",
        [user_id],
    ).fetchall()


class TestAppendOnly:
    @pytest.mark.representatives("*-owner")
    @pytest.mark.parametrize("role", ["none", "wingman_owner"], ids=["superuser", "owner"])
    @pytest.mark.parametrize(
        "statement",
        [
            "update wingman.reputation_events set delta = 1",
            "update wingman.reputation_events set user_id = gen_random_uuid()",
            "update wingman.reputation_events set completed_sessions = 20",
            "update wingman.reputation_events set created_at = created_at",
            "delete from wingman.reputation_events",
            *TRUNCATED,
        ],
    )
    def test_for_everybody(self, db, completed, role, statement):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught, db.transaction():
            db.execute(f"set local role {role}")
            db.execute(statement)
        constraint = TRUNCATED.get(statement, "reputation_events_append_only")
        assert caught.value.diag.constraint_name == constraint
        table = constraint.removesuffix("_append_only").removesuffix("_not_truncated")
        assert caught.value.diag.message_primary in {
            f"{table} is append-only",
            f"{table} cannot be truncated: the journal would not know of it",
        }
        assert all_rows(db) == before

    @pytest.mark.parametrize(
        "last", ["completed", "completion_reverted", "no_show", "departed", "both departed"]
    )
    @pytest.mark.parametrize("role", ["none", "wingman_owner"], ids=["superuser", "owner"])
    def test_a_session_that_the_ledger_tells_of_is_not_deleted(self, db, rpc, pair, last, role):
        session_id = make_session(db, pair.match_id)
        operator = rpc.as_admin()
        if last == "no_show":
            operator.call(
                "wingman_admin.mark_no_show", session_id=session_id, absent_user_id=pair.user2, reason="Away"
            )
        else:
            complete(rpc, pair, session_id)
        if last == "completion_reverted":
            operator.call("wingman_admin.revert_completion", session_id=session_id, reason="Never met")
        if "departed" in last:
            db.execute("delete from auth.users where id = %s", [pair.user1])
        if last == "both departed":
            db.execute("delete from auth.users where id = %s", [pair.user2])
        before = all_rows(db)
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught, db.transaction():
            db.execute(f"set local role {role}")
            db.execute("delete from public.wingman_sessions")
        assert caught.value.diag.constraint_name == "reputation_events_session_id"
        assert caught.value.diag.message_primary == "The ledger of reputation names this session"
        assert all_rows(db) == before

    def test_nor_is_its_match(self, db, completed):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
            db.execute("delete from public.wingman_matches")
        assert caught.value.diag.constraint_name == "wingman_sessions_match_id_fkey"
        assert all_rows(db) == before

    @pytest.mark.parametrize("status", ["scheduled", "in_progress", "cancelled", "no_show", "completed"])
    def test_a_session_that_it_does_not_tell_of_may_be(self, db, pair, completed, status):
        session_id = make_session(db, pair.match_id, status)
        db.execute("delete from public.wingman_sessions where id = %s", [session_id])
        left = db.execute("select id from public.wingman_sessions").fetchall()
        assert left == [{"id": completed}]


class TestOnce:
    def test_an_event_happens_once_a_session_user_and_kind(self, db, pair, completed):
        before = all_rows(db)
        for user_id in (pair.user1, pair.user2, None):
            with pytest.raises(psycopg.errors.UniqueViolation) as caught:
                record(db, pair, completed, "completed", user_id)
            assert caught.value.diag.constraint_name == "reputation_events_once"
        assert all_rows(db) == before

    def test_also_by_direct_sql(self, db, pair, completed):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            write_event(db, completed, pair.user1)
        assert caught.value.diag.constraint_name == "reputation_events_once"
        assert all_rows(db) == before

    def test_one_of_two_that_happened_before_lets_the_other_not_pass_either(self, db, pair):
        session_id = make_session(db, pair.match_id)
        record(db, pair, session_id, "no_show", pair.user2)
        before = all_rows(db)
        with pytest.raises(psycopg.errors.UniqueViolation):
            record(db, pair, session_id, "no_show")
        assert all_rows(db) == before

    def test_other_sessions_users_and_kinds_are_other_events(self, db, pair, completed):
        record(db, pair, make_session(db, pair.match_id))
        record(db, pair, completed, "no_show", pair.user1)
        record(db, pair, completed, "no_show", pair.user2)
        assert len(ledger(db)) == 6


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "delta", "moved"),
        [
            ("completed", 1, (3, 2, 1)),
            ("completion_reverted", -1, (1, 2, -1)),
            ("no_show", -1, (2, 3, -1)),
            ("no_show_reverted", 1, (2, 1, 1)),
        ],
    )
    def test_each_moves_its_counter_by_its_weight(self, db, pair, kind, delta, moved):
        set_counters(db, 2, 2, pair.user1)
        session_id = make_session(db, pair.match_id)
        record(db, pair, session_id, kind, pair.user1)
        assert counters(db, pair.user1) == moved
        assert counters(db, pair.user2) == (0, 0, 0)
        assert values(db, pair.user1) == [(kind, delta, *moved[:2])]
        assert values(db, pair.user2) == []

    @pytest.mark.parametrize(
        ("kind", "counts_completions", "delta"),
        [
            ("completed", True, 1),
            ("completion_reverted", True, -1),
            ("no_show", False, -1),
            ("no_show_reverted", False, 1),
            ("departed", False, 0),
            ("praised", False, None),
            ("", False, None),
        ],
    )
    def test_weigh_what_they_weigh(self, db, kind, counts_completions, delta):
        cursor = db.cursor(row_factory=tuple_row)
        query = "select wingman.counts_completions(%(kind)s), wingman.reputation_delta(%(kind)s)"
        assert cursor.execute(query, {"kind": kind}).fetchone() == (counts_completions, delta)

    @pytest.mark.parametrize("kind", ["praised", "Completed", "", None])
    def test_there_is_no_other(self, db, pair, kind):
        session_id = make_session(db, pair.match_id)
        before = all_rows(db)
        with pytest.raises(psycopg.errors.NotNullViolation):
            record(db, pair, session_id, kind)
        assert all_rows(db) == before


@pytest.mark.parametrize("side", ["user1", "user2"])
def test_an_event_moves_the_counter_of_its_user_alone(db, pair, people, side):
    people.add("Cleo")
    user_id = getattr(pair, side)
    record(db, pair, make_session(db, pair.match_id), "completed", user_id)
    moved = db.execute("select id, completed_sessions from public.user_profiles").fetchall()
    assert {row["id"]: row["completed_sessions"] for row in moved} == {
        row["id"]: int(row["id"] == user_id) for row in moved
    }


def test_an_event_names_the_other_person_of_its_session(db, pair, completed):
    record(db, pair, make_session(db, pair.match_id), "no_show", pair.user2)
    named = {(event["user_id"], event["buddy_id"], event["kind"]) for event in ledger(db)}
    assert named == {
        (pair.user1, pair.user2, "completed"),
        (pair.user2, pair.user1, "completed"),
        (pair.user2, pair.user1, "no_show"),
    }


def test_an_event_belongs_to_the_transaction_of_its_call(db, rpc, pair):
    session_id = make_session(db, pair.match_id, confirmed_by=[1])
    caller = rpc.as_user(pair.user2)
    with caller.transaction():
        caller.call("confirm_session_completion", session_id=session_id)
        current = caller.connection.execute("select pg_current_xact_id()::text as xid").fetchone()
    assert {event["xid"] for event in ledger(db)} == {current["xid"]}
    assert len({event["id"] for event in ledger(db)}) == 2


class TestValuesAfter:
    def test_go_on_from_entry_to_entry(self, db, rpc, pair):
        operator = rpc.as_admin()
        sessions = []
        for _ in range(3):
            sessions.append(make_session(db, pair.match_id))
            complete(rpc, pair, sessions[-1])
        missed = make_session(db, pair.match_id)
        operator.call(
            "wingman_admin.mark_no_show", session_id=missed, absent_user_id=pair.user1, reason="Away"
        )
        for session_id in (sessions[1], missed):
            operator.call("wingman_admin.revert_completion", session_id=session_id, reason="A mistake")
        assert values(db, pair.user1) == [
            ("completed", 1, 1, 0),
            ("completed", 1, 2, 0),
            ("completed", 1, 3, 0),
            ("no_show", -1, 3, 1),
            ("completion_reverted", -1, 2, 1),
            ("no_show_reverted", 1, 2, 0),
        ]
        assert values(db, pair.user2) == [
            ("completed", 1, 1, 0),
            ("completed", 1, 2, 0),
            ("completed", 1, 3, 0),
            ("completion_reverted", -1, 2, 0),
        ]

    def test_are_those_of_the_user_and_not_of_the_buddy(self, db, pair):
        set_counters(db, 7, 1, pair.user1)
        set_counters(db, 2, 5, pair.user2)
        record(db, pair, make_session(db, pair.match_id))
        assert values(db, pair.user1) == [("completed", 1, 8, 1)]
        assert values(db, pair.user2) == [("completed", 1, 3, 5)]

    def test_are_the_counters_and_not_the_held_score(self, db, pair):
        set_counters(db, 25, 0, pair.user1)
        set_counters(db, 0, 9, pair.user2)
        record(db, pair, make_session(db, pair.match_id))
        assert values(db, pair.user1) == [("completed", 1, 26, 0)]
        assert values(db, pair.user2) == [("completed", 1, 1, 9)]
        assert [counters(db, user_id)[2] for user_id in (pair.user1, pair.user2)] == [20, -5]


class TestDeparture:
    def test_is_an_entry_without_a_session_that_moves_nothing(self, db, pair, completed):
        set_counters(db, 4, 2, pair.user1)
        before = ledger(db)
        db.execute("delete from auth.users where id = %s", [pair.user1])
        *kept, departed = ledger(db)
        assert kept == before
        assert departed == {
            "xid": departed["xid"],
            "id": departed["id"],
            "created_at": departed["created_at"],
            "session_id": None,
            "user_id": pair.user1,
            "buddy_id": None,
            "kind": "departed",
            "delta": 0,
            "completed_sessions": 4,
            "no_shows": 2,
        }
        assert departed["id"] > max(event["id"] for event in before)
        assert counters(db, pair.user2) == (1, 0, 1)

    def test_is_an_entry_of_who_has_no_other(self, db, people):
        user_id = people.add("Cleo")
        db.execute("delete from auth.users where id = %s", [user_id])
        assert values(db, user_id) == [("departed", 0, 0, 0)]

    def test_is_one_also_where_the_profile_alone_goes(self, db, people):
        user_id = people.add("Cleo")
        db.execute("delete from public.user_profiles where id = %s", [user_id])
        assert values(db, user_id) == [("departed", 0, 0, 0)]

    def test_may_come_again_with_another_profile(self, db, rpc, people):
        user_id = people.add("Cleo")
        for _ in range(2):
            db.execute("delete from public.user_profiles where id = %s", [user_id])
            profile = {"first_name": "Cleo", "experience_level": "beginner", "lat": 0, "lng": 0}
            rpc.as_user(user_id).call("complete_profile", **profile)
        assert values(db, user_id) == [("departed", 0, 0, 0)] * 2

    def test_of_somebody_without_a_profile_is_none(self, db, people):
        db.execute("delete from auth.users where id = %s", [people.auth_only()])
        assert ledger(db) == []

    def test_of_several_at_once_is_one_each(self, db, pair, completed):
        db.execute("delete from auth.users")
        assert [values(db, user_id) for user_id in (pair.user1, pair.user2)] == [
            [("completed", 1, 1, 0), ("departed", 0, 1, 0)]
        ] * 2

    def test_is_the_last_entry_of_a_person(self, db, rpc, pair, completed):
        db.execute("delete from auth.users where id = %s", [pair.user1])
        revert = {"session_id": completed, "reason": "Never met"}
        rpc.as_admin().call("wingman_admin.revert_completion", **revert)
        assert values(db, pair.user1) == [("completed", 1, 1, 0), ("departed", 0, 1, 0)]
        assert values(db, pair.user2) == [("completed", 1, 1, 0), ("completion_reverted", -1, 0, 0)]

    def test_that_is_rolled_back_is_none(self, db, pair, completed):
        before = all_rows(db)
        with db.transaction(force_rollback=True):
            db.execute("delete from auth.users")
        assert all_rows(db) == before


def test_counters_equal_the_sums_of_the_ledger(db, rpc, pair, people, completed):
    third = people.add("Cleo")
    other_match = make_match(db, pair.user1, third)
    for match_id, status in [
        (pair.match_id, "cancelled"),
        (pair.match_id, "no_show"),
        (other_match, "cancelled"),
    ]:
        make_session(db, match_id, status, confirmed_by=[1])
    complete(rpc, pair, make_session(db, pair.match_id))
    session_id = make_session(db, other_match)
    rpc.as_user(third).call("confirm_session_completion", session_id=session_id)
    rpc.as_user(pair.user1).call("confirm_session_completion", session_id=session_id)

    sums = db.cursor(row_factory=tuple_row).execute(
        """select p.completed_sessions, coalesce(sum(e.delta), 0)
           from public.user_profiles as p left join wingman.reputation_events as e on e.user_id = p.id
           group by p.id order by p.id"""
    )
    assert sorted(sums.fetchall()) == [(1, 1), (2, 2), (3, 3)]
    assert counters(db, pair.user1)[0] == 3
    for user_id in (pair.user1, pair.user2, third):
        entries = values(db, user_id)
        assert [entry[2] for entry in entries] == list(accumulate(entry[1] for entry in entries))


class TestPastTheCounting:
    """What direct SQL writes counts nothing and is found, see reconcile_reputation."""

    def test_an_entry_written_directly_counts_nothing_and_is_found(self, db, rpc, pair, completed):
        write_event(db, make_session(db, pair.match_id), pair.user1)
        assert counters(db, pair.user1) == (1, 0, 1)
        assert rpc.as_admin().call("wingman_admin.reconcile_reputation") == [
            {
                "user_id": pair.user1,
                "completed_sessions": 1,
                "no_shows": 0,
                "ledger_completed_sessions": 2,
                "ledger_no_shows": 0,
            }
        ]

    def test_a_repeated_entry_that_is_let_pass_is_nothing_at_all(self, db, rpc, pair, completed):
        before = all_rows(db)
        db.execute(
            """insert into wingman.reputation_events
                   (session_id, user_id, kind, delta, completed_sessions, no_shows)
               values (%s, %s, 'completed', 1, 2, 0) on conflict do nothing""",
            [completed, pair.user1],
        )
        assert all_rows(db) == before

    @pytest.mark.parametrize(
        "assignment",
        [
            "completed_sessions = 7",
            "completed_sessions = -1",
            "no_shows = 1",
            "no_shows = -1",
            "reputation_score = 20",
        ],
    )
    def test_a_counter_or_score_written_directly_is_found_and_set_right(
        self, db, rpc, pair, completed, assignment
    ):
        db.execute(f"update public.user_profiles set {assignment} where id = %s", [pair.user2])
        operator = rpc.as_admin()
        found = operator.call("wingman_admin.reconcile_reputation", fix=True)
        assert [row["user_id"] for row in found] == [pair.user2]
        assert counters(db, pair.user1) == counters(db, pair.user2) == (1, 0, 1)
        assert operator.call("wingman_admin.reconcile_reputation") == []

    def test_nothing_is_found_where_nobody_wrote_directly(self, db, rpc, pair, completed):
        record(db, pair, make_session(db, pair.match_id), "no_show", pair.user2)
        db.execute("delete from auth.users where id = %s", [pair.user1])
        assert rpc.as_admin().call("wingman_admin.reconcile_reputation") == []


class TestCounters:
    @pytest.mark.parametrize("counter", ["completed_sessions", "no_shows", "reputation_score"])
    def test_begin_at_zero_and_are_never_null(self, db, counter):
        column = db.execute(
            """select data_type, is_nullable, column_default, is_generated from information_schema.columns
               where table_schema = 'public' and table_name = 'user_profiles' and column_name = %s""",
            [counter],
        ).fetchone()
        assert column == {
            "data_type": "integer",
            "is_nullable": "NO",
            "column_default": "0",
            "is_generated": "NEVER",
        }

    @pytest.mark.representatives("completed-*", "no_show-*")
    @pytest.mark.parametrize(
        ("completed_sessions", "no_shows", "score"),
        [(0, 0, 0), (20, 0, 20), (21, 0, 20), (21, 1, 20), (0, 5, -5), (0, 6, -5), (1, 6, -5), (30, 12, 18)],
    )
    @pytest.mark.parametrize("kind", ["completed", "completion_reverted", "no_show", "no_show_reverted"])
    def test_make_the_score_whatever_is_recorded(self, db, pair, completed_sessions, no_shows, score, kind):
        set_counters(db, completed_sessions, no_shows)
        assert counters(db, pair.user1) == (completed_sessions, no_shows, score)
        record(db, pair, make_session(db, pair.match_id), kind)
        completed, missed, after = counters(db, pair.user1)
        assert after == min(max(completed - missed, -5), 20)
        assert (completed - missed) - (completed_sessions - no_shows) == {
            "completed": 1,
            "completion_reverted": -1,
            "no_show": -1,
            "no_show_reverted": 1,
        }[kind]

    def test_have_no_index_which_each_completion_would_write(self, db):
        found = db.execute(
            """select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
               from pg_index as i
               where i.indrelid = 'public.user_profiles'::regclass"""
        ).fetchall()
        assert [one["name"] for one in found] == ["user_profiles_pkey", "user_profiles_first_name_idx"]
        counters = ("completed_sessions", "no_shows", "reputation_score", "updated_at")
        assert not [one for one in found if any(counter in one["definition"] for counter in counters)]

    def test_rise_without_writing_an_index(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, confirmed_by=[1])
        updated = updates_of(
            rpc.as_user(pair.user2),
            lambda caller: caller.call("confirm_session_completion", session_id=session_id),
        )
        assert updated["user_profiles"] == Updates(2, 2)

    @pytest.mark.parametrize("counter", ["completed_sessions", "no_shows", "reputation_score"])
    def test_are_written_by_nobody_who_is_no_owner(self, connect, pair, counter):
        for role in ("authenticated", "service_role"):
            connection = connect(user="authenticator")
            connection.execute(f"set role {role}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"update public.user_profiles set {counter} = 20")


def test_a_completion_writes_no_other_table_than_these(db, rpc, pair):
    session_id = make_session(db, pair.match_id, confirmed_by=[1])
    before = all_rows(db)
    rpc.as_user(pair.user2).call("confirm_session_completion", session_id=session_id)
    after = all_rows(db)
    changed = {table for table in tables(db) if before[table] != after[table]}
    assert {table for table in changed if not table.startswith("wingman.events")} == {
        "public.user_profiles",
        "public.wingman_sessions",
        "wingman.rate_limits",
        "wingman.reputation_events",
    }


def test_nobody_but_the_owner_may_record(db):
    may = db.execute(
        """select r.rolname from pg_roles as r
           where r.rolname in ('anon', 'authenticated', 'service_role', 'wingman_admin')
               and has_function_privilege(r.oid, to_regproc('wingman.record_reputation')::oid, 'execute')"""
    ).fetchall()
    assert may == []


def test_an_event_of_nobody_is_none(db, pair):
    session_id = make_session(db, pair.match_id)
    before = all_rows(db)
    record(db, pair, session_id, "completed", uuid4())
    assert all_rows(db) == before
