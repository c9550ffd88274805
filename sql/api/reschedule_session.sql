create or replace function public.reschedule_session(
    session_id uuid,
    scheduled_time timestamptz,
    venue_name text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.reschedule_session(
        reschedule_session.session_id,
        reschedule_session.scheduled_time,
        reschedule_session.venue_name,
        reschedule_session.user_id,
        reschedule_session.idempotency_key
    );
end
$$;

comment on function public.reschedule_session(uuid, timestamptz, text, uuid, text) is
'Moves a scheduled session, before its time, to another time or venue, to which the buddy has to agree anew.
Either of the two can do it. The same time and venue again change nothing.
session_id: a session of the caller.
scheduled_time: in the future, at most 90 days ahead, and at least settings.session_spacing from other sessions in the caller''s diary.
venue_name: 1 to 200 characters; null keeps the venue.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session. The detail of schedule_conflict names the other session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
invalid_schedule, session_not_found, not_session_participant, account_suspended, invalid_session_state, session_time_passed,
schedule_conflict, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
rate_limited, busy.';
revoke all on function public.reschedule_session(uuid, timestamptz, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.reschedule_session(uuid, timestamptz, text, uuid, text)
to authenticated, service_role, wingman_admin;
