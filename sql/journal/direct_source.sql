create or replace function wingman.direct_source()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return concat_ws(e'\t', '', '', current_setting('role'), session_user);
end
$$;

comment on function wingman.direct_source() is 'wingman.event_source() of direct SQL';
revoke all on function wingman.direct_source() from public, anon, authenticated, service_role;
