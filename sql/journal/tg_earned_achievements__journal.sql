create or replace function wingman.tg_earned_achievements__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    values (
        case tg_op when 'DELETE' then 'achievement_revoked' else 'achievement_earned' end,
        coalesce(new.user_id, old.user_id),
        jsonb_build_object('name', coalesce(new.name, old.name), 'earned_at', coalesce(new.earned_at, old.earned_at))
    );
    return null;
end
$$;

comment on function wingman.tg_earned_achievements__journal() is
'Trigger: writes to wingman.events who has earned which achievement, and who no longer has it. That another completion has become
the one that reached the threshold is no event';
revoke all on function wingman.tg_earned_achievements__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or delete on wingman.earned_achievements
for each row execute function wingman.tg_earned_achievements__journal();

create or replace trigger refuse_truncate before truncate on wingman.earned_achievements
for each statement execute function wingman.tg_any__refuse_truncate();
