create or replace function wingman.tg_matchmaking_pool__occupy_cell()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    loop
        insert into wingman.occupied_cells as c (grid_lat, grid_lng)
        values (new.grid_lat, new.grid_lng)
        on conflict on constraint occupied_cells_pkey do nothing;

        -- the last person to leave the cell may be removing it right now
        perform
        from wingman.occupied_cells as c
        where c.grid_lat = new.grid_lat and c.grid_lng = new.grid_lng
        for key share;
        exit when found;
    end loop;
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__occupy_cell() is
'Trigger: the cell of a seeker is one of the occupied cells, and stays so';
revoke all on function wingman.tg_matchmaking_pool__occupy_cell() from public, anon, authenticated, service_role;

create or replace trigger occupy_cell before insert on wingman.matchmaking_pool
for each row execute function wingman.tg_matchmaking_pool__occupy_cell();

create or replace trigger occupy_new_cell before update of grid_lat, grid_lng on wingman.matchmaking_pool
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.tg_matchmaking_pool__occupy_cell();
