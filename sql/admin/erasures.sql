create or replace view wingman_admin.erasures as
select
    g.user_id,
    g.created_at as erased_at,
    p.id is not null as has_returned
from wingman.reputation_events as g
left join public.user_profiles as p on g.user_id = p.id
where g.kind = 'departed';

comment on view wingman_admin.erasures is
'Whose data was erased, and when: by the user, an operator, or with the account. Keep a copy outside the database: an older
backup that is restored does not know of them. Reads the whole ledger';
comment on column wingman_admin.erasures.user_id is 'The user';
comment on column wingman_admin.erasures.erased_at is 'When';
comment on column wingman_admin.erasures.has_returned is 'Whether the same user has a profile again';

revoke all on table wingman_admin.erasures from public, anon, authenticated, service_role;
grant select on table wingman_admin.erasures to wingman_admin, service_role;
