create or replace function wingman.partners_of(user_id uuid)
returns setof uuid
language plpgsql
stable
rows 5
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select b.id
    from public.wingman_matches as m
    cross join lateral (
        select case when m.user1_id = partners_of.user_id then m.user2_id else m.user1_id end
    ) as b (id)
    cross join lateral wingman.pair_obstacle(partners_of.user_id, b.id, null) as o
    where (m.user1_id = partners_of.user_id or m.user2_id = partners_of.user_id)
        and wingman.is_current_match(m.status, m.expires_at, m.ended_at, statement_timestamp())
        and o.obstacle is distinct from 'blocked';
end
$$;

comment on function wingman.partners_of(uuid) is
'Current partners of a user: the people of their current matches, see wingman.is_current_match, with no block
between them';
revoke all on function wingman.partners_of(uuid) from public, anon, authenticated, service_role;
