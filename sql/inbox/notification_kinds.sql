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
    ('match_first_accepted', '{buddy} accepted your match. Accept it too, and you can meet.'),
    ('match_accepted', '{buddy} accepted your match. You can now arrange a session.'),
    ('match_declined', 'Your match was declined.'),
    ('match_ended', 'Your match has ended.'),
    ('session_scheduled', '{buddy} proposed a session. Agree to it, or propose another time.'),
    ('session_moved', 'Your session with {buddy} has a new time or place. Agree to it, or propose another one.'),
    ('session_agreed', '{buddy} agreed to your session.'),
    ('session_started', 'Your session with {buddy} has started.'),
    ('session_confirmed', '{buddy} confirmed that you completed your session. Please confirm it for {buddy} too.'),
    ('session_completed', 'Your session with {buddy} is complete: you have both confirmed it.'),
    ('session_cancelled', 'Your session with {buddy} was cancelled.'),
    ('session_no_show', 'An operator recorded a no-show for one of your sessions.'),
    ('session_reverted', 'An operator decided that one of your sessions no longer counts towards reputation.'),
    ('no_show_reported', '{buddy} reported that you missed your session. You can admit or contest it.'),
    ('no_show_admitted', '{buddy} admitted missing your session.'),
    ('no_show_contested', '{buddy} contested your no-show report. It is now up to an operator to decide.'),
    ('no_show_withdrawn', '{buddy} withdrew the report that you missed your session.'),
    ('no_show_dismissed', 'An operator dismissed a no-show report about one of your sessions.'),
    ('matching_paused', 'Matching is paused for you because you did not answer your recent matches. Search again to resume.'),
    ('user_suspended', 'Your account is suspended.'),
    ('suspension_lifted', 'Your account is no longer suspended.'),
    ('achievement_earned', 'You have a new achievement. Look at your achievements to see which one.'),
    ('match_expiring', 'Your match with {buddy} expires soon. Accept or decline it.'),
    ('session_reminder', 'Your session with {buddy} is coming up.'),
    ('agreement_reminder', '{buddy} is waiting for you to agree to a session.'),
    ('confirmation_reminder', 'Did {buddy} complete your session? If so, please confirm it.'),
    ('more_activity', 'There is more news from {buddy} than we send in a day. Take a look.');
end
$$;

comment on function wingman.notification_kinds() is
'The vocabulary of the inbox. kind: a value of wingman_notifications.kind, either an event or a reminder; message: what people
read, where {buddy} is the other person''s first name, or "your buddy" once the two are no longer matched. wingman.event_kinds()
says whom an event is told to.';
revoke all on function wingman.notification_kinds() from public, anon, authenticated, service_role;
grant execute on function wingman.notification_kinds() to service_role, wingman_admin;
