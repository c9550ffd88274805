create table wingman.occupied_cells (
    grid_lat integer not null,
    grid_lng integer not null,
    constraint occupied_cells_pkey primary key (grid_lat, grid_lng)
);

comment on table wingman.occupied_cells is
'The grid points where somebody is: a search visits them nearest first. Maintained by the triggers of matchmaking_pool; an empty
one does no harm.';
comment on column wingman.occupied_cells.grid_lat is 'Latitude, in hundredths of a degree';
comment on column wingman.occupied_cells.grid_lng is 'Longitude, in hundredths of a degree';

revoke all on table wingman.occupied_cells from public, anon, authenticated, service_role;
