create or replace function wingman.achievement_violation(
    name text,
    title text,
    description text,
    metric text,
    threshold integer
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if achievement_violation.name !~ '^[a-z][a-z0-9_]{0,49}$' then
        return row(
            'name', 'must be 1 to 50 lower-case letters, digits and underscores, and begin with a letter'
        )::wingman.violation;
    elsif not wingman.has_visible_character(achievement_violation.title) or char_length(achievement_violation.title) > 80 then
        return row('title', 'must be 1 to 80 characters')::wingman.violation;
    elsif wingman.has_control_character(achievement_violation.title) or achievement_violation.title ~ e'[\\t\\n\\r]' then
        return row('title', 'must be one line without control characters')::wingman.violation;
    elsif not wingman.has_visible_character(achievement_violation.description)
        or char_length(achievement_violation.description) > 200
    then
        return row('description', 'must be 1 to 200 characters')::wingman.violation;
    elsif wingman.has_control_character(achievement_violation.description)
        or achievement_violation.description ~ e'[\\t\\n\\r]'
    then
        return row('description', 'must be one line without control characters')::wingman.violation;
    elsif not exists (
        select from wingman.achievement_metrics() as k where k.metric = achievement_violation.metric
    ) then
        return row(
            'metric', 'must be ' || wingman.alternatives(array(select k.metric from wingman.achievement_metrics() as k))
        )::wingman.violation;
    elsif achievement_violation.threshold not between 1 and 1000000 then
        return row('threshold', 'must be 1 to 1000000')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.achievement_violation(text, text, text, text, integer) is
'The first rule that an achievement breaks, or null. The constraint of wingman.achievements and wingman_admin.add_achievement both
use this.';
revoke all on function wingman.achievement_violation(text, text, text, text, integer)
from public, anon, authenticated, service_role;
