create or replace function public.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_session(
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        create_session.user_id,
        create_session.idempotency_key
    );
end
$$;

comment on function public.create_session(uuid, timestamptz, text, text, uuid, text) is
'Schedules a session of an accepted match. A match has one active session at a time.
match_id: an accepted match of the caller that has not ended.
scheduled_time: in the future, at most 90 days ahead.
venue_name: 1 to 200 characters.
notes: at most 2000 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
invalid_schedule, match_not_found, not_match_participant, account_suspended, match_not_accepted, active_session_exists,
schedule_conflict, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
rate_limited, busy.';
revoke all on function public.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
