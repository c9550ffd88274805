create or replace function wingman.tg_matchmaking_pool__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    select
        case when new.paused then 'matching_paused' else 'matching_resumed' end,
        new.user_id,
        case when new.paused then jsonb_build_object('automatically', new.paused_automatically) end
    where (new.paused, new.paused_automatically) is distinct from (old.paused, old.paused_automatically);
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__journal() is
'Trigger: writes to wingman.events who is left out of matching, and who no longer is';
revoke all on function wingman.tg_matchmaking_pool__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update of paused, paused_automatically on wingman.matchmaking_pool
for each row execute function wingman.tg_matchmaking_pool__journal();

create or replace trigger refuse_truncate before truncate on wingman.matchmaking_pool
for each statement execute function wingman.tg_any__refuse_truncate();
