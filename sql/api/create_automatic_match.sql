create or replace function public.create_automatic_match(
    max_radius_miles integer default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.automatic_match
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_automatic_match(
        create_automatic_match.max_radius_miles,
        create_automatic_match.user_id,
        create_automatic_match.idempotency_key
    );
end
$$;

comment on function public.create_automatic_match(integer, uuid, text) is
'Finds the nearest compatible buddy and creates a pending match, or returns the caller''s pending match.
Compatible: experience levels at most one apart, within both people''s distances, not matched with each other in the last 7
days, no accepted match between them that has not ended, no block between them; people whom others have found too often lately
are left out, see wingman.settings. Closest first; ties: longer waiting, then smaller id. A search ends an automatic pause; during
a pause that the caller chose it is refused.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the pending match; success is false, without a match, when nobody was found, which is not an error.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius,
account_suspended, matching_cooldown, matching_paused, unsupported_isolation, read_only_transaction, idempotency_key_reused,
idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.create_automatic_match(integer, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.create_automatic_match(integer, uuid, text) to authenticated, service_role, wingman_admin;
