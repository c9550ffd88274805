create or replace function wingman.hashed_id(value text)
returns uuid
language sql
immutable
return left(encode(sha256(convert_to(lower(hashed_id.value), 'UTF8')), 'hex'), 32)::uuid;

comment on function wingman.hashed_id(text) is
'An id made of a text: always the same, also in other letter case. It can be recognised by who knows the text, and not be read';
revoke all on function wingman.hashed_id(text) from public, anon, authenticated, service_role;
