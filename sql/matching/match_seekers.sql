create table wingman.match_seekers (
    user_id uuid constraint match_seekers_pkey primary key
    constraint match_seekers_user_id_fkey references public.user_profiles (id) on delete cascade,
    grid_lat integer not null,
    grid_lng integer not null,
    level smallint not null,
    max_travel_miles integer not null,
    waiting_since timestamptz not null default statement_timestamp(),
    paused boolean not null default false,
    pending_match_id uuid,
    paused_automatically boolean not null default false,
    unanswered_offers integer not null default 0
    constraint match_seekers_unanswered_offers_check check (unanswered_offers >= 0),
    exposures timestamptz[] not null default '{}',
    is_free boolean not null generated always as (pending_match_id is null and not paused) stored,
    constraint match_seekers_pause_check check (paused or not paused_automatically),
    constraint match_seekers_cell_fkey foreign key (grid_lat, grid_lng)
    references wingman.occupied_cells (grid_lat, grid_lng)
) with (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

-- not a partial index: the planner would take it for small, and read it for queries that name one person
create index match_seekers_cell_idx on wingman.match_seekers (grid_lat, grid_lng, is_free, waiting_since, user_id);

comment on table wingman.match_seekers is
'One row for everybody who can be matched; its lock is the first one of every call that changes a match';
comment on column wingman.match_seekers.user_id is 'The user';
comment on column wingman.match_seekers.grid_lat is 'Latitude of the grid point, in hundredths of a degree';
comment on column wingman.match_seekers.grid_lng is
'Longitude of the grid point, in hundredths of a degree; 0 at the poles, 18000 for -18000';
comment on column wingman.match_seekers.level is 'wingman.experience_rank of the profile';
comment on column wingman.match_seekers.max_travel_miles is 'The furthest buddy this person will meet, in miles';
comment on column wingman.match_seekers.waiting_since is
'Start of the wait for a buddy: of two equally near people the longer waiting one is matched first';
comment on column wingman.match_seekers.paused is 'Left out of matching for now';
comment on column wingman.match_seekers.paused_automatically is
'Paused because settings.ghosting_limit offers in a row were left to expire: the next own search ends it';
comment on column wingman.match_seekers.unanswered_offers is
'Offers left to expire since the last one that this person answered';
comment on column wingman.match_seekers.exposures is
'When the searches of others found this person, oldest first, as far back as settings.exposure_window reaches';
comment on column wingman.match_seekers.pending_match_id is
'The one pending match of this person; written by the trigger on wingman_matches alone';
comment on column wingman.match_seekers.is_free is 'Neither paused nor in a pending match: can be found';

revoke all on table wingman.match_seekers from public, anon, authenticated, service_role;
