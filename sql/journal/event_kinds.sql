create or replace function wingman.event_kinds()
returns table (kind text, meaning text, details text, visible_to text, told_to text, unless_told text[])
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('match_offered', 'A search made a match', 'user1_id, user2_id, expires_at', 'participants', 'participants', null::text[]),
    ('match_accepted', 'One of the two people accepted the match', null, 'participants', 'participants', null),
    (
        'match_first_accepted',
        'The first of the two people accepted a match that takes an accept of each',
        null,
        'participants',
        'participants',
        null
    ),
    ('match_declined', 'One of the two people declined the match', null, 'participants', 'participants', null),
    ('match_expired', 'A match that nobody answered in time was settled', null, 'operators', null, null),
    ('match_ended', 'An accepted match ended', 'ended_at: only if it is not occurred_at', 'participants', 'participants', null),
    ('match_deleted', 'A match was deleted by hand', 'before: its state', 'operators', null, null),
    ('session_scheduled', 'A session was arranged', 'scheduled_time', 'participants', 'participants', null),
    (
        'session_moved',
        'A session got another time or venue',
        'scheduled_time, scheduled_time_before',
        'participants',
        'participants',
        null
    ),
    (
        'session_agreed',
        'The one of the two people who did not propose it agreed to a session',
        null,
        'participants',
        'participants',
        null
    ),
    ('session_started', 'A session began', null, 'participants', 'participants', null),
    (
        'session_confirmed',
        'The first of the two people confirmed the other''s completion',
        null,
        'participants',
        'participants',
        null
    ),
    (
        'session_completed',
        'The second of the two people confirmed as well, which completed the session',
        null,
        'participants',
        'participants',
        null
    ),
    ('session_cancelled', 'A session was cancelled', null, 'participants', 'participants', '{match_ended}'::text[]),
    (
        'session_no_show',
        'One of the two people did not come, as they admit or an operator found',
        'status_before: only if it had been cancelled before',
        'participants',
        'participants',
        '{no_show_admitted}'::text[]
    ),
    (
        'no_show_reported',
        'One of the two people reported that the other one did not come',
        null,
        'participants',
        'participants',
        null
    ),
    ('no_show_admitted', 'The person reported admitted it', null, 'participants', 'participants', null),
    ('no_show_contested', 'The person reported contested it', null, 'participants', 'participants', '{no_show_reported}'::text[]),
    (
        'no_show_withdrawn',
        'The person who had reported a no-show took it back',
        null,
        'participants',
        'participants',
        '{session_cancelled, session_confirmed, session_completed}'::text[]
    ),
    ('no_show_upheld', 'An operator found that the person reported did not come', null, 'participants', null, null),
    (
        'no_show_dismissed',
        'An operator did not find that the person reported did not come',
        null,
        'participants',
        'participants',
        '{session_no_show, no_show_dismissed}'::text[]
    ),
    (
        'session_reverted',
        'An operator took back what a session gave to reputations',
        'reverted_at: only if it is not occurred_at',
        'participants',
        'participants',
        null
    ),
    ('session_deleted', 'A session was deleted by hand', 'before: its state', 'operators', null, null),
    ('profile_created', 'A user completed the profile for the first time', null, 'operators', null, null),
    ('profile_changed', 'A profile''s texts or level changed', 'changed: names of the columns', 'operators', null, null),
    ('profile_deleted', 'A profile was deleted, as a rule with its account', null, 'operators', null, null),
    ('user_blocked', 'A user blocked another one', 'blocked_id', 'operators', null, null),
    ('user_unblocked', 'A user took a block back', 'blocked_id', 'operators', null, null),
    (
        'matching_paused',
        'A user is left out of matching',
        'automatically: whether unanswered offers were the reason',
        'operators',
        'user',
        null
    ),
    ('matching_resumed', 'A user takes part in matching again', null, 'operators', null, null),
    ('user_suspended', 'An operator suspended a user', 'until: null for without end', 'operators', 'user', null),
    ('suspension_lifted', 'An operator lifted a suspension', null, 'operators', 'user', null),
    ('achievement_earned', 'A user earned an achievement', 'name, earned_at', 'operators', 'user', null),
    (
        'achievement_revoked',
        'An achievement was taken back from a user, because it no longer holds or the profile was deleted',
        'name, earned_at',
        'operators',
        null,
        null
    ),
    ('settings_changed', 'An operator changed the settings', 'before, after: the columns that changed', 'operators', null, null),
    (
        'changed_by_hand',
        'Direct SQL made a change that no call makes',
        'changed: names of the columns; before, after: the state',
        'operators',
        null,
        null
    );
end
$$;

comment on function wingman.event_kinds() is
'The vocabulary of the journal. kind: a value of wingman.events.kind; meaning: what happened; details: what
wingman.events.details holds, null for nothing; visible_to: participants or operators only; told_to: whose inbox it goes to:
participants, except the one who did it; user, whom it is about; null: nobody''s. unless_told: not told if the same act also
caused one of these. get_match_history tells the two people of a match what participants may read, and when it lapsed; so
event is one of match_event_kind: match_offered, match_accepted, match_first_accepted, match_declined, match_expired,
match_ended, session_scheduled, session_moved, session_agreed, session_started, session_confirmed, session_completed,
session_cancelled, session_no_show, session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn,
no_show_upheld, no_show_dismissed.';
revoke all on function wingman.event_kinds() from public, anon, authenticated, service_role;
