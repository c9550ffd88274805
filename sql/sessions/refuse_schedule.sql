create or replace function wingman.refuse_schedule(scheduled_time timestamptz)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _violation wingman.violation := (
        select wingman.schedule_violation(refuse_schedule.scheduled_time, t.session_horizon) from wingman.settings as t
    );
begin
    if _violation.rule = 'must be in the future' then
        perform wingman.raise_error('invalid_schedule');
    end if;
    perform wingman.refuse_violation(_violation);
end
$$;

comment on function wingman.refuse_schedule(timestamptz) is
'Refuses a time for a session that is past or too far ahead. Errors: invalid_schedule, invalid_argument.';
revoke all on function wingman.refuse_schedule(timestamptz) from public, anon, authenticated, service_role;
