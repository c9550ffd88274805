create or replace function wingman.open_reader(name text, source text, from_start boolean default true)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _start pg_snapshot := pg_snapshot '1:1:';
    _last_id bigint := bigint '0';
begin
    if not open_reader.from_start then
        -- no id that this snapshot sees is greater than one read after it
        perform pg_current_xact_id();
        select wingman.reader_snapshot() into _start;
        _last_id := wingman.last_id_of(open_reader.source);
    end if;
    insert into wingman.readers (name, source, seen, target, last_id, cluster_id)
    values (open_reader.name, open_reader.source, _start, _start, _last_id, wingman.cluster_id());
end
$$;

comment on function wingman.open_reader(text, text, boolean) is
'Creates a reader. source: journal or ledger; from_start: whether it reads everything that is still kept, or only what is
committed from now on';
revoke all on function wingman.open_reader(text, text, boolean) from public, anon, authenticated, service_role;
