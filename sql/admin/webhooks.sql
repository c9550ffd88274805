create or replace view wingman_admin.webhooks as
select
    h.id,
    h.url,
    h.kinds,
    h.created_at,
    h.disabled_at,
    case when h.rests_until > statement_timestamp() then h.rests_until end as rests_until,
    case when h.previous_until > statement_timestamp() then h.previous_until end as old_secret_until
from wingman.webhooks as h
where h.url is not null
order by h.id asc;

comment on view wingman_admin.webhooks is
'Your systems that receive notifications. Their secrets cannot be looked up; rotate_webhook_secret makes a new one';
comment on column wingman_admin.webhooks.id is 'The webhook: functions take it as webhook_id';
comment on column wingman_admin.webhooks.url is 'Where notifications are sent';
comment on column wingman_admin.webhooks.kinds is 'The kinds of notifications to send; null for all';
comment on column wingman_admin.webhooks.created_at is 'When it was added';
comment on column wingman_admin.webhooks.disabled_at is
'Since when nothing is sent, because the receiver answered 410 Gone; enable it with enable_webhook. Null while it is enabled';
comment on column wingman_admin.webhooks.rests_until is
'Nothing is sent before this time, because everything that a worker sent last has failed; else null';
comment on column wingman_admin.webhooks.old_secret_until is 'Until when messages are also signed with the old secret; else null';

revoke all on table wingman_admin.webhooks from public, anon, authenticated, service_role;
grant select on table wingman_admin.webhooks to wingman_admin, service_role;
