create or replace function wingman.erase_my_account(confirmation text, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'erase_my_account',
        erase_my_account.user_id,
        erase_my_account.idempotency_key,
        row(erase_my_account.confirmation)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    -- a user without a profile has nothing that could be erased, and is told so: the answer to an earlier call may be lost
    perform wingman.require_profile(_call.user_id, or_null => true);
    perform wingman.require_argument('confirmation', erase_my_account.confirmation is not null);
    if erase_my_account.confirmation <> 'erase' then
        perform wingman.refuse_violation(row('confirmation', 'must be erase')::wingman.violation);
    end if;

    if not wingman.erase_person(_call.user_id) then
        -- the commit then waits for a synchronous standby, to which the erasure may not have come yet
        perform pg_logical_emit_message(true, 'wingman', '');
    end if;
    -- the key of this very call is kept, after all others have gone: the answer says nothing about anybody
    return wingman.end_call(_call, row(true, 'Your data has been erased.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('erase_my_account', coalesce(_call.user_id, erase_my_account.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.erase_my_account(text, uuid, text) is 'Engine of public.erase_my_account';
revoke all on function wingman.erase_my_account(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.erase_my_account(text, uuid, text) to authenticated, service_role, wingman_admin;
