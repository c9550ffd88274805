create or replace function wingman.refuse_violation(violation wingman.violation)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if (refuse_violation.violation).argument is not null then
        perform wingman.raise_error('invalid_argument', to_jsonb(refuse_violation.violation));
    end if;
end
$$;

comment on function wingman.refuse_violation(wingman.violation) is
'Refuses a call whose argument breaks a rule; null passes. Errors: invalid_argument.';
revoke all on function wingman.refuse_violation(wingman.violation) from public, anon, authenticated, service_role;
