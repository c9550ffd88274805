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
'How far each match has come, as far as the reader statistics has read the journal, and the day under which it is counted';
comment on column wingman.match_progress.match_id is 'The match';
comment on column wingman.match_progress.offered_on is
'The day, in UTC, under which it is counted; null, and not counted, if its row was gone when the reader reached it';
comment on column wingman.match_progress.offered is '1: it was offered';
comment on column wingman.match_progress.accepted is '1: and accepted';
comment on column wingman.match_progress.ended is '1: and ended afterwards';
comment on column wingman.match_progress.sessions is 'How many sessions it has, whatever their outcome';
comment on column wingman.match_progress.completed is 'How many of these both people confirmed, without reverted ones';

revoke all on table wingman.match_progress from public, anon, authenticated, service_role;
