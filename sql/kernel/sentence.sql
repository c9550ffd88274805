create or replace function wingman.sentence(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _text text := wingman.fill_in(sentence.template, sentence.facts);
begin
    return upper(left(_text, 1)) || substr(_text, 2);
end
$$;

comment on function wingman.sentence(text, jsonb) is
'The same as wingman.fill_in, with a capital letter at the beginning, because "your buddy" may start a sentence';
revoke all on function wingman.sentence(text, jsonb) from public, anon, authenticated, service_role;
