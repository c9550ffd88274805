create or replace function wingman.reschedule_session(
    session_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    user_id uuid,
    idempotency_key text
)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'reschedule_session',
        reschedule_session.user_id,
        reschedule_session.idempotency_key,
        row(
            reschedule_session.session_id,
            reschedule_session.scheduled_time at time zone 'UTC',
            reschedule_session.venue_name
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', reschedule_session.session_id is not null);
    perform wingman.require_argument('scheduled_time', reschedule_session.scheduled_time is not null);
    perform wingman.refuse_session_violation(wingman.schedule_violation(reschedule_session.scheduled_time, t.session_horizon))
    from wingman.settings as t;
    perform wingman.refuse_violation(wingman.session_violation(reschedule_session.venue_name, null, null));

    return wingman.end_call(_call, wingman.move_session(
        reschedule_session.session_id, reschedule_session.scheduled_time, reschedule_session.venue_name, _call.user_id
    ));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('reschedule_session', coalesce(_call.user_id, reschedule_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.reschedule_session(uuid, timestamptz, text, uuid, text) is
'Engine of public.reschedule_session';
revoke all on function wingman.reschedule_session(uuid, timestamptz, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.reschedule_session(uuid, timestamptz, text, uuid, text)
to authenticated, service_role, wingman_admin;
