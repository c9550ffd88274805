create table wingman.operator_decisions (
    id uuid constraint operator_decisions_pkey primary key default wingman.new_id(),
    decided_at timestamptz not null default statement_timestamp(),
    login text not null default session_user,
    kind text not null constraint operator_decisions_kind_check check (wingman.is_decision_kind(kind)),
    subject_id uuid,
    reason text not null constraint operator_decisions_reason_check check (wingman.decision_violation(reason) is null),
    details jsonb not null default '{}'
);

create index operator_decisions_subject_idx on wingman.operator_decisions (subject_id, id) where subject_id is not null;

comment on table wingman.operator_decisions is
'What operators decided, and why; append-only, kept for ever. wingman.record_decision writes it. Subjects have no foreign keys:
decisions outlive accounts';
comment on column wingman.operator_decisions.id is 'UUID version 7: newer decisions sort later';
comment on column wingman.operator_decisions.decided_at is 'When it was decided';
comment on column wingman.operator_decisions.login is 'The login of the operator';
comment on column wingman.operator_decisions.kind is 'What was decided: a word of wingman.decision_kinds()';
comment on column wingman.operator_decisions.subject_id is
'Whom or what it concerns, as wingman.decision_kinds() says; null if it concerns nobody in particular';
comment on column wingman.operator_decisions.reason is 'Why, in the operator''s words, 1 to 500 characters';
comment on column wingman.operator_decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman.operator_decisions from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.operator_decisions
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.operator_decisions
for each statement execute function wingman.tg_any__refuse_change();
