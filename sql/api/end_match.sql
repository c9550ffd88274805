create or replace function public.end_match(match_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.match_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.end_match(end_match.match_id, end_match.user_id, end_match.idempotency_key);
end
$$;

comment on function public.end_match(uuid, uuid, text) is
'Ends an accepted match and cancels its active session.
Ending it again changes nothing. The two can be matched again 7 days after they were matched.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the match.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant, match_not_accepted, unsupported_isolation, read_only_transaction, idempotency_key_reused,
idempotency_key_invalid, busy.';
revoke all on function public.end_match(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.end_match(uuid, uuid, text) to authenticated, service_role, wingman_admin;
