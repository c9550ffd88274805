create or replace function public.agree_to_session(
    session_id uuid,
    proposed_at timestamptz default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.agree_to_session(
        agree_to_session.session_id,
        agree_to_session.proposed_at,
        agree_to_session.user_id,
        agree_to_session.idempotency_key
    );
end
$$;

comment on function public.agree_to_session(uuid, timestamptz, uuid, text) is
'Agrees to the time and venue of a session that the buddy proposed, before its time.
Agreement is not needed to meet or to confirm; only who has arranged, agreed to or started a session can be reported for not coming. To
decline, cancel the session or propose something else with reschedule_session. Agreeing again changes nothing.
session_id: a session of the caller that the buddy arranged or moved.
proposed_at: proposed_at of the session that the caller saw, if the call should fail once the buddy has proposed something else.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session. The detail of proposal_changed carries the session under state, that of schedule_conflict the other session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, self_agreement, account_suspended, proposal_changed, invalid_session_state, session_time_passed,
schedule_conflict, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.agree_to_session(uuid, timestamptz, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.agree_to_session(uuid, timestamptz, uuid, text) to authenticated, service_role, wingman_admin;
