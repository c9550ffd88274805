create or replace function wingman.shown_on_one_line(string text)
returns text
language sql
immutable
-- Joiners and variation selectors stay: Persian names and emoji need them. The code points of blanks are listed, because what
-- [[:space:]] stands for depends on the locale.
return case
    when wingman.has_visible_character(string) then btrim(
        regexp_replace(
            regexp_replace(
                string,
                e'(?![\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u200c\\u200d\\u2028\\u2029\\u202f'
                || e'\\u205f\\u3000\\ufe0e\\ufe0f])[' || wingman.invisible_characters() || ']',
                '',
                'g'
            ),
            e'[\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+',
            ' ',
            'g'
        )
    )
end;

comment on function wingman.shown_on_one_line(text) is
'A user''s text as a message can quote it: without control characters, characters that change the direction of writing, and other
invisible ones; blanks and line breaks in a row become one space. Null if nothing visible is left';
revoke all on function wingman.shown_on_one_line(text) from public, anon, authenticated, service_role;
