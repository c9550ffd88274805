create or replace function wingman.find_candidate(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    settings wingman.search_settings,
    passed_over uuid[]
)
returns wingman.found_candidate
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool := find_candidate.seeker;
    _radius integer := find_candidate.radius_miles;
    -- the ring of cells looked at: further than _inner, up to _outer miles
    _inner integer := 0;
    _outer integer := 2;
    _cell record;
    _first wingman.matchmaking_pool;
    _candidate wingman.matchmaking_pool;
    _miles double precision;
begin
    _candidate := wingman.first_in_cell(
        _seeker, _seeker.grid_lat, _seeker.grid_lng, 0, _radius, find_candidate.settings, find_candidate.passed_over
    );
    if _candidate.user_id is not null then
        _miles := 0;
    end if;

    while _candidate.user_id is null and _inner < _radius loop
        _outer := least(_outer, _radius);
        for _cell in
            select k.grid_lat, k.grid_lng, k.miles
            from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, _inner, _outer) as k
        loop
            -- cells come nearest first: only one equally near can still hold somebody who waits longer
            exit when _candidate.user_id is not null and _cell.miles > _miles;

            _first := wingman.first_in_cell(
                _seeker,
                _cell.grid_lat,
                _cell.grid_lng,
                _cell.miles,
                _radius,
                find_candidate.settings,
                find_candidate.passed_over
            );
            if (_first.waiting_since, _first.user_id) < (_candidate.waiting_since, _candidate.user_id)
                or (_candidate.user_id is null and _first.user_id is not null)
            then
                _candidate := _first;
                _miles := _cell.miles;
            end if;
        end loop;
        _inner := _outer;
        _outer := 4 * _outer;
    end loop;
    return row(_candidate, _miles)::wingman.found_candidate;
end
$$;

comment on function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_settings, uuid[]) is
'The person to offer to a seeker within a radius: of all without a wingman.match_obstacle the closest, then longest waiting, then
smallest id; nulls if there is nobody. passed_over: people to leave out. Looks at rings of cells, each four times as wide as
the one before, until somebody is found, and reads only people who are nearer or wait longer than that one. Locks nothing.';
revoke all on function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_settings, uuid[])
from public, anon, authenticated, service_role;
