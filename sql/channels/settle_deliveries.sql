create or replace function wingman.settle_deliveries(settlements jsonb)
returns setof wingman.settled_delivery
language plpgsql
volatile
security definer
rows 20
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set enable_seqscan = off
set jit = off
as $$
declare
    _given wingman.settlement[];
    _held wingman.settlement[];
    _retries interval[];
begin
    perform wingman.begin_operation('settle_deliveries');
    perform wingman.require_argument('settlements', settle_deliveries.settlements is not null);
    begin
        _given := array(select g from jsonb_populate_recordset(null::wingman.settlement, settle_deliveries.settlements) as g);
    exception
        when data_exception then
            _given := null;
    end;
    if _given is null or exists (
        select
        from unnest(_given) as g
        where g.id is null
            or g.token is null
            or coalesce(g.outcome not in ('sent', 'retry', 'failed', 'gone'), true)
            or not wingman.is_delivery_error(g.error)
            or g.retry_after_seconds < 0
            or g.retry_after_seconds = 'NaN'
    ) or cardinality(_given) <> (select count(distinct (g.id, g.token)) from unnest(_given) as g) then
        perform wingman.refuse_violation(
            row('settlements', 'must be a list of objects as wingman.settlement describes them')::wingman.violation
        );
    end if;

    select t.delivery_retries into strict _retries from wingman.settings as t;
    -- An erasure of the user is not waited for: it would wait for us in turn. Nor is anybody else below: until this is written down,
    -- all that was sent could be sent again.
    _held := array(
        select g
        from wingman.notification_deliveries as d
        inner join unnest(_given) as g on g.id = d.id and g.token = d.token
        where d.state = 'claimed'
        order by d.id
        for no key update of d skip locked
    );
    update wingman.webhooks as h
    set
        rests_until = case when not t.is_gone then statement_timestamp() + _retries[1] end,
        disabled_at = case when t.is_gone then statement_timestamp() end
    from (
        select o.id, f.is_gone
        from wingman.webhooks as o
        inner join (
            select d.target_id, bool_or(g.outcome = 'gone') as is_gone
            from wingman.notification_deliveries as d
            inner join unnest(_held) as g on g.id = d.id
            where d.channel = 'webhook'
            group by d.target_id
            -- one that takes others, and refuses one message, need not rest
            having bool_or(g.outcome = 'gone') or bool_and(g.outcome = 'retry')
        ) as f on f.target_id = o.id
        where o.disabled_at is null and (f.is_gone or coalesce(o.rests_until <= statement_timestamp(), true))
        for no key update of o skip locked
    ) as t
    where h.id = t.id;
    update wingman.email_addresses as a
    set confirmed_at = null
    where a.id = any(array(
        select o.id
        from wingman.email_addresses as o
        inner join wingman.notification_deliveries as d on d.target_id = o.id and d.channel = 'email'
        inner join unnest(_held) as g on g.id = d.id and g.outcome = 'gone'
        for no key update of o skip locked
    ));
    delete from wingman.push_subscriptions as s
    where s.id = any(array(
        select o.id
        from wingman.push_subscriptions as o
        inner join wingman.notification_deliveries as d on d.target_id = o.id and d.channel = 'web_push'
        inner join unnest(_held) as g on g.id = d.id and g.outcome = 'gone'
        for update of o skip locked
    ));

    return query
    update wingman.notification_deliveries as d
    set
        state = o.state,
        last_error = g.error,
        token = null,
        next_attempt_at = case o.state
            when 'waiting' then statement_timestamp() + greatest(
                -- up to a tenth more or less, so that what failed together does not come back together
                _retries[d.attempts] * (0.9 + 0.2 * random()),
                -- nobody can put a message off for more than a day
                case when g.retry_after_seconds is not null then least(g.retry_after_seconds, 86400) * interval '1 second' end
            )
        end,
        settled_at = case when o.state <> 'waiting' then statement_timestamp() end
    from unnest(_held) as g
    inner join wingman.notification_deliveries as c on c.id = g.id
    cross join lateral (
        select case g.outcome
            when 'sent' then 'sent'
            when 'gone' then 'dropped'
            when 'failed' then 'dead'
            else case when c.attempts <= cardinality(_retries) then 'waiting' else 'dead' end
        end
    ) as o (state)
    where d.id = g.id
    returning d.id, d.state;
    perform wingman.end_operation();
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('settle_deliveries');
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman.settle_deliveries(jsonb) is
'Settles messages that this worker has claimed. settlements: a list of wingman.settlement as JSON objects. Returns the messages
whose claim was still held; the others no longer belong to this worker and stay unchanged. A message to be tried again waits as
settings.delivery_retries says, or longer if the other side asked for it, but at most a day for that; after the last attempt it is
dead. gone drops the message and also removes the push subscription, disables the webhook, or marks the address as not confirmed.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.settle_deliveries(jsonb) from public, anon, authenticated, service_role;
grant execute on function wingman.settle_deliveries(jsonb) to wingman_worker;
