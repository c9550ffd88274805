create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _pending public.wingman_matches;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = leave_pending_match.user_id;
    _seeker := wingman.lock_pending_match(_seeker);
    if _seeker.pending_match_id is null then
        return;
    end if;

    select m.* into strict _pending from public.wingman_matches as m where m.id = _seeker.pending_match_id;
    if wingman.match_status_at(_pending.status, _pending.expires_at, statement_timestamp()) = 'expired' then
        perform wingman.expire_match(_pending.id);
    else
        perform wingman.decline_match(_pending.id, leave_pending_match.user_id);
    end if;
end
$$;

comment on function wingman.leave_pending_match(uuid) is
'Settles the pending match of somebody who leaves: expired if it has lapsed, else declined by them, so that the partner keeps the
waiting time. Their seeker stays locked.';
revoke all on function wingman.leave_pending_match(uuid) from public, anon, authenticated, service_role;
