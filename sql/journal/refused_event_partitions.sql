create or replace function wingman.refused_event_partitions(max_months integer default null)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _due integer := cardinality(wingman.due_event_partitions());
begin
    if _due > coalesce(
        refused_event_partitions.max_months, (select t.journal_drop_limit from wingman.settings as t)
    ) then
        return _due;
    end if;
    return 0;
end
$$;

comment on function wingman.refused_event_partitions(integer) is
'How many months of the journal are due to be dropped and are kept, because they are more than max_months, by default
settings.journal_drop_limit; 0 if they are not more';
revoke all on function wingman.refused_event_partitions(integer) from public, anon, authenticated, service_role;
