create table wingman.events_default (like wingman.events including all);

comment on table wingman.events_default is
'What is of no month with a partition of its own; empty as long as somebody calls wingman.make_event_partitions in time';

alter table wingman.events attach partition wingman.events_default default; -- noqa: PRS

revoke all on table wingman.events_default from public, anon, authenticated, service_role;

create or replace trigger refuse_truncate before truncate on wingman.events_default
for each statement execute function wingman.tg_any__refuse_change();
