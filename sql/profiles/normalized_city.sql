create or replace function wingman.normalized_city(city text)
returns text
language sql
immutable
return lower(normalize(btrim(regexp_replace(city, '\s+', ' ', 'g'))));

comment on function wingman.normalized_city(text) is
'The name of a city as it is compared: composed (NFC), in lower case, with single blanks and none around it';
revoke all on function wingman.normalized_city(text) from public, anon, authenticated, service_role;
