create or replace function wingman.unsubscribe(user_id uuid, channel text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _known boolean;
begin
    perform wingman.begin_operation('unsubscribe');
    perform wingman.require_argument('user_id', unsubscribe.user_id is not null);
    perform wingman.require_argument('channel', unsubscribe.channel is not null);
    perform wingman.refuse_violation(
        wingman.notification_settings_violation(unsubscribe.channel, '{}', 'en', null, null, 'UTC')
    );

    perform pg_advisory_xact_lock(wingman.profile_lock(unsubscribe.user_id));
    perform from public.user_profiles as p where p.id = unsubscribe.user_id for key share;
    _known := found;
    if _known then
        insert into wingman.channel_settings as c (user_id, channel, kinds)
        values (unsubscribe.user_id, unsubscribe.channel, '{}')
        on conflict on constraint channel_settings_pkey do update
        set kinds = excluded.kinds, updated_at = excluded.updated_at;
    end if;
    perform wingman.end_operation();
    return _known;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('unsubscribe', unsubscribe.user_id);
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unsubscribe(uuid, text) is
'For servers that answer the links in e-mails: the user gets nothing more through this channel, email or web_push, until the user
changes the settings. Returns false if there is no such user.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.unsubscribe(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.unsubscribe(uuid, text) to service_role;
