create or replace function wingman_admin.reconcile_achievements(fix boolean default false)
returns table (user_id uuid, name text, earned_at timestamptz, ledger_earned_at timestamptz)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _last uuid := uuid '00000000-0000-0000-0000-000000000000';
    _page uuid[];
    _differing uuid[];
    _page_size integer := 1000;
begin
    perform wingman.require_argument('fix', reconcile_achievements.fix is not null);
    if reconcile_achievements.fix then
        perform wingman.begin_operation('reconcile_achievements');
        -- the reader waits, so that nobody awards the same
        perform from wingman.readers as r where r.name = 'achievements' for update;
    end if;

    loop
        _page := array(
            select u.id
            from (
                (select p.id from public.user_profiles as p where p.id > _last order by p.id limit _page_size)
                union
                -- whoever was awarded something has a profile, unless somebody wrote past the reader
                (
                    select distinct e.user_id
                    from wingman.earned_achievements as e
                    where e.user_id > _last
                    order by e.user_id
                    limit _page_size
                )
            ) as u (id)
            order by u.id
            limit _page_size
        );
        exit when _page = '{}';
        _last := _page[cardinality(_page)];
        if reconcile_achievements.fix then
            _differing := '{}'::uuid[];
            for user_id, name, earned_at, ledger_earned_at in
                select d.user_id, d.name, d.earned_at, d.ledger_earned_at
                from wingman.achievement_differences(_page) as d
                order by d.user_id, d.name
            loop
                _differing := _differing || reconcile_achievements.user_id;
                return next;
            end loop;
            perform wingman.award_achievements(_differing);
        else
            return query
            select d.user_id, d.name, d.earned_at, d.ledger_earned_at
            from wingman.achievement_differences(_page) as d
            order by d.user_id, d.name;
        end if;
    end loop;
    if reconcile_achievements.fix then
        perform wingman.end_operation();
    end if;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('reconcile_achievements');
        perform wingman.raise_error('busy');
end
$$;

comment on function wingman_admin.reconcile_achievements(boolean) is
'Lists every achievement whose award differs from the ledger, with both times; there is none unless somebody wrote past the
reader. Leaves out people of whom the reader achievements has something left to read.
fix: awards what is missing, takes back what does not hold and corrects the times, as the reader would, and returns what was
different. Reads the whole ledger.
Errors: missing_argument; with fix busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.reconcile_achievements(boolean) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.reconcile_achievements(boolean) to wingman_admin, service_role;
