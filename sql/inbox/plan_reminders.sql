create or replace function wingman.plan_reminders(match_id uuid, session_id uuid, about timestamptz, since timestamptz)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.reminders (due_at, kind, match_id, session_id, about)
    select r.due_at, r.kind, plan_reminders.match_id, plan_reminders.session_id, plan_reminders.about
    from wingman.settings as t
    cross join lateral (
        values
        ('match_expiring', plan_reminders.about - t.match_expiring_before),
        ('session_reminder', plan_reminders.about - t.session_reminder_before),
        ('session_reminder', plan_reminders.about - t.session_reminder_again),
        ('agreement_reminder', plan_reminders.about - t.agreement_reminder_before),
        ('confirmation_reminder', plan_reminders.about + t.confirmation_reminder_after)
    ) as r (kind, due_at)
    where (r.kind = 'match_expiring') = (plan_reminders.session_id is null)
        -- not what was already due when the time was set: the event itself is told
        and r.due_at > plan_reminders.since
    on conflict do nothing;
end
$$;

comment on function wingman.plan_reminders(uuid, uuid, timestamptz, timestamptz) is
'Plans the reminders for the time of a session or, if session_id is null, for the end of a pending match. about: that time; since:
when the time was set';
revoke all on function wingman.plan_reminders(uuid, uuid, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
