create or replace function wingman.partner_ids()
returns setof uuid
language plpgsql
stable
security definer
rows 5
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select p.id
    from wingman.partners_of(wingman.current_user_id()) as p (id);
end
$$;

comment on function wingman.partner_ids() is 'Current partners of the user of the access token, for policies';
revoke all on function wingman.partner_ids() from public, anon, authenticated, service_role;
grant execute on function wingman.partner_ids() to authenticated;
