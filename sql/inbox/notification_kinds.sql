create or replace function wingman.notification_kinds()
returns table (kind text, message text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('match_offered', 'You have a new match: {buddy}. Accept or decline.'),
    ('match_first_accepted', '{buddy} accepted your match. Accept it as well to meet.'),
    ('match_accepted', '{buddy} accepted your match. You can now arrange a session.'),
    ('match_declined', '{buddy} declined your match.'),
    ('match_ended', 'Your match with {buddy} has ended.'),
    ('session_scheduled', '{buddy} proposed a session. Agree to it, or propose another time.'),
    ('session_moved', '{buddy} moved your session. Agree to the new time or place, or propose another one.'),
    ('session_agreed', '{buddy} agreed to your session.'),
    ('session_started', '{buddy} started your session.'),
    ('session_confirmed', '{buddy} confirmed that you completed your session. Confirm it for {buddy} as well.'),
    ('session_completed', '{buddy} confirmed as well: your session is completed.'),
    ('session_cancelled', 'Your session with {buddy} was cancelled.'),
    ('session_no_show', 'One of you was found not to have come to a session.'),
    ('session_reverted', 'An operator took back what a session gave to your reputation.'),
    ('no_show_reported', '{buddy} reported that you did not come to your session. You can admit or contest it.'),
    ('no_show_admitted', '{buddy} admitted not to have come to your session.'),
    ('no_show_contested', '{buddy} contested your report. An operator will decide.'),
    ('no_show_withdrawn', '{buddy} took back the report that you did not come.'),
    ('no_show_dismissed', 'A report that somebody did not come to your session was dismissed.'),
    ('matching_paused', 'You are left out of matching, because you did not answer several matches. Search again to return.'),
    ('user_suspended', 'Your account is suspended.'),
    ('suspension_lifted', 'Your account is no longer suspended.'),
    ('match_expiring', 'Your match with {buddy} is about to expire. Accept or decline it.'),
    ('session_reminder', 'You meet {buddy} soon.'),
    ('agreement_reminder', '{buddy} is waiting for you to agree to a session.'),
    ('confirmation_reminder', 'Did {buddy} complete your session? Confirm it.'),
    ('more_activity', 'More has happened between you and {buddy} than you are told in a day. Have a look.');
end
$$;

comment on function wingman.notification_kinds() is
'The vocabulary of the inbox. kind: a value of wingman_notifications.kind, either the event that is told or a reminder; message:
what people read, where {buddy} is the first name of the other one while the two are matched. Whom an event is told to stands in
wingman.event_kinds().';
revoke all on function wingman.notification_kinds() from public, anon, authenticated, service_role;
