create or replace function wingman.raise_error(name text, context jsonb default '{}')
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _error record;
    _message text;
    _word record;
begin
    select c.status, c.message, c.hint
    into strict _error
    from wingman.error_catalogue() as c
    where c.name = raise_error.name;

    _message := _error.message;
    for _word in select w.key, w.value from jsonb_each_text(raise_error.context) as w loop
        _message := replace(_message, '{' || _word.key || '}', _word.value);
    end loop;

    raise exception using
        errcode = 'PT' || _error.status,
        message = _message,
        detail = jsonb_build_object('error', raise_error.name) || raise_error.context,
        hint = _error.hint;
end
$$;

comment on function wingman.raise_error(text, jsonb) is
'The only way to refuse a call. name: an entry of wingman.error_catalogue(); context: facts for the message''s {words} and for
DETAIL. Raises SQLSTATE PT<status> with DETAIL {"error": name, ...context}.';
revoke all on function wingman.raise_error(text, jsonb) from public, anon, authenticated, service_role;
