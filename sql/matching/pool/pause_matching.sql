create or replace function wingman.pause_matching(user_id uuid, idempotency_key text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
begin
    _call := wingman.begin_call('pause_matching', pause_matching.user_id, pause_matching.idempotency_key, row());
    if _call.response is not null then
        return jsonb_populate_record(null::public.acknowledgement, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);

    perform wingman.lock_seekers(_me);
    update wingman.matchmaking_pool as s
    set paused = true, paused_automatically = false
    where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return wingman.end_call(
        _call, row(true, 'Matching paused. Nobody will be matched with you until you resume it.')::public.acknowledgement
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('pause_matching', coalesce(_call.user_id, pause_matching.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.pause_matching(uuid, text) is 'Engine of public.pause_matching';
revoke all on function wingman.pause_matching(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.pause_matching(uuid, text) to authenticated, service_role, wingman_admin;
