create or replace function wingman.refuse_session_violation(violation wingman.violation)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument(refuse_session_violation.violation.argument, refuse_session_violation.violation.rule <> 'is required');
    if refuse_session_violation.violation.rule = 'must be in the future' then
        perform wingman.raise_error('invalid_schedule');
    end if;
    perform wingman.refuse_violation(refuse_session_violation.violation);
end
$$;

comment on function wingman.refuse_session_violation(wingman.violation) is
'Refuses arguments of a session by the rule that they break; null breaks none. Errors: missing_argument, invalid_schedule,
invalid_argument.';
revoke all on function wingman.refuse_session_violation(wingman.violation) from public, anon, authenticated, service_role;
