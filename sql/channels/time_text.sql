create or replace function wingman.time_text(moment timestamptz, time_zone text, language text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _language record;
    _time_zone text := wingman.known_time_zone(time_text.time_zone);
    _local timestamp := time_text.moment at time zone _time_zone;
begin
    if time_text.moment is null then
        return null;
    end if;

    select l.moment, l.weekdays, l.months
    into strict _language
    from wingman.text_languages() as l
    where l.language = time_text.language;

    -- not the names of to_char: they depend on lc_time
    return wingman.fill_in(
        _language.moment,
        jsonb_build_object(
            'weekday', _language.weekdays[extract(isodow from _local)::integer],
            'day', extract(day from _local),
            'month', _language.months[extract(month from _local)::integer],
            'time', to_char(_local, 'HH24:MI')
        )
    -- nobody's clock, as a rule
    ) || case when _time_zone = 'UTC' then ' UTC' else '' end;
end
$$;

comment on function wingman.time_text(timestamptz, text, text) is
'A moment in the format of a language of wingman.text_languages(), such as Fri 4 Dec, 18:30. time_zone: see
wingman.known_time_zone; a time in UTC says so. Null for null';
revoke all on function wingman.time_text(timestamptz, text, text) from public, anon, authenticated, service_role;
