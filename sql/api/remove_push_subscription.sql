create or replace function public.remove_push_subscription(
    endpoint text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.remove_push_subscription(
        remove_push_subscription.endpoint, remove_push_subscription.user_id, remove_push_subscription.idempotency_key
    );
end
$$;

comment on function public.remove_push_subscription(text, uuid, text) is
'Stops push messages to a browser. If it is not registered for the caller, nothing happens.
endpoint: the endpoint of the browser''s PushSubscription.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: an acknowledgement.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.remove_push_subscription(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.remove_push_subscription(text, uuid, text) to authenticated, service_role, wingman_admin;
