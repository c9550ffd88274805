create or replace function wingman.new_id()
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _microseconds bigint := floor(extract(epoch from clock_timestamp()) * 1000000)::bigint;
begin
    return (
        lpad(to_hex(_microseconds / 1000), 12, '0')
        || '7' || lpad(to_hex(_microseconds % 1000 * 4096 / 1000), 3, '0')
        || right(replace(gen_random_uuid()::text, '-', ''), 16)
    )::uuid;
end
$$;

comment on function wingman.new_id() is
'A UUID version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of the millisecond''s fraction, 62 random bits, so that ids sort
by the time they were made. One body for 15 to 18.';
revoke all on function wingman.new_id() from public, anon, authenticated, service_role;
