create or replace function public.register_push_subscription(
    endpoint text,
    p256dh text,
    auth text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.register_push_subscription(
        register_push_subscription.endpoint,
        register_push_subscription.p256dh,
        register_push_subscription.auth,
        register_push_subscription.user_id,
        register_push_subscription.idempotency_key
    );
end
$$;

comment on function public.register_push_subscription(text, text, text, uuid, text) is
'Lets a browser receive the caller''s notifications as push messages. The arguments are those of the browser''s PushSubscription.
An endpoint belongs to the user who registered it last. A user has at most 10; beyond that, the oldest are removed.
endpoint: its endpoint, an https address, at most 1000 characters, of a push service that operators allow.
p256dh: its key p256dh, in base64url.
auth: its key auth, in base64url.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: an acknowledgement.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.register_push_subscription(text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.register_push_subscription(text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
