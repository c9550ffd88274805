-- file: sql/kernel/settings.sql sha256:f66c6df0872561c5c4ddb7e163fd508cbdaae32eb81dffbe412c457f9d9a8dfc
alter table wingman.settings
    add column match_expiring_before interval not null default interval '12 hours'
    constraint settings_match_expiring_before check (wingman.is_clock_interval(match_expiring_before, '0', '8760 hours')),
    add column session_reminder_before interval not null default interval '24 hours'
    constraint settings_session_reminder_before check (wingman.is_clock_interval(session_reminder_before, '0', '8760 hours')),
    add column session_reminder_again interval not null default interval '1 hour'
    constraint settings_session_reminder_again check (wingman.is_clock_interval(session_reminder_again, '0', '8760 hours')),
    add column agreement_reminder_before interval not null default interval '12 hours'
    constraint settings_agreement_reminder_before check (wingman.is_clock_interval(agreement_reminder_before, '0', '8760 hours')),
    add column confirmation_reminder_after interval not null default interval '12 hours'
    constraint settings_confirmation_reminder_after check (
        wingman.is_clock_interval(confirmation_reminder_after, '0', '8760 hours')
    ),
    add column notifications_per_day integer not null default 20
    constraint settings_notifications_per_day check (notifications_per_day between 1 and 1000),
    add column notification_retention interval not null default interval '2160 hours'
    constraint settings_notification_retention check (wingman.is_clock_interval(notification_retention, '1 hour', '87600 hours'));

comment on column wingman.settings.match_expiring_before is
'How long before a match expires people who have not answered are reminded; 0: never';
comment on column wingman.settings.session_reminder_before is
'How long before a session those who proposed it or agreed to it are reminded; 0: never';
comment on column wingman.settings.session_reminder_again is 'How long before a session they are reminded again; 0: never';
comment on column wingman.settings.agreement_reminder_before is
'How long before a session the one who has not agreed to it is reminded; 0: never';
comment on column wingman.settings.confirmation_reminder_after is
'How long after the time of a session those who have not confirmed it are reminded';
comment on column wingman.settings.notifications_per_day is
'How often in 24 hours one person is told what another did; after that, they are told once that there was more';
comment on column wingman.settings.notification_retention is 'How long a notification is kept';

-- file: sql/kernel/id_at.sql
create or replace function wingman.id_at(moment timestamptz)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return concat(
        '0',
        overlay(to_hex((extract(epoch from id_at.moment) * 4096000)::bigint) placing '7' from 12 for 0),
        substr(gen_random_uuid()::text, 20)
    )::uuid;
end
$$;

comment on function wingman.id_at(timestamptz) is
'A UUID version 7 of a given time, made like wingman.new_id(): the id of a later microsecond is greater';
revoke all on function wingman.id_at(timestamptz) from public, anon, authenticated, service_role;

-- drop: sql/journal/event_kinds.sql
drop function wingman.event_kinds();

-- file: sql/journal/event_kinds.sql
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
            'notification_retention'
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

-- file: sql/inbox/is_notification_kind.sql
create or replace function wingman.is_notification_kind(kind text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from wingman.notification_kinds() as k where k.kind = is_notification_kind.kind);
end
$$;

comment on function wingman.is_notification_kind(text) is 'Whether wingman.notification_kinds() has this kind';
revoke all on function wingman.is_notification_kind(text) from public, anon, authenticated, service_role;

-- file: sql/inbox/wingman_notifications.sql
-- derived: from the journal
create table public.wingman_notifications (
    id uuid constraint wingman_notifications_pkey primary key,
    user_id uuid not null
    constraint wingman_notifications_user_id_fkey references public.user_profiles (id) on delete cascade,
    kind text not null constraint wingman_notifications_kind_check check (wingman.is_notification_kind(kind)),
    event_id bigint,
    match_id uuid,
    session_id uuid,
    due_at timestamptz,
    useful_until timestamptz,
    created_at timestamptz not null default statement_timestamp(),
    read_at timestamptz,
    is_limited boolean not null default false,
    constraint wingman_notifications_cause_check check ((event_id is null) = (due_at is not null))
);

create index wingman_notifications_user_idx on public.wingman_notifications (user_id, id);
create index wingman_notifications_unread_idx on public.wingman_notifications (user_id, id) where read_at is null;
create unique index wingman_notifications_event_idx on public.wingman_notifications (event_id, user_id)
where event_id is not null;
create unique index wingman_notifications_due_idx
on public.wingman_notifications (user_id, kind, (coalesce(session_id, match_id)), due_at)
where event_id is null;

alter table public.wingman_notifications enable row level security;

comment on table public.wingman_notifications is
'The inboxes: each event and each reminder once for each person. Only the reader inbox adds rows, see wingman.fill_inboxes';
comment on column public.wingman_notifications.id is
'UUID version 7. Greater than all ids committed before, even if the clock has gone back: a client that has seen everything up to
an id has missed nothing';
comment on column public.wingman_notifications.user_id is 'Who is told';
comment on column public.wingman_notifications.kind is 'What it tells: a kind of wingman.notification_kinds()';
comment on column public.wingman_notifications.event_id is
'The event of the journal; null for a reminder';
comment on column public.wingman_notifications.match_id is 'The match that it is about; null if it is about the user alone';
comment on column public.wingman_notifications.session_id is 'The session that it is about, if it is about one';
comment on column public.wingman_notifications.due_at is 'When a reminder was due; null for an event';
comment on column public.wingman_notifications.useful_until is 'Until when it is useful; null for always';
comment on column public.wingman_notifications.created_at is 'When it was written';
comment on column public.wingman_notifications.read_at is 'When the user marked it as read; null until then';
comment on column public.wingman_notifications.is_limited is
'Whether settings.notifications_per_day counts it: the other person did what it tells';

revoke all on table public.wingman_notifications from public, anon, authenticated, service_role;
grant select on table public.wingman_notifications to authenticated, service_role, wingman_admin;

-- file: sql/inbox/inbox_clock.sql
-- derived: from the ids of notifications
create table wingman.inbox_clock (
    id boolean constraint inbox_clock_pkey primary key default true constraint inbox_clock_one_row check (id),
    told_until timestamptz not null default '-infinity'
);

insert into wingman.inbox_clock default values;

comment on table wingman.inbox_clock is
'One row, which a transaction that fills the inboxes locks, so that ids of notifications grow in the order in which they are
committed';
comment on column wingman.inbox_clock.id is 'Always true: there is one row';
comment on column wingman.inbox_clock.told_until is
'The time in the greatest id of a notification; the next id is later, even if the clock has gone back';

revoke all on table wingman.inbox_clock from public, anon, authenticated, service_role;

-- file: sql/inbox/reminders.sql
-- derived: planned from the journal
create table wingman.reminders (
    id uuid constraint reminders_pkey primary key default wingman.new_id(),
    due_at timestamptz not null,
    kind text not null constraint reminders_kind_check check (
        kind in ('match_expiring', 'session_reminder', 'agreement_reminder', 'confirmation_reminder')
    ),
    match_id uuid not null,
    session_id uuid,
    about timestamptz not null
);

create unique index reminders_once_idx on wingman.reminders (due_at, kind, (coalesce(session_id, match_id)));
create index reminders_session_idx on wingman.reminders (session_id) where session_id is not null;

comment on table wingman.reminders is
'Reminders to be told when they are due, if they still apply. The reader inbox plans them for each time that an event sets, so
that calls do no extra work';
comment on column wingman.reminders.id is 'UUID version 7';
comment on column wingman.reminders.due_at is 'When it is due';
comment on column wingman.reminders.kind is 'What it reminds of: a kind of wingman.notification_kinds()';
comment on column wingman.reminders.match_id is 'The match';
comment on column wingman.reminders.session_id is 'The session; null for a match that expires';
comment on column wingman.reminders.about is
'The time of the session or the end of the match for which it was planned; if that has changed, the reminder is not told';

revoke all on table wingman.reminders from public, anon, authenticated, service_role;

-- file: sql/inbox/notice.sql
create type wingman.notice as (
    user_id uuid,
    other_id uuid,
    kind text,
    event_id bigint,
    match_id uuid,
    session_id uuid,
    due_at timestamptz,
    about timestamptz,
    useful_until timestamptz,
    is_limited boolean
);

comment on type wingman.notice is 'A notification that is yet to be written';
comment on column wingman.notice.user_id is 'Who is told';
comment on column wingman.notice.other_id is 'The other person of the match; null if it is about the user alone';
comment on column wingman.notice.kind is 'What it tells: a kind of wingman.notification_kinds()';
comment on column wingman.notice.event_id is 'The event; null for a reminder';
comment on column wingman.notice.match_id is 'The match; null if it is about the user alone';
comment on column wingman.notice.session_id is 'The session, if it is about one';
comment on column wingman.notice.due_at is 'When a reminder was due; null for an event';
comment on column wingman.notice.about is
'For a reminder, the time of the session or the end of the match; null for an event';
comment on column wingman.notice.useful_until is 'Until when it is useful; null for always';
comment on column wingman.notice.is_limited is
'Whether settings.notifications_per_day counts it: the other person did what it tells';

-- file: sql/inbox/postponed_notices.sql
-- derived: read from the journal
create table wingman.postponed_notices (
    id uuid constraint postponed_notices_pkey primary key default wingman.new_id(),
    notice wingman.notice not null,
    postponed_at timestamptz not null default statement_timestamp()
);

comment on table wingman.postponed_notices is
'Notifications that were not written because another transaction was erasing the user. The next run writes them, or drops them if
the user is gone. Almost always empty';
comment on column wingman.postponed_notices.id is 'UUID version 7';
comment on column wingman.postponed_notices.notice is 'The notification';
comment on column wingman.postponed_notices.postponed_at is
'When it was postponed; a user who has returned with the same id since is not told';

revoke all on table wingman.postponed_notices from public, anon, authenticated, service_role;

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
        -- what the block itself did is told as if there were no block
        and (e.user_id is distinct from r.other_id or not exists (
            select
            from public.user_blocks as b
            where b.blocker_id in (r.id, r.other_id)
                and b.blocked_id in (r.id, r.other_id)
                and b.created_at <> e.occurred_at
        ))
    order by e.id, p.id;
end
$$;

comment on function wingman.notices_of(wingman.events[]) is
'Who is told of these events: never the person who did it; not the other person either if one of the two has blocked the other,
unless the block itself did it; and one act once, even if it caused several events';
revoke all on function wingman.notices_of(wingman.events[]) from public, anon, authenticated, service_role;

-- file: sql/inbox/plan_reminders.sql
create or replace function wingman.plan_reminders(match_id uuid, session_id uuid, about timestamptz, since timestamptz)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.reminders (due_at, kind, match_id, session_id, about)
    select r.due_at, r.kind, plan_reminders.match_id, plan_reminders.session_id, plan_reminders.about
    from wingman.settings as t
    cross join lateral (
        values
        ('match_expiring', plan_reminders.about - t.match_expiring_before),
        ('session_reminder', plan_reminders.about - t.session_reminder_before),
        ('session_reminder', plan_reminders.about - t.session_reminder_again),
        ('agreement_reminder', plan_reminders.about - t.agreement_reminder_before),
        ('confirmation_reminder', plan_reminders.about + t.confirmation_reminder_after)
    ) as r (kind, due_at)
    where (r.kind = 'match_expiring') = (plan_reminders.session_id is null)
        -- not what was already due when the time was set: the event itself is told
        and r.due_at > plan_reminders.since
    on conflict do nothing;
end
$$;

comment on function wingman.plan_reminders(uuid, uuid, timestamptz, timestamptz) is
'Plans the reminders for the time of a session or, if session_id is null, for the end of a pending match. about: that time; since:
when the time was set';
revoke all on function wingman.plan_reminders(uuid, uuid, timestamptz, timestamptz)
from public, anon, authenticated, service_role;

-- file: sql/inbox/notices_due.sql
create or replace function wingman.notices_due(reminders wingman.reminders[])
returns setof wingman.notice
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select u.id, u.other_id, r.kind, null::bigint, s.match_id, s.id, r.due_at, r.about, u.useful_until, false
    from unnest(notices_due.reminders) as r
    inner join public.wingman_sessions as s on s.id = r.session_id and s.is_active and s.scheduled_time = r.about
    cross join lateral (
        select o.id, o.other_id, case r.kind when 'confirmation_reminder' then null else s.scheduled_time end
        from (values (s.user1_id, s.user2_id), (s.user2_id, s.user1_id)) as o (id, other_id)
        where case r.kind
            when 'session_reminder' then wingman.has_committed(s, o.id)
            when 'agreement_reminder' then s.proposed_by is not null and not wingman.has_committed(s, o.id)
            else not wingman.has_confirmed(s, o.id) and not s.no_show_reported
        end
    ) as u (id, other_id, useful_until)
    inner join public.user_profiles as p on p.id = u.id
    where coalesce(u.useful_until > statement_timestamp(), true)
        -- of two late reminders of a session, only the later one is told
        and not exists (
            select
            from unnest(notices_due.reminders) as o
            where o.kind = r.kind and o.session_id = r.session_id and o.about = r.about and o.due_at > r.due_at
        )
        -- also if the later one comes with the next page
        and not exists (
            select
            from wingman.reminders as o
            where o.session_id = r.session_id
                and o.kind = r.kind
                and o.about = r.about
                and o.due_at > r.due_at
                and o.due_at <= statement_timestamp()
        )
    union all
    select u.id, u.other_id, r.kind, null, m.id, null, r.due_at, r.about, m.expires_at, false
    from unnest(notices_due.reminders) as r
    inner join public.wingman_matches as m on m.id = r.match_id and m.status = 'pending' and m.expires_at = r.about
    cross join lateral (values (m.user1_id, m.user2_id), (m.user2_id, m.user1_id)) as u (id, other_id)
    inner join public.user_profiles as p on p.id = u.id
    where r.kind = 'match_expiring'
        and u.id is distinct from m.first_accepted_by
        and m.expires_at > statement_timestamp();
end
$$;

comment on function wingman.notices_due(wingman.reminders[]) is
'Who is told of these reminders, which are due: only if they still apply and are still useful. session_reminder: those who
proposed the session or agreed to it; agreement_reminder: the one who has not; confirmation_reminder: those who have not confirmed
it; match_expiring: those who have not answered';
revoke all on function wingman.notices_due(wingman.reminders[]) from public, anon, authenticated, service_role;

-- file: sql/inbox/take_postponed.sql
create or replace function wingman.take_postponed()
returns setof wingman.notice
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _taken wingman.notice[];
    _events wingman.events[];
    _reminders wingman.reminders[];
begin
    with taken as (
        delete from wingman.postponed_notices as o where true returning o.notice, o.postponed_at
    )

    select array_agg(t.notice)
    into _taken
    from taken as t
    -- not for users who were erased meanwhile and have returned with the same id
    inner join public.user_profiles as p on p.id = (t.notice).user_id and p.created_at <= t.postponed_at;
    if _taken is null then
        return;
    end if;

    _events := array(
        select e
        from wingman.events as e
        inner join unnest(_taken) as t on t.match_id = e.match_id and t.event_id = e.id
    );
    _reminders := array(
        select row(null, t.due_at, t.kind, t.match_id, t.session_id, t.about)::wingman.reminders
        from unnest(_taken) as t
        where t.event_id is null
    );
    return query
    select n.*
    from wingman.notices_of(_events) as n
    where exists (select from unnest(_taken) as t where t.user_id = n.user_id and t.event_id = n.event_id)
    union all
    select n.*
    from wingman.notices_due(_reminders) as n
    where exists (
        select
        from unnest(_taken) as t
        where t.user_id = n.user_id
            and t.kind = n.kind
            and t.due_at = n.due_at
            and coalesce(t.session_id, t.match_id) = coalesce(n.session_id, n.match_id)
    )
    union all
    -- what is about a user alone is told as it was
    select t.*
    from unnest(_taken) as t
    where t.match_id is null;
end
$$;

comment on function wingman.take_postponed() is
'Takes the postponed notifications that still apply: each is checked again, because things may have changed meanwhile';
revoke all on function wingman.take_postponed() from public, anon, authenticated, service_role;

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
    )

    update wingman.inbox_clock as c
    set told_until = _base + cardinality(tell.notices) * interval '1 microsecond'
    where exists (select from written as w);
end
$$;

comment on function wingman.tell(wingman.notice[]) is
'Writes notifications: each event and each reminder once for each person. The caller has locked wingman.inbox_clock. One person''s
acts are told to another at most settings.notifications_per_day times in 24 hours, and then once that there was more';
revoke all on function wingman.tell(wingman.notice[]) from public, anon, authenticated, service_role;

-- file: sql/inbox/fill_inboxes.sql
create or replace function wingman.fill_inboxes(max_rows integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _events wingman.events[];
    _due wingman.reminders[];
    _postponed wingman.notice[];
begin
    if not wingman.has_to_read('inbox')
        and not exists (select from wingman.reminders as r where r.due_at <= statement_timestamp())
        and not exists (select from wingman.postponed_notices)
    then
        -- nothing to do costs neither a transaction id nor WAL
        return 0;
    end if;
    perform from wingman.inbox_clock for update skip locked;
    if not found then
        return 0;
    end if;

    _postponed := array(select n from wingman.take_postponed() as n);
    _events := array(select e from wingman.read_events('inbox', fill_inboxes.max_rows) as e);
    perform wingman.plan_reminders(e.match_id, e.session_id, a.about, e.occurred_at)
    from unnest(_events) as e
    cross join lateral (select case when e.session_id is null then 'expires_at' else 'scheduled_time' end) as c (field)
    cross join lateral (select coalesce(e.details ->> c.field, e.details -> 'after' ->> c.field)::timestamptz) as a (about)
    where e.match_id is not null
        and a.about is not null
        and e.kind in ('match_offered', 'session_scheduled', 'session_moved', 'changed_by_hand');
    with due as (
        delete from wingman.reminders as r
        where r.ctid = any(array(
            select o.ctid
            from wingman.reminders as o
            where o.due_at <= statement_timestamp()
            order by o.due_at
            limit fill_inboxes.max_rows
        ))
        returning r
    )

    select coalesce(array_agg(d.r order by (d.r).due_at), '{}') into strict _due from due as d;
    perform wingman.tell(
        _postponed
        || array(select n from wingman.notices_of(_events) as n)
        || array(select n from wingman.notices_due(_due) as n)
    );
    return greatest(cardinality(_events), cardinality(_due));
end
$$;

comment on function wingman.fill_inboxes(integer) is
'Notifies people of the events that the reader inbox has not read yet and of the reminders that are due, at most max_rows of each.
Returns the number of events or of reminders that it has processed, whichever is greater: less than max_rows if there are no more
for now, or another transaction is filling inboxes';
revoke all on function wingman.fill_inboxes(integer) from public, anon, authenticated, service_role;

-- file: sql/inbox/notification.sql
create type public.notification as (
    id uuid,
    kind text,
    message text,
    match_id uuid,
    session_id uuid,
    buddy_user_id uuid,
    buddy_first_name text,
    created_at timestamptz,
    useful_until timestamptz,
    read_at timestamptz
);

comment on type public.notification is 'A notification in the caller''s inbox';
comment on column public.notification.id is 'The id: newer ones are greater';
comment on column public.notification.kind is
'What it tells: one of notification_kind: match_offered, match_first_accepted, match_accepted, match_declined, match_ended,
session_scheduled, session_moved, session_agreed, session_started, session_confirmed, session_completed, session_cancelled,
session_no_show, session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn, no_show_dismissed,
matching_paused, user_suspended, suspension_lifted, match_expiring, session_reminder, agreement_reminder, confirmation_reminder,
more_activity';
comment on column public.notification.message is 'A sentence for the user to read';
comment on column public.notification.match_id is
'The match that it is about; null if it is about the caller alone (nullable)';
comment on column public.notification.session_id is 'The session that it is about, if it is about one (nullable)';
comment on column public.notification.buddy_user_id is 'The buddy, while the two are matched (nullable)';
comment on column public.notification.buddy_first_name is 'The buddy''s current first name, while the two are matched (nullable)';
comment on column public.notification.created_at is 'When it was written';
comment on column public.notification.useful_until is 'Until when it is useful; null for always (nullable)';
comment on column public.notification.read_at is 'When the caller marked it as read; null until then (nullable)';

-- file: sql/inbox/notification_count.sql
create type public.notification_count as (
    unread integer
);

comment on type public.notification_count is 'How many notifications are unread';
comment on column public.notification_count.unread is 'How many notifications are unread and still useful';

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
        upper(left(f.message, 1)) || substr(f.message, 2),
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
    cross join lateral (
        select wingman.fill_in(k.message, jsonb_build_object('buddy', coalesce(p.first_name, 'your buddy')))
    ) as f (message)
    where w.id = any(notifications_of.ids) and w.user_id = notifications_of.user_id
    order by w.id desc;
end
$$;

comment on function wingman.notifications_of(uuid[], uuid) is
'Notifications of a user as that user reads them, newest first, with the current names of current partners';
revoke all on function wingman.notifications_of(uuid[], uuid) from public, anon, authenticated, service_role;

-- file: sql/inbox/count_unread.sql
create or replace function wingman.count_unread(user_id uuid)
returns public.notification_count
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return row((
        select count(*)
        from public.wingman_notifications as w
        where w.user_id = count_unread.user_id
            and w.read_at is null
            and (w.useful_until is null or w.useful_until > statement_timestamp())
    ))::public.notification_count;
end
$$;

comment on function wingman.count_unread(uuid) is 'How many notifications of a user are unread and still useful';
revoke all on function wingman.count_unread(uuid) from public, anon, authenticated, service_role;

-- file: sql/inbox/told_after.sql
create or replace function wingman.told_after(after uuid, max_rows integer)
returns table (id uuid, user_id uuid)
language plpgsql
stable
security definer
rows 100
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select w.id, w.user_id
    from public.wingman_notifications as w
    where w.id > told_after.after
    order by w.id
    limit told_after.max_rows;
end
$$;

comment on function wingman.told_after(uuid, integer) is
'For servers that push: the notifications of all users after a given id, oldest first, at most max_rows. Ids grow in the order in
which they are committed, so a server that goes on from the last id misses none';
revoke all on function wingman.told_after(uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman.told_after(uuid, integer) to service_role;

-- file: sql/inbox/last_told.sql
create or replace function wingman.last_told()
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (select w.id from public.wingman_notifications as w order by w.id desc limit 1),
        uuid '00000000-0000-0000-0000-000000000000'
    );
end
$$;

comment on function wingman.last_told() is
'For servers that push: the id of the newest notification of all users; all zeros if there is none';
revoke all on function wingman.last_told() from public, anon, authenticated, service_role;
grant execute on function wingman.last_told() to service_role;

-- file: sql/inbox/notifications_between.sql
create or replace function wingman.notifications_between(user_id uuid, after uuid, up_to uuid, max_rows integer)
returns setof public.notification
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select n.*
    from wingman.notifications_of(
        array(
            select w.id
            from public.wingman_notifications as w
            where w.user_id = notifications_between.user_id
                and w.id > notifications_between.after
                and w.id <= notifications_between.up_to
            order by w.id
            limit notifications_between.max_rows
        ),
        notifications_between.user_id
    ) as n
    order by n.id;
end
$$;

comment on function wingman.notifications_between(uuid, uuid, uuid, integer) is
'For servers that push: a user''s notifications after one id and up to another, oldest first, at most max_rows';
revoke all on function wingman.notifications_between(uuid, uuid, uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman.notifications_between(uuid, uuid, uuid, integer) to service_role;

-- file: sql/inbox/without_profile.sql
create or replace function wingman.without_profile(user_ids uuid[])
returns setof uuid
language plpgsql
stable
security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select u.id
    from unnest(without_profile.user_ids) as u (id)
    where not exists (select from public.user_profiles as p where p.id = u.id);
end
$$;

comment on function wingman.without_profile(uuid[]) is
'For servers that push: which of these users have no profile, perhaps because they were erased';
revoke all on function wingman.without_profile(uuid[]) from public, anon, authenticated, service_role;
grant execute on function wingman.without_profile(uuid[]) to service_role;

-- file: sql/inbox/policies.sql
create policy own on public.wingman_notifications for select to authenticated
using (user_id = (select wingman.current_user_id()));

create policy operators on public.wingman_notifications for select to wingman_admin using (true);

-- file: sql/journal/reader_lags.sql
create or replace function wingman.reader_lags()
returns table (name text, source text, unread bigint, unread_since timestamptz, moved_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.name, r.source, g.unread + d.due, least(g.unread_since, d.due_since), r.moved_at
    from wingman.readers as r
    cross join lateral wingman.reader_lag(r.name) as g
    cross join lateral (
        select count(*), min(o.due_at)
        from wingman.reminders as o
        where r.name = 'inbox' and o.due_at <= statement_timestamp()
    ) as d (due, due_since);
end
$$;

comment on function wingman.reader_lags() is
'What each reader has not read, as wingman_admin.readers and wingman_admin.metrics show it; for the inbox, plus the
reminders that are due';
revoke all on function wingman.reader_lags() from public, anon, authenticated, service_role;
grant execute on function wingman.reader_lags() to service_role, wingman_admin;

-- file: sql/journal/has_to_read.sql
create or replace function wingman.has_to_read(reader text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.has_unread(has_to_read.reader) or exists (
        select
        from wingman.readers as r
        where r.name = has_to_read.reader
            and (
                wingman.is_of_another_cluster(r.cluster_id, r.target)
                or exists (select from wingman.reader_backlogs as b where b.reader = r.name)
            )
    );
end
$$;

comment on function wingman.has_to_read(text) is
'Whether a reader has anything left to read, or has to find its position in another cluster';
revoke all on function wingman.has_to_read(text) from public, anon, authenticated, service_role;

-- file: sql/journal/lock_reader.sql
create or replace function wingman.lock_reader(reader text, source text)
returns wingman.readers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _reader wingman.readers;
    _now pg_snapshot;
    _last_id bigint;
begin
    if wingman.write_obstacle() is not null then
        -- a standby's snapshot counts open transactions as finished; under another isolation level the snapshot
        -- would be older than the lock
        perform wingman.raise_error(wingman.write_obstacle());
    elsif not exists (
        select from wingman.readers as r where r.name = lock_reader.reader and r.source = lock_reader.source
    ) then
        raise exception using
            errcode = 'no_data_found',
            message = format('No reader of the %s is called %s', lock_reader.source, lock_reader.reader);
    elsif not wingman.has_to_read(lock_reader.reader) then
        -- without a transaction id, a lock or a line of WAL
        return null;
    end if;

    select r.* into _reader
    from wingman.readers as r
    where r.name = lock_reader.reader and r.source = lock_reader.source
    for update skip locked;
    if not found then
        return null;
    end if;

    if wingman.is_of_another_cluster(_reader.cluster_id, _reader.target) then
        -- once: from here on nobody is writing, so every id assigned so far belongs to a visible row or to none
        if _reader.source = 'journal' then
            lock table wingman.events in share mode;
        else
            lock table wingman.reputation_events in share mode;
        end if;
        select wingman.reader_snapshot() into _now;
        _last_id := wingman.last_id_of(_reader.source);
        insert into wingman.reader_backlogs (
            reader, first_id, last_id, seen, target, place_xid, place_id, target_id
        )
        values (
            _reader.name,
            _reader.first_id,
            _last_id,
            _reader.seen,
            _reader.target,
            coalesce(_reader.place_xid, '0'),
            coalesce(_reader.place_id, 0),
            _reader.last_id
        );
        update wingman.readers as r
        set
            seen = _now,
            target = _now,
            place_xid = null,
            place_id = null,
            first_id = _last_id,
            last_id = _last_id,
            cluster_id = wingman.cluster_id(),
            moved_at = statement_timestamp()
        where r.name = _reader.name
        returning r.* into _reader;
    end if;
    return _reader;
end
$$;

comment on function wingman.lock_reader(text, text) is
'Locks the row of a reader that has something left to read, for the rest of the transaction, and returns it; null if there is
nothing left or another transaction is reading. After the database has moved to another cluster, it waits once for those who are
writing to the source, and sets aside what is unread in wingman.reader_backlogs. source: the reader''s.
Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.lock_reader(text, text) from public, anon, authenticated, service_role;

-- file: sql/journal/first_readers.sql sha256:03c424d5e5b6bb75bc5173fb77e0fe36d39009abc32e89d2aef6d20943e61fb5
do $$
begin
    -- nobody is told what happened before there was an inbox, but reminded of what is still to come
    perform wingman.open_reader('inbox', 'journal', from_start => false);
    perform wingman.plan_reminders(s.match_id, s.id, s.scheduled_time, statement_timestamp())
    from public.wingman_sessions as s
    where s.is_active;
    perform wingman.plan_reminders(m.id, null, m.expires_at, statement_timestamp())
    from public.wingman_matches as m
    where m.status = 'pending';
end
$$;

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
    -- one look for both rare cases: each expression costs every confirmation
    if _session.no_show_reported is not false then
        if not found then
            perform wingman.refuse_confirmation(
                confirm_session_completion.session_id, confirm_session_completion.buddy_user_id, _call.user_id
            );
        end if;
        -- a confirmation withdraws the report that the same person made
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

-- file: sql/inbox/list_notifications.sql
create or replace function wingman.list_notifications(before uuid, page_size integer, unread_only boolean, user_id uuid)
returns setof public.notification
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_notifications.user_id), or_null => true);
begin
    perform wingman.check_page(list_notifications.page_size);
    perform wingman.require_argument('unread_only', list_notifications.unread_only is not null);

    return query
    select n.*
    from wingman.notifications_of(
        array(
            select w.id
            from public.wingman_notifications as w
            where w.user_id = _me
                and (list_notifications.before is null or w.id < list_notifications.before)
                and (not list_notifications.unread_only or w.read_at is null)
            order by w.id desc
            limit list_notifications.page_size
        ),
        _me
    ) as n;
end
$$;

comment on function wingman.list_notifications(uuid, integer, boolean, uuid) is 'Engine of public.list_notifications';
revoke all on function wingman.list_notifications(uuid, integer, boolean, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_notifications(uuid, integer, boolean, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/inbox/count_unread_notifications.sql
create or replace function wingman.count_unread_notifications(user_id uuid)
returns public.notification_count
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.count_unread(
        wingman.require_profile(wingman.acting_user_id(count_unread_notifications.user_id), or_null => true)
    );
end
$$;

comment on function wingman.count_unread_notifications(uuid) is 'Engine of public.count_unread_notifications';
revoke all on function wingman.count_unread_notifications(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.count_unread_notifications(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/inbox/mark_notifications_read.sql
create or replace function wingman.mark_notifications_read(up_to uuid, user_id uuid, idempotency_key text)
returns public.notification_count
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
        'mark_notifications_read',
        mark_notifications_read.user_id,
        mark_notifications_read.idempotency_key,
        row(mark_notifications_read.up_to)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.notification_count, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('up_to', mark_notifications_read.up_to is not null);

    -- an erasure of the caller waits until this ends; if it came first, there is no profile
    perform from public.user_profiles as p where p.id = _me for key share;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    update public.wingman_notifications as w
    set read_at = statement_timestamp()
    where w.user_id = _me and w.id <= mark_notifications_read.up_to and w.read_at is null;
    return wingman.end_call(_call, wingman.count_unread(_me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('mark_notifications_read', coalesce(_call.user_id, mark_notifications_read.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.mark_notifications_read(uuid, uuid, text) is 'Engine of public.mark_notifications_read';
revoke all on function wingman.mark_notifications_read(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.mark_notifications_read(uuid, uuid, text) to authenticated, service_role, wingman_admin;

-- file: sql/maintenance/reading.sql
create type wingman.reading as (
    told integer,
    counted_events integer,
    counted_reputation_events integer
);

comment on type wingman.reading is 'What a run of wingman.run_readers did';
comment on column wingman.reading.told is 'Events or due reminders that it processed for the inboxes, whichever were more';
comment on column wingman.reading.counted_events is 'Events of the journal that it counted for the operators'' views';
comment on column wingman.reading.counted_reputation_events is 'Entries of the ledger that it counted for these views';

-- file: sql/maintenance/run_readers.sql
create or replace function wingman.run_readers(max_rows integer default 1000)
returns wingman.reading
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _done wingman.reading;
begin
    perform wingman.begin_operation('run_readers');
    perform wingman.require_argument('max_rows', run_readers.max_rows is not null);
    if run_readers.max_rows not between 1 and 100000 then
        perform wingman.refuse_violation(row('max_rows', 'must be 1 to 100000')::wingman.violation);
    end if;

    _done.told := wingman.fill_inboxes(run_readers.max_rows);
    _done.counted_events := wingman.count_events(run_readers.max_rows);
    _done.counted_reputation_events := wingman.count_reputation_events(run_readers.max_rows);

    perform wingman.end_operation();
    return _done;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('run_readers');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.run_readers(integer) is
'Runs the readers: fills the inboxes and counts what happened for the operators'' views. wingman.run_maintenance does so too, and
tidies up. Can be called several times a second: if nothing has happened, it writes nothing. max_rows: the most rows for each
reader to process, 1 to 100000. Several runs can overlap: each skips what another is reading.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_readers(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_readers(integer) to wingman_admin, service_role;

-- file: sql/maintenance/maintenance.sql sha256:73b12cbf0b0a00fa1de573907cb9e10af22cc667cdbfc379c176743793bb6bb5
alter type wingman.maintenance
add attribute told integer,
add attribute purged_notifications integer;

comment on column wingman.maintenance.told is 'Events or due reminders that it processed for the inboxes, whichever were more';
comment on column wingman.maintenance.purged_notifications is
'Notifications past settings.notification_retention that it removed';

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
'Tidies up: settles lapsed matches, removes old idempotency keys and rate limits that are full again, creates and drops monthly
partitions of the journal, fills the inboxes and removes old notifications, and counts what happened for the operators'' views. No
call depends on it. max_rows: the most rows of each kind to process, 1 to 100000. Several runs can overlap: each skips what
another holds. A clock that has jumped ahead does not cost the history: see wingman.drop_event_partitions and
wingman.lapsed_until.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_maintenance(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_maintenance(integer) to wingman_admin, service_role;

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
            notification_retention = _after.notification_retention
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

-- file: sql/admin/readers.sql
create or replace view wingman_admin.readers as
select
    r.name,
    r.source,
    r.unread,
    r.unread_since,
    r.moved_at
from wingman.reader_lags() as r;

comment on view wingman_admin.readers is
'Who follows the journal or the ledger, and how far behind each is. A month of the journal is dropped only once all of them have
read it; remove an abandoned reader with wingman_admin.remove_reader';
comment on column wingman_admin.readers.name is 'The reader';
comment on column wingman_admin.readers.source is 'journal: wingman.events; ledger: wingman.reputation_events';
comment on column wingman_admin.readers.unread is
'How many events it has not read, counted up to 100000; for the inbox, plus the reminders that are due';
comment on column wingman_admin.readers.unread_since is 'When the oldest of these happened; null if there are none';
comment on column wingman_admin.readers.moved_at is 'When it last read something';

revoke all on table wingman_admin.readers from public, anon, authenticated, service_role;
grant select on table wingman_admin.readers to wingman_admin, service_role;

-- file: sql/admin/remove_reader.sql
create or replace function wingman_admin.remove_reader(name text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('remove_reader');
    perform wingman.require_argument('name', remove_reader.name is not null);
    if remove_reader.name in ('statistics', 'inbox', 'reputations') then
        perform wingman.refuse_violation(
            row('name', 'must not be one that inboxes or operators'' views need')::wingman.violation
        );
    end if;
    delete from wingman.readers as r where r.name = remove_reader.name;
    if not found then
        perform wingman.refuse_violation(row('name', 'must be that of a reader')::wingman.violation);
    end if;
    perform wingman.end_operation();
    return row(true, 'Reader removed: the journal is not kept for it any more.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('remove_reader');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.remove_reader(text) is
'Removes an abandoned reader, so that old months of the journal need not be kept for it. What it has counted so far stays.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.remove_reader(text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.remove_reader(text) to wingman_admin, service_role;

-- file: sql/api/list_notifications.sql
create or replace function public.list_notifications(
    before uuid default null,
    page_size integer default 20,
    unread_only boolean default false,
    user_id uuid default null
)
returns setof public.notification
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.list_notifications(
        list_notifications.before,
        list_notifications.page_size,
        list_notifications.unread_only,
        list_notifications.user_id
    ) as r;
end
$$;

comment on function public.list_notifications(uuid, integer, boolean, uuid) is
'Reads a page of the caller''s inbox, newest first.
before: the last id of the previous page.
page_size: 1 to 100 rows.
unread_only: leave out notifications that are marked as read.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: a page of notifications; empty for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_notifications(uuid, integer, boolean, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_notifications(uuid, integer, boolean, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/count_unread_notifications.sql
create or replace function public.count_unread_notifications(user_id uuid default null)
returns public.notification_count
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.count_unread_notifications(count_unread_notifications.user_id);
end
$$;

comment on function public.count_unread_notifications(uuid) is
'Counts the caller''s notifications that are unread and still useful.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: how many; 0 for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found.';
revoke all on function public.count_unread_notifications(uuid) from public, anon, authenticated, service_role;
grant execute on function public.count_unread_notifications(uuid) to authenticated, service_role, wingman_admin;

-- file: sql/api/mark_notifications_read.sql
create or replace function public.mark_notifications_read(
    up_to uuid,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.notification_count
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.mark_notifications_read(
        mark_notifications_read.up_to,
        mark_notifications_read.user_id,
        mark_notifications_read.idempotency_key
    );
end
$$;

comment on function public.mark_notifications_read(uuid, uuid, text) is
'Marks the caller''s notifications as read, from the oldest up to a given one. Those already marked stay as they are.
up_to: the newest id that the caller has seen; it need not exist any more.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: how many are unread now.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, unsupported_isolation,
read_only_transaction, idempotency_key_reused, idempotency_key_invalid, busy.';
revoke all on function public.mark_notifications_read(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.mark_notifications_read(uuid, uuid, text) to authenticated, service_role, wingman_admin;
