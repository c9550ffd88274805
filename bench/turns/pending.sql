-- psql -v turn=N -v calls=N -v pairs=N: makes a pending match between neighbours for each call, to be answered once.
insert into public.wingman_matches (
    id, user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level, distance_miles, expires_at
)
select
    md5('pending ' || :turn || ' ' || k)::uuid, least(p.a, p.b), greatest(p.a, p.b), 0, 0, 1, 1, 1, now() + interval '48 hours'
from generate_series(:pairs, :pairs + :calls - 1) as k
cross join lateral (select md5('person ' || 2 * k)::uuid as a, md5('person ' || 2 * k + 1)::uuid as b) as p
order by 1;
