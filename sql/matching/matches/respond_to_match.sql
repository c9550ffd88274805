create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid, idempotency_key text)
returns public.match_response
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
-- an index scan takes the ids of two people in order, which is the lock order, and costs less than a bitmap and a sort
set enable_bitmapscan = off
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _next wingman.offer;
    _answer text := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
begin
    _call := wingman.begin_call(
        'respond_to_match',
        respond_to_match.user_id,
        respond_to_match.idempotency_key,
        row(respond_to_match.match_id, respond_to_match.action)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.match_response, _call.response);
    end if;
    _me := _call.user_id;

    -- both seekers by user_id, as wingman.lock_seekers does, found and locked in one statement
    perform
    from wingman.matchmaking_pool as s
    where s.user_id = any((
        select array[m.user1_id, m.user2_id]
        from public.wingman_matches as m
        where m.id = respond_to_match.match_id and _me in (m.user1_id, m.user2_id)
    )::uuid[])
    order by s.user_id
    for no key update;

    -- This locks the match, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_matches as m
    set status = _answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = respond_to_match.match_id
        and _answer is not null
        and _me in (m.user1_id, m.user2_id)
        and wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = 'pending'
        and not m.needs_both;

    if not found then
        return wingman.end_call(
            _call, wingman.respond_otherwise(respond_to_match.match_id, respond_to_match.action, _answer, _me)
        );
    elsif _answer = 'accepted' then
        select wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) into _me from wingman.settings as t;
        return wingman.end_call(_call, wingman.match_answer('accepted', null, null, null));
    end if;
    _next := wingman.offer_next_match(_me);
    return wingman.end_call(
        _call, wingman.match_answer('declined', _next.match_id, _next.buddy_user_id, _next.buddy_profile)
    );
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('respond_to_match', coalesce(_call.user_id, respond_to_match.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid, text) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
