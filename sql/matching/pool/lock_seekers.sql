create or replace function wingman.lock_seekers(user1_id uuid, user2_id uuid default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from wingman.matchmaking_pool as s
    where s.user_id in (lock_seekers.user1_id, lock_seekers.user2_id)
    order by s.user_id
    for no key update;
end
$$;

comment on function wingman.lock_seekers(uuid, uuid) is
'First step of the lock order: locks the seekers of one or two people by user_id, waiting up to lock_timeout. A person who
cannot be matched has no row and is not locked.';
revoke all on function wingman.lock_seekers(uuid, uuid) from public, anon, authenticated, service_role;
