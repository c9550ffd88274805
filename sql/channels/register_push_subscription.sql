create or replace function wingman.register_push_subscription(
    endpoint text,
    p256dh text,
    auth text,
    user_id uuid,
    idempotency_key text
)
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
    _most integer := 10;
begin
    _call := wingman.begin_call(
        'register_push_subscription',
        register_push_subscription.user_id,
        register_push_subscription.idempotency_key,
        row(register_push_subscription.endpoint, register_push_subscription.p256dh, register_push_subscription.auth)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('endpoint', register_push_subscription.endpoint is not null);
    perform wingman.require_argument('p256dh', register_push_subscription.p256dh is not null);
    perform wingman.require_argument('auth', register_push_subscription.auth is not null);
    perform wingman.refuse_violation(wingman.push_subscription_violation(
        register_push_subscription.endpoint, register_push_subscription.p256dh, register_push_subscription.auth
    ));

    -- one change of a user's channels at a time, so that there are never more than 10
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    insert into wingman.push_subscriptions as s (user_id, endpoint, p256dh, auth)
    values (_me, register_push_subscription.endpoint, register_push_subscription.p256dh, register_push_subscription.auth)
    on conflict on constraint push_subscriptions_endpoint_key do update
    set
        -- what is still to be sent to the one who had it before has the old id, and is dropped
        id = case when s.user_id = excluded.user_id then s.id else excluded.id end,
        user_id = excluded.user_id,
        p256dh = excluded.p256dh,
        auth = excluded.auth,
        created_at = excluded.created_at;
    delete from wingman.push_subscriptions as s
    where s.user_id = _me
        and s.id <> all(array(
            select o.id
            from wingman.push_subscriptions as o
            where o.user_id = _me
            -- also if the clock has gone back since the others
            order by o.endpoint = register_push_subscription.endpoint desc, o.created_at desc, o.id desc
            limit _most
        ));
    return wingman.end_call(_call, row(true, 'This browser will receive push messages.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('register_push_subscription', coalesce(_call.user_id, register_push_subscription.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.register_push_subscription(text, text, text, uuid, text) is
'Engine of public.register_push_subscription';
revoke all on function wingman.register_push_subscription(text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.register_push_subscription(text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;
