create or replace function wingman.agree_to_session(
    session_id uuid,
    proposed_at timestamptz,
    user_id uuid,
    idempotency_key text
)
returns public.session_details
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
        'agree_to_session',
        agree_to_session.user_id,
        agree_to_session.idempotency_key,
        row(agree_to_session.session_id, agree_to_session.proposed_at at time zone 'UTC')
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', agree_to_session.session_id is not null);

    return wingman.end_call(
        _call, wingman.settle_agreement(agree_to_session.session_id, agree_to_session.proposed_at, _call.user_id)
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('agree_to_session', coalesce(_call.user_id, agree_to_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.agree_to_session(uuid, timestamptz, uuid, text) is
'Engine of public.agree_to_session';
revoke all on function wingman.agree_to_session(uuid, timestamptz, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.agree_to_session(uuid, timestamptz, uuid, text) to authenticated, service_role, wingman_admin;
