create table wingman.audit_log_default (like wingman.audit_log including all);

comment on table wingman.audit_log_default is
'What is of no month with a partition of its own; empty as long as somebody calls wingman.make_audit_partitions in time';

alter table wingman.audit_log attach partition wingman.audit_log_default default; -- noqa: PRS

revoke all on table wingman.audit_log_default from public, anon, authenticated, service_role;
