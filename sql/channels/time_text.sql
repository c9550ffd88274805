create or replace function wingman.time_text(moment timestamptz, time_zone text, language text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _language record;
    _zone text := '';
    _local timestamp;
begin
    if time_text.moment is null then
        return null;
    end if;

    select l.moment, l.weekdays, l.months
    into strict _language
    from wingman.text_languages() as l
    where l.language = time_text.language;

    begin
        _local := time_text.moment at time zone time_text.time_zone;
    exception
        when invalid_parameter_value then
            -- it was a time zone once: their list changes with the system
            null;
    end;
    if _local is null or time_text.time_zone = 'UTC' then
        -- nobody's clock, as a rule
        _local := time_text.moment at time zone 'UTC';
        _zone := ' UTC';
    end if;

    -- not the names of to_char: they depend on lc_time
    return wingman.fill_in(
        _language.moment,
        jsonb_build_object(
            'weekday', _language.weekdays[extract(isodow from _local)::integer],
            'day', extract(day from _local),
            'month', _language.months[extract(month from _local)::integer],
            'time', to_char(_local, 'HH24:MI')
        )
    ) || _zone;
end
$$;

comment on function wingman.time_text(timestamptz, text, text) is
'A moment in the format of a language of wingman.text_languages(), such as Fri 4 Dec, 18:30. In UTC, and marked as such, if there
is no time zone or this server does not know it; null for null';
revoke all on function wingman.time_text(timestamptz, text, text) from public, anon, authenticated, service_role;
