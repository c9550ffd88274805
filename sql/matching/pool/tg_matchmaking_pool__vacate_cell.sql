create or replace function wingman.tg_matchmaking_pool__vacate_cell()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- waiting here could cause a deadlock with somebody on the way in; the next one to come or go tidies up
    perform
    from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat and c.grid_lng = old.grid_lng
    for update skip locked;
    if not found then
        return null;
    end if;

    -- a separate statement, so that it sees everybody who came before the lock
    delete from wingman.occupied_cells as c
    where c.grid_lat = old.grid_lat
        and c.grid_lng = old.grid_lng
        and not exists (
            select
            from wingman.matchmaking_pool as s
            where s.grid_lat = old.grid_lat and s.grid_lng = old.grid_lng
        );
    return null;
end
$$;

comment on function wingman.tg_matchmaking_pool__vacate_cell() is
'Trigger: the last person to leave a cell removes it from the occupied cells';
revoke all on function wingman.tg_matchmaking_pool__vacate_cell() from public, anon, authenticated, service_role;

create or replace trigger vacate_cell after delete on wingman.matchmaking_pool
for each row execute function wingman.tg_matchmaking_pool__vacate_cell();

create or replace trigger vacate_old_cell after update of grid_lat, grid_lng on wingman.matchmaking_pool
for each row when ((new.grid_lat, new.grid_lng) is distinct from (old.grid_lat, old.grid_lng))
execute function wingman.tg_matchmaking_pool__vacate_cell();
