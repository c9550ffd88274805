create table wingman.session_decisions (
    session_id uuid not null
    constraint session_decisions_session_id_fkey references public.wingman_sessions (id),
    decision text not null constraint session_decisions_decision_check check (decision in ('no_show', 'reverted')),
    reason text not null constraint session_decisions_reason_check check (wingman.decision_violation(reason) is null),
    decided_by text not null default session_user,
    created_at timestamptz not null default statement_timestamp(),
    constraint session_decisions_pkey primary key (session_id, decision)
);

comment on table wingman.session_decisions is
'What operators decided about sessions, and why; append-only. The effect on reputations is in reputation_events';
comment on column wingman.session_decisions.session_id is 'The session';
comment on column wingman.session_decisions.decision is 'no_show: mark_no_show; reverted: revert_completion';
comment on column wingman.session_decisions.reason is 'Why, in the operator''s words, 1 to 500 characters';
comment on column wingman.session_decisions.decided_by is 'The login of the operator';
comment on column wingman.session_decisions.created_at is 'When it was decided';

revoke all on table wingman.session_decisions from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.session_decisions
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.session_decisions
for each statement execute function wingman.tg_any__refuse_change();
