create or replace function wingman.take_postponed()
returns setof wingman.notice
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _taken wingman.notice[];
    _events wingman.events[];
    _reminders wingman.reminders[];
begin
    with taken as (
        delete from wingman.postponed_notices as o where true returning o.notice, o.postponed_at
    )

    select array_agg(t.notice)
    into _taken
    from taken as t
    -- not for users who were erased meanwhile and have returned with the same id
    inner join public.user_profiles as p on p.id = (t.notice).user_id and p.created_at <= t.postponed_at;
    if _taken is null then
        return;
    end if;

    _events := array(
        select e
        from wingman.events as e
        inner join unnest(_taken) as t on t.match_id = e.match_id and t.event_id = e.id
    );
    _reminders := array(
        select row(null, t.due_at, t.kind, t.match_id, t.session_id, t.about)::wingman.reminders
        from unnest(_taken) as t
        where t.event_id is null
    );
    return query
    select n.*
    from wingman.notices_of(_events) as n
    where exists (select from unnest(_taken) as t where t.user_id = n.user_id and t.event_id = n.event_id)
    union all
    select n.*
    from wingman.notices_due(_reminders) as n
    where exists (
        select
        from unnest(_taken) as t
        where t.user_id = n.user_id
            and t.kind = n.kind
            and t.due_at = n.due_at
            and coalesce(t.session_id, t.match_id) = coalesce(n.session_id, n.match_id)
    )
    union all
    -- what is about a user alone is told as it was
    select t.*
    from unnest(_taken) as t
    where t.match_id is null;
end
$$;

comment on function wingman.take_postponed() is
'Takes the postponed notifications that still apply: each is checked again, because things may have changed meanwhile';
revoke all on function wingman.take_postponed() from public, anon, authenticated, service_role;
