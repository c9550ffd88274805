"""How much an evaluation reads: the entries of the people of its page, however long the ledger is."""

import pytest
from achievements.careers import START, evaluate_all

_CROWD = """
    with people as (
        insert into auth.users (id) select gen_random_uuid() from generate_series(1, 1000) returning id
    ),

    profiles as (
        insert into public.user_profiles (id, first_name, experience_level)
        select p.id, 'Ana', 'beginner' from people as p
        returning id
    )

    insert into wingman.reputation_events
        (created_at, session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
    select now() - n * interval '3 days', gen_random_uuid(), p.id, gen_random_uuid(), 'completed', 1, n, 0
    from profiles as p cross join generate_series(1, 4) as n
"""
_ROWS_READ = """
    select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::integer as n from pg_stat_xact_user_tables
    where relname ~ '^(reputation_events|earned_achievements|user_profiles|wingman_(sessions|matches))$'
"""


def rows_read(db, query, *values):
    """How many rows of these tables a query reads, its functions included; what it writes is undone."""
    with db.transaction(force_rollback=True):
        before = db.execute(_ROWS_READ).fetchone()["n"]
        db.execute(query, values)
        return db.execute(_ROWS_READ).fetchone()["n"] - before


@pytest.mark.exhaustive
def test_it_reads_as_little_among_many_as_among_few(db, careers):
    ana, ben = careers.add(2)
    careers.complete_weekly(ana, ben, range(6))
    queries = [
        ("select wingman.evaluate_achievements(1000)", ()),
        ("select * from public.list_achievements(user_id => %s)", (ana,)),
    ]
    found = []
    for crowd in range(3):
        if crowd:
            with db.transaction():
                db.execute("set local session_replication_role = replica")
                db.execute(_CROWD)
        evaluate_all(db)
        if crowd == 2:
            db.execute("analyze")
        careers.complete(ana, ben, START)
        found.append([rows_read(db, query, *values) for query, values in queries])
    few, many, more = found
    # one more session each time, of two people
    for count, other in ((many, few), (more, many)):
        assert count[0] <= other[0] + 20, found
        assert count[1] <= other[1] + 10, found
    assert max(more) < 200, found


@pytest.mark.exhaustive
def test_backwards_it_reads_no_more_than_its_page(db, careers):
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute(_CROWD)
    evaluate_all(db)
    db.execute("update wingman.achievements set evaluated_to = default where name = 'mentor'")
    # 4 entries, no session and 2 achievements of each of the 10, and their profiles, thrice
    assert rows_read(db, "select wingman.evaluate_achievements(10)") < 200
