create or replace function wingman.require_argument(argument text, given boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not require_argument.given then
        perform wingman.raise_error('missing_argument', jsonb_build_object('argument', require_argument.argument));
    end if;
end
$$;

comment on function wingman.require_argument(text, boolean) is
'Refuses a call that lacks an argument. argument: its name; given: whether it has a value. Errors: missing_argument.';
revoke all on function wingman.require_argument(text, boolean) from public, anon, authenticated, service_role;
