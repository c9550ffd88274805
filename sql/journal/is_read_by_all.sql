create or replace function wingman.is_read_by_all(occurred_from timestamptz, occurred_until timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return not exists (
        select
        from wingman.readers as r
        cross join lateral wingman.unread_events(
            r.name, is_read_by_all.occurred_from, is_read_by_all.occurred_until, 1
        )
        where r.source = 'journal'
    );
end
$$;

comment on function wingman.is_read_by_all(timestamptz, timestamptz) is
'Whether every reader of the journal has read all events of a period, both ends included';
revoke all on function wingman.is_read_by_all(timestamptz, timestamptz) from public, anon, authenticated, service_role;
