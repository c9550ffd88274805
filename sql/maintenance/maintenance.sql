create type wingman.maintenance as (
    expired_matches integer,
    purged_keys integer,
    purged_limits integer,
    made_partitions integer,
    dropped_partitions integer,
    counted_events integer,
    counted_reputation_events integer,
    refused_partitions integer,
    told integer,
    purged_notifications integer,
    purged_deliveries integer,
    ranked integer,
    evaluated integer
);

comment on type wingman.maintenance is 'What a run of wingman.run_maintenance did';
comment on column wingman.maintenance.expired_matches is 'Lapsed matches that it settled';
comment on column wingman.maintenance.purged_keys is 'Idempotency keys past settings.idempotency_retention that it removed';
comment on column wingman.maintenance.purged_limits is 'Rate limits that it removed because they were full again';
comment on column wingman.maintenance.made_partitions is 'Monthly partitions that it created in the journal';
comment on column wingman.maintenance.dropped_partitions is
'Monthly partitions past settings.journal_retention_months that it dropped there';
comment on column wingman.maintenance.counted_events is 'Events of the journal that it counted for the operators'' views';
comment on column wingman.maintenance.counted_reputation_events is 'Entries of the ledger that it counted for these views';
comment on column wingman.maintenance.refused_partitions is
'Monthly partitions that it kept, because more than settings.journal_drop_limit are past their retention at once';
comment on column wingman.maintenance.told is 'Events or due reminders that it processed for the inboxes, whichever were more';
comment on column wingman.maintenance.purged_notifications is
'Notifications past settings.notification_retention that it removed';
comment on column wingman.maintenance.purged_deliveries is
'Messages past settings.delivery_retention, sent or not, that it removed';
comment on column wingman.maintenance.ranked is
'Entries of the ledger that it counted for the leaderboard, or people at whom it looked again, whichever were more';
comment on column wingman.maintenance.evaluated is
'Entries of the ledger that it read for achievements, or people to whom it awarded new ones backwards, whichever were more';
