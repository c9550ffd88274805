-- file: sql/kernel/settings.sql sha256:acb0c5dc49f65e191d7715ac43d9941d454b581c7dcd49d97f5cbbc1c745f25e
alter table wingman.settings
add column leaderboard_city_minimum integer not null default 5
constraint settings_leaderboard_city_minimum check (leaderboard_city_minimum between 1 and 1000);
comment on column wingman.settings.leaderboard_city_minimum is
'From how many people on the leaderboard of a city on anybody is shown it';

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

-- file: sql/profiles/normalized_city.sql
create or replace function wingman.normalized_city(city text)
returns text
language sql
immutable
return lower(normalize(btrim(regexp_replace(city, '\s+', ' ', 'g'))));

comment on function wingman.normalized_city(text) is
'The name of a city as it is compared: composed (NFC), in lower case, with single blanks and none around it';
revoke all on function wingman.normalized_city(text) from public, anon, authenticated, service_role;

-- file: sql/profiles/user_locations.sql sha256:9195a6f5c4a02b9fb50b8bd3fff3a453fa7e69b3cec027436fafe72196ccb54e
-- squawk-ignore require-concurrent-index-deletion
drop index public.user_locations_city_idx;
-- squawk-ignore require-concurrent-index-creation
create index user_locations_city_idx on public.user_locations (wingman.normalized_city(city) text_pattern_ops);

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
-- an operators' view calls it as who asks
grant execute on function wingman.no_show_status_at(text, timestamptz, timestamptz) to wingman_admin, service_role;

-- drop: sql/fairness/tg_suspensions__bar.sql
drop trigger bar_seeker on wingman.suspensions;

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
    -- also for somebody who is not on the leaderboard: they may be opting in at this moment
    insert into wingman.leaderboard_reviews (user_id) values (coalesce(new.user_id, old.user_id));
    return null;
end
$$;

comment on function wingman.tg_suspensions__bar() is 'Trigger: whoever is suspended is not found by searches, and
not on the leaderboard';
revoke all on function wingman.tg_suspensions__bar() from public, anon, authenticated, service_role;

create or replace trigger bar_seeker after insert or delete or update on wingman.suspensions
for each row execute function wingman.tg_suspensions__bar();

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
        'leaderboard_members', (
            select jsonb_agg(to_jsonb(o) order by o.user_id)
            from (
                select
                    m.user_id,
                    m.visibility,
                    m.created_at,
                    m.updated_at
                from wingman.leaderboard_members as m
                where m.user_id = _me
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
    if tg_op = 'INSERT' or old.city is distinct from new.city then
        insert into wingman.leaderboard_reviews (user_id)
        select o.user_id from wingman.leaderboard_members as o where o.user_id = new.user_id;
    end if;
    return null;
end
$$;

comment on function wingman.tg_user_locations__place() is
'Trigger: a profile with a location makes its user matchable. A new location keeps waiting time, pause and pending match.
In another city, one is on another leaderboard.';
revoke all on function wingman.tg_user_locations__place() from public, anon, authenticated, service_role;

create or replace trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.tg_user_locations__place();

-- drop: sql/matching/pool/tg_user_locations__unplace.sql
drop trigger unplace_seeker on public.user_locations;

-- file: sql/matching/pool/tg_user_locations__unplace.sql
create or replace function wingman.tg_user_locations__unplace()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.leave_pending_match(old.user_id);
    delete from wingman.matchmaking_pool as s where s.user_id = old.user_id;
    insert into wingman.leaderboard_reviews (user_id)
    select o.user_id from wingman.leaderboard_members as o where o.user_id = old.user_id;
    return null;
end
$$;

comment on function wingman.tg_user_locations__unplace() is
'Trigger: without a location a user is no longer matchable, and on no leaderboard of a city';
revoke all on function wingman.tg_user_locations__unplace() from public, anon, authenticated, service_role;

create or replace trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.tg_user_locations__unplace();

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
    delete from wingman.leaderboard_members as o where o.user_id = old.id;
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

-- file: sql/journal/first_readers.sql sha256:e8db16f1ba30cf3b66cba687fe9ac56b2b334a9af4f6ba1816e06329f38e165b
do $$
begin
    perform wingman.open_reader('leaderboard', 'ledger');
end
$$;

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

-- file: sql/leaderboard/leaderboard_visibilities.sql
create or replace function wingman.leaderboard_visibilities()
returns text[]
language sql
immutable
return array['off', 'nameless', 'named'];

comment on function wingman.leaderboard_visibilities() is
'How a user can be shown on the leaderboard: not at all, as a row without a name, or with the first name';
revoke all on function wingman.leaderboard_visibilities() from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_periods.sql
create or replace function wingman.leaderboard_periods()
returns text[]
language sql
immutable
return array['all_time', 'month', 'week'];

comment on function wingman.leaderboard_periods() is
'The periods of the leaderboard: always, a month, and an ISO week from Monday to Sunday, in UTC';
revoke all on function wingman.leaderboard_periods() from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_start.sql
create or replace function wingman.leaderboard_start(period text, day date)
returns date
language sql
immutable
return case
    when period = 'week' then date_trunc('week', day::timestamp)::date
    when period = 'month' then date_trunc('month', day::timestamp)::date
    else date '1970-01-01'
end;

comment on function wingman.leaderboard_start(text, date) is
'The first day of the period of the leaderboard that contains a day; for all_time always 1970-01-01';
revoke all on function wingman.leaderboard_start(text, date) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_city.sql
create or replace function wingman.leaderboard_city(city text)
returns uuid
language sql
immutable
return wingman.hashed_id(wingman.normalized_city(city));

comment on function wingman.leaderboard_city(text) is
'The board of a city, by a hash of its name as wingman.normalized_city writes it; null for null';
revoke all on function wingman.leaderboard_city(text) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_everywhere.sql
create or replace function wingman.leaderboard_everywhere()
returns uuid
language sql
immutable
return '00000000-0000-0000-0000-000000000000'::uuid;

comment on function wingman.leaderboard_everywhere() is
'Stands in wingman.leaderboard_histogram for all cities, and for people without any';
revoke all on function wingman.leaderboard_everywhere() from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_members.sql
create table wingman.leaderboard_members (
    user_id uuid constraint leaderboard_members_pkey primary key,
    visibility text not null constraint leaderboard_members_visibility_check check (
        visibility = any(wingman.leaderboard_visibilities())
    ),
    seniority bigint not null generated always as identity (increment by -1),
    created_at timestamptz not null default statement_timestamp(),
    updated_at timestamptz not null default statement_timestamp()
);

comment on table wingman.leaderboard_members is
'Who has ever opted in to the leaderboard, and how they are shown. Without foreign key, which would cost every call that counts a
completion in the profile: wingman.tg_user_profiles__depart deletes the row. wingman.set_leaderboard_visibility is its only writer
besides';
comment on column wingman.leaderboard_members.user_id is 'The user';
comment on column wingman.leaderboard_members.visibility is 'off, nameless or named';
comment on column wingman.leaderboard_members.seniority is
'Among people with the same count, who opted in first comes first: the greater number. Never shown to anybody';
comment on column wingman.leaderboard_members.created_at is 'When the user first opted in';
comment on column wingman.leaderboard_members.updated_at is 'When the visibility last changed';

revoke all on table wingman.leaderboard_members from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_tallies.sql
-- derived: counted from the ledger
create table wingman.leaderboard_tallies (
    user_id uuid not null,
    week date not null,
    buddy_id uuid not null,
    sessions integer not null,
    sessions_next_month integer not null,
    constraint leaderboard_tallies_pkey primary key (user_id, week, buddy_id)
);

comment on table wingman.leaderboard_tallies is
'How many sessions each user completed with each buddy in each week, as far as the reader leaderboard has read the ledger, less
those that were reverted. A week in which the month ends has two numbers. Only sums: the order of reading does not matter, and a
number is negative while a revert has been read before its completion';
comment on column wingman.leaderboard_tallies.user_id is 'The user';
comment on column wingman.leaderboard_tallies.week is 'The Monday of the ISO week, in UTC';
comment on column wingman.leaderboard_tallies.buddy_id is 'With whom';
comment on column wingman.leaderboard_tallies.sessions is 'Sessions completed in the month of that Monday';
comment on column wingman.leaderboard_tallies.sessions_next_month is 'Sessions completed in the same week, but in the next month';

revoke all on table wingman.leaderboard_tallies from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_counts.sql
-- derived: counted from the ledger
create table wingman.leaderboard_counts (
    user_id uuid not null,
    period text collate "C" not null constraint leaderboard_counts_period_check check (
        period = any(wingman.leaderboard_periods())
    ),
    starting date not null,
    count integer not null constraint leaderboard_counts_count_check check (count >= 0),
    newest_week date not null,
    seniority bigint,
    city uuid,
    constraint leaderboard_counts_pkey primary key (user_id, period, starting)
);

-- the pages of a board
create index leaderboard_counts_shown_idx on wingman.leaderboard_counts (period, starting, count, seniority)
where seniority is not null and count > 0;

-- and of a city's
create index leaderboard_counts_city_idx on wingman.leaderboard_counts (period, starting, city, count, seniority)
where seniority is not null and count > 0 and city is not null;

comment on table wingman.leaderboard_counts is
'What each user has on each board, as far as the reader leaderboard has read the ledger and wingman.leaderboard_reviews. Also for
people who are not shown, so that nothing has to be counted again when they are';
comment on column wingman.leaderboard_counts.user_id is
'The user. First in the key: most comparisons of a look-up are then of one column';
comment on column wingman.leaderboard_counts.period is 'all_time, month or week';
comment on column wingman.leaderboard_counts.starting is 'The first day of the period, wingman.leaderboard_start';
comment on column wingman.leaderboard_counts.count is
'How many pairs of a buddy and an ISO week there are with a completed session in this period';
comment on column wingman.leaderboard_counts.newest_week is
'The newest week in which the user completed a session in this period. Of later weeks there is nothing to look up in
wingman.leaderboard_tallies, and without a row, also one with a count of 0, of no week';
comment on column wingman.leaderboard_counts.seniority is
'That of wingman.leaderboard_members while the user is shown, otherwise null';
comment on column wingman.leaderboard_counts.city is
'That of the user, wingman.leaderboard_city, while the user is shown; null otherwise, and without a city';

revoke all on table wingman.leaderboard_counts from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_histogram.sql
-- derived: counted from the ledger
create table wingman.leaderboard_histogram (
    period text collate "C" not null,
    starting date not null,
    city uuid not null,
    count integer not null,
    people bigint not null,
    constraint leaderboard_histogram_pkey primary key (period, starting, city, count)
) with (fillfactor = 50);

comment on table wingman.leaderboard_histogram is
'How many rows of wingman.leaderboard_counts that are shown have each count, everywhere and in each city. The reader leaderboard
is its only writer';
comment on column wingman.leaderboard_histogram.period is 'all_time, month or week';
comment on column wingman.leaderboard_histogram.starting is 'The first day of the period';
comment on column wingman.leaderboard_histogram.count is 'The count';
comment on column wingman.leaderboard_histogram.city is
'A city, wingman.leaderboard_city, or wingman.leaderboard_everywhere()';
comment on column wingman.leaderboard_histogram.people is 'How many people who are shown have it, there';

revoke all on table wingman.leaderboard_histogram from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_reviews.sql
-- derived: from visibilities and suspensions
create table wingman.leaderboard_reviews (
    id bigint constraint leaderboard_reviews_pkey primary key generated always as identity,
    user_id uuid not null,
    due_at timestamptz not null default '-infinity'
);

create index leaderboard_reviews_due_idx on wingman.leaderboard_reviews (due_at);

comment on table wingman.leaderboard_reviews is
'Whose place among those who are shown the reader leaderboard has to look at again: because the visibility, a suspension or the
city has changed, or because a suspension ends. Calls and triggers only insert, the reader only inserts and deletes, so nobody waits';
comment on column wingman.leaderboard_reviews.id is 'The order of writing';
comment on column wingman.leaderboard_reviews.user_id is 'The user';
comment on column wingman.leaderboard_reviews.due_at is
'From when on; -infinity for now. Not the clock of the writer, which may be ahead of a reader that sees the row';

revoke all on table wingman.leaderboard_reviews from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_key.sql
-- derived: at random; with another key, pages that people have open cannot be continued, and nothing else happens
create table wingman.leaderboard_key (
    id boolean constraint leaderboard_key_pkey primary key default true constraint leaderboard_key_one_row check (id),
    secret bytea not null
    -- three random UUIDs have 366 random bits, of which the hash keeps 256
    default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
);

insert into wingman.leaderboard_key default values;

comment on table wingman.leaderboard_key is
'One row: the key that hides what a cursor of the leaderboard says, wingman.leaderboard_cursor';
comment on column wingman.leaderboard_key.id is 'Always true: there is one row';
comment on column wingman.leaderboard_key.secret is '32 random bytes';

revoke all on table wingman.leaderboard_key from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_standing.sql
create type wingman.leaderboard_standing as (
    period text,
    starting date,
    user_id uuid,
    count_before integer,
    seniority_before bigint,
    city_before uuid,
    count integer,
    newest_week date,
    seniority bigint,
    city uuid
);

comment on type wingman.leaderboard_standing is
'Where a user stands on a board: as wingman.leaderboard_counts has it, and as it is with what is unread';
comment on column wingman.leaderboard_standing.period is 'all_time, month or week';
comment on column wingman.leaderboard_standing.starting is 'The first day of the period';
comment on column wingman.leaderboard_standing.user_id is 'The user';
comment on column wingman.leaderboard_standing.count_before is 'The stored count; 0 without a row';
comment on column wingman.leaderboard_standing.seniority_before is
'The stored seniority; null if the user is not shown (nullable)';
comment on column wingman.leaderboard_standing.city_before is 'The stored city (nullable)';
comment on column wingman.leaderboard_standing.count is 'The count as it is';
comment on column wingman.leaderboard_standing.newest_week is
'The newest week in which the user completed a session in this period';
comment on column wingman.leaderboard_standing.seniority is
'The seniority as it is; null if the user may not be shown (nullable)';
comment on column wingman.leaderboard_standing.city is
'The city as it is; null if the user may not be shown, or has none (nullable)';

-- file: sql/leaderboard/leaderboard_place.sql
create type wingman.leaderboard_place as (
    user_id uuid,
    count integer,
    seniority bigint
);

comment on type wingman.leaderboard_place is
'Somebody on a board. Places are ordered by count and then by seniority, both descending';
comment on column wingman.leaderboard_place.user_id is 'The user; null in a position of a page (nullable)';
comment on column wingman.leaderboard_place.count is 'The count';
comment on column wingman.leaderboard_place.seniority is 'The seniority';

-- file: sql/leaderboard/leaderboard_person.sql
create type public.leaderboard_person as (
    rank integer,
    first_name text,
    count integer,
    is_me boolean
);

comment on type public.leaderboard_person is 'A row of the leaderboard';
comment on column public.leaderboard_person.rank is
'1 plus how many people have a greater count: people with the same count have the same rank';
comment on column public.leaderboard_person.first_name is
'The current first name; null for people who want to be shown without it, and where one of the two has blocked the other
(nullable)';
comment on column public.leaderboard_person.count is
'With how many buddies the person has completed a session, each counted once a week';
comment on column public.leaderboard_person.is_me is 'Whether this is the caller';

-- file: sql/leaderboard/leaderboard.sql
create type public.leaderboard as (
    period text,
    starting date,
    total integer,
    my_rank integer,
    my_count integer,
    my_visibility text,
    people public.leaderboard_person [],
    next_after text
);

comment on type public.leaderboard is 'A page of the leaderboard, and where the caller stands';
comment on column public.leaderboard.period is 'One of leaderboard_period: all_time, month, week. Weeks and months are in UTC';
comment on column public.leaderboard.starting is 'The first day of the week or month; null for all_time (nullable)';
comment on column public.leaderboard.total is
'How many people are on this board; 0 for a city where fewer are than settings.leaderboard_city_minimum';
comment on column public.leaderboard.my_rank is 'The caller''s rank on this board; null for a caller who is not on it (nullable)';
comment on column public.leaderboard.my_count is 'The caller''s count in this period, on the board or not';
comment on column public.leaderboard.my_visibility is
'How the caller is shown: one of leaderboard_visibility: off, nameless, named';
comment on column public.leaderboard.people is
'The page: the greatest count first; of the same count, whoever opted in first comes first';
comment on column public.leaderboard.next_after is
'Pass it as after to get the next page of the same board; null if nobody comes after (nullable)';

-- file: sql/leaderboard/leaderboard_tally_changes.sql
create or replace function wingman.leaderboard_tally_changes(entries wingman.reputation_events[])
returns table (user_id uuid, week date, buddy_id uuid, sessions integer, sessions_next_month integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    select
        c.user_id,
        w.week,
        c.buddy_id,
        sum(case when w.is_next_month then 0 else c.change end)::integer,
        sum(case when w.is_next_month then c.change else 0 end)::integer
    from (
        select e.user_id, e.buddy_id, e.created_at at time zone 'UTC' as completed_at, 1 as change
        from unnest(leaderboard_tally_changes.entries) as e
        where e.kind = 'completed'
        union all
        -- what is reverted counts no longer when it was completed
        select o.user_id, o.buddy_id, o.created_at at time zone 'UTC', -1
        from unnest(leaderboard_tally_changes.entries) as r
        inner join wingman.reputation_events as o
            on o.user_id = r.user_id and o.session_id = r.session_id and o.kind = 'completed'
        where r.kind = 'completion_reverted'
    ) as c
    cross join lateral (
        select
            date_trunc('week', c.completed_at)::date as week,
            date_trunc('month', c.completed_at) > date_trunc('week', c.completed_at) as is_next_month
    ) as w
    where c.buddy_id is not null
    group by c.user_id, w.week, c.buddy_id;
end
$$;

comment on function wingman.leaderboard_tally_changes(wingman.reputation_events[]) is
'How entries of the ledger change wingman.leaderboard_tallies. The order of entries does not matter';
revoke all on function wingman.leaderboard_tally_changes(wingman.reputation_events[])
from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_standings.sql
create or replace function wingman.leaderboard_standings(
    entries wingman.reputation_events[],
    reviewed uuid[],
    only_period text default null,
    only_starting date default null
)
returns setof wingman.leaderboard_standing
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    -- a week can be in two months
    _boards text[] := case leaderboard_standings.only_period
        when 'all_time' then array['all_time']
        when 'week' then array['week']
        when 'month' then array['month', 'next month']
        else array['all_time', 'week', 'month', 'next month']
    end;
begin
    return query
    select
        s.period,
        s.starting,
        s.user_id,
        coalesce(s.count, 0),
        s.seniority,
        s.city,
        coalesce(s.count, 0) + s.change,
        s.newest_week,
        case when s.is_reviewed or s.count is null then m.seniority else s.seniority end,
        case when s.is_reviewed or s.count is null then m.city else s.city end
    from (
        select
            c.period,
            c.starting,
            c.user_id,
            k.count,
            k.seniority,
            k.city,
            greatest(k.newest_week, max(c.week)) as newest_week,
            bool_or(c.week is null) as is_reviewed,
            -- a pair counts once, however often they meet in a week
            sum(
                case c.board
                    when 'month'
                        then (coalesce(t.sessions, 0) + c.sessions > 0)::integer - coalesce(t.sessions > 0, false)::integer
                    when 'next month'
                        then (coalesce(t.sessions_next_month, 0) + c.sessions_next_month > 0)::integer
                            - coalesce(t.sessions_next_month > 0, false)::integer
                    else
                        (
                            coalesce(t.sessions, 0) + c.sessions > 0
                            or coalesce(t.sessions_next_month, 0) + c.sessions_next_month > 0
                        )::integer
                        - coalesce(t.sessions > 0 or t.sessions_next_month > 0, false)::integer
                end
            )::integer as change
        from (
            select
                case b.board when 'next month' then 'month' else b.board end as period,
                case b.board
                    when 'all_time' then date '1970-01-01'
                    when 'week' then u.week
                    when 'month' then date_trunc('month', u.week::timestamp)::date
                    else date_trunc('month', (u.week + 6)::timestamp)::date
                end as starting,
                b.board,
                u.user_id,
                u.week,
                u.buddy_id,
                u.sessions,
                u.sessions_next_month
            from wingman.leaderboard_tally_changes(leaderboard_standings.entries) as u
            cross join unnest(_boards) as b (board)
            where case b.board when 'month' then u.sessions <> 0 when 'next month' then u.sessions_next_month <> 0 else true end
            union all
            -- who is reviewed, in a period or on every board on which they have ever been
            select a.period, a.starting, a.period, r.user_id, null, null, 0, 0
            from unnest(leaderboard_standings.reviewed) as r (user_id)
            cross join lateral (
                select leaderboard_standings.only_period as period, leaderboard_standings.only_starting as starting
                where leaderboard_standings.only_period is not null
                union all
                select o.period, o.starting
                from wingman.leaderboard_counts as o
                where leaderboard_standings.only_period is null and o.user_id = r.user_id
            ) as a
        ) as c (period, starting, board, user_id, week, buddy_id, sessions, sessions_next_month)
        left join wingman.leaderboard_counts as k
            on k.user_id = c.user_id and k.period = c.period collate "C" and k.starting = c.starting
        -- looked up only where there may be one
        left join lateral (
            select y.sessions, y.sessions_next_month
            from wingman.leaderboard_tallies as y
            where c.week <= k.newest_week and y.user_id = c.user_id and y.week = c.week and y.buddy_id = c.buddy_id
            offset 0
        ) as t on true
        where leaderboard_standings.only_period is null or c.starting = leaderboard_standings.only_starting
        group by c.period, c.starting, c.user_id, k.count, k.seniority, k.city, k.newest_week
        having k.count is not null or max(c.week) is not null
    ) as s
    -- who is shown, and where: for anybody else it is still as it is stored
    left join lateral (
        select o.seniority, wingman.leaderboard_city(l.city) as city
        from wingman.leaderboard_members as o
        left join wingman.suspensions as b on b.user_id = o.user_id
        left join public.user_locations as l on l.user_id = o.user_id
        where (s.is_reviewed or s.count is null)
            and o.user_id = s.user_id
            and o.visibility <> 'off'
            and not wingman.is_suspended(b.user_id is not null and b.ends_at is null, b.ends_at)
        offset 0
    ) as m on true;
end
$$;

comment on function wingman.leaderboard_standings(wingman.reputation_events[], uuid[], text, date) is
'Where users stand on each board, or on one of them, with what is unread. entries: of the ledger, unread; reviewed: whoever may
have begun or ceased to be shown, or have moved. Nobody else''s place differs from what is stored. The reader leaderboard stores what this says,
and wingman.get_leaderboard says it without storing it';
revoke all on function wingman.leaderboard_standings(wingman.reputation_events[], uuid[], text, date)
from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_reviewed.sql
create or replace function wingman.leaderboard_reviewed(entries wingman.reputation_events[])
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
    return array(
        select r.user_id
        from wingman.leaderboard_reviews as r
        where r.due_at <= statement_timestamp()
        union
        select e.user_id
        from unnest(leaderboard_reviewed.entries) as e
        where e.kind = 'departed'
    );
end
$$;

comment on function wingman.leaderboard_reviewed(wingman.reputation_events[]) is
'Whoever may have begun or ceased to be shown on the leaderboard, or have moved, since the reader last looked. entries: of the
ledger, unread: they say who has gone';
revoke all on function wingman.leaderboard_reviewed(wingman.reputation_events[]) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_unread.sql
create or replace function wingman.leaderboard_unread(period text, starting date)
returns setof wingman.leaderboard_standing
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    _entries wingman.reputation_events[] := array(select e from wingman.unread_reputation_events('leaderboard') as e);
begin
    return query
    select s.*
    from wingman.leaderboard_standings(
        _entries, wingman.leaderboard_reviewed(_entries), leaderboard_unread.period, leaderboard_unread.starting
    ) as s;
end
$$;

comment on function wingman.leaderboard_unread(text, date) is
'Whoever may stand elsewhere on a board than is stored: all others stand where they are stored. Takes as long as the reader
leaderboard is behind, however many people there are';
revoke all on function wingman.leaderboard_unread(text, date) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_ranks.sql
create or replace function wingman.leaderboard_ranks(
    only_period text,
    only_starting date,
    only_city uuid,
    standings wingman.leaderboard_standing[]
)
returns table (count integer, people bigint, rank integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
    return query
    select c.count, c.people, (sum(c.people) over (order by c.count desc) - c.people + 1)::integer
    from (
        select u.count, sum(u.people)::bigint as people
        from (
            select h.count, h.people
            from wingman.leaderboard_histogram as h
            where h.period = leaderboard_ranks.only_period collate "C"
                and h.starting = leaderboard_ranks.only_starting
                and h.city = coalesce(leaderboard_ranks.only_city, wingman.leaderboard_everywhere())
            union all
            select b.count_before, -1
            from unnest(leaderboard_ranks.standings) as b
            where b.seniority_before is not null
                and b.count_before > 0
                and (leaderboard_ranks.only_city is null or b.city_before = leaderboard_ranks.only_city)
            union all
            select n.count, 1
            from unnest(leaderboard_ranks.standings) as n
            where n.seniority is not null
                and n.count > 0
                and (leaderboard_ranks.only_city is null or n.city = leaderboard_ranks.only_city)
        ) as u
        group by u.count
        having sum(u.people) <> 0
    ) as c
    order by c.count desc;
end
$$;

comment on function wingman.leaderboard_ranks(text, date, uuid, wingman.leaderboard_standing[]) is
'How many people on a board have each count, the greatest first, and their rank. only_city: null
for everywhere; standings: whoever is elsewhere than stored';
revoke all on function wingman.leaderboard_ranks(text, date, uuid, wingman.leaderboard_standing[])
from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_stored.sql
create or replace function wingman.leaderboard_stored(
    period text,
    starting date,
    city uuid,
    but uuid[],
    start wingman.leaderboard_place,
    upwards boolean,
    max_rows integer
)
returns setof wingman.leaderboard_place
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    -- each is a range of an index, which a plan for all four would not be
    if leaderboard_stored.city is null and leaderboard_stored.upwards then
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) > ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            -- hashed once; a join would have to read the whole board
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count, k.seniority
        limit leaderboard_stored.max_rows;
    elsif leaderboard_stored.city is null then
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) < ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count desc, k.seniority desc
        limit leaderboard_stored.max_rows;
    elsif leaderboard_stored.upwards then
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.city = leaderboard_stored.city
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) > ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count, k.seniority
        limit leaderboard_stored.max_rows;
    else
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.city = leaderboard_stored.city
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) < ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count desc, k.seniority desc
        limit leaderboard_stored.max_rows;
    end if;
end
$$;

comment on function wingman.leaderboard_stored(text, date, uuid, uuid[], wingman.leaderboard_place, boolean, integer) is
'The next people of a board after a place, or upwards from it, the nearest first, as stored, but for these users. city: null for
everywhere';
revoke all on function wingman.leaderboard_stored(text, date, uuid, uuid[], wingman.leaderboard_place, boolean, integer)
from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_page.sql
create or replace function wingman.leaderboard_page(
    period text,
    starting date,
    city uuid,
    standings wingman.leaderboard_standing[],
    start wingman.leaderboard_place,
    upwards boolean,
    page_size integer
)
returns setof wingman.leaderboard_place
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    _sign integer := case when leaderboard_page.upwards then 1 else -1 end;
begin
    return query
    select b.user_id, b.count, b.seniority
    from (
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_stored(
            leaderboard_page.period,
            leaderboard_page.starting,
            leaderboard_page.city,
            array(select s.user_id from unnest(leaderboard_page.standings) as s),
            leaderboard_page.start,
            leaderboard_page.upwards,
            leaderboard_page.page_size
        ) as k
        union all
        select s.user_id, s.count, s.seniority
        from unnest(leaderboard_page.standings) as s
        where s.seniority is not null
            and s.count > 0
            and (leaderboard_page.city is null or s.city = leaderboard_page.city)
            and (_sign * s.count, _sign * s.seniority)
            > (_sign * (leaderboard_page.start).count, _sign * (leaderboard_page.start).seniority)
    ) as b
    order by _sign * b.count, _sign * b.seniority
    limit leaderboard_page.page_size;
end
$$;

comment on function wingman.leaderboard_page(
    text, date, uuid, wingman.leaderboard_standing[], wingman.leaderboard_place, boolean, integer
) is
'The next people of a board after a place, or upwards from it, the nearest first. city: null for everywhere; standings: whoever is
elsewhere than stored, wingman.leaderboard_standings. Reads as many rows as it returns, and those of standings that it passes over';
revoke all on function wingman.leaderboard_page(
    text, date, uuid, wingman.leaderboard_standing[], wingman.leaderboard_place, boolean, integer
) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_cursor.sql
create or replace function wingman.leaderboard_cursor(board text, place wingman.leaderboard_place)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _key bytea := (select k.secret from wingman.leaderboard_key as k);
    _place bytea := int8send((leaderboard_cursor.place).count) || int8send((leaderboard_cursor.place).seniority);
    _tag bytea := substr(sha256(_key || convert_to(leaderboard_cursor.board, 'UTF8') || _place), 1, 16);
    _mask bytea := sha256(_tag || _key);
begin
    for _byte in 0..15 loop
        _place := set_byte(_place, _byte, get_byte(_place, _byte) # get_byte(_mask, _byte));
    end loop;
    return encode(_tag || _place, 'hex');
end
$$;

comment on function wingman.leaderboard_cursor(text, wingman.leaderboard_place) is
'A place on a board as a text that tells its reader nothing: the count and the seniority, encrypted under a tag that only this
board and this place have. Otherwise one could recognise a person without a name by the seniority. board: whatever the cursor is
for, the caller included';
revoke all on function wingman.leaderboard_cursor(text, wingman.leaderboard_place) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_place_of.sql
create or replace function wingman.leaderboard_place_of(board text, cursor text)
returns wingman.leaderboard_place
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _key bytea := (select k.secret from wingman.leaderboard_key as k);
    _tag bytea;
    _mask bytea;
    _place bytea;
    _found wingman.leaderboard_place;
begin
    if leaderboard_place_of.cursor !~ '^[0-9a-f]{64}$' then
        return null;
    end if;
    _tag := decode(left(leaderboard_place_of.cursor, 32), 'hex');
    _place := decode(right(leaderboard_place_of.cursor, 32), 'hex');
    _mask := sha256(_tag || _key);
    for _byte in 0..15 loop
        _place := set_byte(_place, _byte, get_byte(_place, _byte) # get_byte(_mask, _byte));
    end loop;
    if _tag <> substr(sha256(_key || convert_to(leaderboard_place_of.board, 'UTF8') || _place), 1, 16) then
        return null;
    end if;

    _found.count := ('x' || encode(substr(_place, 5, 4), 'hex'))::bit(32)::integer;
    _found.seniority := ('x' || encode(substr(_place, 9, 8), 'hex'))::bit(64)::bigint;
    return _found;
end
$$;

comment on function wingman.leaderboard_place_of(text, text) is
'The place that wingman.leaderboard_cursor made a cursor of, without the user; null if it is of another board, or no cursor';
revoke all on function wingman.leaderboard_place_of(text, text) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_violation.sql
create or replace function wingman.leaderboard_violation(
    period text,
    starting date,
    city text,
    around_me boolean,
    after text
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if leaderboard_violation.period <> all(wingman.leaderboard_periods()) then
        return row('period', 'must be ' || wingman.alternatives(wingman.leaderboard_periods()))::wingman.violation;
    elsif leaderboard_violation.starting is not null and leaderboard_violation.period = 'all_time' then
        return row('starting', 'must be left out for all_time')::wingman.violation;
    elsif leaderboard_violation.starting not between date '1970-01-01' and date '9999-12-31' then
        return row('starting', 'must be between 1970-01-01 and 9999-12-31')::wingman.violation;
    elsif not wingman.has_visible_character(leaderboard_violation.city) then
        return row('city', 'must be the name of a city')::wingman.violation;
    elsif leaderboard_violation.after is not null and leaderboard_violation.around_me then
        return row('after', 'must be left out with around_me')::wingman.violation;
    end if;
    -- the rules for the city of a location
    return wingman.location_violation(0, 0, leaderboard_violation.city, 'precise', 1);
end
$$;

comment on function wingman.leaderboard_violation(text, date, text, boolean, text) is
'The first rule that the arguments of wingman.get_leaderboard break, or null';
revoke all on function wingman.leaderboard_violation(text, date, text, boolean, text)
from public, anon, authenticated, service_role;

-- file: sql/leaderboard/count_leaderboard.sql
create or replace function wingman.count_leaderboard(max_rows integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    _entries wingman.reputation_events[];
    _reviews bigint[];
    _reviewed uuid[];
    _empty wingman.leaderboard_histogram[];
begin
    if not wingman.has_to_read('leaderboard')
        and not exists (select from wingman.leaderboard_reviews as r where r.due_at <= statement_timestamp())
    then
        -- nothing to do costs neither a transaction id nor WAL
        return 0;
    end if;
    -- also where there are only reviews
    perform from wingman.readers as r where r.name = 'leaderboard' for update skip locked;
    if not found then
        return 0;
    end if;

    _entries := array(select e from wingman.read_reputation_events('leaderboard', count_leaderboard.max_rows) as e);
    with taken as (
        delete from wingman.leaderboard_reviews as r
        where r.id = any(array(
            select o.id
            from wingman.leaderboard_reviews as o
            where o.due_at <= statement_timestamp()
            order by o.due_at
            limit count_leaderboard.max_rows
        ))
        returning r.id, r.user_id
    )

    select coalesce(array_agg(t.id), '{}'), coalesce(array_agg(distinct t.user_id), '{}')
    into strict _reviews, _reviewed
    from taken as t;
    _reviewed := _reviewed || array(select e.user_id from unnest(_entries) as e where e.kind = 'departed');

    -- in later statements than the one that took these: what they are about is there
    with moved as materialized (
        select s.* from wingman.leaderboard_standings(_entries, _reviewed) as s
    ),

    counted as (
        insert into wingman.leaderboard_histogram as h (period, starting, city, count, people)
        select c.period, c.starting, w.city, c.count, sum(c.people)
        from (
            select m.period, m.starting, m.city_before as city, m.count_before as count, -1 as people
            from moved as m
            where m.seniority_before is not null and m.count_before > 0
            union all
            select m.period, m.starting, m.city, m.count, 1
            from moved as m
            where m.seniority is not null and m.count > 0
        ) as c
        cross join unnest(array[wingman.leaderboard_everywhere(), c.city]) as w (city)
        where w.city is not null
        group by c.period, c.starting, w.city, c.count
        having sum(c.people) <> 0
        on conflict on constraint leaderboard_histogram_pkey do update set people = h.people + excluded.people
        returning h
    ),

    kept as (
        insert into wingman.leaderboard_counts as k (user_id, period, starting, count, newest_week, seniority, city)
        select m.user_id, m.period, m.starting, m.count, m.newest_week, m.seniority, m.city
        from moved as m
        on conflict on constraint leaderboard_counts_pkey do update
        set
            count = excluded.count,
            newest_week = excluded.newest_week,
            seniority = excluded.seniority,
            city = excluded.city
        where (k.count, k.newest_week, k.seniority, k.city)
            is distinct from (excluded.count, excluded.newest_week, excluded.seniority, excluded.city)
    )

    select array_agg(c.h) into _empty from counted as c where (c.h).people = 0;
    delete from wingman.leaderboard_histogram as h
    using unnest(_empty) as e
    where h.period = e.period and h.starting = e.starting and h.city = e.city and h.count = e.count;

    insert into wingman.leaderboard_tallies as t (user_id, week, buddy_id, sessions, sessions_next_month)
    select c.user_id, c.week, c.buddy_id, c.sessions, c.sessions_next_month
    from wingman.leaderboard_tally_changes(_entries) as c
    on conflict on constraint leaderboard_tallies_pkey do update set
        sessions = t.sessions + excluded.sessions,
        sessions_next_month = t.sessions_next_month + excluded.sessions_next_month;

    -- a revert may have left nothing
    delete from wingman.leaderboard_tallies as t
    using wingman.leaderboard_tally_changes(array(
        select e
        from unnest(_entries) as e
        where e.kind = 'completion_reverted'
    )) as c
    where t.user_id = c.user_id
        and t.week = c.week
        and t.buddy_id = c.buddy_id
        and t.sessions = 0
        and t.sessions_next_month = 0;

    -- a suspension that ends by itself writes nothing then
    insert into wingman.leaderboard_reviews (user_id, due_at)
    select r.user_id, b.ends_at
    from unnest(_reviewed) as r (user_id)
    inner join wingman.suspensions as b on b.user_id = r.user_id
    where b.ends_at > statement_timestamp();
    return greatest(cardinality(_entries), cardinality(_reviews));
end
$$;

comment on function wingman.count_leaderboard(integer) is
'Counts for the leaderboard what the reader leaderboard has not read yet, and looks again at those who may have begun or ceased to
be shown or who have moved, at most max_rows of each. Returns the number of entries or of reviews, whichever is greater: less than max_rows if there
are no more for now, or another transaction is counting. Waits for nobody, and nobody waits for it';
revoke all on function wingman.count_leaderboard(integer) from public, anon, authenticated, service_role;

-- file: sql/leaderboard/leaderboard_differences.sql
create or replace function wingman.leaderboard_differences(users uuid[] default null)
returns table (period text, starting date, user_id uuid, kept bigint, counted bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    return query
    with counted as (
        select b.period, wingman.leaderboard_start(b.period, c.day) as starting, c.user_id,
            count(distinct (c.buddy_id, wingman.leaderboard_start('week', c.day))) as count
        from (
            select g.user_id, g.buddy_id, (g.created_at at time zone 'UTC')::date as day
            from wingman.reputation_events as g
            where g.kind = 'completed'
                and g.buddy_id is not null
                and (leaderboard_differences.users is null or g.user_id = any(leaderboard_differences.users))
                and not exists (
                    select
                    from wingman.reputation_events as r
                    where r.user_id = g.user_id and r.session_id = g.session_id and r.kind = 'completion_reverted'
                )
        ) as c
        cross join unnest(wingman.leaderboard_periods()) as b (period)
        group by 1, 2, 3
    ),

    unread as materialized (
        select s.period, s.starting, s.user_id, s.count
        from wingman.leaderboard_standings(
            array(select e from wingman.unread_reputation_events('leaderboard') as e), '{}'::uuid[]
        ) as s
        where leaderboard_differences.users is null or s.user_id = any(leaderboard_differences.users)
    ),

    kept as (
        select u.period, u.starting, u.user_id, u.count
        from unread as u
        where u.count > 0
        union all
        select k.period, k.starting, k.user_id, k.count
        from wingman.leaderboard_counts as k
        where k.count > 0
            and (leaderboard_differences.users is null or k.user_id = any(leaderboard_differences.users))
            and not exists (
                select
                from unread as u
                where u.period = k.period collate "C" and u.starting = k.starting and u.user_id = k.user_id
            )
    )

    select
        coalesce(k.period, c.period), coalesce(k.starting, c.starting), coalesce(k.user_id, c.user_id),
        coalesce(k.count, 0)::bigint, coalesce(c.count, 0)
    from kept as k
    full join counted as c on c.period = k.period and c.starting = k.starting and c.user_id = k.user_id
    where coalesce(k.count, 0) <> coalesce(c.count, 0)
    union all
    -- how many have each count, everywhere and in each city
    select coalesce(h.period, s.period), coalesce(h.starting, s.starting), null, coalesce(h.people, 0), coalesce(s.people, 0)
    from wingman.leaderboard_histogram as h
    full join (
        select k.period, k.starting, w.city, k.count, count(*) as people
        from wingman.leaderboard_counts as k
        cross join unnest(array[wingman.leaderboard_everywhere(), k.city]) as w (city)
        where k.seniority is not null and k.count > 0 and w.city is not null
        group by k.period, k.starting, w.city, k.count
    ) as s on s.period = h.period and s.starting = h.starting and s.city = h.city and s.count = h.count
    where leaderboard_differences.users is null and coalesce(h.people, 0) <> coalesce(s.people, 0);
end
$$;

comment on function wingman.leaderboard_differences(uuid[]) is
'Where the counts of the leaderboard, with what its reader has not read, are not those of the ledger: nowhere, unless somebody
changed the tables by hand. A row without a user is about the number of people with a count. users: look at these only, otherwise
at the whole ledger. docs/leaderboard.md says how to count anew.';
revoke all on function wingman.leaderboard_differences(uuid[]) from public, anon, authenticated, service_role;
grant execute on function wingman.leaderboard_differences(uuid[]) to service_role, wingman_admin;

-- file: sql/leaderboard/get_leaderboard.sql
create or replace function wingman.get_leaderboard(
    period text,
    starting date,
    city text,
    around_me boolean,
    after text,
    page_size integer,
    user_id uuid
)
returns public.leaderboard
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_leaderboard.user_id));
    _answer public.leaderboard;
    _starting date;
    _city uuid := wingman.leaderboard_city(get_leaderboard.city);
    _board text;
    -- this function is stable: all its statements have one snapshot, so that what is stored and what is unread fit together
    _standings wingman.leaderboard_standing[];
    -- before the page: nobody is there
    _start wingman.leaderboard_place := row(null::uuid, 2147483647, bigint '0')::wingman.leaderboard_place;
    _mine wingman.leaderboard_place;
    _places wingman.leaderboard_place[];
    _counts integer[];
    _ranks integer[];
    _my_city uuid;
    _is_listed boolean;
begin
    perform wingman.check_page(get_leaderboard.page_size);
    perform wingman.require_argument('period', get_leaderboard.period is not null);
    perform wingman.require_argument('around_me', get_leaderboard.around_me is not null);
    perform wingman.refuse_violation(wingman.leaderboard_violation(
        get_leaderboard.period,
        get_leaderboard.starting,
        get_leaderboard.city,
        get_leaderboard.around_me,
        get_leaderboard.after
    ));
    _starting := wingman.leaderboard_start(
        get_leaderboard.period, coalesce(get_leaderboard.starting, (statement_timestamp() at time zone 'UTC')::date)
    );
    _board := concat_ws(' ', _me, get_leaderboard.period, _starting, _city);
    if get_leaderboard.after is not null then
        _start := wingman.leaderboard_place_of(_board, get_leaderboard.after);
        if _start.count is null then
            perform wingman.refuse_violation(row('after', 'must be next_after of a page of the same board')::wingman.violation);
        end if;
    end if;

    _standings := array(select s from wingman.leaderboard_unread(get_leaderboard.period, _starting) as s);
    select
        m.id,
        coalesce(s.count, k.count, 0),
        case when s.user_id is null then k.seniority else s.seniority end,
        case when s.user_id is null then k.city else s.city end,
        coalesce(o.visibility, 'off')
    into _mine.user_id, _mine.count, _mine.seniority, _my_city, _answer.my_visibility
    from (values (_me)) as m (id)
    left join wingman.leaderboard_counts as k
        on k.period = get_leaderboard.period collate "C" and k.starting = _starting and k.user_id = m.id
    left join wingman.leaderboard_members as o on o.user_id = m.id
    left join unnest(_standings) as s on s.user_id = m.id;
    _answer.period := get_leaderboard.period;
    _answer.starting := case when get_leaderboard.period <> 'all_time' then _starting end;
    _answer.my_count := _mine.count;

    select array_agg(r.count), array_agg(r.rank), coalesce(sum(r.people), 0)::integer
    into _counts, _ranks, _answer.total
    from wingman.leaderboard_ranks(get_leaderboard.period, _starting, _city, _standings) as r;
    if _city is not null and _answer.total < (select t.leaderboard_city_minimum from wingman.settings as t) then
        -- like a city without anybody
        _answer.total := 0;
    end if;
    _is_listed := _answer.total > 0
        and _mine.seniority is not null
        and _mine.count > 0
        and (_city is null or coalesce(_my_city = _city, false));
    if _is_listed then
        _answer.my_rank := _ranks[array_position(_counts, _mine.count)];
    end if;

    if get_leaderboard.around_me and _is_listed then
        -- whoever comes half a page before the caller
        select p.count, p.seniority into _start.count, _start.seniority
        from wingman.leaderboard_page(
            get_leaderboard.period, _starting, _city, _standings, _mine, upwards => true, page_size => get_leaderboard.page_size / 2
        ) as p
        order by p.count desc, p.seniority desc
        limit 1;
        if not found then
            _start := _mine;
        end if;
        _start.seniority := _start.seniority + 1;
    end if;
    if _answer.total > 0 and (_is_listed or not get_leaderboard.around_me) then
        -- one more than the page has, to see whether anybody comes after it
        _places := array(
            select p
            from wingman.leaderboard_page(
                get_leaderboard.period,
                _starting,
                _city,
                _standings,
                _start,
                upwards => false,
                page_size => get_leaderboard.page_size + 1
            ) as p
        );
    end if;

    if cardinality(_places) > get_leaderboard.page_size then
        _answer.next_after := wingman.leaderboard_cursor(_board, _places[get_leaderboard.page_size]);
    end if;
    _answer.people := array(
        select
            row(
                _ranks[array_position(_counts, p.count)],
                case when o.visibility = 'named' and b.blocker_id is null then f.first_name end,
                p.count,
                p.user_id = _me
            )::public.leaderboard_person
        from unnest(_places[:get_leaderboard.page_size]) with ordinality as p (user_id, count, seniority, number)
        inner join wingman.leaderboard_members as o on o.user_id = p.user_id
        inner join public.user_profiles as f on f.id = p.user_id
        left join lateral (
            select mine.blocker_id
            from public.user_blocks as mine
            where mine.blocker_id = _me and mine.blocked_id = p.user_id
            union all
            select theirs.blocker_id
            from public.user_blocks as theirs
            where theirs.blocker_id = p.user_id and theirs.blocked_id = _me
            limit 1
        ) as b on true
        order by p.number
    );
    return _answer;
end
$$;

comment on function wingman.get_leaderboard(text, date, text, boolean, text, integer, uuid) is 'Engine of public.get_leaderboard';
revoke all on function wingman.get_leaderboard(text, date, text, boolean, text, integer, uuid)
from public, anon, authenticated, service_role;
grant execute on function wingman.get_leaderboard(text, date, text, boolean, text, integer, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/leaderboard/set_leaderboard_visibility.sql
create or replace function wingman.set_leaderboard_visibility(visibility text, user_id uuid, idempotency_key text)
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
    _before text;
begin
    _call := wingman.begin_call(
        'set_leaderboard_visibility',
        set_leaderboard_visibility.user_id,
        set_leaderboard_visibility.idempotency_key,
        row(set_leaderboard_visibility.visibility)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('visibility', set_leaderboard_visibility.visibility is not null);
    if set_leaderboard_visibility.visibility <> all(wingman.leaderboard_visibilities()) then
        perform wingman.refuse_violation(
            row('visibility', 'must be ' || wingman.alternatives(wingman.leaderboard_visibilities()))::wingman.violation
        );
    end if;

    -- one change at a time; an erasure waits, or there is no profile any more
    perform pg_advisory_xact_lock(wingman.profile_lock(_me));
    _before := coalesce((select o.visibility from wingman.leaderboard_members as o where o.user_id = _me), 'off');
    if _before <> set_leaderboard_visibility.visibility then
        select wingman.consume_rate_limit(_me, 'profile', t.profile_cost, t.profile_burst) into strict _me
        from wingman.settings as t;
    end if;
    -- also if the account is being deleted, or a location is inserted by hand: neither takes the advisory lock. And where nothing
    -- changes: a lock makes the answer wait for the standby, which may not have the earlier change yet
    perform from public.user_profiles as p where p.id = _me for update;
    if not found then
        perform wingman.require_profile(_me);
    end if;
    if _before <> set_leaderboard_visibility.visibility then
        -- whoever changes the city by hand sees the row below, or the review below sees the city
        perform from public.user_locations as l where l.user_id = _me for share;
        insert into wingman.leaderboard_members as o (user_id, visibility)
        values (_me, set_leaderboard_visibility.visibility)
        on conflict on constraint leaderboard_members_pkey do update
        set visibility = excluded.visibility, updated_at = excluded.updated_at;
        if 'off' in (_before, set_leaderboard_visibility.visibility) then
            insert into wingman.leaderboard_reviews (user_id) values (_me);
        end if;
    end if;
    return wingman.end_call(_call, row(
        true,
        case set_leaderboard_visibility.visibility
            when 'named' then 'You are on the leaderboard, with your first name.'
            when 'nameless' then 'You are on the leaderboard, without your name.'
            else 'You are not on the leaderboard.'
        end
    )::public.acknowledgement);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('set_leaderboard_visibility', coalesce(_call.user_id, set_leaderboard_visibility.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.set_leaderboard_visibility(text, uuid, text) is 'Engine of public.set_leaderboard_visibility';
revoke all on function wingman.set_leaderboard_visibility(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.set_leaderboard_visibility(text, uuid, text) to authenticated, service_role, wingman_admin;

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

-- file: sql/maintenance/reading.sql sha256:625662f893c3c89841677b398d7aee2b6af679ae154dfdb40b70d4844b3664ee
alter type wingman.reading add attribute ranked integer;
comment on column wingman.reading.ranked is
'Entries of the ledger that it counted for the leaderboard, or people at whom it looked again, whichever were more';

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
    _done.ranked := wingman.count_leaderboard(run_readers.max_rows);
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
'Runs the readers: fills the inboxes, counts what happened for the operators'' views and the leaderboard, and awards achievements.
wingman.run_maintenance does so too, and tidies up. Can be called several times a second: if nothing has happened, it writes
nothing. max_rows: the most rows for each reader to process, 1 to 100000. Several runs can overlap: each skips what another is
reading.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_readers(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_readers(integer) to wingman_admin, service_role;

-- file: sql/maintenance/maintenance.sql sha256:28983a0e416f94e6d51771432c8af166f3173da2fd996c9de546ccbad73dfdc5
alter type wingman.maintenance add attribute ranked integer;
comment on column wingman.maintenance.ranked is
'Entries of the ledger that it counted for the leaderboard, or people at whom it looked again, whichever were more';

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
    _done.ranked := 0;
    _done.evaluated := 0;
    if _done.dropped_partitions = 0 then
        _done.told := wingman.fill_inboxes(run_maintenance.max_rows);
        _done.counted_events := wingman.count_events(run_maintenance.max_rows);
        _done.counted_reputation_events := wingman.count_reputation_events(run_maintenance.max_rows);
        _done.ranked := wingman.count_leaderboard(run_maintenance.max_rows);
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
counts what happened for the operators'' views and the leaderboard, and awards achievements. No call depends on it. max_rows: the
most rows of each kind to process, 1 to 100000. Several runs can overlap: each skips what
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
    _city text := wingman.normalized_city(find_users.search);
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
    -- what is left of blanks would find everybody
    _city := case when char_length(_city) >= 3 then regexp_replace(_city, e'([\\\\%_])', e'\\\\\\1', 'g') || '%' end;

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
            where _id is null and wingman.normalized_city(c.city) like _city
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
            realtime = _after.realtime,
            leaderboard_city_minimum = _after.leaderboard_city_minimum
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
    if remove_reader.name in ('statistics', 'inbox', 'reputations', 'leaderboard', 'achievements') then
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

-- file: sql/admin/no_show_reports.sql
create or replace view wingman_admin.no_show_reports as
select
    r.id,
    r.created_at,
    r.session_id,
    r.reporter_id,
    r.accused_id,
    r.reason,
    r.note,
    r.statement,
    r.answer_by,
    r.decide_by,
    r.answered_at,
    r.closed_at,
    wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) as status
from wingman.no_show_reports as r;

comment on view wingman_admin.no_show_reports is
'All reports of no-shows, with what became of them; newer ids sort later. Filter by session_id, reporter_id or accused_id: these
find rows without reading all of them. wingman_admin.no_show_queue has those that wait for a decision';
comment on column wingman_admin.no_show_reports.id is 'The report, UUID version 7';
comment on column wingman_admin.no_show_reports.created_at is 'When it was reported';
comment on column wingman_admin.no_show_reports.session_id is 'The session: decide_no_show takes it';
comment on column wingman_admin.no_show_reports.status is
'open, contested, admitted, withdrawn, upheld, dismissed, or lapsed once decide_by has passed without a decision';
comment on column wingman_admin.no_show_reports.reporter_id is 'Who reports';
comment on column wingman_admin.no_show_reports.accused_id is 'Who is reported';
comment on column wingman_admin.no_show_reports.reason is 'did_not_come, came_too_late or left_early';
comment on column wingman_admin.no_show_reports.note is 'What the person who reports adds, for operators only';
comment on column wingman_admin.no_show_reports.statement is 'What the person reported says to it, for operators only';
comment on column wingman_admin.no_show_reports.answer_by is 'From then on it can be decided without an answer';
comment on column wingman_admin.no_show_reports.decide_by is 'When it lapses';
comment on column wingman_admin.no_show_reports.answered_at is 'When it was admitted or contested';
comment on column wingman_admin.no_show_reports.closed_at is 'When it was admitted, withdrawn or decided';

revoke all on table wingman_admin.no_show_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.no_show_reports to wingman_admin, service_role;

-- file: sql/admin/no_show_counts.sql
create or replace view wingman_admin.no_show_counts as
select
    r.status,
    count(*) as reports
from wingman_admin.no_show_reports as r
where r.id >= wingman.first_id_at(wingman.history_start())
group by r.status
order by r.status asc;

comment on view wingman_admin.no_show_counts is
'What became of the reports of no-shows of the last thirty days. Finds them by the primary key and reads no older ones';
comment on column wingman_admin.no_show_counts.status is
'open, contested, admitted, withdrawn, upheld, dismissed, or lapsed once it can no longer be decided';
comment on column wingman_admin.no_show_counts.reports is 'How many';

revoke all on table wingman_admin.no_show_counts from public, anon, authenticated, service_role;
grant select on table wingman_admin.no_show_counts to wingman_admin, service_role;

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
        case
            when s.exposures = '{}' then 0
            else (
                select count(*)
                from unnest(s.exposures) as e (found_at)
                where e.found_at > statement_timestamp() - t.exposure_window
            )
        end as exposures
    from wingman.matchmaking_pool as s
    cross join wingman.settings as t
    where s.pending_match_id is null and not s.paused and not wingman.is_suspended(s.suspended, s.suspended_until)
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

-- file: sql/admin/waiting_places.sql
create or replace view wingman_admin.waiting_places as
select
    p.lat,
    p.lng,
    p.people
from (
    select
        c.lat,
        c.lng,
        -- rounded down, so that the arrival of one person shows only now and then
        (count(*) / 5 * 5)::integer as people
    from (
        select
            -- the point at the pole belongs to the last cell before it
            least((s.grid_lat + 9000) / 100, 179) - 90 as lat,
            -- 18000 stands for -18000
            (s.grid_lng + 18000) / 100 % 360 - 180 as lng
        from wingman.matchmaking_pool as s
        where
            s.pending_match_id is null
            and not s.paused
            and not wingman.is_suspended(s.suspended, s.suspended_until)
    ) as c
    group by c.lat, c.lng
) as p
where p.people > 0
order by p.people desc, p.lat asc, p.lng asc;

comment on view wingman_admin.waiting_places is
'Where people wait: how many could be matched now, on one fixed grid of one degree. It is made so that nobody can be found by it:
it starts from the grid of the search and not from exact places, rounds down to fives, leaves out cells with fewer than five people,
and cannot be narrowed to a kind of people. Reads every seeker once, so its cost grows with the number of people';
comment on column wingman_admin.waiting_places.lat is 'Latitude of the cell''s southern edge, in whole degrees: -90 to 89';
comment on column wingman_admin.waiting_places.lng is 'Longitude of the cell''s western edge, in whole degrees: -180 to 179';
comment on column wingman_admin.waiting_places.people is 'How many wait there, rounded down to a multiple of five';

revoke all on table wingman_admin.waiting_places from public, anon, authenticated, service_role;
grant select on table wingman_admin.waiting_places to wingman_admin, service_role;

-- file: sql/admin/standing.sql
create or replace view wingman_admin.standing as
with pool as (
    select
        case
            when wingman.is_suspended(s.suspended, s.suspended_until) then 'suspended'
            when s.paused and s.paused_automatically then 'paused_automatically'
            when s.paused then 'paused'
            when s.pending_match_id is not null then 'offered'
            when s.cooldown_until > statement_timestamp() then 'cooldown'
            else 'free'
        end as state
    from wingman.matchmaking_pool as s
),

counted as (
    select
        p.state,
        count(*) as people
    from pool as p
    group by p.state
)

select
    w.state,
    coalesce(c.people, 0) as people
from
    unnest(array['free', 'cooldown', 'offered', 'paused', 'paused_automatically', 'suspended'])
    with ordinality as w (state, place)
left join counted as c on w.state = c.state
order by w.place asc;

comment on view wingman_admin.standing is
'How many people can be matched now, and what keeps the others from it: everybody with a location, in the first state that
applies. Reads everybody in the pool once, so its cost grows with the number of people';
comment on column wingman_admin.standing.state is
'suspended; paused_automatically: after offers left to expire; paused; offered: with a pending match; cooldown: after a no-show,
can be found and cannot search; free';
comment on column wingman_admin.standing.people is 'How many';

revoke all on table wingman_admin.standing from public, anon, authenticated, service_role;
grant select on table wingman_admin.standing to wingman_admin, service_role;

-- file: sql/admin/queue_counts.sql
create or replace view wingman_admin.queue_counts as
select
    'reports' as queue,
    count(*) as waiting,
    min(r.created_at) as oldest_at
from wingman.user_reports as r
where r.decided_at is null
union all
select
    'no_shows' as queue,
    count(*) as waiting,
    min(r.created_at) as oldest_at
from wingman.no_show_reports as r
where r.closed_at is null and r.decide_by > statement_timestamp()
union all
select
    'overdue_sessions' as queue,
    count(*) as waiting,
    min(s.scheduled_time) as oldest_at
from public.wingman_sessions as s
where s.is_active and wingman.is_active_session(s.status) and s.scheduled_time < statement_timestamp() - interval '24 hours'
union all
select
    'dead_deliveries' as queue,
    count(*) as waiting,
    min(d.settled_at) as oldest_at
from wingman.notification_deliveries as d
where d.state = 'dead';

comment on view wingman_admin.queue_counts is
'How much waits for an operator in each queue. Counts what waits, by the indexes of the queues, and reads nothing else';
comment on column wingman_admin.queue_counts.queue is
'reports: wingman_admin.report_queue; no_shows: no_show_queue; overdue_sessions; dead_deliveries';
comment on column wingman_admin.queue_counts.waiting is 'How many wait';
comment on column wingman_admin.queue_counts.oldest_at is
'When the oldest of them was reported or given up, or was to take place; null if none waits';

revoke all on table wingman_admin.queue_counts from public, anon, authenticated, service_role;
grant select on table wingman_admin.queue_counts to wingman_admin, service_role;

-- file: sql/admin/maintenance_backlog.sql
-- noqa: disable=LT02
create or replace view wingman_admin.maintenance_backlog as
with matches as (
    select min(d.due_at) as due_at from wingman.due_matches as d
),

keys as (
    select min(k.created_at) as created_at from wingman.idempotency_keys as k
),

notifications as (
    select min(w.created_at) as created_at
    from (
        select n.created_at
        from public.wingman_notifications as n
        order by n.id asc
        limit 1
    ) as w
),

deliveries as (
    select min(d.settled_at) as settled_at from wingman.notification_deliveries as d
),

unplaced as (
    select min(e.occurred_at) as occurred_at from wingman.events_default as e
)

select
    v.work,
    case when v.due_at <= statement_timestamp() then v.due_at end as due_since
from wingman.settings as t
cross join matches as m
cross join keys as k
cross join notifications as n
cross join deliveries as d
cross join unplaced as u
cross join lateral (
    values
    (1, 'settle_matches', m.due_at),
    (2, 'purge_keys', k.created_at + t.idempotency_retention),
    (3, 'purge_notifications', n.created_at + t.notification_retention),
    (4, 'purge_deliveries', d.settled_at + t.delivery_retention),
    (5, 'make_partitions', u.occurred_at)
) as v (place, work, due_at)
order by v.place asc;

comment on view wingman_admin.maintenance_backlog is
'What wingman.run_maintenance has to do, and since when: if it runs as it should, nothing has been due for long. Reads one end of
an index for each';
comment on column wingman_admin.maintenance_backlog.work is
'settle_matches: that lapsed; purge_keys: idempotency keys; purge_notifications; purge_deliveries: messages; make_partitions: of
the journal, which has rows outside every month';
comment on column wingman_admin.maintenance_backlog.due_since is 'Since when the first of it has been due; null if none is';

revoke all on table wingman_admin.maintenance_backlog from public, anon, authenticated, service_role;
grant select on table wingman_admin.maintenance_backlog to wingman_admin, service_role;

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
        count(*) filter (
            where s.pending_match_id is null and not s.paused and not wingman.is_suspended(s.suspended, s.suspended_until)
        ) as free,
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

-- file: sql/api/get_leaderboard.sql
create or replace function public.get_leaderboard(
    period text,
    starting date default null,
    city text default null,
    around_me boolean default false,
    after text default null,
    page_size integer default 20,
    user_id uuid default null
)
returns public.leaderboard
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_leaderboard(
        get_leaderboard.period,
        get_leaderboard.starting,
        get_leaderboard.city,
        get_leaderboard.around_me,
        get_leaderboard.after,
        get_leaderboard.page_size,
        get_leaderboard.user_id
    );
end
$$;

comment on function public.get_leaderboard(text, date, text, boolean, text, integer, uuid) is
'Reads a page of the leaderboard: who has met the most buddies.
Only people who have opted in with set_leaderboard_visibility are on it, and nobody who is suspended.
The count is the number of buddies with whom a person has completed a session, each counted once a week; what operators revert does
not count. People without one are not listed. Exact at the moment of the call.
period: one of leaderboard_period.
starting: any day of the week or month; null for the current one. Must be left out for all_time.
city: only people whose current city has this name, whatever the case and the blanks. Empty if they are fewer than
settings.leaderboard_city_minimum; null for everybody.
around_me: begin half a page before the caller; empty if the caller is not on the board.
after: next_after of the previous page.
page_size: 1 to 100 people.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: a page, how many people are on the board, and the caller''s own rank and count.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument.';
revoke all on function public.get_leaderboard(text, date, text, boolean, text, integer, uuid)
from public, anon, authenticated, service_role;
grant execute on function public.get_leaderboard(text, date, text, boolean, text, integer, uuid)
to authenticated, service_role, wingman_admin;

-- file: sql/api/set_leaderboard_visibility.sql
create or replace function public.set_leaderboard_visibility(
    visibility text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.set_leaderboard_visibility(
        set_leaderboard_visibility.visibility,
        set_leaderboard_visibility.user_id,
        set_leaderboard_visibility.idempotency_key
    );
end
$$;

comment on function public.set_leaderboard_visibility(text, uuid, text) is
'Opts in to the leaderboard or out of it. Everybody is off until then.
On the leaderboard, every user sees the caller''s count, with or without the first name, and that the caller lives in a city, if they
ask for that city. Otherwise only partners see a reputation. People whom the caller has blocked, or who have blocked the caller,
never see the name.
visibility: one of leaderboard_visibility; off keeps the caller out of all ranks and totals.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.set_leaderboard_visibility(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.set_leaderboard_visibility(text, uuid, text) to authenticated, service_role, wingman_admin;

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
