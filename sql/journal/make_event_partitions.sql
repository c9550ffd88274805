create or replace function wingman.make_event_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- a transaction that waits for this table blocks those that queue behind it
set lock_timeout = '500ms'
as $$
declare
    _now timestamptz := statement_timestamp();
    _months timestamptz[];
    _month timestamptz;
    _name text;
    _made integer := 0;
begin
    -- the months ahead, and those that had no partition in time
    _months := array(
        select date_trunc('month', _now) + make_interval(months => n.number)
        from generate_series(0, 3) as n (number)
        union
        select date_trunc('month', d.occurred_at)
        from wingman.events_default as d
        where isfinite(d.occurred_at)
        order by 1
    );
    foreach _month in array _months loop
        _name := to_char(_month, '"events_"YYYY_MM');
        continue when to_regclass('wingman.' || _name) is not null;
        perform pg_advisory_xact_lock(hashtextextended('wingman.events', 0));
        -- made by the last holder of that lock
        continue when to_regclass('wingman.' || _name) is not null;

        if _month <= _now then
            -- a write on its way to the default partition would fail there afterwards: wait for it, and make new ones wait
            lock table only wingman.events in access exclusive mode;
        end if;
        lock table wingman.events_default in access exclusive mode;
        execute format(
            $sql$
            create table wingman.%1$I (like wingman.events_default including all);
            comment on table wingman.%1$I is %2$L;
            alter table wingman.%1$I owner to wingman_owner;
            revoke all on table wingman.%1$I from public, anon, authenticated, service_role;
            create trigger refuse_truncate before truncate on wingman.%1$I
            for each statement execute function wingman.tg_any__refuse_change();
            insert into wingman.%1$I
            select d.*
            from wingman.events_default as d
            where d.occurred_at >= %3$L and d.occurred_at < %4$L
            $sql$,
            _name,
            to_char(_month, '"wingman.events of "YYYY-MM'),
            _month,
            _month + interval '1 month'
        );
        if exists (
            select
            from wingman.events_default as d
            where d.occurred_at >= _month and d.occurred_at < _month + interval '1 month'
        ) then
            -- moved, not removed
            alter table wingman.events_default disable trigger refuse_change;
            delete from wingman.events_default as d
            where d.occurred_at >= _month and d.occurred_at < _month + interval '1 month';
            alter table wingman.events_default enable trigger refuse_change;
        end if;
        execute format(
            'alter table wingman.events attach partition wingman.%I for values from (%L) to (%L)',
            _name,
            _month,
            _month + interval '1 month'
        );
        _made := _made + 1;
    end loop;
    return _made;
exception
    when lock_not_available or deadlock_detected then
        return 0;
end
$$;

comment on function wingman.make_event_partitions() is
'Creates the missing partitions of wingman.events: for this month and three ahead, in UTC, and for each month that has rows in the
default partition, which it moves. Returns how many; 0 also if another transaction holds the table: call it again later. Takes
turns with others that create or drop partitions. Holds its locks until the end of the transaction.';
revoke all on function wingman.make_event_partitions() from public, anon, authenticated, service_role;
