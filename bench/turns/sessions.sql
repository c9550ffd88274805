-- psql -v turn=N -v calls=N: makes a session for each call. Every second one has its first confirmation, so that
-- half of the calls are first confirmations and half complete a session.
update public.wingman_sessions set status = 'cancelled' where status = 'scheduled';

insert into public.wingman_sessions (id, match_id, venue_name, scheduled_time)
select
    md5('session ' || :turn || ' ' || n)::uuid, md5('accepted ' || n)::uuid, 'Café Central', now() - interval '1 hour'
from generate_series(0, :calls - 1) as n
order by 1;

update public.wingman_sessions as s
set
    user1_completed_confirmed_by_user2 = m.user2_id = md5('person ' || 2 * n)::uuid,
    user2_completed_confirmed_by_user1 = m.user1_id = md5('person ' || 2 * n)::uuid
from generate_series(1, :calls - 1, 2) as n
join public.wingman_matches as m on m.id = md5('accepted ' || n)::uuid
where s.id = md5('session ' || :turn || ' ' || n)::uuid;
