create or replace function wingman.guard_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- one expression, since every update pays for each
    _broken text := case
        when tg_op = 'INSERT' and new.status <> 'scheduled' then 'transition'
        when tg_op = 'INSERT' and (new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1)
            then 'confirmation'
        when new.id <> old.id or new.match_id <> old.match_id then 'match'
        when new.status <> old.status and (new.status = 'scheduled' or not wingman.is_active_session(old.status))
            then 'transition'
        when old.user1_completed_confirmed_by_user2 > new.user1_completed_confirmed_by_user2
            or old.user2_completed_confirmed_by_user1 > new.user2_completed_confirmed_by_user1
            then 'confirmation'
        when not wingman.is_active_session(old.status)
            and (
                old.user1_completed_confirmed_by_user2 <> new.user1_completed_confirmed_by_user2
                or old.user2_completed_confirmed_by_user1 <> new.user2_completed_confirmed_by_user1
                or old.completed_at is distinct from new.completed_at
            )
            then 'confirmation'
        when new.reverted_at is distinct from old.reverted_at
            and (old.reverted_at is not null or (old.status in ('completed', 'no_show')) is not true)
            then 'revert'
        when (new.status = 'completed') <> (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
            or (new.status = 'completed') <> (new.completed_at is not null)
            then 'completion_check'
        when new.status <> 'cancelled' and (new.cancelled_by is not null or new.cancellation_reason is not null)
            then 'cancellation_check'
        when new.status not in ('scheduled', 'in_progress', 'completed', 'cancelled', 'no_show') then 'status_check'
    end;
begin
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'The match of a session never changes'
                when 'transition' then format('A session cannot go from %s to %s', coalesce(old.status, 'nothing'), new.status)
                when 'confirmation' then 'Confirmations are given while a session is active, and never taken back'
                when 'revert' then 'A completed session or a no-show is reverted once, and stays so'
                when 'completion_check' then 'A session is completed by both confirmations, and then says when'
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it and why'
                when 'status_check' then 'A session is scheduled, in_progress, completed, cancelled or no_show'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_session() is
'Trigger: every rule of a session but those of its texts. scheduled to in_progress, both to completed, cancelled or no_show, these
three terminal; confirmations are only given, only while the session is active; completed and no_show may be reverted once. Holds for direct SQL. No CHECK constraints: an
update would read their text anew each time, at a quarter of the cost of a confirmation.';
revoke all on function wingman.guard_session() from public, anon, authenticated, service_role;
