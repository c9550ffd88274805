create or replace function wingman.fill_in(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _pieces text[] := string_to_array(replace(fill_in.template, '}', '{'), '{');
begin
    -- every other piece is a word in braces; a value with braces in it, such as a person's name, is never filled in itself
    for _place in 2 .. coalesce(cardinality(_pieces), 0) by 2 loop
        _pieces[_place] := coalesce(fill_in.facts ->> _pieces[_place], '{' || _pieces[_place] || '}');
    end loop;
    return array_to_string(_pieces, '');
end
$$;

comment on function wingman.fill_in(text, jsonb) is 'A text with each {word} replaced by the value of that name; a null
replaces nothing. The template has braces around words only, the values may have any';
revoke all on function wingman.fill_in(text, jsonb) from public, anon, authenticated, service_role;
