create or replace view wingman_admin.suspensions as
select
    b.user_id,
    b.created_at,
    b.ends_at
from wingman.suspensions as b
where wingman.is_suspended(b.ends_at is null, b.ends_at)
order by b.created_at desc, b.user_id asc;

comment on view wingman_admin.suspensions is 'Who is suspended: wingman_admin.suspend_user and lift_suspension change it';
comment on column wingman_admin.suspensions.user_id is 'The user';
comment on column wingman_admin.suspensions.created_at is 'Since when';
comment on column wingman_admin.suspensions.ends_at is 'Until when; null for without end';

revoke all on table wingman_admin.suspensions from public, anon, authenticated, service_role;
grant select on table wingman_admin.suspensions to wingman_admin, service_role;
