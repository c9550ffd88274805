create or replace function wingman.guard_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.status <> 'scheduled' then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_sessions_transition',
                message = 'A session begins as scheduled, not as ' || new.status;
        elsif new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1 then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_sessions_confirmation',
                message = 'A session begins unconfirmed';
        end if;
        return new;
    end if;

    if (new.id, new.match_id) is distinct from (old.id, old.match_id) then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_match',
            message = 'The match of a session never changes';
    end if;
    if new.status <> old.status
        and (not wingman.is_active_session(old.status) or new.status = 'scheduled')
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_transition',
            message = 'A session cannot go from ' || old.status || ' to ' || new.status;
    end if;
    if (old.user1_completed_confirmed_by_user2 and not new.user1_completed_confirmed_by_user2)
        or (old.user2_completed_confirmed_by_user1 and not new.user2_completed_confirmed_by_user1)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_confirmation',
            message = 'A confirmation is never taken back';
    end if;
    if not wingman.is_active_session(old.status)
        and (new.user1_completed_confirmed_by_user2, new.user2_completed_confirmed_by_user1, new.completed_at)
        is distinct from
        (old.user1_completed_confirmed_by_user2, old.user2_completed_confirmed_by_user1, old.completed_at)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_confirmation',
            message = 'A session that is over is not confirmed any more';
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_session() is
'Trigger: scheduled to in_progress, both to completed, cancelled or no_show, these three terminal; confirmations are only given,
only while the session is active. Holds for direct SQL.';
revoke all on function wingman.guard_session() from public, anon, authenticated, service_role;
