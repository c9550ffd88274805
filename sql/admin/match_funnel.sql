create or replace view wingman_admin.match_funnel as
select
    c.offered_on,
    c.offered,
    c.accepted,
    c.scheduled,
    c.completed
from wingman.match_counts() as c;

comment on view wingman_admin.match_funnel is
'The outcomes of the matches offered on each day, over all time. Reads what the reader statistics has counted and the events that
it has not read yet, never the whole history';
comment on column wingman_admin.match_funnel.offered_on is 'The day, in UTC, of the offer';
comment on column wingman_admin.match_funnel.offered is 'Matches made';
comment on column wingman_admin.match_funnel.accepted is 'Of these, accepted by now, ended ones included';
comment on column wingman_admin.match_funnel.scheduled is 'Of these, with a session, whatever its outcome';
comment on column wingman_admin.match_funnel.completed is
'Of these, with a session that both people confirmed and that was not reverted';

revoke all on table wingman_admin.match_funnel from public, anon, authenticated, service_role;
grant select on table wingman_admin.match_funnel to wingman_admin, service_role;
