create or replace function wingman.tg_wingman_sessions__guard_rest()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- an array compares several columns with one operator, and treats nulls as equal
    _broken := case
        when array[new.id, new.match_id, new.user1_id, new.user2_id] <> array[old.id, old.match_id, old.user1_id, old.user2_id]
            then 'match'
        when new.reverted_at is distinct from old.reverted_at
            and (old.reverted_at is not null or (old.status in ('completed', 'no_show')) is not true)
            then 'revert'
        when not isfinite(new.scheduled_time) then 'time_check'
        when new.scheduled_time <> old.scheduled_time and not old.is_active then 'time_final'
        when new.created_by not in (new.user1_id, new.user2_id) or new.proposed_by not in (new.user1_id, new.user2_id)
            then 'people_check'
        when num_nonnulls(new.agreed_by, new.agreed_at) = 1
            or new.agreed_by not in (new.user1_id, new.user2_id)
            or new.agreed_by = new.proposed_by
            then 'agreement_check'
        when (new.proposed_by, new.proposed_at, new.agreed_by, new.agreed_at)
            is distinct from (old.proposed_by, old.proposed_at, old.agreed_by, old.agreed_at) and not old.is_active
            then 'agreement_final'
        when old.no_show_reported and not new.no_show_reported then 'report_check'
        when wingman.session_violation(new.venue_name, new.notes, null) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'The match of a session and its two people never change'
                when 'revert' then 'A completed session or a no-show is reverted once, and stays so'
                when 'time_check' then 'A session takes place at some time'
                when 'time_final' then 'A session that is over keeps its time'
                when 'people_check' then 'One of the two people arranges a session, if anybody'
                when 'agreement_check' then 'To a session agrees who did not propose it, and then it says when'
                when 'agreement_final' then 'A session that is over is neither proposed nor agreed to'
                when 'report_check' then 'That a no-show was reported is never taken back'
                when 'rules' then 'A text of this session is too short or too long'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_rest() is
'Trigger: a session keeps its match and its two people; its texts are valid; once it is over its time never changes, so that
readers of the journal can look it up; the one who did not propose it may agree while it is active; only a completed session or a no-show can be reverted, and only once. Fires for these columns
only, so that it costs a confirmation nothing.';
revoke all on function wingman.tg_wingman_sessions__guard_rest() from public, anon, authenticated, service_role;

create or replace trigger guard_rest
before update of
id, match_id, user1_id, user2_id, venue_name, scheduled_time, notes, created_by, reverted_at, proposed_by, proposed_at, agreed_by,
agreed_at, no_show_reported
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_rest();
