create or replace function wingman.reputation_counts()
returns table (score integer, people bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.score, sum(c.people)::bigint
    from (
        select k.score, k.people
        from wingman.reputation_statistics as k
        union all
        select wingman.reputation_score(0, 0), count(*)
        from wingman.unread_events('statistics') as e
        where e.kind = 'profile_created'
        union all
        select u.score, u.people
        from wingman.reputation_changes(array(select e from wingman.unread_reputation_events('reputations') as e)) as u
    ) as c
    group by c.score
    having sum(c.people) <> 0;
end
$$;

comment on function wingman.reputation_counts() is
'How many people have each reputation, according to the ledger: what the readers statistics and reputations have counted, and what
they have not read yet';
revoke all on function wingman.reputation_counts() from public, anon, authenticated, service_role;
grant execute on function wingman.reputation_counts() to service_role, wingman_admin;
