create or replace function wingman.confirm_session_completion(
    session_id uuid,
    buddy_user_id uuid,
    user_id uuid,
    idempotency_key text
)
returns public.session_confirmation
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    _call wingman.guarded_call;
    _session record;
begin
    _call := wingman.begin_call(
        'confirm_session_completion',
        confirm_session_completion.user_id,
        confirm_session_completion.idempotency_key,
        row(confirm_session_completion.session_id, confirm_session_completion.buddy_user_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_confirmation, _call.response);
    end if;

    -- This locks the session, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = s.user1_completed_confirmed_by_user2 or s.user2_id = _call.user_id,
        user2_completed_confirmed_by_user1 = s.user2_completed_confirmed_by_user1 or s.user1_id = _call.user_id,
        status = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1 then 'completed'
            else s.status
        end,
        completed_at = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1
                then statement_timestamp()
        end
    where s.id = confirm_session_completion.session_id
        and wingman.confirmation_obstacle(
            s.user1_id,
            s.user2_id,
            s.user1_completed_confirmed_by_user2,
            s.user2_completed_confirmed_by_user1,
            s.status,
            s.scheduled_time,
            _call.user_id,
            confirm_session_completion.buddy_user_id
        ) is null
    returning
        s.status,
        s.user1_id,
        s.user2_id,
        s.no_show_reported,
        (
            select wingman.consume_rate_limit(_call.user_id, 'confirm', t.confirm_cost, t.confirm_burst)
            from wingman.settings as t
        ) as user_id
    into _session;
    -- one look for both rare cases: each expression costs every confirmation
    if _session.no_show_reported is not false then
        if not found then
            perform wingman.refuse_confirmation(
                confirm_session_completion.session_id, confirm_session_completion.buddy_user_id, _call.user_id
            );
        end if;
        -- a confirmation withdraws the report that the same person made
        perform wingman.drop_no_show_report(confirm_session_completion.session_id, _call.user_id);
    end if;

    if _session.status <> 'completed' then
        return wingman.end_call(
            _call,
            row(
                true,
                'Completion confirmation recorded. Waiting for your buddy to confirm.',
                _session.status,
                false,
                false,
                0
            )::public.session_confirmation
        );
    end if;

    return wingman.end_call(
        _call,
        row(
            wingman.record_reputation(
                confirm_session_completion.session_id,
                'completed',
                _session.user1_id,
                _session.user2_id,
                both_people => true
            ) is not null,
            'Session completed! Both participants have confirmed completion and reputation was updated.',
            'completed',
            true,
            true,
            1
        )::public.session_confirmation
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('confirm_session_completion', coalesce(_call.user_id, confirm_session_completion.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_session_completion(uuid, uuid, uuid, text) is
'Engine of public.confirm_session_completion';
revoke all on function wingman.confirm_session_completion(uuid, uuid, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_session_completion(uuid, uuid, uuid, text)
to authenticated, service_role, wingman_admin;
