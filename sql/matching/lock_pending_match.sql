create or replace function wingman.lock_pending_match(user_id uuid)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seen public.wingman_matches;
    _match public.wingman_matches;
begin
    select m.* into _seen
    from wingman.match_seekers as s
    inner join public.wingman_matches as m on m.id = s.pending_match_id
    where s.user_id = lock_pending_match.user_id;

    if _seen.id is null then
        perform wingman.lock_seekers(lock_pending_match.user_id);
    else
        perform wingman.lock_seekers(_seen.user1_id, _seen.user2_id);
        perform wingman.lock_match(_seen.id);
    end if;

    -- with the own seeker locked, nobody can give or take a pending match any more
    select m.* into _match
    from wingman.match_seekers as s
    inner join public.wingman_matches as m on m.id = s.pending_match_id
    where s.user_id = lock_pending_match.user_id;

    return _match;
end
$$;

comment on function wingman.lock_pending_match(uuid) is
'Locks a user''s seeker and, as seen before the wait, the partner''s seeker and their pending match; returns the pending match as it
is then. One that came while waiting is new, and its partner is not locked.';
revoke all on function wingman.lock_pending_match(uuid) from public, anon, authenticated, service_role;
