create or replace function wingman.consume_address_limit(address text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.asked_addresses as a (address_hash, not_before)
    select wingman.hashed_id(consume_address_limit.address), statement_timestamp() + t.email_confirmation_lifetime
    from wingman.settings as t
    on conflict on constraint asked_addresses_pkey do update
    set not_before = excluded.not_before
    where wingman.may_be_asked(a.not_before);
    return found;
end
$$;

comment on function wingman.consume_address_limit(text) is
'Whether a confirmation message may be sent to this e-mail address now: once within settings.email_confirmation_lifetime,
whichever user asks. If so, it counts as asked';
revoke all on function wingman.consume_address_limit(text) from public, anon, authenticated, service_role;
