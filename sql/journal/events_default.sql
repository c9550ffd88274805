create table wingman.events_default (
    like wingman.events including all,
    constraint events_default_pkey primary key (xid, id, occurred_at)
);

comment on table wingman.events_default is
'Events of months that have no partition; empty as long as wingman.make_event_partitions is called in time';

alter table wingman.events attach partition wingman.events_default default; -- noqa: PRS

revoke all on table wingman.events_default from public, anon, authenticated, service_role;

create or replace trigger refuse_truncate before truncate on wingman.events_default
for each statement execute function wingman.tg_any__refuse_change();
