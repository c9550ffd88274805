create or replace function wingman.hashed_id(value text)
returns uuid
language sql
immutable
return left(encode(sha256(convert_to(lower(hashed_id.value), 'UTF8')), 'hex'), 32)::uuid;

comment on function wingman.hashed_id(text) is
'An id made from a text, the same for upper and lower case. Somebody who knows the text can recognise the id, but nobody can read
the text from it';
revoke all on function wingman.hashed_id(text) from public, anon, authenticated, service_role;
