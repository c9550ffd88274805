-- refuse to lose the rows of wingman.channel_settings
lock table wingman.channel_settings in access exclusive mode;
do $$ begin
    if exists (select from wingman.channel_settings) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.channel_settings',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.email_addresses
lock table wingman.email_addresses in access exclusive mode;
do $$ begin
    if exists (select from wingman.email_addresses) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.email_addresses',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.push_subscriptions
lock table wingman.push_subscriptions in access exclusive mode;
do $$ begin
    if exists (select from wingman.push_subscriptions) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.push_subscriptions',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.webhooks
lock table wingman.webhooks in access exclusive mode;
do $$ begin
    if exists (select from wingman.webhooks) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.webhooks',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

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

-- file: sql/api/remove_push_subscription.sql
drop function public.remove_push_subscription(text, uuid, text);

-- file: sql/api/register_push_subscription.sql
drop function public.register_push_subscription(text, text, text, uuid, text);

-- file: sql/api/set_notification_settings.sql
drop function public.set_notification_settings(text, text[], text, text, text, text, uuid, text);

-- file: sql/api/get_notification_settings.sql
drop function public.get_notification_settings(uuid);

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

-- file: sql/admin/remove_webhook.sql
drop function wingman_admin.remove_webhook(uuid, text);

-- file: sql/admin/enable_webhook.sql
drop function wingman_admin.enable_webhook(uuid, text);

-- file: sql/admin/rotate_webhook_secret.sql
drop function wingman_admin.rotate_webhook_secret(uuid, text, interval);

-- file: sql/admin/add_webhook.sql
drop function wingman_admin.add_webhook(text, text, text[]);

-- file: sql/admin/webhooks.sql
drop view wingman_admin.webhooks;

-- file: sql/admin/drop_delivery.sql
drop function wingman_admin.drop_delivery(uuid, text);

-- file: sql/admin/requeue_delivery.sql
drop function wingman_admin.requeue_delivery(uuid, text);

-- file: sql/admin/decide_delivery.sql
drop function wingman.decide_delivery(text, uuid, text);

-- file: sql/admin/delivery_backlog.sql
drop view wingman_admin.delivery_backlog;

-- file: sql/admin/dead_deliveries.sql
drop view wingman_admin.dead_deliveries;

-- file: sql/admin/set_notification_text.sql
drop function wingman_admin.set_notification_text(text, text, text, text, text, text);

-- file: sql/admin/notification_texts.sql
drop view wingman_admin.notification_texts;

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

-- file: sql/maintenance/maintenance.sql
alter type wingman.maintenance
drop attribute purged_deliveries;

-- file: sql/channels/remove_push_subscription.sql
drop function wingman.remove_push_subscription(text, uuid, text);

-- file: sql/channels/register_push_subscription.sql
drop function wingman.register_push_subscription(text, text, text, uuid, text);

-- file: sql/channels/set_notification_settings.sql
drop function wingman.set_notification_settings(text, text[], text, text, text, text, uuid, text);

-- file: sql/channels/get_notification_settings.sql
drop function wingman.get_notification_settings(uuid);

-- file: sql/channels/unsubscribe.sql
drop function wingman.unsubscribe(uuid, text);

-- file: sql/channels/confirm_email_address.sql
drop function wingman.confirm_email_address(uuid);

-- file: sql/channels/ask_address.sql
drop function wingman.ask_address(uuid, text, boolean);

-- file: sql/channels/consume_address_limit.sql
drop function wingman.consume_address_limit(text);

-- file: sql/channels/must_be_asked.sql
drop function wingman.must_be_asked(uuid, text);

-- file: sql/channels/claimed_address.sql
drop function wingman.claimed_address();

-- file: sql/channels/push_subscription_violation.sql
drop function wingman.push_subscription_violation(text, text, text);

-- file: sql/channels/notification_settings_violation.sql
drop function wingman.notification_settings_violation(text, text[], text, text, text, text);

-- file: sql/channels/notification_settings_of.sql
drop function wingman.notification_settings_of(uuid);

-- file: sql/channels/notification_settings.sql
drop type public.notification_settings;

-- file: sql/channels/settle_deliveries.sql
drop function wingman.settle_deliveries(jsonb);

-- file: sql/channels/settled_delivery.sql
drop type wingman.settled_delivery;

-- file: sql/channels/settlement.sql
drop type wingman.settlement;

-- file: sql/channels/claim_deliveries.sql
drop function wingman.claim_deliveries(text, integer);

-- file: sql/channels/lock_due_deliveries.sql
drop function wingman.lock_due_deliveries(text, integer);

-- file: sql/channels/delivery_of.sql
drop function wingman.delivery_of(wingman.notification_deliveries);

-- file: sql/channels/delivery.sql
drop type wingman.delivery;

-- file: sql/channels/quiet_until.sql
drop function wingman.quiet_until(wingman.notification_deliveries);

-- file: sql/channels/quiet_hours_end.sql
drop function wingman.quiet_hours_end(timestamptz, time, time, text);

-- file: sql/channels/delivery_obstacle.sql
drop function wingman.delivery_obstacle(wingman.notification_deliveries);

-- file: sql/channels/still_applies.sql
drop function wingman.still_applies(public.wingman_notifications);

-- file: sql/channels/plan_deliveries.sql
drop function wingman.plan_deliveries(uuid[]);

-- file: sql/channels/targets_of.sql
drop function wingman.targets_of(uuid, text);

-- file: sql/channels/erase_channels.sql
drop function wingman.erase_channels(uuid);

-- file: sql/channels/delivery_backlogs.sql
drop function wingman.delivery_backlogs();

-- file: sql/channels/delivery_state.sql
drop function wingman.delivery_state(text, timestamptz);

-- file: sql/channels/notification_deliveries.sql
drop index wingman.notification_deliveries_settled_idx;
drop index wingman.notification_deliveries_dead_idx;
drop index wingman.notification_deliveries_claimed_idx;
drop index wingman.notification_deliveries_waiting_idx;
drop index wingman.notification_deliveries_due_target_idx;
drop index wingman.notification_deliveries_due_idx;
drop index wingman.notification_deliveries_user_idx;
drop table wingman.notification_deliveries;

-- file: sql/channels/is_delivery_error.sql
drop function wingman.is_delivery_error(text);

-- file: sql/channels/lock_webhook.sql
drop function wingman.lock_webhook(uuid);

-- file: sql/channels/require_webhook_room.sql
drop function wingman.require_webhook_room();

-- file: sql/channels/most_webhooks.sql
drop function wingman.most_webhooks();

-- file: sql/channels/new_webhook_secret.sql
drop function wingman.new_webhook_secret();

-- file: sql/channels/webhook_secret.sql
drop type wingman.webhook_secret;

-- file: sql/channels/webhooks.sql
drop table wingman.webhooks;

-- file: sql/channels/webhook_violation.sql
drop function wingman.webhook_violation(text, text[]);

-- file: sql/channels/is_webhook_url.sql
drop function wingman.is_webhook_url(text);

-- file: sql/channels/push_subscriptions.sql
drop index wingman.push_subscriptions_user_idx;
drop table wingman.push_subscriptions;

-- file: sql/channels/may_be_asked.sql
drop function wingman.may_be_asked(timestamptz);

-- file: sql/channels/asked_addresses.sql
drop table wingman.asked_addresses;

-- file: sql/channels/email_addresses.sql
drop table wingman.email_addresses;

-- file: sql/channels/channel_settings.sql
drop table wingman.channel_settings;

-- file: sql/channels/is_push_endpoint.sql
drop function wingman.is_push_endpoint(text, text[]);

-- file: sql/channels/is_email_address.sql
drop function wingman.is_email_address(text);

-- file: sql/channels/are_notification_kinds.sql
drop function wingman.are_notification_kinds(text[]);

-- file: sql/channels/rendered_text.sql
drop function wingman.rendered_text(text, text, text, text, text, timestamptz, text);

-- file: sql/channels/notification_text.sql
drop function wingman.notification_text(text, text, text);

-- file: sql/channels/notification_wording.sql
drop type wingman.notification_wording;

-- file: sql/channels/notification_texts.sql
drop table wingman.notification_texts;

-- file: sql/channels/notification_text_violation.sql
drop function wingman.notification_text_violation(text, text, text, text, text);

-- file: sql/channels/time_text.sql
drop function wingman.time_text(timestamptz, text, text);

-- file: sql/channels/known_time_zone.sql
drop function wingman.known_time_zone(text);

-- file: sql/channels/is_time_zone.sql
drop function wingman.is_time_zone(text);

-- file: sql/channels/is_text_language.sql
drop function wingman.is_text_language(text);

-- file: sql/channels/text_languages.sql
drop function wingman.text_languages();

-- file: sql/channels/channels.sql
drop function wingman.channels();

-- file: sql/channels/personal_channels.sql
drop function wingman.personal_channels();

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

-- file: sql/inbox/is_muted.sql
drop function wingman.is_muted(uuid, uuid, timestamptz);

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

-- file: sql/matching/matches/leave_pending_match.sql
create or replace function wingman.leave_pending_match(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool;
begin
    -- both rows of a pending match, by user_id
    perform
    from wingman.matchmaking_pool as s
    where s.user_id = any(array[
        leave_pending_match.user_id,
        (select p.pending_buddy_id from wingman.matchmaking_pool as p where p.user_id = leave_pending_match.user_id)
    ])
    order by s.user_id
    for no key update;

    select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = leave_pending_match.user_id;
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
        -- nobody can have spent more than all: the clock was ahead then
        update wingman.rate_limits as r
        set spent_until = statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst
        where r.user_id = consume_rate_limit.user_id
            and r.bucket = consume_rate_limit.bucket
            and r.spent_until > statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst;
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

-- file: sql/guards/rate_limits.sql
delete from wingman.rate_limits as r where r.bucket = 'email';

comment on column wingman.rate_limits.bucket is 'automatic_match, respond, confirm, create_session, profile or report';

-- file: sql/kernel/hashed_id.sql
drop function wingman.hashed_id(text);

-- file: sql/kernel/settings.sql
-- decisions are never deleted, and a dump with kinds that 0005 does not know could not be restored there
lock table wingman.operator_decisions in access exclusive mode;
do $$ begin
    if exists (
        select from wingman.operator_decisions as d
        where d.kind in (
            'text_changed', 'delivery_requeued', 'delivery_dropped', 'webhook_added', 'webhook_secret_rotated', 'webhook_enabled',
            'webhook_removed'
        )
    ) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would leave decisions of kinds that revision 0005 does not know',
            hint = 'Restore a dump from before the upgrade instead.';
    end if;
end $$;

alter table wingman.settings
drop constraint settings_cooldown_steps,
add constraint settings_cooldown_steps check (wingman.are_cooldown_steps(cooldown_steps)),
drop column realtime,
drop column delivery_retention,
drop column delivery_retries,
drop column delivery_time_limit,
drop column push_hosts,
drop column email_confirmation_lifetime,
drop column email_burst,
drop column email_cost,
drop column email_period,
drop column email_limit;

-- the role stays, as all roles do
revoke usage on schema wingman from wingman_worker;

-- file: sql/kernel/are_host_names.sql
drop function wingman.are_host_names(text[]);

-- file: sql/kernel/are_clock_intervals.sql
drop function wingman.are_clock_intervals(interval[], interval, interval);

-- file: sql/kernel/shown_on_one_line.sql
drop function wingman.shown_on_one_line(text);

-- file: sql/kernel/sentence.sql
drop function wingman.sentence(text, jsonb);

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

-- file: sql/kernel/alternatives.sql
drop function wingman.alternatives(text[]);

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

-- file: sql/kernel/schemas.sql
-- Who can use which schema. wingman is never exposed over HTTP; callers need USAGE to reach the few functions in it
-- that the API functions call.
set local role none;

grant usage, create on schema public to wingman_owner;
grant usage on schema public to authenticated, service_role, wingman_admin;

set local role wingman_owner;

comment on schema wingman is 'Engine of WingmanMatch: private tables and functions, never exposed';
revoke all on schema wingman from public, anon, authenticated, service_role;
grant usage on schema wingman to authenticated, service_role, wingman_admin;
