create or replace function wingman.first_id_at(moment timestamptz)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        lpad(to_hex(floor(extract(epoch from first_id_at.moment) * 1000)::bigint), 12, '0') || '70008000000000000000'
    )::uuid;
end
$$;

comment on function wingman.first_id_at(timestamptz) is
'The smallest id that wingman.new_id() could have made at a moment, to the millisecond: that id and all greater ones were made
since then. So a primary key finds the rows of a period.';
revoke all on function wingman.first_id_at(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.first_id_at(timestamptz) to service_role, wingman_admin;
