-- derived: read from the ledger
create table wingman.postponed_evaluations (
    user_id uuid constraint postponed_evaluations_pkey primary key
);

comment on table wingman.postponed_evaluations is
'People whose achievements were not evaluated because another transaction was erasing them. The next run of the reader
achievements evaluates them, unless they are gone. Almost always empty';
comment on column wingman.postponed_evaluations.user_id is 'The person';

revoke all on table wingman.postponed_evaluations from public, anon, authenticated, service_role;
