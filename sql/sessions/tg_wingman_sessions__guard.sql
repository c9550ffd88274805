create or replace function wingman.tg_wingman_sessions__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- each operator of an expression costs a look-up, even if it is not reached: so one expression per case
    if old.is_active then
        _broken := case
            when (old.user1_completed_confirmed_by_user2 and not new.user1_completed_confirmed_by_user2)
                or (old.user2_completed_confirmed_by_user1 and not new.user2_completed_confirmed_by_user1)
                then 'confirmation'
            when new.status = 'completed' then case
                when not (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
                    or new.completed_at is null
                    then 'completion_check'
            end
            when (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
                or new.completed_at is not null
                then 'completion_check'
            when new.started_by is not null and new.status = 'scheduled' then 'start_check'
            when new.started_by not in (new.user1_id, new.user2_id) then 'people_check'
            when (new.status in (old.status, 'in_progress', 'cancelled', 'no_show')) is not true then 'transition'
        end;
    else
        _broken := case
            when new.status <> old.status
                and (old.status = 'cancelled' and new.status = 'no_show' and old.cancelled_at >= old.scheduled_time) is not true
                then 'transition'
            when new.user1_completed_confirmed_by_user2 <> old.user1_completed_confirmed_by_user2
                or new.user2_completed_confirmed_by_user1 <> old.user2_completed_confirmed_by_user1
                or new.completed_at is distinct from old.completed_at
                then 'confirmation'
            when new.started_by not in (new.user1_id, new.user2_id) then 'people_check'
        end;
    end if;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'transition' then format('A session cannot go from %s to %s', old.status, new.status)
                when 'confirmation' then 'Confirmations are given while a session is active, and never taken back'
                when 'completion_check' then 'A session is completed by both confirmations, and then says when'
                when 'start_check' then 'Only a session that began says who started it'
                when 'people_check' then 'One of the two people starts a session, if anybody'
            end;
    end if;

    new.is_active := wingman.is_active_session(new.status);
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard() is
'Trigger: the states of a session. scheduled to in_progress, both to completed, cancelled or no_show, these three terminal, except
that a session cancelled after its time can still become a no_show;
confirmations are only given, never taken back, and only while the session is active. Holds for direct SQL. No CHECK constraints:
every update would parse their text, at a quarter of the cost of a confirmation.';
revoke all on function wingman.tg_wingman_sessions__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_session
before update of
status, is_active, user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1, completed_at, started_by
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard();
