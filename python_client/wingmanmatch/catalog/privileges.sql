-- What decides who may do what, a line for each thing, the same on every version and platform.
with ours as (
    select n.oid
    from pg_namespace as n
    where n.nspname in ('public', 'wingman', 'wingman_admin')
),

functions as (
    select p.*
    from pg_proc as p
    where p.pronamespace in (select o.oid from ours as o)
        and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
),

relations as (
    select c.*
    from pg_class as c
    where c.relnamespace in (select o.oid from ours as o)
        and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and c.relname <> 'alembic_version'
        -- the partitions of months are made as time goes by
        and (not c.relispartition or pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
        and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype = 'e')
),

things as (
    select
        1 as part,
        'schema ' || n.nspname as item,
        format('owner %s', n.nspowner::regrole) as nature,
        n.nspowner as owner,
        n.nspacl as acl
    from pg_namespace as n
    where n.nspname in ('wingman', 'wingman_admin')
    union all
    select
        2,
        format('%s %s', case c.relkind when 'v' then 'view' else 'table' end, c.oid::regclass),
        format(
            'owner %s, row security %s%s', c.relowner::regrole,
            case when c.relrowsecurity then 'on' else 'off' end, case when c.relforcerowsecurity then ', forced' else '' end
        ),
        c.relowner,
        c.relacl
    from relations as c
    union all
    select 3, format('column %s.%I', c.oid::regclass, a.attname), '', c.relowner, a.attacl
    from relations as c
    inner join pg_attribute as a on a.attrelid = c.oid
    where a.attacl is not null
    union all
    select
        5,
        format('function %s', p.oid::regprocedure),
        format(
            'owner %s, %s, %s, %s', p.proowner::regrole, case when p.prosecdef then 'DEFINER' else 'invoker' end,
            case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
            coalesce(array_to_string(p.proconfig, ', '), 'NOTHING SET')
        ),
        p.proowner,
        coalesce(p.proacl, acldefault('f', p.proowner))
    from functions as p
),

grants as (
    select t.item, g.grantee, string_agg(g.privilege, ' ' order by g.privilege) as privileges
    from things as t
    cross join lateral (
        select
            case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end as grantee,
            lower(a.privilege_type) || case when a.is_grantable then ' WITH GRANT OPTION' else '' end as privilege
        from aclexplode(t.acl) as a
        where a.grantee <> t.owner
    ) as g
    group by t.item, g.grantee
),

lines as (
    select
        t.part,
        concat_ws(
            ': ', t.item, nullif(t.nature, ''),
            (select string_agg(g.grantee || ' ' || g.privileges, ', ' order by g.grantee collate "C")
             from grants as g
             where g.item = t.item)
        ) as line
    from things as t
    union all
    select
        4,
        format(
            'policy %s on %s.%s: %s for %s to %s using %s%s', p.policyname, p.schemaname, p.tablename, lower(p.permissive),
            lower(p.cmd), array_to_string(p.roles, ', '), regexp_replace(coalesce(p.qual, '-'), E'\\s+', ' ', 'g'),
            ' check ' || p.with_check
        )
    from pg_policies as p
    where p.schemaname in ('public', 'wingman', 'wingman_admin')
)

select l.line
from lines as l
order by l.part, l.line collate "C"
