create or replace function public.why_no_match(max_radius_miles integer default null, user_id uuid default null)
returns public.no_match_explanation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.why_no_match(why_no_match.max_radius_miles, why_no_match.user_id);
end
$$;

comment on function public.why_no_match(integer, uuid) is
'Explains why a search finds nobody: how many people are near, how many of them each rule removes, and what would help.
The answer is too coarse to locate or recognise anybody: numbers are rounded up to a multiple of three, and a block looks like
any other absence.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the counts and suggestions.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius.';
revoke all on function public.why_no_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.why_no_match(integer, uuid) to authenticated, service_role, wingman_admin;
