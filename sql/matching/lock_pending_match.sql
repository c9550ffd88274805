create or replace function wingman.lock_pending_match(seen wingman.match_seekers)
returns wingman.match_seekers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _seeker wingman.match_seekers;
begin
    if lock_pending_match.seen.pending_match_id is not null then
        select m.* into strict _match
        from public.wingman_matches as m
        where m.id = lock_pending_match.seen.pending_match_id;
        perform wingman.lock_seekers(_match.user1_id, _match.user2_id);
        perform wingman.lock_match(_match.id);
    end if;

    select s.* into _seeker
    from wingman.match_seekers as s
    where s.user_id = lock_pending_match.seen.user_id
    for no key update;
    return _seeker;
end
$$;

comment on function wingman.lock_pending_match(wingman.match_seekers) is
'Locks a seeker, read before without a lock, and where it has a pending match, its partner''s seeker and that match. Returns the
seeker as it is now, nulls when it has gone. A pending match that came while waiting is another one, and its partner is not
locked.';
revoke all on function wingman.lock_pending_match(wingman.match_seekers) from public, anon, authenticated, service_role;
