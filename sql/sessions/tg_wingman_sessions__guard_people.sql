create or replace function wingman.tg_wingman_sessions__guard_people()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text := case
        when new.id <> old.id or new.match_id <> old.match_id or new.user1_id <> old.user1_id or new.user2_id <> old.user2_id
            then 'match'
        when new.status = 'scheduled' and new.started_by is not null then 'start_check'
        when new.status <> 'cancelled' and (new.cancelled_by is not null or new.cancellation_reason is not null)
            then 'cancellation_check'
        when new.created_by not in (new.user1_id, new.user2_id) or new.started_by not in (new.user1_id, new.user2_id)
            or new.cancelled_by not in (new.user1_id, new.user2_id)
            then 'people_check'
    end;
begin
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'The match of a session and its two people never change'
                when 'start_check' then 'Only a session that began says who started it'
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it and why'
                when 'people_check' then 'One of the two people arranges, starts or cancels a session, if anybody'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_people() is
'Trigger: whose a session is never changes, and it says who did what only where it was done. Fires for these columns alone, so
that a confirmation does not pay for it.';
revoke all on function wingman.tg_wingman_sessions__guard_people() from public, anon, authenticated, service_role;
