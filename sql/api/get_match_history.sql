create or replace function public.get_match_history(match_id uuid, user_id uuid default null)
returns setof public.match_event
language plpgsql
stable
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.get_match_history(get_match_history.match_id, get_match_history.user_id) as r;
end
$$;

comment on function public.get_match_history(uuid, uuid) is
'Reads what happened to one match of the caller and to its sessions, oldest first, as far back as the journal is kept.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: what happened, when, and which of the two did it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.get_match_history(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_match_history(uuid, uuid) to authenticated, service_role, wingman_admin;
