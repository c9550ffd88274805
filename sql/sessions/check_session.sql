create or replace function wingman.check_session()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.session_violation(new.venue_name, new.notes, new.cancellation_reason) is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_rules',
            message = 'A text of this session is too short or too long';
    elsif not isfinite(new.scheduled_time) then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_time_check',
            message = 'A session takes place at some time';
    elsif new.scheduled_time <> old.scheduled_time and not wingman.is_active_session(old.status) then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_time_final',
            message = 'A session that is over keeps its time';
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.check_session() is
'Trigger: the rules of a session''s texts and time, when they are written. Once it is over its time never changes, so that
whoever reads the journal may look it up';
revoke all on function wingman.check_session() from public, anon, authenticated, service_role;
