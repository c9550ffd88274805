create or replace function wingman.tg_wingman_sessions__guard_rest()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    if tg_op = 'INSERT' then
        -- so that a confirmation need not read the match
        select m.user1_id, m.user2_id
        into new.user1_id, new.user2_id
        from public.wingman_matches as m
        where m.id = new.match_id;
        _broken := case
            when new.status <> 'scheduled' then 'transition'
            when new.started_by is not null then 'start_check'
            when new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1 then 'confirmation'
            when new.completed_at is not null then 'completion_check'
            when new.reverted_at is not null then 'revert'
        end;
    else
        _broken := case
            when array[new.id, new.match_id, new.user1_id, new.user2_id] <> array[old.id, old.match_id, old.user1_id, old.user2_id]
                then 'match'
            when new.reverted_at is distinct from old.reverted_at
                and (old.reverted_at is not null or (old.status in ('completed', 'no_show')) is not true)
                then 'revert'
        end;
    end if;
    if new.scheduled_time is distinct from old.scheduled_time then
        _broken := coalesce(_broken, case
            when not isfinite(new.scheduled_time) then 'time_check'
            when not wingman.is_active_session(old.status) then 'time_final'
        end);
    end if;
    -- an array compares several columns with one operator, and treats nulls as equal
    if array[new.venue_name, new.notes, new.cancellation_reason]
        <> array[old.venue_name, old.notes, old.cancellation_reason]
        and wingman.session_violation(new.venue_name, new.notes, new.cancellation_reason) is not null
    then
        _broken := coalesce(_broken, 'rules');
    end if;
    _broken := coalesce(_broken, case
        when (new.cancelled_by is not null or new.cancellation_reason is not null) and new.status <> 'cancelled'
            then 'cancellation_check'
        when new.created_by not in (new.user1_id, new.user2_id)
            or new.cancelled_by not in (new.user1_id, new.user2_id)
            then 'people_check'
    end);
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'transition' then 'A new session is scheduled'
                when 'start_check' then 'A new session has not begun'
                when 'confirmation' then 'A new session is not confirmed'
                when 'completion_check' then 'A new session is not completed'
                when 'match' then 'The match of a session and its two people never change'
                when 'revert' then 'A completed session or a no-show is reverted once, and stays so'
                when 'time_check' then 'A session takes place at some time'
                when 'time_final' then 'A session that is over keeps its time'
                when 'rules' then 'A text of this session is too short or too long'
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it and why'
                when 'people_check' then 'One of the two people arranges, starts or cancels a session, if anybody'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_rest() is
'Trigger: a new session is scheduled and gets the two people of its match, who never change; it names who did something only if it
was done; texts and time are valid; once a session is over its time never changes, so that readers of the journal can look it up;
only a completed session or a no-show can be reverted, and only once. Fires for these columns only, so that it costs a
confirmation nothing.';
revoke all on function wingman.tg_wingman_sessions__guard_rest() from public, anon, authenticated, service_role;

create or replace trigger guard_rest
before insert or update of
id, match_id, user1_id, user2_id, venue_name, scheduled_time, notes, created_by, cancelled_by, cancellation_reason, reverted_at
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_rest();
