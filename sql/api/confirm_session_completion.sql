create or replace function public.confirm_session_completion(
    session_id uuid,
    buddy_user_id uuid default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_confirmation
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.confirm_session_completion(
        confirm_session_completion.session_id,
        confirm_session_completion.buddy_user_id,
        confirm_session_completion.user_id,
        confirm_session_completion.idempotency_key
    );
end
$$;

comment on function public.confirm_session_completion(uuid, uuid, uuid, text) is
'Confirms that the caller''s buddy completed the session, from its scheduled time on.
The second of the two confirmations completes the session and raises both reputations, once.
session_id: a session of the caller.
buddy_user_id: the buddy, if you want the id checked.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the status after the call and what the caller gained. The detail of already_confirmed carries the session under state.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, self_confirmation, buddy_not_in_session, already_confirmed, session_not_confirmable,
session_not_started, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
rate_limited, busy.';
revoke all on function public.confirm_session_completion(uuid, uuid, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.confirm_session_completion(uuid, uuid, uuid, text)
to authenticated, service_role, wingman_admin;
