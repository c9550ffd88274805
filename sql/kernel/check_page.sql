create or replace function wingman.check_page(page_size integer)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.require_argument('page_size', check_page.page_size is not null);
    if check_page.page_size not between 1 and 100 then
        perform wingman.refuse_violation(row('page_size', 'must be between 1 and 100')::wingman.violation);
    end if;
end
$$;

comment on function wingman.check_page(integer) is
'Refuses a page size, in rows, that is out of range. Errors: missing_argument, invalid_argument.';
revoke all on function wingman.check_page(integer) from public, anon, authenticated, service_role;
