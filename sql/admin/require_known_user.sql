create or replace function wingman.require_known_user(user_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from public.user_profiles as p where p.id = require_known_user.user_id)
        and not exists (select from wingman.reputation_events as g where g.user_id = require_known_user.user_id)
    then
        perform wingman.raise_error('user_not_found');
    end if;
end
$$;

comment on function wingman.require_known_user(uuid) is
'Refuses a user who never had a profile; the ledger has an entry of everybody who left. Errors: user_not_found.';
revoke all on function wingman.require_known_user(uuid) from public, anon, authenticated, service_role;
