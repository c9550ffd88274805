create or replace function wingman.cooldown_until(user_id uuid)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _steps interval[];
    _memory interval;
    _until timestamptz;
begin
    select t.cooldown_steps, t.no_show_memory into strict _steps, _memory from wingman.settings as t;

    select max(m.created_at + _steps[least(m.recent, cardinality(_steps))])
    into _until
    from (
        select g.created_at, count(*) over (order by g.created_at range between _memory preceding and current row) as recent
        from wingman.reputation_events as g
        where g.user_id = cooldown_until.user_id and g.kind = 'no_show' and not exists (
            select
            from wingman.reputation_events as r
            where r.user_id = g.user_id and r.session_id = g.session_id and r.kind = 'no_show_reverted'
        )
    ) as m;
    return case when _until > statement_timestamp() then _until end;
end
$$;

comment on function wingman.cooldown_until(uuid) is
'Until when a person cannot search because of no-shows; null: they can. Each entry of the ledger that was not reverted begins
a cooldown of the next of settings.cooldown_steps, by how many there are within settings.no_show_memory; the latest end counts.';
revoke all on function wingman.cooldown_until(uuid) from public, anon, authenticated, service_role;
