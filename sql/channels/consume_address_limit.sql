create or replace function wingman.consume_address_limit(address text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _now timestamptz := statement_timestamp();
    _until timestamptz;
begin
    select _now + t.email_confirmation_lifetime into strict _until from wingman.settings as t;
    -- not with the users' addresses: whoever has gone to another address, or has gone, would be forgotten
    insert into wingman.rate_limits as r (user_id, bucket, spent_until)
    values (wingman.hashed_id(consume_address_limit.address), 'address', _until)
    on conflict on constraint rate_limits_pkey do update
    set spent_until = excluded.spent_until
    -- it cannot be much later than now: the clock was ahead then, or the setting was longer
    where r.spent_until not between _now and _until + interval '1 minute';
    return found;
end
$$;

comment on function wingman.consume_address_limit(text) is
'Whether a confirmation message may be sent to this e-mail address now: once within settings.email_confirmation_lifetime,
whichever user asks. Only a hash of the address is kept, and no longer than that';
revoke all on function wingman.consume_address_limit(text) from public, anon, authenticated, service_role;
