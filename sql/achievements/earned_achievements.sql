-- derived: from the ledger
create table wingman.earned_achievements (
    user_id uuid not null,
    name text not null
    constraint earned_achievements_name_fkey references wingman.achievements (name),
    earned_at timestamptz not null,
    constraint earned_achievements_pkey primary key (user_id, name)
);

create index earned_achievements_name_idx on wingman.earned_achievements (name);

comment on table wingman.earned_achievements is
'Who has been awarded which achievement. Only wingman.award_achievements writes it, from the ledger: what is there equals
what wingman.achievements_of says of everything that the reader achievements has read. No foreign key to user_profiles, which would cost
every call that counts a completion';
comment on column wingman.earned_achievements.user_id is 'Who earned it';
comment on column wingman.earned_achievements.name is 'The achievement';
comment on column wingman.earned_achievements.earned_at is
'When it was earned: the time of the completion that reached the threshold, not of the award';

revoke all on table wingman.earned_achievements from public, anon, authenticated, service_role;
