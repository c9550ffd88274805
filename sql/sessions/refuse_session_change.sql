create or replace function wingman.refuse_session_change(session_id uuid, verb text, user_id uuid)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _from timestamptz;
begin
    perform wingman.require_profile(refuse_session_change.user_id);
    perform wingman.require_argument('session_id', refuse_session_change.session_id is not null);
    perform wingman.session_buddy(refuse_session_change.session_id, refuse_session_change.user_id);
    _session := wingman.lock_session(refuse_session_change.session_id);

    if (refuse_session_change.verb, _session.status) in (('started', 'in_progress'), ('cancelled', 'cancelled')) then
        return wingman.session_details_of(_session, refuse_session_change.user_id);
    elsif not _session.is_active then
        perform wingman.raise_error(
            'invalid_session_state',
            jsonb_build_object('verb', refuse_session_change.verb, 'status', _session.status)
        );
    end if;

    select _session.scheduled_time - t.session_start_lead into strict _from from wingman.settings as t;
    if refuse_session_change.verb = 'started' and statement_timestamp() < _from then
        perform wingman.raise_error('too_early', jsonb_build_object('time', wingman.utc_text(_from)));
    end if;
    -- the session became changeable while this call waited
    perform wingman.raise_error('busy');
    return null;
end
$$;

comment on function wingman.refuse_session_change(uuid, text, uuid) is
'What start_session and cancel_session do for a session that they could not change: returns it if it is already in the state asked
for, else raises why. verb: started or cancelled. Errors: profile_incomplete, user_not_found, missing_argument,
session_not_found, not_session_participant, invalid_session_state, too_early, busy.';
revoke all on function wingman.refuse_session_change(uuid, text, uuid) from public, anon, authenticated, service_role;
