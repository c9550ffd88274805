create or replace function public.respond_to_match(
    match_id uuid,
    action text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.match_response
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.respond_to_match(
        respond_to_match.match_id,
        respond_to_match.action,
        respond_to_match.user_id,
        respond_to_match.idempotency_key
    );
end
$$;

comment on function public.respond_to_match(uuid, text, uuid, text) is
'Accepts or declines a pending match; one answer by either person decides.
A match with needs_both takes an accept of each: the first one leaves it pending, and until the second either of the two can still decline.
A decline also looks for the caller''s next match, in the same transaction. Repeating the answer changes nothing and returns the
current state.
match_id: a match of the caller.
action: one of match_answer: accept, decline.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the status of the match and, after a decline, the caller''s next match or null.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_action,
match_not_found, not_match_participant, account_suspended, match_expired, match_already_resolved, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
