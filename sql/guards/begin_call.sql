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
    _call.user_id := wingman.acting_user_id(begin_call.user_id, writes => true);
    if coalesce(
        begin_call.idempotency_key,
        nullif(current_setting('request.headers', true), ''),
        nullif(current_setting('response.headers', true), '')
    ) is not null then
        -- PostgREST writes compact JSON, so the value can be cut out: parsing the headers would cost more than all the rest here
        _request_id := split_part(split_part(current_setting('request.headers', true), '"x-request-id":"', 2), '"', 1);
        if strpos(_request_id, e'\\') > 0
            or (_request_id = '' and strpos(current_setting('request.headers', true), '"x-request-id"') > 0)
        then
            _request_id := wingman.request_header('x-request-id');
        end if;
        _request_id := nullif(left(_request_id, 255), '');
        _call.key := case
            when strpos(current_setting('request.headers', true), '"idempotency-key"') > 0
                then wingman.call_key(begin_call.idempotency_key)
            else begin_call.idempotency_key
        end;
        if char_length(_call.key) not between 1 and 255 then
            perform wingman.raise_error('idempotency_key_invalid');
        end if;
        if current_setting('response.headers', true) like '%Idempotency-Replayed%' then
            -- left by an earlier call in this transaction
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
    -- a concurrent call with the same key waits here for the first and then reads its answer; never null
    if pg_advisory_xact_lock(hashtextextended(_call.user_id || ' ' || _call.key, 0)) is null then
        return null;
    end if;
    select k.fingerprint, k.response, k.created_at
    into _kept
    from wingman.idempotency_keys as k
    where k.user_id = _call.user_id and k.idempotency_key = _call.key;
    if not found then
        return _call;
    elsif _kept.created_at < statement_timestamp() - (select t.idempotency_retention from wingman.settings as t) then
        -- past its retention; end_call replaces it with the new answer
        return _call;
    elsif _kept.fingerprint <> _call.fingerprint then
        perform wingman.raise_error('idempotency_key_reused');
    else
        perform set_config('wingman.call', '', true);
        _call.response := _kept.response;
        perform wingman.mark_replay(true);
        -- the commit then waits for a synchronous standby, to which the first answer may not have come yet
        perform pg_logical_emit_message(true, 'wingman', '');
    end if;
    return _call;
end
$$;

comment on function wingman.begin_call(text, uuid, text, record) is
'The guard before every writing entry point: who calls, and whether the same call was answered before. function: its name;
arguments: a row of all but user_id and the key, each of a type whose JSON does not depend on the session''s settings. If the
result has a response, the call was made before: return that answer and do nothing. First in the lock order: holds the key until
the end of the transaction.
Errors: those of wingman.acting_user_id, idempotency_key_invalid, idempotency_key_reused.';
revoke all on function wingman.begin_call(text, uuid, text, record) from public, anon, authenticated, service_role;
