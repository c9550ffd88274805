create or replace function wingman.tg_wingman_sessions__guard_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- The lock keeps the match from ending meanwhile. A confirmation need not read the match.
    select m.user1_id, m.user2_id
    into new.user1_id, new.user2_id
    from public.wingman_matches as m
    where m.id = new.match_id and m.status = 'accepted' and m.ended_at is null
    for no key update;

    _broken := case
        when not found then 'match'
        when new.status <> 'scheduled' or not new.is_active then 'transition'
        when new.started_by is not null then 'start_check'
        when new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1 then 'confirmation'
        when new.completed_at is not null then 'completion_check'
        when new.reverted_at is not null then 'revert'
        when new.cancelled_by is not null or new.cancellation_reason is not null or new.cancelled_at is not null then 'cancellation_check'
        when new.agreed_by is not null or new.agreed_at is not null then 'agreement_check'
        when new.no_show_reported then 'report_check'
        when new.created_by not in (new.user1_id, new.user2_id) or new.proposed_by not in (new.user1_id, new.user2_id) then 'people_check'
        when not isfinite(new.scheduled_time) then 'time_check'
        when wingman.session_violation(new.venue_name, new.notes, null) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'A session belongs to an accepted match that has not ended'
                when 'transition' then 'A new session is scheduled'
                when 'start_check' then 'A new session has not begun'
                when 'confirmation' then 'A new session is not confirmed'
                when 'completion_check' then 'A new session is not completed'
                when 'revert' then 'A new session is not reverted'
                when 'cancellation_check' then 'A new session is not cancelled'
                when 'agreement_check' then 'Nobody has agreed to a new session yet'
                when 'report_check' then 'No no-show of a new session is reported'
                when 'people_check' then 'One of the two people arranges a session, if anybody'
                when 'time_check' then 'A session takes place at some time'
                when 'rules' then 'A text of this session is too short or too long'
            end;
    end if;
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_insert() is
'Trigger: a new session belongs to an accepted match, which it locks, and gets its two people; it is scheduled at some time, and
its texts are valid';
revoke all on function wingman.tg_wingman_sessions__guard_insert() from public, anon, authenticated, service_role;

create or replace trigger guard_insert before insert on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_insert();
