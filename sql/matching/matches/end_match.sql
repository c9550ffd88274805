create or replace function wingman.end_match(match_id uuid, user_id uuid, idempotency_key text)
returns public.match_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _match record;
begin
    _call := wingman.begin_call('end_match', end_match.user_id, end_match.idempotency_key, row(end_match.match_id));
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_details, _call.response);
    end if;
    _me := wingman.require_profile(_call.user_id);
    perform wingman.require_argument('match_id', end_match.match_id is not null);

    perform wingman.match_buddy(end_match.match_id, _me);
    select m.* into _match from wingman.lock_match(end_match.match_id) as m;
    if _match.status <> 'accepted' then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object(
            'status', wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
        ));
    elsif _match.ended_at is null then
        perform wingman.end_accepted_match(_match.id, _me);
    end if;
    return wingman.end_call(_call, wingman.match_details_of(_match.id, _me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('end_match', coalesce(_call.user_id, end_match.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.end_match(uuid, uuid, text) is 'Engine of public.end_match';
revoke all on function wingman.end_match(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.end_match(uuid, uuid, text) to authenticated, service_role, wingman_admin;
