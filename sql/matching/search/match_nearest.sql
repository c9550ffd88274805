create or replace function wingman.match_nearest(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    may_wait boolean,
    settings wingman.search_settings
)
returns wingman.search_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _found wingman.found_candidate;
    _candidate wingman.candidate;
    _locked wingman.matchmaking_pool;
    _passed_over uuid[];
    _may_wait boolean;
    _wait_for uuid;
    _outcome wingman.search_outcome;
begin
    _candidate := wingman.lock_first_in_own_cell(
        match_nearest.seeker, match_nearest.radius_miles, match_nearest.settings
    );
    if _candidate.user_id is not null then
        _outcome.offer := wingman.create_match(
            match_nearest.seeker, _candidate, 0, match_nearest.radius_miles, match_nearest.settings
        );
        return _outcome;
    end if;

    _passed_over := '{}';
    _may_wait := match_nearest.may_wait;
    loop
        _found := wingman.find_candidate(
            match_nearest.seeker, match_nearest.radius_miles, match_nearest.settings, _passed_over
        );

        if (_found.candidate).user_id is null then
            _outcome.contended := _passed_over <> '{}';
            exit when _wait_for is null or not _may_wait or wingman.holds_another_row(
                match_nearest.seeker.user_id, match_nearest.seeker.grid_lat, match_nearest.seeker.grid_lng
            );
            -- everybody eligible is locked: wait only for a greater user_id, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
            _passed_over := '{}';
            continue;
        end if;

        select s.* into _locked
        from wingman.matchmaking_pool as s
        where s.user_id = (_found.candidate).user_id
        for no key update skip locked;
        if not found then
            _passed_over := _passed_over || (_found.candidate).user_id;
            if (_found.candidate).user_id > match_nearest.seeker.user_id then
                _wait_for := least(_wait_for, (_found.candidate).user_id);
            end if;
            continue;
        end if;

        -- a second row is held now: waiting could cause a deadlock
        _may_wait := false;
        if _locked is not distinct from _found.candidate then
            _outcome.contended := false;
            _candidate := row(
                _locked.user_id, _locked.level, _locked.max_travel_miles, _locked.waiting_since, _locked.exposures
            )::wingman.candidate;
            _outcome.offer := wingman.create_match(
                match_nearest.seeker, _candidate, _found.miles, match_nearest.radius_miles, match_nearest.settings
            );
            exit;
        end if;
        -- the row has changed since the search; now it is locked, and the next search sees it as it is
    end loop;
    return _outcome;
end
$$;

comment on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_settings) is
'Matches a seeker, whose row the caller has locked and then read, with the nearest eligible person. may_wait: the seeker''s row is
the only lock held, so this call may wait for another.';
revoke all on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_settings)
from public, anon, authenticated, service_role;
