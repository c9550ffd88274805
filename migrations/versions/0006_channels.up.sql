-- file: sql/kernel/schemas.sql
-- Who can use which schema. wingman is never exposed over HTTP; callers need USAGE to reach the few functions in it
-- that the API functions call.
set local role none;

grant usage, create on schema public to wingman_owner;
grant usage on schema public to authenticated, service_role, wingman_admin;

set local role wingman_owner;

comment on schema wingman is 'Engine of WingmanMatch: private tables and functions, never exposed';
revoke all on schema wingman from public, anon, authenticated, service_role;
grant usage on schema wingman to authenticated, service_role, wingman_admin, wingman_worker;

-- file: sql/kernel/error_catalogue.sql
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

-- file: sql/kernel/alternatives.sql
create or replace function wingman.alternatives(words text[])
returns text
language sql
immutable
return array_to_string(trim_array(words, 1), ', ') || ' or ' || words[cardinality(words)];

comment on function wingman.alternatives(text[]) is 'A list of two or more words as a sentence has it: a, b or c';
revoke all on function wingman.alternatives(text[]) from public, anon, authenticated, service_role;

-- file: sql/kernel/fill_in.sql
create or replace function wingman.fill_in(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _pieces text[] := string_to_array(replace(fill_in.template, '}', '{'), '{');
begin
    -- every other piece is a word in braces; a value with braces in it, such as a person's name, is never filled in itself
    for _place in 2 .. coalesce(cardinality(_pieces), 0) by 2 loop
        _pieces[_place] := coalesce(fill_in.facts ->> _pieces[_place], '{' || _pieces[_place] || '}');
    end loop;
    return array_to_string(_pieces, '');
end
$$;

comment on function wingman.fill_in(text, jsonb) is 'A text with each {word} replaced by the value of that name; a null
replaces nothing. The template has braces around words only, the values may have any';
revoke all on function wingman.fill_in(text, jsonb) from public, anon, authenticated, service_role;

-- file: sql/kernel/sentence.sql
create or replace function wingman.sentence(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _text text := wingman.fill_in(sentence.template, sentence.facts);
begin
    return upper(left(_text, 1)) || substr(_text, 2);
end
$$;

comment on function wingman.sentence(text, jsonb) is
'The same as wingman.fill_in, with a capital letter at the beginning, because "your buddy" may start a sentence';
revoke all on function wingman.sentence(text, jsonb) from public, anon, authenticated, service_role;

-- file: sql/kernel/shown_on_one_line.sql
create or replace function wingman.shown_on_one_line(string text)
returns text
language sql
immutable
-- Joiners and variation selectors stay: Persian names and emoji need them. The code points of blanks are listed, because what
-- [[:space:]] stands for depends on the locale.
return case
    when wingman.has_visible_character(string) then btrim(
        regexp_replace(
            regexp_replace(
                string,
                e'(?![\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u200c\\u200d\\u2028\\u2029\\u202f'
                || e'\\u205f\\u3000\\ufe0e\\ufe0f])[' || wingman.invisible_characters() || ']',
                '',
                'g'
            ),
            e'[\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+',
            ' ',
            'g'
        )
    )
end;

comment on function wingman.shown_on_one_line(text) is
'A user''s text as a message can quote it: without control characters, characters that change the direction of writing, and other
invisible ones; blanks and line breaks in a row become one space. Null if nothing visible is left';
revoke all on function wingman.shown_on_one_line(text) from public, anon, authenticated, service_role;

-- file: sql/kernel/are_clock_intervals.sql
create or replace function wingman.are_clock_intervals(steps interval[], shortest interval, longest interval)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- an empty list has no dimensions
    return coalesce(array_ndims(are_clock_intervals.steps) = 1, false)
        and cardinality(are_clock_intervals.steps) <= 20
        and array_position(are_clock_intervals.steps, null) is null
        and (
            select bool_and(wingman.is_clock_interval(s.length, are_clock_intervals.shortest, are_clock_intervals.longest))
            from unnest(are_clock_intervals.steps) as s (length)
        );
end
$$;

comment on function wingman.are_clock_intervals(interval[], interval, interval) is
'Whether this is a list of 1 to 20 intervals in [shortest, longest], written in hours, see wingman.is_clock_interval';
revoke all on function wingman.are_clock_intervals(interval[], interval, interval)
from public, anon, authenticated, service_role;

-- file: sql/kernel/are_host_names.sql
create or replace function wingman.are_host_names(hosts text[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(array_ndims(are_host_names.hosts) = 1, are_host_names.hosts = '{}')
        and cardinality(are_host_names.hosts) <= 100
        and (
            select coalesce(bool_and(coalesce(
                h.name ~ '^([*][.])?[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)+$'
                -- an address is no name
                and h.name ~ '[a-z][a-z0-9-]*$',
                false
            )), true)
            from unnest(are_host_names.hosts) as h (name)
        );
end
$$;

comment on function wingman.are_host_names(text[]) is
'Whether this is a list of host names in lower case, each optionally starting with *. for all hosts below it; null for null';
revoke all on function wingman.are_host_names(text[]) from public, anon, authenticated, service_role;

-- file: sql/kernel/settings.sql sha256:be132b6c0821352e4093d596fe8477c908512ee2b6b239dd42483e3e9fbbd35c
-- squawk-ignore ban-drop-constraint
alter table wingman.settings drop constraint settings_cooldown_steps;

alter table wingman.settings
    -- squawk-ignore constraint-missing-not-valid
    add constraint settings_cooldown_steps check (wingman.are_clock_intervals(cooldown_steps, '0', '8760 hours')),
    add column email_limit integer not null default 3
    constraint settings_email_limit check (email_limit between 1 and 1000000),
    add column email_period interval not null default interval '24 hours'
    constraint settings_email_period check (wingman.is_clock_interval(email_period, '1 second', '8760 hours')),
    -- squawk-ignore adding-field-with-default
    add column email_cost interval not null generated always as (email_period / email_limit) stored,
    -- squawk-ignore adding-field-with-default
    add column email_burst interval not null generated always as (email_period / email_limit * (email_limit - 1)) stored,
    add column email_confirmation_lifetime interval not null default interval '72 hours'
    constraint settings_email_confirmation_lifetime check (
        wingman.is_clock_interval(email_confirmation_lifetime, '1 hour', '8760 hours')
    ),
    add column push_hosts text[] not null default
    '{fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com}'
    constraint settings_push_hosts check (wingman.are_host_names(push_hosts)),
    add column delivery_time_limit interval not null default interval '15 seconds'
    constraint settings_delivery_time_limit check (wingman.is_clock_interval(delivery_time_limit, '1 second', '5 minutes')),
    add column delivery_retries interval[] not null default
    '{5 seconds,5 minutes,30 minutes,2 hours,5 hours,10 hours,14 hours,20 hours,24 hours}'
    constraint settings_delivery_retries check (wingman.are_clock_intervals(delivery_retries, '1 second', '168 hours')),
    add column delivery_retention interval not null default interval '168 hours'
    constraint settings_delivery_retention check (wingman.is_clock_interval(delivery_retention, '1 hour', '87600 hours')),
    add column realtime boolean not null default false;

comment on column wingman.settings.email_limit is
'How many addresses a user can have confirmation messages sent to at once; capacity refills evenly over email_period';
comment on column wingman.settings.email_period is 'The time in which email_limit refills';
comment on column wingman.settings.email_cost is
'email_period / email_limit: the time in which the capacity for one message refills';
comment on column wingman.settings.email_burst is
'How far ahead of the clock a user may have spent before the next message: the period less the cost of one message';
comment on column wingman.settings.email_confirmation_lifetime is
'How long the link to confirm an e-mail address is valid; no other is sent to the address before that';
comment on column wingman.settings.push_hosts is
'The push services whose addresses users may register; *.name stands for all hosts below name';
comment on column wingman.settings.delivery_time_limit is
'How long one attempt to send a message may take; after twice this time another worker tries';
comment on column wingman.settings.delivery_retries is
'How long a message that could not be sent waits before each further attempt; after the last one it is dead';
comment on column wingman.settings.delivery_retention is 'How long messages are kept after they were sent, dropped or given up';
comment on column wingman.settings.realtime is 'Whether notifications are also sent through Supabase Realtime';

-- file: sql/kernel/hashed_id.sql
create or replace function wingman.hashed_id(value text)
returns uuid
language sql
immutable
return left(encode(sha256(convert_to(lower(hashed_id.value), 'UTF8')), 'hex'), 32)::uuid;

comment on function wingman.hashed_id(text) is
'An id made from a text, the same for upper and lower case. Somebody who knows the text can recognise the id, but nobody can read
the text from it';
revoke all on function wingman.hashed_id(text) from public, anon, authenticated, service_role;

-- file: sql/guards/rate_limits.sql sha256:2ec258555863e72d157e1c14f5ede90e679ab57d705b04f70b867e55304b9a24
comment on column wingman.rate_limits.bucket is
'automatic_match, respond, confirm, create_session, profile, report or email';

-- file: sql/guards/consume_rate_limit.sql
create or replace function wingman.consume_rate_limit(user_id uuid, bucket text, cost interval, burst interval)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.rate_limits as r (user_id, bucket, spent_until)
    values (consume_rate_limit.user_id, consume_rate_limit.bucket, statement_timestamp() + consume_rate_limit.cost)
    on conflict on constraint rate_limits_pkey do update
    set spent_until = greatest(r.spent_until + consume_rate_limit.cost, excluded.spent_until)
    where r.spent_until <= statement_timestamp() + consume_rate_limit.burst;

    if not found then
        -- Nobody can have spent more than all: the clock was ahead then. Not by a moment: whoever waited for the row began before
        -- others who came first.
        update wingman.rate_limits as r
        set spent_until = statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst
        where r.user_id = consume_rate_limit.user_id
            and r.bucket = consume_rate_limit.bucket
            and r.spent_until > statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst + interval '1 minute';
        if not found then
            perform wingman.raise_error('rate_limited', (
                select jsonb_build_object('retry_after', ceil(extract(
                    epoch from r.spent_until - (statement_timestamp() + consume_rate_limit.burst)
                )))
                from wingman.rate_limits as r
                where r.user_id = consume_rate_limit.user_id and r.bucket = consume_rate_limit.bucket
            ));
        end if;
    end if;
    return consume_rate_limit.user_id;
end
$$;

comment on function wingman.consume_rate_limit(uuid, text, interval, interval) is
'Takes one call from a user''s rate limit (generic cell rate algorithm). A call that is refused afterwards takes nothing. A
user who has spent more than there is, because the clock was ahead, has spent everything just now.
bucket: see wingman.rate_limits; cost and burst: the bucket''s columns of wingman.settings, which the caller reads in a
statement that it needs anyway. Returns user_id: an assignment costs less than PERFORM.
Errors: rate_limited, whose context retry_after is in seconds.';
revoke all on function wingman.consume_rate_limit(uuid, text, interval, interval) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/leave_pending_match.sql
create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _buddy_id uuid;
    _seeker wingman.matchmaking_pool;
begin
    loop
        select s.pending_buddy_id into _buddy_id
        from wingman.matchmaking_pool as s
        where s.user_id = leave_pending_match.user_id;
        begin
            perform wingman.lock_seekers(leave_pending_match.user_id, _buddy_id);
            select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = leave_pending_match.user_id;
            exit when _seeker.pending_buddy_id is null or _seeker.pending_buddy_id = _buddy_id;
            raise sqlstate 'WM001';
        exception
            when sqlstate 'WM001' then
                -- While this waited, the person was matched with somebody else, who may come first in the lock order. The
                -- rollback has let go of both rows.
                null;
        end;
    end loop;

    if _seeker.pending_until <= statement_timestamp() then
        perform wingman.expire_match(_seeker.pending_match_id);
    elsif _seeker.pending_match_id is not null then
        perform wingman.decline_match(_seeker.pending_match_id, leave_pending_match.user_id);
    end if;
end
$$;

comment on function wingman.leave_pending_match(uuid) is
'Settles the pending match of a person who leaves: it expires if it has lapsed; otherwise this person declines it, so that the
partner keeps their waiting time. The row of the leaving person in the pool stays locked.';
revoke all on function wingman.leave_pending_match(uuid) from public, anon, authenticated, service_role;

-- file: sql/privacy/data_inventory.sql
create or replace view wingman.data_inventory as
select
    i.table_name,
    c.column_name,
    i.whose,
    i.withheld,
    i.at_erasure,
    i.reason
from (
    values
    (
        'public.user_blocks',
        array['blocker_id', 'blocked_id', 'created_at'],
        'own', 'the person blocked', 'kept', 'whoever blocked the person stays apart from them; blocks by the person go'
    ),
    (
        'public.user_locations',
        array['user_id', 'city', 'privacy_mode', 'max_travel_miles', 'created_at', 'updated_at'],
        'own', null, 'deleted', null
    ),
    ('public.user_locations', array['lat', 'lng'], 'own', 'operators: exact places are for their owners alone', 'deleted', null),
    (
        'public.user_profiles',
        array[
            'id', 'first_name', 'bio', 'photo_url', 'experience_level', 'confidence_archetype', 'completed_sessions',
            'no_shows', 'reputation_score', 'created_at', 'updated_at'
        ],
        'own', null, 'deleted', null
    ),
    (
        'public.wingman_matches',
        array[
            'id', 'user1_id', 'user2_id', 'status', 'distance_miles', 'responded_by', 'responded_at', 'expires_at',
            'ended_at', 'ended_by', 'created_at', 'updated_at', 'searched_by', 'first_accepted_by', 'first_accepted_at'
        ],
        'own', null, 'kept', 'the partner''s history'
    ),
    ('public.wingman_matches', array['needs_both'], 'impersonal', null, 'kept', 'the setting when it was made'),
    (
        'public.wingman_matches',
        array['user1_reputation', 'user2_reputation', 'user1_level', 'user2_level'],
        'own', 'the other one of the two: it is about this one', 'kept', 'the partner''s history'
    ),
    (
        'public.wingman_notifications',
        array[
            'id', 'user_id', 'kind', 'match_id', 'session_id', 'due_at', 'useful_until', 'created_at', 'read_at', 'is_limited'
        ],
        'own', null, 'deleted', null
    ),
    ('public.wingman_notifications', array['event_id'], 'impersonal', null, 'deleted', null),
    (
        'public.wingman_sessions',
        array[
            'id', 'match_id', 'user1_id', 'user2_id', 'venue_name', 'scheduled_time', 'status',
            'user1_completed_confirmed_by_user2', 'user2_completed_confirmed_by_user1', 'completed_at', 'created_by',
            'started_by', 'cancelled_by', 'created_at', 'updated_at', 'reverted_at', 'proposed_by', 'proposed_at', 'agreed_by',
            'agreed_at', 'cancelled_at', 'no_show_reported'
        ],
        'own', null, 'kept', 'the partner''s history'
    ),
    ('public.wingman_sessions', array['notes'], 'own', 'the one who did not write them', 'deleted', null),
    ('public.wingman_sessions', array['is_active'], 'impersonal', null, 'kept', 'follows from the status'),
    ('public.wingman_sessions', array['cancellation_reason'], 'own', 'the one who did not write it', 'deleted', null),
    (
        'wingman.asked_addresses',
        array['address_hash', 'not_before'],
        'another', 'a hash of an address that anybody may have named, and nobody knows who', 'kept',
        'an address is not asked more often by people who come and go; until it may be asked again'
    ),
    ('wingman.alembic_version', array['version_num'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.channel_settings',
        array['user_id', 'channel', 'kinds', 'language', 'quiet_from', 'quiet_until', 'time_zone', 'updated_at'],
        'own', null, 'deleted', null
    ),
    (
        'wingman.email_addresses',
        array['id', 'user_id', 'address', 'asked_at', 'confirmed_at'],
        'own', null, 'deleted', null
    ),
    ('wingman.events', array['xid', 'id'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.events',
        array['occurred_at', 'kind', 'match_id', 'session_id', 'user_id', 'details'],
        'own', null, 'kept', 'the journal, which holds ids and states and nothing personal'
    ),
    (
        'wingman.events',
        array['source'],
        'another', 'names a login, which may be an operator''s',
        'kept', 'the journal, which holds ids and states and nothing personal'
    ),
    ('wingman.idempotency_keys', array['user_id', 'idempotency_key', 'created_at'], 'own', null, 'deleted', null),
    ('wingman.idempotency_keys', array['fingerprint'], 'impersonal', null, 'deleted', null),
    (
        'wingman.idempotency_keys',
        array['response'],
        'another', 'repeats what stands elsewhere, and what buddies wrote',
        'pseudonymised', 'own replies go; those of partners lose what they say about the person, not their keys and fingerprints'
    ),
    ('wingman.inbox_clock', array['id', 'told_until'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.match_progress',
        array['match_id', 'offered_on', 'offered', 'accepted', 'ended', 'sessions', 'completed'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    ('wingman.match_searches', array['match_id', 'level_difference'], 'own', null, 'deleted', null),
    ('wingman.match_searches', array['radius_miles'], 'own', 'the person found: it is about who searched', 'deleted', null),
    (
        'wingman.match_searches',
        array['candidate_travel_miles', 'candidate_waiting_since', 'candidate_exposures'],
        'own', 'who searched: it is about the person found', 'deleted', null
    ),
    ('wingman.match_searches', array['exposure_limit', 'level_tolerance', 'rematch_after'], 'impersonal', null, 'deleted', null),
    (
        'wingman.match_statistics',
        array['offered_on', 'offered', 'accepted', 'ended', 'scheduled', 'completed'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.matchmaking_pool',
        array[
            'user_id', 'level', 'max_travel_miles', 'waiting_since', 'paused', 'pending_match_id', 'pending_buddy_id',
            'pending_until', 'paused_automatically', 'unanswered_offers', 'exposures', 'cooldown_until', 'suspended',
            'suspended_until'
        ],
        'own', null, 'deleted', null
    ),
    (
        'wingman.matchmaking_pool',
        array['grid_lat', 'grid_lng'],
        'own', 'operators: exact places are for their owners alone', 'deleted', null
    ),
    (
        'wingman.no_show_reports',
        array[
            'id', 'session_id', 'reporter_id', 'accused_id', 'reason', 'status', 'created_at', 'answer_by', 'decide_by',
            'answered_at', 'closed_at'
        ],
        'own', null, 'kept', 'who is absent cannot escape by leaving'
    ),
    (
        'wingman.no_show_reports',
        array['note', 'statement'],
        'own', 'the other one of the two: it is for operators', 'deleted', null
    ),
    (
        'wingman.notification_deliveries',
        array[
            'id', 'channel', 'kind', 'notification_id', 'user_id', 'state', 'attempts', 'next_attempt_at', 'last_error',
            'created_at', 'settled_at'
        ],
        'own', null, 'deleted', null
    ),
    ('wingman.notification_deliveries', array['target_id', 'token'], 'impersonal', null, 'deleted', null),
    (
        'wingman.notification_texts',
        array['kind', 'channel', 'language', 'title', 'body'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    ('wingman.occupied_cells', array['grid_lat', 'grid_lng'], 'impersonal', null, 'deleted', null),
    (
        'wingman.operator_decisions',
        array['id', 'decided_at', 'kind', 'subject_id'],
        'own', 'the two people of a report: its own row says how it was decided', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.operator_decisions',
        array['login'],
        'another', 'names an operator', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.operator_decisions',
        array['reason', 'details'],
        'another', 'an operator''s words', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.outcome_statistics',
        array['happened_at', 'outcome', 'sessions'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.postponed_notices',
        array['id', 'notice', 'postponed_at'],
        'impersonal', null, 'kept', 'ids, until the next run of the readers'
    ),
    (
        'wingman.push_subscriptions',
        array['id', 'user_id', 'endpoint', 'created_at'],
        'own', null, 'deleted', null
    ),
    (
        'wingman.push_subscriptions',
        array['p256dh', 'auth'],
        'another', 'keys of the browser: whoever has them can send to it', 'deleted', null
    ),
    ('wingman.rate_limits', array['user_id', 'bucket', 'spent_until'], 'own', null, 'deleted', null),
    (
        'wingman.reader_backlogs',
        array[
            'reader', 'first_id', 'last_id', 'seen', 'target', 'place_xid', 'place_id', 'target_id', 'read_xid', 'read_id'
        ],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.readers',
        array[
            'name', 'source', 'seen', 'target', 'place_xid', 'place_id', 'first_id', 'last_id', 'cluster_id', 'moved_at'
        ],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.reminders',
        array['id', 'due_at', 'kind', 'match_id', 'session_id', 'about'],
        'impersonal', null, 'kept', 'ids of a match or session and a time, until the reminder is due'
    ),
    ('wingman.reputation_events', array['xid', 'id'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.reputation_events',
        array['created_at', 'session_id', 'user_id', 'buddy_id', 'kind', 'delta', 'completed_sessions', 'no_shows'],
        'own', null, 'kept', 'who comes back by the same id begins from the sums of the ledger'
    ),
    ('wingman.reputation_statistics', array['score', 'people'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.session_statistics',
        array['held_at', 'outcome', 'sessions'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.settings',
        array[
            'id', 'match_lifetime', 'rematch_after', 'session_start_lead', 'session_horizon', 'settle_limit',
            'level_relaxation', 'exposure_limit', 'exposure_window', 'ghosting_limit', 'automatic_match_limit',
            'automatic_match_period', 'automatic_match_cost', 'automatic_match_burst', 'respond_limit', 'respond_period',
            'respond_cost', 'respond_burst', 'confirm_limit', 'confirm_period', 'confirm_cost', 'confirm_burst',
            'create_session_limit', 'create_session_period', 'create_session_cost', 'create_session_burst',
            'profile_limit', 'profile_period', 'profile_cost', 'profile_burst', 'idempotency_retention',
            'journal_retention_months', 'journal_drop_limit', 'acceptance', 'needs_both', 'session_spacing', 'no_show_grace',
            'no_show_window', 'no_show_answer_within', 'no_show_decide_within', 'no_show_memory', 'cooldown_steps',
            'report_limit', 'report_period', 'report_cost', 'report_burst', 'match_expiring_before', 'session_reminder_before',
            'session_reminder_again', 'agreement_reminder_before', 'confirmation_reminder_after', 'notifications_per_day',
            'notification_retention', 'email_limit', 'email_period', 'email_cost', 'email_burst', 'email_confirmation_lifetime',
            'push_hosts', 'delivery_time_limit', 'delivery_retries', 'delivery_retention', 'realtime'
        ],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.suspensions',
        array['user_id', 'ends_at', 'created_at'],
        'own', null, 'kept', 'who is suspended cannot escape by leaving'
    ),
    (
        'wingman.user_events',
        array['user_id', 'id', 'xid', 'occurred_at'],
        'impersonal', null, 'kept', 'where the journal tells of a user; the journal''s rows are listed with it'
    ),
    (
        'wingman.user_reports',
        array['id', 'reporter_id', 'subject_id', 'created_at', 'status', 'decided_at'],
        'own', 'the person reported', 'kept', 'reports protect others'
    ),
    (
        'wingman.user_reports',
        array['reason'],
        'own', 'the person reported', 'deleted', 'kept until an operator has decided the report'
    ),
    (
        'wingman.user_reports',
        array['taken_by', 'taken_at'],
        'another', 'names an operator', 'kept', 'operators answer for what they decide'
    ),
    (
        'wingman.webhooks',
        array[
            'id', 'url', 'kinds', 'secret', 'previous_secret', 'previous_until', 'created_at', 'disabled_at', 'rests_until'
        ],
        'impersonal', null, 'kept', 'the operators'' systems'
    )
) as i (table_name, column_names, whose, withheld, at_erasure, reason)
cross join lateral unnest(i.column_names) as c (column_name);

comment on view wingman.data_inventory is
'Every column of every table: whose data it holds, and what becomes of it when somebody''s data is erased. Exports and erasures
do what stands here; a column that does not stand here fails a test';
comment on column wingman.data_inventory.table_name is 'The table, with its schema';
comment on column wingman.data_inventory.column_name is 'The column';
comment on column wingman.data_inventory.whose is
'own: the person''s, who can export it; another: about the person, but someone else''s, and in no export; impersonal: about
nobody';
comment on column wingman.data_inventory.withheld is
'own: whom it is kept from, null for nobody; another: why it is in no export; impersonal: null';
comment on column wingman.data_inventory.at_erasure is
'deleted; pseudonymised: what it says about the person goes, and an id stays, which then leads to nobody; kept';
comment on column wingman.data_inventory.reason is
'Why it is kept, or kept for a while, or how it is pseudonymised; null if it is deleted at once';

revoke all on table wingman.data_inventory from public, anon, authenticated, service_role;

-- file: sql/privacy/personal_data.sql
create or replace function wingman.personal_data(user_id uuid, with_exact_place boolean)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
-- what belongs to one person is found by index
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    _me uuid := personal_data.user_id;
    _matches uuid[] := array(select m.id from public.wingman_matches as m where m.user1_id = _me or m.user2_id = _me);
    _not_given text[] := case when personal_data.with_exact_place then '{}' else '{lat,lng,grid_lat,grid_lng}' end::text[];
    _data jsonb;
begin
    _data := jsonb_build_object(
        'user_profiles', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    p.id,
                    p.first_name,
                    p.bio,
                    p.photo_url,
                    p.experience_level,
                    p.confidence_archetype,
                    p.completed_sessions,
                    p.no_shows,
                    p.reputation_score,
                    p.created_at,
                    p.updated_at
                from public.user_profiles as p
                where p.id = _me
            ) as o
        ),
        'user_locations', (
            select jsonb_agg(to_jsonb(o) - _not_given order by o.user_id)
            from (
                select
                    l.user_id,
                    l.lat,
                    l.lng,
                    l.city,
                    l.privacy_mode,
                    l.max_travel_miles,
                    l.created_at,
                    l.updated_at
                from public.user_locations as l
                where l.user_id = _me
            ) as o
        ),
        'matchmaking_pool', (
            select jsonb_agg(to_jsonb(o) - _not_given order by o.user_id)
            from (
                select
                    s.user_id,
                    s.grid_lat,
                    s.grid_lng,
                    s.level,
                    s.max_travel_miles,
                    s.waiting_since,
                    s.paused,
                    s.pending_match_id,
                    s.pending_buddy_id,
                    s.pending_until,
                    s.paused_automatically,
                    s.unanswered_offers,
                    s.exposures,
                    s.cooldown_until,
                    s.suspended,
                    s.suspended_until
                from wingman.matchmaking_pool as s
                where s.user_id = _me
            ) as o
        ),
        'rate_limits', (
            select jsonb_agg(to_jsonb(o) order by o.bucket)
            from (
                select
                    r.user_id,
                    r.bucket,
                    r.spent_until
                from wingman.rate_limits as r
                where r.user_id = _me
            ) as o
        ),
        'idempotency_keys', (
            select jsonb_agg(to_jsonb(o) order by o.created_at, o.idempotency_key)
            from (
                select
                    k.user_id,
                    k.idempotency_key,
                    k.created_at
                from wingman.idempotency_keys as k
                where k.user_id = _me
            ) as o
        )
    );

    _data := _data || jsonb_build_object(
        'wingman_matches', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    m.id,
                    m.user1_id,
                    m.user2_id,
                    m.status,
                    case m.user1_id when _me then m.user1_reputation end as user1_reputation,
                    case m.user2_id when _me then m.user2_reputation end as user2_reputation,
                    case m.user1_id when _me then m.user1_level end as user1_level,
                    case m.user2_id when _me then m.user2_level end as user2_level,
                    m.distance_miles,
                    m.searched_by,
                    m.responded_by,
                    m.responded_at,
                    m.expires_at,
                    m.ended_at,
                    m.ended_by,
                    m.created_at,
                    m.updated_at,
                    m.first_accepted_by,
                    m.first_accepted_at
                from public.wingman_matches as m
                where m.id = any(_matches)
            ) as o
        ),
        'match_searches', (
            select jsonb_agg(to_jsonb(o) order by o.match_id)
            from (
                select
                    h.match_id,
                    h.level_difference,
                    case when m.searched_by = _me then h.radius_miles end as radius_miles,
                    case when m.searched_by <> _me then h.candidate_travel_miles end as candidate_travel_miles,
                    case when m.searched_by <> _me then h.candidate_waiting_since end as candidate_waiting_since,
                    case when m.searched_by <> _me then h.candidate_exposures end as candidate_exposures
                from wingman.match_searches as h
                inner join public.wingman_matches as m on m.id = h.match_id
                where h.match_id = any(_matches)
            ) as o
        ),
        'wingman_sessions', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    s.id,
                    s.match_id,
                    s.user1_id,
                    s.user2_id,
                    s.venue_name,
                    s.scheduled_time,
                    case s.created_by when _me then s.notes end as notes,
                    s.status,
                    s.user1_completed_confirmed_by_user2,
                    s.user2_completed_confirmed_by_user1,
                    s.completed_at,
                    s.created_by,
                    s.started_by,
                    s.cancelled_by,
                    case s.cancelled_by when _me then s.cancellation_reason end as cancellation_reason,
                    s.created_at,
                    s.updated_at,
                    s.reverted_at,
                    s.proposed_by,
                    s.proposed_at,
                    s.agreed_by,
                    s.agreed_at,
                    s.cancelled_at,
                    s.no_show_reported
                from public.wingman_sessions as s
                where s.match_id = any(_matches)
            ) as o
        ),
        'wingman_notifications', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    w.id,
                    w.user_id,
                    w.kind,
                    w.match_id,
                    w.session_id,
                    w.due_at,
                    w.useful_until,
                    w.created_at,
                    w.read_at,
                    w.is_limited
                from public.wingman_notifications as w
                where w.user_id = _me
            ) as o
        ),
        'channel_settings', (
            select jsonb_agg(to_jsonb(o) order by o.channel)
            from (
                select
                    c.user_id,
                    c.channel,
                    c.kinds,
                    c.language,
                    c.quiet_from,
                    c.quiet_until,
                    c.time_zone,
                    c.updated_at
                from wingman.channel_settings as c
                where c.user_id = _me
            ) as o
        ),
        'email_addresses', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    a.id,
                    a.user_id,
                    a.address,
                    a.asked_at,
                    a.confirmed_at
                from wingman.email_addresses as a
                where a.user_id = _me
            ) as o
        ),
        'push_subscriptions', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    s.id,
                    s.user_id,
                    s.endpoint,
                    s.created_at
                from wingman.push_subscriptions as s
                where s.user_id = _me
            ) as o
        ),
        'notification_deliveries', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    d.id,
                    d.channel,
                    d.kind,
                    d.notification_id,
                    d.user_id,
                    d.state,
                    d.attempts,
                    d.next_attempt_at,
                    d.last_error,
                    d.created_at,
                    d.settled_at
                from wingman.notification_deliveries as d
                where d.user_id = _me
            ) as o
        ),
        'events', (
            select jsonb_agg(to_jsonb(o))
            from (
                select
                    e.occurred_at,
                    e.kind,
                    e.match_id,
                    e.session_id,
                    e.user_id,
                    e.details
                from (
                    select m.*
                    from wingman.events as m
                    where m.match_id = any(_matches) and m.user_id = _me
                    union all
                    select n.*
                    from wingman.user_events as u
                    inner join wingman.events as n on u.xid = n.xid and u.id = n.id and u.occurred_at = n.occurred_at
                    where u.user_id = _me
                    union all
                    select n.*
                    from wingman.unread_events('statistics') as n
                    where n.user_id = _me and n.match_id is null
                ) as e
                order by e.id
            ) as o
        ),
        'reputation_events', (
            select jsonb_agg(to_jsonb(o))
            from (
                select
                    g.created_at,
                    g.session_id,
                    g.user_id,
                    g.buddy_id,
                    g.kind,
                    g.delta,
                    g.completed_sessions,
                    g.no_shows
                from wingman.reputation_events as g
                where g.user_id = _me
                order by g.id
            ) as o
        )
    );

    _data := _data || jsonb_build_object(
        'user_blocks', (
            select jsonb_agg(to_jsonb(o) order by o.created_at, o.blocked_id)
            from (
                select
                    b.blocker_id,
                    b.blocked_id,
                    b.created_at
                from public.user_blocks as b
                where b.blocker_id = _me
            ) as o
        ),
        'user_reports', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    r.id,
                    r.reporter_id,
                    r.subject_id,
                    r.reason,
                    r.created_at,
                    r.status,
                    r.decided_at
                from wingman.user_reports as r
                where r.reporter_id = _me
            ) as o
        ),
        'no_show_reports', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    n.id,
                    n.session_id,
                    n.reporter_id,
                    n.accused_id,
                    n.reason,
                    case n.reporter_id when _me then n.note end as note,
                    case n.accused_id when _me then n.statement end as statement,
                    n.status,
                    n.created_at,
                    n.answer_by,
                    n.decide_by,
                    n.answered_at,
                    n.closed_at
                from wingman.no_show_reports as n
                where n.reporter_id = _me or n.accused_id = _me
            ) as o
        ),
        'suspensions', (
            select jsonb_agg(to_jsonb(o) order by o.user_id)
            from (
                select
                    b.user_id,
                    b.ends_at,
                    b.created_at
                from wingman.suspensions as b
                where b.user_id = _me
            ) as o
        ),
        'operator_decisions', (
            select jsonb_agg(to_jsonb(o) order by o.id)
            from (
                select
                    d.id,
                    d.decided_at,
                    d.kind,
                    d.subject_id
                from wingman.operator_decisions as d
                where d.subject_id = _me
                    or d.subject_id = any(_matches)
                    or d.subject_id = any(array(select s.id from public.wingman_sessions as s where s.match_id = any(_matches)))
            ) as o
        )
    );
    return (
        select jsonb_object_agg(t.name, coalesce(nullif(t.rows, 'null'), '[]'))
        from jsonb_each(_data) as t (name, rows)
    );
end
$$;

comment on function wingman.personal_data(uuid, boolean) is
'What is a person''s own by wingman.data_inventory, as data_export.data gives it: all rows of one snapshot. What such a row says
about somebody else is null in it. with_exact_place: for the person alone.';
revoke all on function wingman.personal_data(uuid, boolean) from public, anon, authenticated, service_role;

-- drop: sql/matching/matches/tg_user_profiles__depart.sql
drop trigger settle_departure on public.user_profiles;

-- file: sql/matching/matches/tg_user_profiles__depart.sql
create or replace function wingman.tg_user_profiles__depart()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.settle_departure(old.id);
    delete from wingman.match_searches as h
    where h.match_id = any(array(
        select m.id from public.wingman_matches as m where m.user1_id = old.id or m.user2_id = old.id
    ));
    -- not by wingman.record_reputation, which would change the row that is being deleted
    insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
    values (old.id, 'departed', wingman.reputation_delta('departed'), old.completed_sessions, old.no_shows);
    perform wingman.erase_replies(old.id);
    perform wingman.erase_channels(old.id);
    return old;
end
$$;

comment on function wingman.tg_user_profiles__depart() is
'Trigger: whoever deletes a profile, by hand or with the account, erases what there is of the person, as wingman.data_inventory
says. The pending match is settled, accepted ones end and their sessions are cancelled. History and partners'' reputation stay, and
the ledger says that this person has gone.';
revoke all on function wingman.tg_user_profiles__depart() from public, anon, authenticated, service_role;

create or replace trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.tg_user_profiles__depart();

-- file: sql/inbox/notification_kinds.sql
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

-- file: sql/inbox/is_muted.sql
create or replace function wingman.is_muted(user_id uuid, other_id uuid, occurred_at timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- what the block itself did is told as if there were no block
    return exists (
        select
        from public.user_blocks as b
        where b.blocker_id in (is_muted.user_id, is_muted.other_id)
            and b.blocked_id in (is_muted.user_id, is_muted.other_id)
            and b.created_at is distinct from is_muted.occurred_at
    );
end
$$;

comment on function wingman.is_muted(uuid, uuid, timestamptz) is
'Whether what one of two people did is not told to the other because one has blocked the other. occurred_at: when it was done,
null for a reminder; what the block itself did is told';
revoke all on function wingman.is_muted(uuid, uuid, timestamptz) from public, anon, authenticated, service_role;

-- file: sql/inbox/notices_of.sql
create or replace function wingman.notices_of(events wingman.events[])
returns setof wingman.notice
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- so that a plan made while the tables were small does not scan them whole until the next analyze
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select
        p.id,
        r.other_id,
        e.kind,
        e.id,
        e.match_id,
        e.session_id,
        null::timestamptz,
        null::timestamptz,
        case e.kind
            when 'match_offered' then (e.details ->> 'expires_at')::timestamptz
            when 'match_first_accepted' then r.expires_at
            when 'session_scheduled' then (e.details ->> 'scheduled_time')::timestamptz
            when 'session_moved' then (e.details ->> 'scheduled_time')::timestamptz
        end,
        coalesce(e.user_id = r.other_id, false)
    from unnest(notices_of.events) as e
    inner join wingman.event_kinds() as k on k.kind = e.kind and k.told_to is not null
    cross join lateral (
        select o.id, o.other_id, m.expires_at
        from public.wingman_matches as m
        cross join lateral (values (m.user1_id, m.user2_id), (m.user2_id, m.user1_id)) as o (id, other_id)
        where k.told_to = 'participants' and m.id = e.match_id and o.id is distinct from e.user_id
        union all
        select e.user_id, null, null
        where k.told_to = 'user' and (e.details ->> 'automatically') is distinct from 'false'
    ) as r
    -- somebody who has returned with the same id is not told what happened before
    inner join public.user_profiles as p on p.id = r.id and p.created_at <= e.occurred_at
    -- not if the same act is told by another event
    where not (k.unless_told is not null and exists (
            select
            from wingman.events as o
            where o.match_id = e.match_id
                and o.occurred_at = e.occurred_at
                and o.xid = e.xid
                and o.kind = any(k.unless_told)
                and (o.kind <> e.kind or o.id < e.id)
        ))
        and (e.user_id is distinct from r.other_id or not wingman.is_muted(r.id, r.other_id, e.occurred_at))
    order by e.id, p.id;
end
$$;

comment on function wingman.notices_of(wingman.events[]) is
'Who is told of these events: never the person who did it; not the other person either if one of the two has blocked the other,
unless the block itself did it; and one act once, even if it caused several events';
revoke all on function wingman.notices_of(wingman.events[]) from public, anon, authenticated, service_role;

-- file: sql/inbox/tell.sql
create or replace function wingman.tell(notices wingman.notice[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _limit integer;
    _base timestamptz;
    _day interval := interval '24 hours';
    _present uuid[];
    _written uuid[];
begin
    if cardinality(tell.notices) = 0 then
        return;
    end if;

    select t.notifications_per_day into strict _limit from wingman.settings as t;
    -- Do not wait for the erasure of a user, because everybody else would wait too. After a rollback the next run tells them.
    -- A user who has returned with the same id since this run began counts as absent; the next run drops what is for them.
    _present := array(
        select p.id
        from public.user_profiles as p
        where p.id = any(array(select n.user_id from unnest(tell.notices) as n)) and p.created_at <= statement_timestamp()
        order by p.id
        for key share skip locked
    );
    insert into wingman.postponed_notices (notice)
    select n
    from unnest(tell.notices) as n
    where n.user_id <> all(_present) and exists (select from public.user_profiles as p where p.id = n.user_id);

    select greatest(clock_timestamp(), c.told_until) into strict _base from wingman.inbox_clock as c;
    with numbered as (
        select
            n.*,
            row_number() over (partition by n.user_id, n.other_id order by n.event_id) as place
        from unnest(tell.notices) as n
        where n.is_limited and n.user_id = any(_present)
    ),

    limited as (
        select
            n.*,
            n.place + g.told as place_of_day,
            -- greater than the limit if the setting was lowered meanwhile
            greatest(_limit, g.told) as most,
            g.is_summed_up
        from numbered as n
        cross join lateral (
            select
                count(*) filter (where w.is_limited) as told,
                count(*) filter (where w.kind = 'more_activity') > 0 as is_summed_up
            from public.wingman_notifications as w
            inner join public.wingman_matches as m
                on m.id = w.match_id
                and m.user1_id = least(n.user_id, n.other_id)
                and m.user2_id = greatest(n.user_id, n.other_id)
            where w.user_id = n.user_id
                and w.id >= wingman.first_id_at(statement_timestamp() - _day)
                -- after the clock has gone back, ids are ahead of it
                and w.created_at > statement_timestamp() - _day
        ) as g
    ),

    told as (
        select l.user_id, l.kind, l.event_id, l.match_id, l.session_id, l.due_at, l.useful_until, true as is_limited
        from limited as l
        where l.place_of_day <= _limit
        union all
        select l.user_id, 'more_activity', l.event_id, l.match_id, null, null, null, false
        from limited as l
        where l.place_of_day = l.most + 1 and not l.is_summed_up
        union all
        select n.user_id, n.kind, n.event_id, n.match_id, n.session_id, n.due_at, n.useful_until, false
        from unnest(tell.notices) as n
        where not n.is_limited and n.user_id = any(_present)
    ),

    written as (
        insert into public.wingman_notifications (
            id, user_id, kind, event_id, match_id, session_id, due_at, useful_until, is_limited
        )
        select
            wingman.id_at(_base + row_number() over (order by t.event_id, t.due_at, t.user_id) * interval '1 microsecond'),
            t.user_id,
            t.kind,
            t.event_id,
            t.match_id,
            t.session_id,
            t.due_at,
            t.useful_until,
            t.is_limited
        from told as t
        on conflict do nothing
        returning id
    ),

    moved as (
        update wingman.inbox_clock as c
        set told_until = _base + cardinality(tell.notices) * interval '1 microsecond'
        where exists (select from written as w)
    )

    select array_agg(w.id) into strict _written from written as w;
    perform wingman.plan_deliveries(_written);
end
$$;

comment on function wingman.tell(wingman.notice[]) is
'Writes notifications, and plans to send them outside: each event and each reminder once for each person. The caller has locked
wingman.inbox_clock. One person''s acts are told to another at most settings.notifications_per_day times in 24 hours, and then
once that there was more';
revoke all on function wingman.tell(wingman.notice[]) from public, anon, authenticated, service_role;

-- file: sql/inbox/notifications_of.sql
create or replace function wingman.notifications_of(ids uuid[], user_id uuid)
returns setof public.notification
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _partners uuid[] := array(select p.id from wingman.partners_of(notifications_of.user_id) as p (id));
begin
    return query
    select
        w.id,
        w.kind,
        wingman.sentence(k.message, jsonb_build_object('buddy', coalesce(p.first_name, 'your buddy'))),
        w.match_id,
        w.session_id,
        p.id,
        p.first_name,
        w.created_at,
        w.useful_until,
        w.read_at
    from public.wingman_notifications as w
    inner join wingman.notification_kinds() as k on k.kind = w.kind
    left join public.wingman_matches as m on m.id = w.match_id
    left join public.user_profiles as p
        on p.id = case when m.user1_id = w.user_id then m.user2_id else m.user1_id end
        and p.id = any(_partners)
    where w.id = any(notifications_of.ids) and w.user_id = notifications_of.user_id
    order by w.id desc;
end
$$;

comment on function wingman.notifications_of(uuid[], uuid) is
'Notifications of a user as that user reads them, newest first, with the current names of current partners';
revoke all on function wingman.notifications_of(uuid[], uuid) from public, anon, authenticated, service_role;

-- file: sql/channels/personal_channels.sql
create or replace function wingman.personal_channels()
returns text[]
language sql
immutable
return array['email', 'web_push'];

comment on function wingman.personal_channels() is
'The channels whose messages a user reads: with texts and settings of the user''s own, and not sent
once the user has read the notification in the app';
revoke all on function wingman.personal_channels() from public, anon, authenticated, service_role;

-- file: sql/channels/channels.sql
create or replace function wingman.channels()
returns text[]
language sql
immutable
return wingman.personal_channels() || array['webhook', 'realtime'];

comment on function wingman.channels() is
'The channels by which notifications go outside: those of wingman.personal_channels(), and those for programs, which get ids';
revoke all on function wingman.channels() from public, anon, authenticated, service_role;

-- file: sql/channels/text_languages.sql
create or replace function wingman.text_languages()
returns table (language text, buddy text, moment text, weekdays text[], months text[])
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    (
        'en',
        'your buddy',
        '{weekday} {day} {month}, {time}',
        '{Mon, Tue, Wed, Thu, Fri, Sat, Sun}'::text[],
        '{Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep, Oct, Nov, Dec}'::text[]
    ),
    (
        'de',
        'dein Buddy',
        '{weekday}, {day}. {month}, {time} Uhr',
        '{Mo., Di., Mi., Do., Fr., Sa., So.}',
        '{Jan., Feb., März, Apr., Mai, Juni, Juli, Aug., Sept., Okt., Nov., Dez.}'
    );
end
$$;

comment on function wingman.text_languages() is
'The languages of texts sent outside the app. language: a value of wingman.notification_texts.language; buddy: what replaces
{buddy} once the two are no longer matched; moment: how a time is written; weekdays: their short names, from Monday; months: their
short names. English comes first: it is used where another language lacks a text.';
revoke all on function wingman.text_languages() from public, anon, authenticated, service_role;

-- file: sql/channels/is_text_language.sql
create or replace function wingman.is_text_language(language text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from wingman.text_languages() as l where l.language = is_text_language.language);
end
$$;

comment on function wingman.is_text_language(text) is 'Whether wingman.text_languages() has this language';
revoke all on function wingman.is_text_language(text) from public, anon, authenticated, service_role;

-- file: sql/channels/is_time_zone.sql
create or replace function wingman.is_time_zone(name text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- without this, rules such as ABC-3 would be time zones, too
    return is_time_zone.name ~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$'
        and char_length(is_time_zone.name) <= 60
        and statement_timestamp() at time zone is_time_zone.name is not null;
exception
    when invalid_parameter_value then
        return false;
end
$$;

comment on function wingman.is_time_zone(text) is
'Whether a text names a time zone of the IANA database, such as Europe/Berlin; null for null';
revoke all on function wingman.is_time_zone(text) from public, anon, authenticated, service_role;

-- file: sql/channels/known_time_zone.sql
create or replace function wingman.known_time_zone(name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- the list changes with the system: what a user has set may be gone, and must not hold up everybody's messages
    return case when wingman.is_time_zone(known_time_zone.name) then known_time_zone.name else 'UTC' end;
end
$$;

comment on function wingman.known_time_zone(text) is
'This time zone, or UTC for null and where this server does not know it any more';
revoke all on function wingman.known_time_zone(text) from public, anon, authenticated, service_role;

-- file: sql/channels/time_text.sql
create or replace function wingman.time_text(moment timestamptz, time_zone text, language text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _language record;
    _time_zone text := wingman.known_time_zone(time_text.time_zone);
    _local timestamp := time_text.moment at time zone _time_zone;
begin
    if time_text.moment is null then
        return null;
    end if;

    select l.moment, l.weekdays, l.months
    into strict _language
    from wingman.text_languages() as l
    where l.language = time_text.language;

    -- not the names of to_char: they depend on lc_time
    return wingman.fill_in(
        _language.moment,
        jsonb_build_object(
            'weekday', _language.weekdays[extract(isodow from _local)::integer],
            'day', extract(day from _local),
            'month', _language.months[extract(month from _local)::integer],
            'time', to_char(_local, 'HH24:MI')
        )
    -- nobody's clock, as a rule
    ) || case when _time_zone = 'UTC' then ' UTC' else '' end;
end
$$;

comment on function wingman.time_text(timestamptz, text, text) is
'A moment in the format of a language of wingman.text_languages(), such as Fri 4 Dec, 18:30. time_zone: see
wingman.known_time_zone; a time in UTC says so. Null for null';
revoke all on function wingman.time_text(timestamptz, text, text) from public, anon, authenticated, service_role;

-- file: sql/channels/notification_text_violation.sql
create or replace function wingman.notification_text_violation(kind text, channel text, language text, title text, body text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _is_confirmation boolean := notification_text_violation.kind = 'email_confirmation';
    _has_inbox_sentence boolean := notification_text_violation.channel = 'email'
    and notification_text_violation.language = 'en'
    and not _is_confirmation;
    _placeholders text[] := '{}'::text[];
    _placeholder text;
    _rest text := notification_text_violation.body;
begin
    if not (_is_confirmation or wingman.is_notification_kind(notification_text_violation.kind)) then
        return row('kind', 'must be a kind of notification, or email_confirmation')::wingman.violation;
    elsif notification_text_violation.channel <> all(wingman.personal_channels()) then
        return row('channel', 'must be ' || wingman.alternatives(wingman.personal_channels()))::wingman.violation;
    elsif _is_confirmation and notification_text_violation.channel <> 'email' then
        return row('channel', 'must be email, since this confirms an address')::wingman.violation;
    elsif not wingman.is_text_language(notification_text_violation.language) then
        return row(
            'language', 'must be ' || wingman.alternatives(array(select l.language from wingman.text_languages() as l))
        )::wingman.violation;
    elsif not wingman.has_visible_character(notification_text_violation.title)
        or char_length(notification_text_violation.title) > 80
    then
        return row('title', 'must be 1 to 80 characters')::wingman.violation;
    elsif wingman.has_control_character(notification_text_violation.title)
        or notification_text_violation.title ~ e'[\\t\\n\\r]'
    then
        -- it becomes a header of the e-mail
        return row('title', 'must be one line without control characters')::wingman.violation;
    elsif notification_text_violation.title ~ '[{}]' then
        return row('title', 'must not contain braces: others may see it on a lock screen')::wingman.violation;
    elsif _rest is null and _has_inbox_sentence then
        return null;
    elsif _rest is null then
        return row('body', 'is required, except in English e-mail, which can use the sentence of the inbox')::wingman.violation;
    elsif not wingman.has_visible_character(_rest) or char_length(_rest) > 500 then
        return row('body', 'must be 1 to 500 characters')::wingman.violation;
    elsif wingman.has_control_character(_rest) then
        return row('body', 'must not contain control characters')::wingman.violation;
    elsif notification_text_violation.channel = 'web_push' and _rest ~ '[{}]' then
        return row('body', 'must not contain braces: others may see it on a lock screen')::wingman.violation;
    end if;

    if not _is_confirmation and not exists (
            select from wingman.event_kinds() as k where k.kind = notification_text_violation.kind and k.told_to = 'user'
        )
    then
        _placeholders := '{"{buddy}"}'::text[];
    end if;
    if starts_with(notification_text_violation.kind, 'session_')
        or starts_with(notification_text_violation.kind, 'no_show_')
        or notification_text_violation.kind in ('agreement_reminder', 'confirmation_reminder')
    then
        _placeholders := _placeholders || '{"{venue}", "{time}"}';
    end if;
    foreach _placeholder in array _placeholders loop
        -- a blank, so that what stands left and right of it does not become another placeholder
        _rest := replace(_rest, _placeholder, ' ');
    end loop;
    if _rest ~ '[{}]' then
        return row(
            'body', 'must not contain braces' || coalesce(' other than ' || nullif(array_to_string(_placeholders, ', '), ''), '')
        )::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.notification_text_violation(text, text, text, text, text) is
'The first rule that a text of wingman.notification_texts breaks, or null. Only the body of an e-mail may name somebody, with
{buddy}; if it concerns a session, it may also say where and when, with {venue} and {time}. The constraint of the table and
wingman_admin.set_notification_text both use this.';
revoke all on function wingman.notification_text_violation(text, text, text, text, text)
from public, anon, authenticated, service_role;

-- file: sql/channels/notification_texts.sql
create table wingman.notification_texts (
    kind text not null,
    channel text not null,
    language text not null,
    title text not null,
    body text,
    constraint notification_texts_pkey primary key (kind, channel, language),
    constraint notification_texts_check check (
        wingman.notification_text_violation(kind, channel, language, title, body) is null
    )
);

insert into wingman.notification_texts (kind, channel, language, title, body)
values
('match_offered', 'email', 'en', 'You have a new match', null),
('match_offered', 'email', 'de', 'Du hast ein neues Match', 'Du hast ein neues Match: {buddy}. Nimm es an oder lehne es ab.'),
('match_offered', 'web_push', 'en', 'You have a new match', 'See who it is, then accept or decline.'),
('match_offered', 'web_push', 'de', 'Du hast ein neues Match', 'Sieh nach, wer es ist, und nimm es an oder lehne es ab.'),
('match_first_accepted', 'email', 'en', 'Your match is waiting for you', null),
(
    'match_first_accepted',
    'email',
    'de',
    'Dein Match wartet auf dich',
    '{buddy} hat euer Match angenommen. Nimm es auch an, dann könnt ihr euch treffen.'
),
('match_first_accepted', 'web_push', 'en', 'Your match is waiting for you', 'Accept it too, and you can meet.'),
('match_first_accepted', 'web_push', 'de', 'Dein Match wartet auf dich', 'Nimm es auch an, dann könnt ihr euch treffen.'),
('match_accepted', 'email', 'en', 'Your match was accepted', null),
(
    'match_accepted',
    'email',
    'de',
    'Dein Match wurde angenommen',
    '{buddy} hat euer Match angenommen. Jetzt könnt ihr ein Treffen vereinbaren.'
),
('match_accepted', 'web_push', 'en', 'Your match was accepted', 'You can now arrange a session.'),
('match_accepted', 'web_push', 'de', 'Dein Match wurde angenommen', 'Jetzt könnt ihr ein Treffen vereinbaren.'),
('match_declined', 'email', 'en', 'There is news about your match', null),
('match_declined', 'email', 'de', 'Es gibt Neues zu deinem Match', 'Dein Match wurde abgelehnt.'),
('match_declined', 'web_push', 'en', 'There is news about your match', 'Take a look.'),
('match_declined', 'web_push', 'de', 'Es gibt Neues zu deinem Match', 'Sieh es dir an.'),
('match_ended', 'email', 'en', 'There is news about your match', null),
('match_ended', 'email', 'de', 'Es gibt Neues zu deinem Match', 'Dein Match ist beendet.'),
('match_ended', 'web_push', 'en', 'There is news about your match', 'Take a look.'),
('match_ended', 'web_push', 'de', 'Es gibt Neues zu deinem Match', 'Sieh es dir an.'),
(
    'session_scheduled',
    'email',
    'en',
    'You are invited to a session',
    e'{buddy} proposed a session: {time}, {venue}.\nAgree to it, or propose another time.'
),
(
    'session_scheduled',
    'email',
    'de',
    'Du bist zu einem Treffen eingeladen',
    e'{buddy} hat ein Treffen vorgeschlagen: {time}, {venue}.\nSag zu oder schlag eine andere Zeit vor.'
),
('session_scheduled', 'web_push', 'en', 'You are invited to a session', 'Agree to it, or propose another time.'),
('session_scheduled', 'web_push', 'de', 'Du bist zu einem Treffen eingeladen', 'Sag zu oder schlag eine andere Zeit vor.'),
(
    'session_moved',
    'email',
    'en',
    'Your session has a new time or place',
    e'Your session with {buddy} has a new time or place: {time}, {venue}.\nAgree to it, or propose another one.'
),
(
    'session_moved',
    'email',
    'de',
    'Dein Treffen hat eine neue Zeit oder einen neuen Ort',
    e'{buddy} und du trefft euch zu neuer Zeit oder an neuem Ort: {time}, {venue}.\nSag zu oder schlag etwas anderes vor.'
),
('session_moved', 'web_push', 'en', 'Your session has a new time or place', 'Agree to it, or propose another one.'),
(
    'session_moved',
    'web_push',
    'de',
    'Dein Treffen hat eine neue Zeit oder einen neuen Ort',
    'Sag zu oder schlag etwas anderes vor.'
),
('session_agreed', 'email', 'en', 'Your session is settled', '{buddy} agreed to your session: {time}, {venue}.'),
('session_agreed', 'email', 'de', 'Dein Treffen steht fest', '{buddy} hat eurem Treffen zugesagt: {time}, {venue}.'),
('session_agreed', 'web_push', 'en', 'Your session is settled', 'You have both agreed to it. See when and where.'),
('session_agreed', 'web_push', 'de', 'Dein Treffen steht fest', 'Ihr habt beide zugesagt. Sieh nach, wann und wo.'),
('session_started', 'email', 'en', 'Your session has started', null),
(
    'session_started',
    'email',
    'de',
    'Dein Treffen hat begonnen',
    'Du und {buddy} trefft euch jetzt: Euer Treffen hat begonnen.'
),
('session_started', 'web_push', 'en', 'Your session has started', 'Have a good time!'),
('session_started', 'web_push', 'de', 'Dein Treffen hat begonnen', 'Viel Spaß!'),
('session_confirmed', 'email', 'en', 'Please confirm your session', null),
(
    'session_confirmed',
    'email',
    'de',
    'Bitte bestätige dein Treffen',
    '{buddy} hat bestätigt, dass du bei eurem Treffen dabei warst. Bitte bestätige es umgekehrt auch.'
),
('session_confirmed', 'web_push', 'en', 'Please confirm your session', 'Your buddy has already confirmed it.'),
('session_confirmed', 'web_push', 'de', 'Bitte bestätige dein Treffen', 'Dein Buddy hat es schon bestätigt.'),
('session_completed', 'email', 'en', 'Your session is complete', null),
(
    'session_completed',
    'email',
    'de',
    'Dein Treffen ist abgeschlossen',
    'Du und {buddy} habt beide bestätigt: Euer Treffen ist abgeschlossen.'
),
('session_completed', 'web_push', 'en', 'Your session is complete', 'You have both confirmed it. Well done!'),
('session_completed', 'web_push', 'de', 'Dein Treffen ist abgeschlossen', 'Ihr habt es beide bestätigt. Gut gemacht!'),
('session_cancelled', 'email', 'en', 'Your session was cancelled', null),
(
    'session_cancelled',
    'email',
    'de',
    'Dein Treffen wurde abgesagt',
    'Du und {buddy} wart verabredet, aber euer Treffen wurde abgesagt.'
),
('session_cancelled', 'web_push', 'en', 'Your session was cancelled', 'It will not take place. You can arrange another one.'),
(
    'session_cancelled',
    'web_push',
    'de',
    'Dein Treffen wurde abgesagt',
    'Es findet nicht statt. Ihr könnt ein neues vereinbaren.'
),
('session_no_show', 'email', 'en', 'There is news about one of your sessions', null),
(
    'session_no_show',
    'email',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Unser Team hat festgehalten, dass bei einem deiner Treffen jemand nicht gekommen ist.'
),
(
    'session_no_show',
    'web_push',
    'en',
    'There is news about one of your sessions',
    'We have made a decision. Please take a look.'
),
(
    'session_no_show',
    'web_push',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Wir haben etwas entschieden. Bitte sieh es dir an.'
),
('session_reverted', 'email', 'en', 'There is news about one of your sessions', null),
(
    'session_reverted',
    'email',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Unser Team hat entschieden, dass eines deiner Treffen nicht mehr für die Reputation zählt.'
),
(
    'session_reverted',
    'web_push',
    'en',
    'There is news about one of your sessions',
    'We have made a decision. Please take a look.'
),
(
    'session_reverted',
    'web_push',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Wir haben etwas entschieden. Bitte sieh es dir an.'
),
('no_show_reported', 'email', 'en', 'There is a question about your session', null),
(
    'no_show_reported',
    'email',
    'de',
    'Es gibt eine Frage zu deinem Treffen',
    '{buddy} hat gemeldet, dass du nicht zu eurem Treffen gekommen bist. Du kannst das einräumen oder bestreiten.'
),
('no_show_reported', 'web_push', 'en', 'There is a question about your session', 'Please answer it soon.'),
('no_show_reported', 'web_push', 'de', 'Es gibt eine Frage zu deinem Treffen', 'Bitte beantworte sie bald.'),
('no_show_admitted', 'email', 'en', 'There is news about your session', null),
(
    'no_show_admitted',
    'email',
    'de',
    'Es gibt Neues zu deinem Treffen',
    '{buddy} hat eingeräumt, euer Treffen versäumt zu haben.'
),
('no_show_admitted', 'web_push', 'en', 'There is news about your session', 'You have an answer. Take a look.'),
('no_show_admitted', 'web_push', 'de', 'Es gibt Neues zu deinem Treffen', 'Du hast eine Antwort. Sieh sie dir an.'),
('no_show_contested', 'email', 'en', 'There is news about your session', null),
(
    'no_show_contested',
    'email',
    'de',
    'Es gibt Neues zu deinem Treffen',
    '{buddy} bestreitet, euer Treffen versäumt zu haben. Jetzt entscheidet unser Team.'
),
('no_show_contested', 'web_push', 'en', 'There is news about your session', 'You have an answer. We will look into it.'),
('no_show_contested', 'web_push', 'de', 'Es gibt Neues zu deinem Treffen', 'Du hast eine Antwort. Wir kümmern uns darum.'),
('no_show_withdrawn', 'email', 'en', 'There is good news about your session', null),
(
    'no_show_withdrawn',
    'email',
    'de',
    'Es gibt gute Nachrichten zu deinem Treffen',
    '{buddy} hat die Meldung zurückgezogen, dass du nicht zu eurem Treffen gekommen bist.'
),
('no_show_withdrawn', 'web_push', 'en', 'There is good news about your session', 'A question about it has been dropped.'),
('no_show_withdrawn', 'web_push', 'de', 'Es gibt gute Nachrichten zu deinem Treffen', 'Eine Frage dazu hat sich erledigt.'),
('no_show_dismissed', 'email', 'en', 'There is news about one of your sessions', null),
(
    'no_show_dismissed',
    'email',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Unser Team hat die Meldung verworfen, dass bei einem deiner Treffen jemand nicht gekommen ist.'
),
(
    'no_show_dismissed',
    'web_push',
    'en',
    'There is news about one of your sessions',
    'We have made a decision. Please take a look.'
),
(
    'no_show_dismissed',
    'web_push',
    'de',
    'Es gibt Neues zu einem deiner Treffen',
    'Wir haben etwas entschieden. Bitte sieh es dir an.'
),
('matching_paused', 'email', 'en', 'Your search is paused', null),
(
    'matching_paused',
    'email',
    'de',
    'Deine Suche pausiert',
    'Deine Suche pausiert, weil du auf deine letzten Matches nicht geantwortet hast. Such wieder, um weiterzumachen.'
),
('matching_paused', 'web_push', 'en', 'Your search is paused', 'Search again whenever you like.'),
('matching_paused', 'web_push', 'de', 'Deine Suche pausiert', 'Such wieder, wann immer du magst.'),
('user_suspended', 'email', 'en', 'There is news about your account', null),
('user_suspended', 'email', 'de', 'Es gibt Neues zu deinem Konto', 'Dein Konto ist gesperrt.'),
('user_suspended', 'web_push', 'en', 'There is news about your account', 'Please take a look.'),
('user_suspended', 'web_push', 'de', 'Es gibt Neues zu deinem Konto', 'Bitte sieh es dir an.'),
('suspension_lifted', 'email', 'en', 'There is good news about your account', null),
('suspension_lifted', 'email', 'de', 'Es gibt gute Nachrichten zu deinem Konto', 'Dein Konto ist nicht mehr gesperrt.'),
('suspension_lifted', 'web_push', 'en', 'There is good news about your account', 'Take a look.'),
('suspension_lifted', 'web_push', 'de', 'Es gibt gute Nachrichten zu deinem Konto', 'Sieh es dir an.'),
('match_expiring', 'email', 'en', 'Your match expires soon', null),
(
    'match_expiring',
    'email',
    'de',
    'Dein Match läuft bald ab',
    'Du und {buddy} habt ein Match, das bald abläuft. Nimm es an oder lehne es ab.'
),
('match_expiring', 'web_push', 'en', 'Your match expires soon', 'Accept or decline it.'),
('match_expiring', 'web_push', 'de', 'Dein Match läuft bald ab', 'Nimm es an oder lehne es ab.'),
('session_reminder', 'email', 'en', 'Your session is coming up', 'You and {buddy} are meeting soon: {time}, {venue}.'),
(
    'session_reminder',
    'email',
    'de',
    'Dein Treffen steht bevor',
    'Bald ist es so weit: Du und {buddy} trefft euch. {time}, {venue}.'
),
('session_reminder', 'web_push', 'en', 'Your session is coming up', 'See when and where.'),
('session_reminder', 'web_push', 'de', 'Dein Treffen steht bevor', 'Sieh noch einmal nach, wann und wo.'),
(
    'agreement_reminder',
    'email',
    'en',
    'A session is waiting for your answer',
    '{buddy} is waiting for you to agree to a session: {time}, {venue}.'
),
(
    'agreement_reminder',
    'email',
    'de',
    'Ein Treffen wartet auf deine Antwort',
    '{buddy} wartet darauf, dass du einem Treffen zusagst: {time}, {venue}.'
),
('agreement_reminder', 'web_push', 'en', 'A session is waiting for your answer', 'Agree to it, or propose another time.'),
('agreement_reminder', 'web_push', 'de', 'Ein Treffen wartet auf deine Antwort', 'Sag zu oder schlag eine andere Zeit vor.'),
('confirmation_reminder', 'email', 'en', 'How was your session?', null),
(
    'confirmation_reminder',
    'email',
    'de',
    'Wie war dein Treffen?',
    'War {buddy} bei eurem Treffen dabei? Dann bestätige es bitte.'
),
('confirmation_reminder', 'web_push', 'en', 'How was your session?', 'If your buddy was there, please confirm it.'),
('confirmation_reminder', 'web_push', 'de', 'Wie war dein Treffen?', 'Wenn dein Buddy dabei war, bestätige es bitte.'),
('more_activity', 'email', 'en', 'There is more news for you', null),
(
    'more_activity',
    'email',
    'de',
    'Es gibt noch mehr Neues für dich',
    '{buddy} war sehr aktiv: Es gibt mehr Neues, als wir an einem Tag verschicken. Sieh es dir an.'
),
('more_activity', 'web_push', 'en', 'There is more news for you', 'It is more than we send in a day. Take a look.'),
(
    'more_activity',
    'web_push',
    'de',
    'Es gibt noch mehr Neues für dich',
    'Es ist mehr, als wir an einem Tag verschicken. Sieh es dir an.'
),
(
    'email_confirmation',
    'email',
    'en',
    'Please confirm your e-mail address',
    'Confirm your address, and we will send you news by e-mail. If you did not ask for this, ignore this message.'
),
(
    'email_confirmation',
    'email',
    'de',
    'Bitte bestätige deine E-Mail-Adresse',
    'Bestätige deine Adresse, dann schicken wir dir Neues per E-Mail. Wolltest du das nicht, dann ignoriere diese Nachricht.'
);

comment on table wingman.notification_texts is
'The texts of messages sent outside the app; operators change them with wingman_admin.set_notification_text. The rules are in
wingman.notification_text_violation';
comment on column wingman.notification_texts.kind is 'A kind of wingman.notification_kinds(), or email_confirmation';
comment on column wingman.notification_texts.channel is 'email or web_push';
comment on column wingman.notification_texts.language is 'A language of wingman.text_languages()';
comment on column wingman.notification_texts.title is
'The subject of an e-mail, or the first line of a push message, 1 to 80 characters; names nobody';
comment on column wingman.notification_texts.body is
'What it says, 1 to 500 characters; null in an English e-mail that uses the sentence of the inbox, see
wingman.notification_kinds()';

revoke all on table wingman.notification_texts from public, anon, authenticated, service_role;

-- file: sql/channels/notification_wording.sql
create type wingman.notification_wording as (
    language text,
    title text,
    body text
);

comment on type wingman.notification_wording is 'The text of a message';
comment on column wingman.notification_wording.language is
'The language of title and body: English where the one asked for lacks this text';
comment on column wingman.notification_wording.title is 'The subject of an e-mail, or the first line of a push message';
comment on column wingman.notification_wording.body is 'What it says';

-- file: sql/channels/notification_text.sql
create or replace function wingman.notification_text(kind text, channel text, language text)
returns wingman.notification_wording
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _wording wingman.notification_wording;
begin
    select t.language, t.title, coalesce(t.body, k.message)
    into _wording
    from wingman.notification_texts as t
    left join wingman.notification_kinds() as k on k.kind = t.kind
    where t.kind = notification_text.kind
        and t.channel = notification_text.channel
        and t.language in (notification_text.language, 'en')
    order by t.language = 'en'
    limit 1;
    return _wording;
end
$$;

comment on function wingman.notification_text(text, text, text) is
'The text for a kind of notification, with placeholders. In English if the language lacks it; an English e-mail without a body
uses the sentence of the inbox. Null if the kind is not sent through this channel';
revoke all on function wingman.notification_text(text, text, text) from public, anon, authenticated, service_role;

-- file: sql/channels/rendered_text.sql
create or replace function wingman.rendered_text(
    kind text,
    channel text,
    language text,
    buddy text,
    venue text,
    at timestamptz,
    time_zone text
)
returns wingman.notification_wording
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _wording wingman.notification_wording := wingman.notification_text(
        rendered_text.kind, rendered_text.channel, rendered_text.language
    );
begin
    if _wording.body ~ '[{]' then
        _wording.body := wingman.sentence(
            _wording.body,
            jsonb_build_object(
                'buddy', coalesce(
                    wingman.shown_on_one_line(rendered_text.buddy),
                    (select l.buddy from wingman.text_languages() as l where l.language = _wording.language)
                ),
                'venue', coalesce(wingman.shown_on_one_line(rendered_text.venue), '–'),
                'time', case
                    when _wording.body like '%{time}%' then coalesce(
                        wingman.time_text(rendered_text.at, rendered_text.time_zone, _wording.language), '–'
                    )
                end
            )
        );
    end if;
    return _wording;
end
$$;

comment on function wingman.rendered_text(text, text, text, text, text, timestamptz, text) is
'The text for a notification as it is sent: plain text, wingman.notification_text with the placeholders filled in. buddy: the
first name of a current partner, else null; venue, at: of the session, null without one; time_zone: the user''s, or null';
revoke all on function wingman.rendered_text(text, text, text, text, text, timestamptz, text)
from public, anon, authenticated, service_role;

-- file: sql/channels/are_notification_kinds.sql
create or replace function wingman.are_notification_kinds(kinds text[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- an empty list has no dimensions
    return coalesce(array_ndims(are_notification_kinds.kinds) = 1, are_notification_kinds.kinds = '{}')
        and cardinality(are_notification_kinds.kinds) <= 100
        and not exists (
            select
            from unnest(are_notification_kinds.kinds) as k (kind)
            where wingman.is_notification_kind(k.kind) is not true
        );
end
$$;

comment on function wingman.are_notification_kinds(text[]) is
'Whether this is a list of kinds from wingman.notification_kinds(), possibly empty; null for null';
revoke all on function wingman.are_notification_kinds(text[]) from public, anon, authenticated, service_role;

-- file: sql/channels/is_email_address.sql
create or replace function wingman.is_email_address(address text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- what needs quotes is refused, and so is a second address
    return is_email_address.address ~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$'
        and char_length(is_email_address.address) <= 254;
end
$$;

comment on function wingman.is_email_address(text) is
'Whether a text is an e-mail address that HTML forms accept, in ASCII; null for null';
revoke all on function wingman.is_email_address(text) from public, anon, authenticated, service_role;

-- file: sql/channels/is_push_endpoint.sql
create or replace function wingman.is_push_endpoint(endpoint text, hosts text[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- neither a user name nor a port, no empty label, and a path in plain ASCII
    _host text := substring(is_push_endpoint.endpoint from '^https://([a-z0-9-]+([.][a-z0-9-]+)+)/[!-~]*$');
begin
    return coalesce(char_length(is_push_endpoint.endpoint) <= 1000 and exists (
        select
        from unnest(is_push_endpoint.hosts) as h (name)
        where h.name = _host or (h.name like '*.%' and right(_host, char_length(h.name) - 1) = substr(h.name, 2))
    ), false);
end
$$;

comment on function wingman.is_push_endpoint(text, text[]) is
'Whether an address belongs to a push service that may be called: https, the standard port, and a host in the list. *.name in the
list allows all hosts below name';
revoke all on function wingman.is_push_endpoint(text, text[]) from public, anon, authenticated, service_role;

-- file: sql/channels/channel_settings.sql
create table wingman.channel_settings (
    user_id uuid not null,
    channel text not null constraint channel_settings_channel_check check (
        channel = any(wingman.personal_channels())
    ),
    kinds text[] constraint channel_settings_kinds_check check (wingman.are_notification_kinds(kinds)),
    language text not null default 'en' constraint channel_settings_language_check check (wingman.is_text_language(language)),
    quiet_from time,
    quiet_until time,
    time_zone text not null default 'UTC',
    updated_at timestamptz not null default statement_timestamp(),
    constraint channel_settings_pkey primary key (user_id, channel),
    constraint channel_settings_quiet_check check (
        (quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until
    )
);

comment on table wingman.channel_settings is
'Which notifications users want outside the app, and when. Without a row: everything, in English, at any hour';
comment on column wingman.channel_settings.user_id is 'The user';
comment on column wingman.channel_settings.channel is 'email or web_push';
comment on column wingman.channel_settings.kinds is 'The kinds of notifications to send; null for all, empty for none';
comment on column wingman.channel_settings.language is 'The language of the texts';
comment on column wingman.channel_settings.quiet_from is 'When the quiet hours begin, in time_zone; null for no quiet hours';
comment on column wingman.channel_settings.quiet_until is 'When they end';
comment on column wingman.channel_settings.time_zone is 'The user''s time zone, also for the times in texts';
comment on column wingman.channel_settings.updated_at is 'When the user last set them';

revoke all on table wingman.channel_settings from public, anon, authenticated, service_role;

-- file: sql/channels/email_addresses.sql
create table wingman.email_addresses (
    id uuid constraint email_addresses_pkey primary key,
    user_id uuid not null constraint email_addresses_user_id_key unique,
    address text not null constraint email_addresses_address_check check (wingman.is_email_address(address)),
    asked_at timestamptz not null default statement_timestamp(),
    confirmed_at timestamptz
);

comment on table wingman.email_addresses is
'Where users receive e-mail. An address comes from the claim email of an access token. Until somebody opens the link sent to
it, nothing else is sent there';
comment on column wingman.email_addresses.id is
'Made from user and address, and used in the confirmation link: another address has another id';
comment on column wingman.email_addresses.user_id is 'The user';
comment on column wingman.email_addresses.address is 'The address';
comment on column wingman.email_addresses.asked_at is 'When the user last asked for a confirmation message';
comment on column wingman.email_addresses.confirmed_at is
'When the link was opened; null until then, and once the address is gone';

revoke all on table wingman.email_addresses from public, anon, authenticated, service_role;

-- file: sql/channels/asked_addresses.sql
-- derived: how often an address is asked; only revision 0006 asks any
create table wingman.asked_addresses (
    address_hash uuid constraint asked_addresses_pkey primary key,
    not_before timestamptz not null
);

comment on table wingman.asked_addresses is
'The e-mail addresses that were asked to confirm that they are a user''s, so that nobody is asked all the time. Not with the
users'' addresses: whoever goes to another address or is erased would be forgotten';
comment on column wingman.asked_addresses.address_hash is 'wingman.hashed_id of the address';
comment on column wingman.asked_addresses.not_before is 'When it may be asked again';

revoke all on table wingman.asked_addresses from public, anon, authenticated, service_role;

-- file: sql/channels/may_be_asked.sql
create or replace function wingman.may_be_asked(not_before timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- it cannot be much later than now: the clock was ahead then, or the setting was longer
    return (
        select
            may_be_asked.not_before not between statement_timestamp()
            and statement_timestamp() + t.email_confirmation_lifetime + interval '1 minute'
        from wingman.settings as t
    );
end
$$;

comment on function wingman.may_be_asked(timestamptz) is
'Whether an address with this wingman.asked_addresses.not_before may be asked';
revoke all on function wingman.may_be_asked(timestamptz) from public, anon, authenticated, service_role;

-- file: sql/channels/push_subscriptions.sql
create table wingman.push_subscriptions (
    id uuid constraint push_subscriptions_pkey primary key default wingman.new_id(),
    user_id uuid not null,
    endpoint text not null constraint push_subscriptions_endpoint_key unique,
    p256dh text not null,
    auth text not null,
    created_at timestamptz not null default statement_timestamp()
);

create index push_subscriptions_user_idx on wingman.push_subscriptions (user_id, id);

comment on table wingman.push_subscriptions is
'The browsers in which users receive web push. An endpoint belongs to the user who registered it last';
comment on column wingman.push_subscriptions.id is 'UUID version 7; new each time the endpoint is registered';
comment on column wingman.push_subscriptions.user_id is 'The user';
comment on column wingman.push_subscriptions.endpoint is 'Where the push service accepts messages for this browser';
comment on column wingman.push_subscriptions.p256dh is 'The browser''s public key, P-256, base64url (RFC 8291)';
comment on column wingman.push_subscriptions.auth is 'The browser''s authentication secret, base64url (RFC 8291)';
comment on column wingman.push_subscriptions.created_at is 'When it was registered';

revoke all on table wingman.push_subscriptions from public, anon, authenticated, service_role;

-- file: sql/channels/is_webhook_url.sql
create or replace function wingman.is_webhook_url(url text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- a host by name or by address, and a port; no @ before the path, so neither user nor password
    return is_webhook_url.url
        ~ '^https?://([A-Za-z0-9._~-]+|[[][0-9A-Fa-f:.]+[]])(:[0-9]{1,5})?([/?][!-~]*)?$'
        and char_length(is_webhook_url.url) <= 500;
end
$$;

comment on function wingman.is_webhook_url(text) is
'Whether a webhook may have this address: http or https, a host, and no user or password, which would show in logs and to
operators; null for null';
revoke all on function wingman.is_webhook_url(text) from public, anon, authenticated, service_role;

-- file: sql/channels/webhook_violation.sql
create or replace function wingman.webhook_violation(url text, kinds text[])
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.is_webhook_url(webhook_violation.url) then
        return row(
            'url', 'must be http:// or https:// with a host, without user and password, at most 500 characters'
        )::wingman.violation;
    elsif not wingman.are_notification_kinds(webhook_violation.kinds) or webhook_violation.kinds = '{}' then
        return row('kinds', 'must be a list of kinds of notifications, or null for all')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.webhook_violation(text, text[]) is 'The first rule that a webhook breaks, or null';
revoke all on function wingman.webhook_violation(text, text[]) from public, anon, authenticated, service_role;

-- file: sql/channels/webhooks.sql
create table wingman.webhooks (
    id uuid constraint webhooks_pkey primary key default wingman.new_id(),
    url text constraint webhooks_url_check check (wingman.is_webhook_url(url)),
    kinds text[] constraint webhooks_kinds_check check (wingman.are_notification_kinds(kinds)),
    secret text,
    previous_secret text,
    previous_until timestamptz,
    created_at timestamptz not null default statement_timestamp(),
    disabled_at timestamptz,
    rests_until timestamptz,
    constraint webhooks_previous_check check ((previous_secret is null) = (previous_until is null)),
    constraint webhooks_removed_check check (
        case
            when url is null then disabled_at is not null and secret is null and previous_secret is null
            else secret is not null
        end
    )
);

comment on table wingman.webhooks is
'The operators'' systems that receive notifications, as Standard Webhooks 1.0 describes. The row of a removed webhook stays,
without address and secrets, so that messages planned for it in the meantime are found and dropped';
comment on column wingman.webhooks.id is 'UUID version 7';
comment on column wingman.webhooks.url is 'Where to POST, possibly in a private network; null once it is removed';
comment on column wingman.webhooks.kinds is 'The kinds of notifications to send; null for all';
comment on column wingman.webhooks.secret is 'Signs the messages: whsec_ and base64; null once the webhook is removed';
comment on column wingman.webhooks.previous_secret is 'Also signs the messages, until previous_until';
comment on column wingman.webhooks.previous_until is 'When the previous secret expires; null without one';
comment on column wingman.webhooks.created_at is 'When it was added';
comment on column wingman.webhooks.disabled_at is
'Since when nothing is sent, because the receiver answered 410 or the webhook was removed; null while it is enabled';
comment on column wingman.webhooks.rests_until is
'Nothing is sent before this time, because everything that a worker sent last has failed; null if that has never happened';

revoke all on table wingman.webhooks from public, anon, authenticated, service_role;

-- file: sql/channels/webhook_secret.sql
create type wingman.webhook_secret as (
    webhook_id uuid,
    secret text
);

comment on type wingman.webhook_secret is 'A webhook and its new secret, which is not shown again';
comment on column wingman.webhook_secret.webhook_id is 'The webhook';
comment on column wingman.webhook_secret.secret is 'The receiver verifies messages with it, as Standard Webhooks 1.0 describes';

-- file: sql/channels/new_webhook_secret.sql
create or replace function wingman.new_webhook_secret()
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- three random UUIDs have 366 random bits, of which the hash keeps 256; without an extension there is no other source
    return 'whsec_' || encode(
        sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64'
    );
end
$$;

comment on function wingman.new_webhook_secret() is
'A new secret of a webhook, in the format of Standard Webhooks 1.0: whsec_ and 32 random bytes in base64. Call it in the statement
that stores the secret: the value of a variable may appear in the server''s log';
revoke all on function wingman.new_webhook_secret() from public, anon, authenticated, service_role;

-- file: sql/channels/most_webhooks.sql
create or replace function wingman.most_webhooks()
returns integer
language sql
immutable
return 8;

comment on function wingman.most_webhooks() is
'How many webhooks can be enabled. Each may take an equal share of the attempts that a worker makes at once, see
wingman.lock_due_deliveries';
revoke all on function wingman.most_webhooks() from public, anon, authenticated, service_role;

-- file: sql/channels/require_webhook_room.sql
create or replace function wingman.require_webhook_room()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- after the row of the webhook that is to be enabled, if there is one; workers never wait for this
    perform pg_advisory_xact_lock(hashtextextended('wingman.webhooks', 0));
    if (select count(*) from wingman.webhooks as h where h.disabled_at is null) >= wingman.most_webhooks() then
        perform wingman.raise_error('too_many_webhooks', jsonb_build_object('limit', wingman.most_webhooks()));
    end if;
end
$$;

comment on function wingman.require_webhook_room() is
'Refuses to enable another webhook once the limit is reached; of two operators at once, one waits for the other.
Errors: too_many_webhooks.';
revoke all on function wingman.require_webhook_room() from public, anon, authenticated, service_role;

-- file: sql/channels/lock_webhook.sql
create or replace function wingman.lock_webhook(webhook_id uuid)
returns wingman.webhooks
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _webhook wingman.webhooks;
begin
    select h.* into _webhook
    from wingman.webhooks as h
    where h.id = lock_webhook.webhook_id and h.url is not null
    for no key update;
    if not found then
        perform wingman.raise_error('webhook_not_found');
    end if;
    return _webhook;
end
$$;

comment on function wingman.lock_webhook(uuid) is
'Locks a webhook that is not removed, and returns it as it is once the lock is held. Errors: webhook_not_found.';
revoke all on function wingman.lock_webhook(uuid) from public, anon, authenticated, service_role;

-- file: sql/channels/is_delivery_error.sql
create or replace function wingman.is_delivery_error(error text)
returns boolean
language sql
immutable
return error ~ '^[a-z0-9_]{1,60}$';

comment on function wingman.is_delivery_error(text) is
'Whether this is a code such as http_503: nothing that the other side has written is stored. Null for null';
revoke all on function wingman.is_delivery_error(text) from public, anon, authenticated, service_role;

-- file: sql/channels/notification_deliveries.sql
-- derived: from the notifications
create table wingman.notification_deliveries (
    id uuid constraint notification_deliveries_pkey primary key default wingman.new_id(),
    channel text not null constraint notification_deliveries_channel_check check (channel = any(wingman.channels())),
    kind text not null,
    notification_id uuid,
    user_id uuid not null,
    target_id uuid,
    state text not null default 'due' constraint notification_deliveries_state_check check (
        state in ('due', 'waiting', 'claimed', 'sent', 'dropped', 'dead')
    ),
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    token uuid,
    last_error text constraint notification_deliveries_last_error_check check (wingman.is_delivery_error(last_error)),
    created_at timestamptz not null default statement_timestamp(),
    settled_at timestamptz,
    constraint notification_deliveries_next_attempt_at_check check (
        (state in ('waiting', 'claimed')) = (next_attempt_at is not null)
    ),
    constraint notification_deliveries_token_check check ((state = 'claimed') = (token is not null)),
    constraint notification_deliveries_settled_at_check check (
        (state in ('sent', 'dropped', 'dead')) = (settled_at is not null)
    )
);

create index notification_deliveries_user_idx on wingman.notification_deliveries (user_id);
-- nulls first, although there are none: the primary key does not have this order, and would be read past all that is settled
create index notification_deliveries_due_idx on wingman.notification_deliveries (channel, id nulls first) where state = 'due';
create index notification_deliveries_due_target_idx on wingman.notification_deliveries (target_id, id nulls first)
where state = 'due' and channel = 'webhook';
create index notification_deliveries_waiting_idx on wingman.notification_deliveries (channel, next_attempt_at)
where state in ('waiting', 'claimed');
create index notification_deliveries_claimed_idx on wingman.notification_deliveries (channel, target_id) where state = 'claimed';
create index notification_deliveries_dead_idx on wingman.notification_deliveries (id) where state = 'dead';
create index notification_deliveries_settled_idx on wingman.notification_deliveries (settled_at) where settled_at is not null;

comment on table wingman.notification_deliveries is
'Messages that leave the app: for each notification, one for each address, browser and webhook, and one for Realtime. wingman
deliver sends them';
comment on column wingman.notification_deliveries.id is 'UUID version 7; the id of the message, the same at each attempt';
comment on column wingman.notification_deliveries.channel is 'email, web_push, webhook or realtime';
comment on column wingman.notification_deliveries.kind is 'A kind of wingman.notification_kinds(), or email_confirmation';
comment on column wingman.notification_deliveries.notification_id is 'The notification; null for email_confirmation';
comment on column wingman.notification_deliveries.user_id is 'The user whose notification it is';
comment on column wingman.notification_deliveries.target_id is
'The address, the push subscription or the webhook; null for realtime. If it is gone, the message is dropped';
comment on column wingman.notification_deliveries.state is
'due: to be sent; waiting: due at next_attempt_at; claimed: a worker is sending it; sent: the other side has accepted it; dropped:
no longer to be sent; dead: given up after the last attempt, for operators to look at';
comment on column wingman.notification_deliveries.attempts is 'How many attempts were started';
comment on column wingman.notification_deliveries.next_attempt_at is
'For a waiting message, when it is due; for a claimed one, when another worker may claim it; else null';
comment on column wingman.notification_deliveries.token is 'Identifies the current claim; else null';
comment on column wingman.notification_deliveries.last_error is
'Why it failed or was dropped, as a code such as http_503 or timeout; null if nothing went wrong';
comment on column wingman.notification_deliveries.created_at is 'When it was written';
comment on column wingman.notification_deliveries.settled_at is 'When it was sent, dropped or given up; null until then';

revoke all on table wingman.notification_deliveries from public, anon, authenticated, service_role;

-- file: sql/channels/delivery_state.sql
create or replace function wingman.delivery_state(state text, next_attempt_at timestamptz)
returns text
language sql
stable
return case
    when state in ('waiting', 'claimed') and next_attempt_at <= statement_timestamp() then 'due'
    else state
end;

comment on function wingman.delivery_state(text, timestamptz) is
'The state of a message as operators see it: also due if it has waited long enough, or if its worker has not settled it in time.
The next claim of its channel writes that state to the row';
revoke all on function wingman.delivery_state(text, timestamptz) from public, anon, authenticated, service_role;

-- file: sql/channels/delivery_backlogs.sql
create or replace function wingman.delivery_backlogs()
returns table (channel text, state text, messages bigint, oldest_at timestamptz, due_since timestamptz)
language plpgsql
stable
security definer
rows 16
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select c.channel, s.state, count(d.seen_state), min(d.created_at), min(d.due_since)
    from unnest(wingman.channels()) as c (channel)
    cross join unnest(array['due', 'waiting', 'claimed', 'dead']) as s (state)
    left join (
        select
            o.channel,
            n.seen_state,
            o.created_at,
            case
                when n.seen_state <> 'due' then null
                when o.next_attempt_at is not null then o.next_attempt_at
                -- of one that has waited, the claim that found it due has cleared since when
                when o.attempts = 0 and o.last_error is null then o.created_at
            end as due_since
        from (
            -- one for each index: what is settled is not read
            select a.* from wingman.notification_deliveries as a where a.state = 'due'
            union all
            select a.* from wingman.notification_deliveries as a where a.state in ('waiting', 'claimed')
            union all
            select a.* from wingman.notification_deliveries as a where a.state = 'dead'
        ) as o
        cross join lateral (select wingman.delivery_state(o.state, o.next_attempt_at)) as n (seen_state)
    ) as d on d.channel = c.channel and d.seen_state = s.state
    group by c.channel, s.state;
end
$$;

comment on function wingman.delivery_backlogs() is
'The number of messages by channel and state, except sent and dropped ones, counted one by one for wingman_admin.delivery_backlog
and wingman_admin.metrics. oldest_at: when the oldest of them was written; due_since: since when one has been due, not counting
those that were waiting and that a worker has seen since';
revoke all on function wingman.delivery_backlogs() from public, anon, authenticated, service_role;
grant execute on function wingman.delivery_backlogs() to service_role, wingman_admin;

-- file: sql/channels/erase_channels.sql
create or replace function wingman.erase_channels(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := erase_channels.user_id;
begin
    -- no foreign keys: each would cost every call that counts a completion in the profile
    delete from wingman.channel_settings as c where c.user_id = _me;
    delete from wingman.email_addresses as a where a.user_id = _me;
    delete from wingman.push_subscriptions as s where s.user_id = _me;
    delete from wingman.notification_deliveries as d where d.user_id = _me;
end
$$;

comment on function wingman.erase_channels(uuid) is
'Deletes a user''s settings, addresses and browsers, and the messages still to be sent. The caller holds the lock on the profile;
everybody who adds rows to these tables holds it too, at least with KEY SHARE';
revoke all on function wingman.erase_channels(uuid) from public, anon, authenticated, service_role;

-- file: sql/channels/targets_of.sql
create or replace function wingman.targets_of(user_id uuid, kind text)
returns table (channel text, target_id uuid)
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    if targets_of.kind = 'email_confirmation' then
        return query
        select 'email', a.id
        from wingman.email_addresses as a
        where a.user_id = targets_of.user_id and a.confirmed_at is null;
        return;
    end if;

    return query
    select o.channel, o.target_id
    from (
        select 'email' as channel, a.id as target_id
        from wingman.email_addresses as a
        where a.user_id = targets_of.user_id and a.confirmed_at is not null
        union all
        select 'web_push', s.id
        from wingman.push_subscriptions as s
        cross join wingman.settings as t
        -- operators may have taken its host out of the list
        where s.user_id = targets_of.user_id and wingman.is_push_endpoint(s.endpoint, t.push_hosts)
    ) as o
    where not exists (
        select
        from wingman.channel_settings as c
        where c.user_id = targets_of.user_id and c.channel = o.channel and targets_of.kind <> all(c.kinds)
    )
    union all
    select 'webhook', h.id
    from wingman.webhooks as h
    where h.disabled_at is null and (h.kinds is null or targets_of.kind = any(h.kinds))
    union all
    select 'realtime', null
    from wingman.settings as t
    where t.realtime;
end
$$;

comment on function wingman.targets_of(uuid, text) is
'Where a notification of this kind for this user goes outside the app. email_confirmation goes only to the address to be
confirmed';
revoke all on function wingman.targets_of(uuid, text) from public, anon, authenticated, service_role;

-- file: sql/channels/plan_deliveries.sql
create or replace function wingman.plan_deliveries(notification_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    insert into wingman.notification_deliveries (channel, kind, notification_id, user_id, target_id)
    select t.channel, w.kind, w.id, w.user_id, t.target_id
    from public.wingman_notifications as w
    cross join lateral wingman.targets_of(w.user_id, w.kind) as t
    where w.id = any(plan_deliveries.notification_ids)
    order by w.id;
end
$$;

comment on function wingman.plan_deliveries(uuid[]) is
'Writes the messages of new notifications, one for each target outside the app, in the transaction that writes the notifications';
revoke all on function wingman.plan_deliveries(uuid[]) from public, anon, authenticated, service_role;

-- file: sql/channels/still_applies.sql
create or replace function wingman.still_applies(notification public.wingman_notifications)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _n record := still_applies.notification;
begin
    if _n.due_at is not null then
        return exists (
            select
            from wingman.notices_due(array(
                select row(null, _n.due_at, _n.kind, _n.match_id, _n.session_id, r.about)::wingman.reminders
                from (
                    select coalesce(
                        _n.useful_until,
                        (
                            select s.scheduled_time
                            from public.wingman_sessions as s
                            where s.id = _n.session_id and s.scheduled_time <= _n.due_at
                        )
                    )
                ) as r (about)
            )) as d
            where d.user_id = _n.user_id
        );
    end if;
    return case
        when _n.kind in ('match_offered', 'match_first_accepted')
            then exists (
                select
                from public.wingman_matches as m
                where m.id = _n.match_id and m.status = 'pending' and m.first_accepted_by is distinct from _n.user_id
            )
        when _n.kind = 'match_accepted'
            then exists (
                select from public.wingman_matches as m where m.id = _n.match_id and m.status = 'accepted' and m.ended_at is null
            )
        when _n.kind in ('session_scheduled', 'session_moved')
            then exists (
                select
                from public.wingman_sessions as s
                where s.id = _n.session_id
                    and s.is_active
                    and s.scheduled_time = _n.useful_until
                    -- since then: what is changed by hand keeps the agreement to what it was before
                    and not coalesce(s.agreed_by = _n.user_id and s.agreed_at >= _n.created_at, false)
            )
        when _n.kind = 'session_agreed'
            then exists (
                select
                from public.wingman_sessions as s
                where s.id = _n.session_id and s.is_active and s.agreed_by <> _n.user_id
            )
        when _n.kind = 'session_started'
            then exists (select from public.wingman_sessions as s where s.id = _n.session_id and s.is_active)
        when _n.kind = 'session_confirmed'
            then exists (
                select
                from public.wingman_sessions as s
                where s.id = _n.session_id and s.is_active and not wingman.has_confirmed(s, _n.user_id)
            )
        when _n.kind in ('no_show_reported', 'no_show_contested')
            then exists (
                select
                from wingman.no_show_reports as r
                cross join lateral (select wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp())) as a (status)
                where r.session_id = _n.session_id
                    and case _n.kind
                        when 'no_show_reported' then r.accused_id = _n.user_id and a.status = 'open'
                        else r.reporter_id = _n.user_id and a.status = 'contested'
                    end
            )
        when _n.kind = 'matching_paused'
            then exists (select from wingman.matchmaking_pool as p where p.user_id = _n.user_id and p.paused_automatically)
        when _n.kind in ('user_suspended', 'suspension_lifted')
            then (_n.kind = 'user_suspended') = exists (
                select
                from wingman.suspensions as b
                where b.user_id = _n.user_id and wingman.is_suspended(b.ends_at is null, b.ends_at)
            )
        else true
    end;
end
$$;

comment on function wingman.still_applies(public.wingman_notifications) is
'Whether a notification is still true and what it asks for is not yet done. A notification that only reports what has happened
always applies';
revoke all on function wingman.still_applies(public.wingman_notifications) from public, anon, authenticated, service_role;

-- file: sql/channels/delivery_obstacle.sql
create or replace function wingman.delivery_obstacle(delivery wingman.notification_deliveries)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _d record := delivery_obstacle.delivery;
    _n public.wingman_notifications;
    _event record;
begin
    if not exists (
        select
        from wingman.targets_of(_d.user_id, _d.kind) as t
        where t.channel = _d.channel and t.target_id is not distinct from _d.target_id
    ) then
        return 'unwanted';
    elsif _d.kind = 'email_confirmation' then
        return null;
    end if;

    select w.* into _n from public.wingman_notifications as w where w.id = _d.notification_id;
    if not found then
        return 'gone';
    elsif _n.useful_until <= statement_timestamp() then
        return 'late';
    elsif _n.read_at is not null and _d.channel = any(wingman.personal_channels()) then
        return 'read';
    end if;

    select e.user_id, e.occurred_at into _event
    from wingman.events as e
    where e.match_id = _n.match_id and e.id = _n.event_id;
    -- what operators did is not muted, and has no user; of an event that is not kept any more, nobody knows that
    if not (found and _event.user_id is null)
        and exists (
            select
            from public.wingman_matches as m
            where m.id = _n.match_id and wingman.is_muted(m.user1_id, m.user2_id, _event.occurred_at)
        )
    then
        return 'blocked';
    elsif not wingman.still_applies(_n) then
        return 'overtaken';
    end if;
    return null;
end
$$;

comment on function wingman.delivery_obstacle(wingman.notification_deliveries) is
'Why a message must no longer be sent, or null. unwanted: the address is gone or not confirmed, or the user or the operators do
not want it; gone: the notification was removed; late: it is no longer useful; read: the user has read it in the app; blocked: one
of the two has blocked the other, and neither the block itself nor an operator caused this event; overtaken: see
wingman.still_applies';
revoke all on function wingman.delivery_obstacle(wingman.notification_deliveries) from public, anon, authenticated, service_role;

-- file: sql/channels/quiet_hours_end.sql
create or replace function wingman.quiet_hours_end(
    moment timestamptz,
    quiet_from time,
    quiet_until time,
    time_zone text
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _time_zone text := wingman.known_time_zone(quiet_hours_end.time_zone);
    _now timestamp := quiet_hours_end.moment at time zone _time_zone;
    _end timestamp;
    _is_before boolean;
    _is_after boolean;
begin
    _is_before := _now::time < quiet_hours_end.quiet_from;
    _is_after := _now::time >= quiet_hours_end.quiet_until;
    -- hours over midnight leave one stretch of the day, others two
    if (_is_before and _is_after)
        or (quiet_hours_end.quiet_from < quiet_hours_end.quiet_until and (_is_before or _is_after))
    then
        return null;
    end if;
    _end := _now::date + quiet_hours_end.quiet_until;
    if _end <= _now then
        _end := _end + interval '1 day';
    end if;
    -- a time that the clock shows twice is the second one; one that it skips is as late as if it did not
    return _end at time zone _time_zone;
end
$$;

comment on function wingman.quiet_hours_end(timestamptz, time, time, text) is
'When the quiet hours around a moment end; null if the moment is not in quiet hours. time_zone: see wingman.known_time_zone';
revoke all on function wingman.quiet_hours_end(timestamptz, time, time, text)
from public, anon, authenticated, service_role;

-- file: sql/channels/quiet_until.sql
create or replace function wingman.quiet_until(delivery wingman.notification_deliveries)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _d record := quiet_until.delivery;
    _until timestamptz;
begin
    if _d.kind in ('session_cancelled', 'email_confirmation') then
        return null;
    end if;

    select wingman.quiet_hours_end(statement_timestamp(), c.quiet_from, c.quiet_until, c.time_zone) into _until
    from wingman.channel_settings as c
    where c.user_id = _d.user_id and c.channel = _d.channel and c.quiet_from is not null;
    if _until is not null
        and _d.kind = 'session_reminder'
        and exists (
            select
            from public.wingman_notifications as w
            cross join wingman.settings as t
            where w.id = _d.notification_id and w.useful_until - w.due_at <= t.session_reminder_again
        )
    then
        return null;
    end if;
    return _until;
end
$$;

comment on function wingman.quiet_until(wingman.notification_deliveries) is
'When the user''s quiet hours end, if the message has to wait for that; else null. A cancelled session and the last reminder of a
session do not wait';
revoke all on function wingman.quiet_until(wingman.notification_deliveries) from public, anon, authenticated, service_role;

-- file: sql/channels/delivery.sql
create type wingman.delivery as (
    id uuid,
    token uuid,
    attempt integer,
    time_limit interval,
    kind text,
    user_id uuid,
    notification_id uuid,
    match_id uuid,
    session_id uuid,
    created_at timestamptz,
    useful_until timestamptz,
    language text,
    title text,
    body text,
    target_id uuid,
    target jsonb
);

comment on type wingman.delivery is 'A message that a worker has claimed and has to send now';
comment on column wingman.delivery.id is 'The id of the message, the same at each attempt';
comment on column wingman.delivery.token is 'Identifies the claim; the message can be settled only with it';
comment on column wingman.delivery.attempt is '1 for the first attempt';
comment on column wingman.delivery.time_limit is
'How long the attempt may take; another worker can claim the message after twice this time';
comment on column wingman.delivery.kind is 'A kind of wingman.notification_kinds(), or email_confirmation';
comment on column wingman.delivery.user_id is 'The user whose notification it is';
comment on column wingman.delivery.notification_id is 'The notification; null for email_confirmation';
comment on column wingman.delivery.match_id is 'The match that it concerns; null if it concerns only the user';
comment on column wingman.delivery.session_id is 'The session that it concerns, if any';
comment on column wingman.delivery.created_at is 'When the notification was written';
comment on column wingman.delivery.useful_until is 'Until when it is useful; null for always';
comment on column wingman.delivery.language is 'The language of title and body; null for webhook and realtime';
comment on column wingman.delivery.title is 'The subject, or the first line on a lock screen; null for webhook and realtime';
comment on column wingman.delivery.body is 'The text; null for webhook and realtime';
comment on column wingman.delivery.target_id is 'The address, the push subscription or the webhook; null for realtime';
comment on column wingman.delivery.target is
'email: address; web_push: endpoint, p256dh and auth; webhook: url and secrets, the newest first; realtime: topic';

-- file: sql/channels/delivery_of.sql
create or replace function wingman.delivery_of(delivery wingman.notification_deliveries)
returns wingman.delivery
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _d record := delivery_of.delivery;
    _n record;
    _session record;
    _buddy text;
    _language text;
    _time_zone text;
    _title text;
    _body text;
    _target jsonb;
    _time_limit interval;
begin
    select t.delivery_time_limit into strict _time_limit from wingman.settings as t;
    select w.match_id, w.session_id, w.created_at, w.useful_until into _n
    from public.wingman_notifications as w
    where w.id = _d.notification_id;
    if _d.kind = 'email_confirmation' then
        -- as long as its link
        select a.asked_at + t.email_confirmation_lifetime into _n.useful_until
        from wingman.email_addresses as a
        cross join wingman.settings as t
        where a.id = _d.target_id;
    end if;

    if _d.channel = any(wingman.personal_channels()) then
        select c.language, c.time_zone into _language, _time_zone
        from wingman.channel_settings as c
        where c.user_id = _d.user_id and c.channel = _d.channel;
        select s.venue_name, s.scheduled_time into _session from public.wingman_sessions as s where s.id = _n.session_id;
        select p.first_name into _buddy
        from public.wingman_matches as m
        inner join public.user_profiles as p on p.id = case when m.user1_id = _d.user_id then m.user2_id else m.user1_id end
        where m.id = _n.match_id and p.id in (select o.id from wingman.partners_of(_d.user_id) as o (id));
        select r.language, r.title, r.body into strict _language, _title, _body
        from wingman.rendered_text(
            _d.kind,
            _d.channel,
            _language,
            _buddy,
            _session.venue_name,
            _session.scheduled_time,
            _time_zone
        ) as r;
    end if;

    _target := case _d.channel
        when 'email' then (
            select jsonb_build_object('address', a.address) from wingman.email_addresses as a where a.id = _d.target_id
        )
        when 'web_push' then (
            select jsonb_build_object('endpoint', s.endpoint, 'p256dh', s.p256dh, 'auth', s.auth)
            from wingman.push_subscriptions as s
            where s.id = _d.target_id
        )
        when 'webhook' then (
            select
                jsonb_build_object(
                    'url',
                    h.url,
                    'secrets',
                    to_jsonb(h.secret)
                    || case when h.previous_until > statement_timestamp() then to_jsonb(h.previous_secret) else '[]' end
                )
            from wingman.webhooks as h
            where h.id = _d.target_id
        )
        else jsonb_build_object('topic', 'user:' || _d.user_id)
    end;
    return row(
        _d.id,
        _d.token,
        _d.attempts,
        _time_limit,
        _d.kind,
        _d.user_id,
        _d.notification_id,
        _n.match_id,
        _n.session_id,
        coalesce(_n.created_at, _d.created_at),
        _n.useful_until,
        _language,
        _title,
        _body,
        _d.target_id,
        _target
    )::wingman.delivery;
end
$$;

comment on function wingman.delivery_of(wingman.notification_deliveries) is
'A claimed message with everything that its worker needs: the text in the user''s language, with the current name of a current
partner, and the target';
revoke all on function wingman.delivery_of(wingman.notification_deliveries) from public, anon, authenticated, service_role;

-- file: sql/channels/lock_due_deliveries.sql
create or replace function wingman.lock_due_deliveries(channel text, max_rows integer)
returns setof uuid
language plpgsql
volatile
rows 20
set search_path = pg_catalog, pg_temp
-- in the order of an index, however few there were when it was planned: all that are due would be read and sorted each time
set enable_bitmapscan = off
set enable_sort = off
set enable_seqscan = off
set jit = off
as $$
declare
    -- of the 128 attempts that a worker makes at once, unless told otherwise
    _at_once integer := 128 / wingman.most_webhooks();
begin
    if lock_due_deliveries.channel <> 'webhook' then
        return query
        select d.id
        from wingman.notification_deliveries as d
        where d.channel = lock_due_deliveries.channel and d.state = 'due'
        -- see the indexes of the table
        order by d.id nulls first
        limit lock_due_deliveries.max_rows
        for no key update skip locked;
        return;
    end if;

    return query
    select o.id
    from wingman.webhooks as h
    cross join lateral (
        select d.id
        from wingman.notification_deliveries as d
        where d.target_id = h.id and d.channel = 'webhook' and d.state = 'due'
        order by d.id nulls first
        -- no more than can be wanted: what is locked here and not claimed then, another worker would skip
        limit least(lock_due_deliveries.max_rows, greatest(
            _at_once - (
                select count(*)
                from wingman.notification_deliveries as c
                where c.channel = 'webhook' and c.state = 'claimed' and c.target_id = h.id
            ),
            0
        ))
        for no key update skip locked
    ) as o
    where coalesce(h.rests_until <= statement_timestamp(), true)
    order by o.id
    limit lock_due_deliveries.max_rows;
end
$$;

comment on function wingman.lock_due_deliveries(text, integer) is
'Locks messages of a channel that are due, at most max_rows, in order of id, and skips those that others hold. A webhook gets no
more at once than its share of one worker, and none while it rests after failures, so that one that hangs does not delay the others';
revoke all on function wingman.lock_due_deliveries(text, integer) from public, anon, authenticated, service_role;

-- file: sql/channels/claim_deliveries.sql
create or replace function wingman.claim_deliveries(channel text, max_rows integer)
returns setof wingman.delivery
language plpgsql
volatile
security definer
rows 20
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
-- in the order of an index, however few there were when it was planned: all that are due would be read and sorted each time
set enable_bitmapscan = off
set enable_sort = off
set enable_seqscan = off
set jit = off
as $$
declare
    _ids uuid[];
    _lease interval;
    _retries integer;
    _count integer;
    _claimed integer := 0;
    _looked_at integer := 0;
    _most integer := 1000;
begin
    perform wingman.begin_operation('claim_deliveries');
    perform wingman.require_argument('channel', claim_deliveries.channel is not null);
    perform wingman.require_argument('max_rows', claim_deliveries.max_rows is not null);
    if claim_deliveries.channel <> all(wingman.channels()) then
        perform wingman.refuse_violation(
            row('channel', 'must be ' || wingman.alternatives(wingman.channels()))::wingman.violation
        );
    elsif claim_deliveries.max_rows not between 1 and 1000 then
        perform wingman.refuse_violation(row('max_rows', 'must be 1 to 1000')::wingman.violation);
    end if;

    select 2 * t.delivery_time_limit, cardinality(t.delivery_retries)
    into strict _lease, _retries
    from wingman.settings as t;
    -- what waited long enough, and what a worker has not settled in time
    update wingman.notification_deliveries as d
    set
        state = case when d.attempts <= _retries then 'due' else 'dead' end,
        settled_at = case when d.attempts > _retries then statement_timestamp() end,
        last_error = case d.state when 'claimed' then 'worker_lost' else d.last_error end,
        next_attempt_at = null,
        token = null
    where d.ctid = any(array(
        select o.ctid
        from wingman.notification_deliveries as o
        where o.channel = claim_deliveries.channel
            and o.state in ('waiting', 'claimed')
            and o.next_attempt_at <= statement_timestamp()
        order by o.next_attempt_at
        limit 1000
        for update skip locked
    ));
    -- on to the next ones where some were dropped or put off: many of those must not hold up the others
    loop
        _ids := array(
            select d.id from wingman.lock_due_deliveries(claim_deliveries.channel, claim_deliveries.max_rows - _claimed) as d (id)
        );
        exit when cardinality(_ids) = 0;
        -- one statement, so that what is claimed goes to the target that was looked at
        return query
        -- materialized, or each of the functions would be called wherever its result is used
        with looked_at as materialized (
            select
                c.id,
                wingman.delivery_obstacle(c) as obstacle,
                wingman.quiet_until(c) as quiet_until
            from wingman.notification_deliveries as c
            where c.id = any(_ids)
        ),

        settled as (
            update wingman.notification_deliveries as d
            set
                state = case
                    when o.obstacle is not null then 'dropped'
                    when o.quiet_until is not null then 'waiting'
                    else 'claimed'
                end,
                last_error = coalesce(o.obstacle, d.last_error),
                settled_at = case when o.obstacle is not null then statement_timestamp() end,
                next_attempt_at = case when o.obstacle is null then coalesce(o.quiet_until, statement_timestamp() + _lease) end,
                attempts = case when o.obstacle is null and o.quiet_until is null then d.attempts + 1 else d.attempts end,
                token = case when o.obstacle is null and o.quiet_until is null then gen_random_uuid() end
            from looked_at as o
            where d.id = o.id
            returning d as delivery
        )

        select r.*
        from settled as s
        cross join lateral wingman.delivery_of(s.delivery) as r
        where (s.delivery).state = 'claimed'
        order by r.id;
        get diagnostics _count = row_count;
        _claimed := _claimed + _count;
        _looked_at := _looked_at + cardinality(_ids);
        exit when _count = cardinality(_ids) or _looked_at >= _most;
    end loop;
    perform wingman.end_operation();
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('claim_deliveries');
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman.claim_deliveries(text, integer) is
'Claims messages of a channel that are due, in order of id, for a worker to send: at most max_rows, 1 to 1000. Checks each message
again: it is dropped if wingman.delivery_obstacle finds a reason, and put off during the user''s quiet hours. Skips messages that
other workers hold. A claim that is not settled within twice settings.delivery_time_limit lapses, and the message is due again.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.claim_deliveries(text, integer) from public, anon, authenticated, service_role;
grant execute on function wingman.claim_deliveries(text, integer) to wingman_worker;

-- file: sql/channels/settlement.sql
create type wingman.settlement as (
    id uuid,
    token uuid,
    outcome text,
    error text,
    retry_after_seconds double precision
);

comment on type wingman.settlement is 'How an attempt to send a message ended';
comment on column wingman.settlement.id is 'The message';
comment on column wingman.settlement.token is 'The claim';
comment on column wingman.settlement.outcome is
'sent; retry: to be tried again; failed: no attempt will succeed; gone: the target no longer exists';
comment on column wingman.settlement.error is 'Why, as a code such as http_503 or timeout; null if it was sent';
comment on column wingman.settlement.retry_after_seconds is 'How long the other side asked to wait; null if it did not';

-- file: sql/channels/settled_delivery.sql
create type wingman.settled_delivery as (
    id uuid,
    state text
);

comment on type wingman.settled_delivery is 'The result for a message that its worker has settled';
comment on column wingman.settled_delivery.id is 'The message';
comment on column wingman.settled_delivery.state is
'Its state: sent, waiting, dropped or dead, see wingman.notification_deliveries';

-- file: sql/channels/settle_deliveries.sql
create or replace function wingman.settle_deliveries(settlements jsonb)
returns setof wingman.settled_delivery
language plpgsql
volatile
security definer
rows 20
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set enable_seqscan = off
set jit = off
as $$
declare
    _given wingman.settlement[];
    _held wingman.settlement[];
    _retries interval[];
begin
    perform wingman.begin_operation('settle_deliveries');
    perform wingman.require_argument('settlements', settle_deliveries.settlements is not null);
    begin
        _given := array(select g from jsonb_populate_recordset(null::wingman.settlement, settle_deliveries.settlements) as g);
    exception
        when data_exception then
            _given := null;
    end;
    if _given is null or exists (
        select
        from unnest(_given) as g
        where g.id is null
            or g.token is null
            or coalesce(g.outcome not in ('sent', 'retry', 'failed', 'gone'), true)
            or not wingman.is_delivery_error(g.error)
            or g.retry_after_seconds < 0
            or g.retry_after_seconds = 'NaN'
    ) or cardinality(_given) <> (select count(distinct (g.id, g.token)) from unnest(_given) as g) then
        perform wingman.refuse_violation(
            row('settlements', 'must be a list of objects as wingman.settlement describes them')::wingman.violation
        );
    end if;

    select t.delivery_retries into strict _retries from wingman.settings as t;
    -- An erasure of the user is not waited for: it would wait for us in turn. Nor is anybody else below: until this is written down,
    -- all that was sent could be sent again.
    _held := array(
        select g
        from wingman.notification_deliveries as d
        inner join unnest(_given) as g on g.id = d.id and g.token = d.token
        where d.state = 'claimed'
        order by d.id
        for no key update of d skip locked
    );
    update wingman.webhooks as h
    set
        rests_until = case when not t.is_gone then statement_timestamp() + _retries[1] end,
        disabled_at = case when t.is_gone then statement_timestamp() end
    from (
        select o.id, f.is_gone
        from wingman.webhooks as o
        inner join (
            select d.target_id, bool_or(g.outcome = 'gone') as is_gone
            from wingman.notification_deliveries as d
            inner join unnest(_held) as g on g.id = d.id
            where d.channel = 'webhook'
            group by d.target_id
            -- one that takes others, and refuses one message, need not rest
            having bool_or(g.outcome = 'gone') or bool_and(g.outcome = 'retry')
        ) as f on f.target_id = o.id
        where o.disabled_at is null and (f.is_gone or coalesce(o.rests_until <= statement_timestamp(), true))
        for no key update of o skip locked
    ) as t
    where h.id = t.id;
    update wingman.email_addresses as a
    set confirmed_at = null
    where a.id = any(array(
        select o.id
        from wingman.email_addresses as o
        inner join wingman.notification_deliveries as d on d.target_id = o.id and d.channel = 'email'
        inner join unnest(_held) as g on g.id = d.id and g.outcome = 'gone'
        for no key update of o skip locked
    ));
    delete from wingman.push_subscriptions as s
    where s.id = any(array(
        select o.id
        from wingman.push_subscriptions as o
        inner join wingman.notification_deliveries as d on d.target_id = o.id and d.channel = 'web_push'
        inner join unnest(_held) as g on g.id = d.id and g.outcome = 'gone'
        for update of o skip locked
    ));

    return query
    update wingman.notification_deliveries as d
    set
        state = o.state,
        last_error = g.error,
        token = null,
        next_attempt_at = case o.state
            when 'waiting' then statement_timestamp() + greatest(
                -- up to a tenth more or less, so that what failed together does not come back together
                _retries[d.attempts] * (0.9 + 0.2 * random()),
                -- nobody can put a message off for more than a day
                case when g.retry_after_seconds is not null then least(g.retry_after_seconds, 86400) * interval '1 second' end
            )
        end,
        settled_at = case when o.state <> 'waiting' then statement_timestamp() end
    from unnest(_held) as g
    inner join wingman.notification_deliveries as c on c.id = g.id
    cross join lateral (
        select case g.outcome
            when 'sent' then 'sent'
            when 'gone' then 'dropped'
            when 'failed' then 'dead'
            else case when c.attempts <= cardinality(_retries) then 'waiting' else 'dead' end
        end
    ) as o (state)
    where d.id = g.id
    returning d.id, d.state;
    perform wingman.end_operation();
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('settle_deliveries');
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman.settle_deliveries(jsonb) is
'Settles messages that this worker has claimed. settlements: a list of wingman.settlement as JSON objects. Returns the messages
whose claim was still held; the others no longer belong to this worker and stay unchanged. A message to be tried again waits as
settings.delivery_retries says, or longer if the other side asked for it, but at most a day for that; after the last attempt it is
dead. gone drops the message and also removes the push subscription, disables the webhook, or marks the address as not confirmed.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.settle_deliveries(jsonb) from public, anon, authenticated, service_role;
grant execute on function wingman.settle_deliveries(jsonb) to wingman_worker;

-- file: sql/channels/notification_settings.sql
create type public.notification_settings as (
    channel text,
    kinds text array,
    language text,
    quiet_from text,
    quiet_until text,
    time_zone text,
    address text,
    is_reachable boolean
);

comment on type public.notification_settings is
'Which notifications the caller gets through one channel outside the app, and when';
comment on column public.notification_settings.channel is 'One of notification_channel: email, web_push';
comment on column public.notification_settings.kinds is
'The kinds of notifications that are sent, each one of notification_kind; null for all, empty for none (nullable)';
comment on column public.notification_settings.language is 'The language of the texts: one of text_language: en, de';
comment on column public.notification_settings.quiet_from is
'When the quiet hours begin, such as 22:00; null for no quiet hours (nullable)';
comment on column public.notification_settings.quiet_until is 'When they end (nullable)';
comment on column public.notification_settings.time_zone is 'The time zone of the quiet hours, and of the times in texts';
comment on column public.notification_settings.address is
'The e-mail address; null for web push, and if there is none (nullable)';
comment on column public.notification_settings.is_reachable is
'Whether there is a confirmed address, or at least one push subscription';

-- file: sql/channels/notification_settings_of.sql
create or replace function wingman.notification_settings_of(user_id uuid)
returns setof public.notification_settings
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        o.channel,
        c.kinds,
        coalesce(c.language, 'en'),
        to_char(c.quiet_from, 'HH24:MI'),
        to_char(c.quiet_until, 'HH24:MI'),
        coalesce(c.time_zone, 'UTC'),
        case o.channel when 'email' then a.address end,
        case o.channel
            when 'email' then a.confirmed_at is not null
            else exists (select from wingman.push_subscriptions as s where s.user_id = notification_settings_of.user_id)
        end
    from unnest(wingman.personal_channels()) as o (channel)
    left join wingman.channel_settings as c on c.user_id = notification_settings_of.user_id and c.channel = o.channel
    left join wingman.email_addresses as a on a.user_id = notification_settings_of.user_id
    order by o.channel;
end
$$;

comment on function wingman.notification_settings_of(uuid) is
'A user''s settings of each channel, with the defaults where the user has set nothing';
revoke all on function wingman.notification_settings_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/channels/notification_settings_violation.sql
create or replace function wingman.notification_settings_violation(
    channel text,
    kinds text[],
    language text,
    quiet_from text,
    quiet_until text,
    time_zone text
)
returns wingman.violation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _time text := '^([01][0-9]|2[0-3]):[0-5][0-9]$';
begin
    if notification_settings_violation.channel <> all(wingman.personal_channels()) then
        return row('channel', 'must be ' || wingman.alternatives(wingman.personal_channels()))::wingman.violation;
    elsif not wingman.are_notification_kinds(notification_settings_violation.kinds) then
        return row('kinds', 'must be a list of kinds of notifications')::wingman.violation;
    elsif not wingman.is_text_language(notification_settings_violation.language) then
        return row(
            'language', 'must be ' || wingman.alternatives(array(select l.language from wingman.text_languages() as l))
        )::wingman.violation;
    elsif notification_settings_violation.quiet_from !~ _time then
        return row('quiet_from', 'must be a time of day such as 22:00')::wingman.violation;
    elsif notification_settings_violation.quiet_until !~ _time then
        return row('quiet_until', 'must be a time of day such as 07:00')::wingman.violation;
    elsif notification_settings_violation.quiet_from is null and notification_settings_violation.quiet_until is not null then
        return row('quiet_from', 'must be given with quiet_until')::wingman.violation;
    elsif notification_settings_violation.quiet_until is null and notification_settings_violation.quiet_from is not null then
        return row('quiet_until', 'must be given with quiet_from')::wingman.violation;
    elsif notification_settings_violation.quiet_from = notification_settings_violation.quiet_until then
        return row('quiet_until', 'must differ from quiet_from')::wingman.violation;
    elsif not wingman.is_time_zone(notification_settings_violation.time_zone) then
        return row('time_zone', 'must be the name of a time zone such as Europe/Berlin')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.notification_settings_violation(text, text[], text, text, text, text) is
'The first rule that a user''s settings of a channel break, or null';
revoke all on function wingman.notification_settings_violation(text, text[], text, text, text, text)
from public, anon, authenticated, service_role;

-- file: sql/channels/push_subscription_violation.sql
create or replace function wingman.push_subscription_violation(endpoint text, p256dh text, auth text)
returns wingman.violation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _base64url text := '^[A-Za-z0-9_-]+$';
begin
    if not wingman.is_push_endpoint(
        push_subscription_violation.endpoint, (select t.push_hosts from wingman.settings as t)
    ) then
        return row('endpoint', 'must be an address of a push service that operators allow')::wingman.violation;
    -- 65 bytes: a point of P-256, not compressed, which begins with 4; 87 characters without padding
    elsif push_subscription_violation.p256dh !~ _base64url
        or char_length(push_subscription_violation.p256dh) <> 87
        or left(push_subscription_violation.p256dh, 1) <> 'B'
    then
        return row('p256dh', 'must be a public key of P-256, 65 bytes in base64url')::wingman.violation;
    elsif push_subscription_violation.auth !~ _base64url or char_length(push_subscription_violation.auth) <> 22 then
        return row('auth', 'must be 16 bytes in base64url')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.push_subscription_violation(text, text, text) is
'The first rule that a push subscription breaks, or null';
revoke all on function wingman.push_subscription_violation(text, text, text) from public, anon, authenticated, service_role;

-- file: sql/channels/claimed_address.sql
create or replace function wingman.claimed_address()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _address text;
begin
    if wingman.caller_role() <> 'authenticated' then
        return null;
    end if;
    _address := nullif(current_setting('request.jwt.claims', true), '')::json ->> 'email';
    return case when wingman.is_email_address(_address) then _address end;
exception
    when data_exception then
        return null;
end
$$;

comment on function wingman.claimed_address() is
'The e-mail address in the caller''s access token; null if there is none, or if the caller is not a user. It proves nothing until
somebody opens the link sent to it';
revoke all on function wingman.claimed_address() from public, anon, authenticated, service_role;

-- file: sql/channels/must_be_asked.sql
create or replace function wingman.must_be_asked(user_id uuid, address text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return must_be_asked.address is not null and not exists (
        select
        from wingman.email_addresses as a
        where a.user_id = must_be_asked.user_id
            and lower(a.address) = lower(must_be_asked.address)
            and (a.confirmed_at is not null or exists (
                select
                from wingman.asked_addresses as o
                where o.address_hash = wingman.hashed_id(must_be_asked.address) and not wingman.may_be_asked(o.not_before)
            ))
    );
end
$$;

comment on function wingman.must_be_asked(uuid, text) is
'Whether this address still needs a confirmation message for this user. It does not if it is already the user''s address and is
either confirmed or may not get another message yet, see wingman.consume_address_limit';
revoke all on function wingman.must_be_asked(uuid, text) from public, anon, authenticated, service_role;

-- file: sql/channels/consume_address_limit.sql
create or replace function wingman.consume_address_limit(address text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.asked_addresses as a (address_hash, not_before)
    select wingman.hashed_id(consume_address_limit.address), statement_timestamp() + t.email_confirmation_lifetime
    from wingman.settings as t
    on conflict on constraint asked_addresses_pkey do update
    set not_before = excluded.not_before
    where wingman.may_be_asked(a.not_before);
    return found;
end
$$;

comment on function wingman.consume_address_limit(text) is
'Whether a confirmation message may be sent to this e-mail address now: once within settings.email_confirmation_lifetime,
whichever user asks. If so, it counts as asked';
revoke all on function wingman.consume_address_limit(text) from public, anon, authenticated, service_role;

-- file: sql/channels/ask_address.sql
create or replace function wingman.ask_address(user_id uuid, address text, sends boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- always the same, so that somebody who comes back to an address can use the link that was sent there
    _id uuid := wingman.hashed_id(ask_address.user_id || ' ' || ask_address.address);
begin
    insert into wingman.email_addresses as a (id, user_id, address)
    values (_id, ask_address.user_id, ask_address.address)
    on conflict on constraint email_addresses_user_id_key do update
    set
        id = excluded.id,
        address = excluded.address,
        asked_at = excluded.asked_at,
        -- somebody may just have opened the link
        confirmed_at = case when a.id = excluded.id then a.confirmed_at end;
    if ask_address.sends and not exists (
        -- an earlier one that could not be sent so far is as good
        select
        from wingman.notification_deliveries as d
        where d.user_id = ask_address.user_id and d.target_id = _id and d.settled_at is null
    ) then
        insert into wingman.notification_deliveries (channel, kind, user_id, target_id)
        values ('email', 'email_confirmation', ask_address.user_id, _id);
    end if;
end
$$;

comment on function wingman.ask_address(uuid, text, boolean) is
'Makes this the user''s address, not yet confirmed. sends: whether to send the confirmation message, see
wingman.consume_address_limit';
revoke all on function wingman.ask_address(uuid, text, boolean) from public, anon, authenticated, service_role;

-- file: sql/channels/confirm_email_address.sql
create or replace function wingman.confirm_email_address(address_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _known boolean;
begin
    perform wingman.begin_operation('confirm_email_address');
    perform wingman.require_argument('address_id', confirm_email_address.address_id is not null);
    update wingman.email_addresses as a
    set confirmed_at = coalesce(a.confirmed_at, statement_timestamp())
    where a.id = confirm_email_address.address_id;
    _known := found;
    perform wingman.end_operation();
    return _known;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('confirm_email_address');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_email_address(uuid) is
'For servers that answer the links in e-mails: somebody has opened the link sent to this address. Returns false if the user has a
different address now, or no longer exists.
Errors: missing_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.confirm_email_address(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_email_address(uuid) to service_role;

-- file: sql/channels/unsubscribe.sql
create or replace function wingman.unsubscribe(user_id uuid, channel text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _known boolean;
begin
    perform wingman.begin_operation('unsubscribe');
    perform wingman.require_argument('user_id', unsubscribe.user_id is not null);
    perform wingman.require_argument('channel', unsubscribe.channel is not null);
    perform wingman.refuse_violation(
        wingman.notification_settings_violation(unsubscribe.channel, '{}', 'en', null, null, 'UTC')
    );

    perform pg_advisory_xact_lock(wingman.profile_lock(unsubscribe.user_id));
    perform from public.user_profiles as p where p.id = unsubscribe.user_id for key share;
    _known := found;
    if _known then
        insert into wingman.channel_settings as c (user_id, channel, kinds)
        values (unsubscribe.user_id, unsubscribe.channel, '{}')
        on conflict on constraint channel_settings_pkey do update
        set kinds = excluded.kinds, updated_at = excluded.updated_at;
    end if;
    perform wingman.end_operation();
    return _known;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('unsubscribe', unsubscribe.user_id);
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unsubscribe(uuid, text) is
'For servers that answer the links in e-mails: the user gets nothing more through this channel, email or web_push, until the user
changes the settings. Returns false if there is no such user.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.unsubscribe(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.unsubscribe(uuid, text) to service_role;

-- file: sql/channels/get_notification_settings.sql
create or replace function wingman.get_notification_settings(user_id uuid)
returns setof public.notification_settings
language plpgsql
stable
security definer
rows 2
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_notification_settings.user_id));
begin
    return query select s.* from wingman.notification_settings_of(_me) as s;
end
$$;

comment on function wingman.get_notification_settings(uuid) is 'Engine of public.get_notification_settings';
revoke all on function wingman.get_notification_settings(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_notification_settings(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/channels/set_notification_settings.sql
create or replace function wingman.set_notification_settings(
    channel text,
    kinds text[],
    language text,
    quiet_from text,
    quiet_until text,
    time_zone text,
    user_id uuid,
    idempotency_key text
)
returns public.notification_settings
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _address text;
    _asks boolean;
    _sends boolean;
    _answer public.notification_settings;
begin
    _call := wingman.begin_call(
        'set_notification_settings',
        set_notification_settings.user_id,
        set_notification_settings.idempotency_key,
        row(
            set_notification_settings.channel,
            set_notification_settings.kinds,
            set_notification_settings.language,
            set_notification_settings.quiet_from,
            set_notification_settings.quiet_until,
            set_notification_settings.time_zone
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.notification_settings, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('channel', set_notification_settings.channel is not null);
    perform wingman.require_argument('language', set_notification_settings.language is not null);
    perform wingman.require_argument('time_zone', set_notification_settings.time_zone is not null);
    perform wingman.refuse_violation(wingman.notification_settings_violation(
        set_notification_settings.channel,
        set_notification_settings.kinds,
        set_notification_settings.language,
        set_notification_settings.quiet_from,
        set_notification_settings.quiet_until,
        set_notification_settings.time_zone
    ));

    -- one change of a user's channels at a time; an erasure waits, or there is no profile any more
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    _address := case set_notification_settings.channel when 'email' then wingman.claimed_address() end;
    _asks := wingman.must_be_asked(_me, _address);
    if _asks then
        select wingman.consume_rate_limit(_me, 'email', t.email_cost, t.email_burst) into strict _me from wingman.settings as t;
        _sends := wingman.consume_address_limit(_address);
    end if;
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    if _asks then
        perform wingman.ask_address(_me, _address, _sends);
    end if;
    insert into wingman.channel_settings as c (user_id, channel, kinds, language, quiet_from, quiet_until, time_zone)
    values (
        _me,
        set_notification_settings.channel,
        set_notification_settings.kinds,
        set_notification_settings.language,
        set_notification_settings.quiet_from::time,
        set_notification_settings.quiet_until::time,
        set_notification_settings.time_zone
    )
    on conflict on constraint channel_settings_pkey do update
    set
        kinds = excluded.kinds,
        language = excluded.language,
        quiet_from = excluded.quiet_from,
        quiet_until = excluded.quiet_until,
        time_zone = excluded.time_zone,
        updated_at = excluded.updated_at;
    select s.* into strict _answer
    from wingman.notification_settings_of(_me) as s
    where s.channel = set_notification_settings.channel;
    return wingman.end_call(_call, _answer);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('set_notification_settings', coalesce(_call.user_id, set_notification_settings.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.set_notification_settings(text, text[], text, text, text, text, uuid, text) is
'Engine of public.set_notification_settings';
revoke all on function wingman.set_notification_settings(text, text[], text, text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.set_notification_settings(text, text[], text, text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/channels/register_push_subscription.sql
create or replace function wingman.register_push_subscription(
    endpoint text,
    p256dh text,
    auth text,
    user_id uuid,
    idempotency_key text
)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _most integer := 10;
begin
    _call := wingman.begin_call(
        'register_push_subscription',
        register_push_subscription.user_id,
        register_push_subscription.idempotency_key,
        row(register_push_subscription.endpoint, register_push_subscription.p256dh, register_push_subscription.auth)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('endpoint', register_push_subscription.endpoint is not null);
    perform wingman.require_argument('p256dh', register_push_subscription.p256dh is not null);
    perform wingman.require_argument('auth', register_push_subscription.auth is not null);
    perform wingman.refuse_violation(wingman.push_subscription_violation(
        register_push_subscription.endpoint, register_push_subscription.p256dh, register_push_subscription.auth
    ));

    -- one change of a user's channels at a time, so that there are never more than 10
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    insert into wingman.push_subscriptions as s (user_id, endpoint, p256dh, auth)
    values (_me, register_push_subscription.endpoint, register_push_subscription.p256dh, register_push_subscription.auth)
    on conflict on constraint push_subscriptions_endpoint_key do update
    set
        -- what is still to be sent to the one who had it before has the old id, and is dropped
        id = case when s.user_id = excluded.user_id then s.id else excluded.id end,
        user_id = excluded.user_id,
        p256dh = excluded.p256dh,
        auth = excluded.auth,
        created_at = excluded.created_at;
    delete from wingman.push_subscriptions as s
    where s.user_id = _me
        and s.id <> all(array(
            select o.id
            from wingman.push_subscriptions as o
            where o.user_id = _me
            -- also if the clock has gone back since the others
            order by o.endpoint = register_push_subscription.endpoint desc, o.created_at desc, o.id desc
            limit _most
        ));
    return wingman.end_call(_call, row(true, 'This browser will receive push messages.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('register_push_subscription', coalesce(_call.user_id, register_push_subscription.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.register_push_subscription(text, text, text, uuid, text) is
'Engine of public.register_push_subscription';
revoke all on function wingman.register_push_subscription(text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.register_push_subscription(text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/channels/remove_push_subscription.sql
create or replace function wingman.remove_push_subscription(endpoint text, user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
begin
    _call := wingman.begin_call(
        'remove_push_subscription',
        remove_push_subscription.user_id,
        remove_push_subscription.idempotency_key,
        row(remove_push_subscription.endpoint)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('endpoint', remove_push_subscription.endpoint is not null);

    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    delete from wingman.push_subscriptions as s where s.user_id = _me and s.endpoint = remove_push_subscription.endpoint;
    return wingman.end_call(_call, row(true, 'This browser will receive no push messages.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('remove_push_subscription', coalesce(_call.user_id, remove_push_subscription.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.remove_push_subscription(text, uuid, text) is 'Engine of public.remove_push_subscription';
revoke all on function wingman.remove_push_subscription(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.remove_push_subscription(text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/maintenance/maintenance.sql sha256:de23272e051b6fb1e2b81c4d4b4095d5510b7000223539068e515502beeed90d
alter type wingman.maintenance
add attribute purged_deliveries integer;

comment on column wingman.maintenance.purged_deliveries is
'Messages past settings.delivery_retention, sent or not, that it removed';

-- file: sql/maintenance/run_maintenance.sql
create or replace function wingman.run_maintenance(max_rows integer default 1000)
returns wingman.maintenance
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _done wingman.maintenance;
    _retention interval;
    _until timestamptz;
    _count integer;
begin
    perform wingman.begin_operation('run_maintenance');
    perform wingman.require_argument('max_rows', run_maintenance.max_rows is not null);
    if run_maintenance.max_rows not between 1 and 100000 then
        perform wingman.refuse_violation(row('max_rows', 'must be 1 to 100000')::wingman.violation);
    end if;

    -- these two may wait, so they run before anything is locked
    _done.made_partitions := wingman.make_event_partitions();
    _done.dropped_partitions := wingman.drop_event_partitions();
    _done.refused_partitions := wingman.refused_event_partitions();

    -- after the drop, which depends on what earlier transactions have read; but not after a real drop, while nobody can write
    _done.told := 0;
    _done.counted_events := 0;
    _done.counted_reputation_events := 0;
    if _done.dropped_partitions = 0 then
        _done.told := wingman.fill_inboxes(run_maintenance.max_rows);
        _done.counted_events := wingman.count_events(run_maintenance.max_rows);
        _done.counted_reputation_events := wingman.count_reputation_events(run_maintenance.max_rows);
    end if;

    _done.expired_matches := (wingman.settle_due_matches(run_maintenance.max_rows)).expired;

    select t.idempotency_retention into strict _retention from wingman.settings as t;
    _until := wingman.lapsed_until(
        statement_timestamp() - _retention,
        (
            select max(k.created_at)
            from wingman.idempotency_keys as k
            where k.created_at < statement_timestamp() - _retention
        ),
        _retention
    );
    delete from wingman.idempotency_keys as k
    where k.ctid = any(array(
        select o.ctid
        from wingman.idempotency_keys as o
        where o.created_at < _until
        order by o.created_at
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_keys = row_count;

    _until := wingman.lapsed_until(
        statement_timestamp(),
        (select max(r.spent_until) from wingman.rate_limits as r where r.spent_until <= statement_timestamp()),
        _retention
    );
    -- no index: each call would have to maintain it, and the table holds only users who called within a day
    delete from wingman.rate_limits as r
    where r.ctid = any(array(
        select o.ctid
        from wingman.rate_limits as o
        where o.spent_until <= _until
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_limits = row_count;

    select t.email_confirmation_lifetime into strict _retention from wingman.settings as t;
    _until := wingman.lapsed_until(
        statement_timestamp(),
        (select max(a.not_before) from wingman.asked_addresses as a where a.not_before <= statement_timestamp()),
        _retention
    );
    delete from wingman.asked_addresses as a
    where a.ctid = any(array(
        select o.ctid
        from wingman.asked_addresses as o
        where o.not_before <= _until
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _count = row_count;
    _done.purged_limits := _done.purged_limits + _count;

    select t.notification_retention into strict _retention from wingman.settings as t;
    _until := wingman.lapsed_until(
        statement_timestamp() - _retention,
        (
            select w.created_at
            from public.wingman_notifications as w
            where w.id < wingman.first_id_at(statement_timestamp() - _retention)
            order by w.id desc
            limit 1
        ),
        _retention
    );
    delete from public.wingman_notifications as w
    where w.ctid = any(array(
        select o.ctid
        from public.wingman_notifications as o
        where o.id < wingman.first_id_at(_until)
        order by o.id
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_notifications = row_count;

    select t.delivery_retention into strict _retention from wingman.settings as t;
    _until := wingman.lapsed_until(
        statement_timestamp() - _retention,
        (
            select max(d.settled_at)
            from wingman.notification_deliveries as d
            where d.settled_at < statement_timestamp() - _retention
        ),
        _retention
    );
    delete from wingman.notification_deliveries as d
    where d.ctid = any(array(
        select o.ctid
        from wingman.notification_deliveries as o
        where o.settled_at < _until
        order by o.settled_at
        limit run_maintenance.max_rows
        for update skip locked
    ));
    get diagnostics _done.purged_deliveries = row_count;

    perform wingman.end_operation();
    return _done;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('run_maintenance');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.run_maintenance(integer) is
'Tidies up: settles lapsed matches, removes old idempotency keys and rate limits that are full again, those of e-mail addresses
included, creates and drops monthly partitions of the journal, fills the inboxes and removes old notifications and messages, and
counts what happened for the operators'' views. No call depends on it. max_rows: the most rows of each kind to process, 1 to 100000. Several runs can overlap: each skips what
another holds. A clock that has jumped ahead does not cost the history: see wingman.drop_event_partitions and
wingman.lapsed_until.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_maintenance(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_maintenance(integer) to wingman_admin, service_role;

-- file: sql/admin/decision_kinds.sql
create or replace function wingman.decision_kinds()
returns table (kind text, meaning text, subject text, details text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('session_cancelled', 'An operator cancelled a session', 'the session', null),
    ('session_no_show', 'An operator found that one of the two people did not come', 'the session', 'absent_user_id'),
    ('session_reverted', 'An operator took back what a session gave to reputations', 'the session', null),
    ('no_show_upheld', 'An operator upheld the report of a no-show', 'the session', 'absent_user_ids'),
    ('no_show_dismissed', 'An operator dismissed the report of a no-show', 'the session', null),
    ('user_suspended', 'An operator suspended a user', 'the user', 'until: null for without end'),
    ('suspension_lifted', 'An operator lifted a suspension', 'the user', null),
    ('match_ended', 'An operator ended a match', 'the match', null),
    ('report_taken', 'An operator took a report to look into it', 'the report', 'taken_from: the login that had it before, or null'),
    ('report_resolved', 'An operator acted on a report', 'the report', null),
    ('report_dismissed', 'An operator found nothing to act on in a report', 'the report', null),
    ('settings_changed', 'An operator changed the settings', null, 'before, after: the settings that changed'),
    (
        'text_changed',
        'An operator changed a text of what is sent outside',
        null,
        'kind, channel, language, before and after: title and body; before: null if there was none'
    ),
    ('delivery_requeued', 'An operator had a message sent again', 'the message', 'channel, kind, last_error: of the message'),
    ('delivery_dropped', 'An operator dropped a message', 'the message', 'channel, kind, last_error: of the message'),
    ('webhook_added', 'An operator added a webhook', 'the webhook', 'origin: where it is; kinds: what is sent, null for all'),
    ('webhook_secret_rotated', 'An operator gave a webhook a new secret', 'the webhook', 'overlap: how long the old one is used'),
    ('webhook_enabled', 'An operator enabled a webhook', 'the webhook', null),
    ('webhook_removed', 'An operator removed a webhook', 'the webhook', null),
    ('user_exported', 'An operator exported somebody''s data', 'the user', null),
    ('user_erased', 'An operator erased somebody''s data', 'the user', null);
end
$$;

comment on function wingman.decision_kinds() is
'The vocabulary of operators'' decisions. kind: a value of wingman.operator_decisions.kind; meaning: what was decided; subject:
whom or what subject_id names, null for nothing; details: what wingman.operator_decisions.details holds, null for nothing.';
revoke all on function wingman.decision_kinds() from public, anon, authenticated, service_role;

-- file: sql/admin/decisions.sql
create or replace view wingman_admin.decisions as
select
    d.id,
    d.decided_at,
    d.login,
    d.kind,
    d.subject_id,
    d.reason,
    d.details
from wingman.operator_decisions as d;

comment on view wingman_admin.decisions is
'What operators decided, and why, kept for ever; newer ids sort later. Filter by subject_id or by a range of ids: both find rows
without reading all of them';
comment on column wingman_admin.decisions.id is 'The decision, UUID version 7';
comment on column wingman_admin.decisions.decided_at is 'When it was decided';
comment on column wingman_admin.decisions.login is 'The login of the operator';
comment on column wingman_admin.decisions.kind is 'What was decided: a word of wingman.decision_kinds()';
comment on column wingman_admin.decisions.subject_id is
'The user, match, session, report, message or webhook that it concerns; null for settings and texts';
comment on column wingman_admin.decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman_admin.decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.decisions to wingman_admin, service_role;

-- file: sql/admin/settings.sql
create or replace view wingman_admin.settings as
select
    a.attname::text as name,
    v.value,
    col_description(a.attrelid, a.attnum) as meaning
from wingman.settings as t
cross join pg_attribute as a
inner join lateral jsonb_each_text(to_jsonb(t)) as v (name, value) on a.attname = v.name
where a.attrelid = 'wingman.settings'::regclass and a.attnum > 0 and a.attgenerated = '' and a.attname <> 'id'
order by a.attnum;

comment on view wingman_admin.settings is 'The settings: wingman_admin.change_settings changes them';
comment on column wingman_admin.settings.name is 'Its name';
comment on column wingman_admin.settings.value is 'Its value: a number, a duration, a word, true or false, a list, or null';
comment on column wingman_admin.settings.meaning is 'What it does';

revoke all on table wingman_admin.settings from public, anon, authenticated, service_role;
grant select on table wingman_admin.settings to wingman_admin, service_role;

-- file: sql/admin/require_settings.sql
create or replace function wingman.require_settings(changes jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _name text;
begin
    if jsonb_typeof(require_settings.changes) <> 'object' or require_settings.changes = '{}' then
        perform wingman.refuse_violation(
            row('changes', 'must be an object with the settings to change')::wingman.violation
        );
    end if;
    for _name in
        select k.name
        from jsonb_object_keys(require_settings.changes) as k (name)
        order by k.name
    loop
        if not exists (select from wingman_admin.settings as s where s.name = _name) then
            perform wingman.refuse_violation(row('changes', 'has no setting ' || _name)::wingman.violation);
        end if;
        begin
            perform jsonb_populate_record(
                null::wingman.settings, jsonb_build_object(_name, require_settings.changes -> _name)
            );
        exception
            when data_exception then
                perform wingman.refuse_violation(
                    row(_name, 'must be a number, a word, true or false, a duration or a list, as it is now')::wingman.violation
                );
        end;
    end loop;
end
$$;

comment on function wingman.require_settings(jsonb) is
'Refuses settings that do not exist, and values that are of another type. Errors: invalid_argument.';
revoke all on function wingman.require_settings(jsonb) from public, anon, authenticated, service_role;

-- file: sql/admin/change_settings.sql
create or replace function wingman_admin.change_settings(changes jsonb, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _before record;
    _after record;
    _changed jsonb;
    _constraint text;
    _column text;
begin
    perform wingman.begin_operation('change_settings');
    perform wingman.require_argument('changes', change_settings.changes is not null);
    perform wingman.require_argument('reason', change_settings.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(change_settings.reason));
    perform wingman.require_settings(change_settings.changes);

    select t.* into strict _before from wingman.settings as t for no key update;
    select n.* into strict _after
    from wingman.settings as t
    cross join lateral jsonb_populate_record(t, change_settings.changes) as n;
    select jsonb_build_object('before', jsonb_object_agg(b.name, b.value), 'after', jsonb_object_agg(a.name, a.value))
    into _changed
    from jsonb_each(to_jsonb(_before)) as b (name, value)
    inner join jsonb_each(to_jsonb(_after)) as a (name, value) on b.name = a.name
    where b.value <> a.value;

    if _changed ->> 'after' is not null then
        perform wingman.record_decision('settings_changed', null, _changed, change_settings.reason);
        update wingman.settings as t
        set
            match_lifetime = _after.match_lifetime,
            rematch_after = _after.rematch_after,
            session_start_lead = _after.session_start_lead,
            session_horizon = _after.session_horizon,
            settle_limit = _after.settle_limit,
            level_relaxation = _after.level_relaxation,
            exposure_limit = _after.exposure_limit,
            exposure_window = _after.exposure_window,
            ghosting_limit = _after.ghosting_limit,
            automatic_match_limit = _after.automatic_match_limit,
            automatic_match_period = _after.automatic_match_period,
            respond_limit = _after.respond_limit,
            respond_period = _after.respond_period,
            confirm_limit = _after.confirm_limit,
            confirm_period = _after.confirm_period,
            create_session_limit = _after.create_session_limit,
            create_session_period = _after.create_session_period,
            profile_limit = _after.profile_limit,
            profile_period = _after.profile_period,
            idempotency_retention = _after.idempotency_retention,
            journal_retention_months = _after.journal_retention_months,
            journal_drop_limit = _after.journal_drop_limit,
            acceptance = _after.acceptance,
            session_spacing = _after.session_spacing,
            no_show_grace = _after.no_show_grace,
            no_show_window = _after.no_show_window,
            no_show_answer_within = _after.no_show_answer_within,
            no_show_decide_within = _after.no_show_decide_within,
            no_show_memory = _after.no_show_memory,
            cooldown_steps = _after.cooldown_steps,
            report_limit = _after.report_limit,
            report_period = _after.report_period,
            match_expiring_before = _after.match_expiring_before,
            session_reminder_before = _after.session_reminder_before,
            session_reminder_again = _after.session_reminder_again,
            agreement_reminder_before = _after.agreement_reminder_before,
            confirmation_reminder_after = _after.confirmation_reminder_after,
            notifications_per_day = _after.notifications_per_day,
            notification_retention = _after.notification_retention,
            email_limit = _after.email_limit,
            email_period = _after.email_period,
            email_confirmation_lifetime = _after.email_confirmation_lifetime,
            push_hosts = _after.push_hosts,
            delivery_time_limit = _after.delivery_time_limit,
            delivery_retries = _after.delivery_retries,
            delivery_retention = _after.delivery_retention,
            realtime = _after.realtime
        where t.id;
    end if;

    perform wingman.end_operation();
    return row(
        true, case when _changed ->> 'after' is null then 'These are the settings already.' else 'Settings changed.' end
    )::public.acknowledgement;
exception
    when check_violation or not_null_violation or division_by_zero or datetime_field_overflow then
        perform wingman.name_call('change_settings');
        get stacked diagnostics _constraint = constraint_name, _column = column_name;
        _column := coalesce(
            substring(_constraint from '^settings_(.*)$'),
            nullif(_column, ''),
            -- a limit of 0 is divided by before any rule is looked at
            (select min(c.name) from jsonb_each_text(change_settings.changes) as c (name, value) where c.value = '0'),
            'changes'
        );
        perform wingman.refuse_violation(
            row(
                _column,
                case
                    when _column = 'acceptance' then 'must be either or both'
                    when _column = 'push_hosts' then 'must be a list of host names such as push.example.com or *.push.example.com'
                    when _column = 'no_show_decide_within' then 'must be within its range, and longer than no_show_answer_within'
                    when jsonb_typeof(change_settings.changes -> _column) = 'string' then 'must be within its range, in hours, minutes and seconds'
                    else 'must be within its range'
                end
            )::wingman.violation
        );
        return null;
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('change_settings');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.change_settings(jsonb, text) is
'Changes settings, all or none; calls that begin later go by them.
changes: an object with the settings to change, as wingman_admin.settings names them: {"match_lifetime": "24 hours"}. Durations are
texts, and null switches off what may be null. reason: why, 1 to 500 characters; wingman_admin.settings_history shows it.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.change_settings(jsonb, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.change_settings(jsonb, text) to wingman_admin, service_role;

-- file: sql/admin/notification_texts.sql
create or replace view wingman_admin.notification_texts as
select
    t.kind,
    t.channel,
    t.language,
    t.title,
    coalesce(t.body, k.message) as body,
    t.body is null as body_of_inbox
from wingman.notification_texts as t
left join wingman.notification_kinds() as k on t.kind = k.kind
order by t.kind, t.channel, t.language;

comment on view wingman_admin.notification_texts is
'The texts of messages sent outside the app; change them with wingman_admin.set_notification_text';
comment on column wingman_admin.notification_texts.kind is 'The kind of notification, or email_confirmation';
comment on column wingman_admin.notification_texts.channel is 'email or web_push';
comment on column wingman_admin.notification_texts.language is 'The language: en or de';
comment on column wingman_admin.notification_texts.title is 'The subject, or the first line of a push message';
comment on column wingman_admin.notification_texts.body is
'What it says; {buddy}, {venue} and {time} are filled in when it is sent';
comment on column wingman_admin.notification_texts.body_of_inbox is
'Whether it has no body of its own and uses the sentence of the inbox';

revoke all on table wingman_admin.notification_texts from public, anon, authenticated, service_role;
grant select on table wingman_admin.notification_texts to wingman_admin, service_role;

-- file: sql/admin/set_notification_text.sql
create or replace function wingman_admin.set_notification_text(
    kind text,
    channel text,
    language text,
    title text,
    body text,
    reason text
)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _before jsonb;
    _after jsonb := jsonb_build_object('title', set_notification_text.title, 'body', set_notification_text.body);
begin
    perform wingman.begin_operation('set_notification_text');
    perform wingman.require_argument('kind', set_notification_text.kind is not null);
    perform wingman.require_argument('channel', set_notification_text.channel is not null);
    perform wingman.require_argument('language', set_notification_text.language is not null);
    perform wingman.require_argument('title', set_notification_text.title is not null);
    perform wingman.require_argument('reason', set_notification_text.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(set_notification_text.reason));
    perform wingman.refuse_violation(
        wingman.notification_text_violation(
            set_notification_text.kind,
            set_notification_text.channel,
            set_notification_text.language,
            set_notification_text.title,
            set_notification_text.body
        )
    );

    -- the English text, which every kind has: another language may lack it
    perform
    from wingman.notification_texts as t
    where t.kind = set_notification_text.kind and t.channel = set_notification_text.channel and t.language = 'en'
    for no key update;
    select jsonb_build_object('title', t.title, 'body', t.body)
    into _before
    from wingman.notification_texts as t
    where t.kind = set_notification_text.kind
        and t.channel = set_notification_text.channel
        and t.language = set_notification_text.language;

    if _after is distinct from _before then
        perform wingman.record_decision(
            'text_changed',
            null,
            jsonb_build_object(
                'kind', set_notification_text.kind,
                'channel', set_notification_text.channel,
                'language', set_notification_text.language,
                'before', _before,
                'after', _after
            ),
            set_notification_text.reason
        );
        insert into wingman.notification_texts as t (kind, channel, language, title, body)
        values (
            set_notification_text.kind,
            set_notification_text.channel,
            set_notification_text.language,
            set_notification_text.title,
            set_notification_text.body
        )
        on conflict on constraint notification_texts_pkey do update set title = excluded.title, body = excluded.body;
    end if;

    perform wingman.end_operation();
    return row(
        true, case when _after is distinct from _before then 'Text changed.' else 'This is the text already.' end
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('set_notification_text');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.set_notification_text(text, text, text, text, text, text) is
'Changes a text of wingman_admin.notification_texts, or adds one that a language lacks. Messages sent from then on use the new
text.
kind: a kind of notification, or email_confirmation. channel: email or web_push. language: en or de. title: the subject, or the
first line of a push message, 1 to 80 characters. body: what it says, 1 to 500 characters; null in English e-mail for the sentence
of the inbox. An e-mail''s body may contain {buddy} if it concerns another person, and {venue} and {time} if it concerns a
session. Titles and push messages have no placeholders, because others may see them. reason: why, 1 to 500 characters, kept with
the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.set_notification_text(text, text, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function wingman_admin.set_notification_text(text, text, text, text, text, text) to wingman_admin, service_role;

-- file: sql/admin/dead_deliveries.sql
create or replace view wingman_admin.dead_deliveries as
select
    d.id,
    d.channel,
    d.kind,
    d.user_id,
    d.attempts,
    d.last_error,
    d.created_at,
    d.settled_at
from wingman.notification_deliveries as d
where d.state = 'dead'
order by d.id desc;

comment on view wingman_admin.dead_deliveries is
'Messages that were given up, newest first: send one again with requeue_delivery, or drop it with drop_delivery. Maintenance
removes them once they are older than settings.delivery_retention';
comment on column wingman_admin.dead_deliveries.id is 'The message: requeue_delivery and drop_delivery take it as delivery_id';
comment on column wingman_admin.dead_deliveries.channel is 'email, web_push, webhook or realtime';
comment on column wingman_admin.dead_deliveries.kind is 'A kind of notification, or email_confirmation';
comment on column wingman_admin.dead_deliveries.user_id is 'The user whose notification it is';
comment on column wingman_admin.dead_deliveries.attempts is 'How many attempts were made';
comment on column wingman_admin.dead_deliveries.last_error is 'Why the last one failed, as a code such as http_503 or timeout';
comment on column wingman_admin.dead_deliveries.created_at is 'When it was written';
comment on column wingman_admin.dead_deliveries.settled_at is 'When it was given up';

revoke all on table wingman_admin.dead_deliveries from public, anon, authenticated, service_role;
grant select on table wingman_admin.dead_deliveries to wingman_admin, service_role;

-- file: sql/admin/delivery_backlog.sql
create or replace view wingman_admin.delivery_backlog as
select
    b.channel,
    b.state,
    b.messages,
    b.oldest_at,
    b.due_since
from wingman.delivery_backlogs() as b
where b.messages > 0
order by b.channel asc, b.state asc;

comment on view wingman_admin.delivery_backlog is
'How many messages are still to be sent or were given up, by channel and state. Reads only these messages';
comment on column wingman_admin.delivery_backlog.channel is 'email, web_push, webhook or realtime';
comment on column wingman_admin.delivery_backlog.state is
'due: to be sent now; waiting: for a retry or the end of quiet hours; claimed: a worker is sending it; dead: given up, see
dead_deliveries';
comment on column wingman_admin.delivery_backlog.messages is 'How many';
comment on column wingman_admin.delivery_backlog.oldest_at is 'When the oldest of them was written';
comment on column wingman_admin.delivery_backlog.due_since is
'When the first of the due messages became due that no worker has looked at yet; else null';

revoke all on table wingman_admin.delivery_backlog from public, anon, authenticated, service_role;
grant select on table wingman_admin.delivery_backlog to wingman_admin, service_role;

-- file: sql/admin/decide_delivery.sql
create or replace function wingman.decide_delivery(kind text, delivery_id uuid, reason text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _delivery wingman.notification_deliveries;
begin
    select d.* into _delivery
    from wingman.notification_deliveries as d
    where d.id = decide_delivery.delivery_id
    for no key update;
    if not found then
        perform wingman.raise_error('delivery_not_found');
    elsif _delivery.state <> 'dead' then
        perform wingman.raise_error(
            'delivery_not_dead',
            jsonb_build_object('status', wingman.delivery_state(_delivery.state, _delivery.next_attempt_at))
        );
    end if;
    perform wingman.record_decision(
        decide_delivery.kind,
        decide_delivery.delivery_id,
        jsonb_build_object('channel', _delivery.channel, 'kind', _delivery.kind, 'last_error', _delivery.last_error),
        decide_delivery.reason
    );
end
$$;

comment on function wingman.decide_delivery(text, uuid, text) is
'Locks a message that was given up, and records what an operator decides about it, which the caller then does. kind: of
wingman.decision_kinds(). Errors: delivery_not_found, delivery_not_dead.';
revoke all on function wingman.decide_delivery(text, uuid, text) from public, anon, authenticated, service_role;

-- file: sql/admin/requeue_delivery.sql
create or replace function wingman_admin.requeue_delivery(delivery_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('requeue_delivery');
    perform wingman.require_argument('delivery_id', requeue_delivery.delivery_id is not null);
    perform wingman.require_argument('reason', requeue_delivery.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(requeue_delivery.reason));

    perform wingman.decide_delivery('delivery_requeued', requeue_delivery.delivery_id, requeue_delivery.reason);
    update wingman.notification_deliveries as d
    -- waiting until now is as good as due, and says since when
    set state = 'waiting', next_attempt_at = statement_timestamp(), attempts = 0, settled_at = null
    where d.id = requeue_delivery.delivery_id;

    perform wingman.end_operation();
    return row(true, 'Message is due again.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('requeue_delivery');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.requeue_delivery(uuid, text) is
'Has a message that was given up sent again, with all its attempts, unless it is dropped because it is no longer wanted. reason:
why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, delivery_not_found, delivery_not_dead, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.requeue_delivery(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.requeue_delivery(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/drop_delivery.sql
create or replace function wingman_admin.drop_delivery(delivery_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('drop_delivery');
    perform wingman.require_argument('delivery_id', drop_delivery.delivery_id is not null);
    perform wingman.require_argument('reason', drop_delivery.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(drop_delivery.reason));

    perform wingman.decide_delivery('delivery_dropped', drop_delivery.delivery_id, drop_delivery.reason);
    update wingman.notification_deliveries as d
    set state = 'dropped', last_error = 'dropped_by_operator', settled_at = statement_timestamp()
    where d.id = drop_delivery.delivery_id;

    perform wingman.end_operation();
    return row(true, 'Message dropped: it will not be sent.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('drop_delivery');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.drop_delivery(uuid, text) is
'Drops a message that was given up and removes it from dead_deliveries; this is final.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, delivery_not_found, delivery_not_dead, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.drop_delivery(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.drop_delivery(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/webhooks.sql
create or replace view wingman_admin.webhooks as
select
    h.id,
    h.url,
    h.kinds,
    h.created_at,
    h.disabled_at,
    case when h.rests_until > statement_timestamp() then h.rests_until end as rests_until,
    case when h.previous_until > statement_timestamp() then h.previous_until end as old_secret_until
from wingman.webhooks as h
where h.url is not null
order by h.id asc;

comment on view wingman_admin.webhooks is
'Your systems that receive notifications. Their secrets cannot be looked up; rotate_webhook_secret makes a new one';
comment on column wingman_admin.webhooks.id is 'The webhook: functions take it as webhook_id';
comment on column wingman_admin.webhooks.url is 'Where notifications are sent';
comment on column wingman_admin.webhooks.kinds is 'The kinds of notifications to send; null for all';
comment on column wingman_admin.webhooks.created_at is 'When it was added';
comment on column wingman_admin.webhooks.disabled_at is
'Since when nothing is sent, because the receiver answered 410 Gone; enable it with enable_webhook. Null while it is enabled';
comment on column wingman_admin.webhooks.rests_until is
'Nothing is sent before this time, because everything that a worker sent last has failed; else null';
comment on column wingman_admin.webhooks.old_secret_until is 'Until when messages are also signed with the old secret; else null';

revoke all on table wingman_admin.webhooks from public, anon, authenticated, service_role;
grant select on table wingman_admin.webhooks to wingman_admin, service_role;

-- file: sql/admin/add_webhook.sql
create or replace function wingman_admin.add_webhook(url text, reason text, kinds text[] default null)
returns wingman.webhook_secret
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _added wingman.webhook_secret;
begin
    perform wingman.begin_operation('add_webhook');
    perform wingman.require_argument('url', add_webhook.url is not null);
    perform wingman.require_argument('reason', add_webhook.reason is not null);
    perform wingman.refuse_violation(wingman.webhook_violation(add_webhook.url, add_webhook.kinds));
    perform wingman.refuse_violation(wingman.decision_violation(add_webhook.reason));
    perform wingman.require_webhook_room();

    insert into wingman.webhooks as h (url, kinds, secret)
    values (add_webhook.url, add_webhook.kinds, wingman.new_webhook_secret())
    returning h.id, h.secret into _added;
    perform wingman.record_decision(
        'webhook_added',
        _added.webhook_id,
        -- where messages go is for ever on record; in a path or a query there may be a token
        jsonb_build_object('origin', substring(add_webhook.url, '^[a-z]+://[^/?]+'), 'kinds', add_webhook.kinds),
        add_webhook.reason
    );

    perform wingman.end_operation();
    return _added;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('add_webhook');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.add_webhook(text, text, text[]) is
'Adds a webhook: new notifications are sent to it, signed with a secret that is shown only in this answer.
url: where to POST, http or https, without user and password, at most 500 characters. kinds: the kinds of notifications to send;
null for all. reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, too_many_webhooks, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.add_webhook(text, text, text[]) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.add_webhook(text, text, text[]) to wingman_admin, service_role;

-- file: sql/admin/rotate_webhook_secret.sql
create or replace function wingman_admin.rotate_webhook_secret(
    webhook_id uuid,
    reason text,
    overlap interval default '24 hours'
)
returns wingman.webhook_secret
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _rotated wingman.webhook_secret;
begin
    perform wingman.begin_operation('rotate_webhook_secret');
    perform wingman.require_argument('webhook_id', rotate_webhook_secret.webhook_id is not null);
    perform wingman.require_argument('reason', rotate_webhook_secret.reason is not null);
    perform wingman.require_argument('overlap', rotate_webhook_secret.overlap is not null);
    perform wingman.refuse_violation(wingman.decision_violation(rotate_webhook_secret.reason));
    if not wingman.is_clock_interval(rotate_webhook_secret.overlap, '0', '168 hours') then
        perform wingman.refuse_violation(row('overlap', 'must be 0 to 168 hours, in hours, minutes and seconds')::wingman.violation);
    end if;
    perform wingman.lock_webhook(rotate_webhook_secret.webhook_id);

    perform wingman.record_decision(
        'webhook_secret_rotated',
        rotate_webhook_secret.webhook_id,
        jsonb_build_object('overlap', rotate_webhook_secret.overlap),
        rotate_webhook_secret.reason
    );
    update wingman.webhooks as h
    set
        secret = wingman.new_webhook_secret(),
        previous_secret = case when rotate_webhook_secret.overlap > interval '0' then h.secret end,
        previous_until = case
            when rotate_webhook_secret.overlap > interval '0' then statement_timestamp() + rotate_webhook_secret.overlap
        end
    where h.id = rotate_webhook_secret.webhook_id
    returning h.id, h.secret into _rotated;

    perform wingman.end_operation();
    return _rotated;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('rotate_webhook_secret');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.rotate_webhook_secret(uuid, text, interval) is
'Gives a webhook a new secret, which is shown only in this answer.
overlap: how long messages are also signed with the old secret, 0 to 168 hours; give 0 if somebody else may know it. An even older
secret that was still in use is forgotten. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.decisions.
Errors: missing_argument, invalid_argument, webhook_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.rotate_webhook_secret(uuid, text, interval) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.rotate_webhook_secret(uuid, text, interval) to wingman_admin, service_role;

-- file: sql/admin/enable_webhook.sql
create or replace function wingman_admin.enable_webhook(webhook_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _webhook record;
begin
    perform wingman.begin_operation('enable_webhook');
    perform wingman.require_argument('webhook_id', enable_webhook.webhook_id is not null);
    perform wingman.require_argument('reason', enable_webhook.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(enable_webhook.reason));
    select h.disabled_at into strict _webhook from wingman.lock_webhook(enable_webhook.webhook_id) as h;
    if _webhook.disabled_at is null then
        perform wingman.raise_error('webhook_not_disabled');
    end if;
    perform wingman.require_webhook_room();

    perform wingman.record_decision('webhook_enabled', enable_webhook.webhook_id, null, enable_webhook.reason);
    update wingman.webhooks as h set disabled_at = null, rests_until = null where h.id = enable_webhook.webhook_id;

    perform wingman.end_operation();
    return row(true, 'Webhook enabled: new notifications are sent to it again.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('enable_webhook');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.enable_webhook(uuid, text) is
'Enables a webhook whose receiver has answered 410 Gone. Notifications from the time in between are not sent to it.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, webhook_not_found, webhook_not_disabled, too_many_webhooks, busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.enable_webhook(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.enable_webhook(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/remove_webhook.sql
create or replace function wingman_admin.remove_webhook(webhook_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set enable_seqscan = off
set jit = off
as $$
begin
    perform wingman.begin_operation('remove_webhook');
    perform wingman.require_argument('webhook_id', remove_webhook.webhook_id is not null);
    perform wingman.require_argument('reason', remove_webhook.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(remove_webhook.reason));
    perform wingman.lock_webhook(remove_webhook.webhook_id);

    perform wingman.record_decision('webhook_removed', remove_webhook.webhook_id, null, remove_webhook.reason);
    update wingman.webhooks as h
    set
        url = null,
        kinds = null,
        secret = null,
        previous_secret = null,
        previous_until = null,
        rests_until = null,
        disabled_at = coalesce(h.disabled_at, statement_timestamp())
    where h.id = remove_webhook.webhook_id;
    -- What a worker holds or has claimed is not waited for: it is settled, or dropped by the next claim.
    update wingman.notification_deliveries as d
    set
        state = 'dropped',
        last_error = 'webhook_removed',
        next_attempt_at = null,
        settled_at = statement_timestamp()
    where d.ctid = any(array(
        select o.ctid
        from wingman.notification_deliveries as o
        where o.channel = 'webhook'
            and o.target_id = remove_webhook.webhook_id
            -- each has an index of its own
            and (o.state = 'due' or o.state = 'waiting' or o.state = 'dead')
        for no key update skip locked
    ));

    perform wingman.end_operation();
    return row(true, 'Webhook removed: nothing more is sent to it.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('remove_webhook');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.remove_webhook(uuid, text) is
'Removes a webhook and forgets its address and secrets; this is final. Messages still to be sent to it are dropped, including
dead ones; a worker that is sending one at this moment may finish.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, webhook_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.remove_webhook(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.remove_webhook(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/metrics.sql
-- noqa: disable=LT02
create or replace view wingman_admin.metrics as
with today as (
    select (statement_timestamp() at time zone 'UTC')::date as today
),

offered as (
    select count(*) as amount
    from wingman.matchmaking_pool as p
    where p.pending_until > statement_timestamp() and p.user_id < p.pending_buddy_id
),

active as (
    select
        count(*) filter (where s.status = 'scheduled') as scheduled,
        count(*) filter (where s.status = 'in_progress') as in_progress,
        -- sessions of matches that wingman.match_counts() counts as accepted and not ended
        count(*) filter (
            where m.status = 'accepted' and m.ended_at is null and m.created_at >= wingman.history_start()
        ) as of_accepted
    from public.wingman_sessions as s
    inner join public.wingman_matches as m on s.match_id = m.id
    where s.is_active and wingman.is_active_session(s.status)
),

matches as (
    select
        sum(c.accepted - c.ended) as open,
        sum(c.offered) filter (where c.offered_on > t.today - 7) as offered,
        sum(c.accepted) filter (where c.offered_on > t.today - 7) as accepted,
        sum(c.scheduled) filter (where c.offered_on > t.today - 7) as scheduled,
        sum(c.completed) filter (where c.offered_on > t.today - 7) as completed
    from wingman.match_counts() as c
    cross join today as t
    where c.offered_on >= (wingman.history_start() at time zone 'UTC')::date
),

seekers as (
    select
        count(*) filter (where s.pending_match_id is null and not s.paused and not s.suspended) as free,
        count(*) filter (where s.pending_match_id is not null) as offered,
        count(*) filter (where s.paused) as paused
    from wingman.matchmaking_pool as s
),

sessions as (
    select
        sum(d.completed) as completed,
        sum(d.cancelled) as cancelled,
        sum(d.no_shows) as no_shows,
        sum(d.reverted) as reverted,
        sum(d.not_settled) as not_settled
    from wingman_admin.completion_rate_by_day as d
    where d.held_on >= (wingman.history_start() at time zone 'UTC')::date
),

last_day as (
    select
        sum(c.sessions) filter (where c.outcome = 'completed') as completed,
        sum(c.sessions) filter (where c.outcome = 'no_show') as no_shows
    from wingman.outcome_counts(statement_timestamp() - interval '24 hours') as c
),

overdue as (
    select count(*) as amount from wingman_admin.overdue_sessions
),

due as (
    select count(*) as amount
    from wingman.due_matches
),

keys as (
    select count(*) as amount from wingman.idempotency_keys
),

unplaced as (
    select count(*) as amount from wingman.events_default
),

lags as (
    select
        r.name,
        r.unread,
        r.unread_since
    from wingman.reader_lags() as r
),

backlogs as (
    select
        b.channel,
        b.state,
        b.messages,
        b.due_since
    from wingman.delivery_backlogs() as b
)

select
    v.metric,
    v.state,
    coalesce(v.amount, 0)::bigint as amount
from offered as o
cross join active as i
cross join seekers as s
cross join sessions as d
cross join last_day as l
cross join matches as f
cross join overdue as e
cross join due as u
cross join keys as k
cross join unplaced as a
cross join lateral (
    values
    ('open', 'offered', o.amount),
    ('open', 'accepted', f.open - i.of_accepted),
    ('open', 'scheduled', i.scheduled),
    ('open', 'in_progress', i.in_progress),
    ('seekers', 'free', s.free),
    ('seekers', 'offered', s.offered),
    ('seekers', 'paused', s.paused),
    ('sessions', 'completed', d.completed),
    ('sessions', 'cancelled', d.cancelled),
    ('sessions', 'no_show', d.no_shows),
    ('sessions', 'reverted', d.reverted),
    ('sessions', 'not_settled', d.not_settled),
    ('last_day', 'completed', l.completed),
    ('last_day', 'no_show', l.no_shows),
    ('funnel', 'offered', f.offered),
    ('funnel', 'accepted', f.accepted),
    ('funnel', 'scheduled', f.scheduled),
    ('funnel', 'completed', f.completed),
    ('overdue_sessions', null, e.amount),
    ('due_matches', null, u.amount),
    ('idempotency_keys', null, k.amount),
    ('journal_default_rows', null, a.amount)
) as v (metric, state, amount)
union all
select
    'reader_events' as metric,
    g.name as state,
    g.unread as amount
from lags as g
union all
select
    'reader_seconds' as metric,
    g.name as state,
    -- before PostgreSQL 17, infinity cannot be subtracted from anything
    case
        when isfinite(g.unread_since)
            then greatest(extract(epoch from statement_timestamp() - g.unread_since), 0)::bigint
        else 0
    end as amount
from lags as g
union all
select
    'deliveries_' || b.state as metric,
    b.channel as state,
    b.messages as amount
from backlogs as b
union all
select
    'delivery_seconds' as metric,
    b.channel as state,
    coalesce(greatest(extract(epoch from statement_timestamp() - b.due_since), 0)::bigint, 0) as amount
from backlogs as b
where b.state = 'due';

comment on view wingman_admin.metrics is
'Everything that wingman metrics shows, one number per row. It never reads the whole history: for the past it takes what the
readers have counted and what they have not read yet. Seekers, idempotency keys and messages that are not settled are counted one by
one';
comment on column wingman_admin.metrics.metric is
'open: matches and sessions in progress; seekers: people who can be matched; sessions: those of the last thirty days by
outcome; last_day: completions and no-shows of the last 24 hours; funnel: matches offered within seven days, and
how far they have come; overdue_sessions; due_matches: lapsed and not settled; idempotency_keys; journal_default_rows: rows of
the journal outside every monthly partition, which should be 0; reader_events: what each reader has not read, counted up to
100000; reader_seconds: how long the oldest of that has been waiting; deliveries_due, deliveries_waiting, deliveries_claimed and
deliveries_dead: messages to be sent outside, see wingman_admin.delivery_backlog; delivery_seconds: how long the oldest has been due';
comment on column wingman_admin.metrics.state is
'The state, reader or channel that the number is for; null if there is only one number';
comment on column wingman_admin.metrics.amount is 'How many';

revoke all on table wingman_admin.metrics from public, anon, authenticated, service_role;
grant select on table wingman_admin.metrics to wingman_admin, service_role;

-- file: sql/api/get_notification_settings.sql
create or replace function public.get_notification_settings(user_id uuid default null)
returns setof public.notification_settings
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.get_notification_settings(get_notification_settings.user_id) as r;
end
$$;

comment on function public.get_notification_settings(uuid) is
'Reads which notifications the caller gets outside the app, by e-mail and by web push, and when.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: one row for each channel, email first.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete.';
revoke all on function public.get_notification_settings(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_notification_settings(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/set_notification_settings.sql
create or replace function public.set_notification_settings(
    channel text,
    kinds text[] default null,
    language text default 'en',
    quiet_from text default null,
    quiet_until text default null,
    time_zone text default 'UTC',
    user_id uuid default null,
    idempotency_key text default null
)
returns public.notification_settings
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.set_notification_settings(
        set_notification_settings.channel,
        set_notification_settings.kinds,
        set_notification_settings.language,
        set_notification_settings.quiet_from,
        set_notification_settings.quiet_until,
        set_notification_settings.time_zone,
        set_notification_settings.user_id,
        set_notification_settings.idempotency_key
    );
end
$$;

comment on function public.set_notification_settings(text, text[], text, text, text, text, uuid, text) is
'Replaces the caller''s settings of one channel. Arguments that are left out take their defaults.
The e-mail address is the claim email of the access token; it is used once the link sent to it has been opened. service_role and
operators cannot set it. Web push needs register_push_subscription.
channel: one of notification_channel.
kinds: the kinds of notifications to send, each one of notification_kind; null for all, empty for none.
language: one of text_language.
quiet_from: when the quiet hours begin, such as 22:00; null for no quiet hours. A cancelled session and the last reminder of a
session are sent even then.
quiet_until: when they end, such as 07:00.
time_zone: the time zone of the quiet hours, and of the times in texts, such as Europe/Berlin.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the settings as they now are.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.set_notification_settings(text, text[], text, text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.set_notification_settings(text, text[], text, text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/api/register_push_subscription.sql
create or replace function public.register_push_subscription(
    endpoint text,
    p256dh text,
    auth text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.register_push_subscription(
        register_push_subscription.endpoint,
        register_push_subscription.p256dh,
        register_push_subscription.auth,
        register_push_subscription.user_id,
        register_push_subscription.idempotency_key
    );
end
$$;

comment on function public.register_push_subscription(text, text, text, uuid, text) is
'Lets a browser receive the caller''s notifications as push messages. The arguments are those of the browser''s PushSubscription.
An endpoint belongs to the user who registered it last. A user has at most 10; beyond that, the oldest are removed.
endpoint: its endpoint, an https address, at most 1000 characters, of a push service that operators allow.
p256dh: its key p256dh, in base64url.
auth: its key auth, in base64url.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: an acknowledgement.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.register_push_subscription(text, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.register_push_subscription(text, text, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/api/remove_push_subscription.sql
create or replace function public.remove_push_subscription(
    endpoint text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.remove_push_subscription(
        remove_push_subscription.endpoint, remove_push_subscription.user_id, remove_push_subscription.idempotency_key
    );
end
$$;

comment on function public.remove_push_subscription(text, uuid, text) is
'Stops push messages to a browser. If it is not registered for the caller, nothing happens.
endpoint: the endpoint of the browser''s PushSubscription.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: an acknowledgement.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.remove_push_subscription(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.remove_push_subscription(text, uuid, text) to authenticated, service_role, wingman_admin;

-- removed: sql/kernel/are_cooldown_steps.sql
drop function wingman.are_cooldown_steps(interval[]);
