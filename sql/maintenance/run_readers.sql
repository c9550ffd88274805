create or replace function wingman.run_readers(max_rows integer default 1000)
returns wingman.reading
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _done wingman.reading;
begin
    perform wingman.begin_operation('run_readers');
    perform wingman.require_argument('max_rows', run_readers.max_rows is not null);
    if run_readers.max_rows not between 1 and 100000 then
        perform wingman.refuse_violation(row('max_rows', 'must be 1 to 100000')::wingman.violation);
    end if;

    _done.told := wingman.fill_inboxes(run_readers.max_rows);
    _done.counted_events := wingman.count_events(run_readers.max_rows);
    _done.counted_reputation_events := wingman.count_reputation_events(run_readers.max_rows);
    _done.ranked := wingman.count_leaderboard(run_readers.max_rows);
    _done.evaluated := wingman.evaluate_achievements(run_readers.max_rows);

    perform wingman.end_operation();
    return _done;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('run_readers');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.run_readers(integer) is
'Runs the readers: fills the inboxes, counts what happened for the operators'' views and the leaderboard, and awards achievements.
wingman.run_maintenance does so too, and tidies up. Can be called several times a second: if nothing has happened, it writes
nothing. max_rows: the most rows for each reader to process, 1 to 100000. Several runs can overlap: each skips what another is
reading.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.run_readers(integer) from public, anon, authenticated, service_role;
grant execute on function wingman.run_readers(integer) to wingman_admin, service_role;
