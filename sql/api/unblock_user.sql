create or replace function public.unblock_user(subject_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.unblock_user(unblock_user.subject_id, unblock_user.user_id, unblock_user.idempotency_key);
end
$$;

comment on function public.unblock_user(uuid, uuid, text) is
'Removes the caller''s block of another user; what the block ended stays ended. Without a block nothing changes.
subject_id: the user to unblock, who may have left.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;
