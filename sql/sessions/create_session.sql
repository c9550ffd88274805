create or replace function wingman.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
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
    _me uuid;
    _session record;
begin
    _call := wingman.begin_call(
        'create_session',
        create_session.user_id,
        create_session.idempotency_key,
        row(
            create_session.match_id,
            create_session.scheduled_time at time zone 'UTC',
            create_session.venue_name,
            create_session.notes
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- whoever arranges or agrees to anything else meanwhile waits here, so the diary below is exact
    perform from wingman.matchmaking_pool as s where s.user_id = _me for no key update;
    -- The trigger guard_insert locks the match and checks, and a unique index knows of active sessions. What kept them from it is
    -- asked below.
    insert into public.wingman_sessions as s (match_id, scheduled_time, venue_name, notes, created_by, proposed_by)
    values (
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        _me,
        _me
    )
    returning wingman.session_details_of(s, _me) as details, s.id into _session;
    select wingman.consume_rate_limit(_me, 'create_session', t.create_session_cost, t.create_session_burst) into _me
    from wingman.settings as t
    where wingman.schedule_violation(create_session.scheduled_time, t.session_horizon) is null
        and wingman.conflicting_session(_me, create_session.scheduled_time, t.session_spacing, _session.id) is null;
    if not found then
        raise integrity_constraint_violation;
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when integrity_constraint_violation then
        perform wingman.name_call('create_session', coalesce(_call.user_id, create_session.user_id));
        perform wingman.refuse_new_session(
            create_session.match_id, create_session.scheduled_time, create_session.venue_name, create_session.notes, _call.user_id
        );
        return null;
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('create_session', coalesce(_call.user_id, create_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_session(uuid, timestamptz, text, text, uuid, text) is 'Engine of public.create_session';
revoke all on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
