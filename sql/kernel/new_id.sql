create or replace function wingman.new_id()
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _microseconds bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
begin
    return concat(
        lpad(to_hex(_microseconds / 1000), 12, '0'),
        -- the version, 7, and the fraction
        to_hex(28672 + _microseconds % 1000 * 4096 / 1000),
        -- with the variant; uuid takes the hyphen in it
        substr(gen_random_uuid()::text, 20)
    )::uuid;
end
$$;

comment on function wingman.new_id() is
'A UUID version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of the millisecond''s fraction, 62 random bits, so that ids sort
by the time they were made. The same function serves PostgreSQL 15 to 18.';
revoke all on function wingman.new_id() from public, anon, authenticated, service_role;
