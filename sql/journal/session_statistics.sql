-- derived: counted from the journal
create table wingman.session_statistics (
    held_at timestamptz not null,
    outcome text not null,
    sessions bigint not null,
    constraint session_statistics_pkey primary key (held_at, outcome)
);

comment on table wingman.session_statistics is
'How many sessions there are by time and outcome, as far as the reader statistics has read the journal.
wingman.session_counts() adds the rest';
comment on column wingman.session_statistics.held_at is
'Their time; for days before yesterday, in UTC, the start of the day';
comment on column wingman.session_statistics.outcome is
'completed, cancelled or no_show; reverted: completed or no_show, then taken back; not_settled: none of these yet';
comment on column wingman.session_statistics.sessions is 'How many';

revoke all on table wingman.session_statistics from public, anon, authenticated, service_role;
