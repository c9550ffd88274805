create or replace function wingman.without_profile(user_ids uuid[])
returns setof uuid
language plpgsql
stable
security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select u.id
    from unnest(without_profile.user_ids) as u (id)
    where not exists (select from public.user_profiles as p where p.id = u.id);
end
$$;

comment on function wingman.without_profile(uuid[]) is
'For servers that push: which of these users have no profile, perhaps because they were erased';
revoke all on function wingman.without_profile(uuid[]) from public, anon, authenticated, service_role;
grant execute on function wingman.without_profile(uuid[]) to service_role;
