"""The ledger: append-only, each event once, and the counters of the profiles are its sums."""

from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import tuple_row
from rows import all_rows, counters, ledger, make_match, make_session


def complete(rpc, pair, session_id) -> None:
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)


@pytest.fixture
def completed(db, rpc, pair):
    """A completed session, its two events in the ledger."""
    session_id = make_session(db, pair.match_id)
    complete(rpc, pair, session_id)
    return session_id


def add_event(db, session_id, user_id, kind: str = "completed", delta: int = 1) -> None:
    db.execute(
        "insert into wingman.reputation_events (session_id, user_id, kind, delta) values (%s, %s, %s, %s)",
        [session_id, user_id, kind, delta],
    )


@pytest.mark.parametrize("role", ["none", "wingman_owner"], ids=["superuser", "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        "update wingman.reputation_events set delta = 1",
        "update wingman.reputation_events set user_id = gen_random_uuid()",
        "delete from wingman.reputation_events",
        "truncate wingman.reputation_events",
        "truncate public.wingman_sessions cascade",
        "truncate public.wingman_matches cascade",
    ],
)
def test_the_ledger_is_append_only_for_everybody(db, completed, role, statement):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught, db.transaction():
        db.execute(f"set local role {role}")
        db.execute(statement)
    # what is emptied with sessions has two tables that are, and either may be the first
    tables = {"reputation_events"} | ({"session_decisions"} if "cascade" in statement else set())
    assert caught.value.diag.message_primary in {f"{table} is append-only" for table in tables}
    assert caught.value.diag.constraint_name in {f"{table}_append_only" for table in tables}
    assert all_rows(db) == before


@pytest.mark.parametrize(
    "statement", ["delete from public.wingman_sessions", "delete from public.wingman_matches"]
)
def test_what_the_ledger_tells_of_cannot_be_deleted(db, completed, statement):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.execute(statement)
    assert all_rows(db) == before


def test_an_event_happens_once_a_session_user_and_kind(db, pair, completed):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        add_event(db, completed, pair.user1)
    assert caught.value.diag.constraint_name == "reputation_events_pkey"
    assert all_rows(db) == before


def test_a_repeated_event_that_is_let_pass_counts_nothing(db, pair, completed):
    db.execute(
        """insert into wingman.reputation_events (session_id, user_id, kind, delta)
           values (%s, %s, 'completed', 1) on conflict do nothing""",
        [completed, pair.user1],
    )
    assert len(ledger(db)) == 2
    assert counters(db, pair.user1) == (1, 0, 1)


@pytest.mark.parametrize(
    ("kind", "delta"),
    [
        ("completed", 2),
        ("completed", 0),
        ("completed", -1),
        ("completion_reverted", 1),
        ("no_show", 1),
        ("no_show_reverted", -1),
        ("praised", 1),
        ("praised", -1),
    ],
)
def test_an_event_has_a_known_kind_and_its_weight(db, pair, kind, delta):
    session_id = make_session(db, pair.match_id)
    before = all_rows(db)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        add_event(db, session_id, pair.user1, kind, delta)
    assert caught.value.diag.constraint_name == "reputation_events_kind_check"
    assert all_rows(db) == before


def test_an_event_comes_from_a_session(db, pair):
    before = all_rows(db)
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
        add_event(db, uuid4(), pair.user1)
    assert caught.value.diag.constraint_name == "reputation_events_session_id_fkey"
    assert all_rows(db) == before


@pytest.mark.parametrize(
    ("kind", "delta", "moved"),
    [
        ("completed", 1, (3, 2, 1)),
        ("completion_reverted", -1, (1, 2, -1)),
        ("no_show", -1, (2, 3, -1)),
        ("no_show_reverted", 1, (2, 1, 1)),
    ],
)
def test_each_kind_moves_its_counter(db, pair, kind, delta, moved):
    db.execute(
        "update public.user_profiles set completed_sessions = 2, no_shows = 2 where id = %s", [pair.user1]
    )
    add_event(db, make_session(db, pair.match_id), pair.user1, kind, delta)
    assert counters(db, pair.user1) == moved
    assert counters(db, pair.user2) == (0, 0, 0)


def test_events_of_several_kinds_at_once_count_each(db, pair):
    session_id = make_session(db, pair.match_id)
    db.execute(
        """insert into wingman.reputation_events (session_id, user_id, kind, delta)
           values (%(s)s, %(u)s, 'completed', 1), (%(s)s, %(u)s, 'no_show', -1),
               (%(s)s, %(u)s, 'completion_reverted', -1), (%(s)s, %(v)s, 'no_show', -1)""",
        {"s": session_id, "u": pair.user1, "v": pair.user2},
    )
    assert counters(db, pair.user1) == (0, 1, -1)
    assert counters(db, pair.user2) == (0, 1, -1)


def test_an_event_moves_the_counter_of_its_user_alone(db, pair):
    add_event(db, make_session(db, pair.match_id), pair.user1)
    assert counters(db, pair.user1) == (1, 0, 1)
    assert counters(db, pair.user2) == (0, 0, 0)


def test_the_ledger_outlives_accounts(db, pair, completed):
    before = ledger(db)
    db.execute("delete from auth.users where id = %s", [pair.user1])
    assert ledger(db) == before
    assert counters(db, pair.user2) == (1, 0, 1)


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


class TestCounters:
    @pytest.mark.parametrize("counter", ["completed_sessions", "no_shows"])
    def test_begin_at_zero_and_are_never_null(self, db, counter):
        column = db.execute(
            """select data_type, is_nullable, column_default from information_schema.columns
               where table_schema = 'public' and table_name = 'user_profiles' and column_name = %s""",
            [counter],
        ).fetchone()
        assert column == {"data_type": "integer", "is_nullable": "NO", "column_default": "0"}

    def test_completed_sessions_has_the_index_of_the_seed(self, db):
        found = db.execute(
            """select pg_get_indexdef(i.indexrelid) as definition from pg_index as i
               where i.indrelid = 'public.user_profiles'::regclass and i.indisvalid and not i.indisprimary"""
        ).fetchall()
        assert [row["definition"].partition(" USING ")[2] for row in found] == ["btree (completed_sessions)"]

    @pytest.mark.parametrize("counter", ["completed_sessions", "no_shows"])
    def test_are_never_negative(self, db, pair, counter):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            db.execute(f"update public.user_profiles set {counter} = -1")
        assert caught.value.diag.constraint_name == f"user_profiles_{counter}_check"
        assert all_rows(db) == before

    def test_the_score_cannot_be_written(self, db, pair):
        with pytest.raises(psycopg.errors.GeneratedAlways):
            db.execute("update public.user_profiles set reputation_score = 20")
        assert counters(db, pair.user1) == (0, 0, 0)
