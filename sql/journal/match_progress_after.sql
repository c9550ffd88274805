create or replace function wingman.match_progress_after(events wingman.events[])
returns setof wingman.match_progress
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
    with changes as (
        select
            e.match_id,
            case e.kind when 'match_offered' then 1 when 'match_deleted' then -1 else 0 end as offered,
            (e.kind = 'match_accepted' or coalesce(e.details -> 'after' ->> 'status' = 'accepted', false))::integer
            - coalesce(e.details -> 'before' ->> 'status' = 'accepted', false)::integer as accepted,
            (e.kind = 'match_ended' or e.details -> 'after' ->> 'ended_at' is not null)::integer
            - (e.details -> 'before' ->> 'ended_at' is not null)::integer as ended,
            0 as sessions,
            0 as completed
        from unnest(match_progress_after.events) as e
        where e.match_id is not null and e.session_id is null
        union all
        select
            c.match_id,
            0 as offered,
            0 as accepted,
            0 as ended,
            c.change as sessions,
            case when c.status = 'completed' and not c.is_reverted then c.change else 0 end as completed
        from wingman.session_changes(match_progress_after.events) as c
    ),

    sums as (
        select
            c.match_id,
            sum(c.offered)::integer as offered,
            sum(c.accepted)::integer as accepted,
            sum(c.ended)::integer as ended,
            sum(c.sessions)::integer as sessions,
            sum(c.completed)::integer as completed
        from changes as c
        group by c.match_id
    )

    select
        c.match_id,
        -- the only value that is as of now and not as of the last event: it only says on which day the match is counted,
        -- and any change to it is an event of this match, with which the match is counted again
        (m.created_at at time zone 'UTC')::date,
        coalesce(p.offered, 0) + c.offered,
        coalesce(p.accepted, 0) + c.accepted,
        coalesce(p.ended, 0) + c.ended,
        coalesce(p.sessions, 0) + c.sessions,
        coalesce(p.completed, 0) + c.completed
    from sums as c
    left join wingman.match_progress as p on c.match_id = p.match_id
    left join public.wingman_matches as m on c.match_id = m.id;
end
$$;

comment on function wingman.match_progress_after(wingman.events[]) is
'The rows that wingman.match_progress would have, for the matches of these events, once the reader statistics has counted them';
revoke all on function wingman.match_progress_after(wingman.events[]) from public, anon, authenticated, service_role;
