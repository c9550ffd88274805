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
        'wingman.leaderboard_counts',
        array['user_id', 'period', 'starting', 'count', 'newest_week', 'seniority'],
        'impersonal', null, 'kept', 'sums of the ledger, by id; the ledger''s entries are listed with it'
    ),
    (
        'wingman.leaderboard_counts',
        array['city'],
        'another', 'a hash of a name that stands elsewhere',
        'kept', 'until the reader next runs: then it is null for whoever is not on the leaderboard'
    ),
    (
        'wingman.leaderboard_histogram',
        array['period', 'starting', 'city', 'count', 'people'],
        'impersonal', null, 'kept', 'says nothing about anybody'
    ),
    ('wingman.leaderboard_key', array['id', 'secret'], 'impersonal', null, 'kept', 'says nothing about anybody'),
    (
        'wingman.leaderboard_members',
        array['user_id', 'visibility', 'created_at', 'updated_at'],
        'own', null, 'deleted', null
    ),
    (
        'wingman.leaderboard_members',
        array['seniority'],
        'another', 'tells how many people opted in before', 'deleted', null
    ),
    (
        'wingman.leaderboard_reviews',
        array['id', 'user_id', 'due_at'],
        'impersonal', null, 'kept', 'ids, until the reader has looked at them or the suspension ends'
    ),
    (
        'wingman.leaderboard_tallies',
        array['user_id', 'week', 'buddy_id', 'sessions', 'sessions_next_month'],
        'impersonal', null, 'kept', 'sums of the ledger, by id; the ledger''s entries are listed with it'
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
            'push_hosts', 'delivery_time_limit', 'delivery_retries', 'delivery_retention', 'realtime',
            'leaderboard_city_minimum'
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
