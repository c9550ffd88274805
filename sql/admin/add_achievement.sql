create or replace function wingman_admin.add_achievement(
    name text,
    title text,
    description text,
    metric text,
    threshold integer,
    reason text
)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('add_achievement');
    perform wingman.require_argument('name', add_achievement.name is not null);
    perform wingman.require_argument('title', add_achievement.title is not null);
    perform wingman.require_argument('description', add_achievement.description is not null);
    perform wingman.require_argument('metric', add_achievement.metric is not null);
    perform wingman.require_argument('threshold', add_achievement.threshold is not null);
    perform wingman.require_argument('reason', add_achievement.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(add_achievement.reason));
    perform wingman.refuse_violation(
        wingman.achievement_violation(
            add_achievement.name,
            add_achievement.title,
            add_achievement.description,
            add_achievement.metric,
            add_achievement.threshold
        )
    );

    insert into wingman.achievements as a (name, title, description, metric, threshold)
    values (
        add_achievement.name,
        add_achievement.title,
        add_achievement.description,
        add_achievement.metric,
        add_achievement.threshold
    )
    on conflict on constraint achievements_pkey do nothing;
    if not found then
        perform wingman.refuse_violation(row('name', 'must not be that of another achievement')::wingman.violation);
    end if;
    perform wingman.record_decision(
        'achievement_added',
        null,
        jsonb_build_object(
            'name', add_achievement.name,
            'title', add_achievement.title,
            'description', add_achievement.description,
            'metric', add_achievement.metric,
            'threshold', add_achievement.threshold
        ),
        add_achievement.reason
    );

    perform wingman.end_operation();
    return row(
        true, 'Achievement added: the readers will award it to everybody who has reached it already.'
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('add_achievement');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.add_achievement(text, text, text, text, integer, text) is
'Adds an achievement. The readers then award it to everybody who has reached it already. It cannot be changed or removed.
name: what it is called in calls and in the journal, 1 to 50 lower-case letters, digits and underscores, beginning with a letter.
title: what people read, 1 to 80 characters. description: what one has to do for it, 1 to 200 characters. metric: what it counts,
one of achievement_metric. threshold: the number that the metric has to reach, 1 to 1000000. reason: why, 1 to 500 characters,
kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.add_achievement(text, text, text, text, integer, text)
from public, anon, authenticated, service_role;
grant execute on function wingman_admin.add_achievement(text, text, text, text, integer, text) to wingman_admin, service_role;
