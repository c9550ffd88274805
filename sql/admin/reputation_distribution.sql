create or replace view wingman_admin.reputation_distribution as
select
    p.reputation_score as score,
    count(*) as people
from public.user_profiles as p
group by p.reputation_score;

comment on view wingman_admin.reputation_distribution is
'How many people have each reputation. Reads every profile once, and no history: as long as there are people';
comment on column wingman_admin.reputation_distribution.score is 'Reputation, -5 to 20';
comment on column wingman_admin.reputation_distribution.people is 'How many have it';

revoke all on table wingman_admin.reputation_distribution from public, anon, authenticated, service_role;
grant select on table wingman_admin.reputation_distribution to wingman_admin, service_role;
