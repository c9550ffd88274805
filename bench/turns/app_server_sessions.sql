-- Like sessions.sql, in the application server's tables.
update app_server.sessions set status = 'cancelled' where status = 'scheduled';

insert into app_server.sessions (id, match_id, scheduled_time, confirmed_by_user1, confirmed_by_user2)
select
    md5('session ' || :turn || ' ' || n)::uuid,
    m.id,
    now() - interval '1 hour',
    n % 2 = 1 and m.user1_id = md5('person ' || 2 * n)::uuid,
    n % 2 = 1 and m.user2_id = md5('person ' || 2 * n)::uuid
from generate_series(0, :calls - 1) as n
join app_server.matches as m on m.id = md5('accepted ' || n)::uuid
order by 1;
