create or replace function wingman.schedule_violation(scheduled_time timestamptz, horizon interval)
returns wingman.violation
language sql
stable
return case
    when scheduled_time <= statement_timestamp() then wingman.violation '(scheduled_time,"must be in the future")'
    when scheduled_time > statement_timestamp() + horizon
        then row(
            'scheduled_time', format('must be at most %s days ahead', extract(epoch from horizon)::integer / 86400)
        )::wingman.violation
end;

comment on function wingman.schedule_violation(timestamptz, interval) is
'The rule that the time of a new session breaks, or null. horizon: settings.session_horizon.';
revoke all on function wingman.schedule_violation(timestamptz, interval) from public, anon, authenticated, service_role;
