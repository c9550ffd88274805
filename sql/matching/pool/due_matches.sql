create or replace view wingman.due_matches as
select
    d.pending_match_id as match_id,
    d.user_id as user1_id,
    d.pending_buddy_id as user2_id,
    d.pending_until as due_at
from wingman.matchmaking_pool as d
-- one of the two people is enough; matchmaking_pool_due_idx holds only these rows
where d.user_id < d.pending_buddy_id and d.pending_until <= statement_timestamp();

comment on view wingman.due_matches is
'Pending matches that have lapsed and that nobody has settled yet; searches, declines and maintenance settle them';
comment on column wingman.due_matches.match_id is 'The match';
comment on column wingman.due_matches.user1_id is 'The person with the smaller id';
comment on column wingman.due_matches.user2_id is 'The other one';
comment on column wingman.due_matches.due_at is 'When it lapsed';

revoke all on table wingman.due_matches from public, anon, authenticated, service_role;
