create or replace function wingman.last_told()
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (select w.id from public.wingman_notifications as w order by w.id desc limit 1),
        uuid '00000000-0000-0000-0000-000000000000'
    );
end
$$;

comment on function wingman.last_told() is
'For servers that push: the id of the newest notification of all users; all zeros if there is none';
revoke all on function wingman.last_told() from public, anon, authenticated, service_role;
grant execute on function wingman.last_told() to service_role;
