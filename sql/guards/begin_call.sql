create or replace function wingman.begin_call(
    function text,
    user_id uuid,
    idempotency_key text,
    arguments record
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
    if begin_call.idempotency_key is not null
        or concat(current_setting('request.headers', true), current_setting('response.headers', true)) <> ''
    then
        -- the headers are parsed only where they hold one of these, since that costs more than all the rest here
        if begin_call.idempotency_key is not null
            or strpos(current_setting('request.headers', true), '"idempotency-key"') > 0
        then
            _call.key := wingman.call_key(begin_call.idempotency_key);
        end if;
        if strpos(current_setting('request.headers', true), '"x-request-id"') > 0 then
            _request_id := left(wingman.request_header('x-request-id'), 255);
        end if;
        if current_setting('response.headers', true) like '%Idempotency-Replayed%' then
            -- of an earlier call in this transaction
            perform wingman.mark_replay(false);
        end if;
    end if;
    -- what wingman.event_source() reads until end_call; the condition saves a variable, and perform costs a query
    if set_config(
        'wingman.call',
        concat_ws(e'\t', begin_call.function, _call.user_id, current_setting('role'), session_user, _request_id),
        true
    ) is null or _call.key is null then
        return _call;
    end if;

    _call.fingerprint := encode(sha256(convert_to(
        begin_call.function || ' ' || to_json(begin_call.arguments), 'UTF8'
    )), 'hex');
    -- a twin waits here for the first, and then reads its answer; never null
    if pg_advisory_xact_lock(hashtextextended(_call.user_id || ' ' || _call.key, 0)) is null then
        return null;
    end if;
    select k.fingerprint, k.response
    into _kept
    from wingman.idempotency_keys as k
    where k.user_id = _call.user_id
        and k.idempotency_key = _call.key
        and k.created_at >= statement_timestamp() - (select t.idempotency_retention from wingman.settings as t);
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

comment on function wingman.begin_call(text, uuid, text, record) is
'The guard before every writing entry point: who calls, and whether the same call was answered before. function: its name;
arguments: a row of all but user_id and the key, each of a type whose JSON does not depend on the session''s settings. A call with response has been
made before: its answer is to be given again, and nothing done. First of the lock order: holds the key until the end of the transaction.
Errors: those of wingman.caller_id and wingman.call_key, idempotency_key_reused.';
revoke all on function wingman.begin_call(text, uuid, text, record) from public, anon, authenticated, service_role;
