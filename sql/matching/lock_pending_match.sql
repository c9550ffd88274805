create or replace function wingman.lock_pending_match(user_id uuid)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seen public.wingman_matches := wingman.pending_match_of(lock_pending_match.user_id);
begin
    if _seen.id is null then
        perform wingman.lock_seekers(lock_pending_match.user_id);
        return null;
    end if;

    perform wingman.lock_seekers(_seen.user1_id, _seen.user2_id);
    perform wingman.lock_match(_seen.id);
    return _seen.id;
end
$$;

comment on function wingman.lock_pending_match(uuid) is
'Locks a user''s seeker and, where a pending match is seen before the wait, the partner''s seeker and that match. Returns that
match, or null when the own seeker is the only row locked. Read wingman.pending_match_of again: a match that came while waiting is
another one, and its partner is not locked.';
revoke all on function wingman.lock_pending_match(uuid) from public, anon, authenticated, service_role;
