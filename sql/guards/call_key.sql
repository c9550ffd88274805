create or replace function wingman.call_key(idempotency_key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _header text := wingman.request_header('idempotency-key');
    _key text;
begin
    _key := case
        -- quoted, as the standard wants it: a backslash stands before quotes and backslashes
        when _header ~ '^"([^"\\]|\\["\\])*"$' then regexp_replace(substr(_header, 2, length(_header) - 2), '\\(["\\])', '\1', 'g')
        -- several headers arrive joined by commas
        when _header ~ '[",]' then ''
        else _header
    end;
    if _key <> call_key.idempotency_key then
        _key := '';
    end if;
    _key := coalesce(_key, call_key.idempotency_key);
    if char_length(_key) not between 1 and 255 then
        perform wingman.raise_error('idempotency_key_invalid');
    end if;
    return _key;
end
$$;

comment on function wingman.call_key(text) is
'The idempotency key of a call, from its argument or the header Idempotency-Key, quoted or bare; null without one.
Errors: idempotency_key_invalid, also where both are given and differ.';
revoke all on function wingman.call_key(text) from public, anon, authenticated, service_role;
