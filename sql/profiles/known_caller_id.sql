create or replace function wingman.known_caller_id(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.known_user_id(wingman.caller_id(known_caller_id.user_id), known_caller_id.or_null);
end
$$;

comment on function wingman.known_caller_id(uuid, boolean) is
'Whom a reading call acts for, who must have a profile. or_null: answer null, for empty lists, where a user has none.
Errors: those of wingman.caller_id and wingman.known_user_id.';
revoke all on function wingman.known_caller_id(uuid, boolean) from public, anon, authenticated, service_role;
