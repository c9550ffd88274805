-- derived: from the notifications
create table wingman.notification_deliveries (
    id uuid constraint notification_deliveries_pkey primary key default wingman.new_id(),
    channel text not null constraint notification_deliveries_channel_check check (channel = any(wingman.channels())),
    kind text not null,
    notification_id uuid,
    user_id uuid not null,
    target_id uuid,
    state text not null default 'due' constraint notification_deliveries_state_check check (
        state in ('due', 'waiting', 'claimed', 'sent', 'dropped', 'dead')
    ),
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    token uuid,
    last_error text constraint notification_deliveries_last_error_check check (wingman.is_delivery_error(last_error)),
    created_at timestamptz not null default statement_timestamp(),
    settled_at timestamptz,
    constraint notification_deliveries_next_attempt_at_check check (
        (state in ('waiting', 'claimed')) = (next_attempt_at is not null)
    ),
    constraint notification_deliveries_token_check check ((state = 'claimed') = (token is not null)),
    constraint notification_deliveries_settled_at_check check (
        (state in ('sent', 'dropped', 'dead')) = (settled_at is not null)
    )
);

create index notification_deliveries_user_idx on wingman.notification_deliveries (user_id);
-- nulls first, although there are none: the primary key does not have this order, and would be read past all that is settled
create index notification_deliveries_due_idx on wingman.notification_deliveries (channel, id nulls first) where state = 'due';
create index notification_deliveries_due_target_idx on wingman.notification_deliveries (target_id, id nulls first)
where state = 'due' and channel = 'webhook';
create index notification_deliveries_waiting_idx on wingman.notification_deliveries (channel, next_attempt_at)
where state in ('waiting', 'claimed');
create index notification_deliveries_claimed_idx on wingman.notification_deliveries (channel, target_id) where state = 'claimed';
create index notification_deliveries_dead_idx on wingman.notification_deliveries (id) where state = 'dead';
create index notification_deliveries_settled_idx on wingman.notification_deliveries (settled_at) where settled_at is not null;

comment on table wingman.notification_deliveries is
'Messages that leave the app: for each notification, one for each address, browser and webhook, and one for Realtime. wingman
deliver sends them';
comment on column wingman.notification_deliveries.id is 'UUID version 7; the id of the message, the same at each attempt';
comment on column wingman.notification_deliveries.channel is 'email, web_push, webhook or realtime';
comment on column wingman.notification_deliveries.kind is 'A kind of wingman.notification_kinds(), or email_confirmation';
comment on column wingman.notification_deliveries.notification_id is 'The notification; null for email_confirmation';
comment on column wingman.notification_deliveries.user_id is 'The user whose notification it is';
comment on column wingman.notification_deliveries.target_id is
'The address, the push subscription or the webhook; null for realtime. If it is gone, the message is dropped';
comment on column wingman.notification_deliveries.state is
'due: to be sent; waiting: due at next_attempt_at; claimed: a worker is sending it; sent: the other side has accepted it; dropped:
no longer to be sent; dead: given up after the last attempt, for operators to look at';
comment on column wingman.notification_deliveries.attempts is 'How many attempts were started';
comment on column wingman.notification_deliveries.next_attempt_at is
'For a waiting message, when it is due; for a claimed one, when another worker may claim it; else null';
comment on column wingman.notification_deliveries.token is 'Identifies the current claim; else null';
comment on column wingman.notification_deliveries.last_error is
'Why it failed or was dropped, as a code such as http_503 or timeout; null if nothing went wrong';
comment on column wingman.notification_deliveries.created_at is 'When it was written';
comment on column wingman.notification_deliveries.settled_at is 'When it was sent, dropped or given up; null until then';

revoke all on table wingman.notification_deliveries from public, anon, authenticated, service_role;
