create or replace function wingman.delivery_backlogs()
returns table (channel text, state text, messages bigint, oldest_at timestamptz, due_since timestamptz)
language plpgsql
stable
security definer
rows 16
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select c.channel, s.state, count(d.seen_state), min(d.created_at), min(d.due_since)
    from unnest(wingman.channels()) as c (channel)
    cross join unnest(array['due', 'waiting', 'claimed', 'dead']) as s (state)
    left join (
        select
            o.channel,
            n.seen_state,
            o.created_at,
            case
                when n.seen_state <> 'due' then null
                when o.next_attempt_at is not null then o.next_attempt_at
                -- of one that has waited, the claim that found it due has cleared since when
                when o.attempts = 0 and o.last_error is null then o.created_at
            end as due_since
        from (
            -- one for each index: what is settled is not read
            select a.* from wingman.notification_deliveries as a where a.state = 'due'
            union all
            select a.* from wingman.notification_deliveries as a where a.state in ('waiting', 'claimed')
            union all
            select a.* from wingman.notification_deliveries as a where a.state = 'dead'
        ) as o
        cross join lateral (select wingman.delivery_state(o.state, o.next_attempt_at)) as n (seen_state)
    ) as d on d.channel = c.channel and d.seen_state = s.state
    group by c.channel, s.state;
end
$$;

comment on function wingman.delivery_backlogs() is
'The number of messages by channel and state, except sent and dropped ones, counted one by one for wingman_admin.delivery_backlog
and wingman_admin.metrics. oldest_at: when the oldest of them was written; due_since: since when one has been due, not counting
those that were waiting and that a worker has seen since';
revoke all on function wingman.delivery_backlogs() from public, anon, authenticated, service_role;
grant execute on function wingman.delivery_backlogs() to service_role, wingman_admin;
