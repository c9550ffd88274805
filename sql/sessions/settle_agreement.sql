create or replace function wingman.settle_agreement(session_id uuid, proposed_at timestamptz, user_id uuid)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := settle_agreement.user_id;
    _session public.wingman_sessions;
begin
    perform wingman.session_buddy(settle_agreement.session_id, _me);
    -- whoever arranges or agrees to anything else meanwhile waits here, so the diary below is exact
    perform wingman.lock_seekers(_me);
    _session := wingman.lock_session(settle_agreement.session_id);
    if _session.proposed_by = _me then
        perform wingman.raise_error('self_agreement');
    elsif _session.agreed_at is not null and coalesce(settle_agreement.proposed_at, _session.proposed_at) = _session.proposed_at then
        return wingman.session_details_of(_session, _me);
    end if;

    perform wingman.require_not_suspended(_me);
    if settle_agreement.proposed_at <> _session.proposed_at then
        perform wingman.raise_error('proposal_changed', jsonb_build_object('state', wingman.session_details_of(_session, _me)));
    end if;
    perform wingman.refuse_late_change(_session, 'agreed to');
    perform wingman.refuse_conflict(_me, _session.scheduled_time, _session.id);

    update public.wingman_sessions as s
    set agreed_by = _me, agreed_at = statement_timestamp()
    where s.id = _session.id
    returning s.* into _session;
    return wingman.session_details_of(_session, _me);
end
$$;

comment on function wingman.settle_agreement(uuid, timestamptz, uuid) is
'Agrees, for the one of the two who did not propose it, to a session as it stands; again changes nothing. Errors:
session_not_found, not_session_participant, self_agreement, account_suspended, proposal_changed, invalid_session_state, session_time_passed,
schedule_conflict.';
revoke all on function wingman.settle_agreement(uuid, timestamptz, uuid) from public, anon, authenticated, service_role;
