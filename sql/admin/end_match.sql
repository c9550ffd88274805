create or replace function wingman_admin.end_match(match_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _match record;
begin
    perform wingman.begin_operation('end_match');
    perform wingman.require_argument('match_id', end_match.match_id is not null);
    perform wingman.require_argument('reason', end_match.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(end_match.reason));
    select m.* into _match from wingman.lock_match(end_match.match_id) as m;

    if _match.id is null then
        perform wingman.raise_error('match_not_found');
    elsif _match.status <> 'accepted' or _match.ended_at is not null then
        perform wingman.raise_error('match_not_accepted', jsonb_build_object(
            'status',
            case
                when _match.ended_at is not null then 'ended'
                else wingman.match_status_at(_match.status, _match.expires_at, statement_timestamp())
            end
        ));
    end if;

    perform wingman.record_decision('match_ended', _match.id, null, end_match.reason);
    perform wingman.end_accepted_match(_match.id, null);

    perform wingman.end_operation();
    return row(true, 'Match ended: its active session, if it had one, is cancelled.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('end_match');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.end_match(uuid, text) is
'Ends an accepted match on behalf of nobody, and cancels its active session.
The two people may be matched again once settings.rematch_after has passed since the match was made. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions. The two people do not see it.
Errors: missing_argument, invalid_argument, match_not_found, match_not_accepted, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.end_match(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.end_match(uuid, text) to wingman_admin, service_role;
