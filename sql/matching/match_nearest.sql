create or replace function wingman.match_nearest(
    seeker wingman.match_seekers,
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
    _seeker wingman.match_seekers := match_nearest.seeker;
    _found wingman.found_candidate;
    _locked wingman.match_seekers;
    _passed_over uuid[] := '{}'::uuid[];
    _may_wait boolean := match_nearest.may_wait;
    _wait_for uuid;
    _outcome wingman.search_outcome;
begin
    loop
        _found := wingman.find_candidate(
            _seeker, match_nearest.radius_miles, match_nearest.settings, _passed_over
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

        select s.* into _locked
        from wingman.match_seekers as s
        where s.user_id = (_found.candidate).user_id
        for no key update skip locked;
        if not found then
            _passed_over := _passed_over || (_found.candidate).user_id;
            if (_found.candidate).user_id > _seeker.user_id then
                _wait_for := least(_wait_for, (_found.candidate).user_id);
            end if;
            continue;
        end if;

        -- a row is held now besides the own one: waiting could close a circle
        _may_wait := false;
        if _locked is not distinct from _found.candidate then
            _outcome := row(
                wingman.create_match(_seeker, _locked, _found.miles, match_nearest.radius_miles, match_nearest.settings),
                false
            );
            exit;
        end if;
        -- changed since the search, but not any more: the next search sees it as it is
    end loop;
    return _outcome;
end
$$;

comment on function wingman.match_nearest(wingman.match_seekers, integer, boolean, wingman.settings) is
'Matches a seeker, whose row the caller has locked and read since, with the nearest person eligible. may_wait: the own row is the
only lock held, so that it may wait for another.';
revoke all on function wingman.match_nearest(wingman.match_seekers, integer, boolean, wingman.settings)
from public, anon, authenticated, service_role;
