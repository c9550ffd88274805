create or replace function wingman.has_control_character(string text)
returns boolean
language sql
immutable
-- also those that change the direction of writing: they can make a name show as another one
return string ~ (
    e'[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069'
    || e'\\ufff9-\\ufffb]'
);

comment on function wingman.has_control_character(text) is
'Whether a text has a control character other than tab and line break';
revoke all on function wingman.has_control_character(text) from public, anon, authenticated, service_role;
