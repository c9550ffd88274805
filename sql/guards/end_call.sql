create or replace function wingman.end_call(call wingman.guarded_call, answer anyelement)
returns anyelement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if (end_call.call).key is not null then
        insert into wingman.idempotency_keys as k (user_id, idempotency_key, fingerprint, response)
        values (
            (end_call.call).user_id, (end_call.call).key, (end_call.call).fingerprint, to_jsonb(end_call.answer)
        )
        -- an answer past its retention
        on conflict on constraint idempotency_keys_pkey do update
        set fingerprint = excluded.fingerprint, response = excluded.response, created_at = excluded.created_at;
    end if;
    -- an assignment would need a variable, and perform costs a query
    return case when set_config('wingman.call', '', true) is not null then end_call.answer end;
end
$$;

comment on function wingman.end_call(wingman.guarded_call, anyelement) is
'The guard after every writing entry point: keeps the answer of a call that came with a key, in the transaction of its work, and
returns it. Since begin_call the GUC wingman.call names the call, see wingman.event_source().';
revoke all on function wingman.end_call(wingman.guarded_call, anyelement) from public, anon, authenticated, service_role;
