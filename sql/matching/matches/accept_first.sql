create or replace function wingman.accept_first(match_id uuid, answer text, user_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _me uuid := accept_first.user_id;
begin
    _match := wingman.lock_match(accept_first.match_id);
    if not coalesce(
        _match.needs_both
        and accept_first.answer = 'accepted'
        and _me in (_match.user1_id, _match.user2_id)
        and wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'pending'
        and coalesce(_match.first_accepted_by, _me) = _me,
        false
    ) then
        return false;
    elsif _match.first_accepted_by = _me then
        return true;
    end if;
    perform wingman.require_not_suspended(_me);
    perform wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) from wingman.search_terms as t;

    update public.wingman_matches as m
    set first_accepted_by = _me, first_accepted_at = statement_timestamp()
    where m.id = _match.id;
    -- who has answered is no ghost
    update wingman.matchmaking_pool as s set unanswered_offers = 0 where s.user_id = _me;
    return true;
end
$$;

comment on function wingman.accept_first(uuid, text, uuid) is
'Accepts a pending match that takes both accepts, if it is the first one; the caller has locked both seekers. answer: the
status that the caller asks for. Returns whether the match now waits for the other one''s answer alone: also true if this person had accepted
before. Errors: account_suspended, rate_limited.';
revoke all on function wingman.accept_first(uuid, text, uuid) from public, anon, authenticated, service_role;
