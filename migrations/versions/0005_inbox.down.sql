-- file: sql/api/mark_notifications_read.sql
drop function public.mark_notifications_read(uuid, uuid, text);

-- file: sql/api/count_unread_notifications.sql
drop function public.count_unread_notifications(uuid);

-- file: sql/api/list_notifications.sql
drop function public.list_notifications(uuid, integer, boolean, uuid);

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
    if remove_reader.name in ('statistics', 'reputations') then
        perform wingman.refuse_violation(row('name', 'must not be one that the views of operators need')::wingman.violation);
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

-- file: sql/inbox/take_postponed.sql
drop function wingman.take_postponed();

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
