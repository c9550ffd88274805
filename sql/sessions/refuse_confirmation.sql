create or replace function wingman.refuse_confirmation(session_id uuid, buddy_user_id uuid, user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _obstacle text;
    _context jsonb := '{}'::jsonb;
begin
    perform wingman.require_profile(refuse_confirmation.user_id);
    perform wingman.require_argument('session_id', refuse_confirmation.session_id is not null);

    _session := wingman.lock_session(refuse_confirmation.session_id);
    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    end if;
    _obstacle := wingman.confirmation_obstacle(
        _session.user1_id,
        _session.user2_id,
        _session.user1_completed_confirmed_by_user2,
        _session.user2_completed_confirmed_by_user1,
        _session.status,
        _session.scheduled_time,
        refuse_confirmation.user_id,
        refuse_confirmation.buddy_user_id
    );

    case _obstacle
        when 'already_confirmed' then
            _context := jsonb_build_object(
                'state', wingman.session_details_of(_session, refuse_confirmation.user_id)
            );
        when 'session_not_confirmable' then
            _context := jsonb_build_object('status', _session.status);
        when 'session_not_started' then
            _context := jsonb_build_object('time', wingman.utc_text(_session.scheduled_time));
        else
            null;
    end case;
    -- the obstacle disappeared while this call waited
    perform wingman.raise_error(coalesce(_obstacle, 'busy'), _context);
end
$$;

comment on function wingman.refuse_confirmation(uuid, uuid, uuid) is
'Raises the reason why a user could not confirm a session, by wingman.confirmation_obstacle. Errors: profile_incomplete,
user_not_found, missing_argument, session_not_found, not_session_participant, self_confirmation, buddy_not_in_session,
already_confirmed, session_not_confirmable, session_not_started, busy.';
revoke all on function wingman.refuse_confirmation(uuid, uuid, uuid) from public, anon, authenticated, service_role;
