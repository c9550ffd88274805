-- psql -v pairs=N: the history of neighbours. The first N pairs have met: their accepted matches are there for
-- sessions. From pair 2 N on, N / 2 pairs have pending matches that nobody answers, so that the planner knows of such.
-- The pairs in between are free, for matches to be answered.
insert into public.wingman_matches (
    id, user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level, distance_miles, expires_at
)
select md5('accepted ' || k)::uuid, least(p.a, p.b), greatest(p.a, p.b), 0, 0, 1, 1, 1, now() + interval '48 hours'
from generate_series(0, :pairs - 1) as k
cross join lateral (select md5('person ' || 2 * k)::uuid as a, md5('person ' || 2 * k + 1)::uuid as b) as p
order by 1;

update public.wingman_matches
set status = 'accepted', responded_by = user1_id, responded_at = now()
where status = 'pending';

insert into public.wingman_matches (
    user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level, distance_miles, expires_at
)
select least(p.a, p.b), greatest(p.a, p.b), 0, 0, 1, 1, 1, now() + interval '10 years'
from generate_series(2 * :pairs, 2 * :pairs + :pairs / 2 - 1) as k
cross join lateral (select md5('person ' || 2 * k)::uuid as a, md5('person ' || 2 * k + 1)::uuid as b) as p;

insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
select m.id, 'Café Central', now() - interval '1 day'
from public.wingman_matches as m
where m.status = 'accepted';

update public.wingman_sessions set status = 'cancelled' where status = 'scheduled';
