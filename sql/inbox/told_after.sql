create or replace function wingman.told_after(after uuid, max_rows integer)
returns table (id uuid, user_id uuid)
language plpgsql
stable
security definer
rows 100
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select w.id, w.user_id
    from public.wingman_notifications as w
    where w.id > told_after.after
    order by w.id
    limit told_after.max_rows;
end
$$;

comment on function wingman.told_after(uuid, integer) is
'For servers that push: the notifications of all users after a given id, oldest first, at most max_rows. Ids grow in the order in
which they are committed, so a server that goes on from the last id misses none';
revoke all on function wingman.told_after(uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman.told_after(uuid, integer) to service_role;
