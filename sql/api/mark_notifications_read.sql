create or replace function public.mark_notifications_read(
    up_to uuid,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.notification_count
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.mark_notifications_read(
        mark_notifications_read.up_to,
        mark_notifications_read.user_id,
        mark_notifications_read.idempotency_key
    );
end
$$;

comment on function public.mark_notifications_read(uuid, uuid, text) is
'Marks the caller''s notifications as read, from the oldest up to a given one. Those already marked stay as they are.
up_to: the newest id that the caller has seen; it need not exist any more.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: how many are unread now.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.mark_notifications_read(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.mark_notifications_read(uuid, uuid, text) to authenticated, service_role, wingman_admin;
