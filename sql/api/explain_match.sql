create or replace function public.explain_match(match_id uuid, user_id uuid default null)
returns public.match_explanation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.explain_match(explain_match.match_id, explain_match.user_id);
end
$$;

comment on function public.explain_match(uuid, uuid) is
'Explains why a match was made: each rule with its outcome at that time, and why this person came first.
match_id: a match of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the explanation as the caller may see it.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, match_not_found,
not_match_participant.';
revoke all on function public.explain_match(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.explain_match(uuid, uuid) to authenticated, service_role, wingman_admin;
