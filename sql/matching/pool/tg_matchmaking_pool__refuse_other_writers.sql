create or replace function wingman.tg_matchmaking_pool__refuse_other_writers()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- 2 inside the trigger of wingman_matches
    if pg_trigger_depth() = 1 then
        raise exception using
            errcode = 'check_violation',
            constraint = 'matchmaking_pool_pending_match',
            message = 'Only the trigger on wingman_matches writes the pending match of a person';
    end if;
    return new;
end
$$;

comment on function wingman.tg_matchmaking_pool__refuse_other_writers() is
'Trigger: the user of a row never changes, and only wingman.tg_wingman_matches__track writes its pending match';
revoke all on function wingman.tg_matchmaking_pool__refuse_other_writers() from public, anon, authenticated, service_role;

-- for each statement: a row trigger, or one with a WHEN, would cost every match and every answer much more
create or replace trigger guard_pending_match
before update of user_id, pending_match_id, pending_buddy_id, pending_until on wingman.matchmaking_pool
for each statement execute function wingman.tg_matchmaking_pool__refuse_other_writers();
