create or replace function wingman.tg_wingman_sessions__guard_cancellation()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when new.cancelled_by is null and new.cancellation_reason is null and new.cancelled_at is null then null
        -- a no-show may have been cancelled first
        when new.status not in ('cancelled', 'no_show') then 'cancellation_check'
        when new.cancelled_by not in (new.user1_id, new.user2_id) then 'people_check'
        when wingman.session_violation(null, null, new.cancellation_reason) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it, when and why'
                when 'people_check' then 'One of the two people cancels a session, if anybody'
                when 'rules' then 'The reason of this cancellation is too long'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_cancellation() is
'Trigger: only a cancelled session says who cancelled it, one of its two people, when and why';
revoke all on function wingman.tg_wingman_sessions__guard_cancellation() from public, anon, authenticated, service_role;

create or replace trigger guard_cancellation
before update of cancelled_by, cancellation_reason, cancelled_at
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_cancellation();
