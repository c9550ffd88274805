create or replace function wingman.new_id()
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- each operator costs a look-up in every call that makes an id, so this does with few
    return concat(
        -- 48 bits of milliseconds, whose first digit is 0 until the year 2527, the version, and 12 bits of the fraction
        '0',
        overlay(to_hex((date_part('epoch', clock_timestamp()) * 4096000)::bigint) placing '7' from 12 for 0),
        -- with the variant; uuid takes the hyphens in it
        substr(gen_random_uuid()::text, 20)
    )::uuid;
end
$$;

comment on function wingman.new_id() is
'A UUID version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of the millisecond''s fraction, 62 random bits, so that ids sort
by the time they were made. The same function serves PostgreSQL 15 to 18.';
revoke all on function wingman.new_id() from public, anon, authenticated, service_role;
