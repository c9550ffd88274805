create table public.user_profiles (
    id uuid constraint user_profiles_pkey primary key,
    first_name text not null,
    bio text,
    photo_url text,
    experience_level text not null,
    confidence_archetype text,
    completed_sessions integer not null default 0
    constraint user_profiles_completed_sessions_check check (completed_sessions >= 0),
    no_shows integer not null default 0
    constraint user_profiles_no_shows_check check (no_shows >= 0),
    reputation_score integer not null
    generated always as (least(greatest(completed_sessions - no_shows, -5), 20)) stored,
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp()
);

create index user_profiles_completed_sessions_idx on public.user_profiles (completed_sessions);

alter table public.user_profiles enable row level security;

comment on table public.user_profiles is 'What partners see of a person; a user is known once a row stands here';
comment on column public.user_profiles.id is 'The user, auth.users.id';
comment on column public.user_profiles.first_name is '1 to 80 characters';
comment on column public.user_profiles.bio is 'At most 400 characters';
comment on column public.user_profiles.photo_url is 'An https URL of at most 500 characters';
comment on column public.user_profiles.experience_level is 'beginner, intermediate or advanced';
comment on column public.user_profiles.confidence_archetype is 'The person''s style of courage, at most 100 characters';
comment on column public.user_profiles.completed_sessions is 'Sessions that both confirmed: the sum of the ledger';
comment on column public.user_profiles.no_shows is 'Sessions missed: the sum of the ledger';
comment on column public.user_profiles.reputation_score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.user_profiles.created_at is 'When the profile was first completed';
comment on column public.user_profiles.updated_at is 'When any column last changed';

revoke all on table public.user_profiles from public, anon, authenticated, service_role;
grant select on table public.user_profiles to authenticated, service_role, wingman_admin;
