create or replace function wingman.first_in_cell(
    seeker wingman.match_seekers,
    grid_lat integer,
    grid_lng integer,
    miles double precision,
    radius_miles integer,
    settings wingman.settings,
    passed_over uuid[]
)
returns wingman.match_seekers
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting them would mean to read them all
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    _seeker wingman.match_seekers := first_in_cell.seeker;
    _first wingman.match_seekers;
begin
    select s.* into _first
    from wingman.match_seekers as s
    where s.grid_lat = first_in_cell.grid_lat
        and s.grid_lng = first_in_cell.grid_lng
        and s.is_free
        and s.user_id <> _seeker.user_id
        and s.user_id <> all(first_in_cell.passed_over)
        and wingman.match_obstacle(_seeker, s, first_in_cell.miles, first_in_cell.radius_miles, first_in_cell.settings) is null
    order by s.waiting_since, s.user_id
    limit 1;

    return _first;
end
$$;

comment on function wingman.first_in_cell(
    wingman.match_seekers, integer, integer, double precision, integer, wingman.settings, uuid[]
) is
'Of the people at a grid point, so many miles from a seeker, without a wingman.match_obstacle the longest waiting one, then the
one with the smallest id; nulls when there is none. passed_over: people to leave out. Reads only who waits longer than the one found.';
revoke all on function wingman.first_in_cell(
    wingman.match_seekers, integer, integer, double precision, integer, wingman.settings, uuid[]
) from public, anon, authenticated, service_role;
