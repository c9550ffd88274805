create or replace function wingman.has_visible_character(string text)
returns boolean
language sql
immutable
return string ~ ('[^' || wingman.invisible_characters() || ']');

comment on function wingman.has_visible_character(text) is
'Whether a text shows anything: whether it has a character besides blanks, controls, fillers and other invisible ones';
revoke all on function wingman.has_visible_character(text) from public, anon, authenticated, service_role;
