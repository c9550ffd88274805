with own_schemas as (
    select n.oid, n.nspname
    from pg_namespace as n
    where n.nspname in ('wingman', 'wingman_admin')
),

-- what is known to be ours in schema public, whoever owns it
names (name) as (
    select m.name
    from string_to_table(current_setting('wingman.names', true), ' ') as m (name)
),

own_relations as (
    select c.*, c.oid::regclass::text as name
    from pg_class as c
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f', 'c', 'S')
        -- the partitions of months are made as time goes by; Alembic's table is no part of sql/
        and (not c.relispartition or pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
        and c.oid is distinct from to_regclass('wingman.alembic_version')
        and (
            c.relnamespace in (select s.oid from own_schemas as s)
            or c.relnamespace = 'public'::regnamespace and (
                c.relowner = to_regrole('wingman_owner') or c.relname in (select m.name from names as m)
            )
        )
),

own_functions as (
    select p.*, p.oid::regprocedure::text as name
    from pg_proc as p
    where
        p.pronamespace in (select s.oid from own_schemas as s)
        or p.pronamespace = 'public'::regnamespace and p.proname in (
            select o.proname
            from pg_proc as o
            where o.pronamespace = p.pronamespace and o.proowner = to_regrole('wingman_owner')
            union
            select m.name
            from names as m
        )
),

own_types as (
    select t.*, t.oid::regtype::text as name
    from pg_type as t
    left join pg_class as c on c.oid = t.typrelid
    where
        t.typtype in ('c', 'd', 'e', 'r')
        and coalesce(c.relkind, 'c') = 'c'
        and (
            t.typnamespace in (select s.oid from own_schemas as s)
            or t.typnamespace = 'public'::regnamespace and (
                t.typowner = to_regrole('wingman_owner') or t.typname in (select m.name from names as m)
            )
        )
),

-- everything that can have an owner, privileges and a comment of its own
securables as (
    select
        'pg_namespace'::regclass as classid, s.oid, 0 as objsubid, 'schema ' || s.nspname as item,
        n.nspowner as owner, coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl
    from own_schemas as s
    inner join pg_namespace as n on n.oid = s.oid
    union all
    select
        'pg_class'::regclass, r.oid, 0, 'relation ' || r.name, r.relowner,
        case when r.relkind <> 'c' then
            coalesce(r.relacl, acldefault(case r.relkind when 'S' then 's' else 'r' end::"char", r.relowner))
        end
    from own_relations as r
    union all
    select 'pg_class'::regclass, r.oid, a.attnum, format('column %s.%I', r.name, a.attname), null, a.attacl
    from own_relations as r
    inner join pg_attribute as a on a.attrelid = r.oid
    where a.attnum > 0 and not a.attisdropped
    union all
    select 'pg_proc'::regclass, f.oid, 0, 'function ' || f.name, f.proowner, coalesce(f.proacl, acldefault('f', f.proowner))
    from own_functions as f
    union all
    select 'pg_type'::regclass, t.oid, 0, 'type ' || t.name, t.typowner, coalesce(t.typacl, acldefault('T', t.typowner))
    from own_types as t
    union all
    select 'pg_class'::regclass, i.indexrelid, 0, 'index ' || i.indexrelid::regclass::text, null, null
    from own_relations as r
    inner join pg_index as i on i.indrelid = r.oid
    union all
    select 'pg_constraint'::regclass, c.oid, 0, format('constraint %I on %s', c.conname, r.name), null, null
    from own_relations as r
    inner join pg_constraint as c on c.conrelid = r.oid
    union all
    select 'pg_trigger'::regclass, t.oid, 0, format('trigger %I on %s', t.tgname, r.name), null, null
    from own_relations as r
    inner join pg_trigger as t on t.tgrelid = r.oid
    union all
    select 'pg_policy'::regclass, p.oid, 0, format('policy %I on %s', p.polname, r.name), null, null
    from own_relations as r
    inner join pg_policy as p on p.polrelid = r.oid
),

facets (item, facet, value) as (
    select s.item, 'owner', s.owner::regrole::text
    from securables as s
    where s.owner is not null

    union all

    -- 17 added MAINTAIN, which owners have by default; schema public belongs to the platform, so that only what
    -- the installation itself grants there counts, and is there to be missed if nothing is granted
    select a.item, 'privileges', coalesce(string_agg(a.privilege, ', ' order by a.privilege collate "C"), '')
    from (
        select
            s.item,
            case e.grantee when 0 then 'public' else e.grantee::regrole::text end || ' ' || e.privilege_type
            || case when e.is_grantable then ' with grant option' else '' end as privilege
        from (
            select s.item, s.acl
            from securables as s
            union all
            select 'schema public', (
                select array_agg(makeaclitem(e.grantee, e.grantor, e.privilege_type, e.is_grantable))
                from aclexplode(n.nspacl) as e
                where e.grantee in (
                    to_regrole('wingman_owner'), to_regrole('wingman_admin'),
                    to_regrole('authenticated'), to_regrole('service_role')
                )
            )
            from pg_namespace as n
            where n.nspname = 'public'
        ) as s
        left join lateral aclexplode(s.acl) as e on e.privilege_type <> 'MAINTAIN'
        where e.privilege_type is not null or s.item = 'schema public' and to_regnamespace('wingman') is not null
    ) as a
    group by a.item

    union all

    select s.item, 'comment', d.description
    from securables as s
    inner join pg_description as d on d.classoid = s.classid and d.objoid = s.oid and d.objsubid = s.objsubid

    union all

    select 'relation ' || r.name, 'kind', concat_ws(
        ', ', r.relkind, r.relpersistence, 'options ' || r.reloptions::text, 'partitioned by ' || pg_get_partkeydef(r.oid),
        case when r.relrowsecurity then 'row level security' end,
        case when r.relforcerowsecurity then 'forced row level security' end
    )
    from own_relations as r

    union all

    select 'relation ' || r.name, 'view on ' || current_setting('server_version_num')::integer / 10000, pg_get_viewdef(r.oid)
    from own_relations as r
    where r.relkind in ('v', 'm')

    union all

    select format('column %s.%I', r.name, a.attname), 'definition', concat_ws(
        ', ', row_number() over (partition by r.oid order by a.attnum), format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then 'not null' end,
        case a.attgenerated when '' then 'default ' else 'generated ' || a.attgenerated::text || ' ' end
        || pg_get_expr(d.adbin, d.adrelid),
        'identity ' || nullif(a.attidentity::text, ''), 'collation ' || nullif(a.attcollation, t.typcollation)::regcollation::text
    )
    from own_relations as r
    inner join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    inner join pg_type as t on t.oid = a.atttypid
    left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum

    union all

    select 'relation ' || r.name, 'sequence', concat_ws(
        ', ', format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle
    )
    from own_relations as r
    inner join pg_sequence as s on s.seqrelid = r.oid

    union all

    -- 18 keeps NOT NULL as constraints, earlier versions do not; the columns tell it
    select
        format('constraint %I on %s', c.conname, coalesce(r.name, t.name)), 'definition',
        pg_get_constraintdef(c.oid) || case when c.convalidated then '' else ' not validated' end
    from pg_constraint as c
    left join own_relations as r on r.oid = c.conrelid
    left join own_types as t on t.oid = c.contypid
    where c.contype <> 'n' and coalesce(r.name, t.name) is not null

    union all

    select 'index ' || i.indexrelid::regclass::text, 'definition', concat_ws(
        ', ', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end
    )
    from own_relations as r
    inner join pg_index as i on i.indrelid = r.oid

    union all

    select format('trigger %I on %s', t.tgname, r.name), 'definition', concat_ws(
        ', ', pg_get_triggerdef(t.oid), 'enabled ' || t.tgenabled::text
    )
    from own_relations as r
    inner join pg_trigger as t on t.tgrelid = r.oid
    where not t.tgisinternal

    union all

    select format('policy %I on %s', p.polname, r.name), 'definition', concat_ws(
        ', ', case when p.polpermissive then 'permissive' else 'restrictive' end, 'for ' || p.polcmd::text,
        'to ' || (
            select string_agg(case o.role when 0 then 'public' else o.role::regrole::text end, ' ' order by o.role::regrole::text collate "C")
            from unnest(p.polroles) as o (role)
        ),
        'using ' || pg_get_expr(p.polqual, p.polrelid), 'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)
    )
    from own_relations as r
    inner join pg_policy as p on p.polrelid = r.oid

    union all

    select format('rule %I on %s', w.rulename, r.name), 'definition', pg_get_ruledef(w.oid)
    from own_relations as r
    inner join pg_rewrite as w on w.ev_class = r.oid
    where w.rulename <> '_RETURN'

    union all

    select 'function ' || f.name, 'definition', case f.prokind when 'a' then 'aggregate' else pg_get_functiondef(f.oid) end
    from own_functions as f

    union all

    select 'type ' || t.name, 'definition', concat_ws(
        ', ', t.typtype, 'over ' || format_type(nullif(t.typbasetype, 0), t.typtypmod),
        case when t.typnotnull then 'not null' end, 'default ' || t.typdefault,
        'labels ' || (select string_agg(quote_literal(e.enumlabel), ' ' order by e.enumsortorder) from pg_enum as e where e.enumtypid = t.oid)
    )
    from own_types as t

    union all

    -- whatever else somebody may have put into the schemas: operators, collations, text search configurations
    select 'schema ' || s.nspname, 'holds ' || o.type || ' ' || o.identity, ''
    from own_schemas as s
    inner join pg_depend as d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = s.oid
    cross join pg_identify_object(d.classid, d.objid, 0) as o
    where d.classid not in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass)

    union all

    select 'role wingman_owner', 'default privileges ' || a.defaclobjtype::text || ' in ' || a.defaclnamespace, a.defaclacl::text
    from pg_default_acl as a
    where a.defaclrole = to_regrole('wingman_owner')

    union all

    select 'role ' || r.rolname, 'attributes', concat_ws(
        ', ', case when r.rolsuper then 'superuser' end, case when r.rolinherit then 'inherit' end,
        case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
        case when r.rolcanlogin then 'login' end, case when r.rolreplication then 'replication' end,
        case when r.rolbypassrls then 'bypassrls' end, 'settings ' || r.rolconfig::text,
        'member of ' || (
            select string_agg(m.roleid::regrole::text, ' ' order by m.roleid::regrole::text collate "C")
            from pg_auth_members as m
            where m.member = r.oid
        )
    )
    from pg_roles as r
    where r.rolname in ('wingman_owner', 'wingman_admin', 'wingman_worker')

    union all

    select 'role ' || r.rolname, 'comment', shobj_description(r.oid, 'pg_authid')
    from pg_roles as r
    where r.rolname in ('wingman_owner', 'wingman_admin', 'wingman_worker') and shobj_description(r.oid, 'pg_authid') is not null
)

select f.item, f.facet, f.value
from facets as f
order by f.item collate "C", f.facet collate "C"
