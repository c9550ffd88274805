create or replace function wingman.cells_near(
    from_lat integer,
    from_lng integer,
    further_than integer,
    up_to integer
)
returns table (grid_lat integer, grid_lng integer, miles double precision)
language plpgsql
stable
rows 50
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a little wider than the circle, so that rounding leaves nobody out
    _angle double precision := (cells_near.up_to + 0.001::double precision) / 3958.7613::double precision;
    _latitude double precision := radians(cells_near.from_lat / 100.0::double precision);
    _rows integer := ceil(degrees(_angle) * 100)::integer;
    _width integer := 36000;
    _turns integer[] := array[0];
begin
    -- with a pole inside, all meridians are near
    if abs(_latitude) + _angle < pi() / 2 then
        _width := ceil(degrees(asin(sin(_angle) / cos(_latitude))) * 100)::integer;
    end if;
    -- the same once more across the antimeridian
    if _width < 18000 and abs(cells_near.from_lng) + _width >= 18000 then
        _turns := array[0, -36000 * sign(cells_near.from_lng)::integer];
    end if;

    -- one short index scan for each row of cells; offset 0 leaves the planner no other choice
    return query
    select k.grid_lat, k.grid_lng, d.miles
    from unnest(_turns) as t (turn)
    cross join generate_series(
        greatest(cells_near.from_lat - _rows, -9000), least(cells_near.from_lat + _rows, 9000)
    ) as r (grid_lat)
    cross join lateral (
        select c.grid_lat, c.grid_lng
        from wingman.occupied_cells as c
        where c.grid_lat = r.grid_lat
            and c.grid_lng between cells_near.from_lng + t.turn - _width and cells_near.from_lng + t.turn + _width
        offset 0
    ) as k
    cross join lateral (
        select wingman.distance_miles(cells_near.from_lat, cells_near.from_lng, k.grid_lat, k.grid_lng)
        offset 0
    ) as d (miles)
    where d.miles > cells_near.further_than and d.miles <= cells_near.up_to
    order by d.miles;
end
$$;

comment on function wingman.cells_near(integer, integer, integer, integer) is
'The occupied cells in a ring around a grid point, from beyond the inner to within the outer radius in miles, nearest first';
revoke all on function wingman.cells_near(integer, integer, integer, integer) from public, anon, authenticated, service_role;
