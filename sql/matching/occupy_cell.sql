create or replace function wingman.occupy_cell()
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

        -- whoever leaves the cell last may just be taking it away
        perform
        from wingman.occupied_cells as c
        where c.grid_lat = new.grid_lat and c.grid_lng = new.grid_lng
        for key share;
        exit when found;
    end loop;
    return new;
end
$$;

comment on function wingman.occupy_cell() is 'Trigger: the cell of a seeker is one of the occupied cells, and stays so';
revoke all on function wingman.occupy_cell() from public, anon, authenticated, service_role;
