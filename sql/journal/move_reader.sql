create or replace function wingman.move_reader(reader wingman.readers)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.readers as r
    set
        seen = (move_reader.reader).seen,
        target = (move_reader.reader).target,
        place_xid = (move_reader.reader).place_xid,
        place_id = (move_reader.reader).place_id,
        last_id = (move_reader.reader).last_id,
        moved_at = statement_timestamp()
    where r.name = (move_reader.reader).name;
end
$$;

comment on function wingman.move_reader(wingman.readers) is
'Writes the position of a reader whose row the caller has locked';
revoke all on function wingman.move_reader(wingman.readers) from public, anon, authenticated, service_role;
