create type wingman.reading as (
    told integer,
    counted_events integer,
    counted_reputation_events integer,
    ranked integer,
    evaluated integer
);

comment on type wingman.reading is 'What a run of wingman.run_readers did';
comment on column wingman.reading.told is 'Events or due reminders that it processed for the inboxes, whichever were more';
comment on column wingman.reading.counted_events is 'Events of the journal that it counted for the operators'' views';
comment on column wingman.reading.counted_reputation_events is 'Entries of the ledger that it counted for these views';
comment on column wingman.reading.ranked is
'Entries of the ledger that it counted for the leaderboard, or people at whom it looked again, whichever were more';
comment on column wingman.reading.evaluated is
'Entries of the ledger that it read for achievements, or people to whom it awarded new ones backwards, whichever were more';
