create or replace function wingman.confirm_session_completion(session_id uuid, buddy_user_id uuid, user_id uuid)
returns public.session_confirmation
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    _me uuid;
    _buddy_id uuid;
    _is_user1 boolean;
    _session public.wingman_sessions;
    _i_confirmed boolean;
    _buddy_confirmed boolean;
begin
    _me := wingman.known_user_id(wingman.writer_id(confirm_session_completion.user_id));
    perform wingman.require_argument('session_id', confirm_session_completion.session_id is not null);

    _buddy_id := wingman.session_buddy(confirm_session_completion.session_id, _me);
    if confirm_session_completion.buddy_user_id = _me then
        perform wingman.raise_error('self_confirmation');
    elsif confirm_session_completion.buddy_user_id <> _buddy_id then
        perform wingman.raise_error('buddy_not_in_session');
    end if;

    _session := wingman.lock_session(confirm_session_completion.session_id);
    -- ids in order are the order of user1 and user2
    _is_user1 := _me < _buddy_id;
    if _is_user1 then
        _i_confirmed := _session.user2_completed_confirmed_by_user1;
        _buddy_confirmed := _session.user1_completed_confirmed_by_user2;
    else
        _i_confirmed := _session.user1_completed_confirmed_by_user2;
        _buddy_confirmed := _session.user2_completed_confirmed_by_user1;
    end if;

    if _i_confirmed then
        perform wingman.raise_error(
            'already_confirmed', jsonb_build_object('state', to_jsonb(wingman.session_details_of(_session.id, _me)))
        );
    elsif not wingman.is_active_session(_session.status) then
        perform wingman.raise_error('session_not_confirmable', jsonb_build_object('status', _session.status));
    elsif statement_timestamp() < _session.scheduled_time then
        perform wingman.raise_error(
            'session_not_started', jsonb_build_object('time', wingman.utc_text(_session.scheduled_time))
        );
    end if;

    update public.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = s.user1_completed_confirmed_by_user2 or not _is_user1,
        user2_completed_confirmed_by_user1 = s.user2_completed_confirmed_by_user1 or _is_user1,
        status = case when _buddy_confirmed then 'completed' else s.status end,
        completed_at = case when _buddy_confirmed then statement_timestamp() end
    where s.id = _session.id;

    if not _buddy_confirmed then
        return row(
            true,
            'Completion confirmation recorded. Waiting for your buddy to confirm.',
            _session.status,
            false,
            false,
            0
        )::public.session_confirmation;
    end if;

    perform wingman.record_completion(_session.id, _me, _buddy_id);
    return row(
        true,
        'Session completed! Both participants have confirmed completion and reputation was updated.',
        'completed',
        true,
        true,
        1
    )::public.session_confirmation;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_session_completion(uuid, uuid, uuid) is 'Engine of public.confirm_session_completion';
revoke all on function wingman.confirm_session_completion(uuid, uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_session_completion(uuid, uuid, uuid) to authenticated, service_role, wingman_admin;
