create or replace function public.start_session(session_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.start_session(start_session.session_id, start_session.user_id, start_session.idempotency_key);
end
$$;

comment on function public.start_session(uuid, uuid, text) is
'Marks a scheduled session as in progress, from 30 minutes before its time. Starting it again changes nothing.
session_id: a session of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, invalid_session_state, too_early, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;
