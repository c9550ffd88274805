create or replace function public.withdraw_no_show(
    session_id uuid,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.withdraw_no_show(
        withdraw_no_show.session_id,
        withdraw_no_show.user_id,
        withdraw_no_show.idempotency_key
    );
end
$$;

comment on function public.withdraw_no_show(uuid, uuid, text) is
'Takes back the caller''s report of a no-show, as long as it is undecided.
Confirming the session, or cancelling it oneself, does so as well. A session can be reported only once. Withdrawing again changes nothing.
session_id: the session.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the report.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, no_show_not_found, no_show_already_decided, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.withdraw_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.withdraw_no_show(uuid, uuid, text) to authenticated, service_role, wingman_admin;
