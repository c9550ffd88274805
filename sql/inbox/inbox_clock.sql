-- derived: from the ids of notifications
create table wingman.inbox_clock (
    id boolean constraint inbox_clock_pkey primary key default true constraint inbox_clock_one_row check (id),
    told_until timestamptz not null default '-infinity'
);

insert into wingman.inbox_clock default values;

comment on table wingman.inbox_clock is
'One row, which a transaction that fills the inboxes locks, so that ids of notifications grow in the order in which they are
committed';
comment on column wingman.inbox_clock.id is 'Always true: there is one row';
comment on column wingman.inbox_clock.told_until is
'The time in the greatest id of a notification; the next id is later, even if the clock has gone back';

revoke all on table wingman.inbox_clock from public, anon, authenticated, service_role;
