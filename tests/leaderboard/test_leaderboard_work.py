"""What an answer reads: as much among many people as among few, and so much for each unread entry."""

import pytest
from harness import Connection
from leaderboard.boards import count, differences

# an entry is looked up in the counts and, perhaps, in the tallies or the members
PAGES_OF_AN_ENTRY = 6
PAGES_OF_AN_ANSWER = 350
ANSWERS = {
    "rank": "'all_time', page_size => 1",
    "page": "'all_time'",
    "week": "'week'",
    "around": "'all_time', around_me => true",
    "city": "'all_time', city => 'Lisbon'",
    "around in the city": "'month', city => 'Lisbon', around_me => true",
}


def populate(db: Connection, first: int, last: int) -> None:
    """People numbered so on the board, each with two to nine sessions, with buddies that do not matter.

    One in two is in Lisbon.
    """
    db.execute(
        """
        set session_replication_role = replica;
        insert into auth.users (id)
        select md5('person ' || n)::uuid from generate_series(%(first)s, %(last)s) as n;
        insert into public.user_profiles (id, first_name, experience_level)
        select md5('person ' || n)::uuid, 'P' || n, 'beginner' from generate_series(%(first)s, %(last)s) as n;
        insert into wingman.leaderboard_members (user_id, visibility)
        select md5('person ' || n)::uuid, 'named' from generate_series(%(first)s, %(last)s) as n;
        insert into wingman.leaderboard_counts
            (user_id, period, starting, count, newest_week, seniority, city)
        select md5('person ' || n)::uuid, p.period, p.starting, 2 + n %% 8, p.week, o.seniority,
            case when n / 8 %% 2 = 0 then wingman.leaderboard_city('Lisbon') end
        from generate_series(%(first)s, %(last)s) as n
        inner join wingman.leaderboard_members as o on o.user_id = md5('person ' || n)::uuid
        cross join (
            select w.period, wingman.leaderboard_start(w.period, current_date) as starting,
                wingman.leaderboard_start('week', current_date) - 7 as week
            from unnest(wingman.leaderboard_periods()) as w (period)
        ) as p;
        insert into wingman.leaderboard_histogram as h (period, starting, city, count, people)
        select k.period, k.starting, w.city, k.count, count(*)
        from wingman.leaderboard_counts as k
        cross join unnest(array[wingman.leaderboard_everywhere(), k.city]) as w (city)
        where w.city is not null
        group by 1, 2, 3, 4
        on conflict on constraint leaderboard_histogram_pkey do update set people = excluded.people;
        set session_replication_role = origin;
        """
        .replace("%(first)s", str(first))
        .replace("%(last)s", str(last))
        .replace("%%", "%")
    )  # fmt: skip


def leave_unread(db: Connection, entries: int, people: int) -> None:
    """So many entries, of different people."""
    db.execute(
        """insert into wingman.reputation_events
               (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
           select
               md5('tail ' || n)::uuid, md5('person ' || n)::uuid, md5('buddy ' || n)::uuid,
               'completed', 1, 1, 0
           from (select (i * 7919) %% %(people)s as n from generate_series(1, %(entries)s) as i) as t""",
        {"entries": entries, "people": people},
    )


def pages(db: Connection, arguments: str, me: int) -> int:
    """How many pages the answer reads, once the connection has its plans and the catalog's pages."""
    call = f"public.get_leaderboard({arguments}, user_id => md5('person {me}')::uuid)"
    for _ in range(7):
        row = db.execute(f"explain (analyze, buffers, format json) select * from {call}").fetchone()  # type: ignore[arg-type]
    assert row is not None
    (plan,) = row["QUERY PLAN"]
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def analyze(db: Connection) -> None:
    db.execute("vacuum (analyze) wingman.leaderboard_counts, wingman.leaderboard_histogram")


def assert_flat(db: Connection, few: int, many: int, entries: int) -> None:
    populate(db, 0, few - 1)
    count(db)
    analyze(db)
    before = {name: pages(db, arguments, 17) for name, arguments in ANSWERS.items()}
    populate(db, few, many - 1)
    analyze(db)
    after = {name: pages(db, arguments, 17) for name, arguments in ANSWERS.items()}
    leave_unread(db, entries, few)
    unread = {name: pages(db, arguments, 17) for name, arguments in ANSWERS.items()}
    print(f"\npages among {few:,}: {before}, among {many:,}: {after}, {entries:,} unread: {unread}")
    for name in ANSWERS:
        # an index may be a level higher
        assert after[name] < before[name] * 1.3 + 20, name
        assert after[name] < PAGES_OF_AN_ANSWER, name
        assert unread[name] < after[name] + PAGES_OF_AN_ENTRY * entries, name


def test_an_answer_reads_as_much_among_many_as_among_few(db):
    assert_flat(db, 200, 3_000, 50)
    count(db)
    row = db.execute(
        """select sum(people) as people from wingman.leaderboard_histogram
           where period = 'all_time' and city = wingman.leaderboard_everywhere()"""
    )
    assert row.fetchone() == {"people": 3_000}


@pytest.mark.long
def test_so_it_does_among_a_million(db):
    assert_flat(db, 10_000, 1_000_000, 1_000)
    assert differences(db) != []
