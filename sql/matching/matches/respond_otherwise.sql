create or replace function wingman.respond_otherwise(match_id uuid, action text, answer text, user_id uuid)
returns public.match_response
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _next wingman.offer;
    _me uuid := respond_otherwise.user_id;
begin
    _match := wingman.lock_match(respond_otherwise.match_id);
    if (
        _match.needs_both
        and respond_otherwise.answer is not null
        and _me in (_match.user1_id, _match.user2_id)
        and wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp()) = 'pending'
    ) is not true then
        _next := wingman.refuse_response(respond_otherwise.match_id, respond_otherwise.action, respond_otherwise.answer, _me);
        return wingman.match_answer(respond_otherwise.answer, _next.match_id, _next.buddy_user_id, _next.buddy_profile);
    elsif respond_otherwise.answer = 'accepted' and coalesce(_match.first_accepted_by, _me) = _me then
        if _match.first_accepted_by is null then
            perform wingman.require_not_suspended(_me);
            perform wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) from wingman.settings as t;
            update public.wingman_matches as m
            set first_accepted_by = _me, first_accepted_at = statement_timestamp()
            where m.id = _match.id;
            -- who has answered is no ghost
            update wingman.matchmaking_pool as s set unanswered_offers = 0 where s.user_id = _me;
        end if;
        return wingman.match_answer('pending', null, null, null);
    end if;

    perform wingman.require_not_suspended(_me);
    update public.wingman_matches as m
    set status = respond_otherwise.answer, responded_by = _me, responded_at = statement_timestamp()
    where m.id = _match.id;
    if respond_otherwise.answer = 'declined' then
        _next := wingman.offer_next_match(_me);
    else
        perform wingman.consume_rate_limit(_me, 'respond', t.respond_cost, t.respond_burst) from wingman.settings as t;
    end if;
    return wingman.match_answer(respond_otherwise.answer, _next.match_id, _next.buddy_user_id, _next.buddy_profile);
end
$$;

comment on function wingman.respond_otherwise(uuid, text, text, uuid) is
'What respond_to_match does for a match that it could not answer at once, and whose seekers it has locked: the first accept of
a match that takes both leaves it pending, again by the same person changes nothing; the second one, or a decline, settles it. For any other match it
does what wingman.refuse_response does. answer: the status that action asks for, null for none.
Errors: account_suspended, rate_limited and those of wingman.refuse_response.';
revoke all on function wingman.respond_otherwise(uuid, text, text, uuid) from public, anon, authenticated, service_role;
