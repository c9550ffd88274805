create or replace function wingman.remove_push_subscription(endpoint text, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
begin
    _call := wingman.begin_call(
        'remove_push_subscription',
        remove_push_subscription.user_id,
        remove_push_subscription.idempotency_key,
        row(remove_push_subscription.endpoint)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('endpoint', remove_push_subscription.endpoint is not null);

    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    delete from wingman.push_subscriptions as s where s.user_id = _me and s.endpoint = remove_push_subscription.endpoint;
    return wingman.end_call(_call, row(true, 'This browser will receive no push messages.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('remove_push_subscription', coalesce(_call.user_id, remove_push_subscription.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.remove_push_subscription(text, uuid, text) is 'Engine of public.remove_push_subscription';
revoke all on function wingman.remove_push_subscription(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.remove_push_subscription(text, uuid, text) to authenticated, service_role, wingman_admin;
