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
