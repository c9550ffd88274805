create or replace function wingman.match_counts()
returns table (offered_on date, offered bigint, accepted bigint, ended bigint, scheduled bigint, completed bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        c.offered_on,
        sum(c.offered)::bigint,
        sum(c.accepted)::bigint,
        sum(c.ended)::bigint,
        sum(c.scheduled)::bigint,
        sum(c.completed)::bigint
    from (
        select k.*
        from wingman.match_statistics as k
        union all
        select u.*
        from wingman.match_changes(array(
            select p
            from wingman.match_progress_after(array(select e from wingman.unread_events('statistics') as e)) as p
        )) as u
    ) as c
    group by c.offered_on
    having sum(c.offered) > 0;
end
$$;

comment on function wingman.match_counts() is
'The outcomes of the matches offered on each day, in UTC: what the reader statistics has counted, and what it has not read yet';
revoke all on function wingman.match_counts() from public, anon, authenticated, service_role;
grant execute on function wingman.match_counts() to service_role, wingman_admin;
