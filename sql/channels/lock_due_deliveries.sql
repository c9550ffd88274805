create or replace function wingman.lock_due_deliveries(channel text, max_rows integer)
returns setof uuid
language plpgsql
volatile
rows 20
set search_path = pg_catalog, pg_temp
-- in the order of an index, however few there were when it was planned: all that are due would be read and sorted each time
set enable_bitmapscan = off
set enable_sort = off
set enable_seqscan = off
set jit = off
as $$
declare
    -- of the 128 attempts that a worker makes at once, unless told otherwise
    _at_once integer := 128 / wingman.most_webhooks();
begin
    if lock_due_deliveries.channel <> 'webhook' then
        return query
        select d.id
        from wingman.notification_deliveries as d
        where d.channel = lock_due_deliveries.channel and d.state = 'due'
        -- see the indexes of the table
        order by d.id nulls first
        limit lock_due_deliveries.max_rows
        for no key update skip locked;
        return;
    end if;

    return query
    select o.id
    from wingman.webhooks as h
    cross join lateral (
        select d.id
        from wingman.notification_deliveries as d
        where d.target_id = h.id and d.channel = 'webhook' and d.state = 'due'
        order by d.id nulls first
        -- no more than can be wanted: what is locked here and not claimed then, another worker would skip
        limit least(lock_due_deliveries.max_rows, greatest(
            _at_once - (
                select count(*)
                from wingman.notification_deliveries as c
                where c.channel = 'webhook' and c.state = 'claimed' and c.target_id = h.id
            ),
            0
        ))
        for no key update skip locked
    ) as o
    where coalesce(h.rests_until <= statement_timestamp(), true)
    order by o.id
    limit lock_due_deliveries.max_rows;
end
$$;

comment on function wingman.lock_due_deliveries(text, integer) is
'Locks messages of a channel that are due, at most max_rows, in order of id, and skips those that others hold. A webhook gets no
more at once than its share of one worker, and none while it rests after failures, so that one that hangs does not delay the others';
revoke all on function wingman.lock_due_deliveries(text, integer) from public, anon, authenticated, service_role;
