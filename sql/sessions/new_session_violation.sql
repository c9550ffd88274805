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
return coalesce(
    case
        when match_id is null then wingman.violation '(match_id,"is required")'
        when scheduled_time is null then wingman.violation '(scheduled_time,"is required")'
        when venue_name is null then wingman.violation '(venue_name,"is required")'
    end,
    wingman.session_violation(venue_name, notes, null),
    wingman.schedule_violation(scheduled_time, horizon)
);

comment on function wingman.new_session_violation(uuid, timestamptz, text, text, interval) is
'The first rule that the arguments of create_session break, or null. horizon: settings.session_horizon.';
revoke all on function wingman.new_session_violation(uuid, timestamptz, text, text, interval)
from public, anon, authenticated, service_role;
