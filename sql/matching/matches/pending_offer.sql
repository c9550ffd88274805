create or replace function wingman.pending_offer(user_id uuid)
returns wingman.offer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _offer wingman.offer;
begin
    select
        m.id,
        p.id,
        row(
            p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score
        )::public.buddy_profile,
        m.distance_miles
    into _offer
    from wingman.matchmaking_pool as s
    inner join public.wingman_matches as m on m.id = s.pending_match_id
    inner join public.user_profiles as p on p.id = s.pending_buddy_id
    where s.user_id = pending_offer.user_id and s.pending_until > statement_timestamp();

    return _offer;
end
$$;

comment on function wingman.pending_offer(uuid) is
'The pending match of a user; nulls if there is none or it has lapsed. Exact while the caller holds the lock on the user''s row of
the pool: nobody else can then create or settle one.';
revoke all on function wingman.pending_offer(uuid) from public, anon, authenticated, service_role;
