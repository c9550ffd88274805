-- The roles that Supabase provides, created only where they are absent. They belong to the platform:
-- never altered here, never dropped.
set local role none;

do $$
begin
    if not exists (select from pg_roles as r where r.rolname = 'anon') then
        create role anon nologin noinherit;
    end if;
    if not exists (select from pg_roles as r where r.rolname = 'authenticated') then
        create role authenticated nologin noinherit;
    end if;
    if not exists (select from pg_roles as r where r.rolname = 'service_role') then
        create role service_role nologin noinherit bypassrls;
    end if;
    if not exists (select from pg_roles as r where r.rolname = 'authenticator') then
        create role authenticator login noinherit;
        grant anon, authenticated, service_role to authenticator;
    end if;
exception
    -- roles belong to the whole server: another database may be installed at the same moment
    when duplicate_object or unique_violation then
        null;
end
$$;

set local role wingman_owner;
