create or replace function public.report_user(
    subject_id uuid,
    reason text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.report_user(
        report_user.subject_id,
        report_user.reason,
        report_user.user_id,
        report_user.idempotency_key
    );
end
$$;

comment on function public.report_user(uuid, text, uuid, text) is
'Reports another user to the operators. A report does not block; use block_user for that.
subject_id: the user to report.
reason: what happened, 1 to 2000 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
