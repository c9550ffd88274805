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
    _settings wingman.settings;
    _match public.wingman_matches;
    _status text;
    _session_id uuid;
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
    _me := wingman.known_user_id(_call.user_id);

    perform wingman.require_argument('match_id', create_session.match_id is not null);
    perform wingman.require_argument('scheduled_time', create_session.scheduled_time is not null);
    perform wingman.require_argument('venue_name', create_session.venue_name is not null);
    perform wingman.refuse_violation(wingman.session_violation(create_session.venue_name, create_session.notes, null));
    if create_session.scheduled_time <= statement_timestamp() then
        perform wingman.raise_error('invalid_schedule');
    end if;
    select t.* into strict _settings from wingman.settings as t;
    if create_session.scheduled_time > statement_timestamp() + _settings.session_horizon then
        perform wingman.refuse_violation(row(
            'scheduled_time', 'must be at most ' || extract(epoch from _settings.session_horizon)::integer / 86400 || ' days ahead'
        )::wingman.violation);
    end if;

    perform wingman.match_buddy(create_session.match_id, _me);
    _match := wingman.lock_match(create_session.match_id);

    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    if _match.ended_at is not null then
        _status := 'ended';
    end if;
    if _status <> 'accepted' then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object('status', _status));
    end if;

    _me := wingman.consume_rate_limit(
        _me, 'create_session', _settings.create_session_cost, _settings.create_session_burst
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
    on conflict do nothing
    returning s.id into _session_id;
    if _session_id is null then
        perform wingman.raise_error('active_session_exists');
    end if;

    return wingman.end_call(_call, wingman.session_details_of(_session_id, _me));
exception
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
