create or replace function wingman.utc_text(moment timestamptz)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return to_char(utc_text.moment at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC';
end
$$;

comment on function wingman.utc_text(timestamptz) is 'A moment as messages show it: 2025-08-17 15:00 UTC';
revoke all on function wingman.utc_text(timestamptz) from public, anon, authenticated, service_role;
