create or replace function wingman.get_match(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_match.user_id));
begin
    perform wingman.require_argument('match_id', get_match.match_id is not null);
    perform wingman.match_buddy(get_match.match_id, _me);
    return wingman.match_details_of(get_match.match_id, _me);
end
$$;

comment on function wingman.get_match(uuid, uuid) is 'Engine of public.get_match';
revoke all on function wingman.get_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_match(uuid, uuid) to authenticated, service_role, wingman_admin;
