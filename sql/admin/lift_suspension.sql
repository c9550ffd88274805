create or replace function wingman_admin.lift_suspension(user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('lift_suspension');
    perform wingman.require_argument('user_id', lift_suspension.user_id is not null);
    perform wingman.require_argument('reason', lift_suspension.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(lift_suspension.reason));
    perform pg_advisory_xact_lock(wingman.profile_lock(lift_suspension.user_id));
    perform wingman.lock_seekers(lift_suspension.user_id);
    if not exists (
        select
        from wingman.suspensions as b
        where b.user_id = lift_suspension.user_id and wingman.is_suspended(b.ends_at is null, b.ends_at)
    ) then
        perform wingman.raise_error('user_not_suspended');
    end if;

    perform wingman.record_decision('suspension_lifted', lift_suspension.user_id, null, lift_suspension.reason);
    delete from wingman.suspensions as b where b.user_id = lift_suspension.user_id;

    perform wingman.end_operation();
    return row(true, 'Suspension lifted: the user can search and be found again.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('lift_suspension');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.lift_suspension(uuid, text) is
'Ends a suspension before its time; what it ended stays ended, and a cooldown goes on.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, user_not_suspended, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.lift_suspension(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.lift_suspension(uuid, text) to wingman_admin, service_role;
