create or replace function wingman.cancel_active_session(match_id uuid, cancelled_by uuid, reason text default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_sessions as s
    set
        status = 'cancelled',
        cancelled_by = cancel_active_session.cancelled_by,
        cancellation_reason = cancel_active_session.reason,
        cancelled_at = statement_timestamp()
    where s.match_id = cancel_active_session.match_id and s.is_active;
end
$$;

comment on function wingman.cancel_active_session(uuid, uuid, text) is 'Cancels the active session of a match, if it has one';
revoke all on function wingman.cancel_active_session(uuid, uuid, text) from public, anon, authenticated, service_role;
