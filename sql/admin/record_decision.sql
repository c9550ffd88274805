create or replace function wingman.record_decision(kind text, subject_id uuid, details jsonb, reason text)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid;
begin
    perform wingman.require_argument('reason', record_decision.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(record_decision.reason));

    insert into wingman.operator_decisions as d (kind, subject_id, reason, details)
    values (
        record_decision.kind, record_decision.subject_id, record_decision.reason, coalesce(record_decision.details, '{}')
    )
    returning d.id into _id;
    -- the events of what is decided name it
    perform wingman.name_call(wingman.call_part(1), null, _id);
    return _id;
end
$$;

comment on function wingman.record_decision(text, uuid, jsonb, text) is
'Writes what an operator decides, and why, to wingman.operator_decisions, and returns the id of the decision, which
the journal then records with every change until wingman.end_operation. kind: a word of
wingman.decision_kinds(); subject_id: whom or what it concerns, or null; details: what these do not say, or null; reason: why, 1 to
500 characters.
Errors: missing_argument, invalid_argument.';
revoke all on function wingman.record_decision(text, uuid, jsonb, text) from public, anon, authenticated, service_role;
