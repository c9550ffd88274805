"""The rows: whether a restore or a copy lost some, wrote some twice, or left the sequences behind."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, scalar_row, tuple_row

from wingmanmatch.tools.doctor.report import Finding, Note

RESTORE: Final = (
    "Restore it again, as docs/backup.md says: where only the data is restored, triggers must not fire, "
    "and what the installation wrote must be gone."
)

# Where the newest ids are: a statement may begin in one month and write in the next.
_SINCE = "(select wingman.newest_event_month()) - interval '1 month'"
_SEQUENCES = f"""
    select
        'wingman.events' as table, 'wingman.events_id_seq' as sequence,
        (select max(e.id) from wingman.events as e where e.occurred_at >= {_SINCE}) as newest,
        wingman.last_id_of('journal') as last
    union all
    select
        'wingman.reputation_events', 'wingman.reputation_events_id_seq',
        (select max(r.id) from wingman.reputation_events as r), wingman.last_id_of('ledger')
"""  # noqa: S608 - a constant
_CLOCKS = """
    select n.what, n.moment::text
    from (
        select 'match', max(n.created_at)
        from (select m.created_at from public.wingman_matches as m order by m.id desc limit 1) as n
        union all
        select 'session', max(n.created_at)
        from (select s.created_at from public.wingman_sessions as s order by s.id desc limit 1) as n
        union all
        select 'event', (
            select max(e.occurred_at) from wingman.events as e
            where e.occurred_at >= (select wingman.newest_event_month())
        )
        union all
        select 'idempotency key', (select max(k.created_at) from wingman.idempotency_keys as k)
    ) as n (what, moment)
    where n.moment > clock_timestamp() + interval '5 minutes' and isfinite(n.moment)
"""
_FOREIGN_KEYS = """
    select
        c.conname as name, c.conrelid::regclass::text as table, c.confrelid::regclass::text as other,
        (
            select array_agg(a.attname::text order by k.place)
            from unnest(c.conkey) with ordinality as k (number, place)
            inner join pg_catalog.pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.number
        ) as columns,
        (
            select array_agg(a.attname::text order by k.place)
            from unnest(c.confkey) with ordinality as k (number, place)
            inner join pg_catalog.pg_attribute as a on a.attrelid = c.confrelid and a.attnum = k.number
        ) as others
    from pg_catalog.pg_constraint as c
    inner join pg_catalog.pg_class as r on r.oid = c.conrelid
    where c.contype = 'f' and r.relowner = to_regrole('wingman_owner') and c.conparentid = 0
    order by c.conrelid::regclass::text, c.conname
"""
_LOST: Final = {
    "matches that the journal knows are missing": f"""
        select count(*)
        from wingman.events as e
        where
            e.occurred_at >= {_SINCE}
            and e.kind = 'match_offered'
            and not exists (select from public.wingman_matches as m where m.id = e.match_id)
            and not exists (
                select from wingman.events as d where d.match_id = e.match_id and d.kind = 'match_deleted'
            )
    """,  # noqa: S608 - a constant
    "matches of the newest 1,000 are not in the journal": f"""
        select count(*)
        from (select m.id, m.created_at from public.wingman_matches as m order by m.id desc limit 1000) as m
        where
            m.created_at >= coalesce({_SINCE}, '-infinity')
            and not exists (
                select from wingman.events as e where e.match_id = m.id and e.kind = 'match_offered'
            )
    """,  # noqa: S608 - a constant
    "matches of the newest 1,000 are in the journal twice": """
        select count(*)
        from (select m.id from public.wingman_matches as m order by m.id desc limit 1000) as m
        where
            1 < (
                select count(*) from wingman.events as e where e.match_id = m.id and e.kind = 'match_offered'
            )
    """,
    "profiles are in the journal twice": f"""
        select count(*)
        from (
            select
            from wingman.events as e
            where e.occurred_at >= {_SINCE} and e.kind in ('profile_created', 'profile_deleted')
            group by e.user_id
            having 1 < sum(case e.kind when 'profile_created' then 1 else -1 end)
        ) as t
    """,  # noqa: S608 - a constant
    "profiles that the journal knows are missing": f"""
        select count(*)
        from (
            select e.user_id
            from wingman.events as e
            where e.occurred_at >= {_SINCE} and e.kind in ('profile_created', 'profile_deleted')
            group by e.user_id
            having 0 < sum(case e.kind when 'profile_created' then 1 else -1 end)
        ) as t
        where not exists (select from public.user_profiles as p where p.id = t.user_id)
    """,  # noqa: S608 - a constant
    "people have a location and no row in the pool, or the reverse": """
        select count(*)
        from public.user_locations as l
        full join wingman.matchmaking_pool as s on s.user_id = l.user_id
        where l.user_id is null or s.user_id is null
    """,
}


def look_at_rows(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Is every row there that the journal and the foreign keys speak of, and no id behind the newest one?"""
    with connection.cursor(row_factory=scalar_row) as cursor:
        if cursor.execute("select to_regproc('wingman.newest_event_month') is null").fetchone():
            return
        for what, query in _LOST.items():
            if count := cursor.execute(query).fetchone():
                yield Finding("rows", f"{what}: {count}", RESTORE)
    yield from _orphans(connection)
    yield from _sequences(connection)
    yield from _clocks(connection)


def look_at_journal(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Does maintenance drop the months of the journal that are due?"""
    with connection.cursor(row_factory=scalar_row) as cursor:
        if cursor.execute("select to_regproc('wingman.refused_event_partitions') is null").fetchone():
            return
        refused = cursor.execute("select wingman.refused_event_partitions()").fetchone()
    drop = f"select wingman.drop_event_partitions(max_months => {refused});"
    if refused:
        yield Finding(
            "journal",
            f"{refused} months of the journal are due to be dropped at once, so that none is",
            f"If the clock of the server is right: {drop}",
        )


def _orphans(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    with connection.cursor(row_factory=dict_row) as cursor:
        keys = cursor.execute(_FOREIGN_KEYS).fetchall()
    with connection.cursor(row_factory=scalar_row) as cursor:
        for key in keys:
            columns = [sql.Identifier("a", column) for column in key["columns"]]
            others = [sql.Identifier("b", column) for column in key["others"]]
            pairs = zip(columns, others, strict=True)
            query = sql.SQL(
                "select count(*) from {} as a where {} and not exists (select from {} as b where {})"
            )
            count = cursor.execute(
                query.format(
                    sql.SQL(key["table"]),
                    sql.SQL(" and ").join(sql.SQL("{} is not null").format(column) for column in columns),
                    sql.SQL(key["other"]),
                    sql.SQL(" and ").join(sql.SQL("{} = {}").format(*pair) for pair in pairs),
                )
            ).fetchone()
            if count:
                yield Finding(
                    "rows",
                    f"rows of {key['table']} lead to no row of {key['other']} ({key['name']}): {count}",
                    RESTORE,
                )


def _sequences(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        for table, sequence, newest, last in cursor.execute(_SEQUENCES):
            if newest and newest > last:
                yield Finding(
                    "sequence",
                    f"{sequence} is at {last}, behind the newest row of {table}, {newest}",
                    f"select setval('{sequence}', {newest});",
                )


def _clocks(connection: psycopg.Connection[Any]) -> Iterator[Note]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        for what, moment in cursor.execute(_CLOCKS):
            yield Note(
                f"the newest {what} is of {moment}: the server's clock is behind, or it was ahead then"
            )
