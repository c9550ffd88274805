create or replace function wingman.caller_id(user_id uuid, writes boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _role text := wingman.caller_role();
    _token_user_id uuid;
    _refusal text := case when caller_id.writes then wingman.write_obstacle() end;
begin
    if _refusal is not null then
        perform wingman.raise_error(_refusal);
    elsif _role = 'authenticated' then
        _token_user_id := wingman.current_user_id();
        if caller_id.user_id <> _token_user_id then
            perform wingman.raise_error('acting_for_another');
        elsif _token_user_id is not null then
            return _token_user_id;
        end if;
    elsif _role = 'service_role' or pg_has_role(_role, 'wingman_admin', 'member') then
        perform wingman.require_argument('user_id', caller_id.user_id is not null);
        return caller_id.user_id;
    end if;

    perform wingman.raise_error('not_authenticated');
    return null;
end
$$;

comment on function wingman.caller_id(uuid, boolean) is
'Whom this call acts for: first of all in every entry point. authenticated acts as its token''s sub and may name nobody else;
service_role and members of wingman_admin must name user_id. Of the claims only sub is believed, never their role. writes: the
call writes, and needs a transaction that can.
Errors: not_authenticated, acting_for_another, missing_argument; for writes unsupported_isolation, read_only_transaction.';
revoke all on function wingman.caller_id(uuid, boolean) from public, anon, authenticated, service_role;
