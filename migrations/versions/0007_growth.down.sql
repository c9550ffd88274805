-- refuse to lose the rows of wingman.leaderboard_members
lock table wingman.leaderboard_members in access exclusive mode;
do $$ begin
    if exists (select from wingman.leaderboard_members) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.leaderboard_members',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- file: sql/api/list_achievements.sql
drop function public.list_achievements(uuid, uuid);

-- file: sql/api/set_leaderboard_visibility.sql
drop function public.set_leaderboard_visibility(text, uuid, text);

-- file: sql/api/get_leaderboard.sql
drop function public.get_leaderboard(text, date, text, boolean, text, integer, uuid);

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

-- file: sql/admin/maintenance_backlog.sql
drop view wingman_admin.maintenance_backlog;

-- file: sql/admin/queue_counts.sql
drop view wingman_admin.queue_counts;

-- file: sql/admin/standing.sql
drop view wingman_admin.standing;

-- file: sql/admin/waiting_places.sql
drop view wingman_admin.waiting_places;

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

-- file: sql/admin/no_show_counts.sql
drop view wingman_admin.no_show_counts;

-- file: sql/admin/no_show_reports.sql
drop view wingman_admin.no_show_reports;

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

-- file: sql/admin/reconcile_achievements.sql
drop function wingman_admin.reconcile_achievements(boolean);

-- file: sql/admin/add_achievement.sql
drop function wingman_admin.add_achievement(text, text, text, text, integer, text);

-- file: sql/admin/achievements.sql
drop view wingman_admin.achievements;

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

-- file: sql/maintenance/maintenance.sql
alter type wingman.maintenance drop attribute ranked;

alter type wingman.maintenance
drop attribute evaluated;

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

-- file: sql/maintenance/reading.sql
alter type wingman.reading drop attribute ranked;

alter type wingman.reading
drop attribute evaluated;

-- file: sql/achievements/list_achievements.sql
drop function wingman.list_achievements(uuid, uuid);

-- file: sql/leaderboard/set_leaderboard_visibility.sql
drop function wingman.set_leaderboard_visibility(text, uuid, text);

-- file: sql/leaderboard/get_leaderboard.sql
drop function wingman.get_leaderboard(text, date, text, boolean, text, integer, uuid);

-- file: sql/leaderboard/leaderboard_differences.sql
drop function wingman.leaderboard_differences(uuid[]);

-- file: sql/leaderboard/count_leaderboard.sql
drop function wingman.count_leaderboard(integer);

-- file: sql/leaderboard/leaderboard_violation.sql
drop function wingman.leaderboard_violation(text, date, text, boolean, text);

-- file: sql/leaderboard/leaderboard_place_of.sql
drop function wingman.leaderboard_place_of(text, text);

-- file: sql/leaderboard/leaderboard_cursor.sql
drop function wingman.leaderboard_cursor(text, wingman.leaderboard_place);

-- file: sql/leaderboard/leaderboard_page.sql
drop function wingman.leaderboard_page(
    text, date, uuid, wingman.leaderboard_standing[], wingman.leaderboard_place, boolean, integer
);

-- file: sql/leaderboard/leaderboard_stored.sql
drop function wingman.leaderboard_stored(text, date, uuid, uuid[], wingman.leaderboard_place, boolean, integer);

-- file: sql/leaderboard/leaderboard_ranks.sql
drop function wingman.leaderboard_ranks(text, date, uuid, wingman.leaderboard_standing[]);

-- file: sql/leaderboard/leaderboard_unread.sql
drop function wingman.leaderboard_unread(text, date);

-- file: sql/leaderboard/leaderboard_reviewed.sql
drop function wingman.leaderboard_reviewed(wingman.reputation_events[]);

-- file: sql/leaderboard/leaderboard_standings.sql
drop function wingman.leaderboard_standings(wingman.reputation_events[], uuid[], text, date);

-- file: sql/leaderboard/leaderboard_tally_changes.sql
drop function wingman.leaderboard_tally_changes(wingman.reputation_events[]);

-- file: sql/leaderboard/leaderboard.sql
drop type public.leaderboard;

-- file: sql/leaderboard/leaderboard_person.sql
drop type public.leaderboard_person;

-- file: sql/leaderboard/leaderboard_place.sql
drop type wingman.leaderboard_place;

-- file: sql/leaderboard/leaderboard_standing.sql
drop type wingman.leaderboard_standing;

-- file: sql/leaderboard/leaderboard_key.sql
drop table wingman.leaderboard_key;

-- file: sql/leaderboard/leaderboard_reviews.sql
drop index wingman.leaderboard_reviews_due_idx;
drop table wingman.leaderboard_reviews;

-- file: sql/leaderboard/leaderboard_histogram.sql
drop table wingman.leaderboard_histogram;

-- file: sql/leaderboard/leaderboard_counts.sql
drop index wingman.leaderboard_counts_city_idx;
drop index wingman.leaderboard_counts_shown_idx;
drop table wingman.leaderboard_counts;

-- file: sql/leaderboard/leaderboard_tallies.sql
drop table wingman.leaderboard_tallies;

-- file: sql/leaderboard/leaderboard_members.sql
drop table wingman.leaderboard_members;

-- file: sql/leaderboard/leaderboard_everywhere.sql
drop function wingman.leaderboard_everywhere();

-- file: sql/leaderboard/leaderboard_city.sql
drop function wingman.leaderboard_city(text);

-- file: sql/leaderboard/leaderboard_start.sql
drop function wingman.leaderboard_start(text, date);

-- file: sql/leaderboard/leaderboard_periods.sql
drop function wingman.leaderboard_periods();

-- file: sql/leaderboard/leaderboard_visibilities.sql
drop function wingman.leaderboard_visibilities();

-- file: sql/achievements/evaluate_achievements.sql
drop function wingman.evaluate_achievements(integer);

-- file: sql/achievements/achievement_differences.sql
drop function wingman.achievement_differences(uuid[]);

-- file: sql/journal/first_readers.sql
delete from wingman.readers as r where r.name = 'leaderboard';

delete from wingman.readers as r where r.name = 'achievements';

-- file: sql/journal/tg_earned_achievements__journal.sql
drop trigger refuse_truncate on wingman.earned_achievements;
drop trigger journal on wingman.earned_achievements;
drop function wingman.tg_earned_achievements__journal();

-- file: sql/channels/notification_texts.sql
-- decisions are never deleted, and a dump with kinds that 0006 does not know could not be restored there
lock table wingman.operator_decisions in access exclusive mode;
do $$ begin
    if exists (select from wingman.operator_decisions as d where d.kind = 'achievement_added') then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would leave decisions of kinds that revision 0006 does not know',
            hint = 'Restore a dump from before the upgrade instead.';
    end if;
end $$;

-- those rows do not satisfy the constraints of 0006, which knows fewer kinds
delete from wingman.notification_deliveries as d where d.kind = 'achievement_earned';
delete from wingman.postponed_notices as p where (p.notice).kind = 'achievement_earned';
delete from public.wingman_notifications as w where w.kind = 'achievement_earned';
delete from wingman.notification_texts as t where t.kind = 'achievement_earned';
update wingman.channel_settings as c
set kinds = array_remove(c.kinds, 'achievement_earned')
where 'achievement_earned' = any(c.kinds);
update wingman.webhooks as h
set kinds = array_remove(h.kinds, 'achievement_earned')
where 'achievement_earned' = any(h.kinds);

-- file: sql/inbox/notification.sql
comment on column public.notification.kind is
'What it tells: one of notification_kind: match_offered, match_first_accepted, match_accepted, match_declined, match_ended,
session_scheduled, session_moved, session_agreed, session_started, session_confirmed, session_completed, session_cancelled,
session_no_show, session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn, no_show_dismissed,
matching_paused, user_suspended, suspension_lifted, match_expiring, session_reminder, agreement_reminder, confirmation_reminder,
more_activity';

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

-- file: sql/achievements/achievement.sql
drop type public.achievement;

-- file: sql/achievements/erase_achievements.sql
drop function wingman.erase_achievements(uuid);

-- file: sql/achievements/award_achievements.sql
drop function wingman.award_achievements(uuid[]);

-- file: sql/achievements/achievements_of.sql
drop function wingman.achievements_of(uuid[]);

-- file: sql/achievements/metric_steps.sql
drop function wingman.metric_steps(uuid[]);

-- file: sql/achievements/postponed_evaluations.sql
drop table wingman.postponed_evaluations;

-- file: sql/achievements/earned_achievements.sql
drop index wingman.earned_achievements_name_idx;
drop table wingman.earned_achievements;

-- file: sql/achievements/achievements.sql
drop table wingman.achievements;

-- file: sql/achievements/achievement_violation.sql
drop function wingman.achievement_violation(text, text, text, text, integer);

-- file: sql/achievements/achievement_metrics.sql
drop function wingman.achievement_metrics();

-- file: sql/matching/matches/tg_user_profiles__depart.sql
drop trigger settle_departure on public.user_profiles;
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

-- file: sql/matching/pool/tg_user_locations__unplace.sql
drop trigger unplace_seeker on public.user_locations;
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
    return null;
end
$$;

comment on function wingman.tg_user_locations__unplace() is 'Trigger: without a location a user is no longer matchable';
revoke all on function wingman.tg_user_locations__unplace() from public, anon, authenticated, service_role;

create or replace trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.tg_user_locations__unplace();

-- file: sql/matching/pool/tg_user_locations__place.sql
drop trigger place_seeker on public.user_locations;
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

-- file: sql/fairness/tg_suspensions__bar.sql
drop trigger bar_seeker on wingman.suspensions;
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

-- file: sql/profiles/user_locations.sql
drop index public.user_locations_city_idx;
create index user_locations_city_idx on public.user_locations (lower(normalize(city)) text_pattern_ops);

-- file: sql/profiles/normalized_city.sql
drop function wingman.normalized_city(text);

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

-- file: sql/kernel/settings.sql
alter table wingman.settings drop column leaderboard_city_minimum;
