-- derived: counted from the ledger
create table wingman.reputation_statistics (
    score integer constraint reputation_statistics_pkey primary key,
    people bigint not null
);

comment on table wingman.reputation_statistics is
'How many people have each reputation, as far as the readers statistics (who has come) and reputations (what the ledger says) have
read. The two move independently, so a number here may be too small for a while, and even negative: wingman.reputation_counts()
adds the rest of both';
comment on column wingman.reputation_statistics.score is 'The reputation, -5 to 20';
comment on column wingman.reputation_statistics.people is 'How many';

revoke all on table wingman.reputation_statistics from public, anon, authenticated, service_role;
