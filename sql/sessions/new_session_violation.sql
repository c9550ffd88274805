create or replace function wingman.new_session_violation(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    horizon interval
)
returns wingman.violation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if new_session_violation.match_id is null then
        return row('match_id', 'is required')::wingman.violation;
    elsif new_session_violation.scheduled_time is null then
        return row('scheduled_time', 'is required')::wingman.violation;
    elsif new_session_violation.venue_name is null then
        return row('venue_name', 'is required')::wingman.violation;
    elsif wingman.session_violation(new_session_violation.venue_name, new_session_violation.notes, null) is not null then
        return wingman.session_violation(new_session_violation.venue_name, new_session_violation.notes, null);
    elsif new_session_violation.scheduled_time <= statement_timestamp() then
        return row('scheduled_time', 'must be in the future')::wingman.violation;
    elsif new_session_violation.scheduled_time > statement_timestamp() + new_session_violation.horizon then
        return row(
            'scheduled_time',
            'must be at most ' || extract(epoch from new_session_violation.horizon)::integer / 86400 || ' days ahead'
        )::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.new_session_violation(uuid, timestamptz, text, text, interval) is
'The first rule that the arguments of create_session break, or null. horizon:
settings.session_horizon.';
revoke all on function wingman.new_session_violation(uuid, timestamptz, text, text, interval)
from public, anon, authenticated, service_role;
