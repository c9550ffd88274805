create or replace function wingman.lock_match(match_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    select m.* into _match
    from public.wingman_matches as m
    where m.id = lock_match.match_id
    for no key update;

    return _match;
end
$$;

comment on function wingman.lock_match(uuid) is 'Locks a match and returns it as it is once the lock is held';
revoke all on function wingman.lock_match(uuid) from public, anon, authenticated, service_role;
