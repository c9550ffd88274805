create or replace function wingman.known_caller_id(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid := wingman.caller_id(known_caller_id.user_id);
begin
    if exists (select from public.user_profiles as p where p.id = _id) then
        return _id;
    end if;

    if wingman.caller_role() <> 'authenticated' then
        perform wingman.raise_error('user_not_found');
    elsif not known_caller_id.or_null then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return null;
end
$$;

comment on function wingman.known_caller_id(uuid, boolean) is
'Whom this call acts for, who must have a profile. or_null: answer null, for empty lists, where a user has none.
Errors: those of wingman.caller_id, profile_incomplete (a user without a profile), user_not_found (named by another).';
revoke all on function wingman.known_caller_id(uuid, boolean) from public, anon, authenticated, service_role;
