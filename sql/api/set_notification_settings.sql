create or replace function public.set_notification_settings(
    channel text,
    kinds text[] default null,
    language text default 'en',
    quiet_from text default null,
    quiet_until text default null,
    time_zone text default 'UTC',
    user_id uuid default null,
    idempotency_key text default null
)
returns public.notification_settings
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.set_notification_settings(
        set_notification_settings.channel,
        set_notification_settings.kinds,
        set_notification_settings.language,
        set_notification_settings.quiet_from,
        set_notification_settings.quiet_until,
        set_notification_settings.time_zone,
        set_notification_settings.user_id,
        set_notification_settings.idempotency_key
    );
end
$$;

comment on function public.set_notification_settings(text, text[], text, text, text, text, uuid, text) is
'Replaces the caller''s settings of one channel. Arguments that are left out take their defaults.
The e-mail address is the claim email of the access token; it is used once the link sent to it has been opened. service_role and
operators cannot set it. Web push needs register_push_subscription.
channel: one of notification_channel.
kinds: the kinds of notifications to send, each one of notification_kind; null for all, empty for none.
language: one of text_language.
quiet_from: when the quiet hours begin, such as 22:00; null for no quiet hours. A cancelled session and the last reminder of a
session are sent even then.
quiet_until: when they end, such as 07:00.
time_zone: the time zone of the quiet hours, and of the times in texts, such as Europe/Berlin.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the settings as they now are.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.set_notification_settings(text, text[], text, text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.set_notification_settings(text, text[], text, text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
