create or replace function wingman.refuse_new_session(violation wingman.violation)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument(
        refuse_new_session.violation.argument, refuse_new_session.violation.rule <> 'is required'
    );
    if refuse_new_session.violation.rule = 'must be in the future' then
        perform wingman.raise_error('invalid_schedule');
    end if;
    perform wingman.refuse_violation(refuse_new_session.violation);
end
$$;

comment on function wingman.refuse_new_session(wingman.violation) is
'Raises what wingman.new_session_violation found. Errors: missing_argument, invalid_schedule, invalid_argument.';
revoke all on function wingman.refuse_new_session(wingman.violation) from public, anon, authenticated, service_role;
