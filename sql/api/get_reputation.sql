create or replace function public.get_reputation(subject_id uuid default null, user_id uuid default null)
returns public.reputation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_reputation(get_reputation.subject_id, get_reputation.user_id);
end
$$;

comment on function public.get_reputation(uuid, uuid) is
'Reads the reputation of the caller or of a current partner.
subject_id: the person; null: the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: score, counters and badge.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, reputation_not_visible.';
revoke all on function public.get_reputation(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_reputation(uuid, uuid) to authenticated, service_role, wingman_admin;
