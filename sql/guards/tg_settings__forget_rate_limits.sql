create or replace function wingman.tg_settings__forget_rate_limits()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _old jsonb := to_jsonb(old);
    _new jsonb := to_jsonb(new);
begin
    delete from wingman.rate_limits as r
    where (_new ->> (r.bucket || '_limit'), _new ->> (r.bucket || '_period'))
        is distinct from (_old ->> (r.bucket || '_limit'), _old ->> (r.bucket || '_period'));
    return null;
end
$$;

comment on function wingman.tg_settings__forget_rate_limits() is
'Trigger: a rate limit whose settings change starts anew for everybody, since what was spent is kept as a time, which only the old
settings can tell in calls';
revoke all on function wingman.tg_settings__forget_rate_limits() from public, anon, authenticated, service_role;

create or replace trigger forget_rate_limits after update on wingman.settings
for each row execute function wingman.tg_settings__forget_rate_limits();
