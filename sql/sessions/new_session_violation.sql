create or replace function wingman.new_session_violation(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    horizon interval
)
returns wingman.violation
language sql
stable
return case
    when match_id is null then row('match_id', 'is required')::wingman.violation
    when scheduled_time is null then row('scheduled_time', 'is required')::wingman.violation
    when venue_name is null then row('venue_name', 'is required')::wingman.violation
    when wingman.session_violation(venue_name, notes, null) is not null
        then wingman.session_violation(venue_name, notes, null)
    when scheduled_time <= statement_timestamp() then row('scheduled_time', 'must be in the future')::wingman.violation
    when scheduled_time > statement_timestamp() + horizon
        then row(
            'scheduled_time', format('must be at most %s days ahead', extract(epoch from horizon)::integer / 86400)
        )::wingman.violation
end;

comment on function wingman.new_session_violation(uuid, timestamptz, text, text, interval) is
'The first rule that the arguments of create_session break, or null. horizon: settings.session_horizon.';
revoke all on function wingman.new_session_violation(uuid, timestamptz, text, text, interval)
from public, anon, authenticated, service_role;
