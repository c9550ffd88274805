create or replace function wingman.match_changes(after wingman.match_progress[])
returns table (offered_on date, offered bigint, accepted bigint, ended bigint, scheduled bigint, completed bigint)
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
    select
        c.offered_on,
        sum(c.change * c.offered),
        sum(c.change * c.accepted),
        sum(c.change * c.ended),
        sum(c.change * (c.sessions > 0)::integer),
        sum(c.change * (c.completed > 0)::integer)
    from (
        select 1 as change, a.*
        from unnest(match_changes.after) as a
        union all
        select -1 as change, p.*
        from unnest(match_changes.after) as a
        inner join wingman.match_progress as p on a.match_id = p.match_id
    ) as c
    where c.offered_on is not null
    group by c.offered_on;
end
$$;

comment on function wingman.match_changes(wingman.match_progress[]) is
'What wingman.match_statistics gains and loses when rows of wingman.match_progress become these';
revoke all on function wingman.match_changes(wingman.match_progress[]) from public, anon, authenticated, service_role;
