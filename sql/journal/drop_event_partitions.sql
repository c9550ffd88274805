create or replace function wingman.drop_event_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- a transaction that waits for this table blocks those that queue behind it
set lock_timeout = '500ms'
as $$
declare
    _names text[];
    _name text;
    _month timestamptz;
    _dropped integer := 0;
begin
    _names := array(
        select c.relname
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        cross join wingman.settings as t
        where i.inhparent = 'wingman.events'::regclass
            and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
            and to_date(right(c.relname, 7), 'YYYY_MM')
            < date_trunc('month', statement_timestamp()) - make_interval(months => t.journal_retention_months)
        order by c.relname
    );
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

comment on function wingman.drop_event_partitions() is
'Drops the partitions of wingman.events that are older than the last settings.journal_retention_months whole months, in UTC, and
that every one of wingman.readers has read. Returns how many; 0 also if another transaction holds the table: call it again later.
From the first drop to the end of the transaction, nobody can write state changes.';
revoke all on function wingman.drop_event_partitions() from public, anon, authenticated, service_role;
