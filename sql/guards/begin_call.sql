create or replace function wingman.begin_call(
    function text,
    user_id uuid,
    idempotency_key text,
    variadic arguments text[] default '{}'
)
returns wingman.guarded_call
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _call wingman.guarded_call;
    _request_id text;
    _kept record;
begin
    _call.user_id := wingman.caller_id(begin_call.user_id, writes => true);
    if begin_call.idempotency_key is not null or current_setting('request.headers', true) <> '' then
        _call.key := wingman.call_key(begin_call.idempotency_key);
        _request_id := coalesce(left(wingman.request_header('x-request-id'), 255), _call.key);
    end if;
    if current_setting('response.headers', true) like '%Idempotency-Replayed%' then
        -- of an earlier call in this transaction
        perform wingman.mark_replay(false);
    end if;
    -- what wingman.call_function() and its like read, until end_call; an assignment, since perform costs a query
    _request_id := set_config('wingman.call', concat_ws(' ', begin_call.function, _call.user_id, _request_id), true);
    if _call.key is null then
        return _call;
    end if;

    _call.fingerprint := encode(sha256(convert_to(
        begin_call.function || ' ' || to_json(begin_call.arguments), 'UTF8'
    )), 'hex');
    -- a twin waits here for the first, and then reads its answer
    perform pg_advisory_xact_lock(hashtextextended(_call.user_id || ' ' || _call.key, 0));
    select k.fingerprint, k.response
    into _kept
    from wingman.idempotency_keys as k
    cross join wingman.settings as t
    where k.user_id = _call.user_id
        and k.idempotency_key = _call.key
        and k.created_at >= statement_timestamp() - t.idempotency_retention;
    if found and _kept.fingerprint <> _call.fingerprint then
        perform wingman.raise_error('idempotency_key_reused');
    elsif found then
        perform set_config('wingman.call', '', true);
        _call.response := _kept.response;
        perform wingman.mark_replay(true);
    end if;
    return _call;
end
$$;

comment on function wingman.begin_call(text, uuid, text, text[]) is
'The guard before every writing entry point: who calls, and whether the same call was answered before. function: its name;
arguments: all but user_id and the key, each as a text that does not depend on the session''s settings. A call with response has been
made before: its answer is to be given again, and nothing done. First of the lock order: holds the key until the end of the transaction.
Errors: those of wingman.caller_id and wingman.call_key, idempotency_key_reused.';
revoke all on function wingman.begin_call(text, uuid, text, text[]) from public, anon, authenticated, service_role;
