create or replace function wingman.respond_to_match(match_id uuid, action text, user_id uuid)
returns public.match_response
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set plan_cache_mode = 'force_generic_plan'
-- a plan that was made while the tables were small must not read them whole until the next analyze
set enable_seqscan = off
as $$
declare
    _me uuid := wingman.caller_id(respond_to_match.user_id, writes => true);
    _answer text := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
    _next public.wingman_matches;
begin
    perform
    from public.wingman_matches as m
    inner join wingman.match_seekers as s on s.user_id in (m.user1_id, m.user2_id)
    where m.id = respond_to_match.match_id and _me in (m.user1_id, m.user2_id)
    order by s.user_id
    for no key update of s;

    -- locks the match, checks and writes in one; what keeps it from that is asked for only when something did
    update public.wingman_matches as m
    set status = _answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = respond_to_match.match_id
        and _answer is not null
        and _me in (m.user1_id, m.user2_id)
        and wingman.match_status_at(m.status, m.expires_at, statement_timestamp()) = 'pending';

    if not found then
        _next := wingman.repeat_response(respond_to_match.match_id, respond_to_match.action, _answer, _me);
    elsif _answer = 'declined' then
        _next := wingman.match_again(_me);
    end if;
    return wingman.match_response_of(_me, _answer, _next);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.respond_to_match(uuid, text, uuid) is 'Engine of public.respond_to_match';
revoke all on function wingman.respond_to_match(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.respond_to_match(uuid, text, uuid) to authenticated, service_role, wingman_admin;
