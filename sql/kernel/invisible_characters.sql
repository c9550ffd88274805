create or replace function wingman.invisible_characters()
returns text
language sql
immutable
-- The code points are listed: what [[:space:]] stands for depends on the locale.
return (
    e'\\u0001-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f'
    || e'\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb\\U000e0000-\\U000e0fff'
);

comment on function wingman.invisible_characters() is
'The characters that show nothing or a blank: blanks, controls, fillers and other invisible ones, as ranges for the brackets of a
regular expression';
revoke all on function wingman.invisible_characters() from public, anon, authenticated, service_role;
