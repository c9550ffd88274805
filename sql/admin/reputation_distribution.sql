create or replace view wingman_admin.reputation_distribution as
select
    c.score,
    c.people
from wingman.reputation_counts() as c;

comment on view wingman_admin.reputation_distribution is
'How many people have each reputation, according to the ledger. Reads what the readers statistics and reputations have counted
and what they have not read yet, neither the whole history nor the profiles';
comment on column wingman_admin.reputation_distribution.score is 'Reputation, -5 to 20';
comment on column wingman_admin.reputation_distribution.people is 'How many have it';

revoke all on table wingman_admin.reputation_distribution from public, anon, authenticated, service_role;
grant select on table wingman_admin.reputation_distribution to wingman_admin, service_role;
