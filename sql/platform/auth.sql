-- Supabase's schema auth as far as WingmanMatch needs it, made only where it is absent.
-- Where it already exists, nothing in it is touched.
set local role none;

do $$
begin
    if to_regnamespace('auth') is not null then
        return;
    end if;

    create schema auth;

    create table auth.users (
        id uuid constraint users_pkey primary key default gen_random_uuid(),
        email text,
        created_at timestamptz not null default statement_timestamp()
    );

    create function auth.uid() returns uuid
    language sql stable
    set search_path = pg_catalog, pg_temp
    as 'select (nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::uuid';

    grant usage on schema auth to anon, authenticated, service_role;
end
$$;

set local role wingman_owner;
