-- What must exist before Alembic can write its version table: the owner of every object, the roles of operators and
-- workers, and the engine's schema. Idempotent; migrations/env.py runs it before every upgrade, sql/install.sql as its
-- first step.
do $$
begin
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'WingmanMatch needs a database whose encoding is UTF8; that of this one is %', current_setting('server_encoding')
            using errcode = 'feature_not_supported';
    end if;
end
$$;

-- Roles belong to the whole server: another database may be installed at the same moment.
do $$
begin
    if not exists (select from pg_roles as r where r.rolname = 'wingman_owner') then
        create role wingman_owner nologin noinherit;
        comment on role wingman_owner is 'Owns every object of WingmanMatch; nobody logs in as it';
    end if;
exception
    when duplicate_object or unique_violation then
        null;
end
$$;

do $$
begin
    if not exists (select from pg_roles as r where r.rolname = 'wingman_admin') then
        create role wingman_admin nologin;
        comment on role wingman_admin is 'Operators of WingmanMatch: may act for any user, by name';
    end if;
exception
    when duplicate_object or unique_violation then
        null;
end
$$;

do $$
begin
    if not exists (select from pg_roles as r where r.rolname = 'wingman_worker') then
        create role wingman_worker nologin;
        comment on role wingman_worker is 'Workers of WingmanMatch: may claim and settle what is sent outside, and nothing else';
    end if;
exception
    when duplicate_object or unique_violation then
        null;
end
$$;

do $$
begin
    -- a superuser needs no grant; since 16 the creator of a role may grant it, but not yet use it
    if not pg_has_role(current_user, 'wingman_owner', 'usage') then
        grant wingman_owner to current_user;
    end if;
end
$$;

create schema if not exists wingman authorization wingman_owner;
