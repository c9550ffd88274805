"""What Supabase's database advisor looks for, as our own checks of the catalog; an exception has its reason."""

from collections.abc import Iterator

import pytest
from harness import Connection
from psycopg.rows import scalar_row

OURS = "('public'::regnamespace, to_regnamespace('wingman'), to_regnamespace('wingman_admin'))"

# Each finds offenders by name.
LINTS = {
    "foreign keys without an index": f"""
        select format('%s.%s', k.conrelid::regclass, k.conname)
        from pg_constraint as k
        where k.contype = 'f' and k.connamespace in {OURS}
            and not exists (
                select from pg_index as i
                where i.indrelid = k.conrelid and i.indpred is null
                    and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
            )""",
    "tables without a primary key": f"""
        select c.oid::regclass::text
        from pg_class as c
        -- of a partitioned table each partition has its own
        where c.relnamespace in {OURS} and c.relkind = 'r'
            and not exists (select from pg_constraint as k where k.conrelid = c.oid and k.contype = 'p')""",
    "duplicate indexes": f"""
        select format('%s = %s', a.indexrelid::regclass, b.indexrelid::regclass)
        from pg_index as a
        inner join pg_index as b on b.indrelid = a.indrelid and b.indexrelid > a.indexrelid
            and b.indkey = a.indkey and b.indclass = a.indclass and b.indcollation = a.indcollation
            and b.indexprs::text is not distinct from a.indexprs::text
            and b.indpred::text is not distinct from a.indpred::text
        inner join pg_class as c on c.oid = a.indrelid
        where c.relnamespace in {OURS}""",
    "indexes whose columns begin another one": f"""
        select format('%s in %s', a.indexrelid::regclass, b.indexrelid::regclass)
        from pg_index as a
        inner join pg_index as b on b.indrelid = a.indrelid and b.indexrelid <> a.indexrelid
            and b.indnatts > a.indnatts and b.indkey::text like a.indkey::text || ' %'
            and b.indpred::text is not distinct from a.indpred::text
        inner join pg_class as c on c.oid = a.indrelid
        where c.relnamespace in {OURS} and not a.indisunique""",
    "tables in an exposed schema without row security": """
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity""",
    "row security on without a policy": f"""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace in {OURS} and c.relrowsecurity
            and not exists (select from pg_policy as p where p.polrelid = c.oid)""",
    "policies on a table whose row security is off": f"""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace in {OURS} and not c.relrowsecurity
            and exists (select from pg_policy as p where p.polrelid = c.oid)""",
    "policies that run a function for every row": f"""
        select format('%s on %s', p.polname, p.polrelid::regclass)
        from pg_policy as p
        inner join pg_class as c on c.oid = p.polrelid
        cross join lateral (
            select coalesce(pg_get_expr(p.polqual, p.polrelid), '')
                || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as rule
        ) as e
        where c.relnamespace in {OURS}
            and regexp_replace(e.rule, '(?i)select (wingman\\.\\w+|auth\\.\\w+|current_setting)\\(', '', 'g')
            ~ '(wingman\\.\\w+|auth\\.\\w+|current_setting)\\('""",
    "several permissive policies of one role for one verb": f"""
        select format('%s: %s for %s', p.polrelid::regclass, r.role::regrole, v.verb)
        from pg_policy as p
        inner join pg_class as c on c.oid = p.polrelid
        cross join lateral unnest(p.polroles) as r (role)
        cross join lateral unnest(
            case p.polcmd when '*' then array['r', 'a', 'w', 'd'] else array[p.polcmd::text] end
        ) as v (verb)
        where c.relnamespace in {OURS} and p.polpermissive
        group by p.polrelid, r.role, v.verb
        having count(*) > 1""",
    "policies that are always true": f"""
        select format('%s on %s', p.polname, p.polrelid::regclass)
        from pg_policy as p
        inner join pg_class as c on c.oid = p.polrelid
        where c.relnamespace in {OURS}
            and 'true' in (pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))""",
    "policies for everybody": f"""
        select format('%s on %s', p.polname, p.polrelid::regclass)
        from pg_policy as p
        inner join pg_class as c on c.oid = p.polrelid
        where c.relnamespace in {OURS} and (0 = any(p.polroles) or to_regrole('anon')::oid = any(p.polroles))""",
    "policies that believe what users may write themselves": f"""
        select format('%s on %s', p.polname, p.polrelid::regclass)
        from pg_policy as p
        inner join pg_class as c on c.oid = p.polrelid
        where c.relnamespace in {OURS}
            and concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~ 'user_metadata'""",
    "functions with a search_path that callers can change": f"""
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.pronamespace in {OURS}
            and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
            -- `return <expression>` was read when the function was made
            and (p.prosqlbody is null or p.prosecdef)
            -- its names are qualified: tests/security/test_house_rules.py
            and p.oid <> 'wingman.session_details_of(public.wingman_sessions, uuid)'::regprocedure
            and not 'search_path=pg_catalog, pg_temp' = any(coalesce(p.proconfig, '{{}}'))""",
    "definers in an exposed schema": """
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.pronamespace = 'public'::regnamespace and p.prosecdef""",
    "definers that anon or PUBLIC may execute": f"""
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.pronamespace in {OURS} and p.prosecdef and has_function_privilege('anon', p.oid, 'execute')""",
    "views with the rights of their owner": """
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'
            and not coalesce(c.reloptions @> '{security_invoker=true}', false)""",
    "materialized views and foreign tables in an exposed schema": """
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('m', 'f')""",
    "references to auth.users from an exposed view": """
        select d.refobjid::regclass::text
        from pg_depend as d
        inner join pg_rewrite as r on r.oid = d.objid
        inner join pg_class as c on c.oid = r.ev_class
        where c.relnamespace = 'public'::regnamespace and d.refobjid = 'auth.users'::regclass""",
    "extensions in an exposed schema": """
        select e.extname from pg_extension as e where e.extnamespace = 'public'::regnamespace""",
    "unlogged tables": f"""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace in {OURS} and c.relpersistence = 'u'""",
}

EXCEPTIONS = {
    "policies that are always true": {
        # operators see every profile, match, session, block and notification; the role is granted to people one by one
        "operators on user_blocks",
        "operators on user_profiles",
        "operators on wingman_matches",
        "operators on wingman_notifications",
        "operators on wingman_sessions",
    },
}

# One offence each, to show that the lint finds it.
OFFENCES = {
    "foreign keys without an index": "alter table wingman.settings add column p uuid references public.user_profiles (id)",
    "tables without a primary key": "create table wingman.heap (n integer)",
    "duplicate indexes": "create index again on public.wingman_matches (user1_id, id)",
    "indexes whose columns begin another one": "create index again on public.wingman_matches (user1_id)",
    "tables in an exposed schema without row security": "create table public.open (id integer primary key)",
    "row security on without a policy": "alter table wingman.settings enable row level security",
    "policies on a table whose row security is off": "alter table public.user_locations disable row level security",
    "policies that run a function for every row": """
        alter policy own on public.user_locations using (user_id = wingman.current_user_id())""",
    "several permissive policies of one role for one verb": """
        create policy again on public.user_locations for all to authenticated using (user_id is null)""",
    "policies that are always true": "create policy all_of_it on public.user_locations for select to anon using (true)",
    "policies for everybody": "create policy all_of_it on public.user_locations for select using (user_id is null)",
    "policies that believe what users may write themselves": """
        alter policy own on public.user_locations
        using (current_setting('request.jwt.claims')::json #>> '{user_metadata,id}' = user_id::text)""",
    "functions with a search_path that callers can change": "alter function wingman.partner_ids() reset search_path",
    "definers in an exposed schema": "alter function public.get_match(uuid, uuid) security definer",
    "definers that anon or PUBLIC may execute": "grant execute on function wingman.partner_ids() to anon",
    "views with the rights of their owner": "create view public.v as select * from public.user_profiles",
    "materialized views and foreign tables in an exposed schema": "create materialized view public.v as select 1 as n",
    "references to auth.users from an exposed view": "create view public.v as select id from auth.users",
    "unlogged tables": "alter table wingman.settings set unlogged",
}


@pytest.fixture
def undone(db: Connection) -> Iterator[Connection]:
    """Whatever a test changes in the catalog is undone, so that the next one needs no new database."""
    with db.transaction(force_rollback=True):
        yield db


def offenders(db: Connection, lint: str) -> set[str]:
    with db.cursor(row_factory=scalar_row) as cursor:
        return set(cursor.execute(LINTS[lint]).fetchall()) - EXCEPTIONS.get(lint, set())


@pytest.mark.parametrize("lint", LINTS)
@pytest.mark.every
def test_there_are_no(undone, lint):
    undone.execute("drop table if exists wingman.alembic_version")

    assert offenders(undone, lint) == set()


@pytest.mark.parametrize("lint", LINTS)
def test_the_lint_finds(undone, lint):
    if lint == "extensions in an exposed schema":
        # core PostgreSQL brings one extension that can be moved nowhere else: make one look moved
        undone.execute(
            "update pg_extension set extnamespace = 'public'::regnamespace where extname = 'plpgsql'"
        )
    else:
        undone.execute(OFFENCES[lint])

    assert offenders(undone, lint) != set()


def test_no_exception_is_left_over(db):
    with db.cursor(row_factory=scalar_row) as cursor:
        for lint, exceptions in EXCEPTIONS.items():
            assert exceptions <= set(cursor.execute(LINTS[lint]).fetchall())
