create or replace function wingman.may_be_asked(not_before timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- it cannot be much later than now: the clock was ahead then, or the setting was longer
    return (
        select
            may_be_asked.not_before not between statement_timestamp()
            and statement_timestamp() + t.email_confirmation_lifetime + interval '1 minute'
        from wingman.settings as t
    );
end
$$;

comment on function wingman.may_be_asked(timestamptz) is
'Whether an address with this wingman.asked_addresses.not_before may be asked';
revoke all on function wingman.may_be_asked(timestamptz) from public, anon, authenticated, service_role;
