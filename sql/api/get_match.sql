create or replace function public.get_match(match_id uuid, user_id uuid default null)
returns public.match_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_match(get_match.match_id, get_match.user_id);
end
$$;

comment on function public.get_match(uuid, uuid) is
'Reads one match of the caller, with its status as of now.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the match.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.get_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_match(uuid, uuid) to authenticated, service_role, wingman_admin;
