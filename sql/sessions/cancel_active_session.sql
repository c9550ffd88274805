create or replace function wingman.cancel_active_session(
    match_id uuid,
    cancelled_by uuid,
    reason text default null,
    keep_begun boolean default false
)
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
    where s.match_id = cancel_active_session.match_id
        and s.is_active
        and not (cancel_active_session.keep_begun and s.scheduled_time <= statement_timestamp());
end
$$;

comment on function wingman.cancel_active_session(uuid, uuid, text, boolean) is
'Cancels the active session of a match, if it has one. keep_begun: not one whose time has come';
revoke all on function wingman.cancel_active_session(uuid, uuid, text, boolean) from public, anon, authenticated, service_role;
