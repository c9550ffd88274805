create or replace function wingman.create_match(user_id uuid, buddy_id uuid, miles double precision)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
begin
    insert into public.wingman_matches as m (
        user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, expires_at
    )
    select
        p1.id,
        p2.id,
        p1.reputation_score,
        p2.reputation_score,
        wingman.shown_miles(create_match.miles),
        statement_timestamp() + t.match_lifetime
    from public.user_profiles as p1
    cross join public.user_profiles as p2
    cross join wingman.settings as t
    where p1.id = least(create_match.user_id, create_match.buddy_id)
        and p2.id = greatest(create_match.user_id, create_match.buddy_id)
    returning m.id into _match_id;

    return _match_id;
end
$$;

comment on function wingman.create_match(uuid, uuid, double precision) is
'Writes a pending match between two people whose seekers the caller has locked';
revoke all on function wingman.create_match(uuid, uuid, double precision) from public, anon, authenticated, service_role;
