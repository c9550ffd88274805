create or replace function wingman_admin.reconcile_reputation(fix boolean default false)
returns table (
    user_id uuid,
    completed_sessions integer,
    no_shows integer,
    ledger_completed_sessions integer,
    ledger_no_shows integer
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _user_id uuid;
begin
    perform wingman.require_argument('fix', reconcile_reputation.fix is not null);
    if not reconcile_reputation.fix then
        return query select d.* from wingman.reputation_differences as d order by d.user_id;
        return;
    end if;
    perform wingman.begin_operation('reconcile_reputation');

    for _user_id in select d.user_id from wingman.reputation_differences as d order by d.user_id loop
        perform from public.user_profiles as p where p.id = _user_id for no key update;
        -- read again: another transaction may have changed the counters before the lock was granted
        select d.* into user_id, completed_sessions, no_shows, ledger_completed_sessions, ledger_no_shows
        from wingman.reputation_differences as d
        where d.user_id = _user_id;
        continue when not found;

        update public.user_profiles as p
        set
            completed_sessions = reconcile_reputation.ledger_completed_sessions,
            no_shows = reconcile_reputation.ledger_no_shows,
            reputation_score = wingman.reputation_score(
                reconcile_reputation.ledger_completed_sessions, reconcile_reputation.ledger_no_shows
            ),
            updated_at = statement_timestamp()
        where p.id = _user_id;
        return next;
    end loop;
    perform wingman.end_operation();
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('reconcile_reputation');
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman_admin.reconcile_reputation(boolean) is
'Lists every profile whose counters differ from the ledger, with both values; there are none unless somebody bypassed the
triggers.
fix: sets the counters to the ledger''s sums and returns their old values. Reads the whole ledger. Exact even while people keep
confirming.
Errors: missing_argument; with fix busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.reconcile_reputation(boolean) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.reconcile_reputation(boolean) to wingman_admin, service_role;
