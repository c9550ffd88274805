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
    _limit record;
    _session public.wingman_sessions;
begin
    _call := wingman.begin_call(
        'create_session',
        create_session.user_id,
        create_session.idempotency_key,
        row(
            create_session.match_id,
            extract(epoch from create_session.scheduled_time),
            create_session.venue_name,
            create_session.notes
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- If the arguments are valid, this locks the match, provided that it can have a session. Only when it finds nothing do we ask
    -- why.
    select t.create_session_cost as cost, t.create_session_burst as burst into _limit
    from wingman.settings as t
    cross join public.wingman_matches as m
    where wingman.new_session_violation(
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        t.session_horizon
    ) is null
        and m.id = create_session.match_id
        and _me in (m.user1_id, m.user2_id)
        and m.status = 'accepted'
        and m.ended_at is null
    for no key update of m;
    if not found then
        perform wingman.refuse_new_session(
            create_session.match_id, create_session.scheduled_time, create_session.venue_name, create_session.notes, _me
        );
    end if;

    _me := wingman.consume_rate_limit(
        _me, 'create_session', _limit.cost, _limit.burst
    );
    -- the partial unique index decides: a direct write may hold another active session that is not visible yet
    insert into public.wingman_sessions as s (match_id, scheduled_time, venue_name, notes, created_by)
    values (
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        _me
    )
    returning s.* into _session;

    return wingman.end_call(_call, wingman.session_details_of(_session, _me));
exception
    when unique_violation then
        perform wingman.raise_error('active_session_exists');
        return null;
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_session(uuid, timestamptz, text, text, uuid, text) is 'Engine of public.create_session';
revoke all on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
