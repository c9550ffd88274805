create or replace function wingman.acting_user_id(user_id uuid, writes boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid;
begin
    if acting_user_id.writes and wingman.write_obstacle() is not null then
        perform wingman.raise_error(wingman.write_obstacle());
    end if;

    if wingman.caller_role() = 'authenticated' then
        _me := wingman.current_user_id();
        if coalesce(acting_user_id.user_id, _me) = _me then
            return _me;
        elsif _me is not null then
            perform wingman.raise_error('acting_for_another');
        end if;
    elsif wingman.caller_role() = 'service_role' or pg_has_role(wingman.caller_role(), 'wingman_admin', 'member') then
        perform wingman.require_argument('user_id', acting_user_id.user_id is not null);
        return acting_user_id.user_id;
    end if;

    perform wingman.raise_error('not_authenticated');
    return null;
end
$$;

comment on function wingman.acting_user_id(uuid, boolean) is
'The user on whose behalf this call is made; every entry point asks for it first. authenticated acts as its token''s sub and
cannot name anybody else; service_role and members of wingman_admin must name user_id. Of the claims only sub is trusted, never
their role. writes: the call writes, so it needs a transaction that can.
Errors: not_authenticated, acting_for_another, missing_argument; for writes unsupported_isolation, read_only_transaction.';
revoke all on function wingman.acting_user_id(uuid, boolean) from public, anon, authenticated, service_role;
