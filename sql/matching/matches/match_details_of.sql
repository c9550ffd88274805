create or replace function wingman.match_details_of(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _buddy_id uuid;
    _buddy public.buddy_profile;
begin
    select m.* into strict _match from public.wingman_matches as m where m.id = match_details_of.match_id;

    _buddy_id := case when _match.user1_id = match_details_of.user_id then _match.user2_id else _match.user1_id end;
    if exists (select from wingman.partners_of(match_details_of.user_id) as p (id) where p.id = _buddy_id) then
        _buddy := wingman.buddy_profile_of(_buddy_id);
    end if;

    return row(
        _match.id,
        wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()),
        _buddy_id,
        _buddy,
        _match.distance_miles,
        _match.responded_by is not distinct from match_details_of.user_id,
        _match.responded_at,
        _match.expires_at,
        _match.ended_at,
        _match.created_at,
        _match.needs_both,
        coalesce(
            match_details_of.user_id in (_match.first_accepted_by, case _match.status when 'accepted' then _match.responded_by end), false
        ),
        coalesce(_buddy_id in (_match.first_accepted_by, case _match.status when 'accepted' then _match.responded_by end), false)
    )::public.match_details;
end
$$;

comment on function wingman.match_details_of(uuid, uuid) is 'A match as this one of its two people sees it';
revoke all on function wingman.match_details_of(uuid, uuid) from public, anon, authenticated, service_role;
