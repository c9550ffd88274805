create or replace function wingman.call_key(idempotency_key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _header text := wingman.request_header('idempotency-key');
    _key text := case
        -- PostgREST reads bytes beyond ASCII as one and the same character where they are no UTF-8: two keys would become one
        when octet_length(_header) > char_length(_header) then ''
        -- quoted, as the standard requires: a backslash escapes quotes and backslashes
        when _header ~ e'^"([^"\\\\]|\\\\["\\\\])*"$' then regexp_replace(substr(_header, 2, length(_header) - 2), e'\\\\(["\\\\])', e'\\1', 'g')
        -- a proxy may have joined several headers by commas; of several that arrive, PostgREST passes on the last
        when _header ~ '[",]' then ''
        else coalesce(_header, call_key.idempotency_key)
    end;
begin
    return case when _key <> call_key.idempotency_key then '' else _key end;
end
$$;

comment on function wingman.call_key(text) is
'The idempotency key of a call, from its argument or from the header Idempotency-Key, quoted or bare. Null without a key; empty if
it is malformed or the two differ.';
revoke all on function wingman.call_key(text) from public, anon, authenticated, service_role;
