create table wingman.match_seekers (
    user_id uuid constraint match_seekers_pkey primary key
    constraint match_seekers_user_id_fkey references public.user_profiles (id) on delete cascade,
    grid_lat integer not null,
    grid_lng integer not null,
    level smallint not null,
    max_travel_miles integer not null,
    waiting_since timestamptz not null default statement_timestamp(),
    paused boolean not null default false,
    pending_match_id uuid
);

create index match_seekers_free_idx on wingman.match_seekers (grid_lat, grid_lng)
where pending_match_id is null and not paused;

comment on table wingman.match_seekers is
'One row for everybody who can be matched; its lock is the first one of every call that changes a match';
comment on column wingman.match_seekers.user_id is 'The user';
comment on column wingman.match_seekers.grid_lat is 'Latitude of the grid point, in hundredths of a degree';
comment on column wingman.match_seekers.grid_lng is 'Longitude of the grid point, in hundredths of a degree';
comment on column wingman.match_seekers.level is 'wingman.experience_rank of the profile';
comment on column wingman.match_seekers.max_travel_miles is 'The furthest buddy this person will meet, in miles';
comment on column wingman.match_seekers.waiting_since is
'Start of the wait for a buddy: of two equally near people the longer waiting one is matched first';
comment on column wingman.match_seekers.paused is 'Left out of matching for now';
comment on column wingman.match_seekers.pending_match_id is
'The one pending match of this person; written by the trigger on wingman_matches alone';

revoke all on table wingman.match_seekers from public, anon, authenticated, service_role;
