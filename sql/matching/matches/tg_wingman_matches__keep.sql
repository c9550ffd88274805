create or replace function wingman.tg_wingman_matches__keep()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from public.wingman_sessions as s where s.match_id = old.id) then
        raise exception using
            errcode = 'foreign_key_violation',
            constraint = 'wingman_sessions_match_id_fkey',
            message = 'A session belongs to this match';
    end if;
    return old;
end
$$;

comment on function wingman.tg_wingman_matches__keep() is
'Trigger: a match that has a session is not deleted. A foreign key would cost each new session a look-up more than
tg_wingman_sessions__guard_insert';
revoke all on function wingman.tg_wingman_matches__keep() from public, anon, authenticated, service_role;

create or replace trigger keep before delete on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__keep();
