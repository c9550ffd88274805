-- derived: counted from the journal
create table wingman.match_statistics (
    offered_on date constraint match_statistics_pkey primary key,
    offered bigint not null,
    accepted bigint not null,
    ended bigint not null,
    scheduled bigint not null,
    completed bigint not null
);

comment on table wingman.match_statistics is
'The outcomes of the matches of each day, as far as the reader statistics has read the journal. wingman.match_counts() adds the
rest';
comment on column wingman.match_statistics.offered_on is 'The day, in UTC, of the offer';
comment on column wingman.match_statistics.offered is 'Matches made';
comment on column wingman.match_statistics.accepted is 'Of these, accepted, ended ones included';
comment on column wingman.match_statistics.ended is 'Of these, accepted and ended';
comment on column wingman.match_statistics.scheduled is 'Of these, with a session, whatever its outcome';
comment on column wingman.match_statistics.completed is
'Of these, with a session that both people confirmed and that was not reverted';

revoke all on table wingman.match_statistics from public, anon, authenticated, service_role;
