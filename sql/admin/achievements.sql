create or replace view wingman_admin.achievements as
select
    a.name,
    a.title,
    a.description,
    a.metric,
    a.threshold,
    a.evaluated_to is not null as is_being_awarded
from wingman.achievements as a
inner join wingman.achievement_metrics() with ordinality as k (metric, meaning, place) on a.metric = k.metric
order by k.place asc, a.threshold asc, a.name asc;

comment on view wingman_admin.achievements is 'What people can earn; add one with wingman_admin.add_achievement';
comment on column wingman_admin.achievements.name is 'The achievement';
comment on column wingman_admin.achievements.title is 'What people read';
comment on column wingman_admin.achievements.description is 'What one has to do for it';
comment on column wingman_admin.achievements.metric is 'What it counts, one of achievement_metric';
comment on column wingman_admin.achievements.threshold is 'It is earned when the metric has reached this number';
comment on column wingman_admin.achievements.is_being_awarded is
'True while the readers award it to people who reached it before it was added';

revoke all on table wingman_admin.achievements from public, anon, authenticated, service_role;
grant select on table wingman_admin.achievements to wingman_admin, service_role;
