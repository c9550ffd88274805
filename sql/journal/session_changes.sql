create or replace function wingman.session_changes(events wingman.events[])
returns table (
    match_id uuid,
    held_at timestamptz,
    status text,
    is_reverted boolean,
    settled_at timestamptz,
    change integer
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    with told as (
        select
            e.kind,
            e.match_id,
            e.occurred_at,
            e.details,
            -- the time never changes after a session has ended, so the row, or once it is deleted what was kept of it, still
            -- says it
            coalesce(s.scheduled_time, (g.before ->> 'scheduled_time')::timestamptz) as scheduled_time,
            coalesce(s.status, g.before ->> 'status') as status,
            coalesce(s.completed_at, (g.before ->> 'completed_at')::timestamptz) as completed_at,
            -- for a session that was deleted afterwards
            case when e.kind = 'session_deleted' and e.details -> 'before' ->> 'status' = 'no_show' then (
                select n.occurred_at
                from wingman.events as n
                where n.match_id = e.match_id
                    and n.session_id = e.session_id
                    and (n.kind = 'session_no_show' or (n.kind = 'changed_by_hand' and n.details -> 'after' ->> 'status' = 'no_show'))
                order by n.id
                limit 1
            ) end as marked_at
        from unnest(session_changes.events) as e
        left join public.wingman_sessions as s
            on e.session_id = s.id
            and e.kind in ('session_completed', 'session_cancelled', 'session_no_show', 'session_reverted', 'changed_by_hand')
        left join lateral (
            select d.details -> 'before' as before
            from wingman.events as d
            where s.id is null
                and e.kind in ('session_completed', 'session_cancelled', 'session_no_show', 'session_reverted', 'changed_by_hand')
                and d.match_id = e.match_id
                and d.session_id = e.session_id
                and d.kind = 'session_deleted'
        ) as g on true
        where e.kind in (
            'session_scheduled',
            'session_moved',
            'session_completed',
            'session_cancelled',
            'session_no_show',
            'session_reverted',
            'session_deleted',
            'changed_by_hand'
        )
        and e.session_id is not null
    )

    select t.match_id, c.held_at, c.status, c.is_reverted, c.settled_at, c.change
    from told as t
    cross join lateral (
        select
            t.details -> 'before' as before,
            t.details -> 'after' as after
    ) as d
    cross join lateral (
        -- the state before, for every kind but the first
        select
            case t.kind
                when 'session_moved' then (t.details ->> 'scheduled_time_before')::timestamptz
                when 'changed_by_hand' then (d.before ->> 'scheduled_time')::timestamptz
                when 'session_deleted' then (d.before ->> 'scheduled_time')::timestamptz
                else t.scheduled_time
            end as held_at,
            case
                when t.kind in ('changed_by_hand', 'session_deleted') then d.before ->> 'status'
                when t.kind = 'session_reverted' then t.status
                -- a no-show may have been cancelled first
                when t.kind = 'session_no_show' then coalesce(t.details ->> 'status_before', 'scheduled')
                else 'scheduled'
            end as status,
            d.before ->> 'reverted_at' is not null as is_reverted,
            case when t.kind = 'session_deleted' then
                case d.before ->> 'status' when 'completed' then (d.before ->> 'completed_at')::timestamptz when 'no_show' then t.marked_at end
            end as settled_at,
            -1 as change
        where t.kind <> 'session_scheduled'
        union all
        -- the state afterwards, for every kind but the last
        select
            case
                when t.kind in ('session_scheduled', 'session_moved') then (t.details ->> 'scheduled_time')::timestamptz
                when t.kind = 'changed_by_hand' then (d.after ->> 'scheduled_time')::timestamptz
                else t.scheduled_time
            end,
            case
                when t.kind = 'changed_by_hand' then d.after ->> 'status'
                when t.kind = 'session_reverted' then t.status
                when t.kind in ('session_completed', 'session_cancelled', 'session_no_show') then substr(t.kind, 9)
                else 'scheduled'
            end,
            t.kind = 'session_reverted' or d.after ->> 'reverted_at' is not null,
            case
                when t.kind = 'session_completed' then t.completed_at
                when t.kind = 'session_no_show' then t.occurred_at
                when t.kind = 'changed_by_hand' and d.before ->> 'status' <> d.after ->> 'status' then
                    case d.after ->> 'status' when 'completed' then t.completed_at when 'no_show' then t.occurred_at end
            end,
            1
        where t.kind <> 'session_deleted'
    ) as c;
end
$$;

comment on function wingman.session_changes(wingman.events[]) is
'What events change about sessions: for each event, minus the state before and plus the state after; the order of events does not
matter for the sums. match_id: the session''s match; held_at, status, is_reverted: its time, status, and whether that was taken
back;
settled_at: for an event that completes a session, marks a no-show or deletes such a session, when it was settled; else null';
revoke all on function wingman.session_changes(wingman.events[]) from public, anon, authenticated, service_role;
