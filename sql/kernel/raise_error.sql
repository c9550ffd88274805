create or replace function wingman.raise_error(name text, context jsonb default '{}')
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _error record;
    _message text;
    _detail jsonb := jsonb_build_object('error', raise_error.name) || raise_error.context;
    -- seconds; a lock is gone in a moment
    _retry_after text := coalesce(_detail ->> 'retry_after', case raise_error.name when 'busy' then '1' end);
begin
    select c.status, c.message, c.hint
    into strict _error
    from wingman.error_catalogue() as c
    where c.name = raise_error.name;

    _message := wingman.fill_in(_error.message, raise_error.context);

    -- the exception rolls back everything but the server's log
    raise log '%', jsonb_build_object(
        'event', 'refusal',
        'error', raise_error.name,
        'status', _error.status,
        'user_id', coalesce(wingman.call_part(2), wingman.current_user_id()::text),
        'call', wingman.call_part(1),
        'request_id', wingman.call_part(5)
    );

    if _retry_after is not null and current_setting('request.method', true) <> '' then
        -- the form that lets PostgREST send a header
        raise exception using
            errcode = 'PGRST',
            message = jsonb_build_object(
                'code', 'PT' || _error.status, 'message', _message, 'details', _detail::text, 'hint', _error.hint
            ),
            detail = jsonb_build_object(
                'status', _error.status, 'headers', jsonb_build_object('Retry-After', _retry_after)
            );
    end if;

    raise exception using
        errcode = 'PT' || _error.status,
        message = _message,
        detail = _detail,
        hint = _error.hint;
end
$$;

comment on function wingman.raise_error(text, jsonb) is
'The only way to refuse a call. name: an entry of wingman.error_catalogue(); context: facts for the message''s {words} and for
DETAIL. Raises SQLSTATE PT<status> with DETAIL {"error": name, ...context}; under PostgREST, for busy and where context has
retry_after in seconds, SQLSTATE PGRST, which adds the header Retry-After.';
revoke all on function wingman.raise_error(text, jsonb) from public, anon, authenticated, service_role;
