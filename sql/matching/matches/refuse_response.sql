create or replace function wingman.refuse_response(match_id uuid, action text, answer text, user_id uuid)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
    _status text;
begin
    perform wingman.require_profile(refuse_response.user_id);
    perform wingman.require_argument('match_id', refuse_response.match_id is not null);
    perform wingman.require_argument('action', refuse_response.action is not null);
    if refuse_response.answer is null then
        perform wingman.raise_error('invalid_action');
    end if;

    perform wingman.match_buddy(refuse_response.match_id, refuse_response.user_id);
    _match := wingman.lock_match(refuse_response.match_id);
    _status := wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp());
    if _status = refuse_response.answer then
        return case _status when 'declined' then wingman.pending_offer(refuse_response.user_id) end;
    end if;

    perform wingman.require_not_suspended(refuse_response.user_id);
    if _status = 'expired' then
        perform wingman.raise_error('match_expired');
    elsif _status = 'pending' then
        -- the match appeared while this call waited
        perform wingman.raise_error('busy');
    end if;
    perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status));
    return null;
end
$$;

comment on function wingman.refuse_response(uuid, text, text, uuid) is
'What respond_to_match does for a match that can no longer be answered: nothing if it already has this answer, otherwise it raises
why. Returns the caller''s pending match after a decline, else nulls. answer: the status that action asks for, null for none.
Errors: profile_incomplete, user_not_found, missing_argument, invalid_action, match_not_found, not_match_participant,
account_suspended, match_expired, match_already_resolved, busy.';
revoke all on function wingman.refuse_response(uuid, text, text, uuid) from public, anon, authenticated, service_role;
