create or replace function public.resume_matching(user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.resume_matching(resume_matching.user_id, resume_matching.idempotency_key);
end
$$;

comment on function public.resume_matching(uuid, text) is
'Ends the caller''s pause, chosen or automatic.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.resume_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.resume_matching(uuid, text) to authenticated, service_role, wingman_admin;
