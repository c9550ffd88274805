create or replace function wingman.fill_in(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _text text := fill_in.template;
    _fact record;
begin
    for _fact in select f.key, f.value from jsonb_each_text(fill_in.facts) as f where f.value is not null loop
        _text := replace(_text, '{' || _fact.key || '}', _fact.value);
    end loop;
    return _text;
end
$$;

comment on function wingman.fill_in(text, jsonb) is 'A text with each {word} replaced by the value of that name; a null
replaces nothing';
revoke all on function wingman.fill_in(text, jsonb) from public, anon, authenticated, service_role;
