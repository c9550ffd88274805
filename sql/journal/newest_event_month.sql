create or replace function wingman.newest_event_month()
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    _month timestamptz;
begin
    for _month in
        select to_timestamp(right(c.relname, 7), 'YYYY_MM')
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'wingman.events'::regclass and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
        order by c.relname desc
    loop
        if exists (
            select from wingman.events as e where e.occurred_at >= _month and e.occurred_at < _month + interval '1 month'
        ) then
            return _month;
        end if;
    end loop;
    return null;
end
$$;

comment on function wingman.newest_event_month() is
'The first moment, in UTC, of the newest month that has a partition of wingman.events with rows; null if none has';
revoke all on function wingman.newest_event_month() from public, anon, authenticated, service_role;
