create or replace function wingman.match_nearest(
    user_id uuid,
    radius_miles integer,
    may_wait boolean,
    out match_id uuid,
    out contended boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers;
    _found record;
    _fresh wingman.match_seekers;
    _may_wait boolean := match_nearest.may_wait;
    _wait_for uuid;
    _moved boolean;
begin
    select s.* into _seeker from wingman.match_seekers as s where s.user_id = match_nearest.user_id;

    for _attempt in 1..4 loop
        contended := false;
        _wait_for := null;
        _moved := false;

        for _found in
            select (f.candidate).user_id, f.candidate, f.miles
            from wingman.find_candidates(_seeker, match_nearest.radius_miles) as f
        loop
            continue when not wingman.is_pair_open(_seeker.user_id, _found.user_id);

            select s.* into _fresh
            from wingman.match_seekers as s
            where s.user_id = _found.user_id
            for no key update skip locked;
            if not found then
                contended := true;
                if _found.user_id > _seeker.user_id then
                    _wait_for := least(_wait_for, _found.user_id);
                end if;
                continue;
            end if;

            -- a row is held now besides the own one: waiting could close a circle
            _may_wait := false;
            if _fresh is not distinct from _found.candidate then
                match_id := wingman.create_match(_seeker.user_id, _found.user_id, _found.miles);
                contended := false;
                return;
            end if;
            -- taken since the search: the next one; changed in any other way: the order may be another
            _moved := _fresh.pending_match_id is null and not _fresh.paused;
            exit when _moved;
        end loop;

        if not _moved then
            exit when _wait_for is null or not _may_wait;
            -- everybody eligible is locked: wait for one above us, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
        end if;
    end loop;

    contended := contended or _moved;
end
$$;

comment on function wingman.match_nearest(uuid, integer, boolean) is
'Matches a user, whose seeker row the caller has locked, with the nearest person eligible. may_wait: the own row is the only lock
held, so that it may wait for another. match_id: null when nobody was found; contended: then somebody eligible was locked
by another call, and "none" would be a guess.';
revoke all on function wingman.match_nearest(uuid, integer, boolean) from public, anon, authenticated, service_role;
