create type wingman.settled_delivery as (
    id uuid,
    state text
);

comment on type wingman.settled_delivery is 'The result for a message that its worker has settled';
comment on column wingman.settled_delivery.id is 'The message';
comment on column wingman.settled_delivery.state is
'Its state: sent, waiting, dropped or dead, see wingman.notification_deliveries';
