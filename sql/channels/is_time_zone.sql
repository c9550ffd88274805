create or replace function wingman.is_time_zone(name text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- without this, rules such as ABC-3 would be time zones, too
    return is_time_zone.name ~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$'
        and char_length(is_time_zone.name) <= 60
        and statement_timestamp() at time zone is_time_zone.name is not null;
exception
    when invalid_parameter_value then
        return false;
end
$$;

comment on function wingman.is_time_zone(text) is
'Whether a text names a time zone of the IANA database, such as Europe/Berlin; null for null';
revoke all on function wingman.is_time_zone(text) from public, anon, authenticated, service_role;
