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
    (
        'wingman.achievements',
        array['name', 'title', 'description', 'metric', 'threshold'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    (
        'wingman.achievements',
        array['evaluated_to'],
        'impersonal', null, 'kept', 'an id, until a new achievement has been awarded to everybody'
    ),
    ('wingman.alembic_version', array['version_num'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.channel_settings',
        array['user_id', 'channel', 'kinds', 'language', 'quiet_from', 'quiet_until', 'time_zone', 'updated_at'],
        'own', null, 'deleted', null
    ),
    ('wingman.earned_achievements', array['user_id', 'name', 'earned_at'], 'own', null, 'deleted', null),
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
        'wingman.postponed_evaluations',
        array['user_id'],
        'impersonal', null, 'deleted', null
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
        ),
        'earned_achievements', (
            select jsonb_agg(to_jsonb(o) order by o.name)
            from (
                select
                    e.user_id,
                    e.name,
                    e.earned_at
                from wingman.earned_achievements as e
                where e.user_id = _me
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
    perform wingman.erase_achievements(old.id);
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

-- file: sql/achievements/achievement_metrics.sql
create or replace function wingman.achievement_metrics()
returns table (metric text, meaning text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('completed_sessions', 'Sessions that the person completed'),
    ('different_buddies', 'People with whom the person completed a session'),
    ('weeks_in_a_row', 'The longest run of weeks, Monday to Sunday in UTC, in each of which the person completed a session'),
    (
        'sessions_with_beginners',
        'Sessions that the person completed with a beginner while more experienced, by the levels when the two were matched'
    );
end
$$;

comment on function wingman.achievement_metrics() is
'What achievements can count, in the order in which people see them. metric: a value of wingman.achievements.metric; meaning: what
is counted. Each counts the completed entries of the ledger that were not reverted, so it can fall only by a revert.
wingman.metric_steps computes them.';
revoke all on function wingman.achievement_metrics() from public, anon, authenticated, service_role;
grant execute on function wingman.achievement_metrics() to service_role, wingman_admin;

-- file: sql/achievements/achievement_violation.sql
create or replace function wingman.achievement_violation(
    name text,
    title text,
    description text,
    metric text,
    threshold integer
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if achievement_violation.name !~ '^[a-z][a-z0-9_]{0,49}$' then
        return row(
            'name', 'must be 1 to 50 lower-case letters, digits and underscores, and begin with a letter'
        )::wingman.violation;
    elsif not wingman.has_visible_character(achievement_violation.title) or char_length(achievement_violation.title) > 80 then
        return row('title', 'must be 1 to 80 characters')::wingman.violation;
    elsif wingman.has_control_character(achievement_violation.title) or achievement_violation.title ~ e'[\\t\\n\\r]' then
        return row('title', 'must be one line without control characters')::wingman.violation;
    elsif not wingman.has_visible_character(achievement_violation.description)
        or char_length(achievement_violation.description) > 200
    then
        return row('description', 'must be 1 to 200 characters')::wingman.violation;
    elsif wingman.has_control_character(achievement_violation.description)
        or achievement_violation.description ~ e'[\\t\\n\\r]'
    then
        return row('description', 'must be one line without control characters')::wingman.violation;
    elsif not exists (
        select from wingman.achievement_metrics() as k where k.metric = achievement_violation.metric
    ) then
        return row(
            'metric', 'must be ' || wingman.alternatives(array(select k.metric from wingman.achievement_metrics() as k))
        )::wingman.violation;
    elsif achievement_violation.threshold not between 1 and 1000000 then
        return row('threshold', 'must be 1 to 1000000')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.achievement_violation(text, text, text, text, integer) is
'The first rule that an achievement breaks, or null. The constraint of wingman.achievements and wingman_admin.add_achievement both
use this.';
revoke all on function wingman.achievement_violation(text, text, text, text, integer)
from public, anon, authenticated, service_role;

-- file: sql/achievements/achievements.sql
create table wingman.achievements (
    name text constraint achievements_pkey primary key,
    title text not null,
    description text not null,
    metric text not null,
    threshold integer not null,
    evaluated_to uuid default '00000000-0000-0000-0000-000000000000',
    constraint achievements_check check (
        wingman.achievement_violation(name, title, description, metric, threshold) is null
    )
);

-- not awarded backwards: the reader begins with the first entry of the ledger
insert into wingman.achievements (name, title, description, metric, threshold, evaluated_to)
values
('first_session', 'First session', 'Complete your first session.', 'completed_sessions', 1, null),
('sessions_5', 'Five sessions', 'Complete 5 sessions.', 'completed_sessions', 5, null),
('sessions_10', 'Ten sessions', 'Complete 10 sessions.', 'completed_sessions', 10, null),
('sessions_25', '25 sessions', 'Complete 25 sessions.', 'completed_sessions', 25, null),
('sessions_50', '50 sessions', 'Complete 50 sessions.', 'completed_sessions', 50, null),
('sessions_100', '100 sessions', 'Complete 100 sessions.', 'completed_sessions', 100, null),
('buddies_3', 'Three buddies', 'Complete sessions with 3 different buddies.', 'different_buddies', 3, null),
('buddies_10', 'Ten buddies', 'Complete sessions with 10 different buddies.', 'different_buddies', 10, null),
('buddies_25', '25 buddies', 'Complete sessions with 25 different buddies.', 'different_buddies', 25, null),
('weeks_4', 'Four weeks in a row', 'Complete a session in each of 4 weeks in a row.', 'weeks_in_a_row', 4, null),
('weeks_12', 'Twelve weeks in a row', 'Complete a session in each of 12 weeks in a row.', 'weeks_in_a_row', 12, null),
(
    'mentor',
    'Mentor',
    'Complete 5 sessions with a beginner as the more experienced of the two.',
    'sessions_with_beginners',
    5,
    null
);

comment on table wingman.achievements is
'What people can earn. wingman_admin.add_achievement adds one, which the reader achievements then awards to everybody who has
reached it already';
comment on column wingman.achievements.name is 'What it is called in calls and in the journal; it never changes';
comment on column wingman.achievements.title is 'What people read, 1 to 80 characters';
comment on column wingman.achievements.description is 'What one has to do for it, 1 to 200 characters';
comment on column wingman.achievements.metric is 'What it counts: a word of wingman.achievement_metrics()';
comment on column wingman.achievements.threshold is 'It is earned when the metric has reached this number';
comment on column wingman.achievements.evaluated_to is
'How far it has been awarded backwards: to people with ids up to this one; null once that is done';

revoke all on table wingman.achievements from public, anon, authenticated, service_role;

-- file: sql/achievements/earned_achievements.sql
-- derived: from the ledger
create table wingman.earned_achievements (
    user_id uuid not null,
    name text not null
    constraint earned_achievements_name_fkey references wingman.achievements (name),
    earned_at timestamptz not null,
    constraint earned_achievements_pkey primary key (user_id, name)
);

create index earned_achievements_name_idx on wingman.earned_achievements (name);

comment on table wingman.earned_achievements is
'Who has been awarded which achievement. Only wingman.award_achievements writes it, from the ledger: what is there equals
what wingman.achievements_of says of everything that the reader achievements has read. No foreign key to user_profiles, which would cost
every call that counts a completion';
comment on column wingman.earned_achievements.user_id is 'Who earned it';
comment on column wingman.earned_achievements.name is 'The achievement';
comment on column wingman.earned_achievements.earned_at is
'When it was earned: the time of the completion that reached the threshold, not of the award';

revoke all on table wingman.earned_achievements from public, anon, authenticated, service_role;

-- file: sql/achievements/postponed_evaluations.sql
-- derived: read from the ledger
create table wingman.postponed_evaluations (
    user_id uuid constraint postponed_evaluations_pkey primary key
);

comment on table wingman.postponed_evaluations is
'People whose achievements were not evaluated because another transaction was erasing them. The next run of the reader
achievements evaluates them, unless they are gone. Almost always empty';
comment on column wingman.postponed_evaluations.user_id is 'The person';

revoke all on table wingman.postponed_evaluations from public, anon, authenticated, service_role;

-- file: sql/achievements/metric_steps.sql
create or replace function wingman.metric_steps(user_ids uuid[])
returns table (user_id uuid, metric text, value integer, reached_at timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up the entries of each person, never scan the whole ledger
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    with completions as materialized (
        select
            e.user_id,
            e.buddy_id,
            e.session_id,
            e.created_at,
            e.id,
            -- weeks since Monday, 5 January 1970, so that a new year does not interrupt a run
            ((e.created_at at time zone 'UTC')::date - date '1970-01-05') / 7 as week
        from unnest(metric_steps.user_ids) as u (id)
        inner join wingman.reputation_events as e on e.user_id = u.id and e.kind = 'completed'
        where not exists (
            select
            from wingman.reputation_events as r
            where r.user_id = e.user_id and r.session_id = e.session_id and r.kind = 'completion_reverted'
        )
    ),

    buddies as (
        select c.user_id, c.buddy_id, min(c.created_at) as met_at
        from completions as c
        where c.buddy_id is not null
        group by c.user_id, c.buddy_id
    ),

    weeks as (
        select c.user_id, c.week, min(c.created_at) as begun_at
        from completions as c
        group by c.user_id, c.week
    ),

    -- in consecutive weeks the difference between the number of the week and its place stays the same
    runs as (
        select w.user_id, w.week, w.begun_at, w.week - row_number() over (partition by w.user_id order by w.week) as run
        from weeks as w
    ),

    run_weeks as (
        select r.user_id, r.begun_at, row_number() over (partition by r.user_id, r.run order by r.week) as place
        from runs as r
    )

    select
        c.user_id,
        'completed_sessions',
        (row_number() over (partition by c.user_id order by c.created_at, c.id))::integer,
        c.created_at
    from completions as c
    union all
    select
        b.user_id,
        'different_buddies',
        (row_number() over (partition by b.user_id order by b.met_at))::integer,
        b.met_at
    from buddies as b
    union all
    select r.user_id, 'weeks_in_a_row', r.place::integer, min(r.begun_at)
    from run_weeks as r
    group by r.user_id, r.place
    union all
    select
        c.user_id,
        'sessions_with_beginners',
        (row_number() over (partition by c.user_id order by c.created_at, c.id))::integer,
        c.created_at
    from completions as c
    inner join public.wingman_sessions as s on s.id = c.session_id
    inner join public.wingman_matches as m on m.id = s.match_id
    inner join lateral (
        values (m.user1_id, m.user1_level, m.user2_level), (m.user2_id, m.user2_level, m.user1_level)
    ) as l (id, own, others) on l.id = c.user_id
    where l.others = wingman.experience_rank('beginner') and l.own > l.others;
end
$$;

comment on function wingman.metric_steps(uuid[]) is
'The metrics of these people, each of whom is given once, from the ledger as it is: when each of wingman.achievement_metrics() has
reached 1, 2, 3 and so on. The greatest value is the metric''s current one; a metric of 0 has no row. A session without a row of
its own, or of its match, counts for everything but sessions_with_beginners: only the match says what the levels were.';
revoke all on function wingman.metric_steps(uuid[]) from public, anon, authenticated, service_role;

-- file: sql/achievements/achievements_of.sql
create or replace function wingman.achievements_of(user_ids uuid[])
returns table (user_id uuid, name text, earned_at timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select p.id, a.name, s.reached_at
    from wingman.metric_steps(achievements_of.user_ids) as s
    inner join wingman.achievements as a on a.metric = s.metric and a.threshold = s.value
    -- the first condition follows from the second, and keeps a join by hashing from reading the whole table
    inner join public.user_profiles as p on p.id = any(achievements_of.user_ids) and p.id = s.user_id;
end
$$;

comment on function wingman.achievements_of(uuid[]) is
'What these people have earned according to the ledger, and when; nothing for somebody without a profile';
revoke all on function wingman.achievements_of(uuid[]) from public, anon, authenticated, service_role;

-- file: sql/achievements/award_achievements.sql
create or replace function wingman.award_achievements(user_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _postponed uuid[];
    _present uuid[];
begin
    -- Do not wait for the erasure of a person, because everybody else would wait too.
    _present := array(
        select p.id
        from public.user_profiles as p
        where p.id = any(award_achievements.user_ids)
        order by p.id
        for key share skip locked
    );
    with postponed as (
        insert into wingman.postponed_evaluations (user_id)
        select p.id
        from public.user_profiles as p
        where p.id = any(award_achievements.user_ids) and p.id <> all(_present)
        on conflict on constraint postponed_evaluations_pkey do update set user_id = excluded.user_id
        returning user_id
    )

    select coalesce(array_agg(p.user_id), '{}') into strict _postponed from postponed as p;

    with due as materialized (
        select a.user_id, a.name, a.earned_at
        from wingman.achievements_of(_present) as a
    ),

    revoked as (
        delete from wingman.earned_achievements as e
        where e.user_id = any(award_achievements.user_ids)
            and e.user_id <> all(_postponed)
            and not exists (select from due as d where d.user_id = e.user_id and d.name = e.name)
    )

    insert into wingman.earned_achievements (user_id, name, earned_at)
    select d.user_id, d.name, d.earned_at
    from due as d
    where not exists (
        select
        from wingman.earned_achievements as e
        -- the first condition follows from the others, and keeps a join by hashing from reading the whole table
        where e.user_id = any(_present) and e.user_id = d.user_id and e.name = d.name and e.earned_at = d.earned_at
    )
    order by d.earned_at, d.user_id, d.name
    on conflict on constraint earned_achievements_pkey do update set earned_at = excluded.earned_at;
end
$$;

comment on function wingman.award_achievements(uuid[]) is
'Brings wingman.earned_achievements up to date for these people: awards what they have earned, takes back what no longer holds,
and corrects when it was earned. The caller has locked the row of the reader achievements, so that nobody who has seen less of the
ledger does the same at once. Somebody who is being erased is postponed; what is left of somebody without a profile goes.';
revoke all on function wingman.award_achievements(uuid[]) from public, anon, authenticated, service_role;

-- file: sql/achievements/erase_achievements.sql
create or replace function wingman.erase_achievements(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from wingman.earned_achievements as e where e.user_id = erase_achievements.user_id;
    delete from wingman.postponed_evaluations as o where o.user_id = erase_achievements.user_id;
end
$$;

comment on function wingman.erase_achievements(uuid) is
'Deletes what a person has earned. The caller holds the lock on the profile; wingman.award_achievements holds it too, with KEY
SHARE';
revoke all on function wingman.erase_achievements(uuid) from public, anon, authenticated, service_role;

-- file: sql/achievements/achievement.sql
create type public.achievement as (
    name text,
    title text,
    description text,
    metric text,
    threshold integer,
    progress integer,
    earned_at timestamptz
);

comment on type public.achievement is 'Something that people can earn by completing sessions, and how far somebody has come';
comment on column public.achievement.name is 'What it is called; it never changes';
comment on column public.achievement.title is 'What people read';
comment on column public.achievement.description is 'What one has to do for it';
comment on column public.achievement.metric is
'One of achievement_metric: completed_sessions, different_buddies, weeks_in_a_row, sessions_with_beginners. What it counts:
completed sessions; people with whom one completed a session; the longest run of weeks, Monday to Sunday in UTC, with a completed
session in each; completed sessions with a beginner while more experienced, by the levels when the two were matched';
comment on column public.achievement.threshold is 'It is earned when the metric has reached this number';
comment on column public.achievement.progress is
'The current number of the caller, which can be greater than threshold; null for a partner (nullable)';
comment on column public.achievement.earned_at is
'When the caller earned it: the time of the completion that reached the threshold; null while it is in progress, and for a
partner, all of whose achievements in the list are earned (nullable)';

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
            -- one that was earned long ago and is awarded now is no news, and nothing is sent outside
            when 'achievement_earned' then (e.details ->> 'earned_at')::timestamptz + interval '168 hours'
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

-- file: sql/inbox/notification.sql sha256:bae199fd99053de3b53273b42d819a6ac851cebb879076fc6378c0b2486d401e
comment on column public.notification.kind is
'What it tells: one of notification_kind: match_offered, match_first_accepted, match_accepted, match_declined, match_ended,
session_scheduled, session_moved, session_agreed, session_started, session_confirmed, session_completed, session_cancelled,
session_no_show, session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn, no_show_dismissed,
matching_paused, user_suspended, suspension_lifted, achievement_earned, match_expiring, session_reminder, agreement_reminder,
confirmation_reminder, more_activity';

-- file: sql/channels/notification_texts.sql sha256:e560955052a76ce774d5552c8ad98186e9eb5daa43f962322d3ac681a5e7963b
insert into wingman.notification_texts (kind, channel, language, title, body)
values
('achievement_earned', 'email', 'en', 'You have a new achievement', null),
(
    'achievement_earned',
    'email',
    'de',
    'Du hast einen neuen Erfolg',
    'Du hast einen neuen Erfolg. Welcher es ist, siehst du bei deinen Erfolgen.'
),
('achievement_earned', 'web_push', 'en', 'You have a new achievement', 'See which one it is.'),
('achievement_earned', 'web_push', 'de', 'Du hast einen neuen Erfolg', 'Sieh nach, welcher es ist.');

-- file: sql/journal/tg_earned_achievements__journal.sql
create or replace function wingman.tg_earned_achievements__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    values (
        case tg_op when 'DELETE' then 'achievement_revoked' else 'achievement_earned' end,
        coalesce(new.user_id, old.user_id),
        jsonb_build_object('name', coalesce(new.name, old.name), 'earned_at', coalesce(new.earned_at, old.earned_at))
    );
    return null;
end
$$;

comment on function wingman.tg_earned_achievements__journal() is
'Trigger: writes to wingman.events who has earned which achievement, and who no longer has it. That another completion has become
the one that reached the threshold is no event';
revoke all on function wingman.tg_earned_achievements__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or delete on wingman.earned_achievements
for each row execute function wingman.tg_earned_achievements__journal();

create or replace trigger refuse_truncate before truncate on wingman.earned_achievements
for each statement execute function wingman.tg_any__refuse_truncate();

-- file: sql/journal/first_readers.sql sha256:145fb89b6a059e84dee0d9719a5608636874277fcd27390d0f10d6fb58e3a4d2
select wingman.open_reader('achievements', 'ledger', from_start => false);
-- what was completed before is awarded person by person: to read the whole ledger would evaluate most people many times
update wingman.achievements as a
set evaluated_to = '00000000-0000-0000-0000-000000000000'
where exists (select from wingman.reputation_events);

-- file: sql/achievements/achievement_differences.sql
create or replace function wingman.achievement_differences(user_ids uuid[])
returns table (user_id uuid, name text, earned_at timestamptz, ledger_earned_at timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    with settled as materialized (
        select u.id
        from unnest(achievement_differences.user_ids) as u (id)
        except
        select r.user_id
        from wingman.unread_reputation_events('achievements') as r
        except
        select o.user_id
        from wingman.postponed_evaluations as o
    )

    select coalesce(e.user_id, d.user_id), coalesce(e.name, d.name), e.earned_at, d.earned_at
    from (
        select k.user_id, k.name, k.earned_at
        from wingman.earned_achievements as k
        inner join settled as s on s.id = k.user_id
        where k.user_id = any(achievement_differences.user_ids)
    ) as e
    full join wingman.achievements_of(array(select s.id from settled as s)) as d
        on d.user_id = e.user_id and d.name = e.name
    inner join wingman.achievements as a on a.name = coalesce(e.name, d.name)
    where e.earned_at is distinct from d.earned_at
        -- not yet awarded backwards to this person
        and (a.evaluated_to >= coalesce(e.user_id, d.user_id)) is not false;
end
$$;

comment on function wingman.achievement_differences(uuid[]) is
'What these people have been awarded that the ledger does not say, and the reverse: nothing, unless somebody wrote past the
reader. Leaves out those of whom the reader achievements has something left to read. earned_at: as awarded, null if it was not;
ledger_earned_at: as the ledger says, null if it does not hold';
revoke all on function wingman.achievement_differences(uuid[]) from public, anon, authenticated, service_role;

-- file: sql/achievements/evaluate_achievements.sql
create or replace function wingman.evaluate_achievements(max_rows integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _postponed uuid[];
    _entries wingman.reputation_events[];
    _pending text[];
    _first uuid;
    _people uuid[] := '{}'::uuid[];
begin
    if not wingman.has_to_read('achievements')
        and not exists (select from wingman.postponed_evaluations)
        and not exists (select from wingman.achievements as a where a.evaluated_to is not null)
    then
        -- nothing to do costs neither a transaction id nor WAL
        return 0;
    end if;
    -- also where the ledger is read to its end
    perform from wingman.readers as r where r.name = 'achievements' for update skip locked;
    if not found then
        return 0;
    end if;

    with taken as (
        delete from wingman.postponed_evaluations as o where true returning o.user_id
    )

    select coalesce(array_agg(t.user_id), '{}') into strict _postponed from taken as t;
    _entries := array(
        select e from wingman.read_reputation_events('achievements', evaluate_achievements.max_rows) as e
    );

    -- by name, so that one that is added from now on keeps its place at the beginning
    _pending := array(select a.name from wingman.achievements as a where a.evaluated_to is not null);
    select a.evaluated_to into _first
    from wingman.achievements as a
    where a.name = any(_pending)
    order by a.evaluated_to
    limit 1;
    if found then
        _people := array(
            select p.id from public.user_profiles as p where p.id > _first order by p.id limit evaluate_achievements.max_rows
        );
    end if;

    perform wingman.award_achievements(array(
        select e.user_id from unnest(_entries) as e
        union
        select u.id from unnest(_postponed || _people) as u (id)
    ));
    update wingman.achievements as a
    -- null unless the page is full; one that was further ahead goes on with the others
    set evaluated_to = _people[evaluate_achievements.max_rows]
    where a.name = any(_pending);
    return greatest(cardinality(_entries), cardinality(_people));
end
$$;

comment on function wingman.evaluate_achievements(integer) is
'Awards achievements, and takes back what no longer holds: to the people of at most max_rows entries of the ledger that the
reader achievements has not read yet, and of new achievements backwards to at most max_rows people by id. Returns the number of entries or
of these people, whichever is greater: less than max_rows if there are no more for now, or another transaction is doing it';
revoke all on function wingman.evaluate_achievements(integer) from public, anon, authenticated, service_role;

-- file: sql/achievements/list_achievements.sql
create or replace function wingman.list_achievements(subject_id uuid, user_id uuid)
returns setof public.achievement
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    -- whoever may see a reputation may see what was earned with it
    _subject_id uuid := (wingman.get_reputation(list_achievements.subject_id, list_achievements.user_id)).user_id;
    _is_own boolean := _subject_id = wingman.acting_user_id(list_achievements.user_id);
begin
    return query
    with steps as materialized (
        select s.metric, s.value, s.reached_at
        from wingman.metric_steps(array[_subject_id]) as s
    )

    select
        a.name,
        a.title,
        a.description,
        a.metric,
        a.threshold,
        case when _is_own then coalesce((select max(s.value) from steps as s where s.metric = a.metric), 0) end,
        -- not a partner's: it is when they met somebody else
        case when _is_own then e.reached_at end
    from wingman.achievements as a
    inner join wingman.achievement_metrics() with ordinality as k (metric, meaning, place) on k.metric = a.metric
    left join steps as e on e.metric = a.metric and e.value = a.threshold
    where _is_own or e.reached_at is not null
    order by k.place, a.threshold, a.name;
end
$$;

comment on function wingman.list_achievements(uuid, uuid) is 'Engine of public.list_achievements';
revoke all on function wingman.list_achievements(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_achievements(uuid, uuid) to authenticated, service_role, wingman_admin;

-- file: sql/maintenance/reading.sql sha256:adba4c5149f3bd78db5733d21fd666eba7c5b0b548da4144fef456b0b65c7472
alter type wingman.reading
add attribute evaluated integer;

comment on column wingman.reading.evaluated is
'Entries of the ledger that it read for achievements, or people to whom it awarded new ones backwards, whichever were more';

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
    _done.evaluated := wingman.evaluate_achievements(run_readers.max_rows);

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
'Runs the readers: fills the inboxes, counts what happened for the operators'' views and awards achievements.
wingman.run_maintenance does so too, and tidies up. Can be called several times a second: if nothing has happened, it writes
nothing. max_rows: the most rows for each reader to process, 1 to 100000. Several runs can overlap: each skips what another is
reading.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_readers(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_readers(integer) to wingman_admin, service_role;

-- file: sql/maintenance/maintenance.sql sha256:3a468e8da6ad7af7ce98e7fdc272bf54e768e556b2d21e85dacdd7e6e6a246e9
alter type wingman.maintenance
add attribute evaluated integer;

comment on column wingman.maintenance.evaluated is
'Entries of the ledger that it read for achievements, or people to whom it awarded new ones backwards, whichever were more';

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
    _done.evaluated := 0;
    if _done.dropped_partitions = 0 then
        _done.told := wingman.fill_inboxes(run_maintenance.max_rows);
        _done.counted_events := wingman.count_events(run_maintenance.max_rows);
        _done.counted_reputation_events := wingman.count_reputation_events(run_maintenance.max_rows);
        _done.evaluated := wingman.evaluate_achievements(run_maintenance.max_rows);
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
included, creates and drops monthly partitions of the journal, fills the inboxes and removes old notifications and messages,
counts what happened for the operators'' views, and awards achievements. No call depends on it. max_rows: the most rows of each kind to process, 1 to 100000. Several runs can overlap: each skips what
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
    (
        'achievement_added',
        'An operator added an achievement',
        null,
        'name, title, description, metric, threshold: of the achievement'
    ),
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
'The user, match, session, report, message or webhook that it concerns; null for settings, texts and achievements';
comment on column wingman_admin.decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman_admin.decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.decisions to wingman_admin, service_role;

-- file: sql/admin/achievements.sql
create or replace view wingman_admin.achievements as
select
    a.name,
    a.title,
    a.description,
    a.metric,
    a.threshold,
    a.evaluated_to is not null as is_being_awarded
from wingman.achievements as a
inner join wingman.achievement_metrics() with ordinality as k (metric, meaning, place) on a.metric = k.metric
order by k.place asc, a.threshold asc, a.name asc;

comment on view wingman_admin.achievements is 'What people can earn; add one with wingman_admin.add_achievement';
comment on column wingman_admin.achievements.name is 'The achievement';
comment on column wingman_admin.achievements.title is 'What people read';
comment on column wingman_admin.achievements.description is 'What one has to do for it';
comment on column wingman_admin.achievements.metric is 'What it counts, one of achievement_metric';
comment on column wingman_admin.achievements.threshold is 'It is earned when the metric has reached this number';
comment on column wingman_admin.achievements.is_being_awarded is
'True while the readers award it to people who reached it before it was added';

revoke all on table wingman_admin.achievements from public, anon, authenticated, service_role;
grant select on table wingman_admin.achievements to wingman_admin, service_role;

-- file: sql/admin/add_achievement.sql
create or replace function wingman_admin.add_achievement(
    name text,
    title text,
    description text,
    metric text,
    threshold integer,
    reason text
)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('add_achievement');
    perform wingman.require_argument('name', add_achievement.name is not null);
    perform wingman.require_argument('title', add_achievement.title is not null);
    perform wingman.require_argument('description', add_achievement.description is not null);
    perform wingman.require_argument('metric', add_achievement.metric is not null);
    perform wingman.require_argument('threshold', add_achievement.threshold is not null);
    perform wingman.require_argument('reason', add_achievement.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(add_achievement.reason));
    perform wingman.refuse_violation(
        wingman.achievement_violation(
            add_achievement.name,
            add_achievement.title,
            add_achievement.description,
            add_achievement.metric,
            add_achievement.threshold
        )
    );

    insert into wingman.achievements as a (name, title, description, metric, threshold)
    values (
        add_achievement.name,
        add_achievement.title,
        add_achievement.description,
        add_achievement.metric,
        add_achievement.threshold
    )
    on conflict on constraint achievements_pkey do nothing;
    if not found then
        perform wingman.refuse_violation(row('name', 'must not be that of another achievement')::wingman.violation);
    end if;
    perform wingman.record_decision(
        'achievement_added',
        null,
        jsonb_build_object(
            'name', add_achievement.name,
            'title', add_achievement.title,
            'description', add_achievement.description,
            'metric', add_achievement.metric,
            'threshold', add_achievement.threshold
        ),
        add_achievement.reason
    );

    perform wingman.end_operation();
    return row(
        true, 'Achievement added: the readers will award it to everybody who has reached it already.'
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('add_achievement');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.add_achievement(text, text, text, text, integer, text) is
'Adds an achievement. The readers then award it to everybody who has reached it already. It cannot be changed or removed.
name: what it is called in calls and in the journal, 1 to 50 lower-case letters, digits and underscores, beginning with a letter.
title: what people read, 1 to 80 characters. description: what one has to do for it, 1 to 200 characters. metric: what it counts,
one of achievement_metric. threshold: the number that the metric has to reach, 1 to 1000000. reason: why, 1 to 500 characters,
kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.add_achievement(text, text, text, text, integer, text)
from public, anon, authenticated, service_role;
grant execute on function wingman_admin.add_achievement(text, text, text, text, integer, text) to wingman_admin, service_role;

-- file: sql/admin/reconcile_achievements.sql
create or replace function wingman_admin.reconcile_achievements(fix boolean default false)
returns table (user_id uuid, name text, earned_at timestamptz, ledger_earned_at timestamptz)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _last uuid := uuid '00000000-0000-0000-0000-000000000000';
    _page uuid[];
    _differing uuid[];
    _page_size integer := 1000;
begin
    perform wingman.require_argument('fix', reconcile_achievements.fix is not null);
    if reconcile_achievements.fix then
        perform wingman.begin_operation('reconcile_achievements');
        -- the reader waits, so that nobody awards the same
        perform from wingman.readers as r where r.name = 'achievements' for update;
    end if;

    loop
        _page := array(
            select u.id
            from (
                (select p.id from public.user_profiles as p where p.id > _last order by p.id limit _page_size)
                union
                -- whoever was awarded something has a profile, unless somebody wrote past the reader
                (
                    select distinct e.user_id
                    from wingman.earned_achievements as e
                    where e.user_id > _last
                    order by e.user_id
                    limit _page_size
                )
            ) as u (id)
            order by u.id
            limit _page_size
        );
        exit when _page = '{}';
        _last := _page[cardinality(_page)];
        if reconcile_achievements.fix then
            _differing := '{}'::uuid[];
            for user_id, name, earned_at, ledger_earned_at in
                select d.user_id, d.name, d.earned_at, d.ledger_earned_at
                from wingman.achievement_differences(_page) as d
                order by d.user_id, d.name
            loop
                _differing := _differing || reconcile_achievements.user_id;
                return next;
            end loop;
            perform wingman.award_achievements(_differing);
        else
            return query
            select d.user_id, d.name, d.earned_at, d.ledger_earned_at
            from wingman.achievement_differences(_page) as d
            order by d.user_id, d.name;
        end if;
    end loop;
    if reconcile_achievements.fix then
        perform wingman.end_operation();
    end if;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('reconcile_achievements');
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman_admin.reconcile_achievements(boolean) is
'Lists every achievement whose award differs from the ledger, with both times; there is none unless somebody wrote past the
reader. Leaves out people of whom the reader achievements has something left to read.
fix: awards what is missing, takes back what does not hold and corrects the times, as the reader would, and returns what was
different. Reads the whole ledger.
Errors: missing_argument; with fix busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.reconcile_achievements(boolean) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.reconcile_achievements(boolean) to wingman_admin, service_role;

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
    if remove_reader.name in ('statistics', 'inbox', 'reputations', 'achievements') then
        perform wingman.refuse_violation(
            row('name', 'must not be one that inboxes, achievements or operators'' views need')::wingman.violation
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

-- file: sql/api/list_achievements.sql
create or replace function public.list_achievements(subject_id uuid default null, user_id uuid default null)
returns setof public.achievement
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select a.* from wingman.list_achievements(list_achievements.subject_id, list_achievements.user_id) as a;
end
$$;

comment on function public.list_achievements(uuid, uuid) is
'Lists the achievements of the caller, earned and in progress, or those that a current partner has earned.
subject_id: the person; null: the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the achievements by metric and threshold. They follow from the completed sessions and are exact at once; the notification
achievement_earned comes a moment later.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, reputation_not_visible.';
revoke all on function public.list_achievements(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_achievements(uuid, uuid) to authenticated, service_role, wingman_admin;
