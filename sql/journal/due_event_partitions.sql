create or replace function wingman.due_event_partitions()
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    _kept interval := (select make_interval(months => t.journal_retention_months) from wingman.settings as t);
begin
    return array(
        select c.relname::text
        from pg_inherits as i
        inner join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'wingman.events'::regclass
            and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
            and to_date(right(c.relname, 7), 'YYYY_MM') < date_trunc('month', statement_timestamp()) - _kept
            -- the newest row is asked only for those that are old by the clock
            and to_date(right(c.relname, 7), 'YYYY_MM')
            < least(date_trunc('month', statement_timestamp()), wingman.newest_event_month()) - _kept
        order by c.relname
    );
end
$$;

comment on function wingman.due_event_partitions() is
'The partitions of wingman.events, the oldest first, that are older than the last settings.journal_retention_months whole months,
in UTC. These count back from the clock, or from the newest row if that is older: a clock that is ahead makes nothing old by
itself.';
revoke all on function wingman.due_event_partitions() from public, anon, authenticated, service_role;
