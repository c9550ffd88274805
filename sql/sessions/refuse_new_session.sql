create or replace function wingman.refuse_new_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    user_id uuid
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _violation wingman.violation := wingman.new_session_violation(
        refuse_new_session.match_id,
        refuse_new_session.scheduled_time,
        refuse_new_session.venue_name,
        refuse_new_session.notes,
        (select t.session_horizon from wingman.settings as t)
    );
    _match public.wingman_matches;
begin
    perform wingman.require_profile(refuse_new_session.user_id);
    perform wingman.refuse_session_violation(_violation);

    perform wingman.match_buddy(refuse_new_session.match_id, refuse_new_session.user_id);
    perform wingman.lock_seekers(refuse_new_session.user_id);
    perform wingman.require_not_suspended(refuse_new_session.user_id);
    _match := wingman.lock_match(refuse_new_session.match_id);
    if _match.status = 'accepted' and _match.ended_at is null then
        if exists (select from public.wingman_sessions as s where s.match_id = _match.id and s.is_active) then
            perform wingman.raise_error('active_session_exists');
        end if;
        perform wingman.refuse_conflict(refuse_new_session.user_id, refuse_new_session.scheduled_time, null);
        -- came to this while the call waited
        perform wingman.raise_error('busy');
    end if;
    perform wingman.raise_error('match_not_accepted', jsonb_build_object('status', case
        when _match.ended_at is not null then 'ended'
        else wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
    end));
end
$$;

comment on function wingman.refuse_new_session(uuid, timestamptz, text, text, uuid) is
'Raises the reason why a user cannot create a session. Errors: profile_incomplete, user_not_found, missing_argument,
invalid_schedule, invalid_argument, match_not_found, not_match_participant, account_suspended, match_not_accepted, active_session_exists,
schedule_conflict, busy.';
revoke all on function wingman.refuse_new_session(uuid, timestamptz, text, text, uuid)
from public, anon, authenticated, service_role;
