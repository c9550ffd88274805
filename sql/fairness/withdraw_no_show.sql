create or replace function wingman.withdraw_no_show(
    session_id uuid,
    user_id uuid,
    idempotency_key text
)
returns public.no_show_report
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
        'withdraw_no_show',
        withdraw_no_show.user_id,
        withdraw_no_show.idempotency_key,
        row(withdraw_no_show.session_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.no_show_report, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', withdraw_no_show.session_id is not null);

    return wingman.end_call(_call, wingman.take_back_no_show_report(withdraw_no_show.session_id, _call.user_id));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('withdraw_no_show', coalesce(_call.user_id, withdraw_no_show.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.withdraw_no_show(uuid, uuid, text) is
'Engine of public.withdraw_no_show';
revoke all on function wingman.withdraw_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.withdraw_no_show(uuid, uuid, text) to authenticated, service_role, wingman_admin;
