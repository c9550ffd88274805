create or replace function wingman.tg_wingman_sessions__guard_revert()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.reverted_at is distinct from old.reverted_at
        and (old.reverted_at is not null or (old.status in ('completed', 'no_show')) is not true)
    then
        raise exception using
            errcode = 'check_violation',
            constraint = 'wingman_sessions_revert',
            message = 'A completed session or a no-show is reverted once, and stays so';
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__guard_revert() is
'Trigger: only a completed session or a no-show is reverted, and once';
revoke all on function wingman.tg_wingman_sessions__guard_revert() from public, anon, authenticated, service_role;
