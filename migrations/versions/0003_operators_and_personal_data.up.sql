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

-- drop: sql/guards/name_call.sql
drop function wingman.name_call(text, uuid);

-- file: sql/guards/name_call.sql
create or replace function wingman.name_call(function text, user_id uuid default null, decision_id uuid default null)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config(
        'wingman.call',
        concat_ws(
            e'\t',
            name_call.function,
            coalesce(name_call.user_id::text, ''),
            current_setting('role'),
            session_user,
            -- a tab would begin the next part
            coalesce(replace(left(wingman.request_header('x-request-id'), 255), e'\t', ' '), ''),
            name_call.decision_id
        ),
        true
    );
end
$$;

comment on function wingman.name_call(text, uuid, uuid) is
'Names the call that is running, for the journal and the log of refusals; wingman.begin_call does the same at less cost. An
exception handler names its call again: the rollback before it took the name away. function: its name; user_id: the user on whose
behalf the call is made, null for the user of the access token and for operators; decision_id: the operator''s decision that the
call carries out.';
revoke all on function wingman.name_call(text, uuid, uuid) from public, anon, authenticated, service_role;

-- file: sql/journal/event_source.sql
create or replace function wingman.event_source()
returns text
language sql
stable
return coalesce(nullif(current_setting('wingman.call', true), ''), wingman.direct_source());

comment on function wingman.event_source() is
'Where a change comes from, as wingman.events keeps it: call, user it acts for, role, login, request id and the id of the
operator''s decision that it carries out, separated by tabs; what is missing at the end is left out. wingman.begin_call leaves it in
the GUC wingman.call; for direct SQL, call and user are empty. The role none stands for the role of the login';
revoke all on function wingman.event_source() from public, anon, authenticated, service_role;

-- file: sql/journal/decision_of.sql
create or replace function wingman.decision_of(source text)
returns uuid
language sql
immutable
-- a call for a user carries out no decision, and its request id can be anything, even one with tabs
return case when split_part(source, e'\t', 2) = '' then nullif(split_part(source, e'\t', 6), '')::uuid end;

comment on function wingman.decision_of(text) is
'The operator''s decision that a change carries out, from wingman.events.source; null without one';
revoke all on function wingman.decision_of(text) from public, anon, authenticated, service_role;
grant execute on function wingman.decision_of(text) to service_role, wingman_admin;

-- file: sql/journal/events.sql sha256:27cb19c35fe7f811469cf747ebec1128f0ceafc5a3b98e53ef4e0fb45a680eeb
comment on column wingman.events.source is
'Where the change came from: call, user it acted for, role, login, request id and decision, separated by tabs;
wingman.event_source()';
comment on column wingman.events_default.source is
'Where the change came from: call, user it acted for, role, login, request id and decision, separated by tabs;
wingman.event_source()';

-- file: sql/profiles/user_profiles.sql sha256:44b515d38e53cb872fa525b26299f43f28d3b5172fd79616bee24b0815bd5663
-- for the operators' search
-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_profiles_first_name_idx on public.user_profiles (lower(normalize(first_name)) text_pattern_ops);

-- file: sql/profiles/user_locations.sql sha256:4d0032b417e5aa9d12da6b5347ddf74594d8eb2fbb22c35f1b7f02766650298f
-- for the operators' search
-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_locations_city_idx on public.user_locations (lower(normalize(city)) text_pattern_ops);

-- file: sql/profiles/profile_lock.sql
create or replace function wingman.profile_lock(user_id uuid)
returns bigint
language sql
immutable
return hashtextextended('complete_profile ' || user_id, 0);

comment on function wingman.profile_lock(uuid) is
'The key of the advisory lock on a user''s profile, also of one that is not there yet: exclusive for who makes, changes or erases
it, shared for who needs it to stay';
revoke all on function wingman.profile_lock(uuid) from public, anon, authenticated, service_role;

-- file: sql/safety/user_blocks.sql sha256:942c675bcba5054a7277cb4b8d322dde7a4bcf1109e1452112334e5a4cec69f8
-- a block outlives the profile of the person blocked, who may come back by the same id
-- squawk-ignore ban-drop-constraint
alter table public.user_blocks drop constraint user_blocks_blocked_id_fkey;

comment on table public.user_blocks is
'Who has blocked whom; a block applies to both people. Only the blocker can see it. blocked_id has no foreign key: a block
outlives the profile of the person blocked, who may come back by the same id';

-- file: sql/safety/user_reports.sql sha256:64fc8e90d17d896ff87613f2236bab1d72ef6943a81ef6820aa64d3e36e486f2
alter table wingman.user_reports
-- squawk-ignore ban-drop-not-null
alter column reason drop not null,
add column status text not null default 'open'
constraint user_reports_status_check check (status in ('open', 'taken', 'resolved', 'dismissed')),
add column taken_by text,
add column taken_at timestamptz,
add column decided_at timestamptz,
-- squawk-ignore constraint-missing-not-valid
add constraint user_reports_text_check check (reason is not null or decided_at is not null),
-- squawk-ignore constraint-missing-not-valid
add constraint user_reports_taken_check check ((status = 'open') = (taken_by is null) and (taken_by is null) = (taken_at is null)),
-- squawk-ignore constraint-missing-not-valid
add constraint user_reports_decided_check check ((status in ('resolved', 'dismissed')) = (decided_at is not null));

-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_reports_reporter_idx on wingman.user_reports (reporter_id, id);
-- a revision is one transaction, and this takes seconds for a million rows
-- squawk-ignore require-concurrent-index-creation
create index user_reports_undecided_idx on wingman.user_reports (id) where decided_at is null;

comment on column wingman.user_reports.reason is
'What happened, in the reporter''s words, 1 to 2000 characters; null once it is decided and one of the two is erased';
comment on column wingman.user_reports.status is
'open: nobody looks into it; taken: taken_by does; resolved: an operator acted on it; dismissed: there was nothing to act on';
comment on column wingman.user_reports.taken_by is 'The login of the operator who took it last, null while it is open';
comment on column wingman.user_reports.taken_at is 'When that was';
comment on column wingman.user_reports.decided_at is 'When it was resolved or dismissed';

-- file: sql/safety/lock_report.sql
create or replace function wingman.lock_report(report_id uuid)
returns wingman.user_reports
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _report wingman.user_reports;
begin
    select r.* into _report
    from wingman.user_reports as r
    where r.id = lock_report.report_id
    for no key update;
    if not found then
        perform wingman.raise_error('report_not_found');
    elsif _report.decided_at is not null then
        perform wingman.raise_error('report_already_decided', jsonb_build_object('status', _report.status));
    end if;

    return _report;
end
$$;

comment on function wingman.lock_report(uuid) is
'Locks a report that is not decided yet, and returns it as it is once the lock is held.
Errors: report_not_found, report_already_decided.';
revoke all on function wingman.lock_report(uuid) from public, anon, authenticated, service_role;

-- file: sql/sessions/decision_violation.sql
create or replace function wingman.decision_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(decision_violation.reason) or char_length(decision_violation.reason) > 500 then
        return row('reason', 'must be 1 to 500 characters')::wingman.violation;
    elsif wingman.has_control_character(decision_violation.reason) then
        return row('reason', 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.decision_violation(text) is
'The rule that the reason of an operator''s decision breaks, or null. The constraint of operator_decisions and every operators''
function with a reason use this.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;

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
            'ended_at', 'ended_by', 'created_at', 'updated_at', 'searched_by'
        ],
        'own', null, 'kept', 'the partner''s history'
    ),
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
            'started_by', 'cancelled_by', 'created_at', 'updated_at', 'reverted_at'
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
            'pending_until', 'paused_automatically', 'unanswered_offers', 'exposures'
        ],
        'own', null, 'deleted', null
    ),
    (
        'wingman.matchmaking_pool',
        array['grid_lat', 'grid_lng'],
        'own', 'operators: exact places are for their owners alone', 'deleted', null
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
            'journal_retention_months', 'journal_drop_limit'
        ],
        'impersonal', null, 'kept', 'says nothing about anybody'
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

-- file: sql/privacy/data_export.sql
create type public.data_export as (
    exported_at timestamptz,
    data jsonb
);

comment on type public.data_export is 'What WingmanMatch holds about a person';
comment on column public.data_export.exported_at is 'When it was read, all of it at once';
comment on column public.data_export.data is
'An object with an array for each table of which people have rows; the objects in it are the rows, by the names of their columns.
docs/privacy.md lists them';

-- file: sql/privacy/redacted_reply.sql
create or replace function wingman.redacted_reply(response jsonb, user_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if redacted_reply.response #>> '{next_match,buddy_user_id}' = redacted_reply.user_id::text then
        -- as if nobody had been found
        return redacted_reply.response || '{"message": "Match declined.", "next_match": null}'::jsonb;
    elsif (redacted_reply.response ->> 'buddy_user_id' = redacted_reply.user_id::text) is not true then
        return redacted_reply.response;
    elsif jsonb_exists(redacted_reply.response, 'buddy_profile') then
        return jsonb_set(redacted_reply.response, '{buddy_profile}', 'null');
    elsif exists (
        select
        from public.wingman_sessions as s
        where s.id = (redacted_reply.response ->> 'id')::uuid
            and coalesce(s.created_by, redacted_reply.user_id) = redacted_reply.user_id
    ) then
        return jsonb_set(redacted_reply.response, '{notes}', 'null');
    end if;
    return redacted_reply.response;
end
$$;

comment on function wingman.redacted_reply(jsonb, uuid) is
'A buddy''s kept answer without what it says about a person: without the profile, and without the notes of a session that this
person, or nobody known, scheduled. All else stays, so that the answer keeps its type.';
revoke all on function wingman.redacted_reply(jsonb, uuid) from public, anon, authenticated, service_role;

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

    -- what is undecided stays; wingman_admin.resolve_report waits here, and then removes the text itself
    perform
    from wingman.user_reports as r
    where r.reporter_id = _me or r.subject_id = _me
    order by r.id
    for no key update;
    update wingman.user_reports as r
    set reason = null
    where (r.reporter_id = _me or r.subject_id = _me) and r.decided_at is not null and r.reason is not null;

    delete from wingman.rate_limits as r where r.user_id = _me;
end
$$;

comment on function wingman.settle_departure(uuid) is
'The first part of an erasure, in the lock order: settles the person''s pending match, ends the accepted ones and cancels their
sessions, removes the notes and reasons that the person wrote, the texts of decided reports and the rate limits.';
revoke all on function wingman.settle_departure(uuid) from public, anon, authenticated, service_role;

-- file: sql/privacy/erase_replies.sql
create or replace function wingman.erase_replies(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := erase_replies.user_id;
    _buddies uuid[] := array(
        select distinct case m.user1_id when _me then m.user2_id else m.user1_id end
        from public.wingman_matches as m
        where m.user1_id = _me or m.user2_id = _me
    );
begin
    -- in this order, so that two people who leave at once do not wait for each other
    perform
    from wingman.idempotency_keys as k
    where k.user_id = any(_buddies || _me)
    order by k.user_id, k.idempotency_key
    for update;

    delete from wingman.idempotency_keys as k where k.user_id = _me;

    update wingman.idempotency_keys as k
    set response = wingman.redacted_reply(k.response, _me)
    where k.user_id = any(_buddies) and wingman.redacted_reply(k.response, _me) <> k.response;
end
$$;

comment on function wingman.erase_replies(uuid) is
'Deletes the answers kept under a person''s idempotency keys, and takes what those of buddies say about this person out of them;
their keys and fingerprints stay. The last to lock anything: whoever waits for one of these rows has done all else.';
revoke all on function wingman.erase_replies(uuid) from public, anon, authenticated, service_role;

-- file: sql/privacy/erase_person.sql
create or replace function wingman.erase_person(user_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(wingman.profile_lock(erase_person.user_id));
    -- The trigger settle_departure does so as well. Here it comes before the lock on the profile, which is the last of the lock order.
    perform wingman.settle_departure(erase_person.user_id);
    delete from public.user_profiles as p where p.id = erase_person.user_id;
    return found;
end
$$;

comment on function wingman.erase_person(uuid) is
'Erases a person''s data, as wingman.data_inventory says: what deleting the row of auth.users does, except that the account stays.
Returns whether there was a profile.';
revoke all on function wingman.erase_person(uuid) from public, anon, authenticated, service_role;

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
                    s.exposures
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
                    m.updated_at
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
                    s.reverted_at
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

-- file: sql/reputation/reputation_delta.sql
create or replace function wingman.reputation_delta(kind text)
returns integer
language sql
immutable
-- one operator: each costs a look-up in every call
return (array[1, -1, -1, 1, 0, 0])[array_position(
    array['completed', 'no_show', 'completion_reverted', 'no_show_reverted', 'departed', 'returned'], kind
)];

comment on function wingman.reputation_delta(text) is
'What an entry of the ledger adds to a reputation, by its kind; null for a kind that does not exist';
revoke all on function wingman.reputation_delta(text) from public, anon, authenticated, service_role;

-- file: sql/reputation/reputation_events.sql sha256:1e6cc82296e3395e7efa87ede586d8c7cc96eb9d85a641061f96595ee3853cb3
comment on table wingman.reputation_events is
'Append-only ledger of reputation, kept for ever: the counters of user_profiles are its sums. wingman.record_reputation writes it;
wingman.tg_user_profiles__depart writes departures, wingman.tg_user_profiles__return returns. User and session ids have no foreign
keys: it outlives accounts';
comment on column wingman.reputation_events.session_id is 'The session that it comes from; null for a departure or a return';
comment on column wingman.reputation_events.buddy_id is 'The other person of the session; null for a departure or a return';
comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back; departed: the profile was deleted; returned: the same
user made a profile again, which begins from the sums';

-- what was left of people whose profiles are gone
update public.wingman_sessions as s
set
    notes = case when exists (select from public.user_profiles as p where p.id = s.created_by) then s.notes end,
    cancellation_reason = case
        when exists (select from public.user_profiles as p where p.id = s.cancelled_by) then s.cancellation_reason
    end
where (s.notes is not null or s.cancellation_reason is not null)
    and (
        not exists (select from public.user_profiles as p where p.id = s.user1_id)
        or not exists (select from public.user_profiles as p where p.id = s.user2_id)
    );

delete from wingman.match_searches as h
using public.wingman_matches as m
where m.id = h.match_id
    and (
        not exists (select from public.user_profiles as p where p.id = m.user1_id)
        or not exists (select from public.user_profiles as p where p.id = m.user2_id)
    );

delete from wingman.rate_limits as r
where not exists (select from public.user_profiles as p where p.id = r.user_id);

delete from wingman.idempotency_keys as k
where not exists (select from public.user_profiles as p where p.id = k.user_id);

update wingman.idempotency_keys as k
set response = jsonb_set(k.response, '{buddy_profile}', 'null')
where jsonb_exists(k.response, 'buddy_profile')
    and not exists (select from public.user_profiles as p where p.id::text = k.response ->> 'buddy_user_id');

update wingman.idempotency_keys as k
set response = k.response || '{"message": "Match declined.", "next_match": null}'
where k.response #>> '{next_match,buddy_user_id}' is not null
    and not exists (
        select from public.user_profiles as p where p.id::text = k.response #>> '{next_match,buddy_user_id}'
    );

update wingman.idempotency_keys as k
set response = jsonb_set(k.response, '{notes}', 'null')
where k.response ->> 'notes' is not null
    and exists (
        select from public.wingman_sessions as s where s.id::text = k.response ->> 'id' and s.notes is null
    );

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
    select d.ledger_completed_sessions, d.ledger_no_shows
    into _sums
    from wingman.reputation_differences as d
    where d.user_id = new.id and (d.ledger_completed_sessions, d.ledger_no_shows) <> (0, 0);
    if not found then
        return null;
    end if;

    update public.user_profiles as p
    set
        completed_sessions = _sums.ledger_completed_sessions,
        no_shows = _sums.ledger_no_shows,
        reputation_score = wingman.reputation_score(_sums.ledger_completed_sessions, _sums.ledger_no_shows)
    where p.id = new.id;
    insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
    values (new.id, 'returned', wingman.reputation_delta('returned'), _sums.ledger_completed_sessions, _sums.ledger_no_shows);

    -- while this person was away, there was no profile from which to take back what operators reverted
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
meanwhile';
revoke all on function wingman.tg_user_profiles__return() from public, anon, authenticated, service_role;

create or replace trigger begin_from_ledger after insert on public.user_profiles
for each row execute function wingman.tg_user_profiles__return();

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
        _dropped := _dropped + 1;
    end loop;
    if _dropped > 0 then
        delete from wingman.user_events as u
        where u.occurred_at < (select min(e.occurred_at) from wingman.events as e);
    end if;
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

-- file: sql/journal/user_events.sql
-- derived: the reader statistics writes it from the journal
create table wingman.user_events (
    user_id uuid not null,
    id bigint not null,
    xid xid8 not null,
    occurred_at timestamptz not null,
    constraint user_events_pkey primary key (user_id, id, xid)
);

comment on table wingman.user_events is
'Where the journal tells of a user outside any match: profile, pauses and blocks. An index that no call pays for: the reader
statistics fills it';
comment on column wingman.user_events.user_id is 'wingman.events.user_id';
comment on column wingman.user_events.id is 'wingman.events.id';
comment on column wingman.user_events.xid is 'wingman.events.xid';
comment on column wingman.user_events.occurred_at is 'wingman.events.occurred_at';

revoke all on table wingman.user_events from public, anon, authenticated, service_role;

-- file: sql/journal/count_events.sql
create or replace function wingman.count_events(max_events integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- sessions before this day are counted by the day: far enough back that none of them still lies ahead for any transaction,
    -- even one whose clock and snapshot are of different moments
    _whole_days timestamptz := date_trunc('day', statement_timestamp(), 'UTC') - interval '24 hours';
    _events wingman.events[];
    _empty timestamptz[];
    _matches wingman.match_progress[];
begin
    _events := array(select e from wingman.read_events('statistics', count_events.max_events) as e);
    if cardinality(_events) = 0 then
        return 0;
    end if;

    with counted as (
        insert into wingman.session_statistics as k (held_at, outcome, sessions)
        select
            case when c.held_at < _whole_days then date_trunc('day', c.held_at, 'UTC') else c.held_at end,
            wingman.session_outcome(c.status, c.is_reverted),
            sum(c.change)
        from wingman.session_changes(_events) as c
        group by 1, 2
        having sum(c.change) <> 0
        on conflict on constraint session_statistics_pkey do update set sessions = k.sessions + excluded.sessions
        returning k.held_at, k.sessions
    )

    select array_agg(c.held_at) into _empty from counted as c where c.sessions = 0;

    delete from wingman.session_statistics as k where k.held_at = any(_empty) and k.sessions = 0;

    with over as (
        delete from wingman.session_statistics as k
        where k.held_at < _whole_days and k.held_at <> date_trunc('day', k.held_at, 'UTC')
        returning k.held_at, k.outcome, k.sessions
    )

    insert into wingman.session_statistics as k (held_at, outcome, sessions)
    select date_trunc('day', o.held_at, 'UTC'), o.outcome, sum(o.sessions)
    from over as o
    group by 1, 2
    on conflict on constraint session_statistics_pkey do update set sessions = k.sessions + excluded.sessions;

    insert into wingman.outcome_statistics as k (happened_at, outcome, sessions)
    select c.settled_at, c.status, sum(c.change)
    from wingman.session_changes(_events) as c
    where c.settled_at is not null
    group by c.settled_at, c.status
    on conflict on constraint outcome_statistics_pkey do update set sessions = k.sessions + excluded.sessions;

    delete from wingman.outcome_statistics as k
    where k.happened_at < statement_timestamp() - interval '48 hours' or k.sessions = 0;

    _matches := array(select p from wingman.match_progress_after(_events) as p);

    insert into wingman.match_statistics as k (offered_on, offered, accepted, ended, scheduled, completed)
    select c.offered_on, c.offered, c.accepted, c.ended, c.scheduled, c.completed
    from wingman.match_changes(_matches) as c
    on conflict on constraint match_statistics_pkey do update set
        offered = k.offered + excluded.offered,
        accepted = k.accepted + excluded.accepted,
        ended = k.ended + excluded.ended,
        scheduled = k.scheduled + excluded.scheduled,
        completed = k.completed + excluded.completed;

    insert into wingman.match_progress (match_id, offered_on, offered, accepted, ended, sessions, completed)
    select p.match_id, p.offered_on, p.offered, p.accepted, p.ended, p.sessions, p.completed
    from unnest(_matches) as p
    on conflict on constraint match_progress_pkey do update set
        offered_on = excluded.offered_on,
        offered = excluded.offered,
        accepted = excluded.accepted,
        ended = excluded.ended,
        sessions = excluded.sessions,
        completed = excluded.completed;

    delete from wingman.match_progress as p
    using unnest(_matches) as m
    where p.match_id = m.match_id and p.offered = 0 and p.sessions = 0;

    insert into wingman.reputation_statistics as k (score, people)
    select wingman.reputation_score(0, 0), count(*)
    from unnest(_events) as e
    where e.kind = 'profile_created'
    having count(*) > 0
    on conflict on constraint reputation_statistics_pkey do update set people = k.people + excluded.people;

    insert into wingman.user_events (user_id, id, xid, occurred_at)
    select e.user_id, e.id, e.xid, e.occurred_at
    from unnest(_events) as e
    where e.match_id is null and e.user_id is not null;

    return cardinality(_events);
end
$$;

comment on function wingman.count_events(integer) is
'Counts what the reader statistics has not read yet, at most max_events, into the tables behind the operators'' views
and timelines. Returns how
many: fewer than max_events if there are no more for now or another transaction is counting';
revoke all on function wingman.count_events(integer) from public, anon, authenticated, service_role;

-- file: sql/profiles/complete_profile.sql
create or replace function wingman.complete_profile(
    first_name text,
    experience_level text,
    lat double precision,
    lng double precision,
    city text,
    bio text,
    photo_url text,
    confidence_archetype text,
    max_travel_miles integer,
    privacy_mode text,
    user_id uuid,
    idempotency_key text
)
returns public.profile_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _changed boolean;
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _settings record;
    _violated_key text;
begin
    _call := wingman.begin_call(
        'complete_profile',
        complete_profile.user_id,
        complete_profile.idempotency_key,
        row(
            complete_profile.first_name,
            complete_profile.experience_level,
            complete_profile.lat::numeric,
            complete_profile.lng::numeric,
            complete_profile.city,
            complete_profile.bio,
            complete_profile.photo_url,
            complete_profile.confidence_archetype,
            complete_profile.max_travel_miles,
            complete_profile.privacy_mode
        )
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.profile_details, _call.response);
    end if;
    _me := _call.user_id;

    perform wingman.require_argument('first_name', complete_profile.first_name is not null);
    perform wingman.require_argument('experience_level', complete_profile.experience_level is not null);
    perform wingman.require_argument('lat', complete_profile.lat is not null);
    perform wingman.require_argument('lng', complete_profile.lng is not null);
    perform wingman.require_argument('max_travel_miles', complete_profile.max_travel_miles is not null);
    perform wingman.require_argument('privacy_mode', complete_profile.privacy_mode is not null);
    perform wingman.refuse_violation(wingman.profile_violation(
        complete_profile.first_name,
        complete_profile.experience_level,
        complete_profile.bio,
        complete_profile.photo_url,
        complete_profile.confidence_archetype
    ));
    perform wingman.refuse_violation(wingman.location_violation(
        complete_profile.lat,
        complete_profile.lng,
        complete_profile.city,
        complete_profile.privacy_mode,
        complete_profile.max_travel_miles
    ));

    -- the triggers below write the seeker row, which comes before the profile in the lock order; for a user without one, the
    -- advisory lock is all there is to lock
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    perform wingman.lock_seekers(_me);

    insert into public.user_profiles as p (id, first_name, experience_level, bio, photo_url, confidence_archetype)
    values (
        _me,
        complete_profile.first_name,
        complete_profile.experience_level,
        complete_profile.bio,
        complete_profile.photo_url,
        complete_profile.confidence_archetype
    )
    on conflict on constraint user_profiles_pkey do update
    set
        first_name = excluded.first_name,
        experience_level = excluded.experience_level,
        bio = excluded.bio,
        photo_url = excluded.photo_url,
        confidence_archetype = excluded.confidence_archetype
    where (p.first_name, p.experience_level, p.bio, p.photo_url, p.confidence_archetype)
        is distinct from
        (excluded.first_name, excluded.experience_level, excluded.bio, excluded.photo_url, excluded.confidence_archetype);
    _changed := found;

    insert into public.user_locations as l (user_id, lat, lng, city, privacy_mode, max_travel_miles)
    values (
        _me,
        complete_profile.lat,
        complete_profile.lng,
        complete_profile.city,
        complete_profile.privacy_mode,
        complete_profile.max_travel_miles
    )
    on conflict on constraint user_locations_pkey do update
    set
        lat = excluded.lat,
        lng = excluded.lng,
        city = excluded.city,
        privacy_mode = excluded.privacy_mode,
        max_travel_miles = excluded.max_travel_miles
    where (l.lat, l.lng, l.city, l.privacy_mode, l.max_travel_miles)
        is distinct from
        (excluded.lat, excluded.lng, excluded.city, excluded.privacy_mode, excluded.max_travel_miles);
    if _changed or found then
        select
            t.profile_cost,
            t.profile_burst
        into strict _settings
        from wingman.settings as t;
        _me := wingman.consume_rate_limit(_me, 'profile', _settings.profile_cost, _settings.profile_burst);
    end if;

    return wingman.end_call(_call, wingman.profile_details_of(_me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('complete_profile', coalesce(_call.user_id, complete_profile.user_id));
        perform wingman.raise_error('busy');
        return null;
    when foreign_key_violation then
        get stacked diagnostics _violated_key = constraint_name;
        if _violated_key <> 'user_profiles_id_fkey' then
            raise;
        end if;
        perform wingman.name_call('complete_profile', coalesce(_call.user_id, complete_profile.user_id));
        -- wingman_owner cannot read auth.users on Supabase: the foreign key tells us who exists
        perform wingman.raise_error('user_not_found');
        return null;
end
$$;

comment on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) is 'Engine of public.complete_profile';
revoke all on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) from public, anon, authenticated, service_role;
grant execute on function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
) to authenticated, service_role, wingman_admin;

-- file: sql/safety/block_user.sql
create or replace function wingman.block_user(subject_id uuid, user_id uuid, idempotency_key text)
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
    _found bigint;
begin
    _call := wingman.begin_call('block_user', block_user.user_id, block_user.idempotency_key, row(block_user.subject_id));
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    _subject_id := wingman.require_subject(block_user.subject_id, _me);

    -- who erases one of the two waits, or is waited for: that call locks the pool before the profile
    perform pg_advisory_xact_lock_shared(wingman.profile_lock(least(_me, _subject_id)));
    perform pg_advisory_xact_lock_shared(wingman.profile_lock(greatest(_me, _subject_id)));
    -- Both must stay until the block is there. Deleting an account locks the profile before the seeker, so this does as well.
    perform
    from public.user_profiles as p
    where p.id in (_me, _subject_id)
    order by p.id
    for key share;
    get diagnostics _found = row_count;
    if _found < 2 then
        perform wingman.raise_error('user_not_found');
    end if;
    perform wingman.lock_seekers(_me, _subject_id);
    perform wingman.separate_pair(_me, _subject_id);
    insert into public.user_blocks as b (blocker_id, blocked_id)
    values (_me, _subject_id)
    on conflict on constraint user_blocks_pkey do nothing;
    return wingman.end_call(_call, row(true, 'User blocked. You will not be matched with each other.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('block_user', coalesce(_call.user_id, block_user.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.block_user(uuid, uuid, text) is 'Engine of public.block_user';
revoke all on function wingman.block_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.block_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/safety/unblock_user.sql
create or replace function wingman.unblock_user(subject_id uuid, user_id uuid, idempotency_key text)
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
        'unblock_user',
        unblock_user.user_id,
        unblock_user.idempotency_key,
        row(unblock_user.subject_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    -- somebody who is blocked may have left
    if exists (
        select from public.user_blocks as b
        where b.blocker_id = _me and b.blocked_id = unblock_user.subject_id
    ) then
        _subject_id := unblock_user.subject_id;
    else
        _subject_id := wingman.require_subject(unblock_user.subject_id, _me);
    end if;

    perform wingman.lock_seekers(_me, _subject_id);
    delete from public.user_blocks as b where b.blocker_id = _me and b.blocked_id = _subject_id;
    return wingman.end_call(_call, row(true, 'User unblocked.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('unblock_user', coalesce(_call.user_id, unblock_user.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.unblock_user(uuid, uuid, text) is 'Engine of public.unblock_user';
revoke all on function wingman.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

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

-- file: sql/privacy/export_my_data.sql
create or replace function wingman.export_my_data(user_id uuid)
returns public.data_export
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.acting_user_id(export_my_data.user_id);
begin
    -- what is kept of somebody whose profile is gone is theirs as well
    perform wingman.require_profile(_me, or_null => true);
    return row(statement_timestamp(), wingman.personal_data(_me, with_exact_place => true))::public.data_export;
end
$$;

comment on function wingman.export_my_data(uuid) is 'Engine of public.export_my_data';
revoke all on function wingman.export_my_data(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.export_my_data(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/privacy/erase_my_account.sql
create or replace function wingman.erase_my_account(confirmation text, user_id uuid, idempotency_key text)
returns public.acknowledgement
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
        'erase_my_account',
        erase_my_account.user_id,
        erase_my_account.idempotency_key,
        row(erase_my_account.confirmation)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    -- a user without a profile has nothing that could be erased, and is told so: the answer to an earlier call may be lost
    perform wingman.require_profile(_call.user_id, or_null => true);
    perform wingman.require_argument('confirmation', erase_my_account.confirmation is not null);
    if erase_my_account.confirmation <> 'erase' then
        perform wingman.refuse_violation(row('confirmation', 'must be erase')::wingman.violation);
    end if;

    if not wingman.erase_person(_call.user_id) then
        -- the commit then waits for a synchronous standby, to which the erasure may not have come yet
        perform pg_logical_emit_message(true, 'wingman', '');
    end if;
    -- the key of this very call is kept, after all others have gone: the answer says nothing about anybody
    return wingman.end_call(_call, row(true, 'Your data has been erased.')::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('erase_my_account', coalesce(_call.user_id, erase_my_account.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.erase_my_account(text, uuid, text) is 'Engine of public.erase_my_account';
revoke all on function wingman.erase_my_account(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.erase_my_account(text, uuid, text) to authenticated, service_role, wingman_admin;

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

-- file: sql/admin/is_decision_kind.sql
create or replace function wingman.is_decision_kind(kind text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from wingman.decision_kinds() as k where k.kind = is_decision_kind.kind);
end
$$;

comment on function wingman.is_decision_kind(text) is 'Whether a word is in wingman.decision_kinds()';
revoke all on function wingman.is_decision_kind(text) from public, anon, authenticated, service_role;

-- file: sql/admin/operator_decisions.sql
create table wingman.operator_decisions (
    id uuid constraint operator_decisions_pkey primary key default wingman.new_id(),
    decided_at timestamptz not null default statement_timestamp(),
    login text not null default session_user,
    kind text not null constraint operator_decisions_kind_check check (wingman.is_decision_kind(kind)),
    subject_id uuid,
    reason text not null constraint operator_decisions_reason_check check (wingman.decision_violation(reason) is null),
    details jsonb not null default '{}'
);

create index operator_decisions_subject_idx on wingman.operator_decisions (subject_id, id) where subject_id is not null;

comment on table wingman.operator_decisions is
'What operators decided, and why; append-only, kept for ever. wingman.record_decision writes it. Subjects have no foreign keys:
decisions outlive accounts';
comment on column wingman.operator_decisions.id is 'UUID version 7: newer decisions sort later';
comment on column wingman.operator_decisions.decided_at is 'When it was decided';
comment on column wingman.operator_decisions.login is 'The login of the operator';
comment on column wingman.operator_decisions.kind is 'What was decided: a word of wingman.decision_kinds()';
comment on column wingman.operator_decisions.subject_id is
'Whom or what it concerns, as wingman.decision_kinds() says; null if it concerns nobody in particular';
comment on column wingman.operator_decisions.reason is 'Why, in the operator''s words, 1 to 500 characters';
comment on column wingman.operator_decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman.operator_decisions from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.operator_decisions
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.operator_decisions
for each statement execute function wingman.tg_any__refuse_change();

-- file: sql/admin/record_decision.sql
create or replace function wingman.record_decision(kind text, subject_id uuid, details jsonb, reason text)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid;
begin
    perform wingman.require_argument('reason', record_decision.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(record_decision.reason));

    insert into wingman.operator_decisions as d (kind, subject_id, reason, details)
    values (
        record_decision.kind, record_decision.subject_id, record_decision.reason, coalesce(record_decision.details, '{}')
    )
    returning d.id into _id;
    -- the events of what is decided name it
    perform wingman.name_call(wingman.call_part(1), null, _id);
    return _id;
end
$$;

comment on function wingman.record_decision(text, uuid, jsonb, text) is
'Writes what an operator decides, and why, to wingman.operator_decisions, and returns the id of the decision, which
the journal then records with every change until wingman.end_operation. kind: a word of
wingman.decision_kinds(); subject_id: whom or what it concerns, or null; details: what these do not say, or null; reason: why, 1 to
500 characters.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman.record_decision(text, uuid, jsonb, text) from public, anon, authenticated, service_role;

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
comment on column wingman_admin.decisions.subject_id is 'The user, match, session or report that it concerns; null for settings';
comment on column wingman_admin.decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman_admin.decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.decisions to wingman_admin, service_role;

-- file: sql/admin/log_look.sql
create or replace function wingman.log_look(call text, subject_id uuid default null)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise log '%', jsonb_build_object(
        'event', 'look', 'call', log_look.call, 'login', session_user, 'subject_id', log_look.subject_id
    );
end
$$;

comment on function wingman.log_look(text, uuid) is
'Writes to the server''s log that an operator looks at people. call: the operators'' function; subject_id: the person looked at,
null for a search, whose text is not logged.';
revoke all on function wingman.log_look(text, uuid) from public, anon, authenticated, service_role;

-- file: sql/admin/find_users.sql
create or replace function wingman_admin.find_users(search text)
returns table (user_id uuid, first_name text, city text, experience_level text, created_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- the planner finds the range of a prefix only in a constant
set plan_cache_mode = 'force_custom_plan'
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _prefix text := lower(normalize(find_users.search));
    _id uuid;
begin
    perform wingman.require_argument('search', find_users.search is not null);
    if _prefix ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        _id := _prefix::uuid;
    elsif char_length(_prefix) < 3 or char_length(_prefix) > 100 then
        perform wingman.refuse_violation(row('search', 'must be a user id, or 3 to 100 characters')::wingman.violation);
    end if;
    perform wingman.log_look('find_users', _id);
    -- a backslash, percent sign or underscore stands for itself
    _prefix := regexp_replace(_prefix, e'([\\\\%_])', e'\\\\\\1', 'g') || '%';

    return query
    select f.id, p.first_name, l.city, p.experience_level, p.created_at
    from (
        select _id as id
        where _id is not null
        union
        (
            select n.id
            from public.user_profiles as n
            where _id is null and lower(normalize(n.first_name)) like _prefix
            limit 50
        )
        union
        (
            select c.user_id
            from public.user_locations as c
            where _id is null and lower(normalize(c.city)) like _prefix
            limit 50
        )
    ) as f
    inner join public.user_profiles as p on f.id = p.id
    left join public.user_locations as l on f.id = l.user_id
    order by lower(p.first_name), f.id
    limit 50;
end
$$;

comment on function wingman_admin.find_users(text) is
'Finds people by their id, or by the beginning of their first name or city, whatever the case; at most 50.
search: a user id, or at least 3 characters. The server''s log records who searches, but not for what; for an id, whose.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman_admin.find_users(text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.find_users(text) to wingman_admin, service_role;

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
    decisions bigint
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
        (select count(*) from wingman.operator_decisions as d where d.subject_id = user_overview.user_id)
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
    -- the ledger has an entry of everybody who ever had a profile and left
    where p.id is not null or g.entries > 0 or r.received > 0;
    if not found then
        perform wingman.raise_error('user_not_found');
    end if;
end
$$;

comment on function wingman_admin.user_overview(uuid) is
'A user on one row: profile, place as a city, matching, reputation, matches, sessions, reports, blocks and decisions.
matching: free, has a pending match, paused, paused automatically, no location, or departed for somebody whose data is gone.
open_matches: accepted and not ended. Never an exact place. The server''s log records who looks at whom.
Errors: missing_argument, user_not_found.';
revoke all on function wingman_admin.user_overview(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.user_overview(uuid) to wingman_admin, service_role;

-- file: sql/admin/user_timeline.sql
create or replace function wingman_admin.user_timeline(
    user_id uuid,
    before timestamptz default 'infinity',
    page_size integer default 50
)
returns table (
    occurred_at timestamptz,
    kind text,
    by_user_id uuid,
    other_user_id uuid,
    match_id uuid,
    session_id uuid,
    call text,
    login text,
    decision_id uuid,
    details jsonb
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
    perform wingman.require_argument('user_id', user_timeline.user_id is not null);
    perform wingman.require_argument('before', user_timeline.before is not null);
    perform wingman.check_page(user_timeline.page_size);
    perform wingman.log_look('user_timeline', user_timeline.user_id);

    return query
    with matches as (
        select m.id, m.user2_id as other_id
        from public.wingman_matches as m
        where m.user1_id = user_timeline.user_id
        union all
        select m.id, m.user1_id
        from public.wingman_matches as m
        where m.user2_id = user_timeline.user_id
    ),

    events as (
        select m.other_id, e as event
        from matches as m
        inner join wingman.events as e on m.id = e.match_id
        union all
        select null, e
        from wingman.user_events as u
        inner join wingman.events as e on u.xid = e.xid and u.id = e.id and u.occurred_at = e.occurred_at
        where u.user_id = user_timeline.user_id
        union all
        select null, e
        from wingman.unread_events('statistics') as e
        where e.user_id = user_timeline.user_id and e.match_id is null
    )

    select t.*
    from (
        select
            (e.event).occurred_at,
            (e.event).kind,
            (e.event).user_id,
            coalesce(e.other_id, ((e.event).details ->> 'blocked_id')::uuid),
            (e.event).match_id,
            (e.event).session_id,
            nullif(split_part((e.event).source, e'\t', 1), ''),
            split_part((e.event).source, e'\t', 4),
            wingman.decision_of((e.event).source),
            (e.event).details
        from events as e
        union all
        select
            g.created_at,
            'reputation_' || g.kind,
            null,
            g.buddy_id,
            null,
            g.session_id,
            null,
            null,
            null,
            jsonb_build_object('completed_sessions', g.completed_sessions, 'no_shows', g.no_shows)
        from wingman.reputation_events as g
        where g.user_id = user_timeline.user_id
        union all
        select b.created_at, 'blocked_by_other', b.blocker_id, b.blocker_id, null, null, null, null, null, null
        from public.user_blocks as b
        where b.blocked_id = user_timeline.user_id
        union all
        select
            r.created_at,
            'report_received',
            r.reporter_id,
            r.reporter_id,
            null,
            null,
            null,
            null,
            null,
            jsonb_build_object('report_id', r.id, 'status', r.status, 'reason', r.reason)
        from wingman.user_reports as r
        where r.subject_id = user_timeline.user_id
        union all
        select
            r.created_at,
            'report_made',
            r.reporter_id,
            r.subject_id,
            null,
            null,
            null,
            null,
            null,
            jsonb_build_object('report_id', r.id, 'status', r.status, 'reason', r.reason)
        from wingman.user_reports as r
        where r.reporter_id = user_timeline.user_id
        union all
        select
            d.decided_at,
            'decision_' || d.kind,
            null,
            null,
            null,
            null,
            null,
            d.login,
            d.id,
            jsonb_build_object('reason', d.reason) || d.details
        from wingman.operator_decisions as d
        where d.subject_id = user_timeline.user_id
    ) as t (occurred_at, kind, by_user_id, other_user_id, match_id, session_id, call, login, decision_id, details)
    where t.occurred_at < user_timeline.before
    order by t.occurred_at desc
    fetch first user_timeline.page_size rows with ties;
end
$$;

comment on function wingman_admin.user_timeline(uuid, timestamptz, integer) is
'Everything that happened to a user, newest first: matches, sessions, profile, pauses, blocks, reputation, reports, decisions.
before: only what is older: the occurred_at of the last row seen; page_size: 1 to 100 rows, and more where several happened at that
same time. Reaches as far back as the journal; the ledger, reports and decisions reach further. The server''s log records who looks
at whom.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman_admin.user_timeline(uuid, timestamptz, integer) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.user_timeline(uuid, timestamptz, integer) to wingman_admin, service_role;

-- file: sql/admin/user_reports.sql
create or replace view wingman_admin.user_reports as
select
    r.id,
    r.created_at,
    r.reporter_id,
    r.subject_id,
    r.reason,
    n.reports_about_subject,
    r.status,
    r.taken_by,
    r.taken_at,
    r.decided_at
from wingman.user_reports as r
left join lateral (
    select count(*) as reports_about_subject
    from wingman.user_reports as o
    where o.subject_id = r.subject_id
) as n on true;

comment on view wingman_admin.user_reports is 'What people report about others; newer ids sort later';
comment on column wingman_admin.user_reports.id is 'The report, UUID version 7';
comment on column wingman_admin.user_reports.created_at is 'When it was reported';
comment on column wingman_admin.user_reports.reporter_id is 'The person who reports';
comment on column wingman_admin.user_reports.subject_id is 'The person reported';
comment on column wingman_admin.user_reports.reason is
'What happened, in the reporter''s words; null once it is decided and one of the two is erased';
comment on column wingman_admin.user_reports.reports_about_subject is 'How many reports there are about this person';
comment on column wingman_admin.user_reports.status is 'open, taken, resolved or dismissed';
comment on column wingman_admin.user_reports.taken_by is 'The login of the operator who took it last';
comment on column wingman_admin.user_reports.taken_at is 'When that was';
comment on column wingman_admin.user_reports.decided_at is 'When it was resolved or dismissed; wingman_admin.decisions says why';

revoke all on table wingman_admin.user_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.user_reports to wingman_admin, service_role;

-- file: sql/admin/report_queue.sql
create or replace view wingman_admin.report_queue as
select
    q.id as report_id,
    q.created_at,
    q.status,
    q.taken_by,
    q.subject_id,
    q.reporter_id,
    q.reason,
    n.matched_reporters,
    statement_timestamp() - q.created_at as waiting
from wingman.user_reports as q
left join lateral (
    select count(distinct o.reporter_id) as matched_reporters
    from wingman.user_reports as o
    inner join public.wingman_matches as m
        on m.user1_id = least(o.reporter_id, o.subject_id) and m.user2_id = greatest(o.reporter_id, o.subject_id)
    where o.subject_id = q.subject_id
) as n on true
where q.decided_at is null
order by n.matched_reporters desc, q.id asc;

comment on view wingman_admin.report_queue is
'The reports that are not decided: first those about people whom most of their buddies report, then the oldest. Reads the reports
about these people and no others';
comment on column wingman_admin.report_queue.report_id is 'The report: take_report and resolve_report take it';
comment on column wingman_admin.report_queue.created_at is 'When it was reported';
comment on column wingman_admin.report_queue.waiting is 'How long ago that was';
comment on column wingman_admin.report_queue.status is 'open or taken';
comment on column wingman_admin.report_queue.taken_by is 'The login of the operator who looks into it';
comment on column wingman_admin.report_queue.subject_id is 'The person reported';
comment on column wingman_admin.report_queue.matched_reporters is
'How many different people who were ever matched with this person have reported it, decided reports included';
comment on column wingman_admin.report_queue.reporter_id is 'The person who reports';
comment on column wingman_admin.report_queue.reason is 'What happened, in the reporter''s words';

revoke all on table wingman_admin.report_queue from public, anon, authenticated, service_role;
grant select on table wingman_admin.report_queue to wingman_admin, service_role;

-- file: sql/admin/take_report.sql
create or replace function wingman_admin.take_report(report_id uuid, reason text default 'To look into it')
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _report record;
begin
    perform wingman.begin_operation('take_report');
    perform wingman.require_argument('report_id', take_report.report_id is not null);
    perform wingman.require_argument('reason', take_report.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(take_report.reason));
    select r.* into _report from wingman.lock_report(take_report.report_id) as r;

    if _report.taken_by is distinct from session_user then
        perform wingman.record_decision(
            'report_taken', _report.id, jsonb_build_object('taken_from', _report.taken_by), take_report.reason
        );
        update wingman.user_reports as r
        set status = 'taken', taken_by = session_user, taken_at = statement_timestamp()
        where r.id = _report.id;
    end if;

    perform wingman.end_operation();
    return row(
        true, coalesce('Report taken over from ' || nullif(_report.taken_by, session_user) || '.', 'Report taken.')
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('take_report');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.take_report(uuid, text) is
'Takes a report, so that others see who looks into it; a report that another operator has taken passes to you.
Again by the same login: nothing changes. reason: why, 1 to 500 characters, kept in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, report_not_found, report_already_decided, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.take_report(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.take_report(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/resolve_report.sql
create or replace function wingman_admin.resolve_report(report_id uuid, outcome text, note text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _report record;
    _violation wingman.violation := wingman.decision_violation(resolve_report.note);
begin
    perform wingman.begin_operation('resolve_report');
    perform wingman.require_argument('report_id', resolve_report.report_id is not null);
    perform wingman.require_argument('outcome', resolve_report.outcome is not null);
    perform wingman.require_argument('note', resolve_report.note is not null);
    if resolve_report.outcome not in ('resolved', 'dismissed') then
        perform wingman.refuse_violation(row('outcome', 'must be resolved or dismissed')::wingman.violation);
    elsif _violation.argument is not null then
        perform wingman.refuse_violation(row('note', _violation.rule)::wingman.violation);
    end if;
    select r.* into _report from wingman.lock_report(resolve_report.report_id) as r;
    if _report.taken_by is distinct from session_user then
        perform wingman.raise_error('report_not_taken');
    end if;

    perform wingman.record_decision('report_' || resolve_report.outcome, _report.id, null, resolve_report.note);
    update wingman.user_reports as r
    set
        status = resolve_report.outcome,
        decided_at = statement_timestamp(),
        -- of somebody who is gone only undecided reports keep their text
        reason = case
            when (select count(*) from public.user_profiles as p where p.id in (r.reporter_id, r.subject_id)) = 2 then r.reason
        end
    where r.id = _report.id;

    perform wingman.end_operation();
    return row(true, 'Report ' || resolve_report.outcome || '.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('resolve_report');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.resolve_report(uuid, text, text) is
'Decides a report that you have taken; the decision is final.
outcome: resolved: you acted on it; dismissed: there was nothing to act on. note: what you found and did, 1 to 500 characters, kept
in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, report_not_found, report_already_decided, report_not_taken, busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.resolve_report(uuid, text, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.resolve_report(uuid, text, text) to wingman_admin, service_role;

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
comment on column wingman_admin.settings.value is 'Its value: a number, a duration, or null';
comment on column wingman_admin.settings.meaning is 'What it does';

revoke all on table wingman_admin.settings from public, anon, authenticated, service_role;
grant select on table wingman_admin.settings to wingman_admin, service_role;

-- file: sql/admin/settings_history.sql
create or replace view wingman_admin.settings_history as
select
    d.id as decision_id,
    d.decided_at,
    d.login,
    c.name,
    d.reason,
    d.details -> 'before' ->> c.name as value_before,
    d.details -> 'after' ->> c.name as value_after
from wingman.operator_decisions as d
cross join lateral jsonb_object_keys(d.details -> 'after') as c (name)
where d.kind = 'settings_changed'
order by d.id desc, c.name asc;

comment on view wingman_admin.settings_history is 'Which setting was changed when, by whom and why, newest first';
comment on column wingman_admin.settings_history.decision_id is 'The decision, in wingman_admin.decisions';
comment on column wingman_admin.settings_history.decided_at is 'When it was changed';
comment on column wingman_admin.settings_history.login is 'The login of the operator';
comment on column wingman_admin.settings_history.name is 'The setting';
comment on column wingman_admin.settings_history.value_before is 'Its value before';
comment on column wingman_admin.settings_history.value_after is 'Its value after';
comment on column wingman_admin.settings_history.reason is 'Why, in the operator''s words';

revoke all on table wingman_admin.settings_history from public, anon, authenticated, service_role;
grant select on table wingman_admin.settings_history to wingman_admin, service_role;

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
                perform wingman.refuse_violation(row(_name, 'must be a whole number or a duration')::wingman.violation);
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
            journal_drop_limit = _after.journal_drop_limit
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
                case jsonb_typeof(change_settings.changes -> _column)
                    when 'string' then 'must be within its range, in hours, minutes and seconds'
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

-- file: sql/admin/audit_log.sql
create or replace view wingman_admin.audit_log as
select
    e.id,
    e.occurred_at,
    e.kind,
    e.match_id,
    e.session_id,
    e.user_id,
    e.details,
    nullif(split_part(e.source, e'\t', 1), '') as call,
    nullif(split_part(e.source, e'\t', 2), '') as acted_for,
    coalesce(nullif(split_part(e.source, e'\t', 3), 'none'), split_part(e.source, e'\t', 4)) as role,
    split_part(e.source, e'\t', 4) as login,
    nullif(split_part(e.source, e'\t', 5), '') as request_id,
    wingman.decision_of(e.source) as decision_id
from wingman.events as e;

comment on view wingman_admin.audit_log is
'The journal: every change of state, kept for settings.journal_retention_months. Filter by match_id or by a range of occurred_at:
both find rows without reading the whole journal';
comment on column wingman_admin.audit_log.id is
'The order of writing. For one match or session, this is the order in which things happened';
comment on column wingman_admin.audit_log.occurred_at is 'Start of the statement that made the change';
comment on column wingman_admin.audit_log.kind is 'What happened, a word of wingman.event_kinds()';
comment on column wingman_admin.audit_log.match_id is 'The match that it happened to, directly or through a session; else null';
comment on column wingman_admin.audit_log.session_id is 'The session that it happened to; else null';
comment on column wingman_admin.audit_log.user_id is
'For matches and sessions: which of the two people did it; null if neither did. For a profile, a pause or a block: the user';
comment on column wingman_admin.audit_log.details is 'Whatever kind and ids do not say; see wingman.event_kinds()';
comment on column wingman_admin.audit_log.call is 'The function that was called; null for direct SQL';
comment on column wingman_admin.audit_log.acted_for is
'The user on whose behalf the call was made; null for direct SQL and for operators'' functions';
comment on column wingman_admin.audit_log.role is 'The role that made the change, wingman.caller_role';
comment on column wingman_admin.audit_log.login is 'The login that made the change, session_user';
comment on column wingman_admin.audit_log.request_id is 'The header x-request-id of the call; null without one';
comment on column wingman_admin.audit_log.decision_id is
'The decision in wingman_admin.decisions that the change carries out; null for everything but operators'' functions';

revoke all on table wingman_admin.audit_log from public, anon, authenticated, service_role;
grant select on table wingman_admin.audit_log to wingman_admin, service_role;

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
where d.kind in ('session_no_show', 'session_reverted', 'session_cancelled');

comment on view wingman_admin.session_decisions is
'What operators decided about sessions: who did not come, what was taken back, what was cancelled';
comment on column wingman_admin.session_decisions.session_id is 'The session';
comment on column wingman_admin.session_decisions.decision is
'no_show: mark_no_show; reverted: revert_completion; cancelled: cancel_session';
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
    update public.wingman_sessions as s set status = 'cancelled' where s.id = _session.id;

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

-- file: sql/admin/end_match.sql
create or replace function wingman_admin.end_match(match_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _match record;
begin
    perform wingman.begin_operation('end_match');
    perform wingman.require_argument('match_id', end_match.match_id is not null);
    perform wingman.require_argument('reason', end_match.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(end_match.reason));
    select m.* into _match from wingman.lock_match(end_match.match_id) as m;

    if _match.id is null then
        perform wingman.raise_error('match_not_found');
    elsif _match.status <> 'accepted' or _match.ended_at is not null then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object(
            'status',
            case
                when _match.ended_at is not null then 'ended'
                else wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
            end
        ));
    end if;

    perform wingman.record_decision('match_ended', _match.id, null, end_match.reason);
    perform wingman.end_accepted_match(_match.id, null);

    perform wingman.end_operation();
    return row(true, 'Match ended: its active session, if it had one, is cancelled.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('end_match');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.end_match(uuid, text) is
'Ends an accepted match on behalf of nobody, and cancels its active session.
The two people may be matched again once settings.rematch_after has passed since the match was made. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions. The two people do not see it.
Errors: missing_argument, invalid_argument, match_not_found, match_not_accepted, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.end_match(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.end_match(uuid, text) to wingman_admin, service_role;

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
    select s.* into _session from wingman.lock_session(mark_no_show.session_id) as s;

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
    update public.wingman_sessions as s set status = 'no_show' where s.id = _session.id;
    perform wingman.record_reputation(
        _session.id,
        'no_show',
        mark_no_show.absent_user_id,
        case mark_no_show.absent_user_id when _session.user1_id then _session.user2_id else _session.user1_id end,
        both_people => false
    );

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
Sets status no_show, writes one entry to the ledger and adds 1 to no_shows of the absent person; an earlier confirmation stays.
wingman_admin.revert_completion takes it back. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, not_session_participant, invalid_session_state,
session_not_started, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.mark_no_show(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.mark_no_show(uuid, uuid, text) to wingman_admin, service_role;

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
    select s.* into _session from wingman.lock_session(revert_completion.session_id) as s;

    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    elsif _session.reverted_at is not null then
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
Writes reversing entries to the ledger, corrects the counters and sets reverted_at; the status stays. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state (also for a second revert), busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.revert_completion(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.revert_completion(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/export_user.sql
create or replace function wingman_admin.export_user(user_id uuid, reason text)
returns public.data_export
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _data jsonb;
begin
    perform wingman.begin_operation('export_user');
    perform wingman.require_argument('user_id', export_user.user_id is not null);
    perform wingman.record_decision('user_exported', export_user.user_id, null, export_user.reason);
    _data := wingman.personal_data(export_user.user_id, with_exact_place => false);
    -- of somebody whose profile is gone, what is kept
    if not exists (select from public.user_profiles as p where p.id = export_user.user_id)
        and not exists (select from wingman.reputation_events as g where g.user_id = export_user.user_id)
    then
        perform wingman.raise_error('user_not_found');
    end if;
    perform wingman.end_operation();
    return row(statement_timestamp(), _data)::public.data_export;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('export_user');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.export_user(uuid, text) is
'Everything that WingmanMatch holds about a user, as public.export_my_data gives it, but without the exact place. Of a user
whose data was erased, what is kept. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.decisions.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.export_user(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.export_user(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/erase_user.sql
create or replace function wingman_admin.erase_user(user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('erase_user');
    perform wingman.require_argument('user_id', erase_user.user_id is not null);
    perform wingman.record_decision('user_erased', erase_user.user_id, null, erase_user.reason);
    if not wingman.erase_person(erase_user.user_id) then
        perform wingman.raise_error('user_not_found');
    end if;
    perform wingman.end_operation();
    return row(true, 'The user''s data has been erased.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('erase_user');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.erase_user(uuid, text) is
'Erases a user''s data, as public.erase_my_account does; the account of the sign-in service stays. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions, so it should say nothing personal.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.erase_user(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.erase_user(uuid, text) to wingman_admin, service_role;

-- file: sql/admin/erasures.sql
create or replace view wingman_admin.erasures as
select
    g.user_id,
    g.created_at as erased_at,
    p.id is not null as has_returned
from wingman.reputation_events as g
left join public.user_profiles as p on g.user_id = p.id
where g.kind = 'departed';

comment on view wingman_admin.erasures is
'Whose data was erased, and when: by the user, an operator, or with the account. Keep a copy outside the database: an older
backup that is restored does not know of them. Reads the whole ledger';
comment on column wingman_admin.erasures.user_id is 'The user';
comment on column wingman_admin.erasures.erased_at is 'When';
comment on column wingman_admin.erasures.has_returned is 'Whether the same user has a profile again';

revoke all on table wingman_admin.erasures from public, anon, authenticated, service_role;
grant select on table wingman_admin.erasures to wingman_admin, service_role;

-- file: sql/api/block_user.sql
create or replace function public.block_user(subject_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.block_user(block_user.subject_id, block_user.user_id, block_user.idempotency_key);
end
$$;

comment on function public.block_user(uuid, uuid, text) is
'Blocks another user: from now on neither is matched with the other or sees the other''s profile or reputation.
A pending match between them is declined, an accepted one ends and its active session is cancelled. Blocking again changes
nothing. The other person is not notified, and comes back to the same block after an erasure.
subject_id: the user to block.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.block_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.block_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/unblock_user.sql
create or replace function public.unblock_user(subject_id uuid, user_id uuid default null, idempotency_key text default null)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.unblock_user(unblock_user.subject_id, unblock_user.user_id, unblock_user.idempotency_key);
end
$$;

comment on function public.unblock_user(uuid, uuid, text) is
'Removes the caller''s block of another user; what the block ended stays ended. Without a block nothing changes.
subject_id: the user to unblock, who may have left.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.unblock_user(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.unblock_user(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/api/export_my_data.sql
create or replace function public.export_my_data(user_id uuid default null)
returns public.data_export
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.export_my_data(export_my_data.user_id);
end
$$;

comment on function public.export_my_data(uuid) is
'Reads everything that WingmanMatch holds about the caller, also what is left of it after an erasure.
It names nobody who reported or blocked the caller, and has no texts of others.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: one export.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found.';
revoke all on function public.export_my_data(uuid) from public, anon, authenticated, service_role;
grant execute on function public.export_my_data(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/erase_my_account.sql
create or replace function public.erase_my_account(
    confirmation text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.erase_my_account(
        erase_my_account.confirmation,
        erase_my_account.user_id,
        erase_my_account.idempotency_key
    );
end
$$;

comment on function public.erase_my_account(text, uuid, text) is
'Erases everything that WingmanMatch holds about the caller, at once and for good, except for what docs/privacy.md lists.
Profile, place, texts, settings and kept answers go. A pending match is declined, accepted ones end, and their sessions are
cancelled. The account of the sign-in service stays; deleting that erases the same. Erasing again does nothing.
confirmation: the word erase, so that nobody calls this by mistake.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.erase_my_account(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.erase_my_account(text, uuid, text) to authenticated, service_role, wingman_admin;

-- removed: sql/sessions/session_decisions.sql
insert into wingman.operator_decisions (decided_at, login, kind, subject_id, reason, details)
select
    d.created_at,
    d.decided_by,
    'session_' || d.decision,
    d.session_id,
    d.reason,
    coalesce(
        (
            select jsonb_build_object('absent_user_id', e.user_id)
            from wingman.reputation_events as e
            where e.session_id = d.session_id and e.kind = 'no_show' and d.decision = 'no_show'
        ),
        '{}'
    )
from wingman.session_decisions as d
order by d.created_at;

-- its rows have moved
-- squawk-ignore ban-drop-table
drop table wingman.session_decisions;

-- what the reader has read already; the rest it finds itself
insert into wingman.user_events (user_id, id, xid, occurred_at)
select e.user_id, e.id, e.xid, e.occurred_at
from wingman.events as e
where e.match_id is null
    and e.user_id is not null
    and not exists (select from wingman.unread_events('statistics') as u where u.xid = e.xid and u.id = e.id);
