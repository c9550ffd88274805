create or replace function wingman.has_to_read(reader text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.has_unread(has_to_read.reader) or exists (
        select
        from wingman.readers as r
        where r.name = has_to_read.reader
            and (
                wingman.is_of_another_cluster(r.cluster_id, r.target)
                or exists (select from wingman.reader_backlogs as b where b.reader = r.name)
            )
    );
end
$$;

comment on function wingman.has_to_read(text) is
'Whether a reader has anything left to read, or has to find its position in another cluster';
revoke all on function wingman.has_to_read(text) from public, anon, authenticated, service_role;
