create or replace function wingman.session_violation(venue_name text, notes text, cancellation_reason text)
returns wingman.violation
language sql
immutable
return case
    when not wingman.has_visible_character(venue_name) or char_length(venue_name) > 200
        then wingman.violation '(venue_name,"must be 1 to 200 characters")'
    when wingman.has_control_character(venue_name)
        then wingman.violation '(venue_name,"must not contain control characters")'
    when char_length(notes) > 2000 then wingman.violation '(notes,"must be at most 2000 characters")'
    when wingman.has_control_character(notes) then wingman.violation '(notes,"must not contain control characters")'
    when char_length(cancellation_reason) > 500 then wingman.violation '(reason,"must be at most 500 characters")'
    when wingman.has_control_character(cancellation_reason)
        then wingman.violation '(reason,"must not contain control characters")'
end;

comment on function wingman.session_violation(text, text, text) is
'The first rule that a session''s texts break, or null. The table''s trigger, create_session and cancel_session use this.';
revoke all on function wingman.session_violation(text, text, text) from public, anon, authenticated, service_role;
