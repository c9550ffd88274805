create or replace function wingman.most_webhooks()
returns integer
language sql
immutable
return 8;

comment on function wingman.most_webhooks() is
'How many webhooks can be enabled. Each may take an equal share of the attempts that a worker makes at once, see
wingman.lock_due_deliveries';
revoke all on function wingman.most_webhooks() from public, anon, authenticated, service_role;
