-- derived: counted from the journal
create table wingman.outcome_statistics (
    happened_at timestamptz not null,
    outcome text not null,
    sessions bigint not null,
    constraint outcome_statistics_pkey primary key (happened_at, outcome)
);

comment on table wingman.outcome_statistics is
'How many sessions were completed or marked as a no-show at each moment of the last two days, as far as the reader statistics has
read the journal. wingman.outcome_counts() adds the rest';
comment on column wingman.outcome_statistics.happened_at is 'The moment';
comment on column wingman.outcome_statistics.outcome is 'completed or no_show, reverted or not';
comment on column wingman.outcome_statistics.sessions is 'How many';

revoke all on table wingman.outcome_statistics from public, anon, authenticated, service_role;
