create or replace function wingman.tg_suspensions__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    values (
        case tg_op when 'DELETE' then 'suspension_lifted' else 'user_suspended' end,
        coalesce(new.user_id, old.user_id),
        case when tg_op <> 'DELETE' then jsonb_build_object('until', new.ends_at) end
    );
    return null;
end
$$;

comment on function wingman.tg_suspensions__journal() is 'Trigger: writes who is suspended, and who no longer is, to
wingman.events';
revoke all on function wingman.tg_suspensions__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or delete or update on wingman.suspensions
for each row execute function wingman.tg_suspensions__journal();

create or replace trigger refuse_truncate before truncate on wingman.suspensions
for each statement execute function wingman.tg_any__refuse_truncate();
