-- file: sql/api/mark_notifications_read.sql
drop function public.mark_notifications_read(uuid, uuid, text);

-- file: sql/api/count_unread_notifications.sql
drop function public.count_unread_notifications(uuid);

-- file: sql/api/list_notifications.sql
drop function public.list_notifications(uuid, integer, boolean, uuid);

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
comment on column wingman_admin.readers.unread is 'How many events it has not read, counted up to 100000';
comment on column wingman_admin.readers.unread_since is 'When the oldest of these happened; null if there are none';
comment on column wingman_admin.readers.moved_at is 'When it last read something';

revoke all on table wingman_admin.readers from public, anon, authenticated, service_role;
grant select on table wingman_admin.readers to wingman_admin, service_role;

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
    _done.counted_events := 0;
    _done.counted_reputation_events := 0;
    if _done.dropped_partitions = 0 then
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
partitions of the journal, and counts what happened for the operators'' views. No call depends on it. max_rows: the most rows of
each kind to process, 1 to 100000. Several runs can overlap: each skips what another holds. A clock that has jumped ahead does not
cost the history: see wingman.drop_event_partitions and wingman.lapsed_until.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_maintenance(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_maintenance(integer) to wingman_admin, service_role;

-- file: sql/maintenance/maintenance.sql
alter type wingman.maintenance
drop attribute told,
drop attribute purged_notifications;

-- file: sql/maintenance/run_readers.sql
drop function wingman.run_readers(integer);

-- file: sql/maintenance/reading.sql
drop type wingman.reading;

-- file: sql/inbox/mark_notifications_read.sql
drop function wingman.mark_notifications_read(uuid, uuid, text);

-- file: sql/inbox/count_unread_notifications.sql
drop function wingman.count_unread_notifications(uuid);

-- file: sql/inbox/list_notifications.sql
drop function wingman.list_notifications(uuid, integer, boolean, uuid);

-- file: sql/journal/first_readers.sql
delete from wingman.readers as r where r.name = 'inbox';

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
    elsif not wingman.has_unread(lock_reader.reader) and not exists (
        select
        from wingman.readers as r
        where r.name = lock_reader.reader
            and (
                wingman.is_of_another_cluster(r.cluster_id, r.target)
                or exists (select from wingman.reader_backlogs as b where b.reader = r.name)
            )
    ) then
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

-- file: sql/journal/has_to_read.sql
drop function wingman.has_to_read(text);

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
    select r.name, r.source, g.unread, g.unread_since, r.moved_at
    from wingman.readers as r
    cross join lateral wingman.reader_lag(r.name) as g;
end
$$;

comment on function wingman.reader_lags() is
'What each reader has not read, as wingman_admin.readers and wingman_admin.metrics show it';
revoke all on function wingman.reader_lags() from public, anon, authenticated, service_role;
grant execute on function wingman.reader_lags() to service_role, wingman_admin;

-- file: sql/inbox/policies.sql
drop policy operators on public.wingman_notifications;
drop policy own on public.wingman_notifications;

-- file: sql/inbox/without_profile.sql
drop function wingman.without_profile(uuid[]);

-- file: sql/inbox/notifications_between.sql
drop function wingman.notifications_between(uuid, uuid, uuid, integer);

-- file: sql/inbox/last_told.sql
drop function wingman.last_told();

-- file: sql/inbox/told_after.sql
drop function wingman.told_after(uuid, integer);

-- file: sql/inbox/count_unread.sql
drop function wingman.count_unread(uuid);

-- file: sql/inbox/notifications_of.sql
drop function wingman.notifications_of(uuid[], uuid);

-- file: sql/inbox/notification_count.sql
drop type public.notification_count;

-- file: sql/inbox/notification.sql
drop type public.notification;

-- file: sql/inbox/fill_inboxes.sql
drop function wingman.fill_inboxes(integer);

-- file: sql/inbox/tell.sql
drop function wingman.tell(wingman.notice[]);

-- file: sql/inbox/notices_due.sql
drop function wingman.notices_due(wingman.reminders[]);

-- file: sql/inbox/plan_reminders.sql
drop function wingman.plan_reminders(uuid, uuid, timestamptz, timestamptz);

-- file: sql/inbox/notices_of.sql
drop function wingman.notices_of(wingman.events[]);

-- file: sql/inbox/postponed_notices.sql
drop table wingman.postponed_notices;

-- file: sql/inbox/notice.sql
drop type wingman.notice;

-- file: sql/inbox/reminders.sql
drop index wingman.reminders_session_idx;
drop index wingman.reminders_once_idx;
drop table wingman.reminders;

-- file: sql/inbox/inbox_clock.sql
drop table wingman.inbox_clock;

-- file: sql/inbox/wingman_notifications.sql
drop index public.wingman_notifications_due_idx;
drop index public.wingman_notifications_event_idx;
drop index public.wingman_notifications_unread_idx;
drop index public.wingman_notifications_user_idx;
drop table public.wingman_notifications;

-- file: sql/inbox/is_notification_kind.sql
drop function wingman.is_notification_kind(text);

-- file: sql/inbox/notification_kinds.sql
drop function wingman.notification_kinds();

-- file: sql/journal/event_kinds.sql
drop function wingman.event_kinds();
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

-- file: sql/kernel/id_at.sql
drop function wingman.id_at(timestamptz);

-- file: sql/kernel/settings.sql
alter table wingman.settings
drop column match_expiring_before,
drop column session_reminder_before,
drop column session_reminder_again,
drop column agreement_reminder_before,
drop column confirmation_reminder_after,
drop column notifications_per_day,
drop column notification_retention;
