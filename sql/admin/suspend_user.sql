create or replace function wingman_admin.suspend_user(user_id uuid, until timestamptz, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('suspend_user');
    perform wingman.require_argument('user_id', suspend_user.user_id is not null);
    perform wingman.require_argument('reason', suspend_user.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(suspend_user.reason));
    if suspend_user.until <= statement_timestamp() or not isfinite(suspend_user.until) then
        perform wingman.refuse_violation(row('until', 'must be in the future, or null for without end')::wingman.violation);
    end if;
    -- who completes or erases this profile waits, or is waited for
    perform pg_advisory_xact_lock(wingman.profile_lock(suspend_user.user_id));
    perform wingman.require_known_user(suspend_user.user_id);

    perform wingman.record_decision(
        'user_suspended', suspend_user.user_id, jsonb_build_object('until', suspend_user.until), suspend_user.reason
    );
    perform wingman.leave_matches(suspend_user.user_id);
    insert into wingman.suspensions as b (user_id, ends_at)
    values (suspend_user.user_id, suspend_user.until)
    on conflict on constraint suspensions_pkey do update
    set
        ends_at = excluded.ends_at,
        -- one that is over goes on no longer
        created_at = case when b.ends_at <= statement_timestamp() then excluded.created_at else b.created_at end;

    perform wingman.end_operation();
    return row(true, 'User suspended: open matches and coming sessions have ended.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('suspend_user');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.suspend_user(uuid, timestamptz, text) is
'Suspends a user, who can then neither search, be found, answer matches, arrange sessions nor report no-shows.
until: when it ends by itself; null for without end. A user who is suspended gets the new end. A pending match is declined and accepted ones
end, as if the user had done it, with the sessions that are still to come; sessions whose time has come can be confirmed by both.
Outlives the account. reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.suspend_user(uuid, timestamptz, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.suspend_user(uuid, timestamptz, text) to wingman_admin, service_role;
