create or replace function wingman.drop_event_partitions(max_months integer default null)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- a transaction that waits for this table blocks those that queue behind it
set lock_timeout = '500ms'
as $$
declare
    _refused integer;
    _names text[];
    _name text;
    _month timestamptz;
    _dropped integer := 0;
begin
    _refused := wingman.refused_event_partitions(drop_event_partitions.max_months);
    if _refused > 0 then
        raise warning '% months of the journal are due to be dropped at once: none was', _refused
            using hint = format(
                'If the clock of the server is right: select wingman.drop_event_partitions(max_months => %s);', _refused
            );
        return 0;
    end if;
    _names := wingman.due_event_partitions();
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
        delete from wingman.user_events as u where u.occurred_at >= _month and u.occurred_at < _month + interval '1 month';
        _dropped := _dropped + 1;
    end loop;
    return _dropped;
exception
    when lock_not_available or deadlock_detected then
        return 0;
end
$$;

comment on function wingman.drop_event_partitions(integer) is
'Drops wingman.due_event_partitions() as far as every one of wingman.readers has read them. Returns how many; 0 also if another
transaction holds the table: call it again later. While more than max_months are due (by default settings.journal_drop_limit), it
drops none and raises a warning: a wrong clock shall not cost the history. From the first drop to the end of the transaction,
nobody can write state changes.';
revoke all on function wingman.drop_event_partitions(integer) from public, anon, authenticated, service_role;
