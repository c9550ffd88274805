create or replace function wingman.session_violation(venue_name text, notes text, cancellation_reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if session_violation.venue_name !~ '[^[:space:]]' or char_length(session_violation.venue_name) > 200 then
        return row('venue_name', 'must be 1 to 200 characters')::wingman.violation;
    elsif char_length(session_violation.notes) > 2000 then
        return row('notes', 'must be at most 2000 characters')::wingman.violation;
    elsif char_length(session_violation.cancellation_reason) > 500 then
        return row('reason', 'must be at most 500 characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.session_violation(text, text, text) is
'The first rule that a session''s texts break, or null. The table''s trigger, create_session and cancel_session ask here.';
revoke all on function wingman.session_violation(text, text, text) from public, anon, authenticated, service_role;
