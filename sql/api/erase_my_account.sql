create or replace function public.erase_my_account(
    confirmation text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.erase_my_account(
        erase_my_account.confirmation,
        erase_my_account.user_id,
        erase_my_account.idempotency_key
    );
end
$$;

comment on function public.erase_my_account(text, uuid, text) is
'Erases everything that WingmanMatch holds about the caller, at once and for good, except for what docs/privacy.md lists.
Profile, place, texts, settings and kept answers go. A pending match is declined, accepted ones end, and their sessions are
cancelled. The account of the sign-in service stays; deleting that erases the same. Erasing again does nothing.
confirmation: the word erase, so that nobody calls this by mistake.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.erase_my_account(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.erase_my_account(text, uuid, text) to authenticated, service_role, wingman_admin;
