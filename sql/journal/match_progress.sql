-- derived: counted from the journal
create table wingman.match_progress (
    match_id uuid constraint match_progress_pkey primary key,
    offered_on date,
    offered integer not null,
    accepted integer not null,
    ended integer not null,
    sessions integer not null,
    completed integer not null
) with (fillfactor = 80);

comment on table wingman.match_progress is
'How far each match has come, as far as the reader statistics has read the journal; where wingman.match_statistics counts it';
comment on column wingman.match_progress.match_id is 'The match';
comment on column wingman.match_progress.offered_on is
'The day, in UTC, on which it is counted; null, and not counted, where its row had gone when the reader came to it';
comment on column wingman.match_progress.offered is '1: it was offered';
comment on column wingman.match_progress.accepted is '1: and accepted';
comment on column wingman.match_progress.ended is '1: and ended afterwards';
comment on column wingman.match_progress.sessions is 'How many sessions it has, whatever became of them';
comment on column wingman.match_progress.completed is 'How many of these both confirmed, those reverted left out';

revoke all on table wingman.match_progress from public, anon, authenticated, service_role;
