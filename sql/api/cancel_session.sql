create or replace function public.cancel_session(
    session_id uuid,
    reason text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.cancel_session(cancel_session.session_id, cancel_session.reason, cancel_session.user_id, cancel_session.idempotency_key);
end
$$;

comment on function public.cancel_session(uuid, text, uuid, text) is
'Cancels a scheduled or running session. Cancelling it again changes nothing.
session_id: a session of the caller.
reason: at most 500 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, invalid_session_state, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
