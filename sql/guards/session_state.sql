create or replace function wingman.session_state(session public.wingman_sessions)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return jsonb_build_object(
        'status', (session).status,
        'scheduled_time', (session).scheduled_time,
        'user1_completed_confirmed_by_user2', (session).user1_completed_confirmed_by_user2,
        'user2_completed_confirmed_by_user1', (session).user2_completed_confirmed_by_user1,
        'cancelled_by', (session).cancelled_by,
        'reverted_at', (session).reverted_at
    );
end
$$;

comment on function wingman.session_state(public.wingman_sessions) is 'What wingman.audit_log keeps of a session at each change';
revoke all on function wingman.session_state(public.wingman_sessions) from public, anon, authenticated, service_role;
