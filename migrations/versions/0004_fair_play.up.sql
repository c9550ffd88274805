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

-- file: sql/kernel/fill_in.sql
create or replace function wingman.fill_in(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _text text := fill_in.template;
    _fact record;
begin
    for _fact in select f.key, f.value from jsonb_each_text(fill_in.facts) as f where f.value is not null loop
        _text := replace(_text, '{' || _fact.key || '}', _fact.value);
    end loop;
    return _text;
end
$$;

comment on function wingman.fill_in(text, jsonb) is 'A text with each {word} replaced by the value of that name; a null
replaces nothing';
revoke all on function wingman.fill_in(text, jsonb) from public, anon, authenticated, service_role;

-- file: sql/kernel/are_cooldown_steps.sql
create or replace function wingman.are_cooldown_steps(steps interval[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- an empty list has no dimensions
    return coalesce(array_ndims(are_cooldown_steps.steps) = 1, false)
        and cardinality(are_cooldown_steps.steps) <= 20
        and array_position(are_cooldown_steps.steps, null) is null
        and (
            select bool_and(wingman.is_clock_interval(s.length, '0', '8760 hours'))
            from unnest(are_cooldown_steps.steps) as s (length)
        );
end
$$;

comment on function wingman.are_cooldown_steps(interval[]) is
'Whether this is a list of 1 to 20 intervals of at most 8760 hours each, written in hours';
revoke all on function wingman.are_cooldown_steps(interval[]) from public, anon, authenticated, service_role;

-- file: sql/kernel/settings.sql sha256:e1022b76a538f53826ac53132ac279e1dc8ee9d92352a8a24ee20e592dd4baf2
alter table wingman.settings
    add column acceptance text not null default 'either'
    constraint settings_acceptance check (acceptance in ('either', 'both')),
    -- one row
    -- squawk-ignore adding-field-with-default
    add column needs_both boolean not null generated always as (acceptance = 'both') stored,
    add column session_spacing interval not null default interval '1 hour'
    constraint settings_session_spacing check (wingman.is_clock_interval(session_spacing, '0', '24 hours')),
    add column no_show_grace interval not null default interval '30 minutes'
    constraint settings_no_show_grace check (wingman.is_clock_interval(no_show_grace, '0', '24 hours')),
    add column no_show_window interval not null default interval '72 hours'
    constraint settings_no_show_window check (wingman.is_clock_interval(no_show_window, '1 minute', '8760 hours')),
    add column no_show_answer_within interval not null default interval '48 hours'
    constraint settings_no_show_answer_within check (wingman.is_clock_interval(no_show_answer_within, '1 minute', '8760 hours')),
    add column no_show_decide_within interval not null default interval '336 hours'
    constraint settings_no_show_decide_within check (
        wingman.is_clock_interval(no_show_decide_within, '1 minute', '8760 hours')
        and no_show_decide_within > no_show_answer_within
    ),
    add column no_show_memory interval not null default interval '2160 hours'
    constraint settings_no_show_memory check (wingman.is_clock_interval(no_show_memory, '1 hour', '87600 hours')),
    add column cooldown_steps interval[] not null default '{0, 24 hours, 72 hours, 168 hours}'
    constraint settings_cooldown_steps check (wingman.are_cooldown_steps(cooldown_steps)),
    add column report_limit integer not null default 10
    constraint settings_report_limit check (report_limit between 1 and 1000000),
    add column report_period interval not null default interval '24 hours'
    constraint settings_report_period check (wingman.is_clock_interval(report_period, '1 second', '8760 hours')),
    -- squawk-ignore adding-field-with-default
    add column report_cost interval not null generated always as (report_period / report_limit) stored,
    -- squawk-ignore adding-field-with-default
    add column report_burst interval not null generated always as (report_period / report_limit * (report_limit - 1)) stored;

comment on column wingman.settings.acceptance is
'either: one accept makes the two people partners; both: it takes an accept of each. A match keeps the rule by which it was made';
comment on column wingman.settings.needs_both is 'Whether acceptance is both';
comment on column wingman.settings.session_spacing is
'How far apart two sessions of one person must begin; each person''s own diary is looked at and nobody else''s';
comment on column wingman.settings.no_show_grace is 'How long after its time a session can first be reported as a no-show';
comment on column wingman.settings.no_show_window is 'How long from then on a no-show can be reported';
comment on column wingman.settings.no_show_answer_within is
'How long the person reported has for an answer before operators may decide; a later answer counts until they do';
comment on column wingman.settings.no_show_decide_within is
'How long after it was made a report of a no-show lapses if nobody has decided it';
comment on column wingman.settings.no_show_memory is 'How far back no-shows count for the length of a cooldown';
comment on column wingman.settings.cooldown_steps is
'How long somebody cannot search after the first, second, … no-show within no_show_memory; the last one repeats';
comment on column wingman.settings.report_limit is
'How many reports, of people and of no-shows, a user can make at once; capacity refills evenly over report_period';
comment on column wingman.settings.report_period is 'The time in which report_limit refills';
comment on column wingman.settings.report_cost is 'report_period / report_limit: the time in which one call refills';
comment on column wingman.settings.report_burst is
'How far ahead of the clock a user may have spent before the next call: the period less one call';

-- file: sql/guards/rate_limits.sql sha256:6b0f5bf134135fcbab0e977bff7f24a35f45f41a689fb9917e1c2ae7f47926d7
comment on column wingman.rate_limits.bucket is 'automatic_match, respond, confirm, create_session, profile or report';

-- file: sql/journal/event_kinds.sql
create or replace function wingman.event_kinds()
returns table (kind text, meaning text, details text, visible_to text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('match_offered', 'A search made a match', 'user1_id, user2_id, expires_at', 'participants'),
    ('match_accepted', 'One of the two people accepted the match', null, 'participants'),
    ('match_first_accepted', 'The first of the two people accepted a match that takes an accept of each', null, 'participants'),
    ('match_declined', 'One of the two people declined the match', null, 'participants'),
    ('match_expired', 'A match that nobody answered in time was settled', null, 'operators'),
    ('match_ended', 'An accepted match ended', 'ended_at: only if it is not occurred_at', 'participants'),
    ('match_deleted', 'A match was deleted by hand', 'before: its state', 'operators'),
    ('session_scheduled', 'A session was arranged', 'scheduled_time', 'participants'),
    ('session_moved', 'A session got another time or venue', 'scheduled_time, scheduled_time_before', 'participants'),
    ('session_agreed', 'The one of the two people who did not propose it agreed to a session', null, 'participants'),
    ('session_started', 'A session began', null, 'participants'),
    ('session_confirmed', 'The first of the two people confirmed the other''s completion', null, 'participants'),
    ('session_completed', 'The second of the two people confirmed as well, which completed the session', null, 'participants'),
    ('session_cancelled', 'A session was cancelled', null, 'participants'),
    (
        'session_no_show',
        'One of the two people did not come, as they admit or an operator found',
        'status_before: only if it had been cancelled before',
        'participants'
    ),
    ('no_show_reported', 'One of the two people reported that the other one did not come', null, 'participants'),
    ('no_show_admitted', 'The person reported admitted it', null, 'participants'),
    ('no_show_contested', 'The person reported contested it', null, 'participants'),
    ('no_show_withdrawn', 'The person who had reported a no-show took it back', null, 'participants'),
    ('no_show_upheld', 'An operator found that the person reported did not come', null, 'participants'),
    ('no_show_dismissed', 'An operator did not find that the person reported did not come', null, 'participants'),
    (
        'session_reverted',
        'An operator took back what a session gave to reputations',
        'reverted_at: only if it is not occurred_at',
        'participants'
    ),
    ('session_deleted', 'A session was deleted by hand', 'before: its state', 'operators'),
    ('profile_created', 'A user completed the profile for the first time', null, 'operators'),
    ('profile_changed', 'A profile''s texts or level changed', 'changed: names of the columns', 'operators'),
    ('profile_deleted', 'A profile was deleted, as a rule with its account', null, 'operators'),
    ('user_blocked', 'A user blocked another one', 'blocked_id', 'operators'),
    ('user_unblocked', 'A user took a block back', 'blocked_id', 'operators'),
    ('matching_paused', 'A user is left out of matching', 'automatically: whether unanswered offers were the reason', 'operators'),
    ('matching_resumed', 'A user takes part in matching again', null, 'operators'),
    ('user_suspended', 'An operator suspended a user', 'until: null for without end', 'operators'),
    ('suspension_lifted', 'An operator lifted a suspension', null, 'operators'),
    ('settings_changed', 'An operator changed the settings', 'before, after: the columns that changed', 'operators'),
    ('changed_by_hand', 'Direct SQL made a change that no call makes', 'changed: names of the columns; before, after: the state',
        'operators');
end
$$;

comment on function wingman.event_kinds() is
'The vocabulary of the journal. kind: a value of wingman.events.kind; meaning: what happened; details: what
wingman.events.details holds, null for nothing; visible_to: participants or operators only. get_match_history tells the two people of
a match what participants may read, and when it lapsed; so event is one of match_event_kind: match_offered, match_accepted,
match_first_accepted, match_declined, match_expired, match_ended, session_scheduled, session_moved, session_agreed, session_started,
session_confirmed, session_completed, session_cancelled, session_no_show, session_reverted, no_show_reported, no_show_admitted,
no_show_contested, no_show_withdrawn, no_show_upheld, no_show_dismissed.';
revoke all on function wingman.event_kinds() from public, anon, authenticated, service_role;

-- file: sql/profiles/profile_details.sql sha256:551476b09d5358a43cdfc457abba2709cb7affb5133d32e5026aef84ff9a1dd0
alter type public.profile_details
    add attribute cooldown_until timestamptz,
    add attribute suspended boolean,
    add attribute suspended_until timestamptz;

comment on column public.profile_details.cooldown_until is 'Until when this person cannot search after a no-show (nullable)';
comment on column public.profile_details.suspended is 'Whether operators have suspended this person';
comment on column public.profile_details.suspended_until is 'Until when, if the suspension ends by itself (nullable)';

-- answers that are kept have the type of new ones
update wingman.idempotency_keys as k
set response = k.response || '{"suspended": false}'
where jsonb_exists(k.response, 'matching_paused');

-- file: sql/profiles/profile_details_of.sql
create or replace function wingman.profile_details_of(user_id uuid)
returns public.profile_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _details public.profile_details;
begin
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
        l.lat,
        l.lng,
        l.city,
        l.privacy_mode,
        l.max_travel_miles,
        coalesce(s.paused, false),
        p.created_at,
        greatest(p.updated_at, l.updated_at),
        case when s.cooldown_until > statement_timestamp() then s.cooldown_until end,
        wingman.is_suspended(s.suspended, s.suspended_until),
        case when wingman.is_suspended(s.suspended, s.suspended_until) then s.suspended_until end
    into _details
    from public.user_profiles as p
    left join public.user_locations as l on l.user_id = p.id
    left join wingman.matchmaking_pool as s on s.user_id = p.id
    where p.id = profile_details_of.user_id;

    return _details;
end
$$;

comment on function wingman.profile_details_of(uuid) is 'Profile, location and settings of one user, for that user alone';
revoke all on function wingman.profile_details_of(uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/suspensions.sql
create table wingman.suspensions (
    user_id uuid constraint suspensions_pkey primary key,
    ends_at timestamptz constraint suspensions_ends_at_check check (isfinite(ends_at)),
    created_at timestamptz not null default statement_timestamp()
);

comment on table wingman.suspensions is
'Who is suspended; a suspension whose end has passed counts for nothing. Without foreign key: it outlives the account';
comment on column wingman.suspensions.user_id is 'The user';
comment on column wingman.suspensions.ends_at is 'Until when; null for without end';
comment on column wingman.suspensions.created_at is 'Since when the user is suspended';

revoke all on table wingman.suspensions from public, anon, authenticated, service_role;

-- file: sql/fairness/is_suspended.sql
create or replace function wingman.is_suspended(without_end boolean, until timestamptz)
returns boolean
language sql
stable
return coalesce(without_end or until > statement_timestamp(), false);

comment on function wingman.is_suspended(boolean, timestamptz) is
'Whether a suspension counts now: one without end does, any other until its end. No suspension: false and null.';
revoke all on function wingman.is_suspended(boolean, timestamptz) from public, anon, authenticated, service_role;
-- an operators' view calls it as who asks
grant execute on function wingman.is_suspended(boolean, timestamptz) to wingman_admin, service_role;

-- file: sql/fairness/require_not_suspended.sql
create or replace function wingman.require_not_suspended(user_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _suspension record;
begin
    select b.ends_at into _suspension
    from wingman.suspensions as b
    where b.user_id = require_not_suspended.user_id and wingman.is_suspended(b.ends_at is null, b.ends_at);
    if found then
        perform wingman.raise_error('account_suspended', jsonb_build_object('until', wingman.utc_text(_suspension.ends_at)));
    end if;
end
$$;

comment on function wingman.require_not_suspended(uuid) is
'Refuses a person who is suspended. Exact while the person''s seeker is locked. Errors: account_suspended, whose context until
is null for without end.';
revoke all on function wingman.require_not_suspended(uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/cooldown_until.sql
create or replace function wingman.cooldown_until(user_id uuid)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _steps interval[];
    _memory interval;
    _until timestamptz;
begin
    select t.cooldown_steps, t.no_show_memory into strict _steps, _memory from wingman.settings as t;

    select max(m.created_at + _steps[least(m.recent, cardinality(_steps))])
    into _until
    from (
        select g.created_at, count(*) over (order by g.created_at range between _memory preceding and current row) as recent
        from wingman.reputation_events as g
        where g.user_id = cooldown_until.user_id and g.kind = 'no_show' and not exists (
            select
            from wingman.reputation_events as r
            where r.user_id = g.user_id and r.session_id = g.session_id and r.kind = 'no_show_reverted'
        )
    ) as m;
    return case when _until > statement_timestamp() then _until end;
end
$$;

comment on function wingman.cooldown_until(uuid) is
'Until when a person cannot search because of no-shows; null: they can. Each entry of the ledger that was not reverted begins
a cooldown of the next of settings.cooldown_steps, by how many there are within settings.no_show_memory; the latest end counts.';
revoke all on function wingman.cooldown_until(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/pool/matchmaking_pool.sql sha256:d0a6e90ac50bc495ebd22f5aedf60b68f0d16dee87e9ccf5817d056ece63de51
alter table wingman.matchmaking_pool
    add column cooldown_until timestamptz,
    add column suspended boolean not null default false,
    add column suspended_until timestamptz;

-- squawk-ignore require-concurrent-index-deletion
drop index wingman.matchmaking_pool_cell_idx;

-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index matchmaking_pool_cell_idx
on wingman.matchmaking_pool (
    grid_lat, grid_lng, (pending_match_id is null and not paused and not suspended), waiting_since, user_id
);

comment on column wingman.matchmaking_pool.cooldown_until is
'Until when this person cannot search after a no-show, wingman.cooldown_until when that was found; null or past: not at all';
comment on column wingman.matchmaking_pool.suspended is
'Suspended without end; only the trigger on wingman.suspensions writes this and suspended_until';
comment on column wingman.matchmaking_pool.suspended_until is 'Suspended until then; null or past: not at all';

-- file: sql/matching/matches/wingman_matches.sql sha256:474e123783f45e794a5e893edd6c7f5769fb00802808fa70a791831ef9a66821
alter table public.wingman_matches
    add column needs_both boolean not null default false,
    add column first_accepted_by uuid,
    add column first_accepted_at timestamptz;

comment on column public.wingman_matches.needs_both is
'Whether it takes an accept of each of the two, by settings.acceptance when the match was made; otherwise one accept is enough';
comment on column public.wingman_matches.first_accepted_by is
'Who accepted first, where it takes both; the match stays pending until the other one accepts or one of them declines';
comment on column public.wingman_matches.first_accepted_at is 'When that was';
comment on column public.wingman_matches.responded_by is 'Who accepted or declined; where it takes both accepts, the second one';

-- file: sql/matching/matches/match_details.sql sha256:592620a1602d990e0c7b1a1bb235e6c77364ff9fa642e217a919e06ce0f6fca7
alter type public.match_details
    add attribute needs_both boolean,
    add attribute accepted_by_me boolean,
    add attribute accepted_by_buddy boolean;

comment on column public.match_details.needs_both is
'Whether it takes an accept of each of the two; otherwise one accept is enough';
comment on column public.match_details.accepted_by_me is 'Whether the caller has accepted';
comment on column public.match_details.accepted_by_buddy is 'Whether the buddy has accepted';

-- answers that are kept have the type of new ones
update wingman.idempotency_keys as k
set response = k.response || jsonb_build_object(
    'needs_both', false,
    'accepted_by_me', k.response ->> 'status' = 'accepted' and (k.response ->> 'responded_by_me')::boolean,
    'accepted_by_buddy', k.response ->> 'status' = 'accepted' and not (k.response ->> 'responded_by_me')::boolean
)
where jsonb_exists(k.response, 'responded_by_me');

-- file: sql/matching/matches/refuse_response.sql
create or replace function wingman.refuse_response(match_id uuid, action text, answer text, user_id uuid)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _status text;
begin
    perform wingman.require_profile(refuse_response.user_id);
    perform wingman.require_argument('match_id', refuse_response.match_id is not null);
    perform wingman.require_argument('action', refuse_response.action is not null);
    if refuse_response.answer is null then
        perform wingman.raise_error('invalid_action');
    end if;

    perform wingman.match_buddy(refuse_response.match_id, refuse_response.user_id);
    _match := wingman.lock_match(refuse_response.match_id);
    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    if _status = refuse_response.answer then
        return case _status when 'declined' then wingman.pending_offer(refuse_response.user_id) end;
    end if;

    perform wingman.require_not_suspended(refuse_response.user_id);
    if _status = 'expired' then
        perform wingman.raise_error('match_expired');
    elsif _status = 'pending' then
        -- the match appeared while this call waited
        perform wingman.raise_error('busy');
    end if;
    perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status));
    return null;
end
$$;

comment on function wingman.refuse_response(uuid, text, text, uuid) is
'What respond_to_match does for a match that can no longer be answered: nothing if it already has this answer, otherwise it raises
why. Returns the caller''s pending match after a decline, else nulls. answer: the status that action asks for, null for none.
Errors: profile_incomplete, user_not_found, missing_argument, invalid_action, match_not_found, not_match_participant,
account_suspended, match_expired, match_already_resolved, busy.';
revoke all on function wingman.refuse_response(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/match_details_of.sql
create or replace function wingman.match_details_of(match_id uuid, user_id uuid)
returns public.match_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _buddy_id uuid;
    _buddy public.buddy_profile;
begin
    select m.* into strict _match from public.wingman_matches as m where m.id = match_details_of.match_id;

    _buddy_id := case when _match.user1_id = match_details_of.user_id then _match.user2_id else _match.user1_id end;
    if exists (select from wingman.partners_of(match_details_of.user_id) as p (id) where p.id = _buddy_id) then
        _buddy := wingman.buddy_profile_of(_buddy_id);
    end if;

    return row(
        _match.id,
        wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()),
        _buddy_id,
        _buddy,
        _match.distance_miles,
        _match.responded_by is not distinct from match_details_of.user_id,
        _match.responded_at,
        _match.expires_at,
        _match.ended_at,
        _match.created_at,
        _match.needs_both,
        coalesce(
            match_details_of.user_id in (_match.first_accepted_by, case _match.status when 'accepted' then _match.responded_by end), false
        ),
        coalesce(_buddy_id in (_match.first_accepted_by, case _match.status when 'accepted' then _match.responded_by end), false)
    )::public.match_details;
end
$$;

comment on function wingman.match_details_of(uuid, uuid) is 'A match as this one of its two people sees it';
revoke all on function wingman.match_details_of(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/match_answer.sql
create or replace function wingman.match_answer(
    answer text,
    next_match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile
)
returns public.match_response
language sql
immutable
return row(
    true,
    case
        when answer = 'pending' then 'Accepted. Waiting for your buddy''s answer.'
        when answer = 'accepted' then 'Match accepted! You can now schedule a session with your wingman buddy.'
        when next_match_id is null then 'Match declined.'
        else 'Match declined. Here''s your next potential wingman buddy!'
    end,
    answer,
    case
        when next_match_id is not null
            then row(next_match_id, buddy_user_id, buddy_profile)::public.next_match
    end
)::public.match_response;

comment on function wingman.match_answer(text, uuid, uuid, public.buddy_profile) is
'What respond_to_match answers. answer: the status of the match, pending after the first accept of one that takes both; the
others: after a decline, the caller''s next match, or null';
revoke all on function wingman.match_answer(text, uuid, uuid, public.buddy_profile)
from public, anon, authenticated, service_role;

-- file: sql/matching/matches/respond_otherwise.sql
create or replace function wingman.respond_otherwise(match_id uuid, action text, answer text, user_id uuid)
returns public.match_response
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _next wingman.offer;
    _me uuid := respond_otherwise.user_id;
begin
    _match := wingman.lock_match(respond_otherwise.match_id);
    if (
        _match.needs_both
        and respond_otherwise.answer is not null
        and _me in (_match.user1_id, _match.user2_id)
        and wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'pending'
    ) is not true then
        _next := wingman.refuse_response(respond_otherwise.match_id, respond_otherwise.action, respond_otherwise.answer, _me);
        return wingman.match_answer(respond_otherwise.answer, _next.match_id, _next.buddy_user_id, _next.buddy_profile);
    elsif respond_otherwise.answer = 'accepted' and coalesce(_match.first_accepted_by, _me) = _me then
        if _match.first_accepted_by is null then
            perform wingman.require_not_suspended(_me);
            perform wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) from wingman.settings as t;
            update public.wingman_matches as m
            set first_accepted_by = _me, first_accepted_at = statement_timestamp()
            where m.id = _match.id;
            -- who has answered is no ghost
            update wingman.matchmaking_pool as s set unanswered_offers = 0 where s.user_id = _me;
        end if;
        return wingman.match_answer('pending', null, null, null);
    end if;

    perform wingman.require_not_suspended(_me);
    update public.wingman_matches as m
    set status = respond_otherwise.answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = _match.id;
    if respond_otherwise.answer = 'declined' then
        _next := wingman.offer_next_match(_me);
    else
        perform wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) from wingman.settings as t;
    end if;
    return wingman.match_answer(respond_otherwise.answer, _next.match_id, _next.buddy_user_id, _next.buddy_profile);
end
$$;

comment on function wingman.respond_otherwise(uuid, text, text, uuid) is
'What respond_to_match does for a match that it could not answer at once, and whose seekers it has locked: the first accept of
a match that takes both leaves it pending, again by the same person changes nothing; the second one, or a decline, settles it. For any other match it
does what wingman.refuse_response does. answer: the status that action asks for, null for none.
Errors: account_suspended, rate_limited and those of wingman.refuse_response.';
revoke all on function wingman.respond_otherwise(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- drop: sql/matching/matches/end_accepted_match.sql
drop function wingman.end_accepted_match(uuid, uuid);

-- file: sql/matching/matches/end_accepted_match.sql
create or replace function wingman.end_accepted_match(match_id uuid, ended_by uuid, keep_begun boolean default false)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_matches as m
    set ended_at = statement_timestamp(), ended_by = end_accepted_match.ended_by
    where m.id = end_accepted_match.match_id;

    perform wingman.cancel_active_session(
        end_accepted_match.match_id, end_accepted_match.ended_by, keep_begun => end_accepted_match.keep_begun
    );
end
$$;

comment on function wingman.end_accepted_match(uuid, uuid, boolean) is
'Ends an accepted match whose row the caller has locked, and cancels its active session. keep_begun: not one whose time has come';
revoke all on function wingman.end_accepted_match(uuid, uuid, boolean) from public, anon, authenticated, service_role;

-- file: sql/matching/matches/leave_matches.sql
create or replace function wingman.leave_matches(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match record;
begin
    perform wingman.leave_pending_match(leave_matches.user_id);
    for _match in
        select m.id
        from public.wingman_matches as m
        where (m.user1_id = leave_matches.user_id or m.user2_id = leave_matches.user_id)
            and m.status = 'accepted'
            and m.ended_at is null
        order by m.id
        for no key update
    loop
        perform wingman.end_accepted_match(_match.id, leave_matches.user_id, keep_begun => true);
    end loop;
end
$$;

comment on function wingman.leave_matches(uuid) is
'Declines the pending match of a person (or lets it expire, if it has lapsed) and ends the accepted ones, on that person''s
behalf, with the sessions still to come; a session whose time has come stays as it is.';
revoke all on function wingman.leave_matches(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/search/search_settings.sql
create or replace view wingman.search_settings as
select
    t.match_lifetime,
    t.rematch_after,
    t.settle_limit,
    t.level_relaxation,
    t.exposure_limit,
    t.exposure_window,
    t.automatic_match_cost,
    t.automatic_match_burst,
    t.respond_cost,
    t.respond_burst,
    t.needs_both
from wingman.settings as t;

comment on view wingman.search_settings is
'The settings that a search needs: its functions pass this row on, since the whole row of wingman.settings would cost more';
comment on column wingman.search_settings.match_lifetime is 'wingman.settings.match_lifetime';
comment on column wingman.search_settings.rematch_after is 'wingman.settings.rematch_after';
comment on column wingman.search_settings.settle_limit is 'wingman.settings.settle_limit';
comment on column wingman.search_settings.level_relaxation is 'wingman.settings.level_relaxation';
comment on column wingman.search_settings.exposure_limit is 'wingman.settings.exposure_limit';
comment on column wingman.search_settings.exposure_window is 'wingman.settings.exposure_window';
comment on column wingman.search_settings.automatic_match_cost is 'wingman.settings.automatic_match_cost';
comment on column wingman.search_settings.automatic_match_burst is 'wingman.settings.automatic_match_burst';
comment on column wingman.search_settings.respond_cost is 'wingman.settings.respond_cost';
comment on column wingman.search_settings.respond_burst is 'wingman.settings.respond_burst';
comment on column wingman.search_settings.needs_both is 'wingman.settings.needs_both';

revoke all on table wingman.search_settings from public, anon, authenticated, service_role;

-- drop: sql/matching/search/candidate_obstacle.sql
drop function wingman.candidate_obstacle(
    boolean, boolean, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
);

-- file: sql/matching/search/candidate_obstacle.sql
create or replace function wingman.candidate_obstacle(
    paused boolean,
    has_pending_match boolean,
    suspended boolean,
    suspended_until timestamptz,
    miles double precision,
    radius_miles integer,
    max_travel_miles integer,
    level_difference integer,
    level_tolerance integer,
    exposures timestamptz[],
    exposure_limit integer,
    exposure_window interval
)
returns text
language sql
stable
return case
    when paused then 'paused'
    when has_pending_match then 'has_pending_match'
    when wingman.is_suspended(suspended, suspended_until) then 'suspended'
    when miles > radius_miles::double precision then 'too_far'
    when miles > max_travel_miles::double precision then 'too_far_for_them'
    when level_difference > level_tolerance then 'level'
    when
        -- at least that many; a subscript costs a search less than cardinality()
        exposures[exposure_limit] is not null
        and (wingman.recent_exposures(exposures, exposure_window))[exposure_limit] is not null
        then 'found_often'
end;

comment on function wingman.candidate_obstacle(
    boolean, boolean, boolean, timestamptz, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
) is
'The rules of wingman.match_obstacle that need no look-up, for a candidate at this distance. Takes columns, so that a query can
inline it.';
revoke all on function wingman.candidate_obstacle(
    boolean, boolean, boolean, timestamptz, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
) from public, anon, authenticated, service_role;

-- file: sql/matching/search/match_obstacle.sql
create or replace function wingman.match_obstacle(
    seeker wingman.matchmaking_pool,
    candidate wingman.matchmaking_pool,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        wingman.candidate_obstacle(
            match_obstacle.candidate.paused,
            match_obstacle.candidate.pending_match_id is not null,
            match_obstacle.candidate.suspended,
            match_obstacle.candidate.suspended_until,
            match_obstacle.miles,
            match_obstacle.radius_miles,
            match_obstacle.candidate.max_travel_miles,
            abs(match_obstacle.seeker.level - match_obstacle.candidate.level),
            wingman.level_tolerance(
                least(match_obstacle.seeker.waiting_since, match_obstacle.candidate.waiting_since),
                statement_timestamp(),
                match_obstacle.settings.level_relaxation
            ),
            match_obstacle.candidate.exposures,
            match_obstacle.settings.exposure_limit,
            match_obstacle.settings.exposure_window
        ),
        (
            select p.obstacle
            from wingman.pair_obstacle(
                match_obstacle.seeker.user_id, match_obstacle.candidate.user_id, match_obstacle.settings.rematch_after
            ) as p
        )
    );
end
$$;

comment on function wingman.match_obstacle(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) is
'The first rule that keeps a candidate at this distance from being offered to a seeker who searches within a radius; null if none
does. First the rules of wingman.candidate_obstacle (paused, has_pending_match, suspended, too_far, too_far_for_them, level, found_often),
then those of wingman.pair_obstacle. Exact for a candidate while both rows are locked.';
revoke all on function wingman.match_obstacle(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;

-- drop: sql/matching/search/first_in_cell.sql
drop function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_terms, uuid[]
);

-- file: sql/matching/search/first_in_cell.sql
create or replace function wingman.first_in_cell(
    seeker wingman.matchmaking_pool,
    grid_lat integer,
    grid_lng integer,
    miles double precision,
    radius_miles integer,
    settings wingman.search_settings,
    passed_over uuid[]
)
returns wingman.matchmaking_pool
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting would mean reading them all
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    _seeker wingman.matchmaking_pool := first_in_cell.seeker;
    _settings wingman.search_settings := first_in_cell.settings;
    _first wingman.matchmaking_pool;
begin
    select s.* into _first
    from wingman.matchmaking_pool as s
    cross join lateral wingman.pair_obstacle(_seeker.user_id, s.user_id, _settings.rematch_after) as p
    where s.grid_lat = first_in_cell.grid_lat
        and s.grid_lng = first_in_cell.grid_lng
        -- written as in the index
        and (s.pending_match_id is null and not s.paused and not s.suspended) is true
        and s.user_id <> _seeker.user_id
        and s.user_id <> all(first_in_cell.passed_over)
        and wingman.candidate_obstacle(
            s.paused,
            s.pending_match_id is not null,
            s.suspended,
            s.suspended_until,
            first_in_cell.miles,
            first_in_cell.radius_miles,
            s.max_travel_miles,
            abs(_seeker.level - s.level),
            wingman.level_tolerance(
                least(_seeker.waiting_since, s.waiting_since), statement_timestamp(), _settings.level_relaxation
            ),
            s.exposures,
            _settings.exposure_limit,
            _settings.exposure_window
        ) is null
        and p.obstacle is null
    order by s.waiting_since, s.user_id
    limit 1;

    return _first;
end
$$;

comment on function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_settings, uuid[]
) is
'Of the people at a grid point whom no wingman.match_obstacle keeps from a seeker, the one who has waited longest, then the one
with the smallest id; nulls if there is nobody. miles: how far the point is from the seeker; passed_over: people to leave out.
Reads nobody who has waited less than the person found.';
revoke all on function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_settings, uuid[]
) from public, anon, authenticated, service_role;

-- drop: sql/matching/search/lock_first_in_own_cell.sql
drop function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_terms);

-- file: sql/matching/search/lock_first_in_own_cell.sql
create or replace function wingman.lock_first_in_own_cell(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    settings wingman.search_settings
)
returns wingman.candidate
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting would mean reading them all
set enable_sort = off
as $$
declare
    _first wingman.candidate;
begin
    select s.user_id, s.level, s.max_travel_miles, s.waiting_since, s.exposures
    into _first
    from wingman.matchmaking_pool as s
    cross join lateral wingman.pair_obstacle(lock_first_in_own_cell.seeker.user_id, s.user_id, lock_first_in_own_cell.settings.rematch_after) as p
    where s.grid_lat = lock_first_in_own_cell.seeker.grid_lat
        and s.grid_lng = lock_first_in_own_cell.seeker.grid_lng
        -- written as in the index
        and (s.pending_match_id is null and not s.paused and not s.suspended) is true
        and s.user_id <> lock_first_in_own_cell.seeker.user_id
        and wingman.candidate_obstacle(
            s.paused,
            s.pending_match_id is not null,
            s.suspended,
            s.suspended_until,
            -- the distance is zero, which is within everybody's radius
            null,
            lock_first_in_own_cell.radius_miles,
            s.max_travel_miles,
            abs(lock_first_in_own_cell.seeker.level - s.level),
            wingman.level_tolerance(
                least(lock_first_in_own_cell.seeker.waiting_since, s.waiting_since), statement_timestamp(), lock_first_in_own_cell.settings.level_relaxation
            ),
            s.exposures,
            lock_first_in_own_cell.settings.exposure_limit,
            lock_first_in_own_cell.settings.exposure_window
        ) is null
        and p.obstacle is null
    order by s.waiting_since, s.user_id
    limit 1
    for no key update of s skip locked;

    return _first;
end
$$;

comment on function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_settings) is
'Like wingman.first_in_cell, for the seeker''s own cell, where most searches end: locks the first person whose row nobody else
holds, and returns the row as it is then; nulls if there is nobody.';
revoke all on function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_settings)
from public, anon, authenticated, service_role;

-- drop: sql/matching/search/find_candidate.sql
drop function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_terms, uuid[]);

-- file: sql/matching/search/find_candidate.sql
create or replace function wingman.find_candidate(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    settings wingman.search_settings,
    passed_over uuid[]
)
returns wingman.found_candidate
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool := find_candidate.seeker;
    _radius integer := find_candidate.radius_miles;
    -- the ring of cells looked at: further than _inner, up to _outer miles
    _inner integer := 0;
    _outer integer := 2;
    _cell record;
    _first wingman.matchmaking_pool;
    _candidate wingman.matchmaking_pool;
    _miles double precision;
begin
    _candidate := wingman.first_in_cell(
        _seeker, _seeker.grid_lat, _seeker.grid_lng, 0, _radius, find_candidate.settings, find_candidate.passed_over
    );
    if _candidate.user_id is not null then
        _miles := 0;
    end if;

    while _candidate.user_id is null and _inner < _radius loop
        _outer := least(_outer, _radius);
        for _cell in
            select k.grid_lat, k.grid_lng, k.miles
            from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, _inner, _outer) as k
        loop
            -- cells come nearest first: only one equally near can still hold somebody who waits longer
            exit when _candidate.user_id is not null and _cell.miles > _miles;

            _first := wingman.first_in_cell(
                _seeker,
                _cell.grid_lat,
                _cell.grid_lng,
                _cell.miles,
                _radius,
                find_candidate.settings,
                find_candidate.passed_over
            );
            if (_first.waiting_since, _first.user_id) < (_candidate.waiting_since, _candidate.user_id)
                or (_candidate.user_id is null and _first.user_id is not null)
            then
                _candidate := _first;
                _miles := _cell.miles;
            end if;
        end loop;
        _inner := _outer;
        _outer := 4 * _outer;
    end loop;
    return row(_candidate, _miles)::wingman.found_candidate;
end
$$;

comment on function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_settings, uuid[]) is
'The person to offer to a seeker within a radius: of all without a wingman.match_obstacle the closest, then longest waiting, then
smallest id; nulls if there is nobody. passed_over: people to leave out. Looks at rings of cells, each four times as wide as
the one before, until somebody is found, and reads only people who are nearer or wait longer than that one. Locks nothing.';
revoke all on function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_settings, uuid[])
from public, anon, authenticated, service_role;

-- drop: sql/matching/search/create_match.sql
drop function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_terms
);

-- file: sql/matching/search/create_match.sql
create or replace function wingman.create_match(
    seeker wingman.matchmaking_pool,
    candidate wingman.candidate,
    miles double precision,
    radius_miles integer,
    settings wingman.search_settings
)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the match to be, from the seeker's side
    _match record;
begin
    select
        wingman.new_id() as id,
        wingman.shown_miles(create_match.miles) as distance_miles,
        q.id < p.id as is_user1,
        q.reputation_score as own_reputation,
        p.reputation_score,
        row(p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score)::public.buddy_profile as buddy
    into strict _match
    from public.user_profiles as p
    cross join public.user_profiles as q
    where p.id = create_match.candidate.user_id and q.id = create_match.seeker.user_id;

    with search as (
        insert into wingman.match_searches (
            match_id,
            radius_miles,
            candidate_travel_miles,
            candidate_waiting_since,
            candidate_exposures,
            exposure_limit,
            level_difference,
            level_tolerance,
            rematch_after
        )
        values (
            _match.id,
            create_match.radius_miles,
            create_match.candidate.max_travel_miles,
            create_match.candidate.waiting_since,
            case
                when create_match.candidate.exposures[1] is null then 0
                else cardinality(wingman.recent_exposures(create_match.candidate.exposures, create_match.settings.exposure_window))
            end,
            create_match.settings.exposure_limit,
            abs(create_match.seeker.level - create_match.candidate.level),
            wingman.level_tolerance(
                least(create_match.seeker.waiting_since, create_match.candidate.waiting_since), statement_timestamp(), create_match.settings.level_relaxation
            ),
            create_match.settings.rematch_after
        )
    )

    insert into public.wingman_matches (
        id,
        user1_id,
        user2_id,
        user1_reputation,
        user2_reputation,
        user1_level,
        user2_level,
        distance_miles,
        searched_by,
        expires_at,
        needs_both
    )
    values (
        _match.id,
        case when _match.is_user1 then create_match.seeker.user_id else create_match.candidate.user_id end,
        case when _match.is_user1 then create_match.candidate.user_id else create_match.seeker.user_id end,
        case when _match.is_user1 then _match.own_reputation else _match.reputation_score end,
        case when _match.is_user1 then _match.reputation_score else _match.own_reputation end,
        case when _match.is_user1 then create_match.seeker.level else create_match.candidate.level end,
        case when _match.is_user1 then create_match.candidate.level else create_match.seeker.level end,
        _match.distance_miles,
        create_match.seeker.user_id,
        statement_timestamp() + create_match.settings.match_lifetime,
        create_match.settings.needs_both
    );

    if create_match.candidate.exposures[20] is not null then
        -- drops those that no longer count; checking that at each match would be too expensive
        update wingman.matchmaking_pool as s
        set exposures = wingman.recent_exposures(s.exposures, create_match.settings.exposure_window)
        where s.user_id = create_match.candidate.user_id;
    end if;
    return row(_match.id, create_match.candidate.user_id, _match.buddy, _match.distance_miles)::wingman.offer;
end
$$;

comment on function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_settings
) is
'Writes a pending match between a seeker and the candidate found, whose rows the caller has locked, and what the search was based
on. Returns the match as the seeker sees it.';
revoke all on function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_settings
) from public, anon, authenticated, service_role;

-- drop: sql/matching/search/match_nearest.sql
drop function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_terms);

-- file: sql/matching/search/match_nearest.sql
create or replace function wingman.match_nearest(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    may_wait boolean,
    settings wingman.search_settings
)
returns wingman.search_outcome
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _found wingman.found_candidate;
    _candidate wingman.candidate;
    _locked wingman.matchmaking_pool;
    _passed_over uuid[];
    _may_wait boolean;
    _wait_for uuid;
    _outcome wingman.search_outcome;
begin
    _candidate := wingman.lock_first_in_own_cell(
        match_nearest.seeker, match_nearest.radius_miles, match_nearest.settings
    );
    if _candidate.user_id is not null then
        _outcome.offer := wingman.create_match(
            match_nearest.seeker, _candidate, 0, match_nearest.radius_miles, match_nearest.settings
        );
        return _outcome;
    end if;

    _passed_over := '{}';
    _may_wait := match_nearest.may_wait;
    loop
        _found := wingman.find_candidate(
            match_nearest.seeker, match_nearest.radius_miles, match_nearest.settings, _passed_over
        );

        if (_found.candidate).user_id is null then
            _outcome.contended := _passed_over <> '{}';
            exit when _wait_for is null or not _may_wait or wingman.holds_another_row(
                match_nearest.seeker.user_id, match_nearest.seeker.grid_lat, match_nearest.seeker.grid_lng
            );
            -- everybody eligible is locked: wait only for a greater user_id, so that no two seekers wait for each other
            perform wingman.lock_seekers(_wait_for);
            _may_wait := false;
            _passed_over := '{}';
            continue;
        end if;

        select s.* into _locked
        from wingman.matchmaking_pool as s
        where s.user_id = (_found.candidate).user_id
        for no key update skip locked;
        if not found then
            _passed_over := _passed_over || (_found.candidate).user_id;
            if (_found.candidate).user_id > match_nearest.seeker.user_id then
                _wait_for := least(_wait_for, (_found.candidate).user_id);
            end if;
            continue;
        end if;

        -- a second row is held now: waiting could cause a deadlock
        _may_wait := false;
        if _locked is not distinct from _found.candidate then
            _outcome.contended := false;
            _candidate := row(
                _locked.user_id, _locked.level, _locked.max_travel_miles, _locked.waiting_since, _locked.exposures
            )::wingman.candidate;
            _outcome.offer := wingman.create_match(
                match_nearest.seeker, _candidate, _found.miles, match_nearest.radius_miles, match_nearest.settings
            );
            exit;
        end if;
        -- the row has changed since the search; now it is locked, and the next search sees it as it is
    end loop;
    return _outcome;
end
$$;

comment on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_settings) is
'Matches a seeker, whose row the caller has locked and then read, with the nearest eligible person. may_wait: the seeker''s row is
the only lock held, so this call may wait for another.';
revoke all on function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_settings)
from public, anon, authenticated, service_role;

-- file: sql/matching/search/may_be_offered_next.sql
create or replace function wingman.may_be_offered_next(user_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select
        from wingman.matchmaking_pool as s
        where s.user_id = may_be_offered_next.user_id
            and not s.paused
            and (s.cooldown_until is null or s.cooldown_until <= statement_timestamp())
    );
end
$$;

comment on function wingman.may_be_offered_next(uuid) is
'Whether a decline brings this user a next match: not while paused, in a cooldown, or without a location';
revoke all on function wingman.may_be_offered_next(uuid) from public, anon, authenticated, service_role;

-- drop: sql/matching/search/offer_next_match.sql
drop function wingman.offer_next_match(uuid, wingman.search_terms);

-- file: sql/matching/search/offer_next_match.sql
create or replace function wingman.offer_next_match(user_id uuid)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _limited record;
    _own record;
begin
    select
        wingman.consume_rate_limit(offer_next_match.user_id, 'respond', t.respond_cost, t.respond_burst) as user_id,
        t as settings
    into _limited
    from wingman.search_settings as t;
    select
        s as seeker,
        s.paused or s.cooldown_until is not null as needs_a_look,
        exists (select from wingman.due_matches) as has_due_matches
    into _own
    from wingman.matchmaking_pool as s
    where s.user_id = offer_next_match.user_id;
    -- not found: without a location there is no next match
    if not found or (_own.needs_a_look and not wingman.may_be_offered_next(offer_next_match.user_id)) then
        return null;
    elsif _own.has_due_matches then
        perform wingman.settle_due_matches((_limited.settings).settle_limit);
    end if;
    -- both rows of the declined match are held: never wait, and treat "none" and "busy" alike
    return (wingman.match_nearest(_own.seeker, (_own.seeker).max_travel_miles, false, _limited.settings)).offer;
end
$$;

comment on function wingman.offer_next_match(uuid) is
'Takes one call from the limit of answers of a user who has just declined, and tries to find the next match within their own
travel distance; nulls if there is none. Errors: rate_limited.';
revoke all on function wingman.offer_next_match(uuid) from public, anon, authenticated, service_role;

-- file: sql/matching/explain/matching_rules.sql
create or replace function wingman.matching_rules()
returns table (obstacle text, rule text, counted_as text, searcher_detail text, found_detail text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
rows 10
as $$
begin
    return query
    values
    ('paused', 'available', 'unavailable', 'Both of you were free and not paused', null),
    ('has_pending_match', 'available', 'unavailable', null, null),
    -- like a block, a suspension must look like any other absence
    ('suspended', 'available', 'unavailable', null, null),
    (
        'too_far',
        'distance',
        null,
        -- each person sees only their own limit
        'At most {distance_miles} miles apart, within your {radius_miles} miles and as far as your buddy goes',
        'At most {distance_miles} miles apart, within your {candidate_travel_miles} miles and as far as your buddy goes'
    ),
    ('too_far_for_them', 'distance', 'too_far_for_them', null, null),
    ('level', 'level', 'level', 'Experience levels {level_difference} apart, {level_tolerance} allowed', null),
    (
        'found_often',
        'exposure',
        'unavailable',
        'Your buddy had not been found by too many others lately',
        'You had been found {candidate_exposures} times lately, at most {exposure_limit} are allowed'
    ),
    (
        'met_recently',
        'met_recently',
        'met_recently',
        'You two had not been matched in the {rematch_hours} hours before',
        null
    ),
    ('partners', 'partners', 'partners', 'You two had no accepted match that was still open', null),
    -- a block must look like any other absence
    ('blocked', 'blocked', 'unavailable', 'Neither of you had blocked the other', null);
end
$$;

comment on function wingman.matching_rules() is
'The vocabulary of the rules that keep people from being matched. obstacle: the name that wingman.candidate_obstacle and
wingman.pair_obstacle give a rule; rule: its name in explain_match, one of matching_rule: distance, level, exposure, met_recently,
partners, blocked, available; counted_as: its name in why_no_match, one of removal_rule: unavailable, too_far_for_them, level,
met_recently, partners; null if it counts nobody; searcher_detail: what explain_match tells the person who searched, with {columns} of
wingman.match_searches, null if another obstacle of the same rule says it; found_detail: what it tells the person found, null for the
same.';
revoke all on function wingman.matching_rules() from public, anon, authenticated, service_role;

-- file: sql/matching/explain/match_suggestions.sql
create or replace function wingman.match_suggestions(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    removed public.people_count[]
)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _settings wingman.search_settings;
    _rules text[] := array(select r.rule from unnest(match_suggestions.removed) as r);
    _suggestions text[] := '{}'::text[];
    _miles double precision;
    _wider integer;
    _people bigint;
begin
    select t.* into strict _settings from wingman.search_settings as t;

    if wingman.is_suspended(match_suggestions.seeker.suspended, match_suggestions.seeker.suspended_until) then
        return array['Ask the operators: this account is suspended'];
    elsif match_suggestions.seeker.cooldown_until > statement_timestamp() then
        return array[format('Search again after your cooldown, from %s on', wingman.utc_text(match_suggestions.seeker.cooldown_until))];
    end if;
    if match_suggestions.seeker.pending_match_id is not null then
        _suggestions := _suggestions || 'Answer your pending match: until then there is no other one'::text;
    end if;
    if match_suggestions.seeker.paused then
        _suggestions := _suggestions || 'Resume matching'::text;
    end if;

    select f.miles into _miles from wingman.find_candidate(match_suggestions.seeker, 100, _settings, '{}') as f;
    if _miles <= match_suggestions.radius_miles then
        return _suggestions || 'Search now: somebody within this radius fits'::text;
    end if;
    if _miles is not null then
        _wider := (wingman.shown_miles(_miles) + 9) / 10 * 10;
        select greatest(1, coalesce(sum(o.people), 0)::bigint)
        into _people
        from wingman.obstacles_near(match_suggestions.seeker.user_id, _wider) as o
        where o.obstacle is null;
        _suggestions := _suggestions
            || format('Search wider: %s people within %s miles', wingman.coarse_count(_people), _wider);
    end if;
    if 'unavailable' = any(_rules) then
        _suggestions := _suggestions || 'Search again later: some people near you are busy at the moment'::text;
    end if;
    if 'met_recently' = any(_rules) then
        _suggestions := _suggestions || format(
            'Search again later: after %s hours you can be matched again with people whom you were matched with',
            round(extract(epoch from _settings.rematch_after) / 3600)
        );
    end if;
    if 'level' = any(_rules) and _settings.level_relaxation is not null then
        _suggestions := _suggestions || format(
            'Keep waiting: every %s hours one more experience level apart is allowed',
            round(extract(epoch from _settings.level_relaxation) / 3600)
        );
    end if;
    return _suggestions;
end
$$;

comment on function wingman.match_suggestions(wingman.matchmaking_pool, integer, public.people_count[]) is
'What would help a seeker who finds nobody within a radius, best first, as sentences. removed: what wingman.why_no_match
counted.';
revoke all on function wingman.match_suggestions(wingman.matchmaking_pool, integer, public.people_count[])
from public, anon, authenticated, service_role;

-- file: sql/sessions/wingman_sessions.sql sha256:750ffc2e4f5373484535cf2ff20da947550c9b4ac5f95d76cb908598924ec11c
alter table public.wingman_sessions
    add column proposed_by uuid,
    add column proposed_at timestamptz not null default statement_timestamp(),
    add column agreed_by uuid,
    add column agreed_at timestamptz,
    add column cancelled_at timestamptz,
    add column no_show_reported boolean not null default false;

alter table public.wingman_sessions disable trigger user;

update public.wingman_sessions as s
set
    proposed_by = s.created_by,
    proposed_at = s.created_at,
    cancelled_at = case when s.status = 'cancelled' then (
        select max(e.occurred_at)
        from wingman.events as e
        where e.match_id = s.match_id and e.session_id = s.id and e.kind = 'session_cancelled'
    ) end;

alter table public.wingman_sessions enable trigger user;

comment on column public.wingman_sessions.proposed_by is
'Which of the two proposed its present time and venue; null if it was written by hand';
comment on column public.wingman_sessions.proposed_at is 'When that was';
comment on column public.wingman_sessions.agreed_by is 'Which of the two agreed to what the other one proposed, if that one did';
comment on column public.wingman_sessions.agreed_at is 'When that was';
comment on column public.wingman_sessions.cancelled_at is 'When it was cancelled; null if that was done by hand';
comment on column public.wingman_sessions.no_show_reported is
'Whether one of the two has reported that the other one did not come, whatever became of the report';

-- file: sql/sessions/session_details.sql sha256:b44a9208b60aa0fb3f7337687a7087886192b7d981c0e19835874fb4d27de4bc
alter type public.session_details
    add attribute proposed_by_me boolean,
    add attribute proposed_at timestamptz,
    add attribute agreed_at timestamptz,
    add attribute cancelled_at timestamptz,
    add attribute no_show_reported boolean;

comment on column public.session_details.proposed_by_me is
'Whether the caller proposed its present time and venue, to which the buddy may agree';
comment on column public.session_details.proposed_at is 'When they were proposed; agree_to_session takes it';
comment on column public.session_details.agreed_at is 'When the other one of the two agreed to them (nullable)';
comment on column public.session_details.cancelled_at is 'When it was cancelled (nullable)';
comment on column public.session_details.no_show_reported is
'Whether one of the two has reported a no-show: list_no_show_reports tells the rest';

-- answers that are kept have the type of new ones
update wingman.idempotency_keys as k
set response = k.response || jsonb_build_object(
    'proposed_by_me', coalesce(s.proposed_by = k.user_id, false),
    'proposed_at', s.proposed_at,
    'agreed_at', null,
    'cancelled_at', case when k.response ->> 'status' = 'cancelled' then s.cancelled_at end,
    'no_show_reported', false
)
from public.wingman_sessions as s
where jsonb_exists(k.response, 'i_confirmed_buddy') and s.id = (k.response ->> 'id')::uuid;

-- drop: sql/sessions/tg_wingman_sessions__guard.sql
drop trigger guard_session on public.wingman_sessions;

-- file: sql/sessions/tg_wingman_sessions__guard.sql
create or replace function wingman.tg_wingman_sessions__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- each operator of an expression costs a look-up, even if it is not reached: so one expression per case
    if old.is_active then
        _broken := case
            when (old.user1_completed_confirmed_by_user2 and not new.user1_completed_confirmed_by_user2)
                or (old.user2_completed_confirmed_by_user1 and not new.user2_completed_confirmed_by_user1)
                then 'confirmation'
            when new.status = 'completed' then case
                when not (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
                    or new.completed_at is null
                    then 'completion_check'
            end
            when (new.user1_completed_confirmed_by_user2 and new.user2_completed_confirmed_by_user1)
                or new.completed_at is not null
                then 'completion_check'
            when new.started_by is not null and new.status = 'scheduled' then 'start_check'
            when new.started_by not in (new.user1_id, new.user2_id) then 'people_check'
            when (new.status in (old.status, 'in_progress', 'cancelled', 'no_show')) is not true then 'transition'
        end;
    else
        _broken := case
            when new.status <> old.status
                and (old.status = 'cancelled' and new.status = 'no_show' and old.cancelled_at >= old.scheduled_time) is not true
                then 'transition'
            when new.user1_completed_confirmed_by_user2 <> old.user1_completed_confirmed_by_user2
                or new.user2_completed_confirmed_by_user1 <> old.user2_completed_confirmed_by_user1
                or new.completed_at is distinct from old.completed_at
                then 'confirmation'
            when new.started_by not in (new.user1_id, new.user2_id) then 'people_check'
        end;
    end if;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'transition' then format('A session cannot go from %s to %s', old.status, new.status)
                when 'confirmation' then 'Confirmations are given while a session is active, and never taken back'
                when 'completion_check' then 'A session is completed by both confirmations, and then says when'
                when 'start_check' then 'Only a session that began says who started it'
                when 'people_check' then 'One of the two people starts a session, if anybody'
            end;
    end if;

    new.is_active := wingman.is_active_session(new.status);
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard() is
'Trigger: the states of a session. scheduled to in_progress, both to completed, cancelled or no_show, these three terminal, except
that a session cancelled after its time can still become a no_show;
confirmations are only given, never taken back, and only while the session is active. Holds for direct SQL. No CHECK constraints:
every update would parse their text, at a quarter of the cost of a confirmation.';
revoke all on function wingman.tg_wingman_sessions__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_session
before update of
status, is_active, user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1, completed_at, started_by
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard();

-- drop: sql/sessions/tg_wingman_sessions__guard_rest.sql
drop trigger guard_rest on public.wingman_sessions;

-- file: sql/sessions/tg_wingman_sessions__guard_rest.sql
create or replace function wingman.tg_wingman_sessions__guard_rest()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- an array compares several columns with one operator, and treats nulls as equal
    _broken := case
        when array[new.id, new.match_id, new.user1_id, new.user2_id] <> array[old.id, old.match_id, old.user1_id, old.user2_id]
            then 'match'
        when new.reverted_at is distinct from old.reverted_at
            and (old.reverted_at is not null or (old.status in ('completed', 'no_show')) is not true)
            then 'revert'
        when not isfinite(new.scheduled_time) then 'time_check'
        when new.scheduled_time <> old.scheduled_time and not old.is_active then 'time_final'
        when new.created_by not in (new.user1_id, new.user2_id) or new.proposed_by not in (new.user1_id, new.user2_id)
            then 'people_check'
        when num_nonnulls(new.agreed_by, new.agreed_at) = 1
            or new.agreed_by not in (new.user1_id, new.user2_id)
            or new.agreed_by = new.proposed_by
            then 'agreement_check'
        when (new.proposed_by, new.proposed_at, new.agreed_by, new.agreed_at)
            is distinct from (old.proposed_by, old.proposed_at, old.agreed_by, old.agreed_at) and not old.is_active
            then 'agreement_final'
        when old.no_show_reported and not new.no_show_reported then 'report_check'
        when wingman.session_violation(new.venue_name, new.notes, null) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'The match of a session and its two people never change'
                when 'revert' then 'A completed session or a no-show is reverted once, and stays so'
                when 'time_check' then 'A session takes place at some time'
                when 'time_final' then 'A session that is over keeps its time'
                when 'people_check' then 'One of the two people arranges a session, if anybody'
                when 'agreement_check' then 'To a session agrees who did not propose it, and then it says when'
                when 'agreement_final' then 'A session that is over is neither proposed nor agreed to'
                when 'report_check' then 'That a no-show was reported is never taken back'
                when 'rules' then 'A text of this session is too short or too long'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_rest() is
'Trigger: a session keeps its match and its two people; its texts are valid; once it is over its time never changes, so that
readers of the journal can look it up; the one who did not propose it may agree while it is active; only a completed session or a no-show can be reverted, and only once. Fires for these columns
only, so that it costs a confirmation nothing.';
revoke all on function wingman.tg_wingman_sessions__guard_rest() from public, anon, authenticated, service_role;

create or replace trigger guard_rest
before update of
id, match_id, user1_id, user2_id, venue_name, scheduled_time, notes, created_by, reverted_at, proposed_by, proposed_at, agreed_by,
agreed_at, no_show_reported
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_rest();

-- drop: sql/sessions/tg_wingman_sessions__guard_insert.sql
drop trigger guard_insert on public.wingman_sessions;

-- file: sql/sessions/tg_wingman_sessions__guard_insert.sql
create or replace function wingman.tg_wingman_sessions__guard_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- The lock keeps the match from ending meanwhile. A confirmation need not read the match.
    select m.user1_id, m.user2_id
    into new.user1_id, new.user2_id
    from public.wingman_matches as m
    where m.id = new.match_id and m.status = 'accepted' and m.ended_at is null
    for no key update;

    _broken := case
        when not found then 'match'
        when new.status <> 'scheduled' or not new.is_active then 'transition'
        when new.started_by is not null then 'start_check'
        when new.user1_completed_confirmed_by_user2 or new.user2_completed_confirmed_by_user1 then 'confirmation'
        when new.completed_at is not null then 'completion_check'
        when new.reverted_at is not null then 'revert'
        when new.cancelled_by is not null or new.cancellation_reason is not null or new.cancelled_at is not null then 'cancellation_check'
        when new.agreed_by is not null or new.agreed_at is not null then 'agreement_check'
        when new.no_show_reported then 'report_check'
        when new.created_by not in (new.user1_id, new.user2_id) or new.proposed_by not in (new.user1_id, new.user2_id) then 'people_check'
        when not isfinite(new.scheduled_time) then 'time_check'
        when wingman.session_violation(new.venue_name, new.notes, null) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'match' then 'A session belongs to an accepted match that has not ended'
                when 'transition' then 'A new session is scheduled'
                when 'start_check' then 'A new session has not begun'
                when 'confirmation' then 'A new session is not confirmed'
                when 'completion_check' then 'A new session is not completed'
                when 'revert' then 'A new session is not reverted'
                when 'cancellation_check' then 'A new session is not cancelled'
                when 'agreement_check' then 'Nobody has agreed to a new session yet'
                when 'report_check' then 'No no-show of a new session is reported'
                when 'people_check' then 'One of the two people arranges a session, if anybody'
                when 'time_check' then 'A session takes place at some time'
                when 'rules' then 'A text of this session is too short or too long'
            end;
    end if;
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_insert() is
'Trigger: a new session belongs to an accepted match, which it locks, and gets its two people; it is scheduled at some time, and
its texts are valid';
revoke all on function wingman.tg_wingman_sessions__guard_insert() from public, anon, authenticated, service_role;

create or replace trigger guard_insert before insert on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_insert();

-- drop: sql/sessions/tg_wingman_sessions__guard_cancellation.sql
drop trigger guard_cancellation on public.wingman_sessions;

-- file: sql/sessions/tg_wingman_sessions__guard_cancellation.sql
create or replace function wingman.tg_wingman_sessions__guard_cancellation()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when new.cancelled_by is null and new.cancellation_reason is null and new.cancelled_at is null then null
        -- a no-show may have been cancelled first
        when new.status not in ('cancelled', 'no_show') then 'cancellation_check'
        when new.cancelled_by not in (new.user1_id, new.user2_id) then 'people_check'
        when wingman.session_violation(null, null, new.cancellation_reason) is not null then 'rules'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_' || _broken,
            message = case _broken
                when 'cancellation_check' then 'Only a cancelled session says who cancelled it, when and why'
                when 'people_check' then 'One of the two people cancels a session, if anybody'
                when 'rules' then 'The reason of this cancellation is too long'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_cancellation() is
'Trigger: only a cancelled session says who cancelled it, one of its two people, when and why';
revoke all on function wingman.tg_wingman_sessions__guard_cancellation() from public, anon, authenticated, service_role;

create or replace trigger guard_cancellation
before update of cancelled_by, cancellation_reason, cancelled_at
on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__guard_cancellation();

-- file: sql/sessions/session_details_of.sql
-- Statements inline it. Its body is a text, since an SQL-standard body that takes the row of a table would keep
-- that table from getting new columns. It names everything with its schema, so that no search_path changes what it means.
create or replace function wingman.session_details_of(session public.wingman_sessions, user_id uuid)
returns public.session_details
language sql
immutable
as $$
select row(
    session.id,
    session.match_id,
    case when session.user1_id operator(pg_catalog.=) user_id then session.user2_id else session.user1_id end,
    session.venue_name,
    session.scheduled_time,
    session.notes,
    session.status,
    case
        when session.user1_id operator(pg_catalog.=) user_id then session.user2_completed_confirmed_by_user1
        else session.user1_completed_confirmed_by_user2
    end,
    case
        when session.user1_id operator(pg_catalog.=) user_id then session.user1_completed_confirmed_by_user2
        else session.user2_completed_confirmed_by_user1
    end,
    session.user1_completed_confirmed_by_user2 and session.user2_completed_confirmed_by_user1,
    session.completed_at,
    session.created_at,
    session.proposed_by operator(pg_catalog.=) user_id and session.proposed_by is not null,
    session.proposed_at,
    session.agreed_at,
    session.cancelled_at,
    session.no_show_reported
)::public.session_details
$$;

comment on function wingman.session_details_of(public.wingman_sessions, uuid) is
'A session as this one of its two people sees it';
revoke all on function wingman.session_details_of(public.wingman_sessions, uuid)
from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_session_violation.sql
create or replace function wingman.refuse_session_violation(violation wingman.violation)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument(refuse_session_violation.violation.argument, refuse_session_violation.violation.rule <> 'is required');
    if refuse_session_violation.violation.rule = 'must be in the future' then
        perform wingman.raise_error('invalid_schedule');
    end if;
    perform wingman.refuse_violation(refuse_session_violation.violation);
end
$$;

comment on function wingman.refuse_session_violation(wingman.violation) is
'Refuses arguments of a session by the rule that they break; null breaks none. Errors: missing_argument, invalid_schedule,
invalid_argument.';
revoke all on function wingman.refuse_session_violation(wingman.violation) from public, anon, authenticated, service_role;

-- file: sql/sessions/conflicting_session.sql
create or replace function wingman.conflicting_session(
    user_id uuid,
    moment timestamptz,
    spacing interval,
    session_id uuid
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
begin
    -- By way of the person's matches, one look-up each; offset 0 leaves the planner no other choice. An index of the diary itself would
    -- cost every change of a session more than this costs.
    return (
        select d.id
        from (
            select m.id
            from public.wingman_matches as m
            where m.user1_id = conflicting_session.user_id and m.status = 'accepted'
            union all
            select m.id
            from public.wingman_matches as m
            where m.user2_id = conflicting_session.user_id and m.status = 'accepted'
        ) as o
        cross join lateral (
            select s.id, s.scheduled_time, s as session
            from public.wingman_sessions as s
            where s.match_id = o.id and s.is_active
            offset 0
        ) as d
        where d.scheduled_time > conflicting_session.moment - conflicting_session.spacing
            and d.scheduled_time < conflicting_session.moment + conflicting_session.spacing
            and d.id is distinct from conflicting_session.session_id
            and wingman.has_committed(d.session, conflicting_session.user_id)
        limit 1
    );
end
$$;

comment on function wingman.conflicting_session(uuid, timestamptz, interval, uuid) is
'An active session in a person''s diary that begins less than spacing from a moment; null if there is none. The diary holds what
the person has committed to, see wingman.has_committed; a proposal of somebody else keeps nobody from anything. session_id: the session
to be at that moment, which does not count, or null. Exact while the person''s seeker is locked.';
revoke all on function wingman.conflicting_session(uuid, timestamptz, interval, uuid)
from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_conflict.sql
create or replace function wingman.refuse_conflict(user_id uuid, moment timestamptz, session_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid := (
        select wingman.conflicting_session(
            refuse_conflict.user_id, refuse_conflict.moment, t.session_spacing, refuse_conflict.session_id
        )
        from wingman.settings as t
    );
begin
    if _id is not null then
        perform wingman.raise_error('schedule_conflict', (
            select jsonb_build_object('session_id', s.id, 'time', wingman.utc_text(s.scheduled_time))
            from public.wingman_sessions as s
            where s.id = _id
        ));
    end if;
end
$$;

comment on function wingman.refuse_conflict(uuid, timestamptz, uuid) is
'Refuses a moment that is too near another session in a person''s own diary, see wingman.conflicting_session. Errors:
schedule_conflict, whose context names that session.';
revoke all on function wingman.refuse_conflict(uuid, timestamptz, uuid) from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_new_session.sql
create or replace function wingman.refuse_new_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    user_id uuid
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _violation wingman.violation := wingman.new_session_violation(
        refuse_new_session.match_id,
        refuse_new_session.scheduled_time,
        refuse_new_session.venue_name,
        refuse_new_session.notes,
        (select t.session_horizon from wingman.settings as t)
    );
    _match public.wingman_matches;
begin
    perform wingman.require_profile(refuse_new_session.user_id);
    perform wingman.refuse_session_violation(_violation);

    perform wingman.match_buddy(refuse_new_session.match_id, refuse_new_session.user_id);
    perform wingman.lock_seekers(refuse_new_session.user_id);
    perform wingman.require_not_suspended(refuse_new_session.user_id);
    _match := wingman.lock_match(refuse_new_session.match_id);
    if _match.status = 'accepted' and _match.ended_at is null then
        if exists (select from public.wingman_sessions as s where s.match_id = _match.id and s.is_active) then
            perform wingman.raise_error('active_session_exists');
        end if;
        perform wingman.refuse_conflict(refuse_new_session.user_id, refuse_new_session.scheduled_time, null);
        -- came to this while the call waited
        perform wingman.raise_error('busy');
    end if;
    perform wingman.raise_error('match_not_accepted', jsonb_build_object('status', case
        when _match.ended_at is not null then 'ended'
        else wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
    end));
end
$$;

comment on function wingman.refuse_new_session(uuid, timestamptz, text, text, uuid) is
'Raises the reason why a user cannot create a session. Errors: profile_incomplete, user_not_found, missing_argument,
invalid_schedule, invalid_argument, match_not_found, not_match_participant, account_suspended, match_not_accepted, active_session_exists,
schedule_conflict, busy.';
revoke all on function wingman.refuse_new_session(uuid, timestamptz, text, text, uuid)
from public, anon, authenticated, service_role;

-- drop: sql/sessions/cancel_active_session.sql
drop function wingman.cancel_active_session(uuid, uuid, text);

-- file: sql/sessions/cancel_active_session.sql
create or replace function wingman.cancel_active_session(
    match_id uuid,
    cancelled_by uuid,
    reason text default null,
    keep_begun boolean default false
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.wingman_sessions as s
    set
        status = 'cancelled',
        cancelled_by = cancel_active_session.cancelled_by,
        cancellation_reason = cancel_active_session.reason,
        cancelled_at = statement_timestamp()
    where s.match_id = cancel_active_session.match_id
        and s.is_active
        and not (cancel_active_session.keep_begun and s.scheduled_time <= statement_timestamp());
end
$$;

comment on function wingman.cancel_active_session(uuid, uuid, text, boolean) is
'Cancels the active session of a match, if it has one. keep_begun: not one whose time has come';
revoke all on function wingman.cancel_active_session(uuid, uuid, text, boolean) from public, anon, authenticated, service_role;

-- file: sql/sessions/has_confirmed.sql
create or replace function wingman.has_confirmed(session public.wingman_sessions, user_id uuid)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case has_confirmed.user_id
        when has_confirmed.session.user1_id then has_confirmed.session.user2_completed_confirmed_by_user1
        when has_confirmed.session.user2_id then has_confirmed.session.user1_completed_confirmed_by_user2
        else false
    end;
end
$$;

comment on function wingman.has_confirmed(public.wingman_sessions, uuid) is
'Whether a user has confirmed that the other one completed a session';
revoke all on function wingman.has_confirmed(public.wingman_sessions, uuid) from public, anon, authenticated, service_role;

-- file: sql/sessions/has_committed.sql
create or replace function wingman.has_committed(session public.wingman_sessions, user_id uuid)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        has_committed.user_id in (has_committed.session.proposed_by, has_committed.session.agreed_by, has_committed.session.started_by),
        false
    )
    or wingman.has_confirmed(has_committed.session, has_committed.user_id);
end
$$;

comment on function wingman.has_committed(public.wingman_sessions, uuid) is
'Whether this one of a session''s two people has said yes to it as it stands: proposed its time and venue, agreed to them, started
it, or confirmed that the other one completed it. Only such a person can be reported as a no-show';
revoke all on function wingman.has_committed(public.wingman_sessions, uuid) from public, anon, authenticated, service_role;

-- file: sql/sessions/refuse_late_change.sql
create or replace function wingman.refuse_late_change(session public.wingman_sessions, verb text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not refuse_late_change.session.is_active then
        perform wingman.raise_error('invalid_session_state', jsonb_build_object(
            'verb', refuse_late_change.verb, 'status', refuse_late_change.session.status
        ));
    elsif refuse_late_change.session.scheduled_time <= statement_timestamp() then
        perform wingman.raise_error('session_time_passed', jsonb_build_object(
            'verb', refuse_late_change.verb, 'time', wingman.utc_text(refuse_late_change.session.scheduled_time)
        ));
    end if;
end
$$;

comment on function wingman.refuse_late_change(public.wingman_sessions, text) is
'Refuses to agree to a session, or to move it, once it is over or its time has come: whoever does not come cannot escape by
moving it.
verb: what cannot be done. Errors: invalid_session_state, session_time_passed.';
revoke all on function wingman.refuse_late_change(public.wingman_sessions, text) from public, anon, authenticated, service_role;

-- file: sql/sessions/settle_agreement.sql
create or replace function wingman.settle_agreement(session_id uuid, proposed_at timestamptz, user_id uuid)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := settle_agreement.user_id;
    _session public.wingman_sessions;
begin
    perform wingman.session_buddy(settle_agreement.session_id, _me);
    -- whoever arranges or agrees to anything else meanwhile waits here, so the diary below is exact
    perform wingman.lock_seekers(_me);
    _session := wingman.lock_session(settle_agreement.session_id);
    if _session.proposed_by = _me then
        perform wingman.raise_error('self_agreement');
    elsif _session.agreed_at is not null and coalesce(settle_agreement.proposed_at, _session.proposed_at) = _session.proposed_at then
        return wingman.session_details_of(_session, _me);
    end if;

    perform wingman.require_not_suspended(_me);
    if settle_agreement.proposed_at <> _session.proposed_at then
        perform wingman.raise_error('proposal_changed', jsonb_build_object('state', wingman.session_details_of(_session, _me)));
    end if;
    perform wingman.refuse_late_change(_session, 'agreed to');
    perform wingman.refuse_conflict(_me, _session.scheduled_time, _session.id);

    update public.wingman_sessions as s
    set agreed_by = _me, agreed_at = statement_timestamp()
    where s.id = _session.id
    returning s.* into _session;
    return wingman.session_details_of(_session, _me);
end
$$;

comment on function wingman.settle_agreement(uuid, timestamptz, uuid) is
'Agrees, for the one of the two who did not propose it, to a session as it stands; again changes nothing. Errors:
session_not_found, not_session_participant, self_agreement, account_suspended, proposal_changed, invalid_session_state, session_time_passed,
schedule_conflict.';
revoke all on function wingman.settle_agreement(uuid, timestamptz, uuid) from public, anon, authenticated, service_role;

-- file: sql/sessions/move_session.sql
create or replace function wingman.move_session(session_id uuid, scheduled_time timestamptz, venue_name text, user_id uuid)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := move_session.user_id;
    _session public.wingman_sessions;
begin
    perform wingman.session_buddy(move_session.session_id, _me);
    -- whoever arranges or agrees to anything else meanwhile waits here, so the diary below is exact
    perform wingman.lock_seekers(_me);
    _session := wingman.lock_session(move_session.session_id);
    if _session.status = 'scheduled'
        and _session.scheduled_time = move_session.scheduled_time
        and _session.venue_name = coalesce(move_session.venue_name, _session.venue_name)
    then
        return wingman.session_details_of(_session, _me);
    end if;

    perform wingman.require_not_suspended(_me);
    if _session.status = 'in_progress' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'rescheduled', 'status', _session.status)
        );
    end if;
    perform wingman.refuse_late_change(_session, 'rescheduled');
    perform wingman.refuse_conflict(_me, move_session.scheduled_time, _session.id);
    perform wingman.consume_rate_limit(_me, 'create_session', t.create_session_cost, t.create_session_burst)
    from wingman.settings as t;

    update public.wingman_sessions as s
    set
        scheduled_time = move_session.scheduled_time,
        venue_name = coalesce(move_session.venue_name, s.venue_name),
        proposed_by = _me,
        proposed_at = statement_timestamp(),
        agreed_by = null,
        agreed_at = null
    where s.id = _session.id
    returning s.* into _session;
    return wingman.session_details_of(_session, _me);
end
$$;

comment on function wingman.move_session(uuid, timestamptz, text, uuid) is
'Gives a session, for one of its two people, another time or venue, to which the other one has to agree anew; the same time
and venue change nothing. venue_name: null keeps it. Errors: session_not_found, not_session_participant, account_suspended, invalid_session_state,
session_time_passed, schedule_conflict, rate_limited.';
revoke all on function wingman.move_session(uuid, timestamptz, text, uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/no_show_text_violation.sql
create or replace function wingman.no_show_text_violation(argument text, string text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(no_show_text_violation.string) or char_length(no_show_text_violation.string) > 2000 then
        return row(no_show_text_violation.argument, 'must be 1 to 2000 characters')::wingman.violation;
    elsif wingman.has_control_character(no_show_text_violation.string) then
        return row(no_show_text_violation.argument, 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.no_show_text_violation(text, text) is
'The rule that the text of an argument about a no-show breaks, or null; no text breaks none. The table''s constraints and the
calls use this.';
revoke all on function wingman.no_show_text_violation(text, text) from public, anon, authenticated, service_role;

-- file: sql/fairness/no_show_status_at.sql
create or replace function wingman.no_show_status_at(status text, decide_by timestamptz, moment timestamptz)
returns text
language sql
immutable
return case when status in ('open', 'contested') and decide_by <= moment then 'lapsed' else status end;

comment on function wingman.no_show_status_at(text, timestamptz, timestamptz) is
'Effective status of a report of a no-show at a moment: undecided it counts as lapsed from decide_by on. Nothing has to settle
it';
revoke all on function wingman.no_show_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;

-- file: sql/fairness/no_show_reports.sql
create table wingman.no_show_reports (
    id uuid constraint no_show_reports_pkey primary key default wingman.new_id(),
    session_id uuid not null
    constraint no_show_reports_session_id_fkey references public.wingman_sessions (id) on delete cascade,
    reporter_id uuid not null,
    accused_id uuid not null,
    reason text not null
    constraint no_show_reports_reason_check check (reason in ('did_not_come', 'came_too_late', 'left_early')),
    note text constraint no_show_reports_note_check check (wingman.no_show_text_violation('note', note) is null),
    statement text
    constraint no_show_reports_statement_check check (wingman.no_show_text_violation('statement', statement) is null),
    status text not null default 'open',
    created_at timestamptz not null default statement_timestamp(),
    answer_by timestamptz not null,
    decide_by timestamptz not null,
    answered_at timestamptz,
    closed_at timestamptz,
    constraint no_show_reports_once unique (session_id, reporter_id),
    constraint no_show_reports_two_people_check check (reporter_id <> accused_id),
    constraint no_show_reports_time_check check (created_at < answer_by and answer_by < decide_by)
);

create index no_show_reports_reporter_idx on wingman.no_show_reports (reporter_id, id);
create index no_show_reports_accused_idx on wingman.no_show_reports (accused_id, id);
create index no_show_reports_undecided_idx on wingman.no_show_reports (decide_by) where closed_at is null;

comment on table wingman.no_show_reports is
'What one of the two people of a session reports about the other one, who did not come. User ids have no foreign keys: reports
outlive accounts';
comment on column wingman.no_show_reports.id is 'UUID version 7: newer reports sort later';
comment on column wingman.no_show_reports.session_id is 'The session';
comment on column wingman.no_show_reports.reporter_id is 'Who reports';
comment on column wingman.no_show_reports.accused_id is 'Who is reported: the other one of the two';
comment on column wingman.no_show_reports.reason is
'Why, one of no_show_reason; the person reported sees it';
comment on column wingman.no_show_reports.note is
'Anything else, for operators only, 1 to 2000 characters; null without one, and once the reporter is erased';
comment on column wingman.no_show_reports.statement is
'What the person reported says to it, for operators only, 1 to 2000 characters; null without one, and once that person is erased';
comment on column wingman.no_show_reports.status is
'open, admitted, contested, withdrawn, upheld or dismissed; undecided past decide_by it counts as lapsed,
wingman.no_show_status_at';
comment on column wingman.no_show_reports.created_at is 'When it was reported';
comment on column wingman.no_show_reports.answer_by is 'From then on operators may decide without an answer';
comment on column wingman.no_show_reports.decide_by is 'From then on nobody can decide any more';
comment on column wingman.no_show_reports.answered_at is 'When it was admitted or contested';
comment on column wingman.no_show_reports.closed_at is 'When it was admitted, withdrawn, upheld or dismissed';

revoke all on table wingman.no_show_reports from public, anon, authenticated, service_role;

-- file: sql/fairness/no_show_report.sql
create type public.no_show_report as (
    id uuid,
    session_id uuid,
    reported_by_me boolean,
    reason text,
    note text,
    status text,
    statement text,
    created_at timestamptz,
    answer_by timestamptz,
    decide_by timestamptz,
    answered_at timestamptz,
    closed_at timestamptz
);

comment on type public.no_show_report is 'A report that somebody did not come to a session, as one of its two people sees it';
comment on column public.no_show_report.id is 'The report; newer ones sort later';
comment on column public.no_show_report.session_id is 'The session';
comment on column public.no_show_report.reported_by_me is 'True if the caller reported the buddy, false if the buddy reported
the caller';
comment on column public.no_show_report.reason is 'One of no_show_reason: did_not_come, came_too_late, left_early';
comment on column public.no_show_report.note is 'What the caller wrote to the operators when reporting (nullable)';
comment on column public.no_show_report.status is
'One of no_show_status: open, admitted, contested, withdrawn, upheld, dismissed, lapsed. A report that nobody has decided by
decide_by has lapsed';
comment on column public.no_show_report.statement is 'What the caller wrote to the operators when answering (nullable)';
comment on column public.no_show_report.created_at is 'When it was reported';
comment on column public.no_show_report.answer_by is 'Until then nothing is decided without an answer; a later one counts
until it is decided';
comment on column public.no_show_report.decide_by is 'When it lapses, if nobody decides it before';
comment on column public.no_show_report.answered_at is 'When it was admitted or contested (nullable)';
comment on column public.no_show_report.closed_at is 'When it was admitted, withdrawn, upheld or dismissed (nullable)';

-- file: sql/fairness/no_show_report_of.sql
create or replace function wingman.no_show_report_of(report wingman.no_show_reports, user_id uuid)
returns public.no_show_report
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _report wingman.no_show_reports := no_show_report_of.report;
    _is_mine boolean := _report.reporter_id = no_show_report_of.user_id;
begin
    return row(
        _report.id,
        _report.session_id,
        _is_mine,
        _report.reason,
        case when _is_mine then _report.note end,
        wingman.no_show_status_at(_report.status, _report.decide_by, statement_timestamp()),
        case when not _is_mine then _report.statement end,
        _report.created_at,
        _report.answer_by,
        _report.decide_by,
        _report.answered_at,
        _report.closed_at
    )::public.no_show_report;
end
$$;

comment on function wingman.no_show_report_of(wingman.no_show_reports, uuid) is
'A report of a no-show as this one of its two people sees it: each sees their own text and not the other one''s';
revoke all on function wingman.no_show_report_of(wingman.no_show_reports, uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/tg_no_show_reports__guard.sql
create or replace function wingman.tg_no_show_reports__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when tg_op = 'INSERT' then case
            when new.status not in ('open', 'contested') then 'transition'
            when not exists (
                select
                from public.wingman_sessions as s
                where s.id = new.session_id and array[s.user1_id, s.user2_id] @> array[new.reporter_id, new.accused_id]
            )
                then 'people_check'
        end
        when (new.id, new.session_id, new.reporter_id, new.accused_id, new.reason, new.created_at, new.answer_by, new.decide_by)
            <> (old.id, old.session_id, old.reporter_id, old.accused_id, old.reason, old.created_at, old.answer_by, old.decide_by)
            then 'final'
        when new.status <> old.status and (
            case old.status
                when 'open' then new.status in ('admitted', 'contested', 'withdrawn', 'upheld', 'dismissed')
                when 'contested' then new.status in ('withdrawn', 'upheld', 'dismissed')
            end
        ) is not true
            then 'transition'
    end;
    _broken := coalesce(_broken, case
        when (new.closed_at is null) <> (new.status in ('open', 'contested')) then 'closed_check'
        when new.answered_at is null and new.status in ('admitted', 'contested') then 'answered_check'
    end);
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'no_show_reports_' || _broken,
            message = case _broken
                when 'transition' then format(
                    'A report of a no-show cannot go from %s to %s', case tg_op when 'UPDATE' then old.status else 'nothing' end, new.status
                )
                when 'people_check' then 'One of the two people of a session reports the other one'
                when 'final' then 'What was reported by whom never changes'
                when 'closed_check' then 'A report that is admitted, withdrawn or decided says when that was'
                when 'answered_check' then 'A report that is admitted or contested says when that was'
            end;
    end if;
    return new;
end
$$;

comment on function wingman.tg_no_show_reports__guard() is
'Trigger: the states of a report of a no-show. open to admitted or contested, open and contested to withdrawn, upheld or
dismissed, all but these two terminal. Holds for direct SQL.';
revoke all on function wingman.tg_no_show_reports__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_report before insert or update on wingman.no_show_reports
for each row execute function wingman.tg_no_show_reports__guard();

-- file: sql/fairness/tg_suspensions__bar.sql
create or replace function wingman.tg_suspensions__bar()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.matchmaking_pool as s
    set suspended = tg_op <> 'DELETE' and new.ends_at is null, suspended_until = new.ends_at
    where s.user_id = coalesce(new.user_id, old.user_id);
    return null;
end
$$;

comment on function wingman.tg_suspensions__bar() is 'Trigger: whoever is suspended is not found by searches';
revoke all on function wingman.tg_suspensions__bar() from public, anon, authenticated, service_role;

create or replace trigger bar_seeker after insert or delete or update on wingman.suspensions
for each row execute function wingman.tg_suspensions__bar();

-- file: sql/fairness/lock_no_show.sql
create or replace function wingman.lock_no_show(session_id uuid)
returns public.wingman_sessions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
begin
    select s.* into _session from public.wingman_sessions as s where s.id = lock_no_show.session_id;
    if not found then
        perform wingman.raise_error('session_not_found');
    end if;

    -- these never change
    perform wingman.lock_seekers(_session.user1_id, _session.user2_id);
    perform wingman.lock_match(_session.match_id);
    _session := wingman.lock_session(lock_no_show.session_id);
    perform
    from wingman.no_show_reports as r
    where r.session_id = lock_no_show.session_id
    order by r.id
    for no key update;
    return _session;
end
$$;

comment on function wingman.lock_no_show(uuid) is
'Locks all that a no-show concerns, in the lock order: both seekers, match, session and the reports of it. Returns the session
as it is once the locks are held. Errors: session_not_found.';
revoke all on function wingman.lock_no_show(uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/refuse_closed_report.sql
create or replace function wingman.refuse_closed_report(report wingman.no_show_reports)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _status text := wingman.no_show_status_at(
        refuse_closed_report.report.status, refuse_closed_report.report.decide_by, statement_timestamp()
    );
begin
    if _status not in ('open', 'contested') then
        perform wingman.raise_error('no_show_already_decided', jsonb_build_object('status', _status));
    end if;
end
$$;

comment on function wingman.refuse_closed_report(wingman.no_show_reports) is
'Refuses a report of a no-show about which nothing can be done any more. Errors: no_show_already_decided.';
revoke all on function wingman.refuse_closed_report(wingman.no_show_reports) from public, anon, authenticated, service_role;

-- file: sql/fairness/drop_no_show_report.sql
create or replace function wingman.drop_no_show_report(session_id uuid, user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.no_show_reports as r
    set status = 'withdrawn', closed_at = statement_timestamp()
    where r.session_id = drop_no_show_report.session_id
        and r.reporter_id = drop_no_show_report.user_id
        and wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested');
end
$$;

comment on function wingman.drop_no_show_report(uuid, uuid) is
'Withdraws the undecided report that a person made about a session, whose row the caller has locked, if there is one';
revoke all on function wingman.drop_no_show_report(uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/close_no_show_reports.sql
create or replace function wingman.close_no_show_reports(session_id uuid, absent_user_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.no_show_reports as r
    set
        status = case when r.accused_id = any(close_no_show_reports.absent_user_ids) then 'upheld' else 'dismissed' end,
        closed_at = statement_timestamp()
    where r.session_id = close_no_show_reports.session_id
        and wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested');
end
$$;

comment on function wingman.close_no_show_reports(uuid, uuid[]) is
'Decides the undecided reports of a session, which the caller has locked: upheld about those who were absent, dismissed about
the others';
revoke all on function wingman.close_no_show_reports(uuid, uuid[]) from public, anon, authenticated, service_role;

-- file: sql/fairness/record_no_show.sql
create or replace function wingman.record_no_show(session public.wingman_sessions, absent_user_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions := record_no_show.session;
    _absent uuid := least(record_no_show.absent_user_ids[1], record_no_show.absent_user_ids[2]);
begin
    update public.wingman_sessions as s set status = 'no_show' where s.id = _session.id;
    perform wingman.record_reputation(
        _session.id,
        'no_show',
        _absent,
        case _absent when _session.user1_id then _session.user2_id else _session.user1_id end,
        both_people => cardinality(record_no_show.absent_user_ids) = 2
    );

    update wingman.matchmaking_pool as s
    set cooldown_until = wingman.cooldown_until(s.user_id)
    where s.user_id = any(record_no_show.absent_user_ids);
    -- who came waits as if there had been no match
    update wingman.matchmaking_pool as s
    set waiting_since = least(s.waiting_since, m.created_at)
    from public.wingman_matches as m
    where m.id = _session.match_id
        and s.user_id in (_session.user1_id, _session.user2_id)
        and s.user_id <> all(record_no_show.absent_user_ids);
end
$$;

comment on function wingman.record_no_show(public.wingman_sessions, uuid[]) is
'Ends a session, which the caller has locked with wingman.lock_no_show, because one or both of its people did not come:
status, ledger and counters, the cooldown of who was absent, and the waiting time of who came, which goes back to when the match was made.';
revoke all on function wingman.record_no_show(public.wingman_sessions, uuid[]) from public, anon, authenticated, service_role;

-- file: sql/fairness/make_no_show_report.sql
create or replace function wingman.make_no_show_report(session_id uuid, reason text, note text, user_id uuid)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := make_no_show_report.user_id;
    _accused_id uuid := wingman.session_buddy(make_no_show_report.session_id, _me);
    _session public.wingman_sessions;
    _settings wingman.settings;
    _report wingman.no_show_reports;
    _is_contested boolean;
begin
    perform wingman.lock_seekers(_me);
    _session := wingman.lock_session(make_no_show_report.session_id);
    -- an erasure for which this call has waited must not be followed by words of who is gone
    perform wingman.require_profile(_me);
    select r.* into _report
    from wingman.no_show_reports as r
    where r.session_id = _session.id and r.reporter_id = _me;
    if found then
        perform wingman.refuse_closed_report(_report);
        return wingman.no_show_report_of(_report, _me);
    end if;

    perform wingman.require_not_suspended(_me);
    if wingman.has_confirmed(_session, _me) then
        perform wingman.raise_error(
            'already_confirmed', jsonb_build_object('state', wingman.session_details_of(_session, _me))
        );
    elsif not _session.is_active and (_session.status = 'cancelled' and _session.cancelled_at >= _session.scheduled_time) is not true then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reported', 'status', _session.status)
        );
    elsif not wingman.has_committed(_session, _accused_id) then
        perform wingman.raise_error('buddy_not_committed');
    end if;

    select t.* into strict _settings from wingman.settings as t;
    if statement_timestamp() < _session.scheduled_time + _settings.no_show_grace then
        perform wingman.raise_error('no_show_too_early', jsonb_build_object(
            'time', wingman.utc_text(_session.scheduled_time + _settings.no_show_grace)
        ));
    elsif statement_timestamp() > _session.scheduled_time + _settings.no_show_grace + _settings.no_show_window then
        perform wingman.raise_error('no_show_window_closed', jsonb_build_object(
            'time', wingman.utc_text(_session.scheduled_time + _settings.no_show_grace + _settings.no_show_window)
        ));
    end if;

    perform wingman.consume_rate_limit(_me, 'report', _settings.report_cost, _settings.report_burst);

    -- each of the two contests what the other one reports
    update wingman.no_show_reports as r
    set status = 'contested', answered_at = coalesce(r.answered_at, statement_timestamp())
    where r.session_id = _session.id
        and r.reporter_id = _accused_id
        and wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested');
    _is_contested := found;

    update public.wingman_sessions as s set no_show_reported = true where s.id = _session.id;
    insert into wingman.no_show_reports as r (
        session_id, reporter_id, accused_id, reason, note, status, answered_at, answer_by, decide_by
    )
    values (
        _session.id,
        _me,
        _accused_id,
        make_no_show_report.reason,
        make_no_show_report.note,
        case when _is_contested then 'contested' else 'open' end,
        case when _is_contested then statement_timestamp() end,
        statement_timestamp() + _settings.no_show_answer_within,
        statement_timestamp() + _settings.no_show_decide_within
    )
    returning r.* into _report;
    return wingman.no_show_report_of(_report, _me);
end
$$;

comment on function wingman.make_no_show_report(uuid, text, text, uuid) is
'Reports, for a user, that the buddy did not come to a session; the report that exists already is returned. Errors:
session_not_found, not_session_participant, no_show_already_decided, account_suspended, already_confirmed, invalid_session_state, buddy_not_committed,
no_show_too_early, no_show_window_closed, rate_limited.';
revoke all on function wingman.make_no_show_report(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/settle_no_show_answer.sql
create or replace function wingman.settle_no_show_answer(session_id uuid, answer text, statement text, user_id uuid)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _report wingman.no_show_reports;
begin
    perform wingman.session_buddy(settle_no_show_answer.session_id, settle_no_show_answer.user_id);
    _session := wingman.lock_no_show(settle_no_show_answer.session_id);
    -- an erasure for which this call has waited must not be followed by words of who is gone
    perform wingman.require_profile(settle_no_show_answer.user_id);
    select r.* into _report
    from wingman.no_show_reports as r
    where r.session_id = _session.id and r.accused_id = settle_no_show_answer.user_id;
    if not found then
        perform wingman.raise_error('no_show_not_found');
    elsif wingman.no_show_status_at(_report.status, _report.decide_by, statement_timestamp()) = settle_no_show_answer.answer then
        return wingman.no_show_report_of(_report, settle_no_show_answer.user_id);
    end if;
    perform wingman.refuse_closed_report(_report);
    if _report.status = 'contested' then
        perform wingman.raise_error('no_show_already_answered');
    end if;

    update wingman.no_show_reports as r
    set
        status = settle_no_show_answer.answer,
        statement = settle_no_show_answer.statement,
        answered_at = statement_timestamp(),
        closed_at = case settle_no_show_answer.answer when 'admitted' then statement_timestamp() end
    where r.id = _report.id
    returning r.* into _report;
    if settle_no_show_answer.answer = 'admitted' then
        perform wingman.record_no_show(_session, array[settle_no_show_answer.user_id]);
    end if;
    return wingman.no_show_report_of(_report, settle_no_show_answer.user_id);
end
$$;

comment on function wingman.settle_no_show_answer(uuid, text, text, uuid) is
'Admits or contests, for the person reported, a report of a no-show; the same answer again changes nothing. answer: admitted
or contested.
Errors: session_not_found, not_session_participant, no_show_not_found, no_show_already_decided, no_show_already_answered.';
revoke all on function wingman.settle_no_show_answer(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- file: sql/fairness/take_back_no_show_report.sql
create or replace function wingman.take_back_no_show_report(session_id uuid, user_id uuid)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _report wingman.no_show_reports;
begin
    perform wingman.session_buddy(take_back_no_show_report.session_id, take_back_no_show_report.user_id);
    _session := wingman.lock_session(take_back_no_show_report.session_id);
    -- an erasure for which this call has waited must not be followed by the answer to who is gone
    perform wingman.require_profile(take_back_no_show_report.user_id);
    select r.* into _report
    from wingman.no_show_reports as r
    where r.session_id = _session.id and r.reporter_id = take_back_no_show_report.user_id;
    if not found then
        perform wingman.raise_error('no_show_not_found');
    elsif _report.status <> 'withdrawn' then
        perform wingman.refuse_closed_report(_report);
        perform wingman.drop_no_show_report(_session.id, take_back_no_show_report.user_id);
        select r.* into strict _report from wingman.no_show_reports as r where r.id = _report.id;
    end if;
    return wingman.no_show_report_of(_report, take_back_no_show_report.user_id);
end
$$;

comment on function wingman.take_back_no_show_report(uuid, uuid) is
'Withdraws, for the person who made it, a report of a no-show; once withdrawn it stays so. Errors: session_not_found,
not_session_participant, no_show_not_found, no_show_already_decided.';
revoke all on function wingman.take_back_no_show_report(uuid, uuid) from public, anon, authenticated, service_role;

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
    ('wingman.alembic_version', array['version_num'], 'impersonal', null, 'kept', 'says nothing about anybody'),
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
            'report_limit', 'report_period', 'report_cost', 'report_burst'
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

-- file: sql/privacy/settle_departure.sql
create or replace function wingman.settle_departure(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := settle_departure.user_id;
    _match record;
    _matches uuid[] := '{}'::uuid[];
begin
    perform wingman.leave_pending_match(_me);

    -- Also those that have ended: a call that answers with this person's profile holds one of these rows, so its answer is kept
    -- before this goes on.
    for _match in
        select m.id, m.ended_at
        from public.wingman_matches as m
        where (m.user1_id = _me or m.user2_id = _me) and m.status = 'accepted'
        order by m.id
        for no key update
    loop
        _matches := _matches || _match.id;
        if _match.ended_at is null then
            perform wingman.end_accepted_match(_match.id, _me);
        else
            -- a suspension ends a match and leaves the session whose time has come
            perform wingman.cancel_active_session(_match.id, _me);
        end if;
    end loop;

    -- so do all calls about a session, this person's own as well
    perform
    from public.wingman_sessions as s
    where s.match_id = any(_matches)
    order by s.id
    for no key update;
    -- a text whose author is not known may be this person's
    update public.wingman_sessions as s
    set
        notes = case when coalesce(s.created_by, _me) <> _me then s.notes end,
        cancellation_reason = case when coalesce(s.cancelled_by, _me) <> _me then s.cancellation_reason end
    where s.match_id = any(_matches)
        and (
            (s.notes is not null and coalesce(s.created_by, _me) = _me)
            or (s.cancellation_reason is not null and coalesce(s.cancelled_by, _me) = _me)
        );

    delete from wingman.rate_limits as r where r.user_id = _me;

    -- a report of a no-show stays as it is, without the words of the person who goes
    perform
    from wingman.no_show_reports as n
    where n.reporter_id = _me or n.accused_id = _me
    order by n.id
    for no key update;
    update wingman.no_show_reports as n
    set
        note = case when n.reporter_id <> _me then n.note end,
        statement = case when n.accused_id <> _me then n.statement end
    where (n.reporter_id = _me and n.note is not null) or (n.accused_id = _me and n.statement is not null);

    -- what is undecided stays; wingman_admin.resolve_report waits here, and then removes the text itself
    perform
    from wingman.user_reports as r
    where r.reporter_id = _me or r.subject_id = _me
    order by r.id
    for no key update;
    update wingman.user_reports as r
    set reason = null
    where (r.reporter_id = _me or r.subject_id = _me) and r.decided_at is not null and r.reason is not null;
end
$$;

comment on function wingman.settle_departure(uuid) is
'The first part of an erasure, in the lock order: settles the person''s pending match, ends the accepted ones and cancels their
sessions, removes the notes and reasons that the person wrote, also about no-shows, the texts of decided reports and the
rate limits.';
revoke all on function wingman.settle_departure(uuid) from public, anon, authenticated, service_role;

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

-- drop: sql/matching/pool/tg_user_locations__place.sql
drop trigger place_seeker on public.user_locations;

-- file: sql/matching/pool/tg_user_locations__place.sql
create or replace function wingman.tg_user_locations__place()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
begin
    insert into wingman.matchmaking_pool as s (
        user_id, grid_lat, grid_lng, level, max_travel_miles, cooldown_until, suspended, suspended_until
    )
    select
        new.user_id,
        g.lat,
        -- one place, one cell: at the poles, and where east meets west
        case when abs(g.lat) = 9000 then 0 when g.lng = -18000 then 18000 else g.lng end,
        wingman.experience_rank(p.experience_level),
        new.max_travel_miles,
        -- whoever comes back by the same id finds them again
        wingman.cooldown_until(new.user_id),
        b.user_id is not null and b.ends_at is null,
        b.ends_at
    from public.user_profiles as p
    left join wingman.suspensions as b on b.user_id = new.user_id
    cross join lateral (
        select wingman.snap_to_grid(new.lat, new.privacy_mode), wingman.snap_to_grid(new.lng, new.privacy_mode)
    ) as g (lat, lng)
    where p.id = new.user_id
    on conflict on constraint matchmaking_pool_pkey do update
    set
        grid_lat = excluded.grid_lat,
        grid_lng = excluded.grid_lng,
        max_travel_miles = excluded.max_travel_miles;
    return null;
end
$$;

comment on function wingman.tg_user_locations__place() is
'Trigger: a profile with a location makes its user matchable. A new location keeps waiting time, pause and pending match.';
revoke all on function wingman.tg_user_locations__place() from public, anon, authenticated, service_role;

create or replace trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.tg_user_locations__place();

-- drop: sql/matching/matches/tg_wingman_matches__guard.sql
drop trigger guard_match on public.wingman_matches;

-- file: sql/matching/matches/tg_wingman_matches__guard.sql
create or replace function wingman.tg_wingman_matches__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- each operator of an expression costs a look-up in every call, even if it is not reached: so one expression per case
    if old.status = 'pending' then
        _broken := case
            when new.status not in ('accepted', 'declined') then 'no_answer'
            when new.responded_at is null or (new.responded_by in (new.user1_id, new.user2_id)) is not true
                then 'response_check'
        end;
        -- by itself, since it costs a match that takes one accept less so
        if new.needs_both and _broken is null then
            _broken := case
                when (new.status = 'declined' or new.responded_by <> new.first_accepted_by) is not true then 'both_check'
            end;
        end if;
    else
        _broken := case
            when new.status <> old.status then 'transition'
            when (new.responded_by, new.responded_at) is distinct from (old.responded_by, old.responded_at) then 'response'
        end;
    end if;
    if _broken is not null then
        if _broken = 'no_answer' then
            _broken := case
                when new.status not in ('pending', 'expired') then 'status_check'
                when new.responded_by is not null or new.responded_at is not null then 'response_check'
            end;
        end if;
        if _broken is not null then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_matches_' || _broken,
                message = case _broken
                    when 'transition' then format('A match cannot go from %s to %s', old.status, new.status)
                    when 'response' then 'A match is answered once'
                    when 'status_check' then 'A match is pending, accepted, declined or expired'
                    when 'both_check' then 'This match is accepted once both people have accepted it'
                    when 'response_check' then 'An accepted or declined match says which of the two answered, and when'
                end;
        end if;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard() is
'Trigger: the states of a match. pending to accepted, declined or expired, all three terminal. Holds for direct SQL. No CHECK
constraints: every write would parse their text. tg_wingman_matches__guard_rest checks what an answer does not touch.';
revoke all on function wingman.tg_wingman_matches__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_match before update of status, responded_by, responded_at on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard();

-- drop: sql/matching/matches/tg_wingman_matches__guard_rest.sql
drop trigger guard_rest on public.wingman_matches;

-- file: sql/matching/matches/tg_wingman_matches__guard_rest.sql
create or replace function wingman.tg_wingman_matches__guard_rest()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    _broken := case
        when new.id <> old.id or new.user1_id <> old.user1_id or new.user2_id <> old.user2_id
            or new.searched_by is distinct from old.searched_by
            then 'participants'
        when (new.ended_at, new.ended_by) is distinct from (old.ended_at, old.ended_by)
            and (old.ended_at is not null or old.status <> 'accepted')
            then 'ended'
        when new.needs_both <> old.needs_both then 'acceptance'
        when (new.first_accepted_by, new.first_accepted_at) is distinct from (old.first_accepted_by, old.first_accepted_at)
            and (
                old.first_accepted_by is not null
                or old.status <> 'pending'
                or not old.needs_both
                or new.first_accepted_at is null
                or (new.first_accepted_by in (new.user1_id, new.user2_id)) is not true
            )
            then 'first_accept'
        when new.ended_by is not null and (new.ended_at is null or new.ended_by not in (new.user1_id, new.user2_id))
            then 'ended_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'participants' then 'The participants of a match never change'
                when 'acceptance' then 'Whether a match takes both accepts never changes'
                when 'first_accept' then 'One of the two people accepts first, once, while a match that takes both is pending'
                when 'ended' then 'Only an accepted match ends, and only once'
                when 'ended_check' then 'Only an accepted match ends, and by one of the two, if by anybody'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard_rest() is
'Trigger: the two people of a match never change, nor does whether it takes both accepts; one of them can accept
such a match first, and an accepted match can end once. Fires for these columns only, so that it
costs an answer nothing.';
revoke all on function wingman.tg_wingman_matches__guard_rest() from public, anon, authenticated, service_role;

create or replace trigger guard_rest
before update of
id, user1_id, user2_id, searched_by, ended_at, ended_by, distance_miles, created_at, expires_at, needs_both, first_accepted_by,
first_accepted_at
on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard_rest();

-- drop: sql/matching/matches/tg_wingman_matches__track_insert.sql
drop trigger track_insert on public.wingman_matches;

-- file: sql/matching/matches/tg_wingman_matches__track_insert.sql
create or replace function wingman.tg_wingman_matches__track_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
    _taken integer;
begin
    _broken := case
        when new.status <> 'pending' then 'transition'
        when new.responded_by is not null or new.responded_at is not null
            or new.first_accepted_by is not null or new.first_accepted_at is not null
            then 'response_check'
        when new.ended_at is not null or new.ended_by is not null then 'ended_check'
        when new.user1_id >= new.user2_id then 'user_order_check'
        when new.searched_by not in (new.user1_id, new.user2_id) then 'searched_by_check'
        when new.distance_miles < 1 then 'distance_check'
        when new.expires_at <= new.created_at then 'expiry_check'
    end;
    if _broken is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_' || _broken,
            message = case _broken
                when 'transition' then format('A match cannot go from nothing to %s', new.status)
                when 'response_check' then 'A new match is not answered'
                when 'ended_check' then 'A new match has not ended'
                when 'user_order_check' then 'The smaller id is user1'
                when 'searched_by_check' then 'One of the two has searched'
                when 'distance_check' then 'Distances are shown as 1 mile or more'
                when 'expiry_check' then 'A match expires after it was made'
            end;
    end if;

    update wingman.matchmaking_pool as s
    set
        pending_match_id = new.id,
        pending_buddy_id = case when s.user_id = new.user1_id then new.user2_id else new.user1_id end,
        pending_until = new.expires_at,
        exposures = case when s.user_id <> new.searched_by then s.exposures || statement_timestamp() else s.exposures end
    where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id is null;
    get diagnostics _taken = row_count;
    if _taken <> 2 then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_matches_one_pending',
            message = 'Both people must be matchable and have no other pending match';
    end if;
    return null;
end
$$;

comment on function wingman.tg_wingman_matches__track_insert() is
'Trigger: puts a new match into matchmaking_pool, where nobody may have two, and notes who was found by whom';
revoke all on function wingman.tg_wingman_matches__track_insert() from public, anon, authenticated, service_role;

create or replace trigger track_insert after insert on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__track_insert();

-- drop: sql/matching/matches/tg_wingman_matches__track.sql
drop trigger track_match on public.wingman_matches;

-- file: sql/matching/matches/tg_wingman_matches__track.sql
create or replace function wingman.tg_wingman_matches__track()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- no operator, which would cost each answer a look-up: by tg_wingman_matches__guard, this is accepted or declined
    if old.responded_at is null and new.responded_at is not null then
        -- a person who was declined keeps their waiting time; for everybody else it starts again
        update wingman.matchmaking_pool as s
        set
            pending_match_id = null,
            pending_buddy_id = null,
            pending_until = null,
            waiting_since = case
                when new.status = 'declined' and s.user_id <> new.responded_by then s.waiting_since
                else statement_timestamp()
            end,
            unanswered_offers = case when s.user_id = new.responded_by then 0 else s.unanswered_offers end
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif tg_op = 'DELETE' then
        update wingman.matchmaking_pool as s
        set pending_match_id = null, pending_buddy_id = null, pending_until = null
        where s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    elsif new.status = 'pending' then
        -- expires_at was changed by hand
        update wingman.matchmaking_pool as s
        set pending_until = new.expires_at
        where s.user_id in (new.user1_id, new.user2_id) and s.pending_match_id = new.id;
    elsif new.status = 'expired' and old.status = 'pending' then
        update wingman.matchmaking_pool as s
        set
            pending_match_id = null,
            pending_buddy_id = null,
            pending_until = null,
            waiting_since = case when a.has_accepted then s.waiting_since else statement_timestamp() end,
            unanswered_offers = a.unanswered_offers,
            paused = s.paused or a.unanswered_offers >= t.ghosting_limit,
            paused_automatically = s.paused_automatically or (not s.paused and a.unanswered_offers >= t.ghosting_limit)
        from wingman.settings as t
        cross join wingman.matchmaking_pool as p
        cross join lateral (
            -- who has accepted first has answered
            select
                coalesce(p.user_id = new.first_accepted_by, false) as has_accepted,
                case when p.user_id = new.first_accepted_by then 0 else p.unanswered_offers + 1 end as unanswered_offers
        ) as a
        where p.user_id = s.user_id
            and s.user_id in (old.user1_id, old.user2_id) and s.pending_match_id = old.id;
    end if;
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__track() is
'Trigger: keeps the pending match in matchmaking_pool, so that nobody ever has two pending matches, direct SQL included; counts
who was found by whom; restarts waiting times: for the decliner, and for both after an acceptance or an expiry, but not for somebody who
had accepted a match that took both; pauses anybody who has let settings.ghosting_limit offers in a row expire.';
revoke all on function wingman.tg_wingman_matches__track() from public, anon, authenticated, service_role;

-- its name sorts after that of the trigger journal: the outcome of a match comes before a pause that follows from it
create or replace trigger track_match after delete or update of status, expires_at on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__track();

-- drop: sql/reputation/tg_user_profiles__return.sql
drop trigger begin_from_ledger on public.user_profiles;

-- file: sql/reputation/tg_user_profiles__return.sql
create or replace function wingman.tg_user_profiles__return()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _sums record;
begin
    -- whoever left has at least the entry that says so
    if not exists (select from wingman.reputation_events as e where e.user_id = new.id) then
        return null;
    end if;

    select d.ledger_completed_sessions, d.ledger_no_shows
    into _sums
    from wingman.reputation_differences as d
    where d.user_id = new.id and (d.ledger_completed_sessions, d.ledger_no_shows) <> (0, 0);
    if found then
        update public.user_profiles as p
        set
            completed_sessions = _sums.ledger_completed_sessions,
            no_shows = _sums.ledger_no_shows,
            reputation_score = wingman.reputation_score(_sums.ledger_completed_sessions, _sums.ledger_no_shows)
        where p.id = new.id;
        insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
        values (new.id, 'returned', wingman.reputation_delta('returned'), _sums.ledger_completed_sessions, _sums.ledger_no_shows);
    end if;

    -- while this person was away, there was no profile that could have counted a no-show which operators upheld: absent may be either of the two, also one who is not reported
    perform wingman.record_reputation(
        s.id, 'no_show', new.id, case new.id when s.user1_id then s.user2_id else s.user1_id end, both_people => false
    )
    from wingman.operator_decisions as d
    inner join public.wingman_sessions as s on s.id = d.subject_id
    where d.kind = 'no_show_upheld'
        and d.subject_id in (
            select r.session_id
            from wingman.no_show_reports as r
            where r.accused_id = new.id or r.reporter_id = new.id
        )
        and d.details -> 'absent_user_ids' ? new.id::text
        and not exists (
            select
            from wingman.reputation_events as g
            where g.user_id = new.id and g.session_id = s.id and g.kind = 'no_show'
        )
    order by d.id;
    -- nor one from which to take back what they reverted
    perform wingman.record_reputation(
        g.session_id,
        case g.kind when 'completed' then 'completion_reverted' else 'no_show_reverted' end,
        g.user_id,
        g.buddy_id,
        both_people => false
    )
    from wingman.reputation_events as g
    inner join public.wingman_sessions as s on s.id = g.session_id and s.reverted_at is not null
    where g.user_id = new.id and g.kind in ('completed', 'no_show') and not exists (
        select
        from wingman.reputation_events as r
        where r.user_id = new.id and r.session_id = g.session_id and r.kind in ('completion_reverted', 'no_show_reverted')
    )
    order by g.id;
    return null;
end
$$;

comment on function wingman.tg_user_profiles__return() is
'Trigger: whoever comes back by the same id begins from the sums of the ledger, which says so, less what operators took back
and with the no-shows that they upheld meanwhile';
revoke all on function wingman.tg_user_profiles__return() from public, anon, authenticated, service_role;

create or replace trigger begin_from_ledger after insert on public.user_profiles
for each row execute function wingman.tg_user_profiles__return();

-- drop: sql/journal/tg_wingman_matches__journal.sql
drop trigger journal on public.wingman_matches;
drop trigger refuse_truncate on public.wingman_matches;

-- file: sql/journal/tg_wingman_matches__journal.sql
create or replace function wingman.tg_wingman_matches__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _before jsonb;
    _after jsonb;
begin
    -- What calls do comes first, with as few operators as possible: each costs a look-up in every call. An array compares several
    -- columns with one.
    if new.status <> old.status and array[new.expires_at, new.created_at] = array[old.expires_at, old.created_at] then
        insert into wingman.events (kind, match_id, user_id)
        values ('match_' || new.status, new.id, new.responded_by);
        return new;
    elsif array[new.expires_at, new.created_at] = array[old.expires_at, old.created_at] then
        if old.first_accepted_by is null and new.first_accepted_by is not null then
            insert into wingman.events (kind, match_id, user_id)
            values ('match_first_accepted', new.id, new.first_accepted_by);
        elsif new.ended_at is distinct from old.ended_at then
            insert into wingman.events (kind, match_id, user_id, details)
            values (
                'match_ended',
                new.id,
                new.ended_by,
                case when new.ended_at <> statement_timestamp() then jsonb_build_object('ended_at', new.ended_at) end
            );
        end if;
        return new;
    end if;

    _before := wingman.match_state(old.status, old.responded_by, old.expires_at, old.ended_at);
    if tg_op = 'UPDATE' then
        _after := wingman.match_state(new.status, new.responded_by, new.expires_at, new.ended_at);
        if new.created_at <> old.created_at then
            _before := _before || jsonb_build_object('created_at', old.created_at);
            _after := _after || jsonb_build_object('created_at', new.created_at);
        end if;
    end if;
    insert into wingman.events (kind, match_id, details)
    values (
        case tg_op when 'DELETE' then 'match_deleted' else 'changed_by_hand' end,
        old.id,
        wingman.change_by_hand(_before, _after)
    );
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__journal() is 'Trigger: writes what happens to a match to wingman.events';
revoke all on function wingman.tg_wingman_matches__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update or delete on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__journal();

create or replace trigger refuse_truncate before truncate on public.wingman_matches
for each statement execute function wingman.tg_any__refuse_truncate();

-- drop: sql/journal/tg_wingman_sessions__journal.sql
drop trigger journal on public.wingman_sessions;
drop trigger refuse_truncate on public.wingman_sessions;

-- file: sql/journal/tg_wingman_sessions__journal.sql
create or replace function wingman.tg_wingman_sessions__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _kind text;
    _before jsonb;
    _after jsonb;
begin
    -- What calls do comes first, with as few operators as possible: each costs a look-up in every call. An array compares several
    -- columns with one operator and treats nulls as equal. The comparison fails for an INSERT and a DELETE, where one of the two
    -- rows is null. The guards keep cancelled_by from changing here.
    if array[new.scheduled_time, new.reverted_at] = array[old.scheduled_time, old.reverted_at]
        and (
            (new.user1_completed_confirmed_by_user2 and not old.user1_completed_confirmed_by_user2)
            or (new.user2_completed_confirmed_by_user1 and not old.user2_completed_confirmed_by_user1)
        )
        and new.status in (old.status, 'completed')
    then
        insert into wingman.events (kind, match_id, session_id, user_id)
        values (
            case new.status when old.status then 'session_confirmed' else 'session_completed' end,
            new.match_id,
            new.id,
            -- null if both flags were set by hand at once
            case
                when old.user1_completed_confirmed_by_user2 or not new.user1_completed_confirmed_by_user2 then new.user1_id
                when old.user2_completed_confirmed_by_user1 or not new.user2_completed_confirmed_by_user1 then new.user2_id
            end
        );
        return new;
    elsif array[new.scheduled_time, new.reverted_at] = array[old.scheduled_time, old.reverted_at]
        and array[new.user1_completed_confirmed_by_user2, new.user2_completed_confirmed_by_user1]
        = array[old.user1_completed_confirmed_by_user2, old.user2_completed_confirmed_by_user1]
        and new.status <> old.status
        and old.is_active
    then
        insert into wingman.events (kind, match_id, session_id, user_id)
        values (
            case new.status when 'in_progress' then 'session_started' else 'session_' || new.status end,
            new.match_id,
            new.id,
            case new.status when 'in_progress' then new.started_by when 'cancelled' then new.cancelled_by end
        );
        return new;
    end if;

    _kind := case
        when tg_op = 'DELETE' then 'session_deleted'
        when (
            new.status,
            new.scheduled_time,
            new.user1_completed_confirmed_by_user2,
            new.user2_completed_confirmed_by_user1,
            new.cancelled_by,
            new.reverted_at
        )
            is not distinct from (
                old.status,
                old.scheduled_time,
                old.user1_completed_confirmed_by_user2,
                old.user2_completed_confirmed_by_user1,
                old.cancelled_by,
                old.reverted_at
            )
            then case
                when new.proposed_at <> old.proposed_at then 'session_moved'
                when new.agreed_at <> old.agreed_at or (new.agreed_at is not null and old.agreed_at is null) then 'session_agreed'
            end
        when old.status = 'cancelled' and new.status = 'no_show' and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_no_show'
        when new.user1_completed_confirmed_by_user2 <> old.user1_completed_confirmed_by_user2
            or new.user2_completed_confirmed_by_user1 <> old.user2_completed_confirmed_by_user1
            then 'changed_by_hand'
        when new.status = old.status
            and new.scheduled_time <> old.scheduled_time
            and new.reverted_at is not distinct from old.reverted_at
            and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_moved'
        when new.status = old.status
            and new.scheduled_time = old.scheduled_time
            and new.reverted_at is not null
            and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_reverted'
        else 'changed_by_hand'
    end;
    if _kind is null then
        return new;
    elsif _kind in ('session_deleted', 'changed_by_hand') then
        _before := wingman.session_state(
            old.status,
            old.scheduled_time,
            old.user1_completed_confirmed_by_user2,
            old.user2_completed_confirmed_by_user1,
            old.cancelled_by,
            old.reverted_at
        );
        if tg_op = 'DELETE' and old.status = 'completed' then
            -- otherwise a statistic of the last day would not know which completion is gone
            _before := _before || jsonb_build_object('completed_at', old.completed_at);
        end if;
    end if;
    if _kind = 'changed_by_hand' then
        _after := wingman.session_state(
            new.status,
            new.scheduled_time,
            new.user1_completed_confirmed_by_user2,
            new.user2_completed_confirmed_by_user1,
            new.cancelled_by,
            new.reverted_at
        );
    end if;
    insert into wingman.events (kind, match_id, session_id, user_id, details)
    values (
        _kind,
        coalesce(new.match_id, old.match_id),
        coalesce(new.id, old.id),
        case
            when _kind = 'session_agreed' then new.agreed_by
            -- null if only the time was changed, by hand
            when _kind = 'session_moved' and new.proposed_at <> old.proposed_at then new.proposed_by
        end,
        case
            when _before is not null then wingman.change_by_hand(_before, _after)
            when _kind = 'session_moved' then jsonb_build_object(
                'scheduled_time', new.scheduled_time, 'scheduled_time_before', old.scheduled_time
            )
            when _kind = 'session_reverted' and new.reverted_at <> statement_timestamp() then jsonb_build_object(
                'reverted_at', new.reverted_at
            )
            when _kind = 'session_no_show' then jsonb_build_object('status_before', old.status)
        end
    );
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__journal() is 'Trigger: writes what happens to a session to wingman.events';
revoke all on function wingman.tg_wingman_sessions__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update or delete on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__journal();

create or replace trigger refuse_truncate before truncate on public.wingman_sessions
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_no_show_reports__journal.sql
create or replace function wingman.tg_no_show_reports__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' or new.status <> old.status then
        insert into wingman.events (kind, match_id, session_id, user_id)
        select
            k.kind,
            s.match_id,
            s.id,
            case
                when k.kind in ('no_show_reported', 'no_show_withdrawn') then new.reporter_id
                when k.kind in ('no_show_admitted', 'no_show_contested') then new.accused_id
            end
        from public.wingman_sessions as s
        cross join unnest(array[
            case tg_op when 'INSERT' then 'no_show_reported' end,
            case when new.status <> 'open' then 'no_show_' || new.status end
        ]) with ordinality as k (kind, place)
        where s.id = new.session_id and k.kind is not null
        order by k.place;
    end if;
    return null;
end
$$;

comment on function wingman.tg_no_show_reports__journal() is
'Trigger: writes what becomes of a report of a no-show to wingman.events';
revoke all on function wingman.tg_no_show_reports__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or update on wingman.no_show_reports
for each row execute function wingman.tg_no_show_reports__journal();

create or replace trigger refuse_truncate before truncate on wingman.no_show_reports
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_suspensions__journal.sql
create or replace function wingman.tg_suspensions__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    values (
        case tg_op when 'DELETE' then 'suspension_lifted' else 'user_suspended' end,
        coalesce(new.user_id, old.user_id),
        case when tg_op <> 'DELETE' then jsonb_build_object('until', new.ends_at) end
    );
    return null;
end
$$;

comment on function wingman.tg_suspensions__journal() is 'Trigger: writes who is suspended, and who no longer is, to
wingman.events';
revoke all on function wingman.tg_suspensions__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or delete or update on wingman.suspensions
for each row execute function wingman.tg_suspensions__journal();

create or replace trigger refuse_truncate before truncate on wingman.suspensions
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/drop_event_partitions.sql
create or replace function wingman.drop_event_partitions(max_months integer default null)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- a transaction that waits for this table blocks those that queue behind it
set lock_timeout = '500ms'
as $$
declare
    _refused integer;
    _names text[];
    _name text;
    _month timestamptz;
    _dropped integer := 0;
begin
    _refused := wingman.refused_event_partitions(drop_event_partitions.max_months);
    if _refused > 0 then
        raise warning '% months of the journal are due to be dropped at once: none was', _refused
            using hint = format(
                'If the clock of the server is right: select wingman.drop_event_partitions(max_months => %s);', _refused
            );
        return 0;
    end if;
    _names := wingman.due_event_partitions();
    foreach _name in array _names loop
        perform pg_advisory_xact_lock(hashtextextended('wingman.events', 0));
        -- dropped by the last holder of that lock
        continue when to_regclass('wingman.' || _name) is null;
        _month := to_timestamp(right(_name, 7), 'YYYY_MM');
        continue when not wingman.is_read_by_all(_month, _month + interval '1 month' - interval '1 microsecond');
        -- waits for those who have written to it and not committed yet
        lock table only wingman.events in access exclusive mode;
        continue when not wingman.is_read_by_all(_month, _month + interval '1 month' - interval '1 microsecond');
        execute format('drop table wingman.%I', _name);
        delete from wingman.user_events as u where u.occurred_at >= _month and u.occurred_at < _month + interval '1 month';
        _dropped := _dropped + 1;
    end loop;
    return _dropped;
exception
    when lock_not_available or deadlock_detected then
        return 0;
end
$$;

comment on function wingman.drop_event_partitions(integer) is
'Drops wingman.due_event_partitions() as far as every one of wingman.readers has read them. Returns how many; 0 also if another
transaction holds the table: call it again later. While more than max_months are due (by default settings.journal_drop_limit), it
drops none and raises a warning: a wrong clock shall not cost the history. From the first drop to the end of the transaction,
nobody can write state changes.';
revoke all on function wingman.drop_event_partitions(integer) from public, anon, authenticated, service_role;

-- file: sql/journal/session_changes.sql
create or replace function wingman.session_changes(events wingman.events[])
returns table (
    match_id uuid,
    held_at timestamptz,
    status text,
    is_reverted boolean,
    settled_at timestamptz,
    change integer
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    with told as (
        select
            e.kind,
            e.match_id,
            e.occurred_at,
            e.details,
            -- the time never changes after a session has ended, so the row, or once it is deleted what was kept of it, still
            -- says it
            coalesce(s.scheduled_time, (g.before ->> 'scheduled_time')::timestamptz) as scheduled_time,
            coalesce(s.status, g.before ->> 'status') as status,
            coalesce(s.completed_at, (g.before ->> 'completed_at')::timestamptz) as completed_at,
            -- for a session that was deleted afterwards
            case when e.kind = 'session_deleted' and e.details -> 'before' ->> 'status' = 'no_show' then (
                select n.occurred_at
                from wingman.events as n
                where n.match_id = e.match_id
                    and n.session_id = e.session_id
                    and (n.kind = 'session_no_show' or (n.kind = 'changed_by_hand' and n.details -> 'after' ->> 'status' = 'no_show'))
                order by n.id
                limit 1
            ) end as marked_at
        from unnest(session_changes.events) as e
        left join public.wingman_sessions as s
            on e.session_id = s.id
            and e.kind in ('session_completed', 'session_cancelled', 'session_no_show', 'session_reverted', 'changed_by_hand')
        left join lateral (
            select d.details -> 'before' as before
            from wingman.events as d
            where s.id is null
                and e.kind in ('session_completed', 'session_cancelled', 'session_no_show', 'session_reverted', 'changed_by_hand')
                and d.match_id = e.match_id
                and d.session_id = e.session_id
                and d.kind = 'session_deleted'
        ) as g on true
        where e.kind in (
            'session_scheduled',
            'session_moved',
            'session_completed',
            'session_cancelled',
            'session_no_show',
            'session_reverted',
            'session_deleted',
            'changed_by_hand'
        )
        and e.session_id is not null
    )

    select t.match_id, c.held_at, c.status, c.is_reverted, c.settled_at, c.change
    from told as t
    cross join lateral (
        select
            t.details -> 'before' as before,
            t.details -> 'after' as after
    ) as d
    cross join lateral (
        -- the state before, for every kind but the first
        select
            case t.kind
                when 'session_moved' then (t.details ->> 'scheduled_time_before')::timestamptz
                when 'changed_by_hand' then (d.before ->> 'scheduled_time')::timestamptz
                when 'session_deleted' then (d.before ->> 'scheduled_time')::timestamptz
                else t.scheduled_time
            end as held_at,
            case
                when t.kind in ('changed_by_hand', 'session_deleted') then d.before ->> 'status'
                when t.kind = 'session_reverted' then t.status
                -- a no-show may have been cancelled first
                when t.kind = 'session_no_show' then coalesce(t.details ->> 'status_before', 'scheduled')
                else 'scheduled'
            end as status,
            d.before ->> 'reverted_at' is not null as is_reverted,
            case when t.kind = 'session_deleted' then
                case d.before ->> 'status' when 'completed' then (d.before ->> 'completed_at')::timestamptz when 'no_show' then t.marked_at end
            end as settled_at,
            -1 as change
        where t.kind <> 'session_scheduled'
        union all
        -- the state afterwards, for every kind but the last
        select
            case
                when t.kind in ('session_scheduled', 'session_moved') then (t.details ->> 'scheduled_time')::timestamptz
                when t.kind = 'changed_by_hand' then (d.after ->> 'scheduled_time')::timestamptz
                else t.scheduled_time
            end,
            case
                when t.kind = 'changed_by_hand' then d.after ->> 'status'
                when t.kind = 'session_reverted' then t.status
                when t.kind in ('session_completed', 'session_cancelled', 'session_no_show') then substr(t.kind, 9)
                else 'scheduled'
            end,
            t.kind = 'session_reverted' or d.after ->> 'reverted_at' is not null,
            case
                when t.kind = 'session_completed' then t.completed_at
                when t.kind = 'session_no_show' then t.occurred_at
                when t.kind = 'changed_by_hand' and d.before ->> 'status' <> d.after ->> 'status' then
                    case d.after ->> 'status' when 'completed' then t.completed_at when 'no_show' then t.occurred_at end
            end,
            1
        where t.kind <> 'session_deleted'
    ) as c;
end
$$;

comment on function wingman.session_changes(wingman.events[]) is
'What events change about sessions: for each event, minus the state before and plus the state after; the order of events does not
matter for the sums. match_id: the session''s match; held_at, status, is_reverted: its time, status, and whether that was taken
back;
settled_at: for an event that completes a session, marks a no-show or deletes such a session, when it was settled; else null';
revoke all on function wingman.session_changes(wingman.events[]) from public, anon, authenticated, service_role;

-- file: sql/matching/search/create_automatic_match.sql
create or replace function wingman.create_automatic_match(max_radius_miles integer, user_id uuid, idempotency_key text)
returns public.automatic_match
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
-- an index scan takes the ids of two people in order, which is the lock order, and costs less than a bitmap and a sort
set enable_bitmapscan = off
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _own record;
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _seeker record;
    -- whether the transaction has locked no row yet
    _is_first_write boolean := pg_current_xact_id_if_assigned() is null;
    -- somebody locked, before the caller in the order of locks, for whom the next attempt waits
    _blocker_id uuid;
    -- whether the caller's own row is the only lock held
    _may_wait boolean;
    _radius integer;
    _search wingman.search_outcome;
begin
    for _attempt in 1..3 loop
        begin
            _call := wingman.begin_call(
                'create_automatic_match',
                create_automatic_match.user_id,
                create_automatic_match.idempotency_key,
                row(create_automatic_match.max_radius_miles)
            );
            if _call.response is not null then
                return jsonb_populate_record(null::public.automatic_match, _call.response);
            end if;
            _me := _call.user_id;
            _may_wait := _blocker_id is null;
            if _blocker_id is not null then
                perform wingman.lock_seekers(_blocker_id, _me);
            end if;

            if not wingman.is_valid_radius(create_automatic_match.max_radius_miles) then
                perform wingman.require_profile(_me);
                perform wingman.raise_error('invalid_radius');
            end if;

            -- locks the caller's row and reads everything else that is needed, in one statement
            select
                s as seeker,
                (select t from wingman.search_settings as t) as settings,
                s.paused
                or s.pending_match_id is not null
                or s.cooldown_until is not null
                or s.suspended
                or s.suspended_until is not null as needs_a_look,
                exists (select from wingman.due_matches) as has_due_matches
            into _own
            from wingman.matchmaking_pool as s
            where s.user_id = _me
            for no key update of s;
            if not found then
                perform wingman.require_profile(_me);
                perform wingman.raise_error('profile_incomplete');
            end if;
            _seeker := _own.seeker;

            if _seeker.pending_until > statement_timestamp() then
                _search.offer := wingman.pending_offer(_me);
                return wingman.end_call(_call, row(
                    true,
                    'You already have a pending wingman match',
                    (_search.offer).match_id,
                    (_search.offer).buddy_user_id,
                    (_search.offer).buddy_profile,
                    (_search.offer).distance_miles
                )::public.automatic_match);
            elsif _own.needs_a_look then
                perform wingman.require_not_suspended(_me);
                if _seeker.cooldown_until > statement_timestamp() then
                    perform wingman.raise_error(
                        'matching_cooldown', jsonb_build_object('until', wingman.utc_text(_seeker.cooldown_until))
                    );
                elsif _seeker.paused and not _seeker.paused_automatically then
                    perform wingman.raise_error('matching_paused');
                elsif _seeker.pending_match_id is not null then
                    _may_wait := false;
                    -- rows are locked by user_id: never wait for a buddy who comes before the caller
                    if _seeker.pending_buddy_id > _me then
                        perform wingman.lock_seekers(_seeker.pending_buddy_id);
                    else
                        perform
                        from wingman.matchmaking_pool as s
                        where s.user_id = _seeker.pending_buddy_id
                        for no key update skip locked;
                        if not found then
                            _blocker_id := _seeker.pending_buddy_id;
                            raise sqlstate 'WM001';
                        end if;
                    end if;
                    perform wingman.expire_match(_seeker.pending_match_id);
                end if;
                -- this expiry may have caused an automatic pause: a search ends that one as well
                _own.seeker := wingman.end_automatic_pause(_me);
                _seeker := _own.seeker;
            end if;
            _me := wingman.consume_rate_limit(
                _me, 'automatic_match', (_own.settings).automatic_match_cost, (_own.settings).automatic_match_burst
            );
            if _own.has_due_matches and (wingman.settle_due_matches((_own.settings).settle_limit)).tried > 0 then
                _may_wait := false;
            end if;

            _radius := coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles);
            _search := wingman.match_nearest(_own.seeker, _radius, _may_wait, _own.settings);

            if (_search.offer).match_id is not null then
                return wingman.end_call(_call, row(
                    true,
                    'Wingman buddy match created successfully!',
                    (_search.offer).match_id,
                    (_search.offer).buddy_user_id,
                    (_search.offer).buddy_profile,
                    (_search.offer).distance_miles
                )::public.automatic_match);
            elsif _search.contended then
                _blocker_id := (wingman.find_candidate(_own.seeker, _radius, _own.settings, '{}')).candidate.user_id;
                raise sqlstate 'WM001';
            end if;
            return wingman.end_call(
                _call,
                row(
                    false,
                    'No compatible wingman buddies found within ' || _radius || ' miles. Try expanding your search radius.',
                    null,
                    null,
                    null,
                    null
                )::public.automatic_match
            );
        exception
            when sqlstate 'WM001' then
                -- Everybody eligible is locked, and it is not the caller's turn to wait while holding a row. The rollback has let
                -- go of it, unless an earlier statement of the transaction locked it; so the next attempt waits first.
                if not _is_first_write or _attempt = 3 then
                    perform wingman.name_call('create_automatic_match', _call.user_id);
                    perform wingman.raise_error('busy');
                end if;
            when lock_not_available or deadlock_detected then
                perform wingman.name_call('create_automatic_match', coalesce(_call.user_id, create_automatic_match.user_id));
                perform wingman.raise_error('busy');
                return null;
        end;
    end loop;
    return null;
end
$$;

comment on function wingman.create_automatic_match(integer, uuid, text) is 'Engine of public.create_automatic_match';
revoke all on function wingman.create_automatic_match(integer, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.create_automatic_match(integer, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/matching/matches/respond_to_match.sql
create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid, idempotency_key text)
returns public.match_response
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
-- an index scan takes the ids of two people in order, which is the lock order, and costs less than a bitmap and a sort
set enable_bitmapscan = off
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _next wingman.offer;
    _answer text := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
begin
    _call := wingman.begin_call(
        'respond_to_match',
        respond_to_match.user_id,
        respond_to_match.idempotency_key,
        row(respond_to_match.match_id, respond_to_match.action)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_response, _call.response);
    end if;
    _me := _call.user_id;

    -- both seekers by user_id, as wingman.lock_seekers does, found and locked in one statement
    perform
    from wingman.matchmaking_pool as s
    where s.user_id = any((
        select array[m.user1_id, m.user2_id]
        from public.wingman_matches as m
        where m.id = respond_to_match.match_id and _me in (m.user1_id, m.user2_id)
    )::uuid[])
    order by s.user_id
    for no key update;

    -- This locks the match, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_matches as m
    set status = _answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = respond_to_match.match_id
        and _answer is not null
        and _me in (m.user1_id, m.user2_id)
        and wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = 'pending'
        and not m.needs_both;

    if not found then
        return wingman.end_call(
            _call, wingman.respond_otherwise(respond_to_match.match_id, respond_to_match.action, _answer, _me)
        );
    elsif _answer = 'accepted' then
        select wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) into _me from wingman.settings as t;
        return wingman.end_call(_call, wingman.match_answer('accepted', null, null, null));
    end if;
    _next := wingman.offer_next_match(_me);
    return wingman.end_call(
        _call, wingman.match_answer('declined', _next.match_id, _next.buddy_user_id, _next.buddy_profile)
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('respond_to_match', coalesce(_call.user_id, respond_to_match.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid, text) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/create_session.sql
create or replace function wingman.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text,
    user_id uuid,
    idempotency_key text
)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _session record;
begin
    _call := wingman.begin_call(
        'create_session',
        create_session.user_id,
        create_session.idempotency_key,
        row(
            create_session.match_id,
            create_session.scheduled_time at time zone 'UTC',
            create_session.venue_name,
            create_session.notes
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- whoever arranges or agrees to anything else meanwhile waits here, so the diary below is exact
    perform from wingman.matchmaking_pool as s where s.user_id = _me for no key update;
    -- The trigger guard_insert locks the match and checks, and a unique index knows of active sessions. What kept them from it is
    -- asked below.
    insert into public.wingman_sessions as s (match_id, scheduled_time, venue_name, notes, created_by, proposed_by)
    values (
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        _me,
        _me
    )
    returning wingman.session_details_of(s, _me) as details, s.id into _session;
    select wingman.consume_rate_limit(_me, 'create_session', t.create_session_cost, t.create_session_burst) into _me
    from wingman.settings as t
    where wingman.schedule_violation(create_session.scheduled_time, t.session_horizon) is null
        and wingman.conflicting_session(_me, create_session.scheduled_time, t.session_spacing, _session.id) is null;
    if not found then
        raise integrity_constraint_violation;
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when integrity_constraint_violation then
        perform wingman.name_call('create_session', coalesce(_call.user_id, create_session.user_id));
        perform wingman.refuse_new_session(
            create_session.match_id, create_session.scheduled_time, create_session.venue_name, create_session.notes, _call.user_id
        );
        return null;
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('create_session', coalesce(_call.user_id, create_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.create_session(uuid, timestamptz, text, text, uuid, text) is 'Engine of public.create_session';
revoke all on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/sessions/agree_to_session.sql
create or replace function wingman.agree_to_session(
    session_id uuid,
    proposed_at timestamptz,
    user_id uuid,
    idempotency_key text
)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'agree_to_session',
        agree_to_session.user_id,
        agree_to_session.idempotency_key,
        row(agree_to_session.session_id, agree_to_session.proposed_at at time zone 'UTC')
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', agree_to_session.session_id is not null);

    return wingman.end_call(
        _call, wingman.settle_agreement(agree_to_session.session_id, agree_to_session.proposed_at, _call.user_id)
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('agree_to_session', coalesce(_call.user_id, agree_to_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.agree_to_session(uuid, timestamptz, uuid, text) is
'Engine of public.agree_to_session';
revoke all on function wingman.agree_to_session(uuid, timestamptz, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.agree_to_session(uuid, timestamptz, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/reschedule_session.sql
create or replace function wingman.reschedule_session(
    session_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    user_id uuid,
    idempotency_key text
)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'reschedule_session',
        reschedule_session.user_id,
        reschedule_session.idempotency_key,
        row(
            reschedule_session.session_id,
            reschedule_session.scheduled_time at time zone 'UTC',
            reschedule_session.venue_name
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', reschedule_session.session_id is not null);
    perform wingman.require_argument('scheduled_time', reschedule_session.scheduled_time is not null);
    perform wingman.refuse_session_violation(wingman.schedule_violation(reschedule_session.scheduled_time, t.session_horizon))
    from wingman.settings as t;
    perform wingman.refuse_violation(wingman.session_violation(reschedule_session.venue_name, null, null));

    return wingman.end_call(_call, wingman.move_session(
        reschedule_session.session_id, reschedule_session.scheduled_time, reschedule_session.venue_name, _call.user_id
    ));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('reschedule_session', coalesce(_call.user_id, reschedule_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.reschedule_session(uuid, timestamptz, text, uuid, text) is
'Engine of public.reschedule_session';
revoke all on function wingman.reschedule_session(uuid, timestamptz, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.reschedule_session(uuid, timestamptz, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/sessions/cancel_session.sql
create or replace function wingman.cancel_session(session_id uuid, reason text, user_id uuid, idempotency_key text)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _session record;
begin
    _call := wingman.begin_call(
        'cancel_session',
        cancel_session.user_id,
        cancel_session.idempotency_key,
        row(cancel_session.session_id, cancel_session.reason)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- If the reason is valid, this locks, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set
        status = 'cancelled',
        cancelled_by = _me,
        cancellation_reason = cancel_session.reason,
        cancelled_at = statement_timestamp()
    where s.id = cancel_session.session_id
        and _me in (s.user1_id, s.user2_id)
        and s.is_active
        and wingman.session_violation(null, null, cancel_session.reason) is null
    returning wingman.session_details_of(s, _me) as details, s.no_show_reported into _session;
    if not found then
        perform wingman.require_profile(_me);
        perform wingman.require_argument('session_id', cancel_session.session_id is not null);
        perform wingman.refuse_violation(wingman.session_violation(null, null, cancel_session.reason));
        return wingman.end_call(_call, wingman.refuse_session_change(cancel_session.session_id, 'cancelled', _me));
    elsif _session.no_show_reported then
        -- whoever cancels takes back what they reported
        perform wingman.drop_no_show_report(cancel_session.session_id, _me);
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('cancel_session', coalesce(_call.user_id, cancel_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.cancel_session(uuid, text, uuid, text) is 'Engine of public.cancel_session';
revoke all on function wingman.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/sessions/confirm_session_completion.sql
create or replace function wingman.confirm_session_completion(
    session_id uuid,
    buddy_user_id uuid,
    user_id uuid,
    idempotency_key text
)
returns public.session_confirmation
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
as $$
declare
    _call wingman.guarded_call;
    _session record;
begin
    _call := wingman.begin_call(
        'confirm_session_completion',
        confirm_session_completion.user_id,
        confirm_session_completion.idempotency_key,
        row(confirm_session_completion.session_id, confirm_session_completion.buddy_user_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_confirmation, _call.response);
    end if;

    -- This locks the session, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = s.user1_completed_confirmed_by_user2 or s.user2_id = _call.user_id,
        user2_completed_confirmed_by_user1 = s.user2_completed_confirmed_by_user1 or s.user1_id = _call.user_id,
        status = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1 then 'completed'
            else s.status
        end,
        completed_at = case
            when s.user1_completed_confirmed_by_user2 or s.user2_completed_confirmed_by_user1
                then statement_timestamp()
        end
    where s.id = confirm_session_completion.session_id
        and wingman.confirmation_obstacle(
            s.user1_id,
            s.user2_id,
            s.user1_completed_confirmed_by_user2,
            s.user2_completed_confirmed_by_user1,
            s.status,
            s.scheduled_time,
            _call.user_id,
            confirm_session_completion.buddy_user_id
        ) is null
    returning
        s.status,
        s.user1_id,
        s.user2_id,
        s.no_show_reported,
        (
            select wingman.consume_rate_limit(_call.user_id, 'confirm', t.confirm_cost, t.confirm_burst)
            from wingman.settings as t
        ) as user_id
    into _session;
    if not found then
        perform wingman.refuse_confirmation(
            confirm_session_completion.session_id, confirm_session_completion.buddy_user_id, _call.user_id
        );
    elsif _session.no_show_reported then
        -- whoever confirms takes back what they reported
        perform wingman.drop_no_show_report(confirm_session_completion.session_id, _call.user_id);
    end if;

    if _session.status <> 'completed' then
        return wingman.end_call(
            _call,
            row(
                true,
                'Completion confirmation recorded. Waiting for your buddy to confirm.',
                _session.status,
                false,
                false,
                0
            )::public.session_confirmation
        );
    end if;

    return wingman.end_call(
        _call,
        row(
            wingman.record_reputation(
                confirm_session_completion.session_id,
                'completed',
                _session.user1_id,
                _session.user2_id,
                both_people => true
            ) is not null,
            'Session completed! Both participants have confirmed completion and reputation was updated.',
            'completed',
            true,
            true,
            1
        )::public.session_confirmation
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('confirm_session_completion', coalesce(_call.user_id, confirm_session_completion.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_session_completion(uuid, uuid, uuid, text) is
'Engine of public.confirm_session_completion';
revoke all on function wingman.confirm_session_completion(uuid, uuid, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_session_completion(uuid, uuid, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/safety/report_user.sql
create or replace function wingman.report_user(subject_id uuid, reason text, user_id uuid, idempotency_key text)
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
    _subject_id uuid;
begin
    _call := wingman.begin_call(
        'report_user',
        report_user.user_id,
        report_user.idempotency_key,
        row(report_user.subject_id, report_user.reason)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('subject_id', report_user.subject_id is not null);
    perform wingman.require_argument('reason', report_user.reason is not null);
    perform wingman.refuse_violation(wingman.report_violation(report_user.reason));
    _subject_id := wingman.require_subject(report_user.subject_id, _me);

    -- first, as the profile is the last to be locked
    select wingman.consume_rate_limit(_me, 'report', t.report_cost, t.report_burst) into _me from wingman.settings as t;
    -- an erasure of the caller waits for this report and its answer, or the report finds nobody
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    insert into wingman.user_reports as r (reporter_id, subject_id, reason)
    values (_me, _subject_id, report_user.reason);
    return wingman.end_call(
        _call, row(true, 'Report received. To keep this user away from you as well, block them.')::public.acknowledgement
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('report_user', coalesce(_call.user_id, report_user.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_user(uuid, text, uuid, text) is 'Engine of public.report_user';
revoke all on function wingman.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/fairness/report_no_show.sql
create or replace function wingman.report_no_show(
    session_id uuid,
    reason text,
    note text,
    user_id uuid,
    idempotency_key text
)
returns public.no_show_report
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'report_no_show',
        report_no_show.user_id,
        report_no_show.idempotency_key,
        row(report_no_show.session_id, report_no_show.reason, report_no_show.note)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.no_show_report, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', report_no_show.session_id is not null);
    perform wingman.require_argument('reason', report_no_show.reason is not null);
    if report_no_show.reason not in ('did_not_come', 'came_too_late', 'left_early') then
        perform wingman.refuse_violation(
            row('reason', 'must be did_not_come, came_too_late or left_early')::wingman.violation
        );
    end if;
    perform wingman.refuse_violation(wingman.no_show_text_violation('note', report_no_show.note));

    return wingman.end_call(
        _call, wingman.make_no_show_report(report_no_show.session_id, report_no_show.reason, report_no_show.note, _call.user_id)
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('report_no_show', coalesce(_call.user_id, report_no_show.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.report_no_show(uuid, text, text, uuid, text) is
'Engine of public.report_no_show';
revoke all on function wingman.report_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.report_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/fairness/answer_no_show.sql
create or replace function wingman.answer_no_show(
    session_id uuid,
    action text,
    statement text,
    user_id uuid,
    idempotency_key text
)
returns public.no_show_report
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'answer_no_show',
        answer_no_show.user_id,
        answer_no_show.idempotency_key,
        row(answer_no_show.session_id, answer_no_show.action, answer_no_show.statement)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.no_show_report, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', answer_no_show.session_id is not null);
    perform wingman.require_argument('action', answer_no_show.action is not null);
    if answer_no_show.action not in ('admit', 'contest') then
        perform wingman.refuse_violation(row('action', 'must be admit or contest')::wingman.violation);
    end if;
    perform wingman.refuse_violation(wingman.no_show_text_violation('statement', answer_no_show.statement));

    return wingman.end_call(_call, wingman.settle_no_show_answer(
        answer_no_show.session_id,
        case answer_no_show.action when 'admit' then 'admitted' else 'contested' end,
        answer_no_show.statement,
        _call.user_id
    ));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('answer_no_show', coalesce(_call.user_id, answer_no_show.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.answer_no_show(uuid, text, text, uuid, text) is
'Engine of public.answer_no_show';
revoke all on function wingman.answer_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.answer_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/fairness/withdraw_no_show.sql
create or replace function wingman.withdraw_no_show(
    session_id uuid,
    user_id uuid,
    idempotency_key text
)
returns public.no_show_report
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
begin
    _call := wingman.begin_call(
        'withdraw_no_show',
        withdraw_no_show.user_id,
        withdraw_no_show.idempotency_key,
        row(withdraw_no_show.session_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.no_show_report, _call.response);
    end if;
    perform wingman.require_profile(_call.user_id);
    perform wingman.require_argument('session_id', withdraw_no_show.session_id is not null);

    return wingman.end_call(_call, wingman.take_back_no_show_report(withdraw_no_show.session_id, _call.user_id));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('withdraw_no_show', coalesce(_call.user_id, withdraw_no_show.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.withdraw_no_show(uuid, uuid, text) is
'Engine of public.withdraw_no_show';
revoke all on function wingman.withdraw_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.withdraw_no_show(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/fairness/list_no_show_reports.sql
create or replace function wingman.list_no_show_reports(session_id uuid, before uuid, page_size integer, user_id uuid)
returns setof public.no_show_report
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_no_show_reports.user_id), or_null => true);
begin
    perform wingman.check_page(list_no_show_reports.page_size);

    return query
    select d.*
    from (
        select r as report
        from wingman.no_show_reports as r
        where (r.reporter_id = _me or r.accused_id = _me)
            and (list_no_show_reports.session_id is null or r.session_id = list_no_show_reports.session_id)
            and (list_no_show_reports.before is null or r.id < list_no_show_reports.before)
        order by r.id desc
        limit list_no_show_reports.page_size
    ) as page
    cross join lateral wingman.no_show_report_of(page.report, _me) as d
    order by (page.report).id desc;
end
$$;

comment on function wingman.list_no_show_reports(uuid, uuid, integer, uuid) is
'Engine of public.list_no_show_reports';
revoke all on function wingman.list_no_show_reports(uuid, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_no_show_reports(uuid, uuid, integer, uuid) to authenticated, service_role, wingman_admin;

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
    ('user_exported', 'An operator exported somebody''s data', 'the user', null),
    ('user_erased', 'An operator erased somebody''s data', 'the user', null);
end
$$;

comment on function wingman.decision_kinds() is
'The vocabulary of operators'' decisions. kind: a value of wingman.operator_decisions.kind; meaning: what was decided; subject:
whom or what subject_id names, null for nothing; details: what wingman.operator_decisions.details holds, null for nothing.';
revoke all on function wingman.decision_kinds() from public, anon, authenticated, service_role;

-- file: sql/admin/require_known_user.sql
create or replace function wingman.require_known_user(user_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from public.user_profiles as p where p.id = require_known_user.user_id)
        and not exists (select from wingman.reputation_events as g where g.user_id = require_known_user.user_id)
    then
        perform wingman.raise_error('user_not_found');
    end if;
end
$$;

comment on function wingman.require_known_user(uuid) is
'Refuses a user who never had a profile; the ledger has an entry of everybody who left. Errors: user_not_found.';
revoke all on function wingman.require_known_user(uuid) from public, anon, authenticated, service_role;

-- drop: sql/admin/user_overview.sql
drop function wingman_admin.user_overview(uuid);

-- file: sql/admin/user_overview.sql
create or replace function wingman_admin.user_overview(user_id uuid)
returns table (
    id uuid,
    first_name text,
    experience_level text,
    city text,
    privacy_mode text,
    max_travel_miles integer,
    created_at timestamptz,
    matching text,
    waiting_since timestamptz,
    pending_match_id uuid,
    reputation_score integer,
    completed_sessions integer,
    no_shows integer,
    matches bigint,
    accepted_matches bigint,
    open_matches bigint,
    active_sessions bigint,
    reports_received bigint,
    undecided_reports bigint,
    reports_made bigint,
    blocks_made bigint,
    blocks_received bigint,
    decisions bigint,
    is_suspended boolean,
    suspended_until timestamptz,
    cooldown_until timestamptz,
    no_show_reports_received bigint,
    no_show_reports_made bigint
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
-- what belongs to one person is found by index
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
    perform wingman.require_argument('user_id', user_overview.user_id is not null);
    perform wingman.log_look('user_overview', user_overview.user_id);

    return query
    select
        g.user_id,
        p.first_name,
        p.experience_level,
        l.city,
        l.privacy_mode,
        l.max_travel_miles,
        p.created_at,
        case
            when p.id is null then 'departed'
            when b.user_id is not null then 'suspended'
            when s.user_id is null then 'no location'
            when s.pending_until > statement_timestamp() then 'has a pending match'
            when s.paused and s.paused_automatically then 'paused automatically'
            when s.paused then 'paused'
            else 'free'
        end,
        s.waiting_since,
        case when s.pending_until > statement_timestamp() then s.pending_match_id end,
        p.reputation_score,
        g.completed_sessions,
        g.no_shows,
        m.matches,
        m.accepted,
        m.open,
        m.active,
        r.received,
        r.undecided,
        (select count(*) from wingman.user_reports as o where o.reporter_id = user_overview.user_id),
        (select count(*) from public.user_blocks as b where b.blocker_id = user_overview.user_id),
        (select count(*) from public.user_blocks as b where b.blocked_id = user_overview.user_id),
        (select count(*) from wingman.operator_decisions as d where d.subject_id = user_overview.user_id),
        b.user_id is not null,
        b.ends_at,
        case
            when s.user_id is null then wingman.cooldown_until(g.user_id)
            when s.cooldown_until > statement_timestamp() then s.cooldown_until
        end,
        (select count(*) from wingman.no_show_reports as n where n.accused_id = user_overview.user_id),
        (select count(*) from wingman.no_show_reports as n where n.reporter_id = user_overview.user_id)
    from (
        select
            user_overview.user_id,
            coalesce(sum(e.completed_sessions), 0)::integer as completed_sessions,
            coalesce(sum(e.no_shows), 0)::integer as no_shows,
            count(*) as entries
        from wingman.reputation_events as e
        where e.user_id = user_overview.user_id
    ) as g
    cross join (
        select
            count(*) as matches,
            count(*) filter (where o.status = 'accepted') as accepted,
            count(*) filter (where o.status = 'accepted' and o.ended_at is null) as open,
            count(a.match_id) as active
        from (
            select m.id, m.status, m.ended_at
            from public.wingman_matches as m
            where m.user1_id = user_overview.user_id
            union all
            select m.id, m.status, m.ended_at
            from public.wingman_matches as m
            where m.user2_id = user_overview.user_id
        ) as o
        left join public.wingman_sessions as a on o.id = a.match_id and a.is_active
    ) as m
    cross join (
        select count(*) as received, count(*) filter (where o.decided_at is null) as undecided
        from wingman.user_reports as o
        where o.subject_id = user_overview.user_id
    ) as r
    left join public.user_profiles as p on g.user_id = p.id
    left join public.user_locations as l on g.user_id = l.user_id
    left join wingman.matchmaking_pool as s on g.user_id = s.user_id
    left join wingman.suspensions as b on g.user_id = b.user_id and (b.ends_at is null or b.ends_at > statement_timestamp())
    -- the ledger has an entry of everybody who ever had a profile and left
    where p.id is not null or g.entries > 0 or r.received > 0;
    if not found then
        perform wingman.raise_error('user_not_found');
    end if;
end
$$;

comment on function wingman_admin.user_overview(uuid) is
'A user on one row: profile, place as a city, matching, reputation, matches, sessions, reports, blocks and decisions.
matching: free, suspended, has a pending match, paused, paused automatically, no location, or departed for somebody whose data is gone.
open_matches: accepted and not ended. Never an exact place. The server''s log records who looks at whom.
Errors: missing_argument, user_not_found.';
revoke all on function wingman_admin.user_overview(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.user_overview(uuid) to wingman_admin, service_role;

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
comment on column wingman_admin.settings.value is 'Its value: a number, a duration, a list of durations, a word, or null';
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
                perform wingman.refuse_violation(row(_name, 'must be a whole number, a word, a duration or a list of durations, as it is now')::wingman.violation);
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
            report_period = _after.report_period
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

-- file: sql/admin/session_decisions.sql
create or replace view wingman_admin.session_decisions as
select
    d.subject_id as session_id,
    k.decision,
    d.reason,
    d.login as decided_by,
    d.decided_at as created_at,
    array(
        select e.user_id
        from wingman.reputation_events as e
        where e.user_id in (s.user1_id, s.user2_id) and e.session_id = d.subject_id and e.created_at = d.decided_at
        order by e.user_id
    ) as user_ids
from wingman.operator_decisions as d
inner join public.wingman_sessions as s on d.subject_id = s.id
cross join lateral replace(d.kind, 'session_', '') as k (decision)
where d.kind in ('session_no_show', 'session_reverted', 'session_cancelled', 'no_show_upheld', 'no_show_dismissed');

comment on view wingman_admin.session_decisions is
'What operators decided about sessions: who did not come, or was not found to be absent, what was taken back, what was
cancelled';
comment on column wingman_admin.session_decisions.session_id is 'The session';
comment on column wingman_admin.session_decisions.decision is
'no_show: mark_no_show; no_show_upheld, no_show_dismissed: decide_no_show; reverted: revert_completion; cancelled:
cancel_session';
comment on column wingman_admin.session_decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.session_decisions.decided_by is 'The login of the operator';
comment on column wingman_admin.session_decisions.created_at is 'When it was decided';
comment on column wingman_admin.session_decisions.user_ids is 'The people whose reputation it changed';

revoke all on table wingman_admin.session_decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.session_decisions to wingman_admin, service_role;

-- file: sql/admin/cancel_session.sql
create or replace function wingman_admin.cancel_session(session_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
begin
    perform wingman.begin_operation('cancel_session');
    perform wingman.require_argument('session_id', cancel_session.session_id is not null);
    perform wingman.require_argument('reason', cancel_session.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(cancel_session.reason));
    select s.* into _session from wingman.lock_session(cancel_session.session_id) as s;

    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    elsif not _session.is_active then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'cancelled', 'status', _session.status)
        );
    end if;

    perform wingman.record_decision('session_cancelled', _session.id, null, cancel_session.reason);
    update public.wingman_sessions as s set status = 'cancelled', cancelled_at = statement_timestamp() where s.id = _session.id;

    perform wingman.end_operation();
    return row(true, 'Session cancelled: the two people can arrange another one.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('cancel_session');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.cancel_session(uuid, text) is
'Cancels an active session on behalf of nobody; what either person confirmed stays, and no reputation changes.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions. The two people do not see it.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.cancel_session(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.cancel_session(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/mark_no_show.sql
create or replace function wingman_admin.mark_no_show(session_id uuid, absent_user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
begin
    perform wingman.begin_operation('mark_no_show');
    perform wingman.require_argument('session_id', mark_no_show.session_id is not null);
    perform wingman.require_argument('absent_user_id', mark_no_show.absent_user_id is not null);
    perform wingman.require_argument('reason', mark_no_show.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(mark_no_show.reason));
    perform wingman.session_buddy(mark_no_show.session_id, mark_no_show.absent_user_id);
    select s.* into _session from wingman.lock_no_show(mark_no_show.session_id) as s;

    if not _session.is_active then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'marked as a no-show', 'status', _session.status)
        );
    elsif _session.scheduled_time > statement_timestamp() then
        perform wingman.raise_error(
            'session_not_started', jsonb_build_object('time', wingman.utc_text(_session.scheduled_time))
        );
    end if;

    perform wingman.record_decision(
        'session_no_show',
        _session.id,
        jsonb_build_object('absent_user_id', mark_no_show.absent_user_id),
        mark_no_show.reason
    );
    perform wingman.close_no_show_reports(_session.id, array[mark_no_show.absent_user_id]);
    perform wingman.record_no_show(s, array[mark_no_show.absent_user_id])
    from public.wingman_sessions as s
    where s.id = _session.id;

    perform wingman.end_operation();
    return row(true, 'No-show recorded: the reputation of the absent user was updated.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('mark_no_show');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.mark_no_show(uuid, uuid, text) is
'Ends an active session, from its scheduled time on, because one of its two people did not come.
Sets status no_show, writes one entry to the ledger and adds 1 to no_shows of the absent person, who may get a cooldown; an earlier
confirmation stays. What either of the two has reported about this session is decided by it, whether or not it was answered.
wingman_admin.revert_completion takes it back. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, not_session_participant, invalid_session_state,
session_not_started, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.mark_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.mark_no_show(uuid, uuid, text) to wingman_admin, service_role;

-- file: sql/admin/no_show_queue.sql
create or replace view wingman_admin.no_show_queue as
select
    r.session_id,
    r.created_at,
    r.status,
    r.answer_by,
    r.decide_by,
    r.reporter_id,
    r.accused_id,
    r.reason,
    r.note,
    r.statement,
    s.scheduled_time,
    s.status as session_status,
    r.status = 'contested' or r.answer_by <= statement_timestamp() as can_be_decided,
    coalesce(p.no_shows, 0) as accused_no_shows,
    coalesce(q.no_shows, 0) as reporter_no_shows
from wingman.no_show_reports as r
inner join public.wingman_sessions as s on r.session_id = s.id
left join public.user_profiles as p on r.accused_id = p.id
left join public.user_profiles as q on r.reporter_id = q.id
where r.closed_at is null and r.decide_by > statement_timestamp()
order by r.decide_by asc, r.id asc;

comment on view wingman_admin.no_show_queue is
'The reports of no-shows that are not decided and have not lapsed, those that lapse first at the top: wingman_admin.decide_no_show
decides both reports of a session at once';
comment on column wingman_admin.no_show_queue.session_id is 'The session: decide_no_show takes it';
comment on column wingman_admin.no_show_queue.created_at is 'When it was reported';
comment on column wingman_admin.no_show_queue.status is 'open or contested';
comment on column wingman_admin.no_show_queue.answer_by is 'From then on it can be decided without an answer';
comment on column wingman_admin.no_show_queue.decide_by is 'When it lapses';
comment on column wingman_admin.no_show_queue.reporter_id is 'Who reports';
comment on column wingman_admin.no_show_queue.accused_id is 'Who is reported';
comment on column wingman_admin.no_show_queue.reason is 'did_not_come, came_too_late or left_early';
comment on column wingman_admin.no_show_queue.note is 'What the person who reports adds, for operators only';
comment on column wingman_admin.no_show_queue.statement is 'What the person reported says to it, for operators only';
comment on column wingman_admin.no_show_queue.scheduled_time is 'The time of the session';
comment on column wingman_admin.no_show_queue.session_status is 'Its status';
comment on column wingman_admin.no_show_queue.can_be_decided is 'Whether it was answered, or the time for an answer is over';
comment on column wingman_admin.no_show_queue.accused_no_shows is 'How many sessions the person reported has missed';
comment on column wingman_admin.no_show_queue.reporter_no_shows is 'How many sessions the person who reports has missed';

revoke all on table wingman_admin.no_show_queue from public, anon, authenticated, service_role;
grant select on table wingman_admin.no_show_queue to wingman_admin, service_role;

-- file: sql/admin/decide_no_show.sql
create or replace function wingman_admin.decide_no_show(session_id uuid, outcome text, absent_user_ids uuid[], reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
    _reports record;
    _absent uuid[] := array(
        select distinct a.user_id from unnest(decide_no_show.absent_user_ids) as a (user_id) order by a.user_id
    );
begin
    perform wingman.begin_operation('decide_no_show');
    perform wingman.require_argument('session_id', decide_no_show.session_id is not null);
    perform wingman.require_argument('outcome', decide_no_show.outcome is not null);
    perform wingman.require_argument('reason', decide_no_show.reason is not null);
    if decide_no_show.outcome not in ('uphold', 'dismiss') then
        perform wingman.refuse_violation(row('outcome', 'must be uphold or dismiss')::wingman.violation);
    elsif (decide_no_show.outcome = 'uphold') <> (cardinality(_absent) > 0) then
        perform wingman.refuse_violation(row('absent_user_ids', case decide_no_show.outcome
            when 'uphold' then 'must name who was absent'
            else 'must be empty or null where nobody was absent'
        end)::wingman.violation);
    end if;
    perform wingman.refuse_violation(wingman.decision_violation(decide_no_show.reason));
    select s.* into _session from wingman.lock_no_show(decide_no_show.session_id) as s;
    if not array[_session.user1_id, _session.user2_id] @> _absent then
        perform wingman.raise_error('not_session_participant');
    end if;

    select
        count(*) as made,
        count(*) filter (where u.is_undecided) as undecided,
        count(*) filter (where u.is_undecided and r.accused_id = any(_absent)) as about_absent,
        max(r.answer_by) filter (where u.is_undecided and r.status = 'open' and r.answer_by > statement_timestamp()) as answer_by,
        (array_agg(wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) order by r.id desc))[1] as status
    into _reports
    from wingman.no_show_reports as r
    cross join lateral (
        select wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested') as is_undecided
    ) as u
    where r.session_id = _session.id;
    if _reports.made = 0 then
        perform wingman.raise_error('no_show_not_found');
    elsif _reports.undecided = 0 then
        perform wingman.raise_error('no_show_already_decided', jsonb_build_object('status', _reports.status));
    elsif _reports.answer_by is not null then
        perform wingman.raise_error('no_show_answer_pending', jsonb_build_object('time', wingman.utc_text(_reports.answer_by)));
    elsif decide_no_show.outcome = 'uphold' and _reports.about_absent = 0 then
        perform wingman.refuse_violation(row('absent_user_ids', 'must name somebody who is reported')::wingman.violation);
    end if;

    perform wingman.record_decision(
        case decide_no_show.outcome when 'uphold' then 'no_show_upheld' else 'no_show_dismissed' end,
        _session.id,
        case decide_no_show.outcome when 'uphold' then jsonb_build_object('absent_user_ids', _absent) end,
        decide_no_show.reason
    );
    perform wingman.close_no_show_reports(_session.id, _absent);
    if decide_no_show.outcome = 'uphold' then
        perform wingman.record_no_show(s, _absent) from public.wingman_sessions as s where s.id = _session.id;
    end if;

    perform wingman.end_operation();
    return row(true, case decide_no_show.outcome
        when 'uphold' then 'No-show upheld: the reputation of who was absent was updated.'
        else 'Report dismissed: no reputation changes.'
    end)::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('decide_no_show');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.decide_no_show(uuid, text, uuid[], text) is
'Decides what the two people of a session report about each other''s absence: all of it at once, as long as it has not lapsed.
outcome: uphold or dismiss. absent_user_ids: for uphold, who was absent: one or both of the two, of whom at least one is reported; for
dismiss, null. An upheld no-show ends the session, also one that was cancelled after its time, writes the ledger and adds 1 to no_shows;
wingman_admin.revert_completion takes it back. A report that is not answered can be decided from answer_by on. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, not_session_participant, no_show_not_found, no_show_already_decided,
no_show_answer_pending, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.decide_no_show(uuid, text, uuid[], text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.decide_no_show(uuid, text, uuid[], text) to wingman_admin, service_role;

-- file: sql/admin/suspensions.sql
create or replace view wingman_admin.suspensions as
select
    b.user_id,
    b.created_at,
    b.ends_at
from wingman.suspensions as b
where wingman.is_suspended(b.ends_at is null, b.ends_at)
order by b.created_at desc, b.user_id asc;

comment on view wingman_admin.suspensions is 'Who is suspended: wingman_admin.suspend_user and lift_suspension change it';
comment on column wingman_admin.suspensions.user_id is 'The user';
comment on column wingman_admin.suspensions.created_at is 'Since when';
comment on column wingman_admin.suspensions.ends_at is 'Until when; null for without end';

revoke all on table wingman_admin.suspensions from public, anon, authenticated, service_role;
grant select on table wingman_admin.suspensions to wingman_admin, service_role;

-- file: sql/admin/suspend_user.sql
create or replace function wingman_admin.suspend_user(user_id uuid, until timestamptz, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('suspend_user');
    perform wingman.require_argument('user_id', suspend_user.user_id is not null);
    perform wingman.require_argument('reason', suspend_user.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(suspend_user.reason));
    if suspend_user.until <= statement_timestamp() or not isfinite(suspend_user.until) then
        perform wingman.refuse_violation(row('until', 'must be in the future, or null for without end')::wingman.violation);
    end if;
    -- who completes or erases this profile waits, or is waited for
    perform pg_advisory_xact_lock(wingman.profile_lock(suspend_user.user_id));
    perform wingman.require_known_user(suspend_user.user_id);

    perform wingman.record_decision(
        'user_suspended', suspend_user.user_id, jsonb_build_object('until', suspend_user.until), suspend_user.reason
    );
    perform wingman.leave_matches(suspend_user.user_id);
    insert into wingman.suspensions as b (user_id, ends_at)
    values (suspend_user.user_id, suspend_user.until)
    on conflict on constraint suspensions_pkey do update
    set
        ends_at = excluded.ends_at,
        -- one that is over goes on no longer
        created_at = case when b.ends_at <= statement_timestamp() then excluded.created_at else b.created_at end;

    perform wingman.end_operation();
    return row(true, 'User suspended: open matches and coming sessions have ended.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('suspend_user');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.suspend_user(uuid, timestamptz, text) is
'Suspends a user, who can then neither search, be found, answer matches, arrange sessions nor report no-shows.
until: when it ends by itself; null for without end. A user who is suspended gets the new end. A pending match is declined and accepted ones
end, as if the user had done it, with the sessions that are still to come; sessions whose time has come can be confirmed by both.
Outlives the account. reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.suspend_user(uuid, timestamptz, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.suspend_user(uuid, timestamptz, text) to wingman_admin, service_role;

-- file: sql/admin/lift_suspension.sql
create or replace function wingman_admin.lift_suspension(user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('lift_suspension');
    perform wingman.require_argument('user_id', lift_suspension.user_id is not null);
    perform wingman.require_argument('reason', lift_suspension.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(lift_suspension.reason));
    perform pg_advisory_xact_lock(wingman.profile_lock(lift_suspension.user_id));
    perform wingman.lock_seekers(lift_suspension.user_id);
    if not exists (
        select
        from wingman.suspensions as b
        where b.user_id = lift_suspension.user_id and wingman.is_suspended(b.ends_at is null, b.ends_at)
    ) then
        perform wingman.raise_error('user_not_suspended');
    end if;

    perform wingman.record_decision('suspension_lifted', lift_suspension.user_id, null, lift_suspension.reason);
    delete from wingman.suspensions as b where b.user_id = lift_suspension.user_id;

    perform wingman.end_operation();
    return row(true, 'Suspension lifted: the user can search and be found again.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('lift_suspension');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.lift_suspension(uuid, text) is
'Ends a suspension before its time; what it ended stays ended, and a cooldown goes on.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, user_not_suspended, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.lift_suspension(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.lift_suspension(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/revert_completion.sql
create or replace function wingman_admin.revert_completion(session_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
begin
    perform wingman.begin_operation('revert_completion');
    perform wingman.require_argument('session_id', revert_completion.session_id is not null);
    perform wingman.require_argument('reason', revert_completion.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(revert_completion.reason));
    select s.* into _session from wingman.lock_no_show(revert_completion.session_id) as s;

    if _session.reverted_at is not null then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reverted', 'status', 'reverted')
        );
    elsif _session.status not in ('completed', 'no_show') then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reverted', 'status', _session.status)
        );
    end if;

    perform wingman.record_decision('session_reverted', _session.id, null, revert_completion.reason);
    update public.wingman_sessions as s set reverted_at = statement_timestamp() where s.id = _session.id;
    if _session.status = 'completed' then
        perform wingman.record_reputation(
            _session.id, 'completion_reverted', _session.user1_id, _session.user2_id, both_people => true
        );
    else
        perform wingman.record_reputation(g.session_id, 'no_show_reverted', g.user_id, g.buddy_id, both_people => false)
        from wingman.reputation_events as g
        where g.user_id in (_session.user1_id, _session.user2_id) and g.session_id = _session.id and g.kind = 'no_show';
        update wingman.matchmaking_pool as s
        set cooldown_until = wingman.cooldown_until(s.user_id)
        where s.user_id in (_session.user1_id, _session.user2_id);
    end if;

    perform wingman.end_operation();
    return row(
        true,
        case _session.status
            when 'completed' then 'Completion reverted: neither reputation counts this session any more.'
            else 'No-show reverted: it does not count any more.'
        end
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('revert_completion');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.revert_completion(uuid, text) is
'Takes back what a completed session or a no-show did to reputations.
Writes reversing entries to the ledger, corrects the counters, lifts the cooldown that came of it and sets reverted_at; the status
stays. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state (also for a second revert), busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.revert_completion(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.revert_completion(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/waiting_seekers.sql
create or replace view wingman_admin.waiting_seekers as
with seekers as (
    select
        s.waiting_since,
        t.exposure_limit,
        case
            when s.waiting_since > statement_timestamp() - interval '1 hour' then 'up to an hour'
            when s.waiting_since > statement_timestamp() - interval '24 hours' then 'up to a day'
            when s.waiting_since > statement_timestamp() - interval '168 hours' then 'up to a week'
            else 'longer'
        end as waiting,
        (
            select count(*)
            from unnest(s.exposures) as e (found_at)
            where e.found_at > statement_timestamp() - t.exposure_window
        ) as exposures
    from wingman.matchmaking_pool as s
    cross join wingman.settings as t
    where s.pending_match_id is null and not s.paused and not s.suspended
)

select
    w.waiting,
    count(*) as people,
    statement_timestamp() - min(w.waiting_since) as longest,
    sum(w.exposures)::bigint as exposures,
    count(*) filter (where w.exposures = 0) as never_found,
    count(*) filter (where w.exposures >= w.exposure_limit) as at_exposure_limit
from seekers as w
group by w.waiting;

comment on view wingman_admin.waiting_seekers is
'How long those who could be matched now have been waiting, and how often they have been found meanwhile. Reads every seeker once
and no history, so its cost grows with the number of people';
comment on column wingman_admin.waiting_seekers.waiting is 'up to an hour, up to a day, up to a week, longer';
comment on column wingman_admin.waiting_seekers.people is 'How many are free and have waited that long';
comment on column wingman_admin.waiting_seekers.longest is 'The longest wait among them';
comment on column wingman_admin.waiting_seekers.exposures is
'How often the searches of others found them, within settings.exposure_window';
comment on column wingman_admin.waiting_seekers.never_found is 'How many were not found at all within that time';
comment on column wingman_admin.waiting_seekers.at_exposure_limit is
'How many cannot be found now because they were found settings.exposure_limit times';

revoke all on table wingman_admin.waiting_seekers from public, anon, authenticated, service_role;
grant select on table wingman_admin.waiting_seekers to wingman_admin, service_role;

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
from lags as g;

comment on view wingman_admin.metrics is
'Everything that wingman metrics shows, one number per row. It never reads the whole history: for the past it takes what the
readers have counted and what they have not read yet. Seekers and idempotency keys are counted one by one';
comment on column wingman_admin.metrics.metric is
'open: matches and sessions in progress; seekers: people who can be matched; sessions: those of the last thirty days by
outcome; last_day: completions and no-shows of the last 24 hours; funnel: matches offered within seven days, and
how far they have come; overdue_sessions; due_matches: lapsed and not settled; idempotency_keys; journal_default_rows: rows of
the journal outside every monthly partition, which should be 0; reader_events: what each reader has not read, counted up to
100000; reader_seconds: how long the oldest of that has been waiting';
comment on column wingman_admin.metrics.state is 'Which of them, or which reader; null if there is only one number';
comment on column wingman_admin.metrics.amount is 'How many';

revoke all on table wingman_admin.metrics from public, anon, authenticated, service_role;
grant select on table wingman_admin.metrics to wingman_admin, service_role;

-- file: sql/api/create_automatic_match.sql
create or replace function public.create_automatic_match(
    max_radius_miles integer default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.automatic_match
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_automatic_match(
        create_automatic_match.max_radius_miles,
        create_automatic_match.user_id,
        create_automatic_match.idempotency_key
    );
end
$$;

comment on function public.create_automatic_match(integer, uuid, text) is
'Finds the nearest compatible buddy and creates a pending match, or returns the caller''s pending match.
Compatible: experience levels at most one apart, within both people''s distances, not matched with each other in the last 7
days, no accepted match between them that has not ended, no block between them; people whom others have found too often lately
are left out, see wingman.settings. Closest first; ties: longer waiting, then smaller id. A search ends an automatic pause; during
a pause that the caller chose it is refused.
max_radius_miles: 1 to 100 whole miles; null: the caller''s max_travel_miles.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the pending match; success is false, without a match, when nobody was found, which is not an error.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_radius,
account_suspended, matching_cooldown, matching_paused, unsupported_isolation, read_only_transaction, idempotency_key_reused,
idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.create_automatic_match(integer, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.create_automatic_match(integer, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/respond_to_match.sql
create or replace function public.respond_to_match(
    match_id uuid,
    action text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.match_response
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.respond_to_match(
        respond_to_match.match_id,
        respond_to_match.action,
        respond_to_match.user_id,
        respond_to_match.idempotency_key
    );
end
$$;

comment on function public.respond_to_match(uuid, text, uuid, text) is
'Accepts or declines a pending match; one answer by either person decides.
A match with needs_both takes an accept of each: the first one leaves it pending, and until the second either of the two can still decline.
A decline also looks for the caller''s next match, in the same transaction. Repeating the answer changes nothing and returns the
current state.
match_id: a match of the caller.
action: one of match_answer: accept, decline.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the status of the match and, after a decline, the caller''s next match or null.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_action,
match_not_found, not_match_participant, account_suspended, match_expired, match_already_resolved, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/create_session.sql
create or replace function public.create_session(
    match_id uuid,
    scheduled_time timestamptz,
    venue_name text,
    notes text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.create_session(
        create_session.match_id,
        create_session.scheduled_time,
        create_session.venue_name,
        create_session.notes,
        create_session.user_id,
        create_session.idempotency_key
    );
end
$$;

comment on function public.create_session(uuid, timestamptz, text, text, uuid, text) is
'Schedules a session of an accepted match. A match has one active session at a time.
match_id: an accepted match of the caller that has not ended.
scheduled_time: in the future, at most 90 days ahead.
venue_name: 1 to 200 characters.
notes: at most 2000 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
invalid_schedule, match_not_found, not_match_participant, account_suspended, match_not_accepted, active_session_exists,
schedule_conflict, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
rate_limited, busy.';
revoke all on function public.create_session(uuid, timestamptz, text, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.create_session(uuid, timestamptz, text, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/api/agree_to_session.sql
create or replace function public.agree_to_session(
    session_id uuid,
    proposed_at timestamptz default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.agree_to_session(
        agree_to_session.session_id,
        agree_to_session.proposed_at,
        agree_to_session.user_id,
        agree_to_session.idempotency_key
    );
end
$$;

comment on function public.agree_to_session(uuid, timestamptz, uuid, text) is
'Agrees to the time and venue of a session that the buddy proposed, before its time.
Agreement is not needed to meet or to confirm; only who has arranged, agreed to or started a session can be reported for not coming. To
decline, cancel the session or propose something else with reschedule_session. Agreeing again changes nothing.
session_id: a session of the caller that the buddy arranged or moved.
proposed_at: proposed_at of the session that the caller saw, if the call should fail once the buddy has proposed something else.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session. The detail of proposal_changed carries the session under state, that of schedule_conflict the other session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, self_agreement, account_suspended, proposal_changed, invalid_session_state, session_time_passed,
schedule_conflict, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.agree_to_session(uuid, timestamptz, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.agree_to_session(uuid, timestamptz, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/reschedule_session.sql
create or replace function public.reschedule_session(
    session_id uuid,
    scheduled_time timestamptz,
    venue_name text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.reschedule_session(
        reschedule_session.session_id,
        reschedule_session.scheduled_time,
        reschedule_session.venue_name,
        reschedule_session.user_id,
        reschedule_session.idempotency_key
    );
end
$$;

comment on function public.reschedule_session(uuid, timestamptz, text, uuid, text) is
'Moves a scheduled session, before its time, to another time or venue, to which the buddy has to agree anew.
Either of the two can do it. The same time and venue again change nothing.
session_id: a session of the caller.
scheduled_time: in the future, at most 90 days ahead, and at least settings.session_spacing from other sessions in the caller''s diary.
venue_name: 1 to 200 characters; null keeps the venue.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the session. The detail of schedule_conflict names the other session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
invalid_schedule, session_not_found, not_session_participant, account_suspended, invalid_session_state, session_time_passed,
schedule_conflict, unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid,
rate_limited, busy.';
revoke all on function public.reschedule_session(uuid, timestamptz, text, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.reschedule_session(uuid, timestamptz, text, uuid, text)
to authenticated, service_role, wingman_admin;

-- file: sql/api/report_user.sql
create or replace function public.report_user(
    subject_id uuid,
    reason text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.report_user(
        report_user.subject_id,
        report_user.reason,
        report_user.user_id,
        report_user.idempotency_key
    );
end
$$;

comment on function public.report_user(uuid, text, uuid, text) is
'Reports another user to the operators. A report does not block; use block_user for that.
subject_id: the user to report.
reason: what happened, 1 to 2000 characters.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.report_user(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.report_user(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/report_no_show.sql
create or replace function public.report_no_show(
    session_id uuid,
    reason text,
    note text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.report_no_show(
        report_no_show.session_id,
        report_no_show.reason,
        report_no_show.note,
        report_no_show.user_id,
        report_no_show.idempotency_key
    );
end
$$;

comment on function public.report_no_show(uuid, text, text, uuid, text) is
'Reports that the buddy did not come to a session, once a session and person.
Possible from settings.no_show_grace after its time on, for settings.no_show_window, about somebody who arranged, agreed to or started it; also
if it was cancelled, or the match ended, after its time. The buddy can admit or contest it; silence costs nobody anything.
session_id: a session of the caller.
reason: one of no_show_reason; the buddy sees it.
note: anything else, 1 to 2000 characters; only operators see it.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the report; the existing one, unchanged, if the caller has reported before and it is undecided.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, no_show_already_decided, account_suspended, already_confirmed,
invalid_session_state, buddy_not_committed, no_show_too_early, no_show_window_closed, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.report_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.report_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/answer_no_show.sql
create or replace function public.answer_no_show(
    session_id uuid,
    action text,
    statement text default null,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.answer_no_show(
        answer_no_show.session_id,
        answer_no_show.action,
        answer_no_show.statement,
        answer_no_show.user_id,
        answer_no_show.idempotency_key
    );
end
$$;

comment on function public.answer_no_show(uuid, text, text, uuid, text) is
'Answers the report that the caller did not come to a session.
Who admits it ends the session as a no-show, which counts against their reputation. Who contests it leaves it to the operators, who decide on
what both say. Who does not answer loses nothing by it; a late answer counts until operators decide. The same answer again changes nothing.
session_id: the session.
action: one of no_show_answer: admit, contest.
statement: what the caller says to it, 1 to 2000 characters; only operators see it.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the report.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
session_not_found, not_session_participant, no_show_not_found, no_show_already_answered, no_show_already_decided,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.answer_no_show(uuid, text, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.answer_no_show(uuid, text, text, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/withdraw_no_show.sql
create or replace function public.withdraw_no_show(
    session_id uuid,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.withdraw_no_show(
        withdraw_no_show.session_id,
        withdraw_no_show.user_id,
        withdraw_no_show.idempotency_key
    );
end
$$;

comment on function public.withdraw_no_show(uuid, uuid, text) is
'Takes back the caller''s report of a no-show, as long as it is undecided.
Confirming the session, or cancelling it oneself, does so as well. A session can be reported only once. Withdrawing again changes nothing.
session_id: the session.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: the report.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant, no_show_not_found, no_show_already_decided, unsupported_isolation, read_only_transaction,
idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.withdraw_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.withdraw_no_show(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/list_no_show_reports.sql
create or replace function public.list_no_show_reports(
    session_id uuid default null,
    before uuid default null,
    page_size integer default 20,
    user_id uuid default null
)
returns setof public.no_show_report
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.*
    from wingman.list_no_show_reports(
        list_no_show_reports.session_id,
        list_no_show_reports.before,
        list_no_show_reports.page_size,
        list_no_show_reports.user_id
    ) as r;
end
$$;

comment on function public.list_no_show_reports(uuid, uuid, integer, uuid) is
'Lists the reports of no-shows by and about the caller, newest first.
session_id: only those of this session.
before: only reports older than this id; the id of the last report of the page before.
page_size: 1 to 100.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the reports; none for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_no_show_reports(uuid, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_no_show_reports(uuid, uuid, integer, uuid) to authenticated, service_role, wingman_admin;

-- removed: sql/matching/matches/tg_wingman_matches__guard_insert.sql
drop trigger guard_insert on public.wingman_matches;
drop function wingman.tg_wingman_matches__guard_insert();

-- removed: sql/matching/search/search_terms.sql
drop view wingman.search_terms;

-- removed: sql/guards/rate_limit.sql
drop type wingman.rate_limit;
