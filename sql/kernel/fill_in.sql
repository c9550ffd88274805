create or replace function wingman.fill_in(template text, facts jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- in one pass: a value with braces in it, such as a person's name, is never filled in itself
    return (
        select
            string_agg(
                case when p.place % 2 = 1 then p.piece else coalesce(fill_in.facts ->> p.piece, '{' || p.piece || '}') end,
                '' order by p.place
            )
        from regexp_split_to_table(fill_in.template, '[{}]') with ordinality as p (piece, place)
    );
end
$$;

comment on function wingman.fill_in(text, jsonb) is 'A text with each {word} replaced by the value of that name; a null
replaces nothing. The template has braces around words only, the values may have any';
revoke all on function wingman.fill_in(text, jsonb) from public, anon, authenticated, service_role;
