create or replace function wingman.decision_violation(reason text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not wingman.has_visible_character(decision_violation.reason) or char_length(decision_violation.reason) > 500 then
        return row('reason', 'must be 1 to 500 characters')::wingman.violation;
    elsif wingman.has_control_character(decision_violation.reason) then
        return row('reason', 'must not contain control characters')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.decision_violation(text) is
'The rule that the reason of an operator''s decision breaks, or null. The constraint of operator_decisions and every operators''
function with a reason use this.';
revoke all on function wingman.decision_violation(text) from public, anon, authenticated, service_role;
