create table wingman.matchmaking_pool (
    user_id uuid constraint matchmaking_pool_pkey primary key
    constraint matchmaking_pool_user_id_fkey references public.user_profiles (id) on delete cascade,
    grid_lat integer not null,
    grid_lng integer not null,
    level smallint not null,
    max_travel_miles integer not null,
    waiting_since timestamptz not null default statement_timestamp(),
    paused boolean not null default false,
    pending_match_id uuid,
    pending_buddy_id uuid,
    pending_until timestamptz,
    paused_automatically boolean not null default false,
    unanswered_offers integer not null default 0,
    exposures timestamptz[] not null default '{}',
    cooldown_until timestamptz,
    suspended boolean not null default false,
    suspended_until timestamptz,
    constraint matchmaking_pool_cell_fkey foreign key (grid_lat, grid_lng)
    references wingman.occupied_cells (grid_lat, grid_lng)
) with (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);

-- who is free at a place, in the order of the search. Not a partial index: wingman.obstacles_near, and anybody who leaves a
-- place, ask for everybody there
create index matchmaking_pool_cell_idx
on wingman.matchmaking_pool (
    grid_lat, grid_lng, (pending_match_id is null and not paused and not suspended), waiting_since, user_id
);

-- whose match is due; one of its two people is enough
create index matchmaking_pool_due_idx on wingman.matchmaking_pool (pending_until)
where pending_until is not null and user_id < pending_buddy_id;

comment on table wingman.matchmaking_pool is
'One row for everybody who can be matched; its lock is the first one of every call that changes a match';
comment on column wingman.matchmaking_pool.user_id is 'The user';
comment on column wingman.matchmaking_pool.grid_lat is 'Latitude of the grid point, in hundredths of a degree';
comment on column wingman.matchmaking_pool.grid_lng is
'Longitude of the grid point, in hundredths of a degree; 0 at the poles, 18000 for -18000';
comment on column wingman.matchmaking_pool.level is 'wingman.experience_rank of the profile';
comment on column wingman.matchmaking_pool.max_travel_miles is 'The furthest buddy this person will meet, in miles';
comment on column wingman.matchmaking_pool.waiting_since is
'When the wait for a buddy began: of two equally near people, the one who has waited longer is matched first';
comment on column wingman.matchmaking_pool.paused is 'Left out of matching for now';
comment on column wingman.matchmaking_pool.paused_automatically is
'Paused because settings.ghosting_limit offers in a row were left to expire; the person''s next search ends it';
comment on column wingman.matchmaking_pool.unanswered_offers is
'Offers left to expire since the last one that this person answered';
comment on column wingman.matchmaking_pool.exposures is
'When the searches of others found this person, oldest first, at least as far back as settings.exposure_window reaches';
comment on column wingman.matchmaking_pool.cooldown_until is
'Until when this person cannot search after a no-show, wingman.cooldown_until when that was found; null or past: not at all';
comment on column wingman.matchmaking_pool.suspended is
'Suspended without end; only the trigger on wingman.suspensions writes this and suspended_until';
comment on column wingman.matchmaking_pool.suspended_until is 'Suspended until then; null or past: not at all';
comment on column wingman.matchmaking_pool.pending_match_id is
'The one pending match of this person; only the trigger on wingman_matches writes it';
comment on column wingman.matchmaking_pool.pending_buddy_id is 'The other person of that match';
comment on column wingman.matchmaking_pool.pending_until is 'Until when that match can be answered';

revoke all on table wingman.matchmaking_pool from public, anon, authenticated, service_role;
