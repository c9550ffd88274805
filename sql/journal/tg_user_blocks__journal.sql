create or replace function wingman.tg_user_blocks__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op <> 'INSERT' then
        insert into wingman.events (kind, user_id, details)
        values ('user_unblocked', old.blocker_id, jsonb_build_object('blocked_id', old.blocked_id));
    end if;
    if tg_op <> 'DELETE' then
        insert into wingman.events (kind, user_id, details)
        values ('user_blocked', new.blocker_id, jsonb_build_object('blocked_id', new.blocked_id));
    end if;
    return new;
end
$$;

comment on function wingman.tg_user_blocks__journal() is
'Trigger: writes to wingman.events who blocks whom, and who no longer does';
revoke all on function wingman.tg_user_blocks__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or update or delete on public.user_blocks
for each row execute function wingman.tg_user_blocks__journal();

create or replace trigger refuse_truncate before truncate on public.user_blocks
for each statement execute function wingman.tg_any__refuse_truncate();
