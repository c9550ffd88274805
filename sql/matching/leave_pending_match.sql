create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _pending public.wingman_matches;
begin
    perform wingman.lock_pending_match(leave_pending_match.user_id);
    _pending := wingman.pending_match_of(leave_pending_match.user_id);
    if _pending.id is null then
        return;
    elsif wingman.match_status_at(_pending.status, _pending.expires_at, statement_timestamp()) = 'expired' then
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
