create or replace function wingman.is_text_language(language text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from wingman.text_languages() as l where l.language = is_text_language.language);
end
$$;

comment on function wingman.is_text_language(text) is 'Whether wingman.text_languages() has this language';
revoke all on function wingman.is_text_language(text) from public, anon, authenticated, service_role;
