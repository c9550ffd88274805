create table public.user_profiles (
    id uuid constraint user_profiles_pkey primary key,
    first_name text not null,
    bio text,
    photo_url text,
    experience_level text not null,
    confidence_archetype text,
    completed_sessions integer not null default 0,
    no_shows integer not null default 0,
    reputation_score integer not null default 0,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp()
) with (fillfactor = 80);

-- for the operators' search
create index user_profiles_first_name_idx on public.user_profiles (lower(normalize(first_name)) text_pattern_ops);

alter table public.user_profiles enable row level security;

comment on table public.user_profiles is 'What partners see of a person; a user is known once they have a row here';
comment on column public.user_profiles.id is 'The user, auth.users.id';
comment on column public.user_profiles.first_name is '1 to 80 characters';
comment on column public.user_profiles.bio is 'At most 400 characters';
comment on column public.user_profiles.photo_url is 'An https URL of at most 500 characters';
comment on column public.user_profiles.experience_level is 'One of experience_level: beginner, intermediate, advanced';
comment on column public.user_profiles.confidence_archetype is 'The person''s style of courage, at most 100 characters';
comment on column public.user_profiles.completed_sessions is 'Sessions that both confirmed: the sum of the ledger';
comment on column public.user_profiles.no_shows is 'Sessions missed: the sum of the ledger';
comment on column public.user_profiles.reputation_score is 'wingman.reputation_score of the two counters';
comment on column public.user_profiles.created_at is 'When the profile was first completed';
comment on column public.user_profiles.updated_at is 'When any column last changed';

revoke all on table public.user_profiles from public, anon, authenticated, service_role;
grant select on table public.user_profiles to authenticated, service_role, wingman_admin;
