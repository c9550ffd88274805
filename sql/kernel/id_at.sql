create or replace function wingman.id_at(moment timestamptz)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return concat(
        '0',
        overlay(to_hex((extract(epoch from id_at.moment) * 4096000)::bigint) placing '7' from 12 for 0),
        substr(gen_random_uuid()::text, 20)
    )::uuid;
end
$$;

comment on function wingman.id_at(timestamptz) is
'A UUID version 7 of a given time, made like wingman.new_id(): the id of a later microsecond is greater';
revoke all on function wingman.id_at(timestamptz) from public, anon, authenticated, service_role;
