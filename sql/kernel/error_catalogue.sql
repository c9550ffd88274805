create or replace function wingman.error_catalogue()
returns table (name text, status integer, message text, hint text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('not_authenticated', 401, 'Authentication required', 'Sign in and send the access token.'),
    ('acting_for_another', 403, 'Not authorized to act for another user', 'Leave user_id out or name yourself.'),
    ('user_not_found', 404, 'User not found', 'Check the id; a user is known once it has a profile.'),
    ('missing_argument', 400, '{argument} is required', 'Send the argument with a value that is not null.'),
    ('invalid_argument', 400, '{argument} {rule}', 'Correct the argument and call again.'),
    ('invalid_action', 400, 'Invalid action: must be ''accept'' or ''decline''', 'Send action as accept or decline.'),
    ('invalid_radius', 400, 'Radius must be between 1 and 100 miles', 'Send whole miles, or leave the radius out.'),
    ('invalid_schedule', 400, 'scheduled_time must be in the future', 'Choose a later time.'),
    ('matching_paused', 409, 'Matching is paused - resume it first', 'Resume matching, then search again.'),
    ('profile_incomplete', 400, 'Profile and location are required before matching', 'Call complete_profile first.'),
    ('match_not_found', 404, 'Match not found', 'Check the id against list_matches.'),
    ('match_expired', 404, 'Match has expired', 'Call create_automatic_match for a new one.'),
    ('not_match_participant', 403, 'Not authorized - user is not a participant in this match',
        'Only the two people of a match may use it.'),
    ('match_already_resolved', 400, 'Match is already {status} - cannot respond', 'The first answer stands.'),
    ('match_not_accepted', 400, 'Match status must be ''accepted'' (current: {status})',
        'Sessions need an accepted match that has not ended.'),
    ('session_not_found', 404, 'Session not found', 'Check the id against list_sessions.'),
    ('not_session_participant', 403, 'Access denied - user is not a participant in this session',
        'Only the two people of a session may use it.'),
    ('self_confirmation', 400, 'Cannot confirm your own completion - only your buddy can confirm you',
        'Leave buddy_user_id out or name your buddy.'),
    ('buddy_not_in_session', 400, 'The user to confirm is not your buddy in this session',
        'Leave buddy_user_id out or name your buddy.'),
    ('already_confirmed', 409, 'You have already confirmed completion for this session',
        'Nothing more to do; the detail holds the current state.'),
    ('session_not_confirmable', 400, 'Session cannot be completed - current status: {status}',
        'Only a scheduled or running session can be confirmed.'),
    ('session_not_started', 400, 'Cannot confirm completion before scheduled time ({time})',
        'Confirm once the session has begun.'),
    ('too_early', 400, 'Session cannot be started before {time}', 'Start it closer to the scheduled time.'),
    ('active_session_exists', 409, 'Match already has an active session', 'Finish or cancel that session first.'),
    ('invalid_session_state', 409, 'Session cannot be {verb} - current status: {status}',
        'Read the session again; its state has moved on.'),
    ('schedule_conflict', 409, 'You have another session at {time}', 'Choose another time, or cancel that session first.'),
    ('self_agreement', 400, 'Cannot agree to your own proposal - only your buddy can agree to it',
        'Wait for your buddy, or propose something else with reschedule_session.'),
    ('proposal_changed', 409, 'Your buddy has proposed something else meanwhile',
        'Read the session again and agree to what it says now; the detail holds it.'),
    ('session_time_passed', 409, 'Session cannot be {verb} - its time was {time}',
        'Confirm it, report a no-show, or cancel it and arrange another one.'),
    ('no_show_not_found', 404, 'No no-show is reported in this session', 'Check the id against list_no_show_reports.'),
    ('buddy_not_committed', 409, 'Your buddy had neither arranged this session nor agreed to it',
        'Cancel the session; nobody can miss what they never agreed to.'),
    ('no_show_too_early', 400, 'A no-show can be reported from {time} on', 'Wait for your buddy a little longer.'),
    ('no_show_window_closed', 400, 'A no-show could be reported until {time}', 'Use report_user to tell the operators anything else.'),
    ('no_show_already_answered', 409, 'Report has already been answered', 'The first answer stands.'),
    ('no_show_already_decided', 409, 'Report is already {status}', 'Nothing more can be done about this report.'),
    ('no_show_answer_pending', 409, 'Report can be decided from {time} on', 'Wait for the answer of the person reported.'),
    ('matching_cooldown', 409, 'Matching is on a cooldown until {until}', 'Search again from then on.'),
    ('account_suspended', 403, 'This account is suspended', 'The detail says until when; ask the operators.'),
    ('user_not_suspended', 409, 'User is not suspended', 'Check the id against wingman_admin.suspensions.'),
    ('reputation_not_visible', 403, 'Reputation is visible to the user and to current partners only',
        'Ask for yourself or for a current partner.'),
    ('report_not_found', 404, 'Report not found', 'Check the id against wingman_admin.report_queue.'),
    ('report_already_decided', 409, 'Report is already {status}', 'The first decision stands.'),
    ('report_not_taken', 409, 'Report is not taken by you', 'Take it with take_report first.'),
    ('delivery_not_found', 404, 'Message not found', 'Check the id against wingman_admin.dead_deliveries.'),
    ('delivery_not_dead', 409, 'Message is {status}', 'Only a message that was given up can be sent again or dropped.'),
    ('webhook_not_found', 404, 'Webhook not found', 'Check the id against wingman_admin.webhooks.'),
    ('webhook_not_disabled', 409, 'Webhook is not disabled', 'Nothing to do; notifications are sent to it.'),
    ('too_many_webhooks', 409, 'At most {limit} webhooks can be enabled', 'Remove one that is not needed, then try again.'),
    ('idempotency_key_reused', 422, 'Idempotency-Key was already used with different parameters',
        'Make a new key for another request.'),
    ('idempotency_key_invalid', 400, 'Idempotency-Key must be one value of 1 to 255 characters',
        'Send one key, as the argument or in the header.'),
    ('rate_limited', 429, 'Too many requests - retry in {retry_after} seconds', 'Wait that long, then call again.'),
    ('busy', 423, 'Another request holds this record - retry', 'Nothing was changed; call again in a moment.'),
    ('unsupported_isolation', 400, 'Call this function at READ COMMITTED',
        'Begin the transaction with isolation level read committed.'),
    ('read_only_transaction', 400, 'Call this function in a read-write transaction',
        'Under PostgREST use POST; in SQL begin a read write transaction on the primary.');
end
$$;

comment on function wingman.error_catalogue() is
'Every refusal that a caller can meet. name: stable identifier; status: HTTP status, also the SQLSTATE as PT<status>;
message: template, {word} is filled from the context; hint: what the caller can do. Source: docs/contract.md.';
revoke all on function wingman.error_catalogue() from public, anon, authenticated, service_role;
