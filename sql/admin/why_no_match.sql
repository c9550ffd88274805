create or replace function wingman_admin.why_no_match(user_id uuid, max_radius_miles integer default null)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(why_no_match.user_id));
    _seeker wingman.matchmaking_pool;
begin
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;

    return query
    select o.obstacle, o.people, o.nearest_miles
    from wingman.obstacles_near(_me, coalesce(why_no_match.max_radius_miles, _seeker.max_travel_miles)) as o;
end
$$;

comment on function wingman_admin.why_no_match(uuid, integer) is
'Counts exactly how many people near a user each rule of matching removes. obstacle: a name of wingman.matching_rules(), null:
they fit; max_radius_miles: null: the user''s max_travel_miles.
Errors: missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function wingman_admin.why_no_match(uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.why_no_match(uuid, integer) to wingman_admin, service_role;
