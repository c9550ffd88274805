create or replace function wingman.tg_wingman_sessions__keep()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from wingman.reputation_events as e where e.user_id in (old.user1_id, old.user2_id) and e.session_id = old.id) then
        raise exception using
            errcode = 'foreign_key_violation',
            constraint = 'reputation_events_session_id',
            message = 'The ledger of reputation names this session';
    end if;
    return old;
end
$$;

comment on function wingman.tg_wingman_sessions__keep() is
'Trigger: a session that the reputation ledger refers to cannot be deleted. A foreign key would cost each completion two
look-ups';
revoke all on function wingman.tg_wingman_sessions__keep() from public, anon, authenticated, service_role;

create or replace trigger keep before delete on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__keep();
