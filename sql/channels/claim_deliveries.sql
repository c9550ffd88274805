create or replace function wingman.claim_deliveries(channel text, max_rows integer)
returns setof wingman.delivery
language plpgsql
volatile
security definer
rows 20
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
-- in the order of an index, however few there were when it was planned: all that are due would be read and sorted each time
set enable_bitmapscan = off
set enable_sort = off
set enable_seqscan = off
set jit = off
as $$
declare
    _ids uuid[];
    _lease interval;
    _retries integer;
    _count integer;
    _claimed integer := 0;
    _looked_at integer := 0;
    _most integer := 1000;
begin
    perform wingman.begin_operation('claim_deliveries');
    perform wingman.require_argument('channel', claim_deliveries.channel is not null);
    perform wingman.require_argument('max_rows', claim_deliveries.max_rows is not null);
    if claim_deliveries.channel <> all(wingman.channels()) then
        perform wingman.refuse_violation(
            row('channel', 'must be ' || wingman.alternatives(wingman.channels()))::wingman.violation
        );
    elsif claim_deliveries.max_rows not between 1 and 1000 then
        perform wingman.refuse_violation(row('max_rows', 'must be 1 to 1000')::wingman.violation);
    end if;

    select 2 * t.delivery_time_limit, cardinality(t.delivery_retries)
    into strict _lease, _retries
    from wingman.settings as t;
    -- what waited long enough, and what a worker has not settled in time
    update wingman.notification_deliveries as d
    set
        state = case when d.attempts <= _retries then 'due' else 'dead' end,
        settled_at = case when d.attempts > _retries then statement_timestamp() end,
        last_error = case d.state when 'claimed' then 'worker_lost' else d.last_error end,
        next_attempt_at = null,
        token = null
    where d.ctid = any(array(
        select o.ctid
        from wingman.notification_deliveries as o
        where o.channel = claim_deliveries.channel
            and o.state in ('waiting', 'claimed')
            and o.next_attempt_at <= statement_timestamp()
        order by o.next_attempt_at
        limit 1000
        for update skip locked
    ));
    -- on to the next ones where some were dropped or put off: many of those must not hold up the others
    loop
        _ids := array(
            select d.id from wingman.lock_due_deliveries(claim_deliveries.channel, claim_deliveries.max_rows - _claimed) as d (id)
        );
        exit when cardinality(_ids) = 0;
        -- one statement, so that what is claimed goes to the target that was looked at
        return query
        -- materialized, or each of the functions would be called wherever its result is used
        with looked_at as materialized (
            select
                c.id,
                wingman.delivery_obstacle(c) as obstacle,
                wingman.quiet_until(c) as quiet_until
            from wingman.notification_deliveries as c
            where c.id = any(_ids)
        ),

        settled as (
            update wingman.notification_deliveries as d
            set
                state = case
                    when o.obstacle is not null then 'dropped'
                    when o.quiet_until is not null then 'waiting'
                    else 'claimed'
                end,
                last_error = coalesce(o.obstacle, d.last_error),
                settled_at = case when o.obstacle is not null then statement_timestamp() end,
                next_attempt_at = case when o.obstacle is null then coalesce(o.quiet_until, statement_timestamp() + _lease) end,
                attempts = case when o.obstacle is null and o.quiet_until is null then d.attempts + 1 else d.attempts end,
                token = case when o.obstacle is null and o.quiet_until is null then gen_random_uuid() end
            from looked_at as o
            where d.id = o.id
            returning d as delivery
        )

        select r.*
        from settled as s
        cross join lateral wingman.delivery_of(s.delivery) as r
        where (s.delivery).state = 'claimed'
        order by r.id;
        get diagnostics _count = row_count;
        _claimed := _claimed + _count;
        _looked_at := _looked_at + cardinality(_ids);
        exit when _count = cardinality(_ids) or _looked_at >= _most;
    end loop;
    perform wingman.end_operation();
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('claim_deliveries');
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman.claim_deliveries(text, integer) is
'Claims messages of a channel that are due, in order of id, for a worker to send: at most max_rows, 1 to 1000. Checks each message
again: it is dropped if wingman.delivery_obstacle finds a reason, and put off during the user''s quiet hours. Skips messages that
other workers hold. A claim that is not settled within twice settings.delivery_time_limit lapses, and the message is due again.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.claim_deliveries(text, integer) from public, anon, authenticated, service_role;
grant execute on function wingman.claim_deliveries(text, integer) to wingman_worker;
