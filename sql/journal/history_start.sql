create or replace function wingman.history_start()
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return date_trunc('day', statement_timestamp(), 'UTC') - interval '720 hours';
end
$$;

comment on function wingman.history_start() is
'How far back the operators'' views look: thirty whole days in UTC, and today. However long the history is, they read only this
much of it.';
revoke all on function wingman.history_start() from public, anon, authenticated, service_role;
grant execute on function wingman.history_start() to service_role, wingman_admin;
