-- Like sessions.sql, in the seed's tables.
insert into seed_design.wingman_sessions (
    id, match_id, venue_name, scheduled_time, user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1
)
select
    md5('session ' || :turn || ' ' || n)::uuid,
    m.id,
    'Café Central',
    now() - interval '1 hour',
    n % 2 = 1 and m.user2_id = md5('person ' || 2 * n)::uuid,
    n % 2 = 1 and m.user1_id = md5('person ' || 2 * n)::uuid
from generate_series(0, :calls - 1) as n
join seed_design.wingman_matches as m on m.id = md5('accepted ' || n)::uuid
order by 1;
