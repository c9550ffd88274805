create or replace function wingman.plan_reminders(events wingman.events[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.reminders (due_at, kind, match_id, session_id, about)
    select r.due_at, r.kind, a.match_id, a.session_id, a.about
    from (
        select
            e.match_id,
            e.session_id,
            e.occurred_at,
            coalesce(
                e.details ->> case when e.session_id is null then 'expires_at' else 'scheduled_time' end,
                e.details -> 'after' ->> case when e.session_id is null then 'expires_at' else 'scheduled_time' end
            )::timestamptz as about
        from unnest(plan_reminders.events) as e
        where e.kind in ('match_offered', 'session_scheduled', 'session_moved', 'changed_by_hand') and e.match_id is not null
    ) as a
    cross join wingman.settings as t
    cross join lateral (
        select 'match_expiring', a.about - t.match_expiring_before
        where a.session_id is null
        union all
        select 'session_reminder', a.about - s.before
        from (values (t.session_reminder_before), (t.session_reminder_again)) as s (before)
        where a.session_id is not null
        union all
        select 'agreement_reminder', a.about - t.agreement_reminder_before
        where a.session_id is not null
        union all
        select 'confirmation_reminder', a.about + t.confirmation_reminder_after
        where a.session_id is not null
    ) as r (kind, due_at)
    -- what would have been due by then has just been told
    where r.due_at > a.occurred_at
    on conflict do nothing;
end
$$;

comment on function wingman.plan_reminders(wingman.events[]) is
'Plans the reminders for the times of sessions and the ends of matches that these events set';
revoke all on function wingman.plan_reminders(wingman.events[]) from public, anon, authenticated, service_role;
