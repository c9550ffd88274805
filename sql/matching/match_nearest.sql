create or replace function wingman.match_nearest(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    may_wait boolean,
    settings wingman.settings
)
returns wingman.search_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _found wingman.found_candidate;
    _passed_over uuid[] := '{}'::uuid[];
    _may_wait boolean := match_nearest.may_wait;
    _wait_for uuid;
    _outcome wingman.search_outcome;
begin
    loop
        _found := wingman.find_candidate(
            match_nearest.seeker, match_nearest.radius_miles, match_nearest.settings, _passed_over
        );

        if (_found.candidate).user_id is null then
            _outcome.contended := _passed_over <> '{}';
            exit when _wait_for is null or not _may_wait;
            -- everybody eligible is locked: wait for one above us, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
            _passed_over := '{}';
            continue;
        end if;

        _outcome.offer := wingman.create_match(
            match_nearest.seeker, _found.candidate, _found.miles, match_nearest.radius_miles, match_nearest.settings
        );
        exit when (_outcome.offer).match_id is not null;

        perform
        from wingman.matchmaking_pool as s
        where s.user_id = (_found.candidate).user_id
        for no key update skip locked;
        if found then
            -- changed since the search, but not any more: the next search sees it as it is. A row is held now besides the own
            -- one: waiting could close a circle
            _may_wait := false;
        else
            _passed_over := _passed_over || (_found.candidate).user_id;
            if (_found.candidate).user_id > (match_nearest.seeker).user_id then
                _wait_for := least(_wait_for, (_found.candidate).user_id);
            end if;
        end if;
    end loop;
    return _outcome;
end
$$;

comment on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.settings) is
'Matches a seeker, whose row the caller has locked and read since, with the nearest person eligible. may_wait: the own row is the
only lock held, so that it may wait for another.';
revoke all on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.settings)
from public, anon, authenticated, service_role;
