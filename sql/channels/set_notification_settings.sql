create or replace function wingman.set_notification_settings(
    channel text,
    kinds text[],
    language text,
    quiet_from text,
    quiet_until text,
    time_zone text,
    user_id uuid,
    idempotency_key text
)
returns public.notification_settings
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _address text;
    _asks boolean;
    _sends boolean;
    _answer public.notification_settings;
begin
    _call := wingman.begin_call(
        'set_notification_settings',
        set_notification_settings.user_id,
        set_notification_settings.idempotency_key,
        row(
            set_notification_settings.channel,
            set_notification_settings.kinds,
            set_notification_settings.language,
            set_notification_settings.quiet_from,
            set_notification_settings.quiet_until,
            set_notification_settings.time_zone
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.notification_settings, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('channel', set_notification_settings.channel is not null);
    perform wingman.require_argument('language', set_notification_settings.language is not null);
    perform wingman.require_argument('time_zone', set_notification_settings.time_zone is not null);
    perform wingman.refuse_violation(wingman.notification_settings_violation(
        set_notification_settings.channel,
        set_notification_settings.kinds,
        set_notification_settings.language,
        set_notification_settings.quiet_from,
        set_notification_settings.quiet_until,
        set_notification_settings.time_zone
    ));

    -- one change of a user's channels at a time; an erasure waits, or there is no profile any more
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    _address := case set_notification_settings.channel when 'email' then wingman.claimed_address() end;
    _asks := wingman.must_be_asked(_me, _address);
    if _asks then
        select wingman.consume_rate_limit(_me, 'email', t.email_cost, t.email_burst) into strict _me from wingman.settings as t;
        _sends := wingman.consume_address_limit(_address);
    end if;
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    if _asks then
        perform wingman.ask_address(_me, _address, _sends);
    end if;
    insert into wingman.channel_settings as c (user_id, channel, kinds, language, quiet_from, quiet_until, time_zone)
    values (
        _me,
        set_notification_settings.channel,
        set_notification_settings.kinds,
        set_notification_settings.language,
        set_notification_settings.quiet_from::time,
        set_notification_settings.quiet_until::time,
        set_notification_settings.time_zone
    )
    on conflict on constraint channel_settings_pkey do update
    set
        kinds = excluded.kinds,
        language = excluded.language,
        quiet_from = excluded.quiet_from,
        quiet_until = excluded.quiet_until,
        time_zone = excluded.time_zone,
        updated_at = excluded.updated_at;
    select s.* into strict _answer
    from wingman.notification_settings_of(_me) as s
    where s.channel = set_notification_settings.channel;
    return wingman.end_call(_call, _answer);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('set_notification_settings', coalesce(_call.user_id, set_notification_settings.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.set_notification_settings(text, text[], text, text, text, text, uuid, text) is
'Engine of public.set_notification_settings';
revoke all on function wingman.set_notification_settings(text, text[], text, text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.set_notification_settings(text, text[], text, text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
