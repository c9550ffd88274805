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
    _me uuid;
    _answer text;
    _match public.wingman_matches;
    _next public.wingman_matches;
    _status text;
begin
    _me := wingman.known_user_id(wingman.writer_id(respond_to_match.user_id));
    perform wingman.require_argument('match_id', respond_to_match.match_id is not null);
    perform wingman.require_argument('action', respond_to_match.action is not null);
    _answer := case respond_to_match.action when 'accept' then 'accepted' when 'decline' then 'declined' end;
    if _answer is null then
        perform wingman.raise_error('invalid_action');
    end if;

    perform wingman.lock_seekers(_me, wingman.match_buddy(respond_to_match.match_id, _me));
    _match := wingman.lock_match(respond_to_match.match_id);
    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());

    if _status = 'expired' then
        perform wingman.raise_error('match_expired');
    elsif _status = 'pending' and _answer = 'accepted' then
        perform wingman.accept_match(_match.id, _me);
    elsif _status = 'pending' then
        perform wingman.decline_match(_match.id, _me);
        _next := wingman.match_again(_me);
    elsif _status <> _answer then
        perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status));
    elsif _status = 'declined' then
        _next := wingman.pending_match_of(_me);
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
