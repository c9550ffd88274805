create or replace function wingman.tg_wingman_sessions__journal_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, match_id, session_id, user_id, details)
    values (
        'session_scheduled',
        new.match_id,
        new.id,
        new.created_by,
        jsonb_build_object('scheduled_time', new.scheduled_time)
    );
    return null;
end
$$;

comment on function wingman.tg_wingman_sessions__journal_insert() is
'Trigger: writes that a session was arranged to wingman.events';
revoke all on function wingman.tg_wingman_sessions__journal_insert() from public, anon, authenticated, service_role;

create or replace trigger journal_insert after insert on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__journal_insert();
